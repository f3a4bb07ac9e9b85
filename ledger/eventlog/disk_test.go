package eventlog

import "fmt"

// disk is a Source and a Keeper in memory that counts what is read.
type disk struct {
	blocks, leaves, payloads map[uint64][]byte
	reads                    int
}

func newDisk() *disk {
	return &disk{map[uint64][]byte{}, map[uint64][]byte{}, map[uint64][]byte{}, 0}
}

func (d *disk) read(m map[uint64][]byte, i uint64) ([]byte, error) {
	d.reads++
	b, ok := m[i]
	if !ok {
		return nil, fmt.Errorf("record %d is missing", i)
	}
	return b, nil
}

// parts returns the stored things of a kind, for tests that break them.
func (d *disk) parts() map[string]map[uint64][]byte {
	return map[string]map[uint64][]byte{
		"hashes": d.blocks, "leaves": d.leaves, "payloads": d.payloads,
	}
}

func (d *disk) forget(before uint64) {
	for i := range d.leaves {
		if i < before {
			delete(d.leaves, i)
		}
	}
	for i := range d.payloads {
		if i < before {
			delete(d.payloads, i)
		}
	}
}

func (d *disk) Hashes(block uint64, _ int) ([]byte, error) { return d.read(d.blocks, block) }

func (d *disk) Leaf(i uint64) ([]byte, error)    { return d.read(d.leaves, i) }
func (d *disk) Payload(i uint64) ([]byte, error) { return d.read(d.payloads, i) }

func (d *disk) Head(i uint64) (Head, error) {
	b, err := d.read(d.leaves, i)
	if err != nil {
		return Head{}, err
	}
	return DecodeHead(i, b)
}

func (d *disk) PutHashes(block uint64, b []byte) error { d.blocks[block] = b; return nil }
func (d *disk) PutLeaf(i uint64, b []byte) error       { d.leaves[i] = b; return nil }
func (d *disk) PutPayload(i uint64, b []byte) error    { d.payloads[i] = b; return nil }
