package doctor_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"wardlight/internal/doctor"
)

func TestTheEnvironmentIsToldByItsNames(t *testing.T) {
	got := string(doctor.Environment([]string{
		"TOKEN=secret", "WARDLIGHT_HUB_URL=https://u:secret@hub.example/x@y", "A\x1b=secret", "=C:=secret", "BARE",
	}, []string{"WARDLIGHT_HUB_URL"}))
	if want := "A␛\nBARE\nTOKEN\nWARDLIGHT_HUB_URL=https://(hidden)@hub.example/x@y\n"; got != want {
		t.Errorf("Environment = %q, want %q", got, want)
	}
}

func TestABundleIsForItsOwnerAndNeverOverwrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bundle.zip")
	f, err := doctor.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v, want 0600", info.Mode(), err)
	}
	if _, err := doctor.Create(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create of an existing file: error = %v, want fs.ErrExist", err)
	}
}
