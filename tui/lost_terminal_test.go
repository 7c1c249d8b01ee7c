//go:build unix

package tui

import (
	"os"
	"strings"
	"testing"

	. "wardlight/internal/testterm" // the scenario functions
)

// launched runs the program from a launcher that ignores SIGHUP and is the session leader. No signal reaches the
// program when the terminal goes away.
func launched(t *testing.T, o Options) (term *Terminal, asked func() string) {
	t.Helper()
	return startBy(t, o, func(path string) (string, []string) {
		return "sh", []string{"-c", `trap "" HUP; "$0"; :`, path}
	})
}

// endsBecauseOfItsTerminal reports an error unless the program ends after its terminal has gone away.
func endsBecauseOfItsTerminal(t *testing.T, term *Terminal, asked func() string) {
	t.Helper()
	term.HangUp().Wait()
	if !strings.Contains(asked(), "end: program ended") {
		t.Errorf("the session was not ended; session calls:\n%s", asked())
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

// The end of the input counts as the end of the terminal: nobody could lock or quit any more.
func TestWatchedFile(t *testing.T) {
	lost, isLost := onceLost(func() {})
	w := &watchedFile{openNull(t), lost}
	if isLost() {
		t.Fatal("the terminal is reported as lost before anything was read")
	}

	if n, err := w.Read(make([]byte, 1)); n != 0 || err == nil || !isLost() {
		t.Errorf("Read at the end of the input = %d, %v, lost %v, want 0, an error and true", n, err, isLost())
	}

	sent := make(chan struct{}, 2)
	lost, _ = onceLost(func() { sent <- struct{}{} })
	w = &watchedFile{openNull(t), lost}
	for range 2 {
		if _, err := w.Write([]byte("x")); err == nil {
			t.Fatal("Write to a file opened for reading succeeded, want error")
		}
	}
	<-sent
	if len(sent) != 0 {
		t.Error("the message that ends the program was sent twice")
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
