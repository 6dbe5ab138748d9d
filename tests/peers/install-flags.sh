#!/usr/bin/env bash
# Installs Unleash's official Node client and OpenFeature's server SDK with its OFREP provider into target/peers/flags.
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=$PWD/target/peers
mkdir -p "$peers/flags"
cp tests/peers/flags/package.json "$peers/flags/"
npm install --prefix "$peers/flags" --no-audit --no-fund --no-package-lock --ignore-scripts --silent
echo "export PREFLIGHT_PEER_FLAGS_NODE=$peers/flags/node_modules" >> "$peers/environment"
