package scenario

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"wardlight/internal/testterm"
)

// DefaultStepTimeout is the timeout of a step if Options.StepTimeout is zero. It applies only if the program hangs.
const DefaultStepTimeout = time.Minute

// Options configure Play.
type Options struct {
	// ScreenshotFolder is the folder of the screenshots; if it is "", picture steps are skipped.
	ScreenshotFolder string
	// Draw writes the screenshots instead of comparing the screen with them.
	Draw bool
	// StepTimeout is how long a step waits for its expectation; 0 means DefaultStepTimeout.
	StepTimeout time.Duration
}

// Play executes the scenario on the stage. The error is a *Failure for the first step that can't be executed or whose
// expectation isn't met, or the error of ctx.
func Play(ctx context.Context, s Scenario, stage Stage, o Options) error {
	if o.StepTimeout == 0 {
		o.StepTimeout = DefaultStepTimeout
	}
	p := &player{ctx: ctx, stage: stage, options: o, size: testterm.Options{Answer: true, Timeout: o.StepTimeout}}
	defer p.close()
	for i := 0; i < len(s.Steps); {
		played, err := p.play(s.Steps[i:])
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		i += played
	}
	return nil
}

// A player executes steps.
type player struct {
	ctx     context.Context //nolint:containedctx // of the whole scenario: the program outlasts the step that starts it
	stage   Stage
	options Options
	size    testterm.Options
	console *testterm.Console // nil while the program isn't running
	unwatch func() bool       // stops watching the context that kills the program
	output  string            // output of the last run
	answer  UploadAnswer      // answer to the last upload
}

// terminal returns the program's terminal. It starts the program if it isn't running.
func (p *player) terminal() (*testterm.Console, error) {
	if p.console != nil {
		return p.console, nil
	}
	var err error
	if p.console, err = p.stage.Start(p.ctx, p.size); err != nil {
		p.console = nil
		return nil, err
	}
	p.unwatch = context.AfterFunc(p.ctx, p.console.Kill) // calls that wait for a screen then return an error
	return p.console, nil
}

// close ends the program.
func (p *player) close() {
	if p.console != nil {
		p.unwatch()
		p.console.Close()
		p.console = nil
	}
}

// play executes the first step, or all see and not see steps at the beginning, and returns how many steps those were.
func (p *player) play(steps []Step) (int, error) {
	s := steps[0]
	if s.Verb == See || s.Verb == NotSee {
		return p.see(steps)
	}
	ctx, cancel := context.WithTimeout(p.ctx, s.Duration+p.options.StepTimeout)
	defer cancel()
	return 1, p.failure(s, p.step(ctx, s))
}

// step executes one step.
func (p *player) step(ctx context.Context, s Step) error {
	switch s.Verb {
	case Date:
		return p.stage.SetDate(s.At)
	case Set:
		if p.console != nil {
			return errors.New("the program is already running; settings must come before it starts")
		}
		return p.stage.Set(s.Name, s.Text)
	case Insert:
		return p.stage.Insert(ctx, s.Text)
	case Eject:
		return p.stage.Eject()
	case Pause:
		return wait(ctx, s.Duration)
	case Window:
		p.size.Cols, p.size.Rows = s.Cols, s.Rows
		if p.console == nil {
			return nil
		}
		return p.console.Resize(s.Cols, s.Rows)
	case Type, Press, Hold, Paste, Bytes, Copied, Screenshot, Quit:
		t, err := p.terminal()
		if err != nil {
			return err
		}
		return p.atTerminal(ctx, t, s)
	default:
		return p.controlStage(ctx, s)
	}
}

