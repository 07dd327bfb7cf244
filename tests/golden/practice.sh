# shellcheck shell=bash
# Whatever is printed of a folder for practice says that it is one; of another nothing does.
# shellcheck source=tests/golden-db.sh
. "$REPO/tests/golden-db.sh"
areas=$REPO/tests/data/areas/yingshang.csv
"$DAOHU" --lang zh synth --town 341226115 --areas "$areas" --seed 3 --scale 0.01 --out town >/dev/null
says() { # says FILE: a PDF says who made it above its pages, too
    python3 - "$1" <<'EOF'
import sys, zipfile
if zipfile.is_zipfile(sys.argv[1]):
    book = zipfile.ZipFile(sys.argv[1])
    data = b''.join(book.read(n) for n in book.namelist() if n.startswith('xl/worksheets/sheet'))
else:
    data = open(sys.argv[1], 'rb').read()
ways = [w for t in ('演练：', ', for practice')
        for w in (t.encode(), t.encode('utf-16-be').hex().encode(), t.encode('utf-16-be').hex().upper().encode())]
sys.exit(not any(w in data for w in ways))
EOF
}
prints() { # prints NAME LANG: of folder NAME, what the foot of each says
    local to=$1-$2 part
    mkdir "$to"
    "$DAOHU" --lang "$2" report summary --data "$1" | head -n 1 >"$to/terminal"
    "$DAOHU" --lang "$2" report summary --data "$1" --output "$to/summary.xlsx"
    "$DAOHU" --lang "$2" report exam --data "$1" --output "$to/exam.xlsx"
    "$DAOHU" --lang "$2" report exam --data "$1" --output "$to/exam.pdf"
    "$DAOHU" --lang "$2" report visit --data "$1" --output "$to/visit.pdf" >/dev/null
    "$DAOHU" --lang "$2" report rectify --by village --data "$1" --output "$to/books" >/dev/null
    "$DAOHU" --lang "$2" check --data "$1" --output "$to/findings.xlsx"
    cp "$(find "$to/books" -name '*.xlsx' | sort | head -n 1)" "$to/rectify.xlsx"
    for part in "$to"/terminal "$to"/*.xlsx "$to"/*.pdf; do
        says "$part" && said=yes || said=no
        printf '%s %s\n' "$part" "$said"
    done
}
for folder in practice other; do
    more=()
    [ "$folder" = other ] || more=(--practice-day 2018-01-14)
    db_for_new
    "$DAOHU" init --data "$folder" "${DB[@]}" --pack cn-2018 --areas "$areas" --area 341226115 "${more[@]}" >/dev/null
    find town -name '*.xls*' -print0 | sort -z |
        xargs -0 "$DAOHU" import --data "$folder" --authorisation test >/dev/null 2>&1
done
prints practice zh
prints practice en
prints other zh
