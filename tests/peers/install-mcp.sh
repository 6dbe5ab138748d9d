#!/usr/bin/env bash
# Installs real MCP servers (tests/peers/mcp/package.json, and mcp-server-time of PyPI) and appends where they are to
# target/peers/environment. Needs npm (Node 20 or later) and python3 with venv. Of what does not install only that is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=$PWD/target/peers
mkdir -p "$peers/mcp"

modules=$peers/mcp/node_modules
if [ ! -d "$modules/@modelcontextprotocol/server-everything" ]; then
  cp tests/peers/mcp/package.json "$peers/mcp/"
  npm install --prefix "$peers/mcp" --no-audit --no-fund --no-package-lock --ignore-scripts
fi
echo "export PREFLIGHT_PEER_MCP_NODE='$modules'" >> "$peers/environment"

python=$peers/mcp/python
if [ ! -x "$python/bin/mcp-server-time" ]; then
  python3 -m venv "$python"
  "$python/bin/pip" install --quiet --disable-pip-version-check mcp-server-time==2026.10.19
fi
echo "export PREFLIGHT_PEER_MCP_PYTHON='$python/bin/python'" >> "$peers/environment"
