// Package screenbench measures how many bytes the terminal program writes for each action of a user, and the time
// until its first frame. The number of bytes matters on slow lines. It runs the real programs on a pseudo-terminal of
// 80 x 24.
package screenbench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"wardlight/internal/bench/machine"
	"wardlight/internal/lab/demo"
	"wardlight/internal/lab/pcscd"
)

// Options configure a measurement.
type Options struct {
	Wardlight string           // path of the terminal program
	Empty     string           // path of the program in ./empty; "" omits the first frames
	Runs      int              // number of starts of each program
	Idle      bool             // also count the wake-ups of an idle program, which takes a minute and a half
	Clock     func() time.Time // required
	Progress  func(string)     // reports progress; may be nil
}

// Report is the result of a measurement.
type Report struct {
	When    time.Time
	Machine string
	Runs    int
	Actions []Action
	Starts  []Start
	Idle    []Idle
	Missing []string // programs that are not installed
}

// Action is an action of the user, with the number of bytes that each program wrote.
type Action struct {
	What   string
	Budget int            // limit for Wardlight; 0 if there is none
	Bytes  map[string]int // by program; without programs that have no such action
}

// Start is the time from the start of a process to its first frame, the median in milliseconds.
type Start struct {
	Program  string
	Answered float64 // on a terminal that answers queries
	Mute     float64 // on a terminal that doesn't
}

// Wardlight is the name of the terminal program in a report.
const Wardlight = "wardlight"

type runner struct {
	Options
	dir    string
	report Report
}

// Run runs the measurement. The error names a missing requirement, or what a program failed to show.
func Run(ctx context.Context, o Options) (_ Report, err error) {
	if o.Wardlight == "" || o.Runs < 1 || o.Clock == nil {
		return Report{}, errors.New("screenbench: Wardlight, Runs and Clock are required")
	}

	if o.Progress == nil {
		o.Progress = func(string) {}
	}

	b := &runner{Options: o, report: Report{
		When: o.Clock(), Machine: machine.Name(), Runs: o.Runs,
		Missing: []string{},
	}}

	if b.dir, err = os.MkdirTemp("", "wlscreen"); err != nil {
		return Report{}, err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()

	d, err := demo.Start(ctx, demo.Options{Folder: filepath.Join(b.dir, "demo"), Clock: o.Clock, Seed: 1, People: 300})
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	service := filepath.Join(b.dir, "pcscd")
	if err := os.Mkdir(service, 0o700); err != nil {
		return Report{}, err
	}

	daemon, err := pcscd.Start(ctx, service)
	if err != nil {
		return Report{}, err
	}
	defer daemon.Stop()

	if err := b.actions(ctx, d, daemon); err != nil {
		return Report{}, err
	}
	if err := b.starts(ctx, d, daemon); err != nil {
		return Report{}, err
	}

	if b.Idle {
		if err := b.idles(ctx, d, daemon); err != nil {
			return Report{}, err
		}
	}

	return b.report, nil
}

func (b *runner) actions(ctx context.Context, d *demo.Demo, daemon *pcscd.Daemon) error {
	card, err := d.Card("multi")
	if err != nil {
		return err
	}
	plugged, err := daemon.Plug(ctx, 0, card)
	if err != nil {
		return err
	}
	defer plugged.Pull()
	b.Progress("counting the bytes of " + Wardlight)
	if err := b.count(Wardlight, program{
		path: b.Wardlight, args: []string{"--config", d.ConfigFile()},
		env: environ(daemon),
	}, wardlightSteps()); err != nil {
		return err
	}
	return b.others()
}

// others counts the bytes that the other programs write for the same actions.
func (b *runner) others() error {
	for _, other := range others() {
		path, err := exec.LookPath(other.name)
		if err != nil {
			b.report.Missing = append(b.report.Missing, other.name)
			continue
		}
		b.Progress("counting the bytes of " + other.name)
		started, err := other.prepare(b.dir)
		if err != nil {
			return err
		}
		started.path = path
		if err := b.count(other.name, started, other.steps); err != nil {
			return err
		}
	}
	return nil
}

func environ(daemon *pcscd.Daemon) []string {
	return []string{"PCSCLITE_CSOCK_NAME=" + daemon.Socket()}
}

// count runs a program through the steps, and adds the bytes of each to the report.
func (b *runner) count(name string, p program, steps []step) error {
	return onTerminal(func(t *testT) error {
		term := p.start(t, true)
		for _, s := range steps {
			before := term.Bytes()
			s.do(term)
			b.add(name, s, term.Bytes()-before)
		}
		return nil
	}, name)
}

func (b *runner) add(name string, s step, bytes int) {
	for i := range b.report.Actions {
		if a := &b.report.Actions[i]; a.What == s.what {
			a.Bytes[name] += bytes
			return
		}
	}
	b.report.Actions = append(b.report.Actions, Action{
		What: s.what, Budget: s.budget,
		Bytes: map[string]int{name: bytes},
	})
}

// onTerminal calls do with a replacement for testing.T, and returns its failure as an error.
func onTerminal(do func(*testT) error, name string) (err error) {
	t := &testT{}
	defer t.end()
	defer func() {
		if r := recover(); r != nil {
			failed, ok := r.(failure)
			if !ok {
				panic(r)
			}
			err = fmt.Errorf("%s: %w", name, failed)
		}
	}()
	return do(t)
}
