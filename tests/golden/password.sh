# shellcheck shell=bash
# A workbook that needs a password: refused without it, read with it (it is no ledger).
book=$REPO/tests/data/io/agile.xlsx
# shellcheck source=tests/golden-db.sh
. "$REPO/tests/golden-db.sh"
db_for_new
"$DAOHU" --lang en init --data town "${DB[@]}" --pack cn-2018 --areas "$REPO/tests/data/areas/yingshang.csv" \
    --area 341226115 2>/dev/null >/dev/null
"$DAOHU" --lang en import --data town "$book"
echo "exit $?"
echo wrong | "$DAOHU" --lang en import --data town --password-stdin "$book"
echo "exit $?"
echo 密码123 | "$DAOHU" --lang en import --data town --password-stdin "$book"
echo "exit $?"
