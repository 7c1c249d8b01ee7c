package main

import (
	"context"
	"net/url"

	"wardlight/client"
	"wardlight/internal/config"
	"wardlight/internal/config/wardlight"
	"wardlight/internal/recordsystem"
	"wardlight/internal/sealed"
	"wardlight/internal/secretstore"
	"wardlight/internal/version"
	"wardlight/tui"
)

// The screens use all methods of Flags.
var _ tui.Flags = (*recordsystem.Flags)(nil)

// pendingFlagsFile is the name of the encrypted file with the pending flags.
const pendingFlagsFile = "flags"

// flags returns the client of the site's record system, or nil when none is configured. It makes no network calls.
// Errors are *config.Error.
func (a *app) flags(c *wardlight.Config) (*recordsystem.Flags, error) {
	if c.RecordURL == "" {
		return nil, nil
	}

	roots, err := poolOf(c, "record.ca_file", c.RecordCAFile,
		"it is a file with the record system's CA certificate, in PEM")
	if err != nil {
		return nil, err
	}

	system, err := recordsystem.NewSystem(recordsystem.Config{
		BaseURL: c.RecordURL, HTTP: client.NewHTTP(roots), NewID: a.newID, Timeout: c.RecordTimeout,
		Agent: "wardlight/" + version.String(),
		Token: func(ctx context.Context) ([]byte, error) {
			return a.keyring.Get(ctx, secretstore.RecordToken(c.RecordURL))
		},
	})
	if err != nil {
		return nil, &config.Error{Where: c.Origin("record.url"), Key: "record.url", Problem: err.Error()}
	}

	file := sealed.Open(a.keyring, a.sealedFolder, pendingFlagsFile)
	return recordsystem.NewFlags(system, placeOf(c), file, a.now, a.newID), nil
}

// readChainPosition returns the display name of the record system.
func placeOf(c *wardlight.Config) string {
	if c.RecordName != "" {
		return c.RecordName
	}
	u, err := url.Parse(c.RecordURL)
	if err != nil {
		return "the record system"
	}
	return u.Hostname()
}

// needFlags returns the settings and the client of the configured record system. Errors are *config.Error and
// *usageError.
func (a *app) needFlags() (*wardlight.Config, *recordsystem.Flags, error) {
	c, err := a.load()
	if err != nil {
		return nil, nil, err
	}
	flags, err := a.flags(c)
	if err == nil && flags == nil {
		err = &usageError{
			problem: "no record system is set",
			hint:    "set url in the table [record] of " + a.settings + ", or WARDLIGHT_RECORD_URL",
		}
	}
	return c, flags, err
}
