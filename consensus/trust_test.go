package consensus

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/cometbft/cometbft/types"
)

// FuzzTransition reads stored transitions, whatever a disk made of them.
func FuzzTransition(f *testing.F) {
	set, _ := types.RandValidatorSet(2, 10)
	lb := &types.LightBlock{
		SignedHeader: &types.SignedHeader{
			Header: &types.Header{
				ChainID: "t", Height: 7, Time: time.Unix(1, 0).UTC(), ValidatorsHash: set.Hash(),
			},
			Commit: &types.Commit{Height: 7},
		},
		ValidatorSet: set,
	}
	p, err := lb.ToProto()
	if err != nil {
		f.Fatal(err)
	}
	b, err := p.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...), b...))
	f.Add([]byte{0, 0, 0, 1, 0})
	f.Add([]byte{255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		one, err := decodeTransition(b)
		if err == nil && (one.Before == nil || one.First == nil) {
			t.Error("half a transition")
		}
	})
}
