package testnet

// CutLifeline does to node i what the end of this process would.
func (n *Network) CutLifeline(i int) error { return n.children[i].lifeline.Close() }
