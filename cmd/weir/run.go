package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"weir/client"
	"weir/node"
	"weir/node/config"
	"weir/testnet"
)

// runNode runs the node of a home as its weir.toml says.
func runNode(ctx context.Context, home string) error {
	c, err := config.Load(home)
	if err != nil {
		return err
	}
	key, err := client.HomeKeys(home).Load(testnet.GatewayKey)
	if err != nil {
		return fmt.Errorf("the gateway's key: %w", err)
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	return node.Run(ctx, node.Options{
		Home: home, Name: c.Name, Gateway: key.Private,
		PG: c.Listen.PG, HTTP: c.Listen.HTTP, Limits: c.PG, Ledger: c.Ledger,
		Log: log,
	})
}
