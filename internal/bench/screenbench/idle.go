package screenbench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/demo"
	"wardlight/internal/lab/pcscd"
	"wardlight/internal/testterm"
)

const (
	settleTime = 5 * time.Second       // wait until earlier activity has ended, such as the closing of a connection
	idleTime   = 10 * time.Second      // duration of the measurement
	oneWakeUp  = 15 * time.Millisecond // system calls less than this apart belong to one wake-up
)

// Idle is how often a program woke up in a number of seconds without input.
type Idle struct {
	State    string // such as "signed in"
	Seconds  int
	WakeUps  int // except those counted in the following fields
	Watcher  int // wake-ups in which the program called the smartcard service
	Runtime  int // wake-ups of the monitor thread of the Go runtime, which runs for a second after another wake-up
	Calls    int // system calls in all wake-ups
	Switches int // voluntary context switches counted by the kernel, without strace
	Wrote    int // bytes written to the terminal
}

// idles counts the wake-ups of Wardlight before a sign-in and while a patient is shown. strace stops the program at
// each system call, which doesn't matter for a program that makes hardly any.
func (b *runner) idles(ctx context.Context, d *demo.Demo, daemon *pcscd.Daemon) error {
	strace, err := exec.LookPath("strace")
	if err != nil {
		b.report.Missing = append(b.report.Missing, "strace, for the wake-ups of an idle program")
		return nil
	}

	card, err := d.Card("multi")
	if err != nil {
		return err
	}

	plugged, err := daemon.Plug(ctx, 0, card)
	if err != nil {
		return err
	}
	defer plugged.Pull()
	p := program{path: b.Wardlight, args: []string{"--config", d.ConfigFile()}, env: environ(daemon)}
	return onTerminal(func(t *testT) error {
		term := p.start(t, true)
		for _, state := range []struct {
			name string
			to   func()
		}{
			{"before sign-in", func() { term.Expect(testterm.Contains("Tries left")) }},
			{"signed in", func() {
				term.Type(cards.Passcode).Press("enter").Expect(testterm.Contains("Find a patient"),
					testterm.Line(-1).Contains("F1 help"))
			}},
			{"with a patient", func() {
				term.Type("9990000018").Press("enter").Expect(testterm.Contains("▲ ALERT"),
					testterm.Contains("EXAMPLE, Tess"))
			}},
		} {
			state.to()
			b.Progress("counting the wake-ups of " + Wardlight + ", " + state.name)
			if err := wait(ctx, settleTime); err != nil {
				return err
			}
			idle, err := b.idle(ctx, strace, term)
			if err != nil {
				return err
			}
			idle.State = state.name
			b.report.Idle = append(b.report.Idle, idle)
		}

		return nil
	}, Wardlight)
}

// idle counts the wake-ups of a running program, first with the kernel's counters and then with strace.
func (b *runner) idle(ctx context.Context, strace string, term *testterm.Terminal) (Idle, error) {
	idle := Idle{Seconds: int(idleTime.Seconds())}
	bytes := term.Bytes()
	before, err := switches(term.Pid())
	if err != nil {
		return idle, err
	}
	if err := wait(ctx, idleTime); err != nil {
		return idle, err
	}

	after, err := switches(term.Pid())
	if err != nil {
		return idle, err
	}

	idle.Switches = after - before

	file := filepath.Join(b.dir, "strace")
	limit, cancel := context.WithTimeout(ctx, idleTime)
	defer cancel()
	cmd := exec.CommandContext(limit, strace, "-f", "-qq", "-ttt", "-yy", "-s", "64", "-o", file, "-p",
		strconv.Itoa(term.Pid()))
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Run(); limit.Err() == nil {
		return idle, fmt.Errorf("strace: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return idle, err
	}

	trace, err := os.Open(file)
	if err != nil {
		return idle, err
	}
	defer trace.Close() //nolint:errcheck // only read from
	err = idle.count(trace)
	idle.Wrote = term.Bytes() - bytes
	return idle, err
}

// count parses a trace of strace -f -ttt -yy -o. A wake-up is a sequence of calls less than oneWakeUp apart.
func (i *Idle) count(trace io.Reader) error {
	var last float64
	var calls []string
	end := func() {
		if len(calls) > 0 {
			*i.kind(calls)++
			i.Calls += len(calls)
		}
		calls = nil
	}

	for lines := bufio.NewScanner(trace); ; {
		if !lines.Scan() {
			end()
			return lines.Err()
		}

		fields := strings.SplitN(strings.Join(strings.Fields(lines.Text()), " "), " ", 3) // process, time, call
		if len(fields) < 3 || !strings.Contains(fields[2], " = ") || strings.Contains(fields[2], "= ? ERESTART") {
			continue // a wait that has not ended
		}

		at, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			return fmt.Errorf("strace: no time in %q", lines.Text())
		}

		if at-last > oneWakeUp.Seconds() {
			end()
		}

		last, calls = at, append(calls, fields[2])
	}
}

// kind returns the counter for a wake-up with these calls.
func (i *Idle) kind(calls []string) *int {
	ofRuntime := true
	for _, call := range calls {
		// Strace doesn't show the peer of a socket.
		if strings.Contains(call, "pcscd") || strings.Contains(call, "<UNIX-STREAM:") {
			return &i.Watcher
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(call, "<... "), "(")
		name, _, _ = strings.Cut(name, " ")
		ofRuntime = ofRuntime && (name == "futex" || name == "nanosleep" || name == "sched_yield" ||
			name == "restart_syscall")
	}
	if ofRuntime {
		return &i.Runtime
	}
	return &i.WakeUps
}

// switches returns the number of voluntary context switches of a process's threads.
func switches(pid int) (int, error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil {
		return 0, err
	}

	all := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		_, after, found := strings.Cut(string(text), "\nvoluntary_ctxt_switches:")
		if !found {
			return 0, fmt.Errorf("%s does not count switches", file)
		}
		line, _, _ := strings.Cut(after, "\n")
		n, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			return 0, fmt.Errorf("%s: %w", file, err)
		}
		all += n
	}

	return all, nil
}

// wait sleeps for a duration or until ctx is done.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
