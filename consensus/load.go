package consensus

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	cfg "github.com/cometbft/cometbft/config"
	"github.com/pelletier/go-toml/v2"
)

// loadConfig reads a home's config.toml over CometBFT's defaults and validates the result.
// Unknown settings are refused: a misspelt one would silently be its default.
func loadConfig(home string) (*cfg.Config, error) {
	path := filepath.Join(home, "config", "config.toml")
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("consensus: %w", err)
	}
	var tree map[string]any
	if err := toml.Unmarshal(b, &tree); err != nil {
		return nil, fmt.Errorf("consensus: %s: %w", path, err)
	}
	c := cfg.DefaultConfig()
	if err := assign(reflect.ValueOf(c).Elem(), tree); err != nil {
		return nil, fmt.Errorf("consensus: %s: %w", path, err)
	}
	c.SetRoot(home)
	if err := c.ValidateBasic(); err != nil {
		return nil, fmt.Errorf("consensus: %s: %w", path, err)
	}
	return c, nil
}

// assign sets the fields of a configuration struct, which CometBFT names by mapstructure tags.
func assign(dst reflect.Value, tree map[string]any) error {
	fields := map[string]reflect.Value{}
	collect(dst, fields)
	for name, v := range tree {
		f, ok := fields[name]
		if !ok {
			return fmt.Errorf("unknown setting %q", name)
		}
		if err := assignValue(f, v); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func collect(dst reflect.Value, fields map[string]reflect.Value) {
	for i := range dst.NumField() {
		name, opt, _ := strings.Cut(dst.Type().Field(i).Tag.Get("mapstructure"), ",")
		if opt == "squash" {
			collect(dst.Field(i), fields)
		} else if name != "" {
			fields[name] = dst.Field(i)
		}
	}
}

func assignValue(f reflect.Value, v any) error {
	if sub, ok := v.(map[string]any); ok {
		if f.Kind() == reflect.Pointer {
			f = f.Elem()
		}
		if f.Kind() != reflect.Struct {
			return fmt.Errorf("is a %s, not a section", f.Type())
		}
		return assign(f, sub)
	}
	if s, ok := v.(string); ok && f.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(s)
		f.SetInt(int64(d))
		return err
	}
	// CometBFT's own template writes chunk_fetchers between quotes.
	if s, ok := v.(string); ok && f.CanInt() {
		n, err := strconv.ParseInt(s, 10, f.Type().Bits())
		f.SetInt(n)
		return err
	}
	// It writes lists as one string of comma-separated values, too.
	if s, ok := v.(string); ok && f.Type() == reflect.TypeFor[[]string]() {
		if s != "" {
			f.Set(reflect.ValueOf(strings.Split(s, ",")))
		}
		return nil
	}
	if list, ok := v.([]any); ok && f.Kind() == reflect.Slice {
		out := reflect.MakeSlice(f.Type(), len(list), len(list))
		for i, e := range list {
			if err := assignValue(out.Index(i), e); err != nil {
				return err
			}
		}
		f.Set(out)
		return nil
	}
	r := reflect.ValueOf(v)
	_, isString := v.(string)
	if !r.CanConvert(f.Type()) || isString != (f.Kind() == reflect.String) {
		return fmt.Errorf("got %T, want %s", v, f.Type())
	}
	f.Set(r.Convert(f.Type()))
	return nil
}
