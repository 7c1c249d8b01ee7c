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
	. "wardlight/internal/testterm" // the words of the scenario
	"wardlight/internal/worklist"
	"wardlight/rbac"
)

// TestAWaitingRoomOf500SurvivesKillsOfTheProgramAndOfTheHub kills both, in turn and half-way. In the end everybody is
// answered about, as the books have it, and whoever has no record could not be checked; on the way nobody was lost,
// and nobody was called 'none recorded' without an answer of the hub.
func TestAWaitingRoomOf500SurvivesKillsOfTheProgramAndOfTheHub(t *testing.T) {
	c := newClinic(t)
	hub := c.hub()

	first := c.start(c.file) // the hub dies under it, and then the program, while the hub is away
	c.proxy.await(t, waitingPatients/5)
	c.proxy.quietly(hub.Kill)
	first.Until(t, "word of the hub's absence", func() bool { return strings.Contains(first.said.String(), "The rest is not checked until it is back.") })
	first.Kill()
	c.keptWell()

	hub = c.hub()
	second := c.start(c.file) // the program dies while it asks
	c.proxy.await(t, 2*waitingPatients/5)
	second.Kill()
	c.keptWell()

	third := c.start() // without the file; the hub dies and comes back
	c.proxy.await(t, 3*waitingPatients/5)
	c.proxy.quietly(hub.Kill)
	third.Until(t, "word of the hub's absence", func() bool { return strings.Contains(third.said.String(), "The rest is not checked until it is back.") })
	hub = c.hub()
	code, document := third.end()
	if code != exitHub {
		t.Fatalf("exit %d: %s", code, third.said)
	}
	c.holdAgainstTheBooks(document)
	hub.Stop()
	c.holdAgainstTheAudit()
}

// TestCtrlCHalfWayEndsAWaitingRoomOnATerminalAndKeepsIt has somebody at a terminal lose patience while four patients
// are being asked about and the hub is slow to answer. The shell finds its terminal as it was, and what is not known
// is not checked.
func TestCtrlCHalfWayEndsAWaitingRoomOnATerminalAndKeepsIt(t *testing.T) {
	c := newClinic(t)
	hub := c.hub()
	shell := c.sit(c.file)
	shell.Expect(Contains("Passcode:")).Type(cards.Passcode).Press("enter")
	c.proxy.await(t, 3*waitingPatients/5) // what is left must be asked about within one wait of the terminal
	c.proxy.quietly(func() {              // no answer comes any more
		shell.Press("ctrl+c").Expect(Contains("exit "+strconv.Itoa(exitInterrupted)), Contains("tty at end"))
	})
	if rc := shell.Wait(); rc != 0 {
		t.Errorf("the shell ended with %d", rc)
	}
	shell.ExpectNothingLeftOver()
	said := string(shell.Output())
	before, after := ttyIn(t, said, "at begin"), ttyIn(t, said, "at end")
	if before != after || !strings.Contains(after, " echo ") || !strings.Contains(after, " icanon ") {
		t.Errorf("the terminal was\n%s\nand is\n%s", before, after)
	}
	tally := regexp.MustCompile(`wardlight: \d+ of 500, \d+ ALERT\r(?:\^C)?\r\n500 patients: (\d+) ALERT, (\d+) none recorded, (\d+) could not check, (\d+) not checked`).FindStringSubmatch(said)
	if tally == nil {
		t.Fatalf("it said\n%s", said)
	}
	rows := func(state string) int {
		return len(regexp.MustCompile(`(?m)^`+state+` .* line \d+(  No patient has this NHS number\. .*|  The patient's record is missing: .*)?\r?$`).FindAllString(said, -1))
	}
	if alerts, none, could, not := atoi(tally[1]), atoi(tally[2]), atoi(tally[3]), atoi(tally[4]); alerts+none+could+not != waitingPatients || not == 0 ||
		alerts != rows("ALERT") || none != rows("none recorded") || could != rows("could not check") || not != rows("not checked") {
		t.Errorf("%q, and %d, %d, %d and %d rows", tally[0], rows("ALERT"), rows("none recorded"), rows("could not check"), rows("not checked"))
	}
	for _, want := range []string{"The list is kept, encrypted: 'wardlight worklist' goes on with it.", "wardlight: Interrupted."} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said[strings.LastIndex(said, "not checked"):])
		}
	}
	c.keptWell()

	shell = c.sit() // without the file it goes on
	shell.Expect(Contains("Passcode:")).Type(cards.Passcode).Press("enter").Expect(Contains("exit " + strconv.Itoa(exitHub)))
	want := fmt.Sprintf("500 patients: %d ALERT, %d none recorded, %d could not check, 0 not checked", c.in("alert"), c.in("none_recorded"), c.in("could_not_check"))
	if said := string(shell.Output()); !strings.Contains(said, "goes on with the list of ") || !strings.Contains(said, want) {
		t.Errorf("it said\n%s", said)
	}
	hub.Stop()
	c.holdAgainstTheAudit()
}

// sit has a shell on a terminal check a list, and say what the terminal's line is like before and after.
func (c *clinic) sit(args ...string) *Terminal {
	c.t.Helper()
	const script = `trap : INT
echo "tty at begin: $(stty -a | tr '\n' ' ')"
"$@"
echo "exit $?"
echo "tty at end: $(stty -a | tr '\n' ' ')"`
	return Start(c.t, Options{Cols: 200, Rows: 50, Env: c.env}, "/bin/sh", append([]string{"-c", script, "sh", c.program, "worklist"}, args...)...)
}

