//go:build linux

package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"wardlight/cardreader/virtual"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/demo"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pcscd/pcscdtest"
	"wardlight/internal/lab/people"
	"wardlight/internal/lab/toxitest"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// networkSite is a testSite with a fault between the terminal and the hub. One terminal runs through all faults, so
// that each of them heals without a restart.
type networkSite struct {
	*testSite
	outer, t *testing.T // the test and its current subtest
	nurse    *virtual.Card
	term     *Terminal
	list     string // file of a worklist with a child on a plan and one with nothing
	openings int    // openings that the user made
}

// newNetworkSite starts a site whose hub has a clock and, unless the public URL is "", a proxy in front.
func newNetworkSite(t *testing.T, publicURL string, clock func() time.Time) *networkSite {
	t.Helper()
	pcscdtest.Need(t)
	hub, err := demo.Start(t.Context(), demo.Options{
		Folder: t.TempDir(), Clock: clock, Seed: 1, People: 20, PublicURL: publicURL,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := hub.Close(); err != nil {
			t.Error(err)
		}
	})

	w := &networkSite{
		outer: t, t: t, list: filepath.Join(t.TempDir(), "list.csv"),
		testSite: &testSite{
			t: t, program: labtest.Program(t, "wardlight"), hub: hub,
			service: pcscdtest.Start(t, labtest.Dir(t)),
		},
	}
	list := people.OnPlan.Digits() + "\n" + people.Nothing.Digits() + "\n"
	if err := os.WriteFile(w.list, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}

	w.nurse, err = hub.Card("nurse")
	if err != nil {
		t.Fatal(err)
	}
	w.insertCard(w.nurse)
	return w
}

// start starts the terminal with a timeout for each call.
func (w *networkSite) start(timeout time.Duration) {
	w.t.Helper()
	w.term = Start(currentTest{w}, Options{
		Answer: true, Env: []string{w.socket(), "WARDLIGHT_HUB_TIMEOUT=" + timeout.String()},
	}, w.program, "--config", w.hub.ConfigFile())
	w.term.Expect(Contains("Passcode"), Contains("Tries left     3"))
}

// in makes the site fail a subtest until its end.
func (w *networkSite) in(t *testing.T) {
	w.t, w.testSite.t = t, t
	t.Cleanup(func() { w.t, w.testSite.t = w.outer, w.outer })
}

// currentTest makes the terminal, which all subtests share, fail the current one.
type currentTest struct{ w *networkSite }

func (c currentTest) Helper()                      {}
func (c currentTest) Fatalf(f string, args ...any) { c.w.t.Helper(); c.w.t.Fatalf(f, args...) }
func (c currentTest) Cleanup(f func())             { c.w.outer.Cleanup(f) }

// A step of a user, during which a fault happens.
type step string

// The steps of networkSite.walk.
const (
	stepSignIn  step = "sign-in"
	stepCheck   step = "check" // of a patient: record and lamp
	stepOpening step = "opening"
	stepSearch  step = "search"
	stepList    step = "worklist"
)

// networkFault is a fault between the terminal and the hub.
type networkFault struct {
	name        string
	cause, heal func()
	only        []step // when it happens; nil for all steps
	code        string // regular expression for the code that the user sees; "" if everything works
	// recorded is set if the hub gets the request for an opening in spite of the fault, so that only its answer is
	// lost.
	recorded bool
}

// begin causes the fault in a step, and reports whether the step fails.
func (f networkFault) begin(s step) bool {
	if f.only != nil && !slices.Contains(f.only, s) {
		return false
	}
	f.cause()
	return f.code != ""
}

// shown matches a screen with the fault's code.
func (f networkFault) shown() Matcher { return Regexp(`\b` + f.code + `\b`) }

// walk signs in, checks a child, opens the alert, searches by name and checks a worklist, and locks the terminal. The
// fault happens in each step. A step that fails is repeated after the end of the fault.
func (w *networkSite) walk(t *testing.T, f networkFault) {
	t.Helper()
	w.in(t)
	w.signIn(f)
	w.check(f)
	w.open(f)
	w.search(f)
	w.checkList(f)
	w.term.Press("ctrl+l").Expect(Contains("Locked. Type your passcode"), Contains("Tries left     3"))
}

func (w *networkSite) signIn(f networkFault) {
	w.t.Helper()
	defer f.heal()
	failing := f.begin(stepSignIn)
	w.term.Type(cards.Passcode).Press("enter")
	if failing {
		w.term.Expect(f.shown(), Contains("Tries left     3"))
		f.heal()
		w.term.Type(cards.Passcode).Press("enter")
	}

	w.term.Expect(Contains("Find a patient"))
	if got := w.nurse.TriesLeft(); got != cards.Tries {
		w.t.Errorf("passcode tries left after the sign-in: got %d, want %d", got, cards.Tries)
	}
}

// check gets the record and the lamp of a child on a plan.
func (w *networkSite) check(f networkFault) {
	w.t.Helper()
	defer f.heal()
	failing := f.begin(stepCheck)
	w.term.Type(people.OnPlan.Digits()).Press("enter")
	if failing {
		w.term.Expect(f.shown(), Contains("could not check"), Contains("Use the local procedure"),
			Not(Contains("none recorded")), Not(Contains("ALERT")))
		f.heal()
		w.term.PressUntil("r", Contains("▲ ALERT"))
	}
	w.term.Expect(Contains("EXAMPLE, Tess"), Contains("▲ ALERT"))
}

