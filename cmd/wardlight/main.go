// Command wardlight shows child protection alerts. Without arguments it starts the terminal user interface; its
// subcommands offer the same functions to scripts.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // some terminals have no time zone database

	"github.com/spf13/cobra"

	"wardlight/internal/version"
)

func main() {
	// With these variables set Bubble Tea would write every key typed, including the passcode, to a file.
	_ = os.Unsetenv("TEA_TRACE")
	_ = os.Unsetenv("TEA_DEBUG")
	// net/http writes what a proxy sends unasked to the standard logger: on the screen, and it may be about a patient.
	log.SetOutput(io.Discard)
	ctx, w := context.Background(), newEnvironment()
	ctx, err := w.joinTraining(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "wardlight:", err)
		os.Exit(exitUsage)
	}
	os.Exit(run(ctx, os.Args[1:], w))
}

// run runs one command line and returns the exit code. SIGINT, SIGTERM and SIGHUP end it and its session in an orderly
// way; a second signal ends it at once.
func run(ctx context.Context, args []string, w environment) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop)
	// Without this, the runtime ends the program at a write to a broken pipe (os/signal, SIGPIPE), and the session
	// would not be revoked. With it the write returns an error, and the command ends as after any other error.
	unread := make(chan os.Signal, 1)
	signal.Notify(unread, syscall.SIGPIPE)
	defer signal.Stop(unread)
	a := &app{environment: w}
	defer a.closeModules()
	a.reportKeyringWait()
	root := newRoot(a)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	return a.report(ctx, err, args)
}

// app is the state of one command line: its environment, and the flags that all commands share.
type app struct {
	environment
	configFile     string
	json           bool
	role           string // URID; "" when not given
	passcodeFD     int    // -1 reads from the terminal
	noSavedSession bool   // don't use a saved sign-in
	browser        bool   // sign in in the browser
	given          func() map[string]string
	times          *time.Location
	modules        modules
}

// longHelp is the help text; its two verbs are the paths of the settings files.
const longHelp = `Wardlight asks the hub whether a child has a child protection alert (CP-IS), and opens it.

Without a command it shows its screens. The commands do the same from scripts: each signs in with the
smartcard in the reader, asks, and signs out; 'wardlight login' keeps a sign-in for all of them while the card stays in. The passcode is asked for on the terminal, or read from
--passcode-fd; it is never an argument and never in the environment. With --browser they sign in with CIS2 in the
browser of this computer, where the hub offers that.

With --json each command writes one document to standard output, errors included. Messages and questions
go to standard error and to the terminal.

Exit codes:
  0    done; for 'alert' and 'worklist': the hub answered about everybody, whichever it is
  1    an unexpected failure
  2    the command line, its values, a list of patients or the settings are wrong
  3    reader, card or passcode
  4    the sign-in or the role: refused, or an activity code is missing
  5    the hub could not be reached or failed: the alert could not be checked
  6    no such patient, or too many to list
  7    this computer's keyring: there is none, or it is locked
  8    the site's record system: a flag is not yet written
  9    the alert was opened, or the summary viewed, and could not be printed, or the page waits for its printer
  10   the screens that run are busy: no patient was handed over to them
  130  interrupted

Settings come, later ones winning, from
  %s (the computer's own, which may make settings final),
  %s (the user's own),
the environment (WARDLIGHT_HUB_URL and so on) and flags; 'wardlight config' shows each with its origin.`

func newRoot(a *app) *cobra.Command {
	list := ""
	root := &cobra.Command{
		Use:               "wardlight",
		Short:             "Ask whether a child has a child protection alert",
		Long:              fmt.Sprintf(longHelp, a.machine, a.settings),
		SilenceUsage:      true,
		SilenceErrors:     true,
		Args:              a.noSuchCommand,
		DisableAutoGenTag: true,
		Version:           version.Line("wardlight"),

		SuggestionsMinimumDistance: 2,

		RunE: func(cmd *cobra.Command, _ []string) error { return a.screens(cmd.Context(), list) },
	}

	root.Flags().StringVar(&list, "worklist", "", "begin the screens with the list of patients in `FILE`")
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{problem: err.Error()} })
	flags := root.PersistentFlags()
	flags.StringVar(&a.configFile, "config", "", "read settings from `FILE` instead of the usual ones")
	flags.String("hub", "", "the hub's `URL`")
	flags.String("ca-file", "", "trust the CA in `FILE` (PEM) for the hub")
	flags.String("timeout", "", "how long one call to the hub may take, such as 5s")
	flags.String("reader", "", "use the reader with this `NAME`, or part of it")
	flags.StringVar(&a.role, "role", "", "act in the role with this `URID`")
	flags.IntVar(&a.passcodeFD, "passcode-fd", -1, "read the passcode from this file descriptor `N` (on Windows an "+
		"inherited handle, or 0)")
	flags.BoolVar(&a.noSavedSession, "no-kept", false,
		"ask for the passcode even where 'wardlight login' keeps a sign-in")
	flags.BoolVar(&a.browser, "browser", false, "sign in with CIS2 in the browser instead of with the smartcard here")
	flags.BoolVar(&a.json, "json", false, "write one JSON document to standard output")
	plain := root.Flags().Bool("plain", false, "tell the screens in lines, for screen readers")
	a.given = func() map[string]string {
		given := make(map[string]string)
		for _, name := range []string{"hub", "ca-file", "timeout", "reader"} {
			if f := flags.Lookup(name); f.Changed {
				given[name] = f.Value.String()
			}
		}
		if *plain {
			given["plain"] = "on"
		}
		return given
	}

	a.completeFlags(root)
	root.AddCommand(newTrace(a), newAlert(a), newSummary(a), newWorklist(a), newReport(a), newShow(a), newLogin(a),
		newLogout(a), newStatus(a), newFlag(a), newReceipt(a), newCard(a), newRole(a), newDoctor(a), newConfig(a),
		newKeys(a), newVersion(a))
	root.AddCommand(newModuleHelper())
	return root
}
