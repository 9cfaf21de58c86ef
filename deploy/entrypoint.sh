#!/bin/sh
# `python -m bot` in a container, which its engine starts again whenever it ends. Where that would change nothing, because
# the token or a setting has to be corrected (exit code 78), this waits to be stopped, and the container is unhealthy.
set -u
python -m bot "$@" &
bot=$!
stopped=
trap 'stopped=yes; kill -TERM "$bot" 2>/dev/null' TERM INT
code=0
wait "$bot" || code=$?
while kill -0 "$bot" 2>/dev/null; do # a signal ends `wait` before the bot has ended
    code=0
    wait "$bot" || code=$?
done
if [ "$code" -ne 78 ] || [ -n "$stopped" ]; then
    exit "$code"
fi
echo "Correct it, then start the container again; until then this waits." >&2
trap 'exit 78' TERM INT
while :; do
    sleep 3600 &
    wait "$!"
done