// ttyIn is what the shell said of its terminal.
func ttyIn(t *testing.T, said, when string) string {
	t.Helper()
	_, rest, found := strings.Cut(said, "tty "+when+": ")
	if !found {
		t.Fatalf("the shell does not say how the terminal was %s", when)
	}
	line, _, _ := strings.Cut(rest, "\r\n")
	return line
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s) // of digits alone
	return n
}

// checking is the program at work.
type checking struct {
	*labtest.Process
	out, said *labtest.Output
	cmd       *exec.Cmd
}

func (c *clinic) start(args ...string) *checking {
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
	x.cmd = exec.Command(c.program, append([]string{"worklist", "--json", "--wait", "12h", "--passcode-fd", "3"}, args...)...)
	x.cmd.Env, x.cmd.Stdout, x.cmd.Stderr, x.cmd.ExtraFiles = c.env, x.out, x.said, []*os.File{r}
	x.Process = labtest.Start(c.t, x.cmd)
	return x
}

// end waits for the program's own end.
func (x *checking) end() (int, worklistDocument) {
	<-x.Gone()
	var d worklistDocument
	_ = json.Unmarshal([]byte(x.out.String()), &d)
	return x.cmd.ProcessState.ExitCode(), d
}

// keptWell opens the list that is kept, with the key in the keyring: everybody is there, and whoever has a state was
// answered about.
func (c *clinic) keptWell() {
	c.t.Helper()
	files, err := filepath.Glob(filepath.Join(c.state, "worklist-*.age"))
	if err != nil || len(files) != 1 {
		c.t.Fatalf("kept are %v, %v", files, err)
	}
	b, err := sealed.Open(c.ring, c.state, strings.TrimSuffix(filepath.Base(files[0]), ".age")).Load(c.t.Context())
	if err != nil {
		c.t.Fatal(err, errors.Unwrap(err))
	}
	k, err := worklist.Open(b)
	if err != nil {
		c.t.Fatal(err)
	}
	if len(k.Checked) != waitingPatients {
		c.t.Fatalf("%d of %d are kept", len(k.Checked), waitingPatients)
	}
	known := 0
	for i, p := range k.Checked {
		if p.Patient.Number != c.numbers[i] {
			c.t.Errorf("line %d is about another patient", i)
		}
		if p.Answer.Known() {
			known++
			if !c.proxy.answered(p.Patient.Number) {
				c.t.Errorf("line %d is %s without an answer", i, p.Answer.State)
			}
		}
		if p.Answer.State == client.CouldNotCheck && c.known(p.Patient.Number) != "could_not_check" {
			c.t.Errorf("line %d, who has a record, could not be checked: %+v", i, p.Answer.Why)
		}
	}
	if left := k.Tally(adaUUID).NotChecked; known == 0 || left == 0 {
		c.t.Errorf("%d have an answer, %d are not checked: this was no kill half-way", known, left)
	}
}

func (c *clinic) holdAgainstTheBooks(d worklistDocument) {
	c.t.Helper()
	want := countsPart{All: waitingPatients, Alert: c.in("alert"), NoneRecorded: c.in("none_recorded"), CouldNotCheck: c.in("could_not_check")}
	if d.Counts != want || want.CouldNotCheck == 0 || d.Complete {
		c.t.Errorf("counts are %+v, want %+v", d.Counts, want)
	}
	seen := make(map[nhs.Number]bool)
	for _, p := range d.Patients {
		n := nhs.Number(p.Number)
		want := c.known(n)
		answered := want != "could_not_check"
		if p.State != want || (p.AsOf != nil) != answered || c.proxy.answered(n) != answered || p.Missing != (c.onPlan[n] && c.unknown[n]) {
			c.t.Errorf("line %d is %s, want %s", p.Line, p.State, want)
		}
		if !answered && (p.Error == nil || p.Error.Kind != "not_found") {
			c.t.Errorf("line %d says %+v", p.Line, p.Error)
		}
		seen[n] = true
	}
	if len(seen) != waitingPatients {
		c.t.Errorf("%d patients are in the list", len(seen))
	}
}

// holdAgainstTheAudit counts what the hub has on record: exactly what was answered, nothing opened, and next to
// nothing twice.
func (c *clinic) holdAgainstTheAudit() {
	c.t.Helper()
	books, err := sqlite.Open(c.t.Context(), c.data)
	if err != nil {
		c.t.Fatal(err)
	}
	defer books.Close()
	lamps, others := 0, 0
	if err := books.AuditTrail(c.t.Context(), 0, func(r store.AuditRecord) error {
		switch {
		case r.Action == rbac.SeeLamp.String() && r.Outcome == audit.Granted:
			lamps++
		case r.Action == rbac.SeeLamp.String() && r.Reason == "RESOURCE_NOT_FOUND" && c.known(r.Patients[0]) == "could_not_check":
		case r.Action == audit.UseToken && r.Reason == "invalid_token": // on its way when the interrupted program signed out
		case r.Action != audit.SignIn && r.Action != audit.SignOut && r.Action != audit.Retrieve:
			others++
			c.t.Logf("another thing in the audit: %s %s %s", r.Action, r.Outcome, r.Reason)
		}
		return nil
	}); err != nil {
		c.t.Fatal(err)
	}
	total, most := c.proxy.counts()
	if lamps != total || others != 0 {
		c.t.Errorf("the audit has %d lamps and %d other things; %d lamps were answered", lamps, others, total)
	}
	if most > worklist.AtOnce || most < 2 {
		c.t.Errorf("%d were asked about at the same time", most)
	}
	if again := total - (waitingPatients - c.in("could_not_check")); again < 0 || again > 4*worklist.AtOnce {
		c.t.Errorf("%d were asked about again, beyond those whose lamp or record was on its way at the four kills", again)
	}
	c.t.Logf("%d lamps for %d patients, %d at once at the most", total, waitingPatients, most)
}
