package pcscd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/internal/lab/pcscd/pcscdtest"
)

func TestAPrivatePcscdServesACardAndLeavesNothing(t *testing.T) {
	pcscdtest.Need(t, "opensc-tool")
	dir, remove, err := pcscdtest.Dir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(remove)
	d := pcscdtest.Start(t, dir)
	card, err := d.Plug(t.Context(), 0, virtualtest.Card(t, virtualtest.P256(t), nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Plug(t.Context(), 0, virtualtest.Card(t, virtualtest.P256(t), nil)); err == nil {
		t.Error("a slot took a second card")
	}
	cmd := exec.Command("opensc-tool", "--wait", "--atr")
	cmd.Env = append(os.Environ(), "PCSCLITE_CSOCK_NAME="+d.Socket())
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "3b:87:01:80:31:c0:73:c0:21:c0:a5") {
		t.Errorf("opensc-tool: %v: %s", err, out)
	}
	card.Pull()
	again, err := d.Plug(t.Context(), 0, virtualtest.Card(t, virtualtest.P256(t), nil))
	if err != nil {
		t.Fatal(err)
	}
	pid := d.PID()
	d.Stop()
	<-again.Gone()
	if _, err := os.Stat(filepath.Join("/proc", strconv.Itoa(pid))); err == nil {
		t.Error("pcscd is still there")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left in the directory: %v, %v", left, err)
	}
}
