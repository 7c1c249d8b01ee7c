package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"wardlight/internal/cli"
	"wardlight/internal/lab/control"
)

func newHub(env environment, socket *string) *cobra.Command {
	cmd := &cobra.Command{
		Use: "hub", Short: "Stop the running demo's hub, or start it again", Args: cli.OneOfTheCommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	add := func(name, short, done string, runs bool) {
		cmd.AddCommand(&cobra.Command{
			Use: name, Short: short, Args: cli.Exactly(0),
			RunE: func(cmd *cobra.Command, _ []string) error {
				return setHub(cmd.Context(), env, *socket, runs, done)
			},
		})
	}
	add("stop", "Stop the hub, to simulate a failure: alert checks then fail with \"could not check\"",
		"The hub is down.", false)
	add("start", "Start the hub again with its data", "The hub is up.", true)
	return cmd
}

func setHub(ctx context.Context, env environment, socket string, runs bool, done string) error {
	path, err := socketPath(env, socket)
	if err != nil {
		return err
	}
	if _, err := control.Hub(ctx, path, runs); err != nil {
		return err
	}
	_, err = fmt.Fprintln(env.out, done)
	return err
}
