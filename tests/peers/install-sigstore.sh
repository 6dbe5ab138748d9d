#!/usr/bin/env bash
# Installs what signed evidence is verified with: Sigstore's own verifier (npm @sigstore/verify), and the DSSE and in-toto
# libraries of their authors (PyPI securesystemslib, in-toto-attestation). Needs npm (Node 20 or later) and python3 with venv.
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=$PWD/target/peers
mkdir -p "$peers/sigstore"
cp tests/peers/sigstore/package.json "$peers/sigstore/"

modules=$peers/sigstore/node_modules
if [ ! -d "$modules/@sigstore/verify" ]; then
  npm install --prefix "$peers/sigstore" --no-audit --no-fund --no-package-lock --ignore-scripts --silent
fi

python=$peers/sigstore/python/bin/python
if ! "$python" -c 'import securesystemslib, in_toto_attestation' 2>/dev/null; then
  python3 -m venv "$peers/sigstore/python"
  "$python" -m pip install --quiet --disable-pip-version-check 'securesystemslib[crypto]==1.6.0' in-toto-attestation==0.9.3
fi

{
  echo "export PREFLIGHT_PEER_SIGSTORE_NODE='$modules'"
  echo "export PREFLIGHT_PEER_SIGSTORE_PYTHON='$python'"
} >> "$peers/environment"
