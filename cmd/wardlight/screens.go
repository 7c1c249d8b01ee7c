package main

import (
	"context"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/cups"
	"wardlight/internal/handover"
	"wardlight/internal/receiptfile"
	"wardlight/internal/session"
	"wardlight/internal/version"
	"wardlight/tui"
)

// The screens use all methods of Desk.
var _ tui.SessionManager = (*session.Manager)(nil)

// screens runs the terminal user interface until its user quits. list is a worklist file to start with, or "".
func (a *app) screens(ctx context.Context, list string) error {
	switch {
	case list == "-":
		return &usageError{
			problem: "the screens read no list from standard input",
			hint:    "give a file, or use 'wardlight worklist -'",
		}
	case a.json:
		return &usageError{problem: "--json goes with a command: the screens are for people"}
	case !a.onTerminal():
		return &usageError{
			problem: "the screens need a terminal",
			hint:    "use a command instead: see 'wardlight --help'",
		}
	}

	p, err := a.newParts()
	if err != nil {
		return err
	}
	defer p.close(ctx)
	flags, err := a.flags(p.config)
	if err != nil {
		return err
	}

	issuers, issuersErr := issuersOf(p.config)         // only for diagnostics: the hub decides which cards it accepts
	a.keyring.OnTimeout, a.keyring.OnUnlock = nil, nil // messages would overwrite the screens
	watching, stop := context.WithCancel(ctx)
	defer stop()

	cfg := tui.Config{
		Sessions: p.sessions, Events: withWaits(watching, p.system), Clock: a.now, Location: p.config.Zone,
		Office:   p.config.Office,
		IdleLock: p.config.IdleLock, IdleWarn: p.config.IdleWarn, Site: p.config.Site, Procedure: p.config.Procedure,
		Version: version.String(), Environ: a.environ,
		Printing: cups.New(cups.Config{Environ: a.environ, FollowTimeout: a.followPage}), Printer: p.config.PrintQueue,
		DisposalNote: p.config.PrintDestroy, PrintSummaries: p.config.SummaryPrint,
		DestroyAfter: p.config.SummaryDestroyAfter, CopyReceipts: p.config.Clipboard,
		SaveReceipt: func(r client.Receipt) (string, error) { return receiptfile.SaveIn(a.receiptFolder, r) },
		Probe:       p.hub.Probe, Reader: p.config.Reader, Issuers: issuers, IssuersErr: issuersErr,
		Theme: tui.Theme(p.config.Screen.Theme), ASCII: p.config.Screen.ASCII, Plain: p.config.Screen.Plain,
		Clear: p.config.Screen.Clear, Browser: a.browser,
		Keys: p.config.Screen.Keys,
		Worklist: tui.Worklist{
			Store: a.worklistStore(p.config), File: list, Rate: p.config.WorklistRate,
			MaxAnswerAge: p.config.WorklistMaxAge,
		},
	}

	if flags != nil {
		cfg.Flags = flags
		defer func() { // waits for a flag that is being written
			parting, cancel := context.WithTimeout(context.WithoutCancel(ctx), signOutTimeout)
			defer cancel()
			flags.Wait(parting)
		}()
	}

	if l, err := handover.Listen(ctx, a.handOver); err == nil { // on an error 'wardlight show' gives the reason
		defer l.Close()
		cfg.HandOver = l.Requests()
	}

	return a.show(ctx, cfg)
}

// withWaits returns the events of the card watcher, and those of waiting for a busy card, until ctx is done.
func withWaits(ctx context.Context, sys *cardreader.WaitNotifier) <-chan cardreader.Event {
	events := make(chan cardreader.Event)
	report := func(e cardreader.Event) {
		select {
		case events <- e:
		case <-ctx.Done():
		}
	}
	sys.OnWait = report
	go func() {
		for e := range cardreader.Watch(ctx, sys) {
			report(e)
		}
	}()
	return events
}
