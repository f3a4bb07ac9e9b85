// Command weirvet is a go vet tool with the determinism check of internal/detcheck:
//
//	go build -o bin/weirvet ./cmd/weirvet
//	go vet -vettool=$(pwd)/bin/weirvet ./stream/... ./ledger/... ./app/...
package main
