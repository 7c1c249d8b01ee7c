package demo

import (
	"context"
	"fmt"
	"os"

	"github.com/google/uuid"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/client"
	"wardlight/internal/session"
)

// SessionManager returns a session manager for the demo's reader and hub.
func (d *Demo) SessionManager() (*session.Manager, error) {
	hub, err := d.client()
	if err != nil {
		return nil, err
	}
	return session.New(session.Config{
		Open: func(ctx context.Context, reader string) (cardreader.Card, error) {
			return piv.Open(ctx, d.slot.system(), reader)
		},
		Hub: hub, Clock: d.options.Clock, NewID: uuid.NewString, Log: d.log,
	}), nil
}

// Probe checks the demo's hub without a sign-in, as the diagnostics do.
func (d *Demo) Probe(ctx context.Context) client.ProbeResult {
	hub, err := d.client()
	if err != nil {
		return client.ProbeResult{Address: d.url, Err: &client.Error{Kind: client.Unexpected, Err: err}}
	}
	return hub.Probe(ctx)
}

func (d *Demo) client() (*client.Hub, error) {
	return client.New(client.Config{
		BaseURL: d.url, HTTP: client.NewHTTP(d.box.trusted.Pool()), Clock: d.options.Clock, NewID: uuid.NewString,
		Agent: "wardlight-lab",
	})
}

// writeConfig writes the configuration for a wardlight in another terminal.
func (d *Demo) writeConfig() error {
	config := fmt.Sprintf("# Written by wardlight-lab; valid while the demo runs.\n[hub]\nurl = %q\nca_file = "+
		"%q\n[site]\nname = %q\n", d.url, d.CAFile(), Site)
	if err := os.WriteFile(d.ConfigFile(), []byte(config), 0o600); err != nil {
		return fmt.Errorf("the demo's configuration: %w", err)
	}
	return nil
}
