package leaf

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"testing"
)

var rewrite = flag.Bool("vectors", false, "write docs/spec/vectors/log-leaf.json anew")

// vector is one leaf in words and in bytes, for implementations in other languages.
type vector struct {
	Name string `json:"name"`
	Leaf Leaf   `json:"leaf"`
	Hex  string `json:"hex"`
}

// TestVectors checks the committed vectors in both directions.
func TestVectors(t *testing.T) {
	const file = "../../docs/spec/vectors/log-leaf.json"
	full := Leaf{
		Relation: 1024, Schema: 1, Role: "airline", Writer: "w1", Height: 7, Tx: 2, Op: 1,
		TimeMicros: 1_700_000_000_000_000, FirstOffset: 300, Rows: 10,
		StreamMark: 978_303_600_000_000, ProducerMark: 978_307_200_000_000,
		Late: Bitmap{0x81, 0x02}, Rejected: Bitmap{0x04, 0},
	}
	for i := range full.HeaderHash {
		full.HeaderHash[i], full.PayloadHash[i] = byte(i), byte(255-i)
		full.Signature[i], full.Signature[32+i] = byte(2*i), byte(2*i+1)
	}
	closing := Leaf{
		Relation: 1024, Schema: 1, Role: "airline", Writer: "w1", Height: 8,
		StreamMark: NoWatermark, ProducerMark: NoWatermark,
	}
	several := full
	several.More = []Marks{{NoWatermark, 978_307_200_000_000}, {-1, 0}}
	if *rewrite {
		out, err := json.MarshalIndent([]vector{
			{"late and rejected rows", full, hex.EncodeToString(full.Append(nil))},
			{"a close without rows", closing, hex.EncodeToString(closing.Append(nil))},
			{"three watermarks", several, hex.EncodeToString(several.Append(nil))},
		}, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(out, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(text, &vectors); err != nil || len(vectors) != 3 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for _, v := range vectors {
		want, err := hex.DecodeString(v.Hex)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.Leaf.Append(nil); !bytes.Equal(got, want) {
			t.Errorf("%s: %x, want %x", v.Name, got, want)
		}
		if l, err := Decode(want); err != nil || !bytes.Equal(l.Append(nil), want) {
			t.Errorf("%s does not decode: %v", v.Name, err)
		}
	}
}
