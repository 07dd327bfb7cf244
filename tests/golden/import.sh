# shellcheck shell=bash
# Files of one name, and an import that is stopped at the terminal.
# shellcheck source=tests/golden-db.sh
. "$REPO/tests/golden-db.sh"
areas=(--areas "$REPO/tests/data/areas/yingshang.csv" --area 341226115)
db_for_new
"$DAOHU" --lang en init --data town "${DB[@]}" "${areas[@]}" >init.out 2>&1
mkdir east west
cat >east/roster.csv <<'CSV'
户编号,姓名,性别,证件号码,与户主关系,家庭人口数,脱贫属性,行政村,联系电话
3412261150010004,石家,男,341299197609271198,户主,1,2017年脱贫,渔民社区居委会,13800000001
CSV
printf 'nothing,of,it\n1,2,3\n' >west/roster.csv
printf 'nothing,of,it\n' >west/alone.csv
"$DAOHU" --lang en import --data town --as-of 2018-01-10 east/roster.csv west/roster.csv west/alone.csv 2>&1
echo "exit $?"
echo "== covers a town"
sed 's/石家/石二/' east/roster.csv >east/second.csv
for lang in zh en; do
    "$DAOHU" --lang $lang import --data town --as-of 2018-01-11 --covers 341226115 --dry-run east/second.csv 2>&1 | grep →
done
echo "== stopped"
{
    echo 姓名,公民身份号码,性别,住址,户籍状态
    yes 赵大山,,男,谢桥镇渔民社区居委会,正常 | head -n 6000000
} >large.csv
"$REPO/tests/on-terminal" --stop-at importing "$DAOHU" --lang en import --data town --as population east/second.csv large.csv |
    sed '/second.csv/,/covers/d; s/ a second.*/ a second/' | uniq
"$DAOHU" --lang en status --data town | sed -n '3p'
find town/files -type f | wc -l
"$DAOHU" --lang en journal verify --data town | sed -n '1s/.*, //p'
