package bench

import (
	"net/http/httptest"
	"testing"
	"time"

	"weir/client"
	"weir/client/api"
	"weir/node/httpapi"
	"weir/testnet/memnet"
)

// The phases run against a network in memory and give their figures.
func TestNetwork(t *testing.T) {
	chain, err := memnet.New(api.Relation{
		ID: 1024, Kind: "stream", Version: 1,
		Columns: []api.RelationColumn{
			{Name: "id", Type: "bigint"},
			{Name: "place", Type: "text"},
			{Name: "amount", Type: "integer"},
			{Name: "at", Type: "timestamp without time zone"},
		},
	}, memnet.DefaultRoom)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(httpapi.New(chain, httpapi.Options{}))
	defer srv.Close()
	key, err := client.GenerateKey("bench")
	if err != nil {
		t.Fatal(err)
	}
	figures, err := Network(t.Context(), Config{
		Nodes: []string{srv.URL}, Key: key, Role: "weir", Phase: MinPhase, Writers: 2, Batch: 10,
	})
	if err != nil || len(figures) != 5 {
		t.Fatal(figures, err)
	}
	var sent float64
	for _, w := range []string{"bench-0", "bench-1"} {
		sent += float64(len(chain.LaneOf("weir", w).Rows))
	}
	for _, f := range figures {
		t.Logf("%s: %.1f %s", f.Name, f.Value, f.Unit)
		if f.Name == "throughput" && (f.Value <= 0 || f.Value > sent/MinPhase.Seconds()) {
			t.Errorf("%.0f events/s, but %.0f rows are in", f.Value, sent)
		}
		if f.Name == "commit latency p50" && f.Value <= 0 {
			t.Errorf("latency of %f ms", f.Value)
		}
	}
	if len(chain.LaneOf("weir", "bench-latency").Rows) == 0 {
		t.Error("the latency phase wrote nothing")
	}
}

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
		{hundred, 0.5, 50},
		{hundred, 0.99, 99},
		{hundred, 1, 100},
		{hundred[:1], 0.99, 1},
		{hundred[:2], 0.5, 1},
		{nil, 0.5, 0},
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
