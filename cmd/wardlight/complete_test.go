package main

import (
	"strings"
	"testing"
)

// completed is what the shell is offered.
func (b *bench) completed(t *testing.T, args ...string) string {
	t.Helper()
	b.out.Reset()
	if got := run(t.Context(), append([]string{"__complete"}, args...), b.world); got != exitDone {
		t.Fatalf("exit code %d: %s", got, b.err.String())
	}
	return b.out.String()
}

func TestReadersAndRolesAreCompletedFromWhatIsThere(t *testing.T) {
	b := setUp(t)
	if got := b.completed(t, "alert", "--reader", "vir"); !strings.HasPrefix(got, "Virtual Reader\ta card\n") {
		t.Errorf("readers: %q", got)
	}
	if got := b.completed(t, "alert", "--reader", "other"); strings.Contains(got, "Virtual") {
		t.Errorf("readers: %q", got)
	}
	if got := b.completed(t, "alert", "--role", ""); strings.Contains(got, "999000000222") {
		t.Errorf("without a sign-in: %q", got)
	}
	b = signedIn(t)
	asked := len(b.hub.Requests(""))
	if got := b.completed(t, "alert", "--role", "999"); !strings.HasPrefix(got, "999000000222\tNurse Access Role at EXAMPLE GENERAL HOSPITAL\n") {
		t.Errorf("roles: %q", got)
	}
	if len(b.hub.Requests("")) != asked || b.hub.Live() != 1 {
		t.Error("completion asked the hub, or ended the sign-in")
	}
}
