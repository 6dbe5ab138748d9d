#!/usr/bin/env bash
# Installs the real peers that the full suite is held against: Debian's packages, then one script a peer.
# What the tests read, `export NAME=value` lines, is collected in target/peers/environment.
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=$PWD/target/peers
mkdir -p "$peers"
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
export DEBIAN_FRONTEND=noninteractive

need() { # need COMMAND PACKAGE…: installs the packages unless the command is there
  command -v "$1" > /dev/null && return
  shift
  [ -n "${updated:-}" ] || { $sudo apt-get update -qq; updated=1; }
  $sudo apt-get install -y -qq --no-install-recommends "$@" > /dev/null
}
need node nodejs npm
need npm npm
need python3 python3 python3-venv
need chromium chromium
compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null || need initdb-of-debian postgresql

: > "$peers/environment"
echo "export PREFLIGHT_PEER_CHROMIUM=$(command -v chromium)" >> "$peers/environment"
for script in tests/peers/install-*.sh; do
  echo "-- $script"
  "$script"
done
cat "$peers/environment"
