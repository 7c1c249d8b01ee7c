//go:build unix

package tui

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/testterm"
	"wardlight/rbac"
	"wardlight/tui/shell"
)

// childEnv makes this test binary run as the program, for the test terminal. askedEnv names the file to which the
// program writes the session calls. plainEnv starts it in linear mode.
const childEnv, askedEnv, plainEnv = "WARDLIGHT_TUI_CHILD", "WARDLIGHT_TUI_ASKED", "WARDLIGHT_TUI_PLAIN"

// partsEnv enables parts of the program: "roles" to choose from, "printers", "flags", a "worklist", an "officer" as the
// user, who sees privacy "alerts", "two-flags" besides the patient's alert, a "summary" of the patient, "lab-summary"
// for that of a child of the lab, "summary-print" for printing it, and "clear" for clearing the screen at the end. With
// "no-card" the reader starts empty. SIGUSR2 inserts or removes the card.
const partsEnv = "WARDLIGHT_TUI_PARTS"

// TestMain runs the tests, or the program if childEnv is set.
func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		os.Exit(child())
	}
	os.Exit(m.Run())
}

// child runs the program with a session whose calls succeed and a card in the reader. Its clock begins at start, so the
// phone number to ring does not depend on when the tests run. SIGUSR1 ends its context. It returns the exit code.
func child() int {
	sessions, h, started := newFakeSessions(), testHooks{}, time.Now()
	cfg := shell.Config{
		Sessions: sessions, Clock: func() time.Time { return start().Add(time.Since(started)) }, Location: time.UTC,
		Site: "Example General Hospital", CopyReceipts: os.Getenv(copiesEnv) != "", Plain: os.Getenv(plainEnv) != "",
	}

	printing, flags := newFakePrinting(), &fakeFlags{}
	parts := strings.Fields(os.Getenv(partsEnv))
	has := func(part string) bool { return slices.Contains(parts, part) }
	if has("roles") {
		third := nurse()
		third.URID, third.OrgName = "555000000555", "Third Hospital"
		sessions.in.Usable = []rbac.RoleProfile{nurse(), midwife(), third}
		sessions.in.Roles = sessions.in.Usable
	}

	if has("two-flags") {
		sessions.lamps[tess] = lampOf(tess, client.Alert, flagged(client.ReasonableAdjustments), flagged(client.FGM))
	}

	if has("officer") {
		(&modelTest{sessions: sessions}).officer(3)
	}

	if has("alerts") {
		(&modelTest{sessions: sessions}).alertOfficer(2)
	}

	if has("summary") {
		(&modelTest{sessions: sessions}).summaries()
	}
	if has("lab-summary") {
		(&modelTest{sessions: sessions}).summaries()
		sessions.summary = labSummary()
	}

	if has("printers") {
		cfg.Printing = printing
	}
	cfg.PrintSummaries, cfg.Clear = has("summary-print"), has("clear")

	if has("flags") {
		cfg.Flags = flags
	}

	if has("worklist") {
		cfg.Worklist.Store = new(fakeListStore)
	}

	if folder := os.Getenv(slowEnv); folder != "" {
		cfg.Sessions = &slowSessions{sessions, folder}
	}

	if socket := os.Getenv(clockEnv); socket != "" {
		clock := newStillClock()
		cfg.Clock, h = clock.time, clock.hooks()
		if err := clock.serve(socket); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 2
		}
	}

	cfg.Events = readerEvents(!has("no-card"))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	usr1 := make(chan os.Signal, 1)
	signal.Notify(usr1, syscall.SIGUSR1)
	go func() { <-usr1; cancel() }()

	err := run(ctx, cfg, h)
	sessions.note("passcode " + sessions.passcode)
	sessions.note("searched for " + sessions.query.Family)
	sessions.note(fmt.Sprintf("%d flags, %d pages", len(flags.set), len(printing.printed)))
	if err := os.WriteFile(os.Getenv(askedEnv), []byte(strings.Join(sessions.asked, "\n")), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}

	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}

	return 0
}

// readerEvents returns the events of a reader whose card is inserted or removed at each SIGUSR2. in is whether it
// starts with the card.
func readerEvents(in bool) <-chan cardreader.Event {
	events := make(chan cardreader.Event, 2)
	events <- cardreader.Event{
		Kind:    cardreader.ReadersChanged,
		Readers: []cardreader.Reader{{Name: reader, Present: in}},
	}
	if in {
		events <- cardreader.Event{Kind: cardreader.CardInserted, Reader: reader}
	}

	usr2 := make(chan os.Signal, 1)
	signal.Notify(usr2, syscall.SIGUSR2)

	go func() {
		for range usr2 {
			kind := cardreader.CardInserted
			if in {
				kind = cardreader.CardRemoved
			}
			in = !in
			events <- cardreader.Event{Kind: kind, Reader: reader}
		}
	}()

	return events
}

// startOnTerminal runs the program on a real terminal. After its end, asked returns the session calls.
func startOnTerminal(t *testing.T, o testterm.Options) (term *testterm.Terminal, asked func() string) {
	t.Helper()
	return startBy(t, o, func(path string) (string, []string) { return path, nil })
}

