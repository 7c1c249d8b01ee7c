package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"wardlight/cardreader/pcsc"
	"wardlight/cardreader/virtual"
	"wardlight/internal/cli"
	"wardlight/internal/lab/cardfolder"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/pcscd"
	"wardlight/internal/text"
)

// Timeouts of running a command with a card.
const (
	cardNoticedTimeout = time.Minute
	commandStopTimeout = 10 * time.Second
)

// cardFlags are the flags of the card command.
type cardFlags struct {
	from      string
	t0, short bool
}

func newCard(env environment) *cobra.Command {
	var f cardFlags
	cmd := &cobra.Command{
		Use:   "card --from FOLDER [--t0] [--short] -- COMMAND [ARGUMENT...]",
		Short: "Run a command with a virtual card made from files, and print the commands that the card received",
		Long: `Run a command with a virtual card made from files, and print the commands that the card received.

FOLDER has certificates, keys and raw PIV objects: those of a card that support rebuilds, or of a public test card.
` + "9A.crt and 9A.key, or 9A.p12 with an empty password, are the key that signs in; 5FC105, 7E or \"CHUID Object\" are data objects;\n" +
			`ATR is the answer to reset in hex. docs/smartcards.md describes every file. A card without a key is read and cannot sign.

The card is in a reader of its own, in a private smartcard service that ends with COMMAND. Its passcode is ` + cards.Passcode + `, with 3 tries,
and COMMAND can read it from file descriptor 3:

    wardlight-lab card --from saved-card -- wardlight card test --passcode-fd 3

What the card was asked is written to standard error when COMMAND has ended; the passcode is not in it. The exit code is that
of COMMAND. It runs on Linux, and needs pcscd and vsmartcard-vpcd.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if cmd.ArgsLenAtDash() != 0 || len(args) == 0 || f.from == "" {
				return cli.UsageError{Err: fmt.Errorf("usage: %s", cmd.UseLine())}
			}
			return nil
		},
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runCard(cmd.Context(), env, f, args)
		},
	}

	cmd.Flags().StringVar(&f.from, "from", "", "make the card from the files in `FOLDER`")
	cmd.Flags().BoolVar(&f.t0, "t0", false, "use protocol T=0: the card's responses are read with GET RESPONSE")
	cmd.Flags().BoolVar(&f.short, "short", false, "the card refuses commands of extended length")
	return cmd
}

// runCard makes a card from the files in the folder, inserts it, and runs the command.
func runCard(ctx context.Context, env environment, f cardFlags, command []string) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	var questions commandLog
	card, err := cardFrom(env, f, &questions)
	if err != nil {
		return cli.UsageError{Err: err}
	}

	program, err := exec.LookPath(command[0])
	if err != nil {
		return cli.UsageError{Err: err}
	}

	folder, err := os.MkdirTemp("", "wl") // a short name, because it is part of a socket's path
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	service, err := pcscd.Start(ctx, folder)
	if err != nil {
		return err
	}
	defer service.Stop()
	plugged, err := service.Plug(ctx, 0, card)
	if err != nil {
		return err
	}
	defer plugged.Pull()
	if err := awaitCard(ctx, service); err != nil {
		return err
	}

	code, err := runWithCard(ctx, env, service, program, command)
	if err != nil {
		return err
	}

	plugged.Pull() // no more commands are recorded afterwards
	if err := questions.print(env.err); err != nil {
		return err
	}

	return cli.Exit(code)
}

// cardFrom makes the card, and prints the names of files that are not part of one.
func cardFrom(env environment, f cardFlags, questions *commandLog) (*virtual.Card, error) {
	contents, err := cardfolder.Read(f.from)
	if err != nil {
		return nil, err
	}

	config := contents.Config
	config.Passcode, config.Tries, config.After = []byte(cards.Passcode), cards.Tries, questions.add
	if f.t0 && config.Quirks&virtual.OverT0 == 0 {
		config.Quirks |= virtual.OverT0
		config.ATR = nil // the ATR offers T=1
	}

	if f.short {
		config.Quirks |= virtual.RefusesExtended
	}

	for _, name := range contents.Unused {
		fmt.Fprintf(env.err, "not used: %s\n", text.Clean(name, 0))
	}

	card, err := virtual.New(config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.from, err)
	}

	return card, nil
}

// awaitCard waits until pcscd reports the card, which takes up to 0.4 s. Commands don't wait for a card themselves.
func awaitCard(ctx context.Context, service *pcscd.Daemon) error {
	// libpcsclite reads the socket's path only from this variable, and only once. This program uses no other service.
	if err := os.Setenv(serviceVariable, service.Socket()); err != nil {
		return err
	}
	sys := pcsc.New()
	defer func() { _ = sys.Close() }()
	ctx, cancel := context.WithTimeout(ctx, cardNoticedTimeout)
	defer cancel()
	readers, err := sys.Wait(ctx, nil, cardNoticedTimeout)
	for err == nil && ctx.Err() == nil {
		for _, r := range readers {
			if r.Present && len(r.ATR) > 0 || r.Mute {
				return nil
			}
		}
		readers, err = sys.Wait(ctx, readers, cardNoticedTimeout)
	}
	return fmt.Errorf("the smartcard service does not detect the card: %w: %s", errors.Join(err, ctx.Err()),
		service.Log())
}

// serviceVariable is the environment variable with the path of the smartcard service's socket.
const serviceVariable = "PCSCLITE_CSOCK_NAME"

// runWithCard runs the command and returns its exit code.
func runWithCard(ctx context.Context, env environment, service *pcscd.Daemon, program string,
	command []string,
) (int, error) {
	passcode, w, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer func() { _ = passcode.Close() }()
	_, err = w.WriteString(cards.Passcode + "\n")
	if err = errors.Join(err, w.Close()); err != nil {
		return 0, err
	}

	cmd := exec.CommandContext(ctx, program, command[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = commandStopTimeout
	cmd.Stdin, cmd.Stdout, cmd.Stderr = env.in, env.out, env.err
	cmd.ExtraFiles = []*os.File{passcode} // file descriptor 3
	for _, variable := range env.environ {
		if !strings.HasPrefix(variable, serviceVariable+"=") {
			cmd.Env = append(cmd.Env, variable)
		}
	}

	cmd.Env = append(cmd.Env, serviceVariable+"="+service.Socket())
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return exit.ExitCode(), nil
	case errors.As(err, &exit):
		return cli.ExitFailed, nil // ended by a signal
	}

	return 0, err
}
