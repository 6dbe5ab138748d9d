#!/usr/bin/env bash
# Preflight beside its peers, each measured in turn on the same machine:
#   checks  2,000 of a GET, a status and a body: `preflight check` and `hurl --test --parallel`
#   serve   one JSON document: `preflight serve`, a bare axum handler, wiremock, Prism, Mockoon, asked by wrk
# Needs cargo, npm, wrk, python3 and, to build hurl, the headers of libxml2 and libcurl.
# PEERS names a folder with installed peers; without it they are installed into target/peers.
set -euo pipefail
cd "$(dirname "$0")/../.."

peers=${PEERS:-$PWD/target/peers}
rounds=${ROUNDS:-5}
seconds=${SECONDS_EACH:-4}
jobs=16
program=$(realpath -m "${CARGO_TARGET_DIR:-target}")/release/preflight
work=$(mktemp -d)
started=()
finish() {
  # cargo does not pass the signal on to the program that it runs.
  for process in "${started[@]}"; do
    pkill -P "$process" 2>/dev/null || true
    kill "$process" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap finish EXIT

cargo build --release --quiet
[ -x "$peers/bin/hurl" ] || cargo install hurl --version 8.0.1 --locked --root "$peers"
[ -x "$peers/npm/node_modules/.bin/prism" ] ||
  npm install --no-audit --no-fund --prefix "$peers/npm" @stoplight/prism-cli@5.14.2 @mockoon/cli@9.9.0

median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

# Seconds on the clock and seconds of processor of a command.
timed() {
  python3 -c '
import os, subprocess, sys, time
start = time.monotonic()
child = subprocess.Popen(sys.argv[2:], stdout=open(sys.argv[1], "w"), stderr=subprocess.STDOUT)
_, status, used = os.wait4(child.pid, 0)
print(f"{time.monotonic() - start:.3f} {used.ru_utime + used.ru_stime:.3f}")
sys.exit(os.waitstatus_to_exitcode(status))' "$work/out" "$@" || { tail -5 "$work/out" >&2; exit 1; }
}

checks() {
  # Safelisted: the throttle that the twin models would answer 429 to all but the first 3,000 in a minute.
  "$program" serve chatwoot --json --set chatwoot.safelisted=true >"$work/served" 2>/dev/null &
  started+=($!)
  until [ -s "$work/served" ]; do sleep 0.05; done
  url=$(python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["url"])' <"$work/served")
  mkdir -p "$work/flight/features/chatwoot" "$work/hurl"
  printf 'version: 1\nname: peers\nenvironments:\n  local: {}\nintegrations:\n  chatwoot: {}\n' >"$work/flight/preflight.yaml"
  {
    printf '@many\nFeature: many\n'
    for number in $(seq 2000); do
      printf '  Scenario: number %s\n    When I GET "/api"\n    Then the status is 200\n    And the body matches schema "chatwoot/api-status"\n' "$number"
    done
  } >"$work/flight/features/chatwoot/many.feature"
  for number in $(seq 2000); do
    cat >"$work/hurl/$number.hurl" <<'HURL'
GET {{url}}/api
HTTP 200
[Asserts]
jsonpath "$.version" matches /^[0-9]+\.[0-9]+\.[0-9]+/
jsonpath "$.timestamp" matches /^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$/
jsonpath "$.queue_services" matches /^(ok|failing)$/
jsonpath "$.data_services" matches /^(ok|failing)$/
jsonpath "$.*" count == 4
HURL
  done
  cd "$work/flight"
  for _ in $(seq "$rounds"); do
    timed "$program" check chatwoot --tags @many --jobs "$jobs" >>"$work/ours"
    timed "$peers/bin/hurl" --test --parallel --jobs "$jobs" --variable "url=$url" "$work/hurl" >>"$work/theirs"
  done
  cd - >/dev/null
  grep -q "Succeeded files: *2000 " "$work/out" || { tail -5 "$work/out" >&2; exit 1; }
  for what in ours theirs; do
    echo "$what: $(cut -d' ' -f1 "$work/$what" | median) s on the clock, $(cut -d' ' -f2 "$work/$what" | median) s of processor"
  done
  paste -d' ' "$work/ours" "$work/theirs" | awk '{ print $3 / $1 }' | median | sed 's/^/times as fast as hurl, median of pairs: /'
  paste -d' ' "$work/ours" "$work/theirs" | awk '{ print $4 / $2 }' | median | sed 's/^/times less processor (its server not counted): /'
}

serve() {
  document='{"id":7,"name":"idea","tags":["a","b"],"owner":{"id":1,"email":"a@b.example"}}'
  cat >"$work/openapi.json" <<JSON
{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/thing": {"get": {"responses": {"200":
 {"description": "d", "content": {"application/json": {"example": $document}}}}}}}}
