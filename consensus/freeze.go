package consensus

import "fmt"

// Hold makes every write to CometBFT's blocks, its state and the transitions wait until release
// is called, once; reading goes on. It waits for the writes that are under way. What the stores
// hold then is what a crash would leave.
func (n *Node) Hold() (release func()) {
	for _, name := range storeNames {
		n.copied[name].writes.Lock()
	}
	return func() {
		for _, name := range storeNames {
			n.copied[name].writes.Unlock()
		}
	}
}

// CopyStores returns what makes copies of the stores in a data folder, one function per store, so
// that they can run side by side. OpenStores opens the copies as it does those of a stopped node.
func (n *Node) CopyStores(data string) []func() error {
	var all []func() error
	for _, name := range storeNames {
		all = append(all, func() error { return n.copied[name].copyTo(name, data) })
	}
	return all
}

// StateHeight is the height of CometBFT's state: that of the last committed block, or of the one
// before until CometBFT has saved it.
func (n *Node) StateHeight() (int64, error) {
	st, err := n.states.Load()
	if err != nil {
		return 0, fmt.Errorf("consensus: state: %w", err)
	}
	return st.LastBlockHeight, nil
}
