package client_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/client"
)

func TestKeys(t *testing.T) {
	home := t.TempDir()
	ks := client.HomeKeys(home)
	if names, err := ks.List(); err != nil || len(names) != 0 {
		t.Error("an empty home:", names, err)
	}
	made, err := ks.Create("b")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ks.Create("a"); err != nil {
		t.Fatal(err)
	}
	if _, err := ks.Create("b"); err == nil {
		t.Error("a key is replaced")
	}
	got, err := ks.Load("b")
	if err != nil || !got.Private.Equal(made.Private) || len(got.Public()) != 32 {
		t.Errorf("load: %v", err)
	}
	if names, err := ks.List(); err != nil || !slices.Equal(names, []string{"a", "b"}) {
		t.Error("list:", names, err)
	}
	path := filepath.Join(home, "keys", "b.json")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
	if _, err := ks.Load("c"); err == nil || !strings.Contains(err.Error(), "weir keys add c") {
		t.Errorf("a key that is not there: %v", err)
	}
	// A private half that does not fit the public one is found, and no text of it is told.
	other, err := client.GenerateKey("x")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mixed := strings.Replace(string(text), made.Public().String(), other.Public().String(), 1)
	for _, damaged := range []string{mixed, "{", `{"type":"rsa"}`} {
		if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ks.Load("b"); err == nil {
			t.Errorf("%q is taken for a key", damaged)
		}
	}
}

func TestKeyNames(t *testing.T) {
	ks := client.HomeKeys(t.TempDir())
	for name, ok := range map[string]bool{
		"": false, ".": false, "../x": false, "a/b": false, "a b": false, ".hidden": false,
		"a-B_3.x": true, strings.Repeat("n", 64): true, strings.Repeat("n", 65): false,
	} {
		if _, err := ks.Create(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}
