package ledger

import (
	"testing"

	"weir/ledger/store"
)

// TestOpenOnDiskWithHalfACheckpoint: a store on disk in which a crash left pages of a checkpoint
// without a record opens, and they are gone. Its Scan does not return what stops it as it is.
func TestOpenOnDiskWithHalfACheckpoint(t *testing.T) {
	kv, err := store.OpenPebble("l", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer kv.Close()
	for _, e := range entries(t, fsckWorld(t)) {
		set(t, kv, e.key, e.value)
	}
	set(t, kv, heightKey(classPage, 13), []byte("half"))
	if l := open(t, kv); l.Durable() != 12 {
		t.Fatal(l.Durable())
	}
	if _, ok, err := kv.Get(heightKey(classPage, 13)); ok || err != nil {
		t.Fatal(ok, err)
	}
}
