//go:build cgo

package pkcs11_test

import (
	"os"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/pkcs11"
	"wardlight/internal/need"
)

// Environment variables with a module of internal/winetest and its passcode. The tests of that package run this test.
const (
	moduleVariable   = "WARDLIGHT_TEST_MODULE"
	passcodeVariable = "WARDLIGHT_TEST_PASSCODE"
)

func TestMain(m *testing.M) {
	serveAsHelper()
	os.Exit(m.Run())
}

// vendor returns a driver for the module named in the environment. mode selects the module's behaviour.
func vendor(t *testing.T, mode string, timeout time.Duration) *pkcs11.Driver {
	t.Helper()
	module := os.Getenv(moduleVariable)
	if module == "" {
		need.Absent(t, moduleVariable+" is not set: 'go test ./internal/winetest' runs these tests")
	}
	return driver(t, append(os.Environ(), "MODULE_MODE="+mode), func(c *pkcs11.Config) {
		c.Timeout = timeout
	}, module)
}

func TestAVendorsCardSigns(t *testing.T) {
	for _, mode := range []string{"", "chatter"} {
		d := vendor(t, mode, 0)
		card := open(t, d)
		if got := card.Info().Driver; got != "PKCS#11 (A module for tests)" {
			t.Errorf("Info().Driver = %q, want the module for tests", got)
		}
		if err := sign(t, card, os.Getenv(passcodeVariable)); err != nil {
			t.Errorf("sign in mode %q: %s", mode, explain(err))
		}
	}
}

func TestAWrongPasscodeIsSaid(t *testing.T) {
	checkError(t, sign(t, open(t, vendor(t, "", 0)), "0000"), cardreader.WrongPasscode, "C41-CKR-A0",
		"Passcode not correct.")
}

// A module that hangs is killed after the timeout. The subtests run in parallel, since each waits for its timeout.
func TestAModuleThatHangsIsKilled(t *testing.T) {
	for _, mode := range []string{"hang", "hang at load", "hang at sign"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			d := vendor(t, mode, 20*time.Second)
			card, err := d.Open(t.Context(), nil, "Reader")
			if err == nil && mode == "hang at sign" {
				err = sign(t, card, os.Getenv(passcodeVariable))
			}
			checkError(t, err, cardreader.NotResponding, "C29", "is not responding")
		})
	}
}

func TestAModuleThatCrashesTakesNothingWithIt(t *testing.T) {
	for _, mode := range []string{"crash", "abort", "crash at load"} {
		_, err := vendor(t, mode, time.Minute).Open(t.Context(), nil, "Reader")
		checkError(t, err, cardreader.Internal, "C01", "")
	}
	checkError(t, sign(t, open(t, vendor(t, "crash at sign", time.Minute)), os.Getenv(passcodeVariable)),
		cardreader.Internal, "C01", "stopped working")
}

func TestAModuleThatHangsAtItsEndHoldsNobodyUp(t *testing.T) {
	d := vendor(t, "hang at end", time.Minute)
	open(t, d)
	d.Close() // must return, or the test times out
	open(t, d)
}
