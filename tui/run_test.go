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
	"wardlight/internal/testterm"
	"wardlight/rbac"
	"wardlight/tui/shell"
)

// childEnv makes this test binary the program that the test terminal runs; askedEnv names the file it writes to what
// the desk was asked. plainEnv starts it in lines.
const childEnv, askedEnv, plainEnv = "WARDLIGHT_TUI_CHILD", "WARDLIGHT_TUI_ASKED", "WARDLIGHT_TUI_PLAIN"

// partsEnv names what the program has besides: "roles" to choose from, "printers", "flags", a "worklist". With
// "no-card" the reader is empty; SIGUSR2 puts the card in, or pulls it.
const partsEnv = "WARDLIGHT_TUI_PARTS"

// TestMain is the test, or the program for the test terminal to run.
func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		os.Exit(child())
	}
	os.Exit(m.Run())
}

// child is the program with a desk at which all goes well and a card in the reader. SIGUSR1 ends its context.
func child() int {
	desk, h := newFakeDesk(), hooks{}
	cfg := shell.Config{
		Desk: desk, Clock: time.Now, Location: time.UTC, Site: "Example General Hospital",
		Copies: os.Getenv(copiesEnv) != "", Plain: os.Getenv(plainEnv) != "",
	}
	printing, flags := newFakePrinting(), &fakeFlags{}
	parts := strings.Fields(os.Getenv(partsEnv))
	has := func(part string) bool { return slices.Contains(parts, part) }
	if has("roles") {
		third := nurse()
		third.URID, third.OrgName = "555000000555", "Third Hospital"
		desk.in.Usable = []rbac.RoleProfile{nurse(), midwife(), third}
		desk.in.Roles = desk.in.Usable
	}
	if has("printers") {
		cfg.Printing = printing
	}
	if has("flags") {
		cfg.Flags = flags
	}
	if has("worklist") {
		cfg.Worklist.Shelf = new(fakeShelf)
	}
	if folder := os.Getenv(slowEnv); folder != "" {
		cfg.Desk = &slowDesk{desk, folder}
	}
	if socket := os.Getenv(stillEnv); socket != "" {
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
	desk.note("passcode " + desk.passcode)
	desk.note("searched for " + desk.query.Family)
	desk.note(fmt.Sprintf("%d flags, %d pages", len(flags.set), len(printing.printed)))
	if err := os.WriteFile(os.Getenv(askedEnv), []byte(strings.Join(desk.asked, "\n")), 0o600); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// readerEvents is a reader whose card goes in and out at each SIGUSR2.
func readerEvents(in bool) <-chan cardreader.Event {
	events := make(chan cardreader.Event, 2)
	events <- cardreader.Event{Kind: cardreader.ReadersChanged, Readers: []cardreader.Reader{{Name: reader, Present: in}}}
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

// startOnTerminal runs the program on a real terminal. asked reads, after its end, what its desk was asked.
func startOnTerminal(t *testing.T, o testterm.Options) (term *testterm.Terminal, asked func() string) {
	t.Helper()
	return startBy(t, o, func(path string) (string, []string) { return path, nil })
}

// startBy is startOnTerminal by another program, which gets the path of ours.
func startBy(t *testing.T, o testterm.Options, by func(path string) (string, []string)) (term *testterm.Terminal, asked func() string) {
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

// toAlertOnTerminal goes as far as the patient with an alert.
func toAlertOnTerminal(term *testterm.Terminal) {
	term.Expect(testterm.Contains("555000000111")).Type(code).Press("enter").
		Expect(testterm.Contains("Find a patient"), testterm.CursorAt(" ")).
		Type("9990000018").Press("enter").Expect(testterm.Contains("▲ ALERT"), testterm.Contains("EXAMPLE, Tess"))
}

func TestOnATerminalFromCardToOpenedAndOut(t *testing.T) {
	for _, answers := range []bool{true, false} {
		term, asked := startOnTerminal(t, testterm.Options{Answer: answers})
		toAlertOnTerminal(term)
		term.Insist("o", testterm.Contains("RING NOW")).Expect(testterm.Reverse("RING NOW"))
		term.Resize(120, 40).Expect(testterm.Line(-1).Contains("? help"))
		term.Press("q").Expect(testterm.Contains("Quit?")).Press("y")
		if rc := term.Wait(); rc != 0 {
			t.Errorf("exit code %d", rc)
		}
		term.ExpectNothingLeftOver()
		if a := asked(); strings.Count(a, "open ") != 1 || !strings.Contains(a, "end: program ended") {
			t.Errorf("the desk was asked:\n%s", a)
		}
		if bytes.Contains(term.Output(), []byte(code)) {
			t.Error("the passcode went to the terminal")
		}
	}
}

func TestOnATerminalSignalsEndTheSessionAndRestoreTheTerminal(t *testing.T) {
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT, syscall.SIGUSR1} {
		term, asked := startOnTerminal(t, testterm.Options{})
		toAlertOnTerminal(term)
		term.Signal(sig)
		if rc := term.Wait(); rc != 0 {
			t.Errorf("%v: exit code %d:\n%s", sig, rc, term.Screen())
		}
		term.ExpectNothingLeftOver()
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
		t.Errorf("a trace of passcode and patients was written (%v)", err)
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
	term.Expect(testterm.Contains("555000000111")).Type(code).Press("enter").Expect(testterm.Contains("+- Find a patient")).
		Type("9990000018").Press("enter").Expect(testterm.Contains("! ALERT"), testterm.Contains("#= Child protection alert"))
	if i := bytes.IndexFunc(term.Output(), func(r rune) bool { return r > 0x7e }); i >= 0 {
		t.Errorf("the terminal got %q", term.Output()[i:min(len(term.Output()), i+8)])
	}
}

func TestOnALinuxConsoleF1IsHelpAndTypesNoLetter(t *testing.T) {
	term, _ := startOnTerminal(t, testterm.Options{Env: []string{"TERM=linux"}})
	term.Expect(testterm.Contains("555000000111")).Type(code).Press("enter").Expect(testterm.Contains("Find a patient"))
	term.Press("tab").Type("Ex\x1b[[A").Expect(testterm.Contains("Keys")).Press("esc").
		Expect(testterm.Contains("Ex"), testterm.Not(testterm.Contains("ExA")))
}
