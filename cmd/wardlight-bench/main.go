// Command wardlight-bench runs benchmarks of sign-ins, screens, searches and the hub, some compared with other
// programs. It is for maintainers and is neither released nor packaged.
package main

import (
	"context"
	"io"
	"os"
	"time"

	"wardlight/internal/cli"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], environment{out: os.Stdout, err: os.Stderr, now: time.Now}))
}

// environment contains the external inputs and outputs of the commands.
type environment struct {
	out, err io.Writer
	now      func() time.Time
}

func run(ctx context.Context, args []string, env environment) int {
	return cli.Execute(ctx, newRoot(env), args, env.err)
}

func newRoot(env environment) *cobra.Command {
	root := cli.Root(&cobra.Command{
		Use:   "wardlight-bench",
		Short: "Measure Wardlight, and compare it with other programs that do the same",
	}, env.out, env.err)
	root.AddCommand(newCard(env), newSign(env), newTrace(env), newHub(env), newGrowth(env), newTUI(env))
	return root
}
