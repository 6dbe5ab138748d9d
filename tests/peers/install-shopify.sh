#!/usr/bin/env bash
# Installs Shopify's official clients (tests/peers/shopify/package.json, requirements.txt) and appends where they are to
# target/peers/environment. Needs npm (Node 20 or later) and python3 with venv.
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=$PWD/target/peers
mkdir -p "$peers/shopify"

modules=$peers/shopify/node_modules
if [ ! -d "$modules/@shopify/shopify-api" ]; then
  cp tests/peers/shopify/package.json "$peers/shopify/"
  npm install --prefix "$peers/shopify" --no-audit --no-fund --no-package-lock --ignore-scripts
fi

python=$peers/shopify/python/bin/python
if ! "$python" -c 'import shopify' 2>/dev/null; then
  python3 -m venv "$peers/shopify/python"
  "$python" -m pip install --quiet --disable-pip-version-check --requirement tests/peers/shopify/requirements.txt
fi

{
  echo "export PREFLIGHT_PEER_SHOPIFY_NODE='$modules'"
  echo "export PREFLIGHT_PEER_SHOPIFY_PYTHON='$python'"
} >> "$peers/environment"
