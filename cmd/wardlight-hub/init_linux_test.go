package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pki"
	"wardlight/internal/testterm"
)

// firstHub is the environment of a test that sets up a hub.
type firstHub struct {
	program, folder, cards, listen, operator string
	ca                                       *pki.CA
}

func newFirstHub(t *testing.T) *firstHub {
	t.Helper()
	ca, err := pki.New("Sub CA", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	f := &firstHub{
		program: labtest.Program(t, "wardlight-hub"), folder: filepath.Join(t.TempDir(), "hub"), ca: ca,
		listen: labtest.Address(t), operator: labtest.Address(t),
	}
	f.cards = writeTemp(t, string(ca.PEM()))
	return f
}

func (f *firstHub) file(name string) string { return filepath.Join(f.folder, name) }

// signIn starts the hub that init created, and signs in as a terminal would that trusts the trial CA.
func (f *firstHub) signIn(t *testing.T) {
	t.Helper()
	for _, args := range [][]string{{"import", writeTemp(t, staffLines)}, {"config"}} {
		if out, err := exec.CommandContext(t.Context(), f.program, append(args, "--config", f.file("config.toml"))...).
			CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", args[0], err, out)
		}
	}

	log := &labtest.Output{}
	cmd := exec.CommandContext(t.Context(), f.program, "serve", "--config", f.file("config.toml"))
	cmd.Stderr = log
	hub := labtest.Start(t, cmd)
	hub.Until(t, "its listening", func() bool { return strings.Contains(log.String(), wordListens) })
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(readFile(t, f.file("hub-ca.pem")))) {
		t.Fatal("hub-ca.pem contains no certificate")
	}

	now := time.Now()
	card, err := f.ca.IssueCard(pki.CardRequest{
		UUID: staffUUID, Serial: 7, Key: pki.P256,
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}

	_, port, _ := net.SplitHostPort(f.listen)
	if _, err := signInTo(t, client.Config{BaseURL: "https://localhost:" + port, HTTP: client.NewHTTP(roots)},
		card); err != nil {
		t.Errorf("sign-in: %v: %s", err, log.String())
	}

	out, err := exec.CommandContext(t.Context(), f.program, "doctor", "--config", f.file("config.toml")).
		CombinedOutput()
	if err != nil {
		t.Errorf("doctor: %v: %s", err, out)
	}
}

// TestInit_Asking answers the questions on a terminal. The first answer is invalid at first.
func TestInit_Asking(t *testing.T) {
	f := newFirstHub(t)
	tty := testterm.Start(t, testterm.Options{Cols: 160, Rows: 60}, f.program, "init", "--operator-listen", f.operator)
	answer := func(question, said string) {
		t.Helper()
		tty.Expect(testterm.Regexp(question + `[^\n]*: *(\n|$)`))
		tty.Type(said).Press("enter")
	}

	answer("Folder of the settings and keys .*", f.folder)
	answer("Name or address by which terminals reach the hub", "https://localhost")
	tty.Expect(testterm.Contains("is not a host name or an address"))
	tty.Type("localhost").Press("enter")
	answer("Address and port to listen on", f.listen)
	answer("Folder of the databases", "")
	answer("Certificate file, or trial for a CA", "")
	answer("Files of the smartcards' CAs", f.cards+"=uuid")
	answer("Code of the first local authority", "V999")
	answer("Its name, as clinicians see it", "EXAMPLESHIRE COUNCIL")
	answer("Phone of its emergency duty team", "01632 960102")
	answer("Its phone in office hours", "")
	answer("Where its notifications go", "")
	tty.Expect(testterm.Contains("The hub is set up and starts."), testterm.Contains("wlla_"),
		testterm.Contains("Next:"))
	f.signIn(t)
}

func TestInit_ByFlags(t *testing.T) {
	f := newFirstHub(t)
	args := []string{
		"init", "--folder", f.folder, "--name", "localhost", "--listen", f.listen, "--operator-listen", f.operator,
		"--tls-cert", "trial", "--ca", f.cards + "=uuid",
		"--authority", "V999", "--authority-name", "EXAMPLESHIRE COUNCIL", "--duty-phone", "01632960102",
	}

	initialise := func(args ...string) (string, int) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), f.program, args...)
		out, _ := cmd.CombinedOutput()
		return string(out), cmd.ProcessState.ExitCode()
	}

	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no name": {[]string{"init", "--folder", f.folder}, "--name: a value is required"},
		"a CA without its way": {
			append(args[:len(args):len(args)], "--ca", f.cards),
			"the setting does not say how the certificates",
		},
		"a setting that it leaves out": {
			append(args[:len(args):len(args)], "--log-level", "debug"),
			"--log-level: init does not support this setting",
		},
		"a name with its scheme": {append(args[:len(args):len(args)], "--name", "https://hub.example"), "--name: "},
		"a port that is in use": {
			append(args[:len(args):len(args)], "--listen", busy(t)),
			"the hub does not start with these settings",
		},
	} {
		if out, code := initialise(c.args...); code == 0 || !strings.Contains(out, c.says) {
			t.Errorf("init, %s: exit code %d and %q, want an error with %q", name, code, out, c.says)
		}
		if _, err := os.Lstat(f.folder); !os.IsNotExist(err) {
			t.Errorf("init, %s: %s was not removed", name, f.folder)
		}
	}

	out, code := initialise(args...)
	if code != 0 || strings.Count(out, "\n  wardlight-hub ") != 3 {
		t.Fatalf("init: exit code %d, want 0 and three commands: %s", code, out)
	}

	for name, mode := range map[string]os.FileMode{
		"audit.key": 0o600, "hub.key": 0o600, "webhook-secrets": 0o600, "data": os.ModeDir | 0o700,
		"data/signing-key.pem": 0o600, "config.toml": 0o640,
	} {
		if info, err := os.Stat(f.file(name)); err != nil || info.Mode() != mode {
			t.Errorf("%s: got mode %v, error %v, want mode %s", name, info.Mode(), err, mode)
		}
	}

	for line := range strings.Lines(readFile(t, f.file("config.toml"))) {
		if len(line) > 160 {
			t.Errorf("settings file: got a line of %d bytes, want at most 160: %s", len(line), line)
		}
	}

	f.signIn(t)
	before := readFile(t, f.file("config.toml"))
	if out, code := initialise(args...); code == 0 || !strings.Contains(out, "not overwritten") ||
		readFile(t, f.file("config.toml")) != before {
		t.Errorf("second init: exit code %d, want an error and the file unchanged: %s", code, out)
	}
}

