#!/usr/bin/env bash
# Installs Supabase's official JavaScript client into target/peers/supabase.
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=$PWD/target/peers
mkdir -p "$peers/supabase"
cp tests/peers/supabase/package.json "$peers/supabase/"
npm install --prefix "$peers/supabase" --no-audit --no-fund --no-package-lock --ignore-scripts --silent
echo "export PREFLIGHT_PEER_SUPABASE_NODE=$peers/supabase/node_modules" >> "$peers/environment"
