# shellcheck shell=bash
# A data folder that lacks a file, or where something lies in the way: nothing that init did not make goes.
areas=(--areas "$REPO/tests/data/areas/yingshang.csv" --area 341226115)
"$DAOHU" --lang en init --data town "${areas[@]}" >init.out 2>&1
echo "exit $?"
echo "== without its config"
cp -a town lost
rm lost/config
for lang in zh en; do
    "$DAOHU" --lang "$lang" status --data lost
    echo "exit $?"
done
"$DAOHU" --lang en init --data lost "${areas[@]}"
echo "exit $?"
ls lost
cp town/config lost
"$DAOHU" --lang en journal verify --data lost | sed -n '1s/.*, //p'
echo "== without its database"
rm lost/daohu.db*
"$DAOHU" --lang en status --data lost
echo "exit $?"
echo "== somebody's file"
mkdir mine
echo mine >mine/keys
"$DAOHU" --lang en init --data mine "${areas[@]}"
echo "exit $?"
cat mine/keys
echo "== a failed one leaves nothing, and takes nothing"
mkdir other
echo other >other/notes
head -c 100 "$REPO/tests/data/areas/yingshang.csv" | sed '2s/,/;/' >bad.csv
"$DAOHU" --lang en init --data other --areas bad.csv --area 341226115
echo "exit $?"
ls other
echo "== an init that was killed at its very end"
touch town/unfinished
"$DAOHU" --lang en init --data town "${areas[@]}" 2>&1
echo "exit $?"
cp -a town old
touch old/unfinished
python3 - <<'PY'
import sqlite3
db = sqlite3.connect('old/daohu.db')
db.execute('DELETE FROM schema_version WHERE version = (SELECT max(version) FROM schema_version)')
db.commit()
PY
"$DAOHU" --lang en init --data old "${areas[@]}" 2>&1 | sed 's/[0-9]* < [0-9]*/N < M/'
cmp old/keys town/keys && echo "its keys are there"
echo "== files that no ledger came of"
cat >roster.csv <<'CSV'
户编号,姓名,性别,证件号码,与户主关系,家庭人口数,脱贫属性,行政村,联系电话
3412261150010004,石家,男,341299197609271198,户主,1,2017年脱贫,渔民社区居委会,13800000001
CSV
sed 's/石家/石二/' roster.csv >second.csv
"$DAOHU" --lang en import --data town roster.csv --as roster --as-of 2018-01-10 >/dev/null 2>&1
echo "exit $?"
nobodys=$(printf '0%.0s' {1..64})
strays() {
    touch "town/files/$nobodys" "town/files/$nobodys.3" "town/files/$nobodys.4000001.new" "town/files/$nobodys.new" town/files/note
}
strays
"$DAOHU" --lang en import --data town second.csv --as roster --as-of 2018-01-11 >/dev/null 2>&1
echo "exit $?"
find town/files -type f | sed 's/.*\///; s/^[0-9a-f]\{64\}/HASH/' | sort
strays
"$DAOHU" --lang en erase --data town --person 341299197609271198 --reason asked >/dev/null 2>&1
echo "exit $?"
ls town/files
