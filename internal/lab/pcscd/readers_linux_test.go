package pcscd_test

import (
	"slices"
	"strings"
	"testing"

	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pcscd/pcscdtest"
)

func TestStartReaders_SixteenOfThem(t *testing.T) {
	pcscdtest.Need(t, "opensc-tool")
	names := []string{"Tür 1", "Tür 2", "Tür 3", "Tür 4", "Tür 5", "Tür 6", "Tür 7", "Tür 8"}
	d := pcscdtest.StartReaders(t, labtest.Dir(t), names...)
	out, err := pcscdtest.Tool{Daemon: d}.Run("opensc-tool", "--list-readers")
	lines := slices.Collect(strings.Lines(out))
	if err != nil || len(lines) != 3+2*len(names)-1 || !strings.Contains(out, "Tür 8 00 01") {
		t.Fatalf("opensc-tool --list-readers: %v, %d lines, want %d:\n%s\n%s",
			err, len(lines), 3+2*len(names)-1, out, d.Log())
	}
}
