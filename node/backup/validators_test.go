package backup

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"reflect"
	"testing"

	"weir/consensus"
)

// TestValidatorsInParts writes the changes of two snapshots: the second adds only the part that is
// new. A part that is damaged or missing is refused; a snapshot without a list has no changes.
func TestValidatorsInParts(t *testing.T) {
	dir := t.TempDir()
	set := bytes.Repeat([]byte{7}, 32)
	first := &consensus.Changes{From: 1, To: 9, Set: set, List: []consensus.Change{
		{Height: 5, Bytes: []byte("five")},
	}}
	second := &consensus.Changes{From: 1, To: 12, Set: set, List: []consensus.Change{
		{Height: 5, Bytes: []byte("five")}, {Height: 11, Bytes: []byte("eleven")},
	}}
	if err := saveValidators(dir, 9, first); err != nil {
		t.Fatal(err)
	}
	five := changePath(dir, sha256.Sum256([]byte("five")))
	before, err := os.Stat(five)
	if err != nil {
		t.Fatal(err)
	}
	if err := saveValidators(dir, 12, second); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(five); err != nil || !os.SameFile(before, after) {
		t.Errorf("a part that was there is written again: %v", err)
	}
	for height, want := range map[uint64]*consensus.Changes{9: first, 12: second, 10: nil} {
		if got, err := loadValidators(dir, height); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("height %d: %+v, %v", height, got, err)
		}
	}
	if err := os.WriteFile(five, []byte("fivE"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadValidators(dir, 9); !errors.Is(err, errValidators) {
		t.Errorf("a damaged part: %v", err)
	}
	if err := os.Remove(five); err != nil {
		t.Fatal(err)
	}
	if _, err := loadValidators(dir, 12); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing part: %v", err)
	}
}

// FuzzValidators reads lists, whatever a disk made of them; those that are read encode to the same
// bytes again.
func FuzzValidators(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, 21))
	c := &consensus.Changes{From: 1, To: 9, Set: []byte{1}, List: []consensus.Change{{Height: 5}}}
	b := encodeValidators(c, make([][32]byte, 1))
	f.Add(b[:len(b)-32])
	f.Fuzz(func(t *testing.T, b []byte) {
		sum := sha256.Sum256(b) // a checksum that is right, or nothing would be read
		b = append(bytes.Clone(b), sum[:]...)
		c, ids, err := decodeValidators(b)
		if err == nil && !bytes.Equal(encodeValidators(c, ids), b) {
			t.Errorf("%x encodes to other bytes", b)
		}
	})
}
