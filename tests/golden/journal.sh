# shellcheck shell=bash
# The journal from outside: proofs checked without the program, edits by hand found and
# named, keys recovered from the sheet, a person erased, one writer at a time.
run() { "$DAOHU" --lang en "$@"; }
# shellcheck source=tests/golden-db.sh
. "$REPO/tests/golden-db.sh"
# verify without the root hash of this run and the counts that grow with the program
verify() {
    run journal verify --data town "$@" 2>&1 |
        sed -e '/^root /d' -e 's/^.* records, //' -e 's/> [0-9]*$/> …/'
    echo "exit ${PIPESTATUS[0]}"
}
db_for_new
run init --data town "${DB[@]}" --areas "$REPO/tests/data/areas/yingshang.csv" --area 341226115 >init.out 2>&1
cat >roster.csv <<'CSV'
户编号,姓名,性别,证件号码,与户主关系,家庭人口数,脱贫属性,行政村,联系电话
3412261150010004,石家,男,341299197609271198,户主,2,2017年脱贫,渔民社区居委会,13800000001
3412261150010004,王华珍,女,341299197911232501,配偶,2,2017年脱贫,渔民社区居委会,13800000002
3412261150010009,孟强杰,男,34129919771113435X,户主,1,未脱贫,渔民社区居委会,13800000003
CSV
run import --data town roster.csv --as roster --as-of 2018-01-10 >import.out 2>&1
echo "import exit $?"
verify

echo "== proofs"
run journal key --data town >key.txt
run journal prove --data town --record person:2 --open >proof
python3 "$REPO/tools/check-proof" proof key.txt
sed 's/王华珍/王华真/' proof >forged
python3 "$REPO/tools/check-proof" forged key.txt
echo "exit $?"
run journal checkpoint --data town >note
verify --note note

echo "== keys"
cp town/keys keys.first
run keys sheet --data town >sheet.txt
rm town/keys
verify
run keys recover --data town <sheet.txt
cmp town/keys keys.first && echo "the same keys"
run keys recover --data town <sheet.txt
echo "exit $?"

echo "== one writer"
second() {
    run import --data town roster.csv --as roster --as-of 2018-01-11 2>&1 |
        sed -e 's/folder: .*pid .*/folder: pid …/'
    echo "exit ${PIPESTATUS[0]}"
}
while_held second

echo "== erased"
run erase --data town --person 341299197911232501 --reason 本人申请
verify
db_count 王华珍

echo "== by hand"
db_save
for sql in \
    "UPDATE household SET hh_no = '3412261150010005' WHERE hh_no = '3412261150010004'" \
    "DELETE FROM membership WHERE no = 3" \
    "UPDATE entry SET actor = 'x' WHERE no = 2" \
    "DELETE FROM change WHERE entry = 2 AND seq = 1"; do
    by_hand "$sql"
    verify
    db_restore
done
by_hand "UPDATE schema_version SET version = 9999 WHERE version = (SELECT max(version) FROM schema_version)"
verify