// open opens the alert. The opening counts once, also if the fault hid its answer.
func (w *networkSite) open(f networkFault) {
	w.t.Helper()
	defer f.heal()
	before := w.accesses(people.OnPlan)
	w.openings++
	if f.begin(stepOpening) {
		w.term.PressUntil("o", f.shown())
		w.term.Expect(Contains("▲ ALERT"), Not(Contains("RING NOW")))
		if f.recorded {
			w.term.Expect(Contains("It may have been recorded"))
			if got := w.accesses(people.OnPlan) - before; got != 1 {
				w.t.Errorf("accesses after an opening without an answer: got %d, want 1", got)
			}
		}
		f.heal()
	}

	w.term.PressUntil("o", Contains("RING NOW"))
	if got := w.accesses(people.OnPlan) - before; got != 1 {
		w.t.Errorf("accesses after the opening: got %d, want 1", got)
	}
	w.notified(w.openings)
}

// search finds the child by name and birth date.
func (w *networkSite) search(f networkFault) {
	w.t.Helper()
	defer f.heal()
	family, born := identity(w.t, people.OnPlan)
	w.term.Press("n").Expect(Regexp(`NHS number +►`))
	failing := f.begin(stepSearch)
	w.term.Press("tab").Type(family).Press("tab").Type(born).Press("enter")
	if failing {
		w.term.Expect(f.shown(), Not(Contains("1 patient")))
		f.heal()
		w.term.Press("enter")
	}
	w.term.Expect(Contains("1 patient"), Contains("EXAMPLE, Tess"))
}

// checkList checks the worklist and removes it.
func (w *networkSite) checkList(f networkFault) {
	w.t.Helper()
	defer f.heal()
	w.term.Press("w").Expect(Contains("check this list"))
	failing := f.begin(stepList)
	w.term.Press("ctrl+u").Type(w.list).Press("enter")
	if failing {
		w.term.Expect(f.shown(), Contains("0 ALERT"), Contains(" 0 none recorded"))
		f.heal()
	}

	w.term.PressUntil("r", Contains("1 ALERT · 0 could not check · 0 not checked · 1 none recorded"))
	w.term.Press("x").Expect(Contains("Remove this list?")).Press("y").Expect(Contains("check this list"))
}

// connections are the TCP connections between a terminal and a hub.
type connections struct {
	*networkSite
	proxy   *toxitest.Proxy
	records *toxitest.TLS
}

// newConnections starts a site with Toxiproxy, and behind it a proxy that knows TLS.
func newConnections(t *testing.T, timeout time.Duration) connections {
	t.Helper()
	proxy := toxitest.Start(t)
	c := connections{networkSite: newNetworkSite(t, "https://"+proxy.Address, time.Now), proxy: proxy}
	c.records = toxitest.StartTLS(t, c.hub.HubAddress())
	proxy.To(c.records.Address)
	c.start(timeout)
	return c
}

// toxic adds a toxic to the answers of the hub.
func (c connections) toxic(kind string, a toxitest.Attributes) func() {
	return func() { c.proxy.Down(kind, a) }
}

// heal ends all faults.
func (c connections) heal() {
	c.proxy.Heal()
	c.records.Flip(toxitest.Neither)
	c.records.Hold(false)
}

// TestNetwork causes faults on the TCP connections between the terminal and the hub. In each of them the user sees a
// code and what to do, no passcode try is used, an opening counts once, and everything works again when the fault has
// ended.
func TestNetwork(t *testing.T) {
	toxitest.Need(t)
	t.Parallel() // each test starts its own services
	c := newConnections(t, 30*time.Second)
	for _, f := range []networkFault{
		{name: "slow", cause: func() {
			c.proxy.Down("latency", toxitest.Attributes{"latency": 100, "jitter": 50})
			c.proxy.Down("slicer", toxitest.Attributes{"average_size": 100, "size_variation": 50, "delay": 500})
			c.proxy.Down("bandwidth", toxitest.Attributes{"rate": 16})
		}},
		{name: "reset", cause: c.toxic("reset_peer", toxitest.Attributes{"timeout": 0}), code: "H10"},
		{name: "cut within the answer", cause: func() {
			c.proxy.CloseConnections()
			c.proxy.Down("limit_data", toxitest.Attributes{"bytes": c.records.BeforeAnswer() + 100})
		}, code: "H1(0|4-200)"},
		{
			name: "a byte of the answer changed", cause: func() { c.records.Flip(toxitest.Server) }, code: "H10",
			recorded: true,
		},
		{name: "a byte of the request changed", cause: func() { c.records.Flip(toxitest.Client) }, code: "H10"},
		{
			// The hub closes a connection without a handshake after two seconds, the terminal after five. A read that
			// does not notify is sent twice.
			name: "half-open", cause: c.toxic("timeout", toxitest.Attributes{"timeout": 0}), code: "H1[02]",
			only: []step{stepSignIn, stepCheck, stepOpening},
		},
		{
			// A ping of HTTP/2 finds out that the connection is lost.
			name: "answer lost", cause: func() { c.records.Hold(true) }, code: "H10", recorded: true,
			only: []step{stepOpening},
		},
	} {
		f.heal = c.heal
		if !t.Run(f.name, func(t *testing.T) { c.walk(t, f) }) {
			return // the terminal shows another screen than the next fault expects
		}
	}

	if c.records.Flipped() == 0 {
		t.Error("records changed: got 0, want some")
	}
}
