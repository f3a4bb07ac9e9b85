package config

import (
	"fmt"
	"time"
)

// PG bounds what clients of the PostgreSQL wire can make this node hold.
type PG struct {
	Connections    int      `toml:"connections"`
	MessageBytes   int      `toml:"message_bytes"`
	Statements     int      `toml:"statements"` // per session
	Portals        int      `toml:"portals"`    // per session
	StartupTimeout Duration `toml:"startup_timeout"`
	MessageTimeout Duration `toml:"message_timeout"`
	IdleTimeout    Duration `toml:"idle_timeout"` // 0: none
	WriteTimeout   Duration `toml:"write_timeout"`
}

// Bounds of the settings of PG.
const (
	MaxConnections  = 10_000
	MinMessageBytes = 1 << 10
	MaxMessageBytes = 64 << 20
	MaxPerSession   = 100_000
	MaxTimeout      = Duration(24 * time.Hour)
)

// DefaultPG are the limits of a node that says nothing about them.
func DefaultPG() PG {
	return PG{
		Connections: 100, MessageBytes: 1 << 20, Statements: 1000, Portals: 1000,
		StartupTimeout: Duration(10 * time.Second), MessageTimeout: Duration(time.Minute),
		WriteTimeout: Duration(5 * time.Minute),
	}
}

func (p *PG) check() error {
	for _, x := range []struct {
		name         string
		v, low, high int64
	}{
		{"connections", int64(p.Connections), 1, MaxConnections},
		{"message_bytes", int64(p.MessageBytes), MinMessageBytes, MaxMessageBytes},
		{"statements", int64(p.Statements), 1, MaxPerSession},
		{"portals", int64(p.Portals), 1, MaxPerSession},
	} {
		if x.v < x.low || x.v > x.high {
			return fmt.Errorf("pg.%s is %d, not %d to %d", x.name, x.v, x.low, x.high)
		}
	}
	for _, x := range []struct {
		name   string
		v, low Duration
	}{
		{"startup_timeout", p.StartupTimeout, 1},
		{"message_timeout", p.MessageTimeout, 1},
		{"idle_timeout", p.IdleTimeout, 0},
		{"write_timeout", p.WriteTimeout, 1},
	} {
		if x.v < x.low || x.v > MaxTimeout {
			return fmt.Errorf("pg.%s is %v, not more than 0 and at most %v", x.name,
				time.Duration(x.v), time.Duration(MaxTimeout))
		}
	}
	return nil
}

// Duration is a time.Duration that is written as "1m30s".
type Duration time.Duration

// UnmarshalText reads what time.ParseDuration reads.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	*d = Duration(v)
	return err
}

// MarshalText writes what UnmarshalText reads.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }
