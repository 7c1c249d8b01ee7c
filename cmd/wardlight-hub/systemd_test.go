//go:build linux

package main

import (
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// notifySocket creates a socket like systemd's. next returns the next state received, or "" after the timeout.
func notifySocket(t *testing.T, name string) (next func(timeout time.Duration) string) {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	t.Setenv("NOTIFY_SOCKET", name)
	return func(timeout time.Duration) string {
		t.Helper()
		state := make([]byte, 1024)
		must(t, conn.SetReadDeadline(time.Now().Add(timeout)))
		n, err := conn.Read(state)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return ""
		}
		must(t, err)
		return string(state[:n])
	}
}

func TestSystemdIsNotifiedWhenTheHubListensAndWhenItStops(t *testing.T) {
	for kind, socket := range map[string]string{
		"path":     filepath.Join(t.TempDir(), "notify"),
		"abstract": "@wardlight-hub-test-" + t.Name(),
	} {
		t.Run(kind, func(t *testing.T) {
			next := notifySocket(t, socket)
			f := newFiles(t)
			address, end := run(t, "serve", "--listen", "127.0.0.1:0", "--operator-listen", "off", "--stop-notice",
				"0s",
				"--data", filepath.Join(f.folder, "data"), "--ca", f.ca+"=uuid", "--webhook-secrets", f.secrets)
			if got := next(time.Minute); got != "READY=1" {
				t.Errorf("state after the start: got %q, want READY=1", got)
			}
			if got := status(t, address, "/livez"); got != http.StatusOK {
				t.Errorf("/livez after READY=1: got %d, want 200", got)
			}
			must(t, end())
			if got := next(time.Minute); got != "STOPPING=1" {
				t.Errorf("state after the stop: got %q, want STOPPING=1", got)
			}
		})
	}
}

func TestSystemdIsNotNotifiedOfAHubThatIsRefused(t *testing.T) {
	next := notifySocket(t, filepath.Join(t.TempDir(), "notify"))
	f := newFiles(t)
	out, code := perform(t, "serve", "--listen", "127.0.0.1:0", "--operator-listen", "off", "--data",
		filepath.Join(f.folder, "data"), "--ca", f.key+"=uuid")
	if code != exitSettings {
		t.Errorf("serve with invalid settings: exit code %d, want %d: %s", code, exitSettings, out)
	}
	if got := next(time.Nanosecond); got != "" {
		t.Errorf("state after invalid settings: got %q, want none", got)
	}
}

func TestServe_NotifySocketUnusable(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody"))
	f := newFiles(t)
	if out, code := perform(t, "serve", "--listen", "127.0.0.1:0", "--operator-listen", "off", "--data",
		filepath.Join(f.folder, "data"), "--ca", f.ca+"=uuid",
		"--webhook-secrets", f.secrets); code != exitFailed {
		t.Errorf("serve with an unusable socket: exit code %d, want %d: %s", code, exitFailed, out)
	}
}
