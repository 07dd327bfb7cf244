# shellcheck shell=bash
# A PostgreSQL database from outside (tests/with-postgres): what the folder keeps, two counties
# in one database, what is refused, a server that is not there.
run() { "$DAOHU" --lang en "$@"; }
areas=$REPO/tests/data/areas/yingshang.csv
url=$("$REPO/tests/postgres-schema" "golden_$$")
secret=${url/daohu@/daohu:geheim@}
quiet() { sed -e 's/golden_[0-9]*/golden/g' -e 's/127.0.0.1:[0-9]*/HOST/g' -e 's/port [0-9]*/port N/' -e 's/ pid .*/ pid …/'; }
run init --data town --db "$secret" --areas "$areas" --area 341226115 >init.out 2>&1
echo "exit $?"
quiet <town/config
ls town
grep -r -l geheim town
echo "== no citus"
sed 's/^3412/3414/; s/,3412/,3414/' "$areas" >third.csv
run init --data third --db "$url" --distribute --areas third.csv --area 341426115 2>&1 >/dev/null | sed -n 1p
echo "exit ${PIPESTATUS[0]}"
run init --data fourth --distribute --areas "$areas" --area 341226115 2>&1 | sed -n 1p
echo "exit ${PIPESTATUS[0]}"
echo "== once a county"
run init --data again --db "$url" --areas "$areas" --area 341226115 2>&1 | quiet
echo "exit ${PIPESTATUS[0]}"
ls -d again
sed 's/^3412/3413/; s/,3412/,3413/' "$areas" >other.csv
run init --data other --db "$url" --areas other.csv --area 341326115 >init.out 2>&1
echo "exit $?"
cat >roster.csv <<'CSV'
户编号,姓名,性别,证件号码,与户主关系,家庭人口数,脱贫属性,行政村,联系电话
3412261150010004,石家,男,341299197609271198,户主,2,2017年脱贫,渔民社区居委会,13800000001
3412261150010004,王华珍,女,341299197911232501,配偶,2,2017年脱贫,渔民社区居委会,13800000002
CSV
sed 's/^3412/3413/' roster.csv >other_roster.csv
run import --data town roster.csv --as roster --as-of 2018-01-10 >/dev/null 2>&1 &
run import --data other other_roster.csv --as roster --as-of 2018-01-10 >/dev/null 2>&1
echo "exit $?"
wait $! && echo "both"
for data in town other; do
    run status --data $data | sed -n 2p
    run journal verify --data $data | sed -n 's/,.*//p' | head -n 1
done
echo "== two importers of one county"
cp -r town town2
for i in 1 2 3 4; do
    sed "s/石家/石家$i/" roster.csv >"r$i.csv"
    data=town
    [ $((i % 2)) -eq 0 ] && data=town2
    run import --data $data "r$i.csv" --as roster --as-of "2018-01-1$i" >"r$i.out" 2>&1 &
done
wait
cat r?.out | grep -c '1 files: 1 imported'
run journal verify --data town | grep -c faults
echo "== the connection is lost in the middle of an import, which is given again"
sed 's/石家/石家五/' roster.csv >r5.csv
(echo 'BEGIN; LOCK TABLE ledger_chunk IN SHARE MODE; SELECT pg_sleep(60);' | psql -Xq "$url" >/dev/null 2>&1) &
while [ "$(psql -XqAt "$url" -c "SELECT count(*) FROM pg_locks WHERE relation = 'ledger_chunk'::regclass AND mode = 'ShareLock'")" = 0 ]; do
    sleep 0.1
done
run import --data town r5.csv --as roster --as-of 2018-01-15 >r5.out 2>&1 &
first=$!
until psql -XqAt "$url" -c "SELECT wait_event_type FROM pg_stat_activity WHERE application_name LIKE 'daohu pid%'" | grep -q Lock; do
    sleep 0.1
