#!/usr/bin/env bash
# The memory of `preflight serve` over many requests (by default ten million), or until so many seconds have passed.
#   tests/bench/soak.sh [REQUESTS] [SECONDS]
# Needs cargo, wrk, python3 and Linux.
set -euo pipefail
cd "$(dirname "$0")/../.."
requests=${1:-10000000}
limit=${2:-100000}
work=$(mktemp -d)
cargo build --release --quiet
"$PWD/${CARGO_TARGET_DIR:-target}/release/preflight" serve chatwoot --json --set chatwoot.safelisted=true >"$work/served" 2>/dev/null &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
until [ -s "$work/served" ]; do sleep 0.05; done
url=$(python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["url"])' <"$work/served")
resident() { awk '/VmRSS/ { print $2 }' "/proc/$server/status"; }
echo "0 requests: $(resident) kB"
answered=0
while [ "$answered" -lt "$requests" ] && [ "$SECONDS" -lt "$limit" ]; do
  answered=$((answered + $(wrk -t1 -c16 -d10s "$url/api" | awk '/requests in/ { print $1 }')))
  echo "$answered requests: $(resident) kB"
done
