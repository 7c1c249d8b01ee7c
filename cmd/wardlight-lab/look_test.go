package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"wardlight/internal/lab/labtest"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// colour matches an escape sequence that sets a foreground or background colour.
var colour = regexp.MustCompile(`\x1b\[(?:[0-9;]*;)?(?:3|4|9|10)[0-7](?:;[0-9;]*)?m`)

// The demo's screens follow the environment and the user's own settings.
func TestDemo_UserSettings(t *testing.T) {
	settings := func(text string) string {
		folder := t.TempDir()
		if err := os.MkdirAll(filepath.Join(folder, "wardlight"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "wardlight", "config.toml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "XDG_CONFIG_HOME=" + folder
	}

	const underlinedKey = "\x1b[1;4mEnter"
	for _, c := range []struct {
		name     string
		env      []string
		args     []string
		coloured bool
		says     []string // parts of the output
		silent   []string
	}{
		{
			name:     "usual",
			env:      []string{settings("")},
			coloured: true, silent: []string{underlinedKey},
		},
		{
			name: "high contrast by the environment",
			env:  []string{settings(""), "WARDLIGHT_SCREEN_THEME=high-contrast"},
			says: []string{underlinedKey},
		},
		{
			name: "high contrast by the settings",
			env:  []string{settings("[screen]\ntheme = \"high-contrast\"\n")},
			says: []string{underlinedKey},
		},
		{
			name: "mono",
			env:  []string{settings(""), "WARDLIGHT_SCREEN_THEME=mono"},
			says: []string{"\x1b[1mEnter"}, silent: []string{underlinedKey},
		},
		{
			name: "NO_COLOR",
			env:  []string{settings(""), "NO_COLOR=1"}, silent: []string{underlinedKey},
		},
		{
			name:     "ASCII",
			env:      []string{settings(""), "WARDLIGHT_SCREEN_ASCII=on"},
			coloured: true,
			says:     []string{"----------"}, silent: []string{"─"},
		},
		{
			name:     "keys",
			env:      []string{settings("[keys]\nlock = \"ctrl+g\"\n")},
			coloured: true,
		},
		{
			name: "lines",
			env:  []string{settings("")},
			args: []string{"--plain"},
			says: []string{"in lines.", "Passcode, "}, silent: []string{"\x1b["},
		},
		{
			name: "lines by the settings",
			env:  []string{settings("[screen]\nplain = \"on\"\n")},
			says: []string{"in lines."}, silent: []string{"\x1b["},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := startOnTerminal(t, Options{Env: c.env}, append([]string{"--people", "0"}, c.args...)...)
			d.Expect(Contains("Passcode"), Contains("Enter"))
			if c.name == "keys" {
				d.signIn().Expect(Contains("Find a patient"))
				d.Press("ctrl+g").Expect(Contains("Locked."))
			}

			out := d.Output()
			if found := colour.Find(out); (found != nil) != c.coloured {
				t.Errorf("colours: got %q, want colours: %v", found, c.coloured)
			}

			for _, w := range c.says {
				if !bytes.Contains(out, []byte(w)) {
					t.Errorf("output does not contain %q:\n%q", w, out)
				}
			}

			for _, w := range c.silent {
				if bytes.Contains(out, []byte(w)) {
					t.Errorf("output contains %q:\n%q", w, out)
				}
			}
		})
	}
}

// An invalid setting is reported as by wardlight, before anything is started.
func TestTheDemoNamesAWrongSettingOfTheUser(t *testing.T) {
	d := Start(t, Options{Env: []string{"XDG_CONFIG_HOME=" + t.TempDir(), "WARDLIGHT_SCREEN_THEME=loud"}},
		labtest.Program(t, "wardlight-lab"), "demo", "--people", "0")
	d.Expect(Contains("screen.theme"), Contains("high-contrast"))
	if code := d.Wait(); code != 2 {
		t.Errorf("exit code: got %d, want 2", code)
	}
}
