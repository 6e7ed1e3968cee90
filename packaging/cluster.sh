#!/usr/bin/env bash
# Builds IPFS Cluster for `make test-long`, once (25 s to fetch, one to four minutes to build); ends with 1 if it cannot.
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=packaging/python.sh
. packaging/python.sh
program=.tools/bin/ipfs-cluster-service
wanted="$(digest_of packaging/cluster/go.mod packaging/cluster/go.sum) $(uname -sm)"
[ -f $program.stamp ] && [ "$(cat $program.stamp)" = "$wanted" ] && $program --version >/dev/null 2>&1 && exit 0
command -v go >/dev/null 2>&1 || { echo "cluster: Go is needed to build IPFS Cluster" >&2; exit 1; }
echo "cluster: building IPFS Cluster"
rm -f $program.stamp
(cd packaging/cluster && CGO_ENABLED=0 GOWORK=off go build -trimpath -mod=readonly -buildvcs=false \
    -o ../../$program.new github.com/ipfs-cluster/ipfs-cluster/cmd/ipfs-cluster-service) >.tools/cluster.log 2>&1 </dev/null ||
    { echo "cluster: the build failed: $(tail -n 1 .tools/cluster.log)" >&2; exit 1; }
mv $program.new $program && printf '%s\n' "$wanted" >$program.stamp
