#!/bin/sh
# `python -m bot` in a container, which its engine starts again whenever it ends. Where that would change nothing, because
# the token or a setting has to be corrected (exit code 78), this waits to be stopped, and the container is unhealthy.
set -u
stopped=
child=
trap 'stopped=yes; kill -TERM "$child" 2>/dev/null' TERM INT
python -m bot "$@" &
child=$!
[ -z "$stopped" ] || kill -TERM "$child" # a signal that came before the bot had a number
code=0
wait "$child" || code=$?
while kill -0 "$child" 2>/dev/null; do # a signal ends `wait` before the bot has ended
    code=0
    wait "$child" || code=$?
done
[ "$code" -eq 78 ] || exit "$code"
[ -n "$stopped" ] || echo "Correct it, then start the container again; until then this waits." >&2
while [ -z "$stopped" ]; do
    sleep 60 &
    child=$!
    wait "$child"
done
exit 78
