//go:build !windows && !darwin

package pcsc

import (
	"net"
	"path/filepath"
	"testing"

	"wardlight/cardreader"
)

func TestUnreachable(t *testing.T) {
	dir := t.TempDir()
	live, stale := filepath.Join(dir, "live"), filepath.Join(dir, "stale")
	listener, err := net.Listen("unix", live)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: stale})
	if err != nil {
		t.Fatal(err)
	}

	dead.SetUnlinkOnClose(false)
	_ = dead.Close()

	for _, c := range []struct {
		name, socket, call string
		result             uint32
		want               cardreader.Kind
		hint               bool
	}{
		{"no socket", filepath.Join(dir, "none"), establishContext, resultNoService, cardreader.ServiceDown, true},
		{"stale socket", stale, establishContext, resultNoService, cardreader.ServiceDown, true},
		{"it answers now", live, establishContext, resultNoService, cardreader.ServiceDown, false},
		{"refused by polkit", live, establishContext, resultSecurity, cardreader.ServiceRefused, false},
		{"hung up while in use", live, "SCardTransmit", resultSecurity, cardreader.ServiceDown, false},
		{"ended while asked", stale, establishContext, resultSecurity, cardreader.ServiceDown, true},
		{"another protocol", live, establishContext, resultServiceStopped, cardreader.VersionMismatch, false},
		{"not about the service", live, "SCardConnect", 0x8010000C, cardreader.NoCard, false},
	} {
		t.Setenv("PCSCLITE_CSOCK_NAME", c.socket)
		e := explainUnreachable(host{os: "linux"}, c.call, errorOf(c.call, c.result))
		if e.Kind != c.want || (e.Hint != "") != c.hint {
			t.Errorf("unreachable, %s: got kind %d and hint %q, want kind %d and a hint: %v",
				c.name, e.Kind, e.Hint, c.want, c.hint)
		}
	}
}
