# shellcheck shell=bash
# Backups: sealed in three ways, verified, restored, refused when anybody touched them; those of
# every earlier version restored; a folder of them thinned.
run() { "$DAOHU" --lang en "$@"; }
# shellcheck source=tests/golden-db.sh
. "$REPO/tests/golden-db.sh"
# without what differs from run to run
plain() {
    sed -E -e 's/^made [^,]*/made …/' -e 's/key [0-9a-f]{16}/key …/' -e 's/^root .*/root …/' \
        -e 's/schema [0-9]+/schema N/' -e 's/[0-9]+ bytes/N bytes/g' -e 's/[0-9]+ tables/N tables/' \
        -e 's/(\.dhb):[1-9][0-9]*:/\1:N:/' -e 's/[0-9]+-[0-9]+$/N-N/' -e 's/[0-9a-f]{16}/FINGER/g' -e 's/version [0-9]+/version N/'
}
said() {
    run "$@" 2>&1 | plain
    echo "exit ${PIPESTATUS[0]}"
}
# restore FILE FOLDER [OPTION...]
restore() {
    db_for_new
    said restore "$1" --data "$2" "${DB[@]}" "${@:3}"
}
db_for_new
run init --data town "${DB[@]}" --areas "$REPO/tests/data/areas/yingshang.csv" --area 341226115 >sheet.txt 2>/dev/null
cat >roster.csv <<'CSV'
户编号,姓名,性别,证件号码,与户主关系,家庭人口数,脱贫属性,行政村,联系电话
3412261150010004,石家,男,341299197609271198,户主,2,2017年脱贫,渔民社区居委会,10000000001
3412261150010004,王华珍,女,341299197911232501,配偶,2,2017年脱贫,渔民社区居委会,10000000002
3412261150010009,孟强杰,男,34129919771113435X,户主,1,未脱贫,渔民社区居委会,10000000003
CSV
run import --data town roster.csv --as roster --as-of 2018-01-10 >/dev/null
run check --data town >check.csv
same() {
    run check --data "$1" | cmp - check.csv && run journal verify --data "$1" | plain &&
        run report exam --data "$1" --full-ids test --output exam.csv >/dev/null 2>&1
    rm -rf "$1"
}

echo "== for the house itself"
said backup --data town house.dhb
said verify house.dhb
restore house.dhb again
same again

echo "== by a passphrase"
echo 'a passphrase of the office' >pass
echo 'another one' >wrong
said backup --data town pass.dhb --passphrase-file pass | head -n 2
said verify pass.dhb
said verify pass.dhb --passphrase-file wrong
restore pass.dhb again --passphrase-file pass | tail -n 2
same again

echo "== for a pair of keys"
run backup --new-key pair
stat -c %a pair
run backup --new-key pair
echo "exit $?"
touch half.pub
run backup --new-key half
echo "exit $?"
ls half*
said backup --data town key.dhb --to pair.pub | head -n 2
said backup --data town no.dhb --to pair
said verify key.dhb
said verify key.dhb --key pair | tail -n 2
said verify key.dhb --key pair.pub
said verify key.dhb --key pass
run backup --new-key other >/dev/null
said verify key.dhb --key other
restore key.dhb again --key pair | tail -n 2
same again

echo "== keys under a passphrase, and the sheet when it is lost"
run keys passphrase --data town --passphrase-file pass
said backup --data town wrapped.dhb
said verify wrapped.dhb
said verify wrapped.dhb --passphrase-file wrong
said verify wrapped.dhb --passphrase-file pass | tail -n 2
restore wrapped.dhb again --sheet sheet.txt | tail -n 2
said journal verify --data again
sed 's/^\([0-9A-Z]\{4\}\) /\1-/; 4s/.$/U/' sheet.txt >odd.txt
sed '4s/[0-9A-Z]$//' sheet.txt >short.txt
sed '4{s/.$/#/;s/[0-9A-Z]#/0#/;s/#/0/}' sheet.txt >typo.txt
run init --data other-house --areas "$REPO/tests/data/areas/yingshang.csv" --area 341226115 >other.txt 2>/dev/null
for f in odd short typo other; do said verify wrapped.dhb --sheet $f.txt; done
rm again/keys
run keys recover --data again <typo.txt
echo "exit $?"
run keys recover --data again <sheet.txt
same again

echo "== through pipes, which can be opened once"
mkfifo once
# through FILE OPTION COMMAND...
through() {
    cat "$1" >once &
    timeout 20 "$DAOHU" --lang en "${@:3}" "$2" once 2>&1 | plain | tail -n 1
    echo "exit ${PIPESTATUS[0]}"
    wait
}
through pass --passphrase-file backup --data town piped.dhb
said verify piped.dhb --passphrase-file pass | tail -n 2
through pass --passphrase-file verify piped.dhb
through pair --key verify key.dhb
through sheet.txt --sheet verify wrapped.dhb

