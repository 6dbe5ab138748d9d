#!/usr/bin/env bash
# Installs Chatwoot's community clients (npm @figuro/chatwoot-sdk, PyPI chatwoot-sdk) and appends where they are to
# target/peers/environment. Needs npm and python3 with venv.
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=$PWD/target/peers
mkdir -p "$peers/chatwoot"

modules=$peers/chatwoot/node_modules
if [ ! -d "$modules/@figuro/chatwoot-sdk" ]; then
  npm install --prefix "$peers/chatwoot" --no-audit --no-fund --no-package-lock --ignore-scripts \
    @figuro/chatwoot-sdk@1.1.17 axios@0.27.2
fi

python=$peers/chatwoot/python/bin/python
if ! "$python" -c 'import chatwoot' 2>/dev/null; then
  python3 -m venv "$peers/chatwoot/python"
  "$python" -m pip install --quiet --disable-pip-version-check chatwoot-sdk==0.2.0
fi

{
  echo "export PREFLIGHT_PEER_CHATWOOT_NODE='$modules'"
  echo "export PREFLIGHT_PEER_CHATWOOT_PYTHON='$python'"
} >> "$peers/environment"
