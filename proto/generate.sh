#!/usr/bin/env bash
# Regenerates the Go code of every .proto file. The result is committed.
# Needs protoc (3.21 or newer) and protoc-gen-go v1.36.12 on the PATH or in $(go env GOPATH)/bin:
#   go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
set -euo pipefail
cd "$(dirname "$0")"
export PATH="$PATH:$(go env GOPATH)/bin"
want="v1.36.12"
have="$(protoc-gen-go --version | awk '{print $2}')"
if [ "$have" != "$want" ]; then
  echo "generate.sh: protoc-gen-go is $have, want $want" >&2
  exit 1
fi
protoc --proto_path=. --go_out=. --go_opt=paths=source_relative weir/v1/*.proto
