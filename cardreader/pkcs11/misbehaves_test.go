//go:build cgo && linux

package pkcs11_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/pkcs11"
	"wardlight/cardreader/pkcs11/pkcs11test"
)

// shortTimeout sets a short timeout.
func shortTimeout(c *pkcs11.Config) { c.Timeout = time.Second }

// vendor returns a driver for a token behind a shim.
func vendor(t *testing.T, mode string, edit func(*pkcs11.Config)) (*pkcs11.Driver, *pkcs11test.Shim) {
	t.Helper()
	s, shim := nurse(t), pkcs11test.NewShim(t)
	return driver(t, shim.Environ(s.Environ(), mode), edit, shim.Path), shim
}

// noneLeft fails the test if a process that loaded the shim still exists.
func noneLeft(t *testing.T, shim *pkcs11test.Shim) {
	t.Helper()
	for _, line := range shim.Asked(t) {
		_, pid, _ := strings.Cut(line, " ")
		if link, err := os.Readlink(filepath.Join("/proc", pid, "exe")); err == nil &&
			strings.HasSuffix(link, ".test") {
			t.Errorf("helper process %s still exists", pid)
		}
	}
}

func TestAModuleThatHangsIsKilled(t *testing.T) {
	d, shim := vendor(t, "hang", shortTimeout)
	_, err := d.Open(t.Context(), nil, "Reader")
	checkError(t, err, cardreader.NotResponding, "C29", "is not responding")
	if shim.Count(t, "start") > 1 {
		t.Error("a module that hangs was started again")
	}
	noneLeft(t, shim)
}

func TestModule_Crashes(t *testing.T) {
	d, shim := vendor(t, "abort", nil)
	_, err := d.Open(t.Context(), nil, "Reader")
	checkError(t, err, cardreader.Internal, "C01", "stopped working")
	noneLeft(t, shim)
}

func TestAModuleThatHangsOrCrashesAtTheSignatureIsReplaced(t *testing.T) {
	for mode, want := range map[string]struct {
		kind cardreader.Kind
		code string
		says string
	}{
		"hang at sign":  {cardreader.NotResponding, "C29", "is not responding"},
		"abort at sign": {cardreader.Internal, "C01", "stopped working"},
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel() // each waits for the whole timeout, which is long for busy computers
			d, shim := vendor(t, mode, nil)
			card := open(t, d)
			checkError(t, sign(t, card, pkcs11test.Passcode), want.kind, want.code, want.says)
			d.Close()
			noneLeft(t, shim)
			if err := sign(t, card, pkcs11test.Passcode); err != nil {
				t.Error(explain(err))
			}
			d.Close()
			noneLeft(t, shim)
		})
	}
}

