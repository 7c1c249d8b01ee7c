//go:build linux

package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/people"
	"wardlight/internal/need"
	"wardlight/internal/schematest"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// recordSystem runs 'wardlight show' as the local record system would.
type recordSystem struct {
	*testSite
	runtime string // XDG_RUNTIME_DIR
}

func newRecordSystem(t *testing.T) *recordSystem {
	t.Helper()
	w := newTestSite(t)
	dir, err := os.MkdirTemp("", "run") // short, because the length of a socket's path is limited
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return &recordSystem{w, dir}
}

func (r *recordSystem) env() string { return "XDG_RUNTIME_DIR=" + r.runtime }

// run runs the command under the given credential, nil being the test's own, and returns its exit code and output.
func (r *recordSystem) run(as *syscall.Credential, program, input string, args ...string) (code int, said string) {
	r.t.Helper()
	c := exec.CommandContext(r.t.Context(), program, append([]string{"show"}, args...)...)
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + r.runtime, r.env()}
	c.Dir = "/"
	c.Stdin = strings.NewReader(input)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	out, err := c.CombinedOutput()
	if c.ProcessState == nil {
		r.t.Fatal(err)
	}
	if strings.Contains(strings.ReplaceAll(string(out), " ", ""), people.OnPlan.Digits()) {
		r.t.Errorf("show printed the NHS number: %s", out)
	}
	return c.ProcessState.ExitCode(), string(out)
}

// shows runs 'wardlight show' and checks its exit code and that its output contains word.
func (r *recordSystem) shows(code int, word string, args ...string) {
	r.t.Helper()
	if got, said := r.run(nil, r.program, "", args...); got != code || !strings.Contains(said, word) {
		r.t.Errorf("show %q: exit code %d, want %d and %q: %s", args, got, code, word, said)
	}
}

func TestShow_InARunningSession(t *testing.T) {
	t.Parallel() // each test starts its own services
	r := newRecordSystem(t)
	number := people.OnPlan.Digits()
	r.shows(exitSignIn, "(S10)", number)
	term := r.startTerminal(r.env())
	term.Expect(Contains("No smartcard in the reader"))
	r.shows(exitSignIn, "Nobody is signed in to Wardlight, or it is locked. (S11)", number)

	r.insert("nurse")
	term.Expect(Contains("Passcode"), Contains("Tries left     3"))
	r.shows(exitSignIn, "(S11)", number)
	term.Type(cards.Passcode).Press("enter").Expect(Contains("Find a patient"))
	before := r.accesses(people.OnPlan)
	if code, said := r.run(nil, r.program, people.OnPlan.String()+"\n", "-"); code != exitDone ||
		said != "Wardlight looks for the patient now. Nothing was opened.\n" {
		t.Errorf("show -: exit code %d, want %d and \"Nothing was opened.\": %s", code, exitDone, said)
	}

	term.Expect(Contains("EXAMPLE, Tess"), Contains("ALERT"), Contains("whom to ring"))

	// Another patient replaces the one shown; later one arrives while the user is typing.
	r.shows(exitDone, "Nothing was opened.", people.Nothing.String())
	term.Expect(Contains("none recorded"), Contains(people.Nothing.String())).ExpectGone(Contains("Tess"),
		Contains("ALERT"))
	term.Press("n").Type("99").Expect(Contains("NHS number   ► 99"))
	r.shows(exitBusy, "(S23)", number)
	term.Press("ctrl+u").ExpectGone(Contains("► 99"))
	code, said := r.run(nil, r.program, "", number, "--json")
	if code != exitDone {
		t.Errorf("exit %d: %s", code, said)
	}

	schematest.Output(t, []byte(said))
	term.Expect(Contains("EXAMPLE, Tess"), Contains("ALERT"))

	term.Press("ctrl+l").Expect(Contains("Locked."))
	r.shows(exitSignIn, "Sign in there first", number)
	term.ExpectGone(Contains("Tess"), Contains(people.OnPlan.String()))
	if n := r.accesses(people.OnPlan); n != before {
		t.Errorf("accesses after handing over numbers: got %d more, want 0", n-before)
	}

	r.notified(0)

	r.card.Pull()
	term.Expect(Contains("Card removed.")).Press("q").Wait()
	term.ExpectModesRestored()
	r.shows(exitSignIn, "(S10)", number)
}

