package pcscdtest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"wardlight/internal/lab/pcscd"
)

// Timeouts of running other programs, and the polling interval.
const (
	toolTimeout  = time.Minute
	untilTimeout = time.Minute
	pollInterval = 50 * time.Millisecond
)

// Tool runs other smartcard programs with a Daemon.
type Tool struct {
	Daemon *pcscd.Daemon
	Stdin  []byte
}

// Run runs a program and returns its output. The timeout is a minute.
func (t Tool) Run(name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), toolTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "PCSCLITE_CSOCK_NAME="+t.Daemon.Socket(), "LC_ALL=C")
	cmd.Stdin = bytes.NewReader(t.Stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Must runs the program and fails the test if the program fails or its output doesn't contain want.
func (t Tool) Must(tb testing.TB, want, name string, args ...string) {
	tb.Helper()
	out, err := t.Run(name, args...)
	if err != nil || !strings.Contains(out, want) {
		tb.Fatalf("%s %s: %v, want %q:\n%s\npcscd: %s", name, strings.Join(args, " "), err, want, out, t.Daemon.Log())
	}
}

// Until runs the program until its output contains want, because pcscd takes a moment to notice a card.
func (t Tool) Until(tb testing.TB, want, name string, args ...string) {
	tb.Helper()
	deadline := time.NewTimer(untilTimeout)
	defer deadline.Stop()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		out, _ := t.Run(name, args...)
		if strings.Contains(out, want) {
			return
		}
		select {
		case <-ticker.C:
		case <-deadline.C:
			tb.Fatalf("output of %s does not contain %q:\n%s\npcscd: %s", name, want, out, t.Daemon.Log())
		}
	}
}
