package winetest_test

import (
	"crypto/elliptic"
	"encoding/pem"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader/virtual"
	"wardlight/client/hubtest"
	"wardlight/internal/winetest"
)

// withCard tests the commands with a card, from reading it to the alert, with a replacement for the smartcard service
// of Windows.
func (e env) withCard(t *testing.T) {
	const passcode = "471147"
	hub := hubtest.New(t, time.Now)
	who := hubtest.EC(t, elliptic.P256(), time.Now().AddDate(0, 0, -1), time.Now().AddDate(1, 0, 0))
	card, err := virtual.New(virtual.Config{Key: who.Key, Certificate: who.Certificate.Raw, Passcode: []byte(passcode)})
	if err != nil {
		t.Fatal(err)
	}

	reader := e.InstallReader(t, card)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	write(t, ca, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: hub.Certificate().Raw})))
	starter := winetest.Build(t, "wardlight/internal/winetest/handover", false)
	environ := append(reader.Environ(), "WARDLIGHT_HUB_URL="+hub.URL, "WARDLIGHT_HUB_CA_FILE="+winetest.Path(ca),
		"WARDLIGHT_HUB_TIMEOUT=1m")

	// by runs wardlight.exe with the passcode on an inherited handle.
	by := func(passcode string, code int, says string, args ...string) {
		t.Helper()
		args = append(append([]string{winetest.Path(e.program)}, args...), "--passcode-fd", "READ")
		got := e.Run(t, passcode+"\n", environ, starter, args...)
		if got.Code != code || !strings.Contains(strings.Join(strings.Fields(got.Out+got.Err), " "), says) {
			t.Errorf("%q: exit code %d, want %d and %q:\n%s%s", args[1:], got.Code, code, says, got.Out, got.Err)
		}
	}

	e.wardlight(t, environ, 0, []string{winetest.ReaderName}, "card", "readers")
	e.wardlight(t, environ, 0, []string{"P-256"}, "card", "show")
	e.wardlight(t, environ, 0, []string{
		"pass Smartcard service", "pass Readers", "pass Card", "pass Driver",
		"pass Certificate", "pass Hub TLS",
	}, "doctor")

	by(passcode, 0, "ALERT", "alert", hubtest.WithAlert)
	by(passcode, 0, "none recorded", "alert", hubtest.NoAlert)
	by("000000", 3, "2 tries left", "alert", hubtest.WithAlert)
	if n := card.TriesLeft(); n != 2 || card.Verified() {
		t.Errorf("card: %d tries left, verified %t, want 2 and false", n, card.Verified())
	}

	by(passcode, 0, "", "card", "test")
	if hub.LiveSessions() != 0 || card.Verified() {
		t.Errorf("%d sessions open at the hub, card verified %t, want 0 and false", hub.LiveSessions(), card.Verified())
	}

	by(passcode, 9, "Wardlight does not print on Windows. (P13)", "alert", hubtest.WithAlert, "--open", "--print",
		"ward")

	list := filepath.Join(t.TempDir(), "list.csv")
	write(t, list, "\ufeffNHS number\r\n"+hubtest.WithAlert+"\r\n"+hubtest.NoAlert+"\r\n")
	by(passcode, 0, "2 patients: 1 ALERT, 1 none recorded", "worklist", winetest.Path(list))

	// The sign-in is saved in the Credential Manager and can be used while the card stays in the reader.
	by(passcode, 0, "", "login")
	e.wardlight(t, environ, 0, []string{"none recorded"}, "alert", hubtest.NoAlert)
	reader.Pull()
	e.wardlight(t, environ, 3, []string{"(C"}, "alert", hubtest.NoAlert)
	reader.Insert()
	e.wardlight(t, environ, 0, nil, "logout")
	if hub.LiveSessions() != 0 {
		t.Errorf("%d sessions open at the hub, want 0", hub.LiveSessions())
	}
}