func TestHelper_KilledDuringCall(t *testing.T) {
	d, shim := vendor(t, "hang at sign", nil)
	card := open(t, d)
	failed := make(chan error, 1)
	go func() { failed <- sign(t, card, pkcs11test.Passcode) }()
	if err := syscall.Kill(signing(t, shim), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	checkError(t, <-failed, cardreader.Internal, "C01", "stopped working")
	if err := sign(t, card, pkcs11test.Passcode); err != nil {
		t.Error(explain(err))
	}
}

// signing waits until the module was called for a signature, and returns the id of the process.
func signing(t *testing.T, shim *pkcs11test.Shim) int {
	t.Helper()
	deadline, tick := time.After(time.Minute), time.NewTicker(5*time.Millisecond)
	defer tick.Stop()
	for {
		for _, line := range shim.Asked(t) {
			if pid, is := strings.CutPrefix(line, "sign "); is {
				n, err := strconv.Atoi(pid)
				if err != nil {
					t.Fatal(err)
				}
				return n
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("timeout waiting for the module to be called for a signature")
		}
	}
}

func TestHelper_CallCancelled(t *testing.T) {
	d, shim := vendor(t, "hang", nil)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := d.Open(ctx, nil, "Reader")
		failed <- err
	}()
	for shim.Count(t, "start") == 0 && t.Context().Err() == nil {
		<-time.After(time.Millisecond)
	}
	cancel()
	checkError(t, <-failed, cardreader.Busy, "C25", "Another program")
	noneLeft(t, shim)
}

func TestModule_WritesToStdout(t *testing.T) {
	d, _ := vendor(t, "chatter", nil)
	if err := sign(t, open(t, d), pkcs11test.Passcode); err != nil {
		t.Error(explain(err))
	}
}

func TestAPasscodeGoesToTheModuleAgainOnlyWhereItWasNotRefused(t *testing.T) {
	for mode, want := range map[string]struct {
		logins int
		code   string // "" on success
	}{
		"well-behaved":   {1, ""},
		"already":        {1, ""},
		"lose at sign":   {2, ""}, // the passcode was correct
		"stale at login": {2, ""}, // the session had ended, so the passcode was not checked
		"lose at login":  {1, "C01-CKR-5"},
		"locked":         {1, "C42-CKR-A4"},
	} {
		t.Run(mode, func(t *testing.T) {
			d, shim := vendor(t, mode, nil)
			err := sign(t, open(t, d), pkcs11test.Passcode)
			code := ""
			if e, is := err.(*cardreader.Error); is { //nolint:errorlint // the documentation promises exactly this type
				code = e.Code()
			}
			if code != want.code {
				t.Errorf("got error %s, want code %q", explain(err), want.code)
			}
			if n := shim.Count(t, "login"); n != want.logins {
				t.Errorf("logins: got %d, want %d", n, want.logins)
			}
			if want.code == "" && shim.Count(t, "logout") < 1 {
				t.Error("logouts: got 0, want at least 1")
			}
		})
	}
}

// Whatever error a module returns for a failed login, the message to the user has the tries left, as far as the
// token's flags show them.
func TestSign_FailedLoginTries(t *testing.T) {
	const maybe = "A passcode try may have been used."
	for mode, want := range map[string]struct {
		passcode string
		kind     cardreader.Kind
		tries    int
		says     string
	}{
		"wrong is a general error": {
			"00000000", cardreader.WrongPasscode, -1,
			"Passcode not correct. Few tries are left.",
		},
		"lose at login": {pkcs11test.Passcode, cardreader.Internal, 0, "failed while it checked the passcode. " +
			maybe},
		"pulled at login": {pkcs11test.Passcode, cardreader.Removed, 0, "The smartcard was removed. " + maybe},
		"last try":        {"00000000", cardreader.Locked, 0, "Passcode not correct. This smartcard is now locked."},
		"well-behaved":    {"00000000", cardreader.WrongPasscode, -1, "Passcode not correct. Few tries are left."},
	} {
		t.Run(mode, func(t *testing.T) {
			d, _ := vendor(t, mode, nil)
			err := sign(t, open(t, d), want.passcode)
			var e *cardreader.Error
			if !errors.As(err, &e) || e.Kind != want.kind || e.Tries != want.tries ||
				!strings.Contains(e.Sentence(), want.says) {
				t.Errorf("got %s, want kind %d, %d tries, %q", explain(err), want.kind, want.tries, want.says)
			}
		})
	}
}

// A module returns a general error for a second wrong passcode. The token's flags don't change then, so they don't
// show it.
func TestSign_FailedLoginStaleFlags(t *testing.T) {
	d, _ := vendor(t, "wrong is a general error", nil)
	card := open(t, d)
	checkError(t, sign(t, card, "00000000"), cardreader.WrongPasscode, "C41-CKR-5", "Passcode not correct.")
	checkError(t, sign(t, card, "00000000"), cardreader.Internal, "C01-CKR-5", "A passcode try may have been used.")
	if err := sign(t, card, pkcs11test.Passcode); err != nil {
		t.Error(explain(err))
	}
}

func TestTheHelperEndsWithItsDriver(t *testing.T) {
	d, shim := vendor(t, "", nil)
	open(t, d)
	if shim.Count(t, "start") != 1 {
		t.Fatal("the module was not started exactly once")
	}
	d.Close()
	noneLeft(t, shim)
}

func TestALibraryThatIsNoModuleIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "not-a-module.so")
	if err := os.WriteFile(file, []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := driver(t, os.Environ(), nil, file)
	_, err := d.Open(t.Context(), nil, "Reader")
	checkError(t, err, cardreader.Internal, "C01", "could not be started")
}
