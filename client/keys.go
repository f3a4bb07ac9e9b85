package client

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"weir/client/api"
)

// maxKeyName is the longest name of a key, in bytes.
const maxKeyName = 64

// keyType is the only type of key so far.
const keyType = "ed25519"

// Key is a named Ed25519 key pair.
type Key struct {
	Name    string
	Private ed25519.PrivateKey
}

// Public returns the public half, 32 bytes.
func (k *Key) Public() api.Hex { return api.Hex(k.Private.Public().(ed25519.PublicKey)) }

// GenerateKey makes a new key in memory.
func GenerateKey(name string) (*Key, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return &Key{Name: name, Private: private}, nil
}

// Keys is a folder of keys, one file NAME.json each with mode 0600.
type Keys struct{ dir string }

// HomeKeys returns the keys of a home directory. The folder need not exist yet.
func HomeKeys(home string) Keys { return Keys{filepath.Join(home, "keys")} }

// keyFile is a key's form on disk.
type keyFile struct {
	Type    string  `json:"type"`
	Public  api.Hex `json:"public"`
	Private api.Hex `json:"private"` // the 32 bytes of the seed
}

// Create makes a new key and stores it. It never replaces one.
func (ks Keys) Create(name string) (*Key, error) {
	k, err := GenerateKey(name)
	if err != nil {
		return nil, err
	}
	return k, ks.Save(k)
}

// Save stores a key under its name. It never replaces one.
func (ks Keys) Save(k *Key) error {
	path, err := ks.path(k.Name)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(keyFile{
		Type: keyType, Public: k.Public(), Private: api.Hex(k.Private.Seed()),
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode key %s: %w", k.Name, err)
	}
	if err := os.MkdirAll(ks.dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of keys: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("there is a key %s already", k.Name)
	case err != nil:
		return fmt.Errorf("store key %s: %w", k.Name, err)
	}
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("store key %s: %w", k.Name, err)
	}
	return nil
}

// Load reads the key of that name.
func (ks Keys) Load(name string) (*Key, error) {
	path, err := ks.path(name)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no key %s; weir keys add %s makes one", name, name)
	case err != nil:
		return nil, fmt.Errorf("read key %s: %w", name, err)
	}
	var f keyFile
	if err := json.Unmarshal(text, &f); err != nil {
		// The text of a JSON error may quote the file, so it is left out.
		return nil, fmt.Errorf("the file of key %s is damaged", name)
	}
	if f.Type != keyType || len(f.Private) != ed25519.SeedSize {
		return nil, fmt.Errorf("the file of key %s holds no %s key", name, keyType)
	}
	k := &Key{Name: name, Private: ed25519.NewKeyFromSeed(f.Private)}
	if !slices.Equal(k.Public(), f.Public) {
		return nil, fmt.Errorf("the two halves of key %s do not belong together", name)
	}
	return k, nil
}

// List returns the names of all keys, sorted.
func (ks Keys) List() ([]string, error) {
	entries, err := os.ReadDir(ks.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the keys: %w", err)
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".json"); ok && !e.IsDir() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// path returns the file of a key, after checking that its name is one.
func (ks Keys) path(name string) (string, error) {
	ok := name != "" && len(name) <= maxKeyName && name[0] != '.'
	for _, c := range []byte(name) {
		ok = ok && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			c == '-' || c == '_' || c == '.')
	}
	if !ok {
		return "", fmt.Errorf("%q is not a key's name: 1 to %d letters, digits, '-', '_', '.'",
			name, maxKeyName)
	}
	return filepath.Join(ks.dir, name+".json"), nil
}
