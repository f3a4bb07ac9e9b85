package testnet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"weir/client"
	"weir/client/api"
)

const (
	// stopWait is how long a node may take to stop before it is killed.
	stopWait = 10 * time.Second
	pollEach = 20 * time.Millisecond
	// logTail is how much of a log explains a node that died.
	logTail = 2000
)

// child is a process that this process started.
type child struct {
	lifeline io.Closer     // its standard input; nil if it is detached
	gone     chan struct{} // closed once it has ended and was reaped
}

// Start starts node i and returns without waiting for it to answer. An attached node ends when
// this process does; a detached one lives on.
func (n *Network) Start(i int, attached bool) error {
	node, err := n.Node(i)
	if err != nil {
		return err
	}
	if n.Running(i) {
		return fmt.Errorf("node %d runs already, as process %d", i, node.PID)
	}
	log, err := os.OpenFile(node.Log(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the log of node %d: %w", i, err)
	}
	defer log.Close()
	args := []string{"start", "--home", node.Home}
	if attached {
		args = append(args, "--stop-at-eof")
	}
	cmd := exec.Command(n.executable(), args...)
	cmd.Stdout, cmd.Stderr = log, log
	c := &child{gone: make(chan struct{})}
	if attached {
		if c.lifeline, err = cmd.StdinPipe(); err != nil {
			return fmt.Errorf("start node %d: %w", i, err)
		}
	}
	// In a group of its own, Ctrl-C reaches only this process, which then stops nodes in order.
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start node %d: %w", i, err)
	}
	go func() {
		_ = cmd.Wait() // how it ended stands in its log
		close(c.gone)
	}()
	n.children[i] = c
	node.PID, node.Paused = cmd.Process.Pid, false
	return n.save()
}

// Running reports whether node i's process is there (it may be paused).
func (n *Network) Running(i int) bool {
	if c := n.children[i]; c != nil {
		select {
		case <-c.gone:
			return false
		default:
			return true
		}
	}
	node := n.Nodes[i]
	return node.PID != 0 && alive(node.PID) && ours(node.PID, node.Home)
}

// ours reports whether a process is the node of that home, rather than another that was given
// the same id later. Where the system does not tell, it is taken to be.
func ours(pid int, home string) bool {
	line, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(pid), "cmdline"))
	return err != nil || bytes.Contains(append(line, 0), append([]byte(home), 0))
}

// Kill ends node i at once, as a crash would.
func (n *Network) Kill(i int) error {
	if err := n.signal(i, signalKill); err != nil {
		return err
	}
	return n.awaitEnd(i, stopWait)
}

// Pause stops node i's process from running, as an overloaded or sleeping machine would.
func (n *Network) Pause(i int) error {
	if err := n.signal(i, signalPause); err != nil {
		return err
	}
	n.Nodes[i].Paused = true
	return n.save()
}

// Resume lets a paused node run on.
func (n *Network) Resume(i int) error {
	if err := n.signal(i, signalResume); err != nil {
		return err
	}
	n.Nodes[i].Paused = false
	return n.save()
}

// Stop asks node i to end, and kills it if it does not.
func (n *Network) Stop(i int) error {
	if !n.Running(i) {
		return n.ended(i)
	}
	if n.Nodes[i].Paused {
		if err := n.Resume(i); err != nil {
			return err
		}
	}
	if err := n.signal(i, signalStop); err != nil {
		return err
	}
	if n.awaitEnd(i, stopWait) == nil {
		return nil
	}
	return n.Kill(i)
}

// Restart stops node i if it runs and starts it again.
func (n *Network) Restart(i int, attached bool) error {
	if _, err := n.Node(i); err != nil {
		return err
	}
	if err := n.Stop(i); err != nil {
		return err
	}
	return n.Start(i, attached)
}

// Down stops every node. It asks all of them before it waits for any.
func (n *Network) Down() error {
	var all error
	for i, node := range n.Nodes {
		if !n.Running(i) {
			continue
		}
		if node.Paused {
			all = errors.Join(all, n.Resume(i))
		}
		all = errors.Join(all, n.signal(i, signalStop))
	}
	for i := range n.Nodes {
		if n.Running(i) && n.awaitEnd(i, stopWait) != nil {
			all = errors.Join(all, n.Kill(i))
			continue
		}
		all = errors.Join(all, n.ended(i))
	}
	return all
}

// Remove deletes the network's directory. No node may run.
func (n *Network) Remove() error {
	for i := range n.Nodes {
		if n.Running(i) {
			return fmt.Errorf("node %d still runs", i)
		}
	}
	if err := os.RemoveAll(n.Dir); err != nil {
		return fmt.Errorf("remove the network: %w", err)
	}
	return nil
}

// signal sends one of the signals to a running node.
func (n *Network) signal(i int, s signal) error {
	node, err := n.Node(i)
	if err != nil {
		return err
	}
	if !n.Running(i) {
		return fmt.Errorf("node %d does not run", i)
	}
	if err := s.send(node.PID); err != nil {
		return fmt.Errorf("signal node %d: %w", i, err)
	}
	return nil
}

// awaitEnd waits until node i's process is gone.
func (n *Network) awaitEnd(i int, limit time.Duration) error {
	for end := time.Now().Add(limit); n.Running(i); time.Sleep(pollEach) {
		if time.Now().After(end) {
			return fmt.Errorf("node %d has not ended within %v", i, limit)
		}
	}
	return n.ended(i)
}

// ended notes that node i's process is gone.
func (n *Network) ended(i int) error {
	if c := n.children[i]; c != nil {
		if c.lifeline != nil {
			_ = c.lifeline.Close() // the other end is gone
		}
		delete(n.children, i)
	}
	n.Nodes[i].PID, n.Nodes[i].Paused = 0, false
	return n.save()
}

// WaitReady waits until node i answers and is not catching up, and returns its status. If the
// node ends before that, the error shows the end of its log.
func (n *Network) WaitReady(ctx context.Context, i int) (*api.Status, error) {
	return n.WaitFor(ctx, i, func(st *api.Status) bool { return !st.CatchingUp })
}

// WaitFor waits until node i answers with a status that will do.
func (n *Network) WaitFor(
	ctx context.Context, i int, will func(*api.Status) bool,
) (*api.Status, error) {
	node, err := n.Node(i)
	if err != nil {
		return nil, err
	}
	c, err := client.New(node.HTTP())
	if err != nil {
		return nil, err
	}
	defer c.Close()
	for {
		st, err := c.Status(ctx)
		if err == nil && will(st) {
			return st, nil
		}
		if !n.Running(i) {
			return nil, fmt.Errorf("node %d has ended; its log ends with:\n%s", i, n.tail(i))
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("node %d is not ready: %w", i, errors.Join(ctx.Err(), err))
		case <-time.After(pollEach):
		}
	}
}

// tail returns the end of a node's log.
func (n *Network) tail(i int) string {
	text, err := os.ReadFile(n.Nodes[i].Log())
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-logTail):])
}
