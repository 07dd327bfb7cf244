# shellcheck shell=bash
# What the readers see: a list of sheets, rows as csv, and why a file is refused.
data=$REPO/tests/data/io
"$DAOHU" --lang en table "$data/office.xlsx"
"$DAOHU" --lang en table "$data/office.xls" --sheet 1
"$DAOHU" --lang en table "$data/office.xls" --sheet 隐藏
"$DAOHU" --lang en table "$data/office.xls" --sheet 9
echo "exit $?"
echo 密码123 | "$DAOHU" table "$data/agile.xlsx" --password-stdin --sheet 1
"$DAOHU" table "$data/agile.xlsx"
echo "exit $?"
printf '"a,b",c\n"open' > open.csv
"$DAOHU" --lang en table open.csv
echo "exit $?"
"$DAOHU" --lang en table
echo "exit $?"