// wait sleeps for a duration or until ctx is done.
func wait(ctx context.Context, long time.Duration) error {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// atTerminal executes a step of the user at the terminal.
func (p *player) atTerminal(ctx context.Context, t *testterm.Console, s Step) error {
	switch s.Verb {
	case Type:
		t.Type(s.Text)
	case Paste:
		t.Paste(s.Text)
	case Bytes:
		t.Send(s.Bytes)
	case Hold:
		return p.hold(ctx, t, s)
	case Press:
		if s.Text != "" {
			return t.PressUntil(s.Keys[0], look(s))
		}
		return t.Press(s.Keys...)
	case Copied:
		if n := bytes.Count(t.Output(), []byte(toClipboard)); n != s.N {
			return fmt.Errorf("the program has copied %d times", n)
		}
	case Screenshot:
		return p.picture(t, s)
	case Quit:
		return p.quit(t)
	}

	return nil
}

// toClipboard is the beginning of the control sequence that writes to the terminal's clipboard (xterm's OSC 52).
const toClipboard = "\x1b]52;"

// repeatEvery is the interval at which a keyboard repeats a key that is held down: 30 times a second.
const repeatEvery = time.Second / 30

// hold presses a key repeatedly, as if it were held down. A command of the step is run halfway; the program's clock
// does not advance meanwhile.
func (p *player) hold(ctx context.Context, t *testterm.Console, s Step) error {
	n, pressed := max(1, int(s.Duration/repeatEvery)), 0
	return p.stage.HoldKey(ctx, func() error {
		if pressed++; pressed == n/2+1 && s.Command != nil {
			if err := p.run(ctx, s); err != nil {
				return err
			}
		}
		return t.Press(s.Keys...)
	}, n, repeatEvery)
}

// see waits until one screen satisfies all see and not see steps at the beginning of steps, and returns how many there
// are.
func (p *player) see(steps []Step) (int, error) {
	var all []testterm.Matcher
	for _, s := range steps {
		if s.Verb != See && s.Verb != NotSee {
			break
		}
		all = append(all, look(s))
	}

	t, err := p.terminal()
	if err != nil {
		return 0, p.failure(steps[0], err)
	}

	err = t.Await(all...)
	var seen *testterm.ScreenError
	if !errors.As(err, &seen) {
		return len(all), p.failure(steps[0], err)
	}

	var f *Failure
	for i, m := range all {
		for _, missing := range seen.Missing {
			switch {
			case missing.Name != m.Name:
			case f == nil:
				f = &Failure{Step: steps[i], Problem: notSeen(steps[i], seen), Screen: seen.Screen, Err: err}
			default:
				f.Also = append(f.Also, m.Name)
			}
		}
	}

	return 0, f
}

// notSeen describes why a see or not see step failed.
func notSeen(s Step, seen *testterm.ScreenError) string {
	if s.Verb == NotSee {
		return "still on the screen, " + seen.When
	}
	return seen.Problem + ", " + seen.When
}

// look returns a matcher for a see or not see step, named after the step.
func look(s Step) testterm.Matcher {
	m := testterm.Contains(s.Text)
	if s.Verb == NotSee {
		m = testterm.Not(m)
		m.Name = s.String() + ": it is there"
		return m
	}
	m.Name = s.String()
	return m
}

// picture compares the screen with the screenshot, waiting until they are equal or the step times out, or writes the
// screenshot.
func (p *player) picture(t *testterm.Console, s Step) error {
	if p.options.ScreenshotFolder == "" {
		return nil
	}
	path := filepath.Join(p.options.ScreenshotFolder, s.Name+".svg")
	if p.options.Draw {
		return testterm.WriteSVG(t.Grid(), path, s.Text)
	}
	m, err := testterm.MatchesScreenshot(path, s.Text)
	if err != nil {
		return err
	}
	err = t.Await(m)
	var seen *testterm.ScreenError
	if errors.As(err, &seen) {
		seen.Problem = "not so: " + m.Name
	}
	return err
}

// quit ends the program and checks that it restores the terminal. The next step that needs the screen restarts it.
func (p *player) quit(t *testterm.Console) error {
	if err := t.Press("q"); err != nil {
		return err
	}

	asks, err := t.AwaitOrEnd(testterm.Contains("Quit?"))
	if err == nil && asks {
		err = t.Press("y")
	}

	if err != nil {
		return err
	}

	code, err := t.Wait()
	switch {
	case err != nil:
		return err
	case code != 0:
		return fmt.Errorf("the program ended with exit code %d", code)
	}

	if err := t.CheckModesRestored(); err != nil {
		return err
	}

	p.close()
	return nil
}

// controlStage executes a step that isn't at the terminal.
func (p *player) controlStage(ctx context.Context, s Step) error {
	switch s.Verb {
	case Hub:
		switch s.Text {
		case "stop":
			return p.stage.StopHub()
		case "start":
			return p.stage.StartHub(ctx)
		}
		return p.stage.AnswerHub(s.N)
	case Records:
		if s.Text == "fail" {
			return p.stage.FailRecords()
		}
		return p.stage.CutRecords()
	case Import:
		return p.stage.Import(ctx, s.file())
	case Run:
		return p.run(ctx, s)
	case Out, NotOut:
		return p.out(s)
	case Upload:
		return p.upload(ctx, s)
	case Row:
		return p.row(s)
	default:
		return p.count(ctx, s)
	}
}

// count compares a count with the number in a step, or the printouts with its text.
func (p *player) count(ctx context.Context, s Step) error {
	var n int
	var err error
	var problem string
	switch s.Verb {
	case Notified:
		n, err = p.stage.Notifications(ctx, s.Authority, s.N)
		who := "the local authorities were"
		if s.Authority != "" {
			who = s.Authority + " was"
		}
		problem = fmt.Sprintf("%s notified of %d openings", who, n)
	case Accesses:
		n, err = p.stage.Accesses(ctx, s.Patient)
		problem = fmt.Sprintf("%d accesses were added to the access history", n)
	case Flagged:
		n, err = p.stage.Flagged()
		problem = fmt.Sprintf("the record system has %d flags", n)
	case Printed:
		printouts, err := p.stage.Printed(ctx)
		all := strings.Join(printouts, "\n")
		if err == nil && !strings.Contains(all, s.Text) {
			err = &detailError{fmt.Sprintf("not on any of %d printouts", len(printouts)), all}
		}
		return err
	default:
		return fmt.Errorf("no player of %q", s.Verb)
	}

	if err == nil && n != s.N {
		err = errors.New(problem)
	}

	return err
}
