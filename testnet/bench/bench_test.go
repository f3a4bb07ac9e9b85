package bench

import (
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	for _, c := range []struct {
		of   []time.Duration
		q    float64
		want time.Duration
	}{
		{hundred, 0.5, 50}, {hundred, 0.99, 99}, {hundred, 1, 100}, {hundred[:1], 0.99, 1},
		{hundred[:2], 0.5, 1}, {nil, 0.5, 0},
	} {
		if got := quantile(c.of, c.q); got != c.want {
			t.Errorf("%v of %d: got %d, want %d", c.q, len(c.of), got, c.want)
		}
	}
}

func TestConfigLimits(t *testing.T) {
	good := Config{Phase: time.Second, Writers: 1, Batch: 1}
	for _, c := range []struct {
		name string
		edit func(*Config)
		ok   bool
	}{
		{"good", func(*Config) {}, true},
		{"MinPhase", func(c *Config) { c.Phase = MinPhase }, true},
		{"MinPhase-1", func(c *Config) { c.Phase = MinPhase - 1 }, false},
		{"MaxPhase", func(c *Config) { c.Phase = MaxPhase }, true},
		{"MaxPhase+1", func(c *Config) { c.Phase = MaxPhase + 1 }, false},
		{"no writer", func(c *Config) { c.Writers = 0 }, false},
		{"MaxWriters", func(c *Config) { c.Writers = MaxWriters }, true},
		{"MaxWriters+1", func(c *Config) { c.Writers = MaxWriters + 1 }, false},
		{"MaxBatchRows", func(c *Config) { c.Batch = 8192 }, true},
		{"MaxBatchRows+1", func(c *Config) { c.Batch = 8193 }, false},
	} {
		cfg := good
		c.edit(&cfg)
		if err := cfg.Check(); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
