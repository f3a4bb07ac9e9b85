package verify_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// maxWasm is the greatest size of the verifier as WebAssembly, in bytes, uncompressed.
const maxWasm = 10 << 20

// TestWasmSize builds the verifier for a browser.
func TestWasmSize(t *testing.T) {
	if testing.Short() {
		t.Skip("a build takes too long for -short")
	}
	out := filepath.Join(t.TempDir(), "verify.wasm")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, "./testdata/wasm")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if msg, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, msg)
	}
	info, err := os.Stat(out)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > maxWasm {
		t.Errorf("%d bytes, the limit is %d", info.Size(), maxWasm)
	}
	t.Logf("%d bytes", info.Size())
}