echo "== touched"
head -c 3000 house.dhb >cut.dhb
said verify cut.dhb
restore cut.dhb again
{ cat house.dhb && printf x; } >more.dhb
restore more.dhb again
python3 - <<'PY'
data = bytearray(open('house.dhb', 'rb').read())
data[len(data) // 2] ^= 1
open('flipped.dhb', 'wb').write(data)
data = bytearray(open('house.dhb', 'rb').read())
at = data.index(b'made 1')
data[at + 5] = ord('2')
open('dated.dhb', 'wb').write(data)
PY
restore flipped.dhb again
echo "= in the head"
python3 - <<'PY'
for name in ('house', 'wrapped', 'pass', 'key'):
    for word, behind in ((b'\nsecret ', 30), (b'\nkeys ', 24), (b'\nkeys ', 80), (b'\npublic ', 5)):
        data = bytearray(open(name + '.dhb', 'rb').read())
        at = data.find(word)
        if at < 0:
            continue
        at += len(word) + behind
        data[at] = ord('B') if data[at] == ord('A') else ord('A')
        open('head-%s-%s-%d.dhb' % (name, word.strip().decode(), behind), 'wb').write(data)
PY
for f in head-*.dhb; do said verify "$f" --passphrase-file pass --key pair; done
echo "= in Chinese"
for f in cut more flipped head-house-keys-24 pass key wrapped roster; do
    [ -e $f.dhb ] || cp roster.csv $f.dhb
    "$DAOHU" --lang zh verify $f.dhb 2>&1 | plain
done
echo "= named and not there"
said verify house.dhb --passphrase-file nope
said verify house.dhb --key nope
said verify house.dhb --sheet nope
said backup --data town no.dhb --passphrase-file nope
said backup --data town no.dhb --to nope
restore dated.dhb again
said verify roster.csv
said verify nowhere.dhb
ls -d again again.restoring 2>&1

echo "== not over what is there"
restore house.dhb town
mkdir again.restoring && echo mine >again.restoring/config
restore house.dhb again
cat again.restoring/config && rm -r again.restoring
for f in town/daohu.db town/config roster.csv sheet.txt empty.dhb; do
    [ -e $f ] || touch $f
    cp $f before
    said backup --data town $f
    cmp $f before
done
said backup --data other-house house.dhb
"$DAOHU" --lang zh backup --data other-house house.dhb
ln -s house.dhb link.dhb && said backup --data town link.dhb
mkfifo pipe.dhb && said backup --data town pipe.dhb
echo draft >new.dhb.new && said backup --data town new.dhb && rm new.dhb.new
said backup --data town town/inside.dhb | head -n 1
said backup --data town town/inside.dhb | head -n 1
rm town/inside.dhb
mkdir empty
restore house.dhb empty | head -n 1

echo "== by whom it was changed before"
by_hand "DELETE FROM membership WHERE no = 3" empty
said backup --data empty broken.dhb
said verify broken.dhb
restore broken.dhb again
listed again
mv empty broken-house

newest=$(basename "$(printf '%s\n' "$REPO"/migrations/*.sqlite.sql | tail -n 1)")
for schema in $(seq 10 $((10#${newest%%_*} - 1))); do
    echo "== of an earlier version: $schema"
    restore "$REPO/tests/data/backup/schema-$schema.dhb" "old$schema"
    run journal verify --data "old$schema"
    run status --data "old$schema" | head -n 3
    run check --data "old$schema" | cmp - check.csv && echo "the same findings"
done
by_hand "SELECT layout, name, mapping FROM ledger_map" old11

echo "== erased after it was made"
touch town/daohu.db.before-0001
export DAOHU_PASSPHRASE_FILE=pass
run erase --data town --person 341299197911232501 --reason 本人申请
listed town
run erase --data town --list >erased.csv
cut -d, -f1,2 erased.csv
restore house.dhb again | head -n 1
said erase --data again --again erased.csv --reason 恢复备份后重新清除
said erase --data again --again erased.csv --reason 恢复备份后重新清除
said journal verify --data again
db_count 王华珍 again
unset DAOHU_PASSPHRASE_FILE

echo "== thinned"
mkdir daily
for day in $(seq 0 399); do
    ln house.dhb "daily/daohu-341226-$(date -u -d "2017-12-31 - $day days" +%Y%m%d)-230000.dhb"
done
touch daily/daohu-341227-20170101-000000.dhb daily/notes.txt
said backup --data town daily --keep 14d,8w,12m,2y | sed 's/daohu-.*dhb/daohu-….dhb/'
printf "%s\n" daily/* | sed "s:^daily/::" | grep -v -e "-$(date -u +%Y)" | sed -n '1,5p;$p'
echo "= another house of the county, and a clock that was set back"
run backup --data other-house other.dhb >/dev/null 2>&1
mkdir shared
ln other.dhb shared/daohu-341226-20180101-120000.dhb
ln other.dhb shared/daohu-341226115-20180102-120000.dhb
ln house.dhb shared/daohu-341226-20180103-120000.dhb
ln house.dhb shared/daohu-341226115-20990104-120000.dhb
touch shared/daohu-341226115-20990105-120000.dhb
head -c 3000 house.dhb >shared/daohu-341226115-20990106-120000.dhb
said backup --data town shared --keep 1d | sed -n -e 's/daohu-341226115-.*dhb/daohu-341226115-….dhb/p' -e '/removed/p'
printf "%s\n" shared/* | sed "s:^shared/::" | sed "s/-$(date -u +%Y)[0-9]*-[0-9]*/-now/"
said backup --data town daily --keep 14x
said backup --data town one.dhb --keep 14d
said backup --data town house.dhb --keep 14d
said backup --data town away/daily --keep 14d
"$DAOHU" --lang zh backup --data town away/daily --keep 14d
"$DAOHU" --lang zh backup --data town house.dhb --keep 14d
echo "= what a run that was cut short has left"
head -c 3000 house.dhb >daily/daohu-341226115-20180105-120000.dhb.new
said backup --data town daily --keep 1y | sed -n -e "/cut short/p" -e "/exit/p"
ls daily/*.new
echo "= a log that does not hold"
mkdir broken && ln house.dhb broken/daohu-341226115-20180105-120000.dhb
said backup --data broken-house broken --keep 1d 2>&1 | tail -n 4
"$DAOHU" --lang zh backup --data broken-house broken --keep 1d 2>&1 | tail -n 1
[ -e broken/daohu-341226115-20180105-120000.dhb ] && echo "the older one is there"
