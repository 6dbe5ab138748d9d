#!/usr/bin/env bash
# Installs a real Unleash server, 8.2.0 from npm, into target/peers/unleash. It needs PostgreSQL (tests/peers/install.sh).
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=$PWD/target/peers
server=$peers/unleash/node_modules/unleash-server/dist/server.js
if [ ! -f "$server" ]; then
  mkdir -p "$peers/unleash"
  npm install --prefix "$peers/unleash" --no-audit --no-fund --no-package-lock --ignore-scripts --silent \
    unleash-server@8.2.0
fi
echo "export PREFLIGHT_PEER_UNLEASH=$server" >> "$peers/environment"
