package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"wardlight/cardreader"
	"wardlight/internal/checklist"
	"wardlight/internal/config"
	"wardlight/internal/config/wardlight"
	"wardlight/internal/doctor"
	"wardlight/internal/session"
)

func newDoctor(a *app) *cobra.Command {
	var d examination
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check everything between the smartcard and the hub, and say what to do",
		Long: `Check everything between the smartcard and the hub, top to bottom: smartcard service, readers, card, driver,
certificate, passcode tries, clock, hub address, TLS, sign-in, roles. Each line says what it found, what to do, and a
code for support. What could not be checked, because something before it failed, is 'not reached'.

No passcode is asked for, unless with --sign-in, which signs in and out again. No patient is asked about.

The exit code is that of the first line that failed: 2 the settings, 3 service, reader, card or passcode, 4 the
sign-in, the clock or the role, 5 the hub. It is 0 when all lines passed, with a warning or without.

With --bundle FILE what support needs goes into a ZIP file, for its owner alone: these lines, the settings with their
origins, versions, the names of environment variables, and what was said to the card without the passcode. There is no
passcode, token, key or patient in it. A file that is there is not overwritten.`,
		Example: "  wardlight doctor\n  wardlight doctor --sign-in --bundle for-support.zip",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context(), d) },
	}

	cmd.Flags().BoolVar(&d.signIn, "sign-in", false, "ask for the passcode, sign in, and out again")
	cmd.Flags().StringVar(&d.bundle, "bundle", "", "write a support bundle to `FILE`")
	return cmd
}

// examination holds the options of the doctor command.
type examination struct {
	signIn bool
	bundle string
}

func (a *app) doctor(ctx context.Context, d examination) error {
	bundle, err := d.open()
	if err != nil {
		return err
	}

	found, err := a.examine(ctx, d.signIn)
	if err == nil && ctx.Err() != nil {
		err = errInterrupted // an incomplete list is not shown
	}

	if err != nil {
		bundle.remove()
		return err
	}

	document := documentOf(found)
	document.Bundle = d.bundle
	if err := bundle.write(ctx, a, found, document); err != nil {
		bundle.remove()
		return err
	}

	if a.json {
		err = a.print(document)
	} else {
		err = a.showDoctor(found.lines, d.bundle)
	}

	if err != nil {
		return err
	}

	return failure(found.lines)
}

// examined is the result of an examination.
type examined struct {
	config   *wardlight.Config // the defaults when the settings could not be read
	settings error             // error of reading the settings
	trace    doctor.Trace
	facts    doctor.Facts
	lines    []doctor.Result
}

// examine runs all checks. A problem becomes a line of the result. An error is returned only if the passcode could not
// be read.
func (a *app) examine(ctx context.Context, signIn bool) (*examined, error) {
	if err := a.checkPasscodeFD(); err != nil {
		return nil, err
	}

	f := &examined{}
	traced := cardreader.Traced(a.system(), &f.trace)
	a.system = func() cardreader.System { return traced }
	f.config, f.settings = a.load()
	if f.settings != nil {
		plain, err := wardlight.Load(config.Sources{})
		if err != nil {
			return nil, err
		}
		f.config = plain
	}

	sys := session.FilterReaders(traced, f.config.Reader)
	p := doctor.Parts{
		Clock: a.now, System: sys, Reader: f.config.Reader, Settings: f.settings,
		Open: func(ctx context.Context, reader string) (cardreader.Card, error) { return a.open(ctx, sys, reader) },
	}

	if f.config.Final("hub.url") {
		p.Final = f.config.Origin("hub.url")
	}

	p.Issuers, p.IssuersErr = issuersOf(f.config)
	var all *parts
	switch {
	case p.Settings != nil:
	case f.config.HubURL == "":
		p.NotSet = true
	default:
		if all, p.Settings = a.newParts(); p.Settings == nil {
			p.Hub = all.hub.Probe
		}
	}

	if all == nil {
		defer func() { _ = sys.Close() }()
	} else {
		defer all.close(ctx)
	}

	f.facts = doctor.Examine(ctx, p)
	f.lines = doctor.Judge(f.facts)
	if !signIn || !doctor.ReadyToSignIn(f.lines) || ctx.Err() != nil {
		return f, nil
	}

	var err error
	if f.facts.SignIn.In, _, err = all.sessions.SignInAt(ctx, f.facts.Readers.Choice(), a.passcode); isPromptError(
		withReaderHint(err),
	) {
		return nil, withReaderHint(err)
	}

	f.facts.SignIn.Done, f.facts.SignIn.Err = true, err
	f.facts.Card = afterSignIn(f.facts.Card, err)
	f.lines = doctor.Judge(f.facts)
	return f, nil
}

// isPromptError reports whether reading the passcode failed, which is no result about the card or the hub.
func isPromptError(err error) bool {
	var usage *usageError
	return errors.Is(err, errInterrupted) || errors.As(err, &usage)
}

// afterSignIn returns the facts of the card after a sign-in that ended with err: a wrong passcode uses one try.
func afterSignIn(c doctor.CardFacts, err error) doctor.CardFacts {
	var card *cardreader.Error
	switch {
	case !errors.As(err, &card):
	case card.Kind == cardreader.WrongPasscode:
		c.Seen.Tries, c.Seen.TriesLow = card.Tries, card.Tries < 0
	case card.Kind == cardreader.Locked:
		c.Seen.Tries = 0
	}
	return c
}

// failure returns the error for the command's exit code, or nil when no line failed.
func failure(lines []doctor.Result) error {
	first, failed := doctor.FirstFailed(lines)
	if !failed {
		return nil
	}
	problem := checklist.Problem(doctor.Rows(lines))
	return shownError{exitError{&usageError{problem: problem, hint: first.Advice}, exitOf(first.Family)}}
}

// exitOf returns the exit code of a family of failed checks.
func exitOf(f doctor.FailureKind) int {
	switch f {
	case doctor.FailureSettings:
		return exitUsage
	case doctor.FailureCard:
		return exitCard
	case doctor.FailureSignIn:
		return exitSignIn
	case doctor.FailureHub:
		return exitHub
	default:
		return exitFailed
	}
}

// showDoctor writes the lines as text.
func (a *app) showDoctor(checked []doctor.Result, bundle string) error {
	w := &lines{out: a.out}
	for _, line := range checklist.Text(doctor.Rows(checked)) {
		w.text("%s", line)
	}
	if bundle != "" {
		w.text("")
		w.text("Support bundle written to %s. Look into it before you send it.", bundle)
	}
	return w.err
}

// open creates the bundle file. It is called first, so that an unusable path fails before the passcode is typed.
func (d examination) open() (*bundleFile, error) {
	if d.bundle == "" {
		return nil, nil
	}

	f, err := doctor.Create(d.bundle)
	var at *fs.PathError
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, &usageError{
			problem: d.bundle + " is there already",
			hint:    "name a new file: nothing is overwritten",
		}
	case errors.As(err, &at):
		return nil, &usageError{
			problem: d.bundle + " cannot be written: " + at.Err.Error(),
			hint:    "name a file in a folder of your own",
		}
	case err != nil:
		return nil, err
	}

	return &bundleFile{f}, nil
}

// bundleFile is the file of a support bundle. It is nil when no bundle was requested.
type bundleFile struct{ *os.File }

func (b *bundleFile) remove() {
	if b != nil {
		_ = b.Close()
		_ = os.Remove(b.Name())
	}
}
