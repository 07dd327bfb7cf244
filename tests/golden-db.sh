# shellcheck shell=bash
# For golden tests that touch data: the same on DIR/daohu.db and, with DAOHU_TEST_DB set
# (tests/with-postgres), on a schema of a PostgreSQL database.
DB=() URL=
if [ -n "${DAOHU_TEST_DB:-}" ]; then
    URL=$("$REPO/tests/postgres-schema" "golden_$$")
    DB=(--db "$URL")
fi
# SQL as somebody with a database tool would run it
by_hand() {
    if [ -n "$URL" ]; then
        psql -Xq "$URL" -c "$1"
    else
        python3 -c 'import sqlite3, sys; c = sqlite3.connect("town/daohu.db"); c.executescript(sys.argv[1])' "$1"
    fi
}
db_save() {
    if [ -n "$URL" ]; then
        pg_dump -a -n "golden_$$" "$DAOHU_TEST_DB" >clean.sql
    else
        cp town/daohu.db clean.db
    fi
}
db_restore() {
    if [ -n "$URL" ]; then
        psql -XqAt "$URL" -c "SELECT format('TRUNCATE %I;', relname) FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'" | psql -Xq "$URL"
        psql -Xq "$URL" -f clean.sql >/dev/null
    else
        cp clean.db town/daohu.db
    fi
}
# the lines of the stored data that hold this text
db_count() {
    if [ -n "$URL" ]; then
        pg_dump -a -n "golden_$$" "$DAOHU_TEST_DB" | grep -c -a -e "$1"
    else
        grep -c -a -e "$1" town/daohu.db
    fi
}
# while_held COMMAND...: another process writes the town meanwhile
while_held() {
    if [ -n "$URL" ]; then
        # as a server of ours, for which nobody waits
        (echo "SET application_name = 'daohu server pid 1'; SELECT pg_advisory_lock(
            hashtextextended('daohu golden_$$ 341226', 0));" && sleep 3) | psql -Xq "$URL" >/dev/null &
        while [ "$(psql -XqAt "$URL" -c "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")" = 0 ]; do
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
