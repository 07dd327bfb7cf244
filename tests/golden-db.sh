# shellcheck shell=bash
# For golden tests that touch data: the same in FOLDER/daohu.db and, with DAOHU_TEST_DB set
# (tests/with-postgres), in schemas of a PostgreSQL database.
schemas=0 # of this shell: a part of a pipeline is one of its own
# db_for_new: sets DB to what init and restore need for a database of a folder's own
# shellcheck disable=SC2034 # by whoever includes this
db_for_new() {
    DB=()
    [ -n "${DAOHU_TEST_DB:-}" ] || return 0
    schemas=$((schemas + 1))
    DB=(--db "$("$REPO/tests/postgres-schema" "golden_${BASHPID}_$schemas")")
}
# url FOLDER: of its database; nothing: FOLDER/daohu.db
url() { sed -n 's/^url = //p' "$1/config"; }
# by_hand SQL [FOLDER]: as somebody with a database tool would run it; the rows, |-separated
by_hand() {
    local at
    at=$(url "${2:-town}")
    if [ -n "$at" ]; then
        psql -XqAt "$at" -c "$1"
    else
        python3 - "${2:-town}/daohu.db" "$1" <<'PY'
import contextlib, sqlite3, sys
with contextlib.closing(sqlite3.connect(sys.argv[1])) as db, db:
    for row in db.execute(sys.argv[2]):
        print('|'.join('' if v is None else str(v) for v in row))
PY
    fi
}
# listed FOLDER: the files of it, but for those of an embedded database
listed() { (cd "$1" && printf '%s\n' *) | grep -v -x -e 'daohu\.db' -e lock; }
schema_of() { url "$1" | sed 's/.*search_path%3D//'; }
db_save() {
    if [ -n "$(url town)" ]; then
        pg_dump -a -n "$(schema_of town)" "$DAOHU_TEST_DB" >clean.sql
    else
        cp town/daohu.db clean.db
    fi
}
db_restore() {
    local at
    at=$(url town)
    if [ -n "$at" ]; then
        psql -XqAt "$at" -c "SELECT format('TRUNCATE %I;', relname) FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'" | psql -Xq "$at"
        psql -Xq "$at" -f clean.sql >/dev/null
    else
        cp clean.db town/daohu.db
    fi
}
# db_count TEXT [FOLDER]: the lines of the stored data that hold this text
db_count() {
    local folder=${2:-town}
    if [ -n "$(url "$folder")" ]; then
        pg_dump -a -n "$(schema_of "$folder")" "$DAOHU_TEST_DB" | grep -c -a -e "$1"
    else
        grep -c -a -e "$1" "$folder/daohu.db"
    fi
}
# while_held COMMAND...: another process writes the town meanwhile
while_held() {
    local at
    at=$(url town)
    if [ -n "$at" ]; then
        # as a server of ours, for which nobody waits
        (echo "SET application_name = 'daohu server pid 1'; SELECT pg_advisory_lock(
            hashtextextended('daohu $(schema_of town) 341226', 0));" && sleep 3) | psql -Xq "$at" >/dev/null &
        while [ "$(psql -XqAt "$at" -c "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")" = 0 ]; do
            sleep 0.1
        done
        "$@"
        wait
    else
        exec 9>>town/lock
        flock 9
        "$@"
        exec 9>&-
    fi
}
