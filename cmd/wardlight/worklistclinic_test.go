//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/nhs"
	"wardlight/internal/sealed"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
	"wardlight/internal/worklist"
	"wardlight/rbac"
)

// TestWorklist_KilledProgramAndHub kills the program and the hub in turn while a list of 500
// is being checked. At the end every patient has the state that the hub's data imply, and patients without a record
// have "could not check". No patient is ever lost, or shown as "none recorded" without an answer from the hub.
func TestWorklist_KilledProgramAndHub(t *testing.T) {
	c := newWorklistSite(t)
	hub := c.hub()

	first := c.start(c.file) // the hub is killed, then the program while the hub is down
	c.proxy.await(t, waitingPatients/5)
	c.proxy.whileIdle(hub.Kill)
	first.Until(t, "word of the hub's absence", func() bool {
		return strings.Contains(first.said.String(), "The rest is not checked until it is back.")
	})

	first.Kill()
	c.checkSavedList()

	hub = c.hub()
	second := c.start(c.file) // the program is killed during requests
	c.proxy.await(t, 2*waitingPatients/5)
	second.Kill()
	c.checkSavedList()

	third := c.start() // continues the saved list; the hub is killed and restarted
	c.proxy.await(t, 3*waitingPatients/5)
	c.proxy.whileIdle(hub.Kill)
	third.Until(t, "word of the hub's absence", func() bool {
		return strings.Contains(third.said.String(), "The rest is not checked until it is back.")
	})

	hub = c.hub()
	code, document := third.end()
	if code != exitHub {
		t.Fatalf("third run: exit code %d, want %d: %s", code, exitHub, third.said)
	}

	c.checkDocument(document)
	hub.Stop()
	c.checkAudit()
}

// TestWorklist_CtrlC presses Ctrl-C while four requests are in progress and the hub
// is slow. The terminal's settings must be restored, and patients without an answer must be "not checked".
func TestWorklist_CtrlC(t *testing.T) {
	c := newWorklistSite(t)
	hub := c.hub()
	shell := c.startShell(c.file)
	shell.Expect(Contains("Passcode:")).Type(cards.Passcode).Press("enter")
	c.proxy.await(t, 3*waitingPatients/5) // the rest must be checked within the terminal's timeout
	c.proxy.whileIdle(func() {            // no further answer arrives
		shell.Press("ctrl+c").Expect(Contains("exit "+strconv.Itoa(exitInterrupted)), Contains("tty at end"))
	})

	if rc := shell.Wait(); rc != 0 {
		t.Errorf("exit code of the shell: got %d, want 0", rc)
	}

	shell.ExpectModesRestored()
	said := string(shell.Output())
	before, after := ttyIn(t, said, "at begin"), ttyIn(t, said, "at end")
	if before != after || !strings.Contains(after, " echo ") || !strings.Contains(after, " icanon ") {
		t.Errorf("terminal settings: got\n%s\nwant, as before,\n%s", after, before)
	}

	tally := regexp.MustCompile(
		`wardlight: \d+ of 500, \d+ ALERT\r(?:\^C)?\r\n500 patients: (\d+) ALERT, (\d+) none recorded, (\d+) could not check, (\d+) not checked`,
	).FindStringSubmatch(said)
	if tally == nil {
		t.Fatalf("no line with the counts in\n%s", said)
	}

	rows := func(state string) int {
		return len(regexp.MustCompile(`(?m)^`+state+
			` .* line \d+(  No patient has this NHS number\. .*|  The patient's record is missing: .*)?\r?$`).
			FindAllString(said, -1))
	}

	if alerts, none, could, not := atoi(tally[1]), atoi(tally[2]), atoi(tally[3]), atoi(tally[4]); alerts+none+could+
		not != waitingPatients || not == 0 ||
		alerts != rows("ALERT") || none != rows("none recorded") || could != rows("could not check") ||
		not != rows("not checked") {
		t.Errorf("rows: got %d ALERT, %d none recorded, %d could not check and %d not checked, want those of %q",
			rows("ALERT"), rows("none recorded"), rows("could not check"), rows("not checked"), tally[0])
	}

	for _, want := range []string{
		"The list is kept, encrypted: 'wardlight worklist' goes on with it.",
		"wardlight: Interrupted.",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("output does not contain %q:\n%s", want, said[strings.LastIndex(said, "not checked"):])
		}
	}

	c.checkSavedList()

	shell = c.startShell() // continues the saved list
	shell.Expect(Contains("Passcode:")).Type(cards.Passcode).Press("enter").
		Expect(Contains("exit " + strconv.Itoa(exitHub)))
	want := fmt.Sprintf("500 patients: %d ALERT, %d none recorded, %d could not check, 0 not checked", c.in("alert"),
		c.in("none_recorded"), c.in("could_not_check"))
	if said := string(shell.Output()); !strings.Contains(said, "goes on with the list of ") ||
		!strings.Contains(said, want) {
		t.Errorf("output does not contain %q:\n%s", want, said)
	}

	hub.Stop()
	c.checkAudit()
}

