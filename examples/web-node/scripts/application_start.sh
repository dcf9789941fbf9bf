#!/bin/sh
# Starts the service in the background; its output goes to a file, or the event would wait for it.
set -eu
cd "${WEB_NODE_HOME:-/opt/web-node}"
nohup node server.js >>service.log 2>&1 </dev/null &
echo $! >service.pid
echo "started $(cat service.pid) on port ${PORT:-8080}"
