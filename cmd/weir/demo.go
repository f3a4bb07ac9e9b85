package main

import (
	"time"

	"github.com/spf13/cobra"

	"weir/testnet/demo"
)

func (sh *shell) demoCommand() *cobra.Command {
	var keep bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the whole story on this machine, in under a minute",
		Long: "Runs four validators as processes, loads 20,000 real flight records signed by five\n" +
			"producers, kills a validator meanwhile and watches it catch up, compares the app\n" +
			"hashes, reads three views, and proves an answer that is then checked offline.\n" +
			"Everything is stopped and removed at the end, unless --keep leaves it up.",
		Example: "  weir demo\n  weir demo --keep",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return demo.Run(cmd.Context(), demo.Options{
				Out: sh.out, Keep: keep, Homes: sh.parts.homes,
				Verify: func(evidence, genesis []byte) (*demo.Proven, error) {
					v, err := sh.parts.verify(evidence, verifyOptions{
						genesis: genesis, now: time.Now(),
					})
					if err != nil {
						return nil, err
					}
					return &demo.Proven{Answer: v.Answer, ReliedOn: v.ReliedOn}, nil
				},
			})
		},
	}
	cmd.Flags().BoolVar(&keep, "keep", false, "leave the network up and say how to use it")
	return cmd
}
