package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/config"
	"wardlight/internal/config/wardlight"
	"wardlight/internal/openings"
	"wardlight/internal/session"
	"wardlight/internal/version"
	"wardlight/tui/settings"
)

// signOutTimeout is the timeout for revoking the session when the program ends.
const signOutTimeout = 3 * time.Second

// parts are the components of the commands that sign in.
type parts struct {
	config   *wardlight.Config
	system   *cardreader.WaitNotifier
	hub      *client.Hub
	sessions *session.Manager
}

// load reads the settings. Errors are *config.Error.
func (a *app) load() (*wardlight.Config, error) {
	c, err := settings.Load(config.Sources{
		Machine: a.machine, Files: []string{a.settings}, Named: a.configFile, Environ: a.environ, Flags: a.given(),
	})
	if err != nil {
		return nil, err
	}
	if err := a.checkTraining(c); err != nil {
		return nil, err
	}
	a.times = c.Zone
	a.modules.set(c)
	return c, nil
}

// zone returns the time zone for displaying times: the site's, once the settings were read.
func (a *app) zone() *time.Location {
	if a.times == nil {
		return time.UTC
	}
	return a.times
}

// now returns the time in the site's zone, so that all commands agree on dates such as a certificate's last day.
func (a *app) now() time.Time { return a.clock().In(a.zone()) }

// newParts creates the components, without network calls. Errors are *config.Error and *usageError.
func (a *app) newParts() (*parts, error) {
	c, err := a.load()
	if err != nil {
		return nil, err
	}
	if c.HubURL == "" {
		return nil, &usageError{
			problem: "no hub is set",
			hint:    "set url in the table [hub] of " + a.settings + ", WARDLIGHT_HUB_URL, or --hub",
		}
	}

	roots, err := rootsOf(c)
	if err != nil {
		return nil, err
	}

	hub, err := client.New(client.Config{
		BaseURL: c.HubURL, HTTP: client.NewHTTP(roots), Clock: a.now, NewID: a.newID, Timeout: c.HubTimeout,
		Agent: "wardlight/" + version.String(),
	})
	if err != nil {
		return nil, &config.Error{Where: c.Origin("hub.url"), Key: "hub.url", Problem: err.Error()}
	}

	sys := a.cards(c)
	return &parts{config: c, system: sys, hub: hub, sessions: session.New(session.Config{
		Open: func(ctx context.Context, reader string) (cardreader.Card, error) { return a.open(ctx, sys, reader) },
		Hub:  hub, Browser: a.systemBrowser, Others: sys.OtherPrograms, Clock: a.now, NewID: a.newID,
		RevokeTimeout: signOutTimeout, Openings: openings.New(a.keyring, a.sealedFolder, c.HubURL, a.now),
	})}, nil
}

// maxCardWait is the maximum time to wait for a card that another program uses.
const maxCardWait = 20 * time.Second

// cards returns the readers named in the settings, for use by a command.
func (a *app) cards(c *wardlight.Config) *cardreader.WaitNotifier {
	return &cardreader.WaitNotifier{
		System: session.FilterReaders(a.system(), c.Reader), OnWait: a.showWait,
		Timeout: maxCardWait,
	}
}

// showWait shows what the command is waiting for.
func (a *app) showWait(e cardreader.Event) {
	var stored *cardreader.Error
	if errors.As(e.Err, &stored) {
		fmt.Fprintf(a.err, "wardlight: %s\n", stored.Sentence())
	}
}

// close ends the session, waits for its revocation at the hub up to a timeout, and releases the readers.
func (p *parts) close(ctx context.Context) {
	p.sessions.End(ctx, session.Quit)
	parting, cancel := context.WithTimeout(context.WithoutCancel(ctx), signOutTimeout)
	defer cancel()
	p.sessions.Wait(parting)
	_ = p.system.Close()
}

// rootsOf returns the CAs trusted for the hub; nil means the system's.
func rootsOf(c *wardlight.Config) (*x509.CertPool, error) {
	return poolOf(c, "hub.ca_file", c.HubCAFile, "it is a file with the hub's CA certificate, in PEM")
}

// issuersOf returns the CAs trusted for smartcards; nil leaves the decision to the hub.
func issuersOf(c *wardlight.Config) ([]*x509.Certificate, error) {
	return certificatesOf(c, "card.ca_file", c.CardCAFile,
		"it is a file with the CA certificates of smartcards, in PEM")
}

// poolOf returns the certificates in the file named by a setting, or nil when it names none.
func poolOf(c *wardlight.Config, key, path, hint string) (*x509.CertPool, error) {
	certificates, err := certificatesOf(c, key, path, hint)
	if certificates == nil || err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	for _, one := range certificates {
		pool.AddCert(one)
	}
	return pool, nil
}

// certificatesOf returns the certificates in the file named by a setting, or nil when it names none.
func certificatesOf(c *wardlight.Config, key, path, hint string) ([]*x509.Certificate, error) {
	if path == "" {
		return nil, nil
	}

	wrong := func(problem string) error {
		return &config.Error{Where: c.Origin(key), Key: key, Problem: path + ": " + problem, Hint: hint}
	}

	text, err := config.ReadFile(path)
	if err != nil {
		return nil, wrong("the file cannot be read: " + config.Reason(err))
	}

	var all []*x509.Certificate
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" { // like x509.CertPool, which also ignores malformed certificates
			continue
		}
		if one, err := x509.ParseCertificate(block.Bytes); err == nil {
			all = append(all, one)
		}
	}

	if all == nil {
		return nil, wrong("there is no certificate in it")
	}

	return all, nil
}
