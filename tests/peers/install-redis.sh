#!/usr/bin/env bash
# Installs Debian's redis-server, without starting it, and appends where it is to target/peers/environment. Needs apt-get.
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=$PWD/target/peers
mkdir -p "$peers"
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo

if ! command -v redis-server > /dev/null; then
  # RUNLEVEL=1: the package is not to start a server with the machine.
  $sudo env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server > /dev/null
fi
echo "export PREFLIGHT_PEER_REDIS='$(command -v redis-server)'" >> "$peers/environment"
