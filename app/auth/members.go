package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxDepth bounds the nesting of the genesis state.
const maxDepth = 16

// checkMembers refuses what encoding/json lets pass: a member named twice, or named with other
// letters' case than its field (all of Genesis' names are lower case).
func checkMembers(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return checkValue(d, 0)
}

func checkValue(d *json.Decoder, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("the application state nests deeper than %d", maxDepth)
	}
	tok, err := d.Token()
	if err != nil {
		return noEOF(err)
	}
	open, ok := tok.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return noEOF(err)
			}
			s, _ := name.(string)
			if seen[s] || strings.ToLower(s) != s {
				return fmt.Errorf("member %q is repeated or not in lower case", s)
			}
			seen[s] = true
		}
		if err := checkValue(d, depth+1); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return noEOF(err)
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