// startShell starts a shell on a terminal that checks a list and prints the terminal's settings before and after.
func (c *worklistSite) startShell(args ...string) *Terminal {
	c.t.Helper()
	const script = `trap : INT
echo "tty at begin: $(stty -a | tr '\n' ' ')"
"$@"
echo "exit $?"
echo "tty at end: $(stty -a | tr '\n' ' ')"`
	return Start(c.t, Options{Cols: 200, Rows: 50, Env: c.env}, "/bin/sh",
		append([]string{"-c", script, "sh", c.program, "worklist"}, args...)...)
}

// ttyIn returns the terminal settings that the shell printed at that time.
func ttyIn(t *testing.T, said, when string) string {
	t.Helper()
	_, rest, found := strings.Cut(said, "tty "+when+": ")
	if !found {
		t.Fatalf("the shell printed no terminal settings %s", when)
	}
	line, _, _ := strings.Cut(rest, "\r\n")
	return line
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s) // s matched \d+
	return n
}

// checking is a running 'wardlight worklist'.
type checking struct {
	*labtest.Process
	out, said *labtest.Output
	cmd       *exec.Cmd
}

func (c *worklistSite) start(args ...string) *checking {
	c.t.Helper()
	r, p, err := os.Pipe()
	if err != nil {
		c.t.Fatal(err)
	}
	defer r.Close()
	if _, err := p.WriteString(cards.Passcode + "\n"); err != nil {
		c.t.Fatal(err)
	}
	p.Close()
	x := &checking{out: new(labtest.Output), said: new(labtest.Output)}
	x.cmd = exec.Command(c.program, append([]string{"worklist", "--json", "--wait", "12h", "--passcode-fd", "3"},
		args...)...)
	x.cmd.Env, x.cmd.Stdout, x.cmd.Stderr, x.cmd.ExtraFiles = c.env, x.out, x.said, []*os.File{r}
	x.Process = labtest.Start(c.t, x.cmd)
	return x
}

// end waits until the program exits, and returns its exit code and document.
func (x *checking) end() (int, worklistDocument) {
	<-x.Done()
	var d worklistDocument
	_ = json.Unmarshal([]byte(x.out.String()), &d)
	return x.cmd.ProcessState.ExitCode(), d
}

// checkSavedList decrypts the saved list with the key in the keyring. It checks that all patients are in it, and that
// each known state was answered by the hub.
func (c *worklistSite) checkSavedList() {
	c.t.Helper()
	files, err := filepath.Glob(filepath.Join(c.state, "worklist-*.age"))
	if err != nil || len(files) != 1 {
		c.t.Fatalf("saved lists: got %v, error %v, want 1", files, err)
	}

	b, err := sealed.Open(c.ring, c.state, strings.TrimSuffix(filepath.Base(files[0]), ".age")).Load(c.t.Context())
	if err != nil {
		c.t.Fatal(err, errors.Unwrap(err))
	}

	k, err := worklist.Decode(b)
	if err != nil {
		c.t.Fatal(err)
	}

	if len(k.Checked) != waitingPatients {
		c.t.Fatalf("patients in the saved list: got %d, want %d", len(k.Checked), waitingPatients)
	}

	known := 0
	for i, p := range k.Checked {
		if p.Patient.Number != c.numbers[i] {
			c.t.Errorf("line %d: got the number %s, want %s", i, p.Patient.Number, c.numbers[i])
		}
		if p.Answer.Known() {
			known++
			if !c.proxy.answered(p.Patient.Number) {
				c.t.Errorf("line %d: state %s, but the hub did not answer", i, p.Answer.State)
			}
		}
		if p.Answer.State == client.CouldNotCheck && c.known(p.Patient.Number) != "could_not_check" {
			c.t.Errorf("line %d: could not check a patient with a record: %+v", i, p.Answer.Why)
		}
	}

	if left := k.Tally(adaUUID).NotChecked; known == 0 || left == 0 {
		c.t.Errorf("saved list: %d answered, %d not checked, want some of both", known, left)
	}
}