done
for lang in zh en; do # others wait, and say for whom
    "$DAOHU" --lang $lang import --data town2 r1.csv --as roster --as-of 2018-01-11 >wait.$lang 2>&1 &
    until grep -q pid wait.$lang 2>/dev/null; do sleep 0.1; done
    sed 's/pid [^)）]*/pid …/' wait.$lang
done
while [ "$(psql -XqAt "$url" -c "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE application_name LIKE 'daohu pid%' AND wait_event_type = 'Lock'")" = 0 ]; do
    sleep 0.1
done
wait $first
echo "exit $?"
cat r5.out
psql -XqAt "$url" -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%'" >/dev/null
wait
run import --data town r5.csv --as roster --as-of 2018-01-15 2>&1 | grep '1 files'
run journal verify --data town | grep -c faults
echo "== a name that no index takes is refused with its place"
python3 - >long.csv <<'PY'
import random
random.seed(5)
name = ''.join(chr(random.randrange(0x4e00, 0x9fa5)) for _ in range(6000))
print('户编号,姓名,性别,证件号码,与户主关系,家庭人口数,脱贫属性,行政村,联系电话')
print(f'3412261150010004,{name},男,341299197609271198,户主,1,2017年脱贫,渔民社区居委会,13800000001')
PY
run import --data town long.csv --as roster --as-of 2018-01-20 2>&1 | grep -a -o 'long.csv![^:]*:'
echo "exit ${PIPESTATUS[0]}"
echo "== backed up, restored into another database, out of it and where the county is already"
second=$("$REPO/tests/postgres-schema" "golden_second_$$")
run backup --data town town.dhb >/dev/null 2>&1
echo "exit $?"
run restore town.dhb --data moved --db "${second/daohu@/daohu:geheim@}" >/dev/null 2>&1
echo "exit $?"
grep -r -l geheim moved
ls moved
run restore town.dhb --data alone >/dev/null 2>&1
echo "exit $?"
grep -c '^url' alone/config
for data in town moved alone; do
    run status --data $data | sed -n 2p
    run journal verify --data $data | sed -n '1s/.*, //p'
done
run journal verify --data town >town.journal
for data in moved alone; do
    run journal verify --data $data | cmp - town.journal && echo same
done
run restore town.dhb --data again --db "$second" 2>&1 | sed 's/_second//' | quiet
echo "exit ${PIPESTATUS[0]}"
run restore "$REPO/tests/data/backup/schema-10.dhb" --data again --db "$second" 2>&1 | sed 's/schema 10 < [0-9]*/schema 10 < N/'
echo "exit ${PIPESTATUS[0]}"
third=$("$REPO/tests/postgres-schema" "golden_third_$$")
run restore "$REPO/tests/data/backup/schema-10.dhb" --data old --db "$third" >/dev/null 2>&1
echo "exit $?"
run journal verify --data old | sed -n '1s/.*, //p'
ls -d again* old*
echo "== erased from another folder of the county"
cp -r town town3
find town/files -type f | wc -l
run erase --data town3 --person 341299197609271198 --reason asked >/dev/null
echo "exit $?"
find town/files -type f | wc -l
sed 's/石家,男,341299197609271198/石五,男,/; s/王华珍,女,341299197911232501/王二,女,/' roster.csv >after.csv
run import --data town after.csv --as roster --as-of 2018-01-25 >/dev/null 2>&1
find town/files town3/files -type f | wc -l
echo "== nothing to be upgraded"
run upgrade --data town | sed 's/version [0-9]*/version N/'
echo "== refused"
for bad in mysql://h/d 'postgresql://h/d?nonsense=1' postgresql://u:ge@heim@127.0.0.1:1/d "${url/daohu@/nobody@}" postgresql://127.0.0.1:1/x; do
    run init --data bad --db "$bad" --areas "$areas" --area 341226115 2>&1 | quiet
    echo "exit ${PIPESTATUS[0]}"
done
ls -d bad
sed -i 's/^url = .*/url = postgresql:\/\/127.0.0.1:1\/x/' town2/config
run status --data town2 2>&1 | quiet | head -n 1
echo "exit ${PIPESTATUS[0]}"
