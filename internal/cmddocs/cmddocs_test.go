package cmddocs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"wardlight/internal/cmddocs"
)

func TestWrite(t *testing.T) {
	root := &cobra.Command{Use: "program", Short: "Do things", Long: "Does things.\n\nExit codes:\n  0    done\n  " +
		"1    not done\nThat is all."}
	root.AddCommand(&cobra.Command{Use: "first", Short: "Do the first", Run: func(*cobra.Command, []string) {}})
	root.AddCommand(&cobra.Command{
		Use: "secret", Short: "Hidden", Hidden: true,
		Run: func(*cobra.Command, []string) {},
	})

	folder := t.TempDir()
	date := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	if err := cmddocs.Write(folder, root, "8", date); err != nil {
		t.Fatal(err)
	}

	page, err := os.ReadFile(filepath.Join(folder, "man", "program", "program.8"))
	if err != nil {
		t.Fatal(err)
	}

	for _, want := range []string{
		`.TH "PROGRAM" "8" "Nov 2026" "Wardlight" "Wardlight"`, "Do things",
		".EX\n  0    done\n  1    not done\n.EE", "program-first(8)",
	} {
		if !strings.Contains(string(page), want) {
			t.Errorf("man page does not contain %q:\n%s", want, page)
		}
	}

	if _, err := os.Stat(filepath.Join(folder, "man", "program", "program-first.8")); err != nil {
		t.Error(err)
	}

	if _, err := os.Stat(filepath.Join(folder, "man", "program", "program-secret.8")); err == nil {
		t.Error("a hidden command has a page")
	}

	for _, name := range []string{"bash/program", "zsh/_program", "fish/program.fish", "powershell/program.ps1"} {
		if info, err := os.Stat(filepath.Join(folder, "completions", "program", name)); err != nil || info.Size() == 0 {
			t.Errorf("completion file %s: error %v, want a file that isn't empty", name, err)
		}
	}
}