func (c *worklistSite) checkDocument(d worklistDocument) {
	c.t.Helper()
	want := countsPart{
		All: waitingPatients, Alert: c.in("alert"), NoneRecorded: c.in("none_recorded"),
		CouldNotCheck: c.in("could_not_check"),
	}
	if d.Counts != want || want.CouldNotCheck == 0 || d.Complete {
		c.t.Errorf("counts: got %+v, complete %v, want %+v, incomplete", d.Counts, d.Complete, want)
	}

	seen := make(map[nhs.Number]bool)
	for _, p := range d.Patients {
		n := nhs.Number(p.Number)
		want := c.known(n)
		answered := want != "could_not_check"
		if p.State != want || (p.AsOf != nil) != answered || c.proxy.answered(n) != answered ||
			p.Missing != (c.onPlan[n] && c.unknown[n]) {
			c.t.Errorf("line %d: got state %s at %v, want %s", p.Line, p.State, p.AsOf, want)
		}
		if !answered && (p.Error == nil || p.Error.Kind != "not_found") {
			c.t.Errorf("line %d: got error %+v, want not_found", p.Line, p.Error)
		}
		seen[n] = true
	}

	if len(seen) != waitingPatients {
		c.t.Errorf("patients in the list: got %d, want %d", len(seen), waitingPatients)
	}
}

// checkAudit checks the hub's audit: every answered lamp is in it, nothing was opened, and very few patients
// were checked twice.
func (c *worklistSite) checkAudit() {
	c.t.Helper()
	ledger, err := sqlite.Open(c.t.Context(), c.data)
	if err != nil {
		c.t.Fatal(err)
	}
	defer ledger.Close()
	lamps, others := 0, 0
	if err := ledger.AuditTrail(c.t.Context(), 0, func(r store.AuditRecord) error {
		switch {
		case r.Action == rbac.SeeLamp.String() && r.Outcome == audit.Granted:
			lamps++
		case r.Action == rbac.SeeLamp.String() && r.Reason == "RESOURCE_NOT_FOUND" &&
			c.known(r.Patients[0]) == "could_not_check":
		case r.Action == audit.UseToken && r.Reason == "invalid_token": // in progress at sign-out
		case r.Action != audit.SignIn && r.Action != audit.SignOut && r.Action != audit.Retrieve:
			others++
			c.t.Logf("another thing in the audit: %s %s %s", r.Action, r.Outcome, r.Reason)
		}
		return nil
	}); err != nil {
		c.t.Fatal(err)
	}

	total, limit := c.proxy.counts()
	if lamps != total || others != 0 {
		c.t.Errorf("audit: got %d lamps and %d other records, want %d and 0", lamps, others, total)
	}

	if limit > worklist.MaxConcurrent || limit < 2 {
		c.t.Errorf("concurrent lamp requests: got at most %d, want 2 to %d", limit, worklist.MaxConcurrent)
	}

	if again := total - (waitingPatients - c.in("could_not_check")); again < 0 || again > 4*worklist.MaxConcurrent {
		c.t.Errorf("repeated lamp requests: got %d, want 0 to %d, those in progress at the four kills",
			again, 4*worklist.MaxConcurrent)
	}

	c.t.Logf("%d lamps for %d patients, %d at once at the most", total, waitingPatients, limit)
}
