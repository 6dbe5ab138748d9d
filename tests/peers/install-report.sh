#!/usr/bin/env bash
# Installs readers of the reports (tests/peers/report/package.json; promtool of Debian's package prometheus) and appends
# where they are to target/peers/environment. Needs npm (Node 20 or later); apt-get where promtool is not there yet.
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=$PWD/target/peers
mkdir -p "$peers/report"

modules=$peers/report/node_modules
if [ ! -d "$modules/@cucumber/html-formatter" ]; then
  cp tests/peers/report/package.json "$peers/report/"
  npm install --prefix "$peers/report" --no-audit --no-fund --no-package-lock --ignore-scripts
fi

if ! command -v promtool > /dev/null; then
  # The package alone: its server would start with the machine.
  (cd "$peers/report" && apt-get download prometheus && dpkg --extract prometheus_*.deb prometheus && rm prometheus_*.deb)
fi
promtool=$(command -v promtool || echo "$peers/report/prometheus/usr/bin/promtool")

{
  echo "export PREFLIGHT_PEER_REPORT_NODE='$modules'"
  echo "export PREFLIGHT_PEER_PROMTOOL='$promtool'"
} >> "$peers/environment"
