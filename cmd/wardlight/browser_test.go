package main

import (
	"encoding/json"
	"testing"

	"wardlight/client/hubtest"
	"wardlight/internal/browser"
)

// browserRun runs one command line without a passcode, and returns its output and messages.
func (b *fixture) browserRun(t *testing.T, want int, args ...string) (out, errs string) {
	t.Helper()
	b.out.Reset()
	b.err.Reset()
	if got := run(t.Context(), args, b.world); got != want {
		t.Fatalf("%q: exit code %d, want %d\n%s%s", args, got, want, b.out.String(), b.err.String())
	}
	if n := b.hub.LiveSessions(); n != 0 {
		t.Errorf("%q: got %d live sessions at the hub, want 0", args, n)
	}
	return b.out.String(), b.err.String()
}

// TestCommands_Browser signs in in the browser for one command, and ends the session after it.
func TestCommands_Browser(t *testing.T) {
	b := setUp(t)
	opens := b.hub.Browser()
	b.world.systemBrowser = opens
	out, errs := b.browserRun(t, exitDone, "alert", "9990000018", "--browser", "--json")
	var d map[string]any
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("the output is not one JSON document: %v\n%s", err, out)
	}
	if begun, signed := len(b.hub.Requests(hubtest.Begin)), len(b.hub.Requests(hubtest.Challenge)); begun != 1 ||
		signed != 0 ||
		d["state"] != "alert" {
		t.Errorf("got %d sign-ins by browser, %d by card, state %v; want 1, 0, alert", begun, signed, d["state"])
	}
	checkContains(t, errs, "Sign in in the browser that opens.")

	opens.Missing = &browser.Error{Kind: browser.NoBrowser}
	_, errs = b.browserRun(t, exitSignIn, "alert", "9990000018", "--browser")
	checkContains(t, errs, "T10", "sign in with your smartcard")
	_, errs = b.browserRun(t, exitUsage, "login", "--browser")
	checkContains(t, errs, "--browser uses none")
	_, errs = b.browserRun(t, exitUsage, "alert", "9990000018", "--browser", "--passcode-fd", "0")
	checkContains(t, errs, "don't go together")
}
