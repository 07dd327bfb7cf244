# shellcheck shell=bash
# Exit status 2 is for wrong arguments only; help goes to stdout and is no error.
run() {
    echo "\$ daohu $*"
    "$DAOHU" "$@"
    echo "= $?"
}
run --lang en no-such-command
run --lang zh no-such-command
run --version
