package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"wardlight/hub/store/sqlite"
	"wardlight/internal/cli"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// terminals are a running 'wardlight-lab demo' on one terminal, and a second terminal.
type terminals struct {
	*Terminal
	t              testing.TB
	folder, socket string
}

// startOnTerminal starts the demo like 'make demo'.
func startOnTerminal(t testing.TB, size Options, args ...string) *terminals {
	t.Helper()
	d := &terminals{t: t}
	d.folder = filepath.Join(t.TempDir(), "demo")
	short, err := os.MkdirTemp("", "wl") // a socket's path is limited to about 100 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	d.socket = filepath.Join(short, "s")
	size.Answer = true
	d.Terminal = Start(t, size, labtest.Program(t, "wardlight-lab"),
		append([]string{"demo", "--folder", d.folder, "--socket", d.socket}, args...)...)
	return d
}

// demoCommand runs 'wardlight-lab demo' with arguments, as on the second terminal, and returns its output.
func (d *terminals) demoCommand(args ...string) string {
	d.t.Helper()
	code, out, errs := call(d.t, append([]string{"demo", "--socket", d.socket}, args...)...)
	if code != cli.ExitOK {
		d.t.Fatalf("demo %v: exit code %d, want %d\n%s", args, code, cli.ExitOK, errs)
	}
	return out
}

// notifications returns the number of notifications that the local authorities have received.
func (d *terminals) notifications() int {
	d.t.Helper()
	var status struct {
		Notifications *int `json:"notifications"`
	}
	out := d.demoCommand("status", "--json")
	if err := json.Unmarshal([]byte(out), &status); err != nil || status.Notifications == nil {
		d.t.Fatalf("demo status: %v\n%s", err, out)
	}
	return *status.Notifications
}

// signIn types the passcode of the inserted card.
func (d *terminals) signIn() *terminals {
	d.Expect(Contains("Passcode"), Contains("Tries left"))
	d.Type(cards.Passcode).Press("enter")
	return d
}

// find searches for a patient by NHS number, starting on the search screen.
func (d *terminals) find(n nhs.Number) {
	d.Expect(Contains("Find a patient"))
	d.Type(n.Digits()).Press("enter")
}

func TestFromCardToAlertInTheDemo(t *testing.T) {
	d := startOnTerminal(t, Options{}, "--keep")

	d.Expect(Contains("The passcode is 246813"), Contains("999 000 0018"))
	d.signIn().find(people.OnPlan)
	d.Expect(Contains("EXAMPLE, Tess"), Contains("ALERT"), Contains("whom to ring"))
	if n := d.notifications(); n != 0 {
		t.Fatalf("notifications after a lamp: got %d, want 0", n)
	}

	before := accessesIn(t, d.folder)

	d.PressUntil("o", Contains("RING NOW")) // repeated, because keys are ignored until the key delay has passed
	d.Expect(Contains("Child Protection Plan"), Contains("EXAMPLESHIRE COUNCIL"), Contains("RING NOW"),
		Contains("01632 960"), Contains("Ada Sample"))

	d.demoCommand("eject")
	d.Expect(Contains("Card removed"), Not(Contains("EXAMPLE, Tess")), Not(Contains("Tess")))
	if n := d.notifications(); n != 1 {
		t.Errorf("notifications after one opening: got %d, want 1", n)
	}

	d.Press("q").Wait()
	d.ExpectModesRestored()
	if after := accessesIn(t, d.folder); after != before+1 {
		t.Errorf("accesses after one opening: got %d more, want 1", after-before)
	}
}

