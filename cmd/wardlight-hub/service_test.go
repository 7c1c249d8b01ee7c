package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const packaging = "../../packaging/"

// exposure is the maximum exposure level of the unit that is accepted, as systemd-analyze security rates it, of 100.
const exposure = "20"

func packaged(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(packaging + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestService_SystemdAnalyze(t *testing.T) {
	judging, err := exec.LookPath("systemd-analyze")
	if err != nil {
		if strings.EqualFold(os.Getenv("CI"), "true") {
			t.Fatal("systemd-analyze not found: install systemd")
		}
		t.Skip("systemd-analyze not found: install systemd")
	}

	// The program is not installed where the tests run, so the unit starts another.
	unit := strings.Replace(packaged(t, "wardlight-hub.service"), "/usr/bin/wardlight-hub", "/bin/true", 1)
	judge := func(unit string) (string, bool) {
		t.Helper()
		name := filepath.Join(t.TempDir(), "wardlight-hub.service")
		if err := os.WriteFile(name, []byte(unit), 0o600); err != nil {
			t.Fatal(err)
		}

		var said strings.Builder
		well := true
		for _, args := range [][]string{
			{"verify", "--man=no", name}, {"security", "--offline=yes", "--no-pager", "--threshold=" + exposure, name},
		} {
			cmd := exec.CommandContext(t.Context(), judging, args...)
			cmd.Env = append(os.Environ(), "LC_ALL=C")
			out, err := cmd.CombinedOutput()
			said.Write(out)
			well = well && err == nil
			if args[0] == "verify" {
				well = well && !strings.Contains(string(out), "wardlight-hub.service:")
			}
		}

		return said.String(), well
	}

	if said, well := judge(unit); !well {
		t.Errorf("systemd-analyze rejects the unit:\n%s", said)
	}

	for what, spoilt := range map[string]string{
		"a slip":  strings.Replace(unit, "NoNewPrivileges=", "NoNewPrivilegs=", 1),
		"no word": strings.Replace(unit, "ProtectHome=yes", "ProtectHome=perhaps", 1),
		"all rights left": regexp.MustCompile(`(?m)^(Protect|Private|Restrict|SystemCall|Capability)\w*=.*$`).
			ReplaceAllString(unit, ""),
	} {
		if _, well := judge(spoilt); well {
			t.Errorf("systemd-analyze accepts a unit with %s, want an error", what)
		}
	}
}

func TestThePackageHasWhatTheServiceNeeds(t *testing.T) {
	release, err := os.ReadFile("../../goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}

	for source, target := range map[string]string{
		"packaging/wardlight-hub.service":               "/usr/lib/systemd/system/wardlight-hub.service",
		"packaging/wardlight-hub.toml":                  settingsFile,
		"packaging/prometheus/wardlight-hub.rules.yaml": "/usr/share/wardlight-hub/prometheus/wardlight-hub.rules.yaml",
		"packaging/grafana/wardlight-hub.json":          "/usr/share/wardlight-hub/grafana/wardlight-hub.json",
		"packaging/wardlight-hub.sysusers":              "/usr/lib/sysusers.d/wardlight-hub.conf",
		"packaging/wardlight-hub.tmpfiles":              "/usr/lib/tmpfiles.d/wardlight-hub.conf",
	} {
		if !strings.Contains(string(release), "{src: "+source+", dst: "+target) {
			t.Errorf("the package does not install %s as %s", source, target)
		}
		if _, err := os.Stat("../../" + source); err != nil {
			t.Error(err)
		}
	}

	if !strings.Contains(string(release),
		"{src: dist-extra/documents, dst: /usr/share/doc/wardlight-hub, type: tree}") {
		t.Error("the package does not install the documents that the unit and the settings refer to")
	}

	unit := packaged(t, "wardlight-hub.service")
	tmpfiles := packaged(t, "wardlight-hub.tmpfiles")
	for folder, lines := range map[string]struct{ unit, tmpfiles string }{
		"/var/lib/wardlight-hub": {"StateDirectoryMode=0700\n", "0700 wardlight-hub wardlight-hub\n"},
		"/etc/wardlight-hub":     {"ConfigurationDirectoryMode=0750\n", "0750 root wardlight-hub\n"},
	} {
		if !strings.Contains(unit, lines.unit) || !strings.Contains(tmpfiles, "d "+folder+" "+lines.tmpfiles) {
			t.Errorf("%s: the unit and tmpfiles.d have other modes or owners than expected", folder)
		}
	}

	user := regexp.MustCompile(`(?m)^User=(.*)$`).FindStringSubmatch(unit)
	if user == nil || !strings.HasPrefix(packaged(t, "wardlight-hub.sysusers"), "u "+user[1]+" ") {
		t.Errorf("the package does not create the unit's user %v", user)
	}

	if !strings.Contains(unit, "Type=notify\n") || !strings.Contains(unit, "TimeoutStartSec=infinity\n") {
		t.Error("the unit needs Type=notify and TimeoutStartSec=infinity, for invalid settings and long migrations")
	}

	folder := regexp.MustCompile(`(?m)^#checkpoint_folder = "(.*)/hub"$`).
		FindStringSubmatch(packaged(t, "wardlight-hub.toml"))
	if folder == nil || !strings.Contains(unit, "\nReadWritePaths=-"+folder[1]+"\n") ||
		!strings.Contains(unit, "\nRequiresMountsFor="+folder[1]+"\n") {
		t.Errorf("the unit cannot write below the checkpoint folder %v of the settings, want ReadWritePaths and "+
			"RequiresMountsFor", folder)
	}

	if !strings.Contains(unit, "RestartPreventExitStatus=2\n") || exitSettings != 2 {
		t.Error("the unit needs RestartPreventExitStatus=2, or invalid settings restart the hub again and again")
	}
}
