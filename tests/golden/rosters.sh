# shellcheck shell=bash
# Rosters of several days and places: one that is in force still says the same again; of two that
# name a household the newer speaks first, and nobody is there twice.  The order of hand-ins
# changes nothing.
run() { "$DAOHU" --lang en "$@" 2>&1; }
# shellcheck source=tests/golden-db.sh
. "$REPO/tests/golden-db.sh"
csv() { printf '%s\n' 户编号,姓名,性别,证件号码,与户主关系,家庭人口数,脱贫属性,行政村 >"$1.csv" && cat >>"$1.csv"; }
csv a1 <<'CSV'
3412261150010004,石家,男,341299197609271198,户主,2,未脱贫,渔民社区居委会
3412261150010004,石小兰,女,341299200103051120,女儿,2,未脱贫,渔民社区居委会
3412261150010009,孟强杰,男,34129919771113435X,户主,1,未脱贫,渔民社区居委会
CSV
csv b1 <<'CSV'
3412261150020001,李大河,男,341299196803021172,户主,1,未脱贫,潘冲社区居委会
3412261150020002,李小河,男,341299199003021175,户主,1,未脱贫,潘冲社区居委会
CSV
csv c1 <<'CSV'
3412261150030001,王长田,男,341299195505051178,户主,1,未脱贫,韩郢村委会
3412261150010009,孟强杰,男,34129919771113435X,户主,2,2017年脱贫,韩郢村委会
3412261150010009,孟小妹,女,341299200502022227,女儿,2,2017年脱贫,韩郢村委会
CSV
csv a2 <<'CSV'
3412261150010004,石家,男,341299197609271198,户主,1,2017年脱贫,渔民社区居委会
3412261150010009,孟强杰,男,34129919771113435X,户主,1,未脱贫,渔民社区居委会
CSV
day() { case $1 in a1) echo 2018-01-01 ;; b1) echo 2018-02-10 ;; c1) echo 2018-03-01 ;; a2) echo 2018-04-01 ;; esac; }
new() {
    db_for_new
    run init --data "$1" "${DB[@]}" --pack cn-2018 --areas "$REPO/tests/data/areas/yingshang.csv" \
        --area 341226115 >/dev/null
}
show() {
    by_hand "SELECT hh_no || ' ' || what || ': ' || valid_from || ' - ' || COALESCE('' || valid_to, '') FROM (
        SELECT h.hh_no, 'is ' || s.code AS what, s.valid_from, s.valid_to FROM household_state s
            JOIN household h ON h.no = s.household WHERE s.recorded_to IS NULL
        UNION ALL SELECT h.hh_no, 'has ' || COALESCE(m.relation, '?') || ' on line ' || m.line, m.valid_from, m.valid_to
            FROM membership m JOIN household h ON h.no = m.household WHERE m.recorded_to IS NULL) q
        ORDER BY hh_no, what, valid_from" "$1"
}
for order in "a1 b1 c1 a2" "a2 c1 b1 a1"; do
    name=${order// /-}
    new "$name"
    for f in $order; do
        run import --data "$name" "$f.csv" --as roster --as-of "$(day "$f")" --authorisation test >/dev/null
    done
    show "$name" >"$name.txt"
done
echo "== spans"
cat a1-b1-c1-a2.txt
cmp a1-b1-c1-a2.txt a2-c1-b1-a1.txt && echo "the same in the other order"
echo "== as far as the first three"
new three
for f in a1 b1 c1; do
    run import --data three "$f.csv" --as roster --as-of "$(day "$f")" --authorisation test | grep -e register: -e covers
done
show three
one() { # NAME FILE DAY [OPTION]
    run import --data "$1" "$2" --as roster --as-of "$3" --authorisation test "${@:4}" | grep register:
}
echo "== last year's and this year's"
new years
one years a1.csv 2016-12-31
one years a2.csv 2017-12-31
show years
echo "== a few rows more"
sed -n 1,3p a1.csv >part.csv
new part
one part a1.csv 2018-01-01
one part part.csv 2018-01-05 --partial
show part