// accessesIn returns the number of accesses for the child with a plan, from the hub's ledger.
func accessesIn(t *testing.T, folder string) int {
	t.Helper()
	ctx := context.Background()
	s, err := sqlite.Open(ctx, filepath.Join(folder, "hub"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all, err := s.Accesses(ctx, []nhs.Number{people.OnPlan}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// Each card is inserted, and the passcode typed if it is asked for. The screen must then show the text in the table.
func TestDemo_Cards(t *testing.T) {
	d := startOnTerminal(t, Options{}, "--people", "0")
	for _, c := range []struct {
		card    string
		signsIn bool
		says    []string
	}{
		{"nurse", true, []string{"Find a patient", "Ada", "Nurse Access Role"}},
		{"clerk", true, []string{"Find a patient", "Admin"}},
		{"traceonly", true, []string{"Lacks B0107", "Registration Authority"}},
		{"viewonly", true, []string{"Lacks B0264", "Registration Authority"}},
		{"gp", true, []string{"Find a patient", "Clinical Practitioner"}},
		{"norole", true, []string{"no role", "Registration Authority"}},
		{"multi", true, []string{"Find a patient"}},
		{"privacy", true, []string{"Find a patient", "Privacy Officer"}},
		{"expired", false, []string{"Your certificate ended on", "C51"}},
		{"revoked", true, []string{"was revoked", "H42"}},
		{"locked", false, []string{"This smartcard is locked", "C42"}},
		{"stranger", true, []string{"does not trust this smartcard", "H40"}},
	} {
		if c.card != "nurse" {
			d.demoCommand("eject")
			d.Expect(Contains("No smartcard in the reader"))
			d.demoCommand("insert", c.card)
		}
		if c.signsIn {
			d.signIn()
		}
		for _, words := range c.says {
			d.Expect(Contains(words))
		}
	}

	d.demoCommand("eject")
	d.Expect(Contains("No smartcard in the reader"))
	d.Press("q").Wait()
}

// Each synthetic person is searched for by number with the nurse's card. The lamp, and the plans if there is an alert,
// must be those in the table.
func TestDemo_NamedPeople(t *testing.T) {
	d := startOnTerminal(t, Options{Rows: 40}, "--people", "0")
	d.signIn()

	for _, c := range []struct {
		number nhs.Number
		shows  []string
		opened []string // nil if there is no alert to open
		never  string
	}{
		{number: people.OnPlan, shows: []string{"EXAMPLE, Tess", "ALERT"}, opened: []string{
			"Child Protection Plan",
			"none, it runs now", "RING NOW",
		}},
		{number: people.Nothing, shows: []string{"none recorded", "as of", "not prove"}},
		{number: people.TwoAuthorities, shows: []string{"ALERT"}, opened: []string{
			"2 authorities: ring both",
			"Child Protection Plan", "Looked After Child", "RING NOW",
		}},
		{number: people.Expecting, shows: []string{"ALERT"}, opened: []string{
			"Unborn Child Protection Plan",
			"RING NOW",
		}},
		{number: people.PlanEnded, shows: []string{"ALERT"}, opened: []string{
			"Child Protection Plan", "ENDED",
			"RING NOW",
		}},
		{number: people.ExpiredPlan, shows: []string{"none recorded"}},
		{number: people.Restricted, shows: []string{
			"could not check", "Withheld",
			"Restricted: whether there is an alert is shown to nobody here.",
		}},
		{number: people.OldNumber, shows: []string{"999 000 0085", "NHS No. 999 000 0093"}},
		{number: people.NewNumber, shows: []string{"NHS No. 999 000 0093"}},
		{number: people.Hostile, shows: []string{"NHS No. 999 000 0107", "␛"}, never: "\x1b]52"},
	} {
		d.find(c.number)
		for _, words := range c.shows {
			d.Expect(Contains(words))
		}
		if c.opened != nil {
			d.PressUntil("o", Contains("RING NOW"))
			for _, words := range c.opened {
				d.Expect(Contains(words))
			}
		}
		if c.never != "" && bytes.Contains(d.Output(), []byte(c.never)) {
			t.Errorf("%s: the terminal output contains %q", c.number, c.never)
		}
		d.Press("n")
	}

	d.demoCommand("eject")
	d.Expect(Contains("No smartcard in the reader"))
	d.Press("q").Wait()
}