JSON
  python3 - "$document" >"$work/mockoon.json" <<'PYTHON'
import json, sys
response = {
    "uuid": "0b7e3a52-6d64-4b8e-8a53-0d3a6a4a0003", "body": sys.argv[1], "latency": 0, "statusCode": 200, "label": "",
    "headers": [{"key": "Content-Type", "value": "application/json"}], "bodyType": "INLINE", "filePath": "",
    "databucketID": "", "sendFileAsBody": False, "rules": [], "rulesOperator": "OR", "disableTemplating": True,
    "fallbackTo404": False, "default": True, "crudKey": "id", "callbacks": [],
}
route = {
    "uuid": "0b7e3a52-6d64-4b8e-8a53-0d3a6a4a0002", "type": "http", "documentation": "", "method": "get",
    "endpoint": "thing", "responses": [response], "responseMode": None, "streamingMode": None, "streamingInterval": 0,
}
print(json.dumps({
    "uuid": "0b7e3a52-6d64-4b8e-8a53-0d3a6a4a0001", "lastMigration": 33, "name": "t", "endpointPrefix": "",
    "latency": 0, "port": 0, "hostname": "127.0.0.1", "folders": [], "routes": [route],
    "rootChildren": [{"type": "route", "uuid": route["uuid"]}], "proxyMode": False, "proxyHost": "",
    "proxyRemovePrefix": False, "tlsOptions": {"enabled": False, "type": "CERT", "pfxPath": "", "certPath": "",
    "keyPath": "", "caPath": "", "passphrase": ""}, "cors": False, "headers": [], "proxyReqHeaders": [],
    "proxyResHeaders": [], "data": [], "callbacks": [],
}))
PYTHON
  HOLD_SERVERS=1 cargo bench --quiet --bench serve >"$work/held" &
  started+=($!)
  prism=4010 mockoon=4011
  "$peers/npm/node_modules/.bin/prism" mock "$work/openapi.json" --port "$prism" --verboseLevel silent >/dev/null 2>&1 &
  started+=($!)
  "$peers/npm/node_modules/.bin/mockoon-cli" start --data "$work/mockoon.json" --port "$mockoon" --disable-log-to-file --disable-admin-api >/dev/null 2>&1 &
  started+=($!)
  until [ "$(wc -l <"$work/held")" = 3 ]; do sleep 0.2; done
  { cat "$work/held"; echo "prism http://127.0.0.1:$prism"; echo "mockoon http://127.0.0.1:$mockoon"; } >"$work/servers"
  while read -r name url; do
    until [ "$(curl -s -o "$work/out" -w '%{http_code}' "$url/thing")" = 200 ]; do sleep 0.2; done
    python3 -c 'import json, sys; assert json.load(open(sys.argv[1]))["id"] == 7' "$work/out"
  done <"$work/servers"
  for _ in $(seq "$rounds"); do
    while read -r name url; do
      wrk -t1 -c16 -d"${seconds}s" "$url/thing" | awk '/Requests\/sec/ { print $2 }' >>"$work/rate-$name"
    done <"$work/servers"
  done
  while read -r name _; do
    times=$(paste -d' ' "$work/rate-$name" "$work/rate-axum" | awk '{ print $1 / $2 }' | median)
    echo "$name: $(median <"$work/rate-$name") requests a second, $times of axum (median of rounds)"
  done <"$work/servers"
}

case ${1:-all} in
  checks) checks ;;
  serve) serve ;;
  all) checks && serve ;;
  *) echo "usage: $0 [checks|serve]" >&2; exit 2 ;;
esac
