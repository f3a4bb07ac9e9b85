// Package testnet runs local networks.
package testnet
