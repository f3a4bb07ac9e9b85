package lane

import (
	"encoding/binary"
	"fmt"

	"weir/app/tx"
	"weir/internal/invariant"
)

// SweepEntries is how many expired records a block forgets at most. More than a block of the
// default size can make, so nothing piles up.
const SweepEntries = 16_384

// swept says which buckets may hold records: those from next to greatest. Both 0 at first.
type swept struct{ next, greatest uint64 }

func (s swept) empty() bool { return s.next > s.greatest || s.greatest == 0 }

func (s swept) encode() []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, s.next), s.greatest)
}

func loadSwept(r Reader) (swept, error) {
	v, found, err := r.Probe(sweptKey())
	if err != nil || !found {
		return swept{}, err
	}
	if len(v) != 16 {
		return swept{}, errCodec
	}
	return swept{binary.BigEndian.Uint64(v), binary.BigEndian.Uint64(v[8:])}, nil
}

// Sweep forgets records whose valid_until is below height, oldest first, at most limit of them,
// and returns how many entries it went through. Call it in a block that holds a transaction, and
// only then. It looks at no more buckets than valid_until may be ahead, plus one per entry.
func Sweep(st State, height uint64, limit int) (int, error) {
	s, err := loadSwept(st)
	if err != nil || s.empty() {
		return 0, err
	}
	before, done := s, 0
	for !s.empty() && s.next < height && done < limit {
		n, err := loadCount(st, bucketKey(s.next))
		if err != nil {
			return done, err
		}
		for ; n > 0 && done < limit; done++ {
			n--
			if err := sweepEntry(st, s.next, n); err != nil {
				return done, err
			}
		}
		if n > 0 {
			st.Set(bucketKey(s.next), encodeCount(n))
			break
		}
		st.Delete(bucketKey(s.next))
		s.next++
	}
	if s != before {
		st.Set(sweptKey(), s.encode())
	}
	return done, nil
}

// sweepEntry deletes one bucket entry, and its record unless a younger one has replaced it.
func sweepEntry(st State, until uint64, index uint32) error {
	at := entryKey(until, index)
	key, found, err := st.Probe(at)
	if err != nil {
		return err
	}
	invariant.Check(found && len(key) > tx.KeySize, "lane: bucket %d lacks entry %d", until, index)
	st.Delete(at)
	v, found, err := st.Probe(key)
	if err != nil {
		return err
	}
	if !found {
		return nil
	}
	r, err := decodeRecord(v)
	if err != nil {
		return fmt.Errorf("expired record: %w", err)
	}
	if r.until != until {
		return nil
	}
	st.Delete(key)
	signer := r.hash
	if key[0] == kindNonce {
		copy(signer[:], key[1:])
	}
	n, err := loadCount(st, signerKey(signer))
	if err != nil {
		return err
	}
	invariant.Check(n > 0, "lane: a signer has a record and a count of 0")
	if n == 1 {
		st.Delete(signerKey(signer))
	} else {
		st.Set(signerKey(signer), encodeCount(n-1))
	}
	return nil
}
