//go:build unix

package tui

import (
	"os"
	"strings"
	"testing"

	. "wardlight/internal/testterm" // the words of the scenario
)

// launched runs the program by a launcher that ignores the signal of a terminal that goes away, and that leads the
// session: no signal reaches the program.
func launched(t *testing.T, o Options) (term *Terminal, asked func() string) {
	t.Helper()
	return startBy(t, o, func(path string) (string, []string) {
		return "sh", []string{"-c", `trap "" HUP; "$0"; :`, path}
	})
}

// endsBecauseOfItsTerminal fails unless the program ends after its terminal has gone.
func endsBecauseOfItsTerminal(t *testing.T, term *Terminal, asked func() string) {
	t.Helper()
	term.HangUp().Wait()
	if !strings.Contains(asked(), "end: program ended") {
		t.Errorf("the session was not ended:\n%s", asked())
	}
}

func TestOnATerminal_GoneWithoutASignalTheProgramEnds(t *testing.T) {
	term, asked := launched(t, Options{})
	toAlertOnTerminal(term)
	endsBecauseOfItsTerminal(t, term, asked)
}

func TestOnATerminalInLines_GoneWithoutASignalTheProgramEnds(t *testing.T) {
	term, asked := launched(t, Options{Env: []string{dumb}, Rows: 300})
	toAlertInLines(term)
	endsBecauseOfItsTerminal(t, term, asked)
}

// Input that ends is the end of the terminal, too: nobody could lock or quit any more.
func TestWatchedFile(t *testing.T) {
	lost, isLost := onceLost(func() {})
	w := &watchedFile{openNull(t), lost}
	if isLost() {
		t.Fatal("lost before anything was read")
	}
	if n, err := w.Read(make([]byte, 1)); n != 0 || err == nil || !isLost() {
		t.Errorf("at the end: read %d, error %v, lost %v", n, err, isLost())
	}
	sent := make(chan struct{}, 2)
	lost, _ = onceLost(func() { sent <- struct{}{} })
	w = &watchedFile{openNull(t), lost}
	for range 2 {
		if _, err := w.Write([]byte("x")); err == nil {
			t.Fatal("a file that is open for reading takes a write")
		}
	}
	<-sent
	if len(sent) != 0 {
		t.Error("the end was sent twice")
	}
}

func openNull(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}
