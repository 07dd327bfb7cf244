# shellcheck shell=bash
# The register is brought up to date once; who checks one that is behind its ledgers is told.
run() { "$DAOHU" --lang "${lang:-en}" "$@" 2>&1; }
# shellcheck source=tests/golden-db.sh
. "$REPO/tests/golden-db.sh"
db_for_new
run init --data town "${DB[@]}" --pack cn-2018 --areas "$REPO/tests/data/areas/yingshang.csv" --area 341226115 >/dev/null
cat >roster.csv <<'CSV'
户编号,姓名,性别,证件号码,与户主关系,家庭人口数,脱贫属性,行政村,联系电话
3412261150010004,石家,男,341299197609271198,户主,1,2017年脱贫,渔民社区居委会,13800000001
3412261150010009,孟强杰,男,34129919771113435X,户主,1,未脱贫,渔民社区居委会,13800000003
CSV
hand_in() { run import --data town roster.csv --as roster --as-of 2018-02-10 --authorisation test; }
check() { run check --data town --as-of 2018-02-10 --output "$1"; }
echo "== a file that changes the register and no fact"
hand_in
check whole.csv
echo "== once more: nothing to be worked out"
hand_in
echo "== as when the last entry of the import never came"
by_hand "UPDATE entry SET reason = 'register' WHERE reason = 'project'"
check behind.csv
lang=zh check behind.csv
cmp whole.csv behind.csv && echo "the findings are the same file"
echo "== any file again"
hand_in
check again.csv
cmp whole.csv again.csv && echo "nothing is said any more"
