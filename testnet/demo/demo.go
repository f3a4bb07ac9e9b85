package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"weir/client"
	"weir/client/api"
	"weir/testnet"
)

const (
	validators = 4
	producers  = 5
	batchRows  = 100
	// victim is the validator that is killed. One of four is less than a third.
	victim = 3
	// producerRole is the role of all producers.
	producerRole = "airports"

	readyWait   = 30 * time.Second
	catchUpWait = 60 * time.Second
)

// Proven is what a verifier found in an evidence file.
type Proven struct {
	Answer   api.Result
	ReliedOn []string // sentences
}

// Options say how to run the demo.
type Options struct {
	Out   io.Writer
	Keep  bool // leave the network up
	Homes testnet.HomesFunc
	// Verify checks evidence against the bytes of a trusted genesis file, offline.
	Verify func(evidence, genesis []byte) (*Proven, error)
}

// Run tells the whole story and returns at the first thing that is not as it should be.
func Run(ctx context.Context, o Options) (err error) {
	dir, err := os.MkdirTemp("", "weir-demo-")
	if err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	d := &story{Options: o, dir: filepath.Join(dir, "network"), began: time.Now()}
	defer func() {
		if err == nil && o.Keep {
			d.sayConnect()
			return
		}
		err = errors.Join(err, d.cleanUp(dir))
	}()
	for _, step := range []struct {
		title string
		do    func(context.Context) error
	}{
		{"Four organisations start a validator each", d.startNetwork},
		{"A stream, five producers, three views", d.declare},
		{"Five producers sign 20,000 flight records; a validator crashes meanwhile", d.loadFlights},
		{"The crashed validator catches up", d.catchUp},
		{"All validators hold the same state", d.compareHashes},
		{"The views answer", d.readViews},
		{"An answer is proven, and checked without any server", d.prove},
	} {
		if err := d.step(ctx, step.title, step.do); err != nil {
			return err
		}
	}
	d.say("\nDone in %.1f s.\n", time.Since(d.began).Seconds())
	return nil
}

// story is one run of the demo.
type story struct {
	Options
	dir    string
	began  time.Time
	steps  int
	net    *testnet.Network
	keys   []*client.Key // of the producers
	client *client.Client
}

func (d *story) say(format string, args ...any) { fmt.Fprintf(d.Out, format, args...) }

// step runs one step under its heading and tells how long it took.
func (d *story) step(ctx context.Context, title string, do func(context.Context) error) error {
	d.steps++
	d.say("\n%d. %s\n", d.steps, title)
	start := time.Now()
	if err := do(ctx); err != nil {
		return fmt.Errorf("step %d (%s): %w", d.steps, title, err)
	}
	d.say("   (%.1f s)\n", time.Since(start).Seconds())
	return nil
}

// writer names producer p.
func writer(p int) string { return fmt.Sprintf("p%d", p) }

// startNetwork makes the network and starts its processes.
func (d *story) startNetwork(ctx context.Context) error {
	var members []testnet.Member
	for p := range producers {
		k, err := client.GenerateKey(writer(p))
		if err != nil {
			return err
		}
		d.keys = append(d.keys, k)
		members = append(members, testnet.Member{
			Role: producerRole, Key: k, Writers: []string{writer(p)},
		})
	}
	ports, err := testnet.FreePorts(validators)
	if err != nil {
		return err
	}
	if d.net, err = testnet.Create(testnet.Options{
		Dir: d.dir, ChainID: "weir-demo", Nodes: validators, Ports: ports,
		Members: members, Homes: d.Homes,
	}); err != nil {
		return err
	}
	if d.client, err = client.New(d.net.URLs()...); err != nil {
		return err
	}
	for i := range d.net.Nodes {
		if err := d.net.Start(i, !d.Keep); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	for i, n := range d.net.Nodes {
		st, err := d.net.WaitFor(ctx, i, func(st *api.Status) bool {
			return !st.CatchingUp && st.Height > 0
		})
		if err != nil {
			return err
		}
		d.say("   validator %d: process %d, block %d, key %.16s\n", i, n.PID, st.Height, st.Validator)
	}
	return nil
}

// cleanUp stops what was started and removes what was written.
func (d *story) cleanUp(dir string) error {
	var err error
	if d.client != nil {
		d.client.Close()
	}
	if d.net != nil {
		err = d.net.Down()
	}
	return errors.Join(err, os.RemoveAll(dir))
}

// sayConnect tells how to go on with a network that was kept.
func (d *story) sayConnect() {
	n := d.net.Nodes[0]
	d.say("\nThe network is up. Go on with:\n"+
		"  psql -h 127.0.0.1 -p %d -U weir weir\n"+
		"  weir sql --home %s --node %s -c \"%s\"\n"+
		"  weir testnet status --dir %s\n"+
		"  weir testnet down --dir %s --remove\n",
		n.Ports.PG, d.dir, n.HTTP(), worstAirports, d.dir, d.dir)
}