// startBy is like startOnTerminal, with another program that starts ours: by returns its name and arguments.
func startBy(t *testing.T, o testterm.Options,
	by func(path string) (string, []string),
) (term *testterm.Terminal, asked func() string) {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "asked")
	o.Env = append(o.Env, childEnv+"=1", askedEnv+"="+file)
	path, args := by(path)
	term = testterm.Start(t, o, path, args...)
	return term, func() string {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
}

// toAlertOnTerminal signs in and shows the patient with an alert.
func toAlertOnTerminal(term *testterm.Terminal) {
	term.Expect(testterm.Contains("555000000111")).Type(code).Press("enter").
		Expect(testterm.Contains("Find a patient"), testterm.CursorAt(" ")).
		Type("9990000018").Press("enter").Expect(testterm.Contains("▲ ALERT"), testterm.Contains("EXAMPLE, Tess"))
}

func TestOnATerminalFromCardToOpenedAndOut(t *testing.T) {
	for _, answers := range []bool{true, false} {
		term, asked := startOnTerminal(t, testterm.Options{Answer: answers})
		toAlertOnTerminal(term)
		term.PressUntil("o", testterm.Contains("RING NOW")).Expect(testterm.Reverse("RING NOW"))
		term.Resize(120, 40).Expect(testterm.Line(-1).Contains("? help"))
		term.Press("q").Expect(testterm.Contains("Quit?")).Press("y")
		if rc := term.Wait(); rc != 0 {
			t.Errorf("exit code = %d, want 0", rc)
		}
		term.ExpectModesRestored()
		if a := asked(); strings.Count(a, "open ") != 1 || !strings.Contains(a, "end: program ended") {
			t.Errorf("want one open and the end of the session, got the session calls:\n%s", a)
		}
		if bytes.Contains(term.Output(), []byte(code)) {
			t.Error("output contains the passcode")
		}
	}
}

func TestOnATerminalSignalsEndTheSessionAndRestoreTheTerminal(t *testing.T) {
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT, syscall.SIGUSR1} {
		term, asked := startOnTerminal(t, testterm.Options{})
		toAlertOnTerminal(term)
		term.Signal(sig)
		if rc := term.Wait(); rc != 0 {
			t.Errorf("%v: exit code = %d, want 0:\n%s", sig, rc, term.Screen())
		}
		term.ExpectModesRestored()
		if !strings.Contains(asked(), "end: program ended") {
			t.Errorf("%v: the session was not ended", sig)
		}
	}
}

func TestOnATerminalThatHangsUpTheSessionEnds(t *testing.T) {
	term, asked := startOnTerminal(t, testterm.Options{})
	toAlertOnTerminal(term)
	term.HangUp()
	term.Wait()
	if !strings.Contains(asked(), "end: program ended") {
		t.Error("the session was not ended")
	}
}

func TestOnATerminalNoTraceIsWritten(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "trace")
	term, _ := startOnTerminal(t, testterm.Options{Env: []string{"TEA_TRACE=" + trace, "TEA_DEBUG=true"}})
	toAlertOnTerminal(term)
	term.Press("q").Expect(testterm.Contains("Quit?")).Press("y")
	term.Wait()
	if _, err := os.Stat(trace); !os.IsNotExist(err) {
		t.Errorf("Bubble Tea's trace, which contains passcode and patients, was written (Stat error: %v)", err)
	}
}

func TestOnATerminalNoColorKeepsReverseAndWords(t *testing.T) {
	term, _ := startOnTerminal(t, testterm.Options{Env: []string{"NO_COLOR=yes"}})
	toAlertOnTerminal(term)
	term.Expect(testterm.Reverse("▲ ALERT"), testterm.Reverse("EXAMPLE, Tess"),
		testterm.Styled("▲ ALERT", "without colour", func(c testterm.Cell) bool { return c.Fg == nil && c.Bg == nil }))
}

func TestOnATerminalWithoutUTF8AllIsASCII(t *testing.T) {
	term, _ := startOnTerminal(t, testterm.Options{Env: []string{"LANG=C", "LC_ALL=C"}})
	term.Expect(testterm.Contains("555000000111")).Type(code).Press("enter").
		Expect(testterm.Contains("+- Find a patient")).
		Type("9990000018").Press("enter").Expect(testterm.Contains("! ALERT"),
		testterm.Contains("! ALERT  Child protection alert"), testterm.Contains("#===="))
	if i := bytes.IndexFunc(term.Output(), func(r rune) bool { return r > 0x7e }); i >= 0 {
		t.Errorf("output is not ASCII: %q", term.Output()[i:min(len(term.Output()), i+8)])
	}
}

func TestOnALinuxConsoleF1IsHelpAndTypesNoLetter(t *testing.T) {
	term, _ := startOnTerminal(t, testterm.Options{Env: []string{"TERM=linux"}})
	term.Expect(testterm.Contains("555000000111")).Type(code).Press("enter").Expect(testterm.Contains("Find a patient"))
	term.Press("tab").Type("Ex\x1b[[A").Expect(testterm.Contains("Keys")).Press("esc").
		Expect(testterm.Contains("Ex"), testterm.Not(testterm.Contains("ExA")))
}
