//go:build linux

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/client/hubtest"
)

// onComputer runs wardlight with machine as the contents of /etc/wardlight/config.toml, and returns its output and its
// exit code. The file exists only in a private mount namespace.
func onComputer(t *testing.T, machine string, environ []string, args ...string) (out string, code int) {
	t.Helper()
	program, err := exec.LookPath("wardlight")
	if err != nil {
		t.Fatal(err)
	}

	const setup = `set -e
mount -t tmpfs wardlight /etc
mkdir /etc/wardlight
printf %s "$1" >/etc/wardlight/config.toml
shift
exec "$@"
`

	within := []string{"--mount", "--propagation", "private"}
	if os.Geteuid() != 0 {
		within = append(within, "--user", "--map-root-user")
	}

	cmd := exec.CommandContext(t.Context(), "unshare", append(append(within, "sh", "-c", setup, "sh", machine, program),
		args...)...)
	cmd.Dir = t.TempDir()
	cmd.Env = append([]string{
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=" + cmd.Dir, "PCSCLITE_CSOCK_NAME=" +
			filepath.Join(cmd.Dir, "no-such-socket"),
	}, environ...)

	b, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("unshare: %v\n%s", err, b)
	}

	return string(b), cmd.ProcessState.ExitCode()
}

func TestAFinalSettingSendsNobodyToAnotherHub(t *testing.T) {
	const machine = "final = [\"hub.url\", \"card.modules\"]\n[hub]\nurl = " +
		"\"https://hub.hospital.example\"\ntimeout = \"2s\"\n"
	config := t.TempDir()
	file := filepath.Join(config, "wardlight", "config.toml")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}

	if err := os.WriteFile(file, []byte("[hub]\nurl = \"https://other.example\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	for name, c := range map[string]struct {
		environ []string
		args    []string
		says    string
	}{
		"a user's file": {[]string{"XDG_CONFIG_HOME=" + config}, []string{"config"}, "wardlight: " +
			file + ":2: hub.url: this computer has a final value for it"},
		"the environment": {
			[]string{"WARDLIGHT_HUB_URL=https://other.example"},
			[]string{"alert", "9990000018"},
			"wardlight: WARDLIGHT_HUB_URL: hub.url: this computer has a final",
		},
		"a file that the environment has": {
			[]string{"WARDLIGHT_CONFIG=" + file},
			[]string{"trace", "9990000018"},
			file + ":2: hub.url: this computer has a final",
		},
		"a flag": {
			nil,
			[]string{"login", "--hub", "https://other.example"},
			"wardlight: --hub: hub.url: this computer has a final",
		},
		"a named file": {
			nil,
			[]string{"worklist", "--config", file, "list.csv"},
			file + ":2: hub.url: this computer has a final",
		},
		"a module": {
			[]string{"WARDLIGHT_CARD_MODULES=/tmp/mine.so"},
			[]string{"card", "modules"},
			"WARDLIGHT_CARD_MODULES: card.modules: this computer has a final",
		},
	} {
		t.Run(name, func(t *testing.T) {
			out, code := onComputer(t, machine, c.environ, c.args...)
			if code != exitUsage || !strings.Contains(out, c.says) ||
				!strings.Contains(out, "hint: leave it out: it is") {
				t.Errorf("%q: exit code %d, want %d, and output containing %q and a hint:\n%s",
					c.args, code, exitUsage, c.says, out)
			}
		})
	}

	out, code := onComputer(t, machine, []string{"WARDLIGHT_HUB_URL=https://hub.hospital.example"}, "config",
		"--timeout", "3s")
	lines := strings.Join(strings.Fields(out), " ")
	for _, want := range []string{
		`hub.url "https://hub.hospital.example" /etc/wardlight/config.toml:3, final`,
		`hub.timeout "3s" --timeout reader.name`, `card.modules "" built in, final`,
	} {
		if code != exitDone || !strings.Contains(lines, want) {
			t.Errorf("config: exit code %d, want %d, and output containing %q:\n%s", code, exitDone, want, out)
		}
	}

	if out, _ = onComputer(t, machine, nil, "config", "--json"); strings.Count(out, `"final": true`) != 2 {
		t.Errorf("config --json: want 2 final settings in\n%s", out)
	}

	if out, _ = onComputer(t, machine, []string{"WARDLIGHT_HUB_URL=https://other.example"},
		"doctor"); !strings.Contains(out, "hub.url: this computer has a final value for it. (D72)") {
		t.Errorf("doctor: want D72 about the final hub.url in\n%s", out)
	}
}

func TestTheDoctorSaysThatTheHubsAddressIsFinal(t *testing.T) {
	hub := hubtest.New(t, time.Now)
	out, _ := onComputer(t, "final = [\"hub.url\"]\n[hub]\nurl = \""+hub.URL+"\"\n", nil, "doctor")
	if !strings.Contains(out, "The address is final on this computer (/etc/wardlight/config.toml:3).") {
		t.Errorf("doctor: want the note that the hub's address is final in\n%s", out)
	}
}
