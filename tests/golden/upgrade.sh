# shellcheck shell=bash
# A data folder that a version before wrote (schema 5; three made-up people), as its SQL text:
# refused until it is upgraded, whole afterwards, and the database before is kept.
run() { "$DAOHU" --lang en "$@"; }
mkdir -m 700 town
cp "$REPO"/tests/data/folder-5/{config,keys} town/
python3 -c 'import sqlite3, sys; sqlite3.connect("town/daohu.db").executescript(open(sys.argv[1]).read())' \
    "$REPO/tests/data/folder-5/daohu.sql"
cp town/daohu.db before.db
# the newest version's number is not what is tested here
plain() { sed -e 's/version [0-9]*/version N/' -e 's/before-[0-9]*/before-N/' -e 's/5 < [0-9]*/5 < N/'; }
run status --data town 2>&1 | plain
echo "exit ${PIPESTATUS[0]}"
ls town
echo "== upgraded"
run upgrade --data town 2>&1 | plain
echo "exit ${PIPESTATUS[0]}"
dump() { python3 -c 'import sqlite3, sys; print("\n".join(sqlite3.connect(sys.argv[1]).iterdump()))' "$1"; }
cmp <(dump before.db) <(dump town/daohu.db.before-*) && echo "what there was is kept"
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
