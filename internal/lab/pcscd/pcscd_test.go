package pcscd_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/internal/lab/pcscd"
	"wardlight/internal/lab/pcscd/pcscdtest"
)

func directory(t *testing.T) string {
	t.Helper()
	dir, remove, err := pcscdtest.Dir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(remove)
	return dir
}

func left(t *testing.T, dir string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 0 {
		t.Errorf("files in the directory = %v, %v, want none", files, err)
	}
}

func TestAPrivatePcscdServesCardsAndLeavesNothing(t *testing.T) {
	pcscdtest.Need(t, "opensc-tool")
	dir := directory(t)
	d := pcscdtest.Start(t, dir)
	tool := pcscdtest.Tool{Daemon: d}

	card, err := d.Plug(t.Context(), 0, virtualtest.Card(t, virtualtest.P256(t), nil))
	if err != nil {
		t.Fatal(err)
	}

	if _, err := d.Plug(t.Context(), 0, virtualtest.Card(t, virtualtest.P256(t), nil)); err == nil {
		t.Error("Plug into an occupied slot succeeded, want error")
	}

	tool.Until(t, "3b:87:01:80:31:c0:73:c0:21:c0:a5", "opensc-tool", "--reader", "0", "--atr")
	card.Pull()
	tool.Until(t, "Card not present", "opensc-tool", "--reader", "0", "--atr")

	again, err := d.Plug(t.Context(), 1, virtualtest.Card(t, virtualtest.P256(t), nil))
	if err != nil {
		t.Fatal(err)
	}

	tool.Until(t, "3b:87:01:80:31:c0:73:c0:21:c0:a5", "opensc-tool", "--reader", "1", "--atr")
	d.Stop()
	<-again.Gone()
	if _, err := os.Stat(filepath.Join("/proc", strconv.Itoa(d.PID()))); err == nil {
		t.Error("pcscd is still running after Stop")
	}

	left(t, dir)
}

func TestADaemonEndsWithItsContext(t *testing.T) {
	pcscdtest.Need(t)
	dir := directory(t)
	ctx, cancel := context.WithCancel(t.Context())
	d, err := pcscd.Start(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	card, err := d.Plug(t.Context(), 0, virtualtest.Card(t, virtualtest.P256(t), nil))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-card.Gone()
	<-d.Gone()
	d.Stop()
	left(t, dir)
}

func TestACrashedDaemonIsReplaced(t *testing.T) {
	dir := directory(t)
	d := pcscdtest.Start(t, dir)
	d.Kill()
	d.Stop()
	again := pcscdtest.Start(t, dir)
	again.Stop()
	left(t, dir)
}
