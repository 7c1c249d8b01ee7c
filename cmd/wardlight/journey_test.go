package main

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader/virtual"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/demo"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pcscd"
	"wardlight/internal/lab/pcscd/pcscdtest"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
	"wardlight/internal/schematest"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// testSite is an environment of real parts: the program, a pcscd with a virtual reader, and a hub with its local
// authority.
type testSite struct {
	t               testing.TB
	program         string
	service         *pcscd.Daemon
	hub             *demo.Demo
	card            *pcscd.Plugged
	forwardedSocket string // path of the forwarded socket; "" for the service's own
}

func newTestSite(t testing.TB) *testSite {
	t.Helper()
	w, _ := newTestSiteIn(t)
	return w
}

// newTestSiteIn is like newTestSite, and returns the folder of pcscd's socket, for a pcscd that replaces it.
func newTestSiteIn(t testing.TB) (w *testSite, dir string) {
	t.Helper()
	return newTestSiteOf(t, demo.Options{})
}

// newTestSiteOf is like newTestSiteIn, with options of the hub. It sets the folder, the clock and the patients.
func newTestSiteOf(t testing.TB, o demo.Options) (w *testSite, dir string) {
	t.Helper()
	pcscdtest.Need(t)
	program := labtest.Program(t, "wardlight")
	o.Folder, o.Clock, o.Seed, o.People = t.TempDir(), time.Now, 1, 100
	bench, err := demo.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := bench.Close(); err != nil {
			t.Error(err)
		}
	})
	dir, remove, err := pcscdtest.Dir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(remove)
	return &testSite{t: t, program: program, hub: bench, service: pcscdtest.Start(t, dir)}, dir
}

// insert inserts the named card into the reader.
func (w *testSite) insert(name string) {
	w.t.Helper()
	card, err := w.hub.Card(name)
	if err != nil {
		w.t.Fatal(err)
	}
	w.insertCard(card)
}

func (w *testSite) insertCard(card *virtual.Card) {
	w.t.Helper()
	var err error
	if w.card, err = w.service.Plug(w.t.Context(), 0, card); err != nil {
		w.t.Fatal(err)
	}
}

// insertAndSee inserts the named card and waits until pcscd reports it.
func (w *testSite) insertAndSee(name string) {
	w.t.Helper()
	w.insert(name)
	w.see()
}

// plugAndSee inserts the card and waits until pcscd reports it.
func (w *testSite) plugAndSee(card *virtual.Card) {
	w.t.Helper()
	w.insertCard(card)
	w.see()
}

// see waits until pcscd reports a card, which takes up to 0.4 s. Unlike the screens, commands don't wait for a card.
func (w *testSite) see() {
	w.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		code, _, errs := w.command("card", "show")
		if code == exitDone {
			return
		}
		if code != exitCard || time.Now().After(deadline) {
			w.t.Fatalf("card show: exit code %d, want %d within a minute: %s", code, exitDone, errs)
		}
	}
}

// pullAndSee removes the card and waits until pcscd reports that.
func (w *testSite) pullAndSee() {
	w.t.Helper()
	w.card.Pull()
	deadline := time.Now().Add(time.Minute)
	for code := exitDone; code != exitCard; {
		if code, _, _ = w.command("card", "show"); time.Now().After(deadline) {
			w.t.Fatalf("card show after the card was removed: exit code %d, want %d within a minute", code, exitCard)
		}
	}
}

// startTerminal starts the program on a terminal, with additional environment variables.
func (w *testSite) startTerminal(environ ...string) *Terminal {
	w.t.Helper()
	return Start(w.t, Options{Answer: true, Env: append(environ, w.socket())}, w.program, "--config",
		w.hub.ConfigFile())
}

func (w *testSite) socket() string {
	return "PCSCLITE_CSOCK_NAME=" + cmp.Or(w.forwardedSocket, w.service.Socket())
}

// command runs one command with the passcode on a file descriptor, and returns its exit code and output.
func (w *testSite) command(args ...string) (code int, out, errs string) {
	w.t.Helper()
	r, p, err := os.Pipe()
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Close()
	if _, err := p.WriteString(cards.Passcode + "\n"); err != nil {
		w.t.Fatal(err)
	}

	p.Close()
	var stdout, stderr strings.Builder
	c := exec.CommandContext(w.t.Context(), w.program, append(args, "--config", w.hub.ConfigFile(), "--passcode-fd",
		"3")...)
	c.Env = append(os.Environ(), w.socket())
	c.Stdout, c.Stderr, c.ExtraFiles = &stdout, &stderr, []*os.File{r}
	err = c.Run()
	if c.ProcessState == nil {
		w.t.Fatal(err)
	}

	if slices.Contains(args, "--json") {
		schematest.Output(w.t, []byte(stdout.String()))
	}

	return c.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

func (w *testSite) accesses(n nhs.Number) int {
	w.t.Helper()
	all, err := w.hub.Accesses(w.t.Context(), n)
	if err != nil {
		w.t.Fatal(err)
	}
	return len(all)
}

// notified waits until the local authorities have received n notifications, and fails the test if they received more.
func (w *testSite) notified(n int) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	if err := w.hub.Authority().Await(ctx, n); err != nil {
		w.t.Errorf("Await(%d notifications): %v", n, err)
	}
	if got := len(w.hub.Notifications()); got != n {
		w.t.Errorf("notifications received: got %d, want %d", got, n)
	}
}

