package screenbench

import (
	"fmt"
	"time"

	"wardlight/internal/testterm"
)

// screenTimeout is the timeout for a program to show what is expected.
const screenTimeout = time.Minute

// testT replaces testing.T for a terminal outside of a test.
type testT struct{ cleanups []func() }

// failure is the message of a failed expectation.
type failure string

func (f failure) Error() string { return string(f) }

func (*testT) Helper() {}

// Fatalf panics with a failure, which onTerminal recovers.
func (*testT) Fatalf(format string, args ...any) { panic(failure(fmt.Sprintf(format, args...))) }

func (t *testT) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

func (t *testT) end() {
	for i := len(t.cleanups) - 1; i >= 0; i-- {
		t.cleanups[i]()
	}
}

// program defines how a program is started.
type program struct {
	path string
	args []string
	env  []string
	dir  string
}

func (p program) start(t *testT, answers bool) *testterm.Terminal {
	return testterm.Start(t, testterm.Options{Answer: answers, Timeout: screenTimeout, Env: p.env, Dir: p.dir}, p.path,
		p.args...)
}
