package scenario

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardlight/internal/testterm"
)

// Stage is where a scenario is played: the program, a reader, a hub and local authorities.
type Stage interface {
	// Start begins the program on a terminal; tb is who hears of failures.
	Start(tb testing.TB, o testterm.Options) *testterm.Terminal
	Insert(card string) error
	Eject() error
	StopHub() error
	StartHub() error
	// FailRecords makes the site's record system refuse a flag once, CutRecords makes it take one and lose the answer, and Flagged is
	// how many flags it holds.
	FailRecords() error
	CutRecords() error
	Flagged() (int, error)
	// Printed waits until all is printed, and gives the text of each paper.
	Printed() ([]string, error)
	// Told waits until the local authorities have been told of n openings since the stage was set; being told of more is an
	// error, too.
	Told(n int) error
}

// patience is how long a scenario waits for each thing that it wants to see. It bounds a hung program.
const patience = time.Minute

// Run plays the scenario on the stage. The test fails at the first step that can't be done or doesn't come true, with its
// place. Pictures are held to those in the folder, or drawn where UPDATE_PICTURES is set.
func Run(tb testing.TB, s Scenario, stage Stage, pictures string) {
	tb.Helper()
	p := &player{tb: &placed{TB: tb}, stage: stage, pictures: pictures, size: testterm.Options{Answer: true, Patience: patience}}
	for i := 0; i < len(s.Steps); {
		i += p.play(s.Steps[i:])
	}
}

// placed is a test that says where in the scenario it fails.
type placed struct {
	testing.TB
	step Step
}

func (p *placed) Fatalf(format string, args ...any) {
	p.Helper()
	p.TB.Fatalf("%s\n%s", p.step, fmt.Sprintf(format, args...))
}

// player carries steps out.
type player struct {
	tb       *placed
	stage    Stage
	pictures string
	size     testterm.Options
	term     *testterm.Terminal // nil before the program is needed
}

// terminal is the program's, which is started when it is first looked at or typed to.
func (p *player) terminal() *testterm.Terminal {
	if p.term == nil {
		p.term = p.stage.Start(p.tb, p.size)
	}
	return p.term
}

// play carries out the first step, or the looks that belong together, and gives how many steps those were.
func (p *player) play(steps []Step) int {
	p.tb.Helper()
	s := steps[0]
	p.tb.step = s
	switch s.Verb {
	case Screen:
		if p.term != nil {
			p.tb.Fatalf("the program is on the screen already: resize it")
		}
		p.size.Cols, p.size.Rows = s.Cols, s.Rows
	case Insert:
		p.must(p.stage.Insert(s.Text))
	case Eject:
		p.must(p.stage.Eject())
	case Hub:
		p.must(map[string]func() error{"stop": p.stage.StopHub, "start": p.stage.StartHub}[s.Text]())
	case Type:
		p.terminal().Type(s.Text)
	case Press:
		if s.Text != "" {
			p.terminal().Insist(s.Keys[0], look(s))
			break
		}
		p.terminal().Press(s.Keys...)
	case See, NotSee:
		return p.see(steps)
	case Resize:
		p.terminal().Resize(s.Cols, s.Rows)
	case Told:
		n, err := strconv.Atoi(s.Text)
		p.must(err)
		p.must(p.stage.Told(n))
	case Records:
		p.must(map[string]func() error{"fail": p.stage.FailRecords, "cut": p.stage.CutRecords}[s.Text]())
	case Flagged:
		n, err := p.stage.Flagged()
		p.must(err)
		if strconv.Itoa(n) != s.Text {
			p.tb.Fatalf("the record system holds %d flags", n)
		}
	case Printed:
		papers, err := p.stage.Printed()
		p.must(err)
		if !strings.Contains(strings.Join(papers, "\n"), s.Text) {
			p.tb.Fatalf("on the papers stands:\n%s", strings.Join(papers, "\n"))
		}
	case Copied:
		if n := bytes.Count(p.terminal().Output(), []byte(toClipboard)); strconv.Itoa(n) != s.Text {
			p.tb.Fatalf("the program has copied %d times", n)
		}
	case Picture:
		p.picture(s)
	case Quit:
		p.quit()
	}
	return 1
}

// toClipboard begins what puts something into the terminal's clipboard (xterm's OSC 52).
const toClipboard = "\x1b]52;"

func (p *player) must(err error) {
	p.tb.Helper()
	if err != nil {
		p.tb.Fatalf("%v", err)
	}
}

// see waits until all looks at the beginning of the steps hold of one screen, and gives how many they are.
func (p *player) see(steps []Step) int {
	p.tb.Helper()
	var all []testterm.Matcher
	for _, s := range steps {
		if s.Verb != See && s.Verb != NotSee {
			break
		}
		all = append(all, look(s))
	}
	p.terminal().Expect(all...)
	return len(all)
}

// look asks the screen for a step's text, by the step's own words.
func look(s Step) testterm.Matcher {
	m := testterm.Contains(s.Text)
	if s.Verb == NotSee {
		m = testterm.Not(m)
	}
	m.Name = s.String()
	return m
}

// picture holds the screen to the picture, waiting for what is still on its way, or draws it.
func (p *player) picture(s Step) {
	p.tb.Helper()
	path := filepath.Join(p.pictures, s.Name+".svg")
	if os.Getenv(testterm.UpdatePictures) != "" {
		testterm.Picture(p.tb, p.terminal().Grid(), path, s.Text)
		return
	}
	p.terminal().Expect(testterm.Pictured(p.tb, path, s.Text))
}

// quit ends the program and looks at what it leaves behind.
func (p *player) quit() {
	p.tb.Helper()
	t := p.terminal().Press("q")
	if t.ExpectOrEnd(testterm.Contains("Quit?")) {
		t.Press("y")
	}
	if code := t.Wait(); code != 0 {
		p.tb.Fatalf("exit code %d", code)
	}
	t.ExpectNothingLeftOver()
}
