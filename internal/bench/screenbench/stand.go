package screenbench

import (
	"fmt"
	"time"

	"wardlight/internal/testterm"
)

// patience is how long a program may take to show what it should.
const patience = time.Minute

// stand is the test that a terminal of the bench serves.
type stand struct{ cleanups []func() }

// failure is what the terminal found missing.
type failure string

func (f failure) Error() string { return string(f) }

func (*stand) Helper() {}

// Fatalf leaves the run by a panic that onTerminal makes an error of.
func (*stand) Fatalf(format string, args ...any) { panic(failure(fmt.Sprintf(format, args...))) }

func (t *stand) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

func (t *stand) end() {
	for i := len(t.cleanups) - 1; i >= 0; i-- {
		t.cleanups[i]()
	}
}

// program is how a program is started.
type program struct {
	path string
	args []string
	env  []string
	dir  string
}

func (p program) start(t *stand, answers bool) *testterm.Terminal {
	return testterm.Start(t, testterm.Options{Answer: answers, Patience: patience, Env: p.env, Dir: p.dir}, p.path, p.args...)
}
