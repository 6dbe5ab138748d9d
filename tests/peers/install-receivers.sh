#!/usr/bin/env bash
# Installs the official SDKs on which the right webhook receivers stand (tests/peers/receivers/package.json,
# requirements.txt) and appends where they are to target/peers/environment. Needs npm and python3 with venv.
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=$PWD/target/peers
mkdir -p "$peers/receivers"

modules=$peers/receivers/node_modules
if [ ! -d "$modules/stripe" ] || [ ! -d "$modules/@shopify/shopify-api" ]; then
  cp tests/peers/receivers/package.json "$peers/receivers/"
  npm install --prefix "$peers/receivers" --no-audit --no-fund --no-package-lock --ignore-scripts
fi

python=$peers/receivers/python/bin/python
if ! "$python" -c 'import slack_sdk, standardwebhooks' 2>/dev/null; then
  python3 -m venv "$peers/receivers/python"
  "$python" -m pip install --quiet --disable-pip-version-check --requirement tests/peers/receivers/requirements.txt
fi

{
  echo "export PREFLIGHT_PEER_RECEIVERS_NODE='$modules'"
  echo "export PREFLIGHT_PEER_RECEIVERS_PYTHON='$python'"
} >> "$peers/environment"
