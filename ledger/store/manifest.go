package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"github.com/cockroachdb/pebble"
	"github.com/cockroachdb/pebble/vfs"
)

// ErrDamaged is a store whose table of contents is not what was written.
var ErrDamaged = errors.New("store: damaged")

// A manifest is pebble's table of contents: chunks of checksum u32, length u16, kind u8 and
// bytes, little-endian, in blocks that no chunk crosses.
const (
	manifestBlock = 32 << 10
	chunkHead     = 7
)

// checkManifests reads the manifest of a store, if there is one. Pebble takes the first chunk
// that is wrong for the end, as a crash would leave it: with a flipped bit it would go on
// without tables that it had. A crash leaves a chunk that is cut short or zero, and nothing
// behind it; anything else is damage.
//
// Errors: ErrDamaged, those of the file system.
func checkManifests(fs vfs.FS, dir string) (err error) {
	desc, err := pebble.Peek(dir, fs)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil || !desc.Exists {
		return err
	}
	f, err := fs.Open(desc.ManifestFilename)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	block := make([]byte, manifestBlock)
	for at := int64(0); ; at += manifestBlock {
		n, err := io.ReadFull(f, block)
		switch {
		case err == io.EOF:
			return nil
		case err != nil && err != io.ErrUnexpectedEOF:
			return err
		}
		last := n < manifestBlock
		if torn, ok := checkChunks(block[:n], last); !ok {
			return fmt.Errorf("%w: %s, block at %d", ErrDamaged, desc.ManifestFilename, at)
		} else if torn && !last {
			return zeros(f, desc.ManifestFilename)
		}
		if last {
			return nil
		}
	}
}

// zeros checks that the rest of a file was never written.
func zeros(f io.Reader, name string) error {
	b, err := io.ReadAll(f)
	if err == nil && len(bytes.Trim(b, "\x00")) > 0 {
		err = fmt.Errorf("%w: %s goes on after its end", ErrDamaged, name)
	}
	return err
}

// checkChunks checks one block, which may be the file's last and then shorter than others. Torn
// says that the block ends as a crash leaves it.
func checkChunks(b []byte, last bool) (torn, ok bool) {
	for len(b) >= chunkHead {
		if len(bytes.Trim(b, "\x00")) == 0 {
			return true, true
		}
		end := chunkHead + int(binary.LittleEndian.Uint16(b[4:]))
		if end > len(b) {
			return true, last && cutShort(b)
		}
		if !chunkRight(b[:end]) {
			return false, false
		}
		b = b[end:]
	}
	// A full block may end in less than a head, which is padding.
	return last && len(b) > 0, last || len(bytes.Trim(b, "\x00")) == 0
}

// cutShort tells a chunk that was cut short from one whose length has changed: that one is
// right with the length it had.
func cutShort(b []byte) bool {
	c := uint32(0)
	for i := 6; i < len(b); i++ {
		c = crc32.Update(c, castagnoli, b[i:i+1])
		if binary.LittleEndian.Uint32(b) == masked(c) {
			return false
		}
	}
	return true
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// chunkRight checks a chunk's checksum, which covers its kind and bytes.
func chunkRight(b []byte) bool {
	return binary.LittleEndian.Uint32(b) == masked(crc32.Checksum(b[6:], castagnoli))
}

// masked is how a checksum is stored.
func masked(c uint32) uint32 { return (c>>15 | c<<17) + 0xa282ead8 }
