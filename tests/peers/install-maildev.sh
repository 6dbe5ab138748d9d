#!/usr/bin/env bash
# Installs maildev, a mail server for tests, into target/peers/maildev. Needs npm.
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=$PWD/target/peers
mkdir -p "$peers/maildev"
npm install --prefix "$peers/maildev" --no-audit --no-fund --no-package-lock --ignore-scripts --silent maildev@2.2.1
echo "export PREFLIGHT_PEER_MAILDEV=$peers/maildev/node_modules/maildev/bin/maildev" >> "$peers/environment"
