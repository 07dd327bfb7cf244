# shellcheck shell=bash
# Every command has a page of help in both languages, and refuses what it does not know.
for command in $("$DAOHU" --lang en --help | awk '/^  [a-z]+ /{print $1}'); do
    for lang in zh en; do
        text=$("$DAOHU" "$command" --lang $lang --help) || echo "$command: no help ($lang)"
        [ "$(wc -l <<<"$text")" -gt 3 ] || echo "$command: hardly any help ($lang)"
    done
    "$DAOHU" "$command" --no-such-option >/dev/null 2>err
    got=$?
    [ $got -eq 2 ] && [ -s err ] || echo "$command: an unknown option gave $got"
    rm -f err
done
# What needs a data folder says so.
for command in import check explain status "report summary"; do
    # shellcheck disable=SC2086
    "$DAOHU" $command --data nowhere x >/dev/null 2>err
    echo "$command without a data folder: $?"
    rm -f err
done
