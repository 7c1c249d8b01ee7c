package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"wardlight/client"
	"wardlight/internal/cli"
	"wardlight/internal/config"
	"wardlight/internal/config/wardlight"
	"wardlight/internal/cups"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/control"
	"wardlight/internal/lab/demo"
	"wardlight/internal/receiptfile"
	"wardlight/internal/version"
	"wardlight/tui"
	"wardlight/tui/settings"
)

// demoFlags are the flags of the demo command.
type demoFlags struct {
	options demo.Options
	reader  string
	socket  string
	noTUI   bool
	plain   bool
	json    bool
}

func newDemo(env environment) *cobra.Command {
	var f demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run Wardlight with a made-up hub, smartcard and patients",
		Long: `Run Wardlight with a made-up hub, smartcard and patients.

Everything runs on this computer and ends with the demo; nothing stays behind unless --keep says so.
The screens have the user's own settings of wardlight: screen, keys, idle and clipboard. All else is the demo's.
From another terminal, "wardlight-lab demo insert CARD" and "demo eject" change the card, "demo hub stop" and "demo hub start" the hub.`,
		Args: cli.OneOfTheCommands,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return cli.UsageError{Err: err}
			}
			return runDemo(cmd.Context(), env, f)
		},
	}

	cmd.PersistentFlags().StringVar(&f.socket, "socket", "", "path of the control socket (default: in a private "+
		"folder of the user)")
	flags := cmd.Flags()
	flags.IntVar(&f.options.People, "people", 5000, "number of patients besides the named ones")
	flags.Uint64Var(&f.options.Seed, "seed", 1, "the same seed generates the same patients")
	flags.StringVar(&f.options.Card, "card", "nurse", "the card in the reader at the start; \"\" for none")
	flags.StringVar(&f.options.Folder, "folder", "", "folder for the demo's files (default: a temporary folder)")
	flags.BoolVar(&f.options.KeepFolder, "keep", false, "keep the folder when the demo ends")
	flags.StringVar(&f.reader, "reader", string(demo.InProcess), "where the card is: virtual (inside the demo) or "+
		"pcsc (in this computer's pcscd)")
	flags.StringVar(&f.options.VPCD, "vpcd", demo.DefaultVPCD, "where vpcd listens, with --reader pcsc")
	flags.BoolVar(&f.plain, "plain", false, "use linear mode, for screen readers")
	flags.BoolVar(&f.noTUI, "no-tui", false, "run everything but the terminal program, until interrupted")
	flags.BoolVar(&f.json, "json", false, "with --no-tui: print the paths and addresses as JSON")
	cmd.AddCommand(newInsert(env, &f.socket), newEject(env, &f.socket), newStatus(env, &f.socket),
		newHub(env, &f.socket))
	return cmd
}

func (f *demoFlags) check() error {
	switch f.options.Reader = demo.ReaderKind(f.reader); f.options.Reader {
	case demo.InProcess, demo.RealService:
	default:
		return fmt.Errorf("--reader must be virtual or pcsc, not %q", f.reader)
	}
	if f.options.People < 0 || f.options.People > demo.MaxPeople {
		return fmt.Errorf("--people must be a number from 0 to %d", demo.MaxPeople)
	}
	if f.plain && f.noTUI {
		return fmt.Errorf("--plain cannot be combined with --no-tui, which shows no screens")
	}
	if f.json && !f.noTUI {
		return fmt.Errorf("--json requires --no-tui, because the terminal program uses the whole screen")
	}
	return nil
}

// runDemo starts a demo, shows its screens, and removes its files at the end, also after an error.
func runDemo(ctx context.Context, env environment, f demoFlags) (err error) {
	if !f.noTUI && !env.terminal() {
		return errors.New("the demo needs a terminal; without one, use --no-tui")
	}

	own, err := ownSettings(env, f)
	if err != nil {
		return cli.UsageError{Err: err}
	}

	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	path, err := socketPath(env, f.socket)
	if err != nil {
		return err
	}

	f.options.Clock, f.options.Receipts = env.now, true
	d, err := demo.Start(ctx, f.options)
	if ctx.Err() != nil && err != nil {
		return errors.New("stopped before the demo had started; its files were removed")
	}
	if err != nil {
		return err
	}
	defer func() {
		if e := d.Close(); err == nil {
			err = e
		}
	}()

	server, err := control.Listen(ctx, path, d)
	if err != nil {
		return err
	}
	defer server.Close()

	if f.noTUI {
		return waitWithoutScreens(ctx, env.out, d, f.json)
	}

	watching, unwatch := context.WithCancel(ctx)
	defer unwatch()
	manager, err := d.SessionManager()
	if err != nil {
		return err
	}

	flags, endRecords, err := d.Records(ctx)
	if err != nil {
		return err
	}
	defer endRecords()
	uk, err := time.LoadLocation("Europe/London")
	if err != nil {
		return err
	}

	err = tui.Run(ctx, tui.Config{
		Sessions: manager, Events: d.Events(watching), Clock: env.now, Location: uk, Environ: env.environ,
		Site: demo.Site, DemoHints: demo.Hint(), Version: version.String(),
		Probe: d.Probe, Flags: flags, Printing: cups.New(cups.Config{Environ: env.environ}),
		IdleLock: own.IdleLock, IdleWarn: own.IdleWarn, CopyReceipts: own.Clipboard,
		SaveReceipt: func(r client.Receipt) (string, error) {
			return receiptfile.SaveIn(filepath.Join(d.Folder(), "receipts"), r) // removed with the demo
		},
		Theme: tui.Theme(own.Screen.Theme), ASCII: own.Screen.ASCII, Keys: own.Screen.Keys,
		Plain: own.Screen.Plain, Clear: own.Screen.Clear,
		Worklist: tui.Worklist{Store: d.WorklistStore(), Rate: 240, MaxAnswerAge: time.Hour},
	})

	parting, cancel := context.WithTimeout(context.WithoutCancel(ctx), signOutTimeout)
	defer cancel()
	manager.Wait(parting)
	return err
}

