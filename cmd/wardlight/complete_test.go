package main

import (
	"strings"
	"testing"
)

// completed returns the shell completions of a command line.
func (b *fixture) completed(t *testing.T, args ...string) string {
	t.Helper()
	b.out.Reset()
	if got := run(t.Context(), append([]string{"__complete"}, args...), b.world); got != exitDone {
		t.Fatalf("__complete %q: exit code %d, want %d: %s", args, got, exitDone, b.err.String())
	}
	return b.out.String()
}

func TestReadersAndRolesAreCompletedFromWhatIsThere(t *testing.T) {
	b := setUp(t)
	if got := b.completed(t, "alert", "--reader", "vir"); !strings.HasPrefix(got, "Virtual Reader\ta card\n") {
		t.Errorf("completion of --reader vir: got %q, want the virtual reader", got)
	}
	if got := b.completed(t, "alert", "--reader", "other"); strings.Contains(got, "Virtual") {
		t.Errorf("completion of --reader other: got %q, want no virtual reader", got)
	}
	if got := b.completed(t, "alert", "--role", ""); strings.Contains(got, "999000000222") {
		t.Errorf("completion of --role without a sign-in: got %q, want no roles", got)
	}
	b = signedIn(t)
	asked := len(b.hub.Requests(""))
	if got := b.completed(t, "alert", "--role", "999"); !strings.HasPrefix(got,
		"999000000222\tNurse Access Role at EXAMPLE GENERAL HOSPITAL\n") {
		t.Errorf("completion of --role: got %q, want the nurse's role", got)
	}
	if len(b.hub.Requests("")) != asked || b.hub.LiveSessions() != 1 {
		t.Error("completion called the hub or ended the sign-in")
	}
}
