//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// runScript runs a package script as dpkg and rpm do, with stand-ins for systemd's programs. It returns the calls of
// these programs and what the script printed.
func runScript(t *testing.T, script string, booted bool, failing string,
	args ...string,
) (calls []string, printed string, err error) {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"state", "etc"} {
		must(t, os.MkdirAll(filepath.Join(folder, name, "wardlight-hub"), 0o700))
		must(t, os.WriteFile(filepath.Join(folder, name, "wardlight-hub", "file"), nil, 0o600))
	}

	if booted {
		must(t, os.Mkdir(filepath.Join(folder, "system"), 0o700))
	}

	for _, name := range []string{"systemctl", "systemd-sysusers", "systemd-tmpfiles"} {
		text := "#!/bin/sh\necho " + name + " \"$@\" >> " + folder + "/calls\ncase \"$*\" in '" + failing +
			"'*) exit 1 ;; esac\n"
		must(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o700))
	}

	text := strings.NewReplacer("/run/systemd/system", folder+"/system", "/var/lib/wardlight-hub",
		folder+"/state/wardlight-hub",
		"/etc/wardlight-hub", folder+"/etc/wardlight-hub").Replace(packaged(t, script))

	name := filepath.Join(folder, script)
	must(t, os.WriteFile(name, []byte(text), 0o600))
	cmd := exec.CommandContext(t.Context(), "sh", append([]string{name}, args...)...)
	cmd.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if called, readErr := os.ReadFile(filepath.Join(folder, "calls")); readErr == nil {
		calls = strings.Split(strings.TrimSpace(string(called)), "\n")
	}

	for _, saved := range []string{"state", "etc"} {
		if _, err := os.Stat(filepath.Join(folder, saved, "wardlight-hub", "file")); err != nil {
			t.Errorf("%s %q removed a file: %v", script, args, err)
		}
	}

	return calls, strings.ReplaceAll(string(out), folder, ""), err
}

func TestScriptsOfThePackage(t *testing.T) {
	const (
		disable = "systemctl --no-reload disable --now wardlight-hub.service"
		restart = "systemctl try-restart wardlight-hub.service"
	)

	installed := []string{
		"systemd-sysusers wardlight-hub.conf", "systemd-tmpfiles --create wardlight-hub.conf",
		"systemctl daemon-reload", restart,
	}

	removed := []string{"systemctl daemon-reload", "systemctl reset-failed wardlight-hub.service"}
	for _, c := range []struct {
		script string
		args   string
		want   []string
	}{
		{"hub-postinstall.sh", "configure", installed},       // dpkg, install
		{"hub-postinstall.sh", "configure 0.1.0", installed}, // dpkg, upgrade and reinstall
		{"hub-postinstall.sh", "1", installed},               // rpm, install
		{"hub-postinstall.sh", "2", installed},               // rpm, upgrade
		{"hub-postinstall.sh", "abort-upgrade 0.1.0", nil},
		{"hub-preremove.sh", "remove", []string{disable}},
		{"hub-preremove.sh", "0", []string{disable}},
		{"hub-preremove.sh", "upgrade 0.2.0", nil},
		{"hub-preremove.sh", "1", nil},
		{"hub-preremove.sh", "deconfigure", nil},
		{"hub-postremove.sh", "remove", removed},
		{"hub-postremove.sh", "purge", removed},
		{"hub-postremove.sh", "0", removed},
		{"hub-postremove.sh", "upgrade 0.2.0", nil},
		{"hub-postremove.sh", "1", nil},
	} {
		t.Run(c.script+" "+c.args, func(t *testing.T) {
			calls, printed, err := runScript(t, c.script, true, "nothing", strings.Fields(c.args)...)
			if got, want := strings.Join(calls, "\n"), strings.Join(c.want, "\n"); err != nil || got != want {
				t.Errorf("calls: got\n%s\nwant\n%s\nerror %v: %s", got, want, err, printed)
			}
			says := strings.Contains(printed, "is kept. To delete it for good: rm -r /state/wardlight-hub")
			if want := c.script == "hub-postremove.sh" && c.want != nil; says != want {
				t.Errorf("output: got %q, want the note about the data folder: %v", printed, want)
			}
		})
	}
}

func TestScriptsOfThePackage_WithoutSystemdRunning(t *testing.T) {
	for script, want := range map[string]string{
		"hub-postinstall.sh configure": "systemd-sysusers wardlight-hub.conf systemd-tmpfiles --create " +
			"wardlight-hub.conf",
		"hub-preremove.sh remove":  "systemctl --no-reload disable wardlight-hub.service",
		"hub-postremove.sh remove": "",
	} {
		name, arg, _ := strings.Cut(script, " ")
		calls, printed, err := runScript(t, name, false, "nothing", arg)
		if got := strings.Join(calls, " "); err != nil || got != want {
			t.Errorf("%s without systemd: got calls %q, error %v, want %q: %s", script, got, err, want, printed)
		}
	}
}

func TestScriptsOfThePackage_AHubThatDoesNotObeyLeavesThePackageWhole(t *testing.T) {
	if _, printed, err := runScript(t, "hub-postinstall.sh", true, "try-restart", "configure", "0.1.0"); err != nil ||
		!strings.Contains(printed, "did not start again") {
		t.Errorf("upgrade with a failing restart: got error %v, want none and a message: %s", err, printed)
	}
	if _, printed, err := runScript(t, "hub-preremove.sh", true, "--no-reload", "remove"); err != nil {
		t.Errorf("removal with a failing stop: got error %v, want none: %s", err, printed)
	}
}