// ownSettings returns the user's settings of wardlight. The demo uses only those of the screens: theme, linear
// mode, keys, idle lock and clipboard.
func ownSettings(env environment, f demoFlags) (*wardlight.Config, error) {
	if f.noTUI {
		return nil, nil //nolint:nilnil // the demo has no screens
	}
	given := map[string]string{}
	if f.plain {
		given["plain"] = "on"
	}
	return settings.Load(config.Sources{
		Machine: settings.Machine(), Files: []string{settings.User()}, Environ: env.environ, Flags: given,
	})
}

// signOutTimeout is the timeout for revoking the session at the hub, which ends with the demo anyway.
const signOutTimeout = 2 * time.Second

// waitWithoutScreens prints where everything is and waits until it is interrupted.
func waitWithoutScreens(ctx context.Context, out io.Writer, d *demo.Demo, asJSON bool) error {
	print := printStatus
	if asJSON {
		print = func(out io.Writer, s control.Status) error { return cli.PrintJSON(out, s) }
	}
	if err := print(out, d.Status()); err != nil {
		return err
	}
	if !asJSON {
		fmt.Fprintln(out, "Ctrl-C ends it.")
	}
	<-ctx.Done()
	return nil
}

// socketPath returns the given path, or the default one of the user.
func socketPath(env environment, given string) (string, error) {
	if given != "" {
		return given, nil
	}
	return control.Path(env.getenv)
}

func newInsert(env environment, socket *string) *cobra.Command {
	return &cobra.Command{
		Use:       "insert CARD",
		Short:     "Insert a card into the running demo: " + strings.Join(cards.Names(), ", "),
		Args:      cli.Exactly(1),
		ValidArgs: cards.Names(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := cards.Find(args[0]); err != nil {
				return err
			}
			path, err := socketPath(env, *socket)
			if err != nil {
				return err
			}
			s, err := control.Insert(cmd.Context(), path, args[0])
			if err == nil {
				_, err = fmt.Fprintf(env.out, "%s is in, %s left; the passcode is %s.\n", s.Card, tries(s.TriesLeft),
					s.Passcode)
			}
			return err
		},
	}
}

func newEject(env environment, socket *string) *cobra.Command {
	return &cobra.Command{
		Use:   "eject",
		Short: "Pull the card out of the running demo",
		Args:  cli.Exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := socketPath(env, *socket)
			if err != nil {
				return err
			}
			if _, err = control.Eject(cmd.Context(), path); err == nil {
				_, err = fmt.Fprintln(env.out, "The reader is empty.")
			}
			return err
		},
	}
}

func newStatus(env environment, socket *string) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the state of the running demo",
		Args:  cli.Exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := socketPath(env, *socket)
			if err != nil {
				return err
			}
			s, err := control.GetStatus(cmd.Context(), path)
			if err != nil {
				return err
			}
			if asJSON {
				return cli.PrintJSON(env.out, s)
			}
			return printStatus(env.out, s)
		},
	}

	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printStatus(out io.Writer, s control.Status) error {
	card := "none; put one in: wardlight-lab demo insert CARD"
	if s.Card != "" {
		card = fmt.Sprintf("%s, %s left, passcode %s", s.Card, tries(s.TriesLeft), s.Passcode)
	}
	hub := s.Hub
	if !s.HubRuns {
		hub += " (stopped)"
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "hub\t%s\n", hub)
	fmt.Fprintf(t, "use it\twardlight --config %s\n", s.Config)
	fmt.Fprintf(t, "reader\t%s\n", s.Reader)
	fmt.Fprintf(t, "card\t%s\n", card)
	fmt.Fprintf(t, "patients\t%d\n", s.People)
	fmt.Fprintf(t, "notifications\t%d received by the local authorities\n", s.Notifications)
	fmt.Fprintf(t, "log\t%s\n", s.Log)
	return t.Flush()
}

// tries returns a number of tries in words.
func tries(n int) string {
	if n == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", n)
}
