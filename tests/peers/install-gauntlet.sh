#!/usr/bin/env bash
# Installs the official clients that are put through the gauntlet (tests/peers/gauntlet/package.json) and appends where
# they are to target/peers/environment. Needs npm (Node 20 or later).
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=$PWD/target/peers
mkdir -p "$peers/gauntlet"

modules=$peers/gauntlet/node_modules
if [ ! -d "$modules/stripe" ]; then
  cp tests/peers/gauntlet/package.json "$peers/gauntlet/"
  npm install --prefix "$peers/gauntlet" --no-audit --no-fund --no-package-lock --ignore-scripts
fi

echo "export PREFLIGHT_PEER_GAUNTLET_NODE='$modules'" >> "$peers/environment"
