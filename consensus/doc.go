// Package consensus wires CometBFT nodes.
package consensus
