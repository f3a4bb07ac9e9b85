// Command wasm links the whole verifier, so that its size as WebAssembly can be measured.
package main

import (
	"fmt"
	"os"

	"weir/client/verify"
)

func main() {
	root, err := verify.ParseTrust(os.Args[1], nil)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	rep, err := verify.Verify([]byte(os.Args[2]), root, verify.Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(rep.Trust())
}
