package backup

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"weir/consensus"
)

// validatorsExt is the list of the changes of the validator set that are known at a height:
//
//	from, to u64; length u8, hash of the last set; count u32, per change: height u64, SHA-256;
//	SHA-256 of the rest
//
// Each change is a part, which all snapshots share.
const validatorsExt = ".validators"

var errValidators = errors.New("the list of validator changes is damaged")

func changePath(dir string, id [32]byte) string {
	return filepath.Join(dir, "parts", fmt.Sprintf("%02x", id[0]), fmt.Sprintf("validators-%x", id))
}

// saveValidators writes the changes that the folder has not, and then the list.
func saveValidators(dir string, height uint64, c *consensus.Changes) error {
	ids := make([][32]byte, len(c.List))
	for i, one := range c.List {
		ids[i] = sha256.Sum256(one.Bytes)
		path := changePath(dir, ids[i])
		if info, err := os.Stat(path); err == nil && info.Size() == int64(len(one.Bytes)) {
			continue
		}
		if err := write(path, one.Bytes); err != nil {
			return err
		}
	}
	return write(heightPath(dir, height, validatorsExt), encodeValidators(c, ids))
}

func encodeValidators(c *consensus.Changes, ids [][32]byte) []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(c.From))
	b = binary.BigEndian.AppendUint64(b, uint64(c.To))
	b = append(append(b, byte(len(c.Set))), c.Set...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(c.List)))
	for i, one := range c.List {
		b = append(binary.BigEndian.AppendUint64(b, uint64(one.Height)), ids[i][:]...)
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// loadValidators reads the changes of a snapshot; nil if it has none, as old ones have not.
func loadValidators(dir string, height uint64) (*consensus.Changes, error) {
	b, err := os.ReadFile(heightPath(dir, height, validatorsExt))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c, ids, err := decodeValidators(b)
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		one := &c.List[i]
		if one.Bytes, err = os.ReadFile(changePath(dir, id)); err != nil {
			return nil, fmt.Errorf("the validator change of height %d: %w", one.Height, err)
		}
		if sha256.Sum256(one.Bytes) != id {
			return nil, fmt.Errorf("%w: the change of height %d", errValidators, one.Height)
		}
	}
	return c, nil
}

// decodeValidators reads a list, and returns the ids of the parts with the changes too.
func decodeValidators(b []byte) (*consensus.Changes, [][32]byte, error) {
	const head, entry = 8 + 8 + 1, 8 + sha256.Size
	body := len(b) - sha256.Size
	if body < head+4 || sha256.Sum256(b[:body]) != [32]byte(b[body:]) {
		return nil, nil, errValidators
	}
	c := &consensus.Changes{
		From: int64(binary.BigEndian.Uint64(b)), To: int64(binary.BigEndian.Uint64(b[8:])),
	}
	set, rest := int(b[head-1]), b[head:body]
	if len(rest) < set+4 {
		return nil, nil, errValidators
	}
	c.Set, rest = rest[:set], rest[set:]
	n, rest := uint64(binary.BigEndian.Uint32(rest)), rest[4:]
	if uint64(len(rest)) != n*entry {
		return nil, nil, errValidators
	}
	var ids [][32]byte
	for ; len(rest) > 0; rest = rest[entry:] {
		c.List = append(c.List, consensus.Change{Height: int64(binary.BigEndian.Uint64(rest))})
		ids = append(ids, [32]byte(rest[8:entry]))
	}
	return c, ids, nil
}

// restoreValidators puts the changes of a snapshot beside those that the home knows.
func (o *RestoreOptions) restoreValidators(at func(string) string, c *consensus.Changes) error {
	mine := filepath.Join(at(dataDir), trustStore)
	err := copyFolder(mine, filepath.Join(at(stagingDir), trustStore))
	if err != nil || c == nil {
		return err
	}
	return consensus.ImportChanges(o.Home, stagingDir, c)
}