func TestFromCardToAlertOverTheRealService(t *testing.T) {
	t.Parallel() // each test starts its own services
	w := newTestSite(t)
	term := w.startTerminal()
	term.Expect(Contains("No smartcard in the reader"))

	w.insert("nurse")
	term.Expect(Contains("Passcode"), Contains("Tries left     3"))
	term.Type("246814").Press("enter")
	term.Expect(Contains("Passcode not correct. 2 tries left."))
	term.Type(cards.Passcode).Press("enter")

	term.Expect(Contains("Find a patient"))
	before := w.accesses(people.OnPlan)
	term.Type(people.OnPlan.Digits()).Press("enter")
	term.Expect(Contains("EXAMPLE, Tess"), Contains("ALERT"))
	if n := w.accesses(people.OnPlan); n != before {
		t.Errorf("accesses after a lamp: got %d more, want 0", n-before)
	}

	w.notified(0)

	term.PressUntil("o", Contains("RING NOW"))
	term.Expect(Contains("Child Protection Plan"), Contains("EXAMPLESHIRE COUNCIL"), Contains("01632 960"))
	w.notified(1)

	w.card.Pull()
	term.Expect(Contains("Card removed. Session ended."))
	term.ExpectGone(Contains("Tess"), Contains("999 000 0018"), Contains("EXAMPLESHIRE"))
	if n := w.accesses(people.OnPlan); n != before+1 {
		t.Errorf("accesses after one opening: got %d more, want 1", n-before)
	}

	w.notified(1)

	term.Press("q")
	if code := term.Wait(); code != 0 {
		t.Errorf("exit code: got %d, want 0", code)
	}

	term.ExpectModesRestored()
}

func TestAHubKilledBetweenTraceAndLampIsNeverNoneRecorded(t *testing.T) {
	t.Parallel() // each test starts its own services
	w := newTestSite(t)
	w.insert("nurse")
	term := w.startTerminal()
	term.Expect(Contains("Passcode"), Contains("Tries left"))
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))

	// This child has no plan, so that only a failure prevents "none recorded".
	child := people.Nothing
	family, born := identity(t, child)
	term.Press("tab").Type(family).Press("tab").Type(born).Press("enter")
	term.Expect(Contains(child.String()))
	if err := w.hub.StopHub(); err != nil {
		t.Fatal(err)
	}

	term.Press("enter")
	term.Expect(Contains("could not check"), Contains("cannot be reached"), Not(Contains("none recorded")))
	w.card.Pull()
	term.Expect(Contains("Card removed. Session ended."))
	term.Press("q").Wait()
}

func TestTheAlertCommandOverTheRealService(t *testing.T) {
	t.Parallel() // each test starts its own services
	w := newTestSite(t)
	w.insertAndSee("nurse")
	code, out, errs := w.command("alert", people.OnPlan.Digits(), "--json")
	if code != 0 {
		t.Fatalf("alert --json: exit code %d, want 0: %s%s", code, out, errs)
	}

	var lamp struct {
		State   string
		Patient struct {
			Number string `json:"nhs_number"`
		}
	}

	if err := json.Unmarshal([]byte(out), &lamp); err != nil {
		t.Fatalf("alert --json: %v: %s", err, out)
	}

	if lamp.State != "alert" || lamp.Patient.Number != people.OnPlan.Digits() {
		t.Errorf("alert --json: got %s, want the state alert of %s", out, people.OnPlan.Digits())
	}

	w.notified(0)

	w.pullAndSee()
	w.insertAndSee("traceonly")
	code, out, errs = w.command("alert", people.OnPlan.Digits(), "--json")
	if code != 4 || !strings.Contains(out+errs, "B0107") {
		t.Errorf("alert in a role without B0107: exit code %d, want 4 and the code's name: %s%s", code, out, errs)
	}

	if strings.Contains(out, "none_recorded") {
		t.Errorf("alert in a role without B0107 reports none_recorded: %s", out)
	}
}

// identity returns the family name and the birth date of a synthetic person, in the form in which they are typed.
func identity(t *testing.T, n nhs.Number) (family, born string) {
	t.Helper()
	for _, p := range people.Named(time.Now()) {
		if p.Number() != n {
			continue
		}
		date, err := nhs.ParseDate(p.Patient.BirthDate)
		if err != nil {
			t.Fatal(err)
		}
		return p.Patient.Name[0].Family, date.String()
	}
	t.Fatalf("no synthetic person has the number %s", n)
	return "", ""
}
