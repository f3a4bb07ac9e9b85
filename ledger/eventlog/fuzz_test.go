package eventlog

import (
	"bytes"
	"errors"
	"testing"
)

func FuzzLeafRecord(f *testing.F) {
	f.Add(uint64(7), appendLeaf(nil, 7, &Record{First: 9, Rows: 3, Leaf: []byte("leaf")}))
	f.Add(uint64(0), appendLeaf(nil, 0, &Record{Leaf: make([]byte, 300)}))
	f.Fuzz(func(t *testing.T, index uint64, b []byte) {
		h, leaf, err := DecodeLeaf(index, b)
		if err != nil {
			if !errors.Is(err, ErrRecord) {
				t.Fatal(err)
			}
			return
		}
		if _, err := DecodeHead(index+1, b); err == nil {
			t.Fatal("the head of another leaf")
		}
		r := Record{First: h.First, Rows: h.Rows, Leaf: leaf}
		if !bytes.Equal(appendLeaf(nil, index, &r), b) {
			t.Fatal("not canonical")
		}
	})
}

func FuzzPayloadRecord(f *testing.F) {
	f.Add([]byte{payloadErased})
	f.Add(appendPayload(nil, []byte("rows")))
	f.Add(appendPayload(nil, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		payload, err := DecodePayload(0, b)
		switch {
		case errors.Is(err, ErrErased):
			if !bytes.Equal(b, []byte{payloadErased}) {
				t.Fatal("not canonical")
			}
		case err != nil:
			if !errors.Is(err, ErrRecord) {
				t.Fatal(err)
			}
		case !bytes.Equal(appendPayload(nil, payload), b):
			t.Fatal("not canonical")
		}
	})
}

// FuzzBlock opens and asks a log whose only block of hashes is arbitrary.
func FuzzBlock(f *testing.F) {
	d, l, states := savedLog(f, 50)
	f.Add(d.blocks[0])
	f.Fuzz(func(t *testing.T, b []byte) {
		_, whole, _ := savedLog(t, 50)
		bad := &disk{map[uint64][]byte{0: b}, d.leaves, d.payloads, 0}
		opened, err := Open(bad, State{l.size, l.next, l.kept}, l.Root())
		if err != nil {
			if !errors.Is(err, ErrRecord) {
				t.Fatal(err)
			}
			return
		}
		if _, err := answers(opened, whole, states); err != nil {
			t.Fatal(err)
		}
	})
}