func TestShow_AnotherUsersSession(t *testing.T) {
	if os.Geteuid() != 0 {
		need.Absent(t, "root, to be another user")
	}

	t.Parallel() // each test starts its own services
	r := newRecordSystem(t)
	r.insert("nurse")
	term := r.startTerminal(r.env())
	term.Expect(Contains("Tries left     3")).Type(cards.Passcode).Press("enter").Expect(Contains("Find a patient"))

	// Every account may run the copy of the program and read its folder.
	program := filepath.Join(r.runtime, "wardlight-for-all")
	if err := errors.Join(os.Chmod(r.runtime, 0o755), copyTo(program, r.program)); err != nil {
		t.Fatal(err)
	}

	nobody := &syscall.Credential{Uid: 65534, Gid: 65534}
	if code, said := r.run(nobody, program, "", people.OnPlan.Digits()); code != exitSignIn ||
		!strings.Contains(said, "The Wardlight that is running here is another user's. (S31)") {
		t.Errorf("show as another user: exit code %d, want %d and S31: %s", code, exitSignIn, said)
	}

	// The result is the same if the other user cannot read the folder.
	if err := os.Chmod(r.runtime, 0o711); err != nil {
		t.Fatal(err)
	}

	if code, said := r.run(nobody, program, "", people.OnPlan.Digits()); code != exitSignIn ||
		!strings.Contains(said, "(S31)") {
		t.Errorf("show as another user, folder unreadable: exit code %d, want %d and S31: %s", code, exitSignIn, said)
	}

	if code, said := r.run(nil, program, "", people.OnPlan.Digits()); code != exitDone {
		t.Errorf("show as the same user: exit code %d, want %d: %s", code, exitDone, said)
	}

	term.Expect(Contains("EXAMPLE, Tess"), Contains("ALERT"))
	r.notified(0)
	r.card.Pull()
	term.Expect(Contains("Card removed.")).Press("q").Wait()
}

// copyTo copies a program with permission for everybody to run it.
func copyTo(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close(), os.Chmod(to, 0o755))
}

func TestShow_InLines(t *testing.T) {
	t.Parallel() // each test starts its own services
	r := newRecordSystem(t)
	r.insert("nurse")
	term := Start(t, Options{Rows: 300, Env: []string{r.socket(), r.env()}}, r.program, "--plain", "--config",
		r.hub.ConfigFile())
	term.Expect(Regexp(`Passcode, .*Enter:\s*$`)).Type(cards.Passcode).Press("enter").
		Expect(Contains("NHS number, or family name:"))
	r.shows(exitDone, "Nothing was opened.", people.OnPlan.Digits())
	term.Expect(Contains("From the record system: NHS number 999 000 0018."),
		Contains("ALERT: Child protection alert, as of"),
		Regexp(`Command:\s*$`))
	said := string(term.Output())
	if from, who := strings.Index(said, "From the record system"), strings.Index(said, "EXAMPLE, Tess"); from < 0 ||
		who < from {
		t.Errorf("source of the number at offset %d, patient's name at %d; want the source first", from, who)
	}

	r.notified(0)
	term.Type("lock").Press("enter").Expect(Contains("Locked."))
	r.shows(exitSignIn, "(S11)", people.OnPlan.Digits())
	r.card.Pull()
	term.Expect(Contains("Card removed."), Regexp(`Command:\s*$`)).Type("quit").Press("enter").Wait()
}

// The socket left by a killed program doesn't prevent another program from starting.
func TestShow_AfterAKilledProgram(t *testing.T) {
	t.Parallel() // each test starts its own services
	r := newRecordSystem(t)
	killed := r.startTerminal(r.env())
	killed.Expect(Contains("No smartcard in the reader")).Signal(syscall.SIGKILL).Wait()
	if left, err := os.ReadDir(filepath.Join(r.runtime, "wardlight")); err != nil || len(left) != 1 {
		t.Fatalf("files after the program was killed: got %v, error %v, want the socket", left, err)
	}
	r.shows(exitSignIn, "(S10)", people.OnPlan.Digits())
	term := r.startTerminal(r.env())
	term.Expect(Contains("No smartcard in the reader"))
	r.shows(exitSignIn, "(S11)", people.OnPlan.Digits())
	if there, err := os.ReadDir(filepath.Join(r.runtime, "wardlight")); err != nil || len(there) != 1 {
		t.Errorf("files of the new program: got %v, error %v, want one socket", there, err)
	}
	term.Press("q").Wait()
}
