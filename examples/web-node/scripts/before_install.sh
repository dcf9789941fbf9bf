#!/bin/sh
# What the service needs before its files arrive: its directory and a Node.js.
set -eu
mkdir -p "${WEB_NODE_HOME:-/opt/web-node}"
node --version
