# shellcheck shell=bash
# A data folder that a version before wrote (schema 5; three made-up people), as its SQL text:
# refused until it is upgraded, whole afterwards, and the database before is kept.  On a server the same
# rows in the tables that schema had there; nothing is kept beside them.
run() { "$DAOHU" --lang en "$@"; }
# shellcheck source=tests/golden-db.sh
. "$REPO/tests/golden-db.sh"
mkdir -m 700 town
cp "$REPO"/tests/data/folder-5/{config,keys} town/
rows=$REPO/tests/data/folder-5/daohu.sql
db_for_new
if [ ${#DB[@]} -gt 0 ]; then
    echo "url = ${DB[1]}" >>town/config
    {
        cat "$REPO"/migrations/000[1-5]_*.pg.sql
        awk '/^INSERT INTO/ { on = 1 } on { print } /\);$/ { on = 0 }' "$rows" | sed "s/X'\([0-9A-F]*\)'/'\\\\x\1'/g"
    } | psql -Xq -v ON_ERROR_STOP=1 "${DB[1]}"
else
    python3 -c 'import sqlite3, sys; sqlite3.connect("town/daohu.db").executescript(open(sys.argv[1]).read())' "$rows"
    cp town/daohu.db before.db
fi
# the newest version's number is not what is tested here
plain() { sed -e 's/version [0-9]*/version N/' -e 's/before-[0-9]*/before-N/' -e 's/5 < [0-9]*/5 < N/'; }
run status --data town 2>&1 | plain
echo "exit ${PIPESTATUS[0]}"
listed town
echo "== upgraded"
run upgrade --data town >said 2>&1
echo "exit $?"
dump() { python3 -c 'import sqlite3, sys; print("\n".join(sqlite3.connect(sys.argv[1]).iterdump()))' "$1"; }
if [ ${#DB[@]} -gt 0 ]; then
    echo "the database is of version N now" | cmp - <(plain <said) && [ "$(listed town)" = "$(printf 'config\nkeys')" ]
else
    cmp <(dump before.db) <(dump town/daohu.db.before-*) && plain <said | cmp - <(cat <<'END'
the data folder is of version N now.  The database as it was is kept as
daohu.db.before-N: delete it after daohu journal verify and a backup, as
erasing a person does not reach it.
END
    )
fi && echo "it says so, and what there was is kept where it is a file"
run journal verify --data town
run status --data town | head -n 3
echo "== once more"
run upgrade --data town 2>&1 | plain
echo "== goes on"
cat >roster.csv <<'CSV'
户编号,姓名,性别,证件号码,与户主关系,家庭人口数,脱贫属性,行政村,联系电话
3412261150010004,石家,男,341299197609271198,户主,1,2017年脱贫,渔民社区居委会,13800000001
3412261150010009,孟强杰,男,34129919771113435X,户主,1,未脱贫,渔民社区居委会,13800000003
CSV
run import --data town roster.csv --as roster --as-of 2018-02-10
run journal verify --data town | sed '/^root /d'
echo "== nowhere"
run upgrade --data nowhere
echo "exit $?"
