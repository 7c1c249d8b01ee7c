package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"wardlight/cardreader"
	"wardlight/cardreader/pkcs11"
	"wardlight/internal/config/wardlight"
)

// modules manages the vendors' PKCS#11 modules for cards that are not PIV, as configured.
type modules struct {
	mu       sync.Mutex
	settings *wardlight.Config
	driver   *pkcs11.Driver // nil until first used
}

// set stores the settings for later use.
func (m *modules) set(c *wardlight.Config) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.settings = c
}

// pkcs11Driver returns the PKCS#11 driver, or nil where no module can be run.
func (a *app) pkcs11Driver() *pkcs11.Driver {
	m := &a.modules
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.driver == nil && a.program != "" && m.settings != nil {
		m.driver = pkcs11.New(pkcs11.Config{
			Program: a.program, Helper: []string{filepath.Base(os.Args[0]), moduleHelper},
			Modules:     modulesOf(m.settings),
			Certificate: m.settings.CardCertificate, IgnoreKeypad: !m.settings.Keypad, Clock: a.now, Environ: a.environ,
		})
	}
	return m.driver
}

// modulesOf returns the modules that the settings name, or else the known modules.
func modulesOf(c *wardlight.Config) []pkcs11.Module {
	if c.CardModules != nil {
		return pkcs11.Named(c.CardModules)
	}
	return pkcs11.Known(runtime.GOOS, pkcs11.Folder)
}

// closeModules stops the running modules.
func (a *app) closeModules() {
	a.modules.mu.Lock()
	defer a.modules.mu.Unlock()
	if a.modules.driver != nil {
		a.modules.driver.Close()
	}
}

// driverSettings returns the settings card.driver and reader.keypad.
func (m *modules) driverSettings() (driver string, keypad bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.settings == nil {
		return wardlight.DriverAuto, true
	}
	return m.settings.CardDriver, m.settings.Keypad
}

// open opens the card in the reader with the driver named by card.driver. By default that is the PIV driver if the
// card can sign in with it, and otherwise the vendor's module. Errors are *cardreader.Error. If neither can sign in,
// the error is the PIV driver's, with the card's status word.
func (a *app) open(ctx context.Context, sys cardreader.System, reader string) (cardreader.Card, error) {
	how, keypad := a.modules.driverSettings()
	if !keypad {
		sys = cardreader.WithoutKeypads(sys)
	}

	if how == wardlight.DriverPKCS11 {
		return a.openByVendor(ctx, sys, reader)
	}

	card, err := a.environment.open(ctx, sys, reader)
	if err == nil || how == wardlight.DriverPIV {
		return card, err
	}

	switch cardreader.KindOf(err) {
	case cardreader.NotPIV:
		card, failed := a.openByVendor(ctx, sys, reader)
		switch cardreader.KindOf(failed) {
		case cardreader.NotPIV, cardreader.BuiltWithout:
			return nil, err
		}
		return card, failed
	case cardreader.NoCertificate, cardreader.KeyUnsupported: // the vendor's module may find the certificate elsewhere
		if card, failed := a.openByVendor(ctx, sys, reader); failed == nil {
			return card, nil
		}
	}

	return nil, err
}

// openByVendor opens the card with its vendor's module. If no module can be run, the error is that of a card without a
// driver.
func (a *app) openByVendor(ctx context.Context, sys cardreader.System, reader string) (cardreader.Card, error) {
	vendors := a.pkcs11Driver()
	if vendors == nil {
		return nil, &cardreader.Error{Kind: cardreader.NotPIV, Err: errors.New("no module is run here")}
	}
	return vendors.Open(ctx, sys, reader)
}