// TestInit_ThePackagesSettings tests a folder with the settings file that the packages install.
func TestInit_ThePackagesSettings(t *testing.T) {
	f := newFirstHub(t)
	if err := os.Mkdir(f.folder, 0o700); err != nil {
		t.Fatal(err)
	}

	data := filepath.Join(t.TempDir(), "books")
	packagedText := strings.Replace(packaged(t, "wardlight-hub.toml"), "/var/lib/wardlight-hub", data, 1)
	files{}.write(t, f.file("config.toml"), packagedText)
	args := func(listen string) []string {
		return []string{
			"init", "--folder", f.folder, "--name", "localhost", "--listen", listen, "--operator-listen",
			f.operator, "--tls-cert", "trial", "--ca", f.cards + "=uuid",
		}
	}

	if out, err := exec.CommandContext(t.Context(), f.program, args(busy(t))...).CombinedOutput(); err == nil ||
		readFile(t, f.file("config.toml")) != packagedText {
		t.Errorf("init that failed: succeeded, or the packaged settings file was not restored: %s", out)
	}

	if out, err := exec.CommandContext(t.Context(), f.program, args(f.listen)...).CombinedOutput(); err != nil {
		t.Fatalf("init: %v: %s", err, out)
	}

	if readFile(t, f.file("config.toml.package")) != packagedText ||
		!strings.Contains(readFile(t, f.file("config.toml")), fmt.Sprintf("data_folder = %q", data)) {
		t.Errorf("init: packaged file not renamed, or its data folder not used: %s", readFile(t, f.file("config.toml")))
	}
}

// busy returns an address that is in use.
func busy(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // returns at once
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

// TestInit_User sets up a hub for another user. Only root can do that.
func TestInit_User(t *testing.T) {
	f := newFirstHub(t)
	open, err := os.MkdirTemp("", "init") // accessible to other users
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = os.RemoveAll(open) })
	program := filepath.Join(open, "wardlight-hub")
	text, err := os.ReadFile(f.program)
	if err != nil {
		t.Fatal(err)
	}

	if err := errors.Join(os.WriteFile(program, text, 0o700), os.Chmod(program, 0o755),
		os.Chmod(open, 0o755)); err != nil {
		t.Fatal(err)
	}

	f.program, f.folder = program, filepath.Join(open, "hub")
	out, err := exec.CommandContext(t.Context(), f.program, "init", "--folder", f.folder, "--name", "127.0.0.1",
		"--listen", f.listen, "--operator-listen", f.operator,
		"--tls-cert", "trial", "--ca", f.cards+"=uuid", "--authority", "V999", "--authority-name",
		"EXAMPLESHIRE COUNCIL", "--duty-phone", "01632960102", "--user", "nobody").CombinedOutput()
	if os.Getuid() != 0 {
		if err == nil || !strings.Contains(string(out), "only root can create files for another user") {
			t.Errorf("init --user without root: got error %v, want \"only root can\": %s", err, out)
		}
		return
	}

	if err != nil {
		t.Fatalf("init --user nobody: %v: %s", err, out)
	}

	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}

	for name, want := range map[string]string{
		"data": "drwx------ " + nobody.Uid, "data/ledger.db": "-rw------- " + nobody.Uid,
		"data/checkpoints": "drwx------ " + nobody.Uid, "data/signing-key.pem": "-rw------- " + nobody.Uid,
		"config.toml": "-rw-r----- 0", "hub.key": "-rw-r----- 0", "audit.key": "-rw-r----- 0", ".": "drwxr-x--- 0",
	} {
		info, err := os.Stat(f.file(name))
		if err != nil {
			t.Fatal(err)
		}
		owner, group, _ := ownerOf(info)
		if got := fmt.Sprint(info.Mode(), " ", owner); got != want {
			t.Errorf("%s: got mode and owner %s, want %s", name, got, want)
		}
		if fmt.Sprint(group) != nobody.Gid {
			t.Errorf("%s: got group %d, want %s", name, group, nobody.Gid)
		}
	}

	d := exec.CommandContext(t.Context(), f.program, "doctor", "--config", f.file("config.toml"))
	d.Dir = open
	if err := runAs(d, nobody); err != nil {
		t.Fatal(err)
	}

	if out, err := d.CombinedOutput(); err != nil {
		t.Errorf("doctor as user nobody: %v: %s", err, out)
	}

	for _, want := range []string{"sudo -u nobody wardlight-hub serve --config ", "config.toml < people.ndjson\n"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the next commands: got %s, want %q", out, want)
		}
	}
}
