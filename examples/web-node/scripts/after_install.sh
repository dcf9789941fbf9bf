#!/bin/sh
# Checks that what arrived is whole.
set -eu
cd "${WEB_NODE_HOME:-/opt/web-node}"
node --check server.js
cat build.json
