#!/usr/bin/env bash
# Writes the lock files anew: one for Python 3.11 to 3.13 on every platform, with hashes and without a host.
#
# `make lock` keeps the versions that are locked where pyproject.toml allows them; `make lock UPGRADE=1` takes the newest.
set -eu
cd "$(dirname "$0")/.."
if ! uv=$(command -v uv); then
    [ -x .tools/venv-lock/bin/uv ] || {
        python3 -m venv .tools/venv-lock
        .tools/venv-lock/bin/python -m pip install --quiet --no-input "uv>=0.9,<1"
    }
    uv=.tools/venv-lock/bin/uv
fi
compile() { # OUTPUT INPUT...
    local output=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links ${UPGRADE:+--upgrade} -o "$output" "$@" >/dev/null
}
compile packaging/build.lock packaging/build.in
compile packaging/requirements.lock --extra dev -c packaging/build.lock pyproject.toml
# Peers that only `make bench` measures against: they are large.
compile packaging/bench.lock -c packaging/build.lock -c packaging/requirements.lock packaging/bench.in
npm install --prefix packaging/npm --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund
echo "Locked. Kubo: edit packaging/kubo/go.mod, then 'go mod tidy' in that folder."
