package main

import (
	"context"

	"wardlight/cardreader"
	"wardlight/internal/session"
	"wardlight/internal/version"
	"wardlight/tui"
)

// The screens need all of the desk.
var _ tui.Desk = (*session.Desk)(nil)

// screens shows the terminal program until its user quits.
func (a *app) screens(ctx context.Context) error {
	switch {
	case a.json:
		return &usageError{problem: "--json goes with a command: the screens are for people"}
	case !a.onTerminal():
		return &usageError{problem: "the screens need a terminal", hint: "use a command instead: see 'wardlight --help'"}
	}
	p, err := a.gather()
	if err != nil {
		return err
	}
	defer p.close(ctx)
	issuers, issuersErr := issuersOf(p.config) // a matter of the diagnostics: the hub decides whose cards it takes
	watching, stop := context.WithCancel(ctx)
	defer stop()
	return a.show(ctx, tui.Config{
		Desk: p.desk, Events: cardreader.Watch(watching, p.system), Clock: a.clock, Location: p.config.Zone,
		IdleLock: p.config.IdleLock, IdleWarn: p.config.IdleWarn, Site: p.config.Site,
		Version: version.String(), Environ: a.environ,
		Probe: p.hub.Probe, Reader: p.config.Reader, Issuers: issuers, IssuersErr: issuersErr,
	})
}
