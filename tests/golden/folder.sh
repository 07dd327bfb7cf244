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
