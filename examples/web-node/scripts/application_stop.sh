#!/bin/sh
# Ends the running service, if there is one, and waits until it has ended.
set -eu
home=${WEB_NODE_HOME:-/opt/web-node}
[ -f "$home/service.pid" ] || exit 0
pid=$(cat "$home/service.pid")
kill "$pid" 2>/dev/null || true
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  kill -0 "$pid" 2>/dev/null || break
  sleep 0.25
done
kill -9 "$pid" 2>/dev/null || true
rm -f "$home/service.pid"
echo "stopped $pid"
