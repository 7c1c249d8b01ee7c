package scenario_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"wardlight/internal/lab/scenario"
	"wardlight/internal/testterm"
)

func TestAScenarioIsReadLineByLine(t *testing.T) {
	s, err := scenario.Parse("a.txt", `# A nurse
screen 120x40
insert nurse
type 246813
press tab enter
press o until RING NOW
see ▲ ALERT
not see Tess
told 1
hub stop
picture alert "An open alert"
quit
`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, step := range s.Steps {
		got = append(got, step.String())
	}
	want := []string{
		"a.txt:2: screen 120x40", "a.txt:3: insert nurse", "a.txt:4: type 246813", "a.txt:5: press [tab enter]", "a.txt:6: press [o]",
		"a.txt:7: see ▲ ALERT", "a.txt:8: not see Tess", "a.txt:9: told 1", "a.txt:10: hub stop", "a.txt:11: picture alert", "a.txt:12: quit ",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("read\n%s", strings.Join(got, "\n"))
	}
	if s.Steps[4].Text != "RING NOW" || s.Steps[9].Text != "An open alert" || fmt.Sprint(s.Pictures()) != "[alert]" {
		t.Errorf("read %+v", s.Steps)
	}
}

func TestADocumentsBlocksAreOneScenario(t *testing.T) {
	const document = "# Training\n\nInsert:\n\n```scenario\ninsert nurse\n```\n\n    see code that is none\n\n```sh\nmake demo\n```\n```scenario\nsee Passcode\n```\n"
	s, err := scenario.ParseDocument("t.md", document)
	if err != nil || len(s.Steps) != 2 || s.Steps[0].Where() != "t.md:6" || s.Steps[1].Where() != "t.md:15" {
		t.Errorf("read %+v, %v", s.Steps, err)
	}
	if _, err := scenario.ParseDocument("t.md", "```scenario\nsee x"); err == nil || !strings.Contains(err.Error(), "does not end") {
		t.Errorf("an open block: %v", err)
	}
}

func TestALineThatIsNoStepIsNamedWithWhatWouldBe(t *testing.T) {
	for line, want := range map[string]string{
		"look at it": "begins with copied, eject, flagged, hub, insert", "see": "what?", "insert": "what?", "seen x": "begins with", "screen 80": "like 80x24",
		"resize 0x24": "like 80x24", "press": "press KEY", "press o p until x": "press KEY", "press o until ": "press KEY", "told many": "how many",
		"hub kill": "hub stop", "records stop": "records cut", "printed": "what?", "flagged": "how many", "copied a lot": "how many", "quit now": "nothing follows", `picture Alert "x"`: "picture NAME", "picture alert": "picture NAME",
	} {
		_, err := scenario.Parse("a.txt", "\n"+line)
		var wrong *scenario.SyntaxError
		if !errors.As(err, &wrong) || wrong.Line != 2 || !strings.HasPrefix(err.Error(), "a.txt:2: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func TestAMinuteNeverEnds(t *testing.T) {
	from := time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)
	now := time.Unix(0, 0)
	clock := scenario.Minute(from, func() time.Time { return now })
	last := clock()
	if !last.Equal(from) {
		t.Errorf("it begins at %v", last)
	}
	now = now.Add(400 * time.Millisecond)
	if passed := clock().Sub(from); passed < 390*time.Millisecond || passed > 400*time.Millisecond {
		t.Errorf("after 0.4 s it is %v on", passed)
	}
	for range 20 {
		now = now.Add(20 * time.Second)
		at := clock()
		if !at.After(last) || at.Truncate(time.Minute) != from {
			t.Fatalf("after %v it is %v", now.Sub(time.Unix(0, 0)), at)
		}
		last = at
	}
}

// shell is a stage whose program is a shell; its hub is down from the beginning.
type shell struct {
	started  int
	patience time.Duration
}

func (s *shell) Start(tb testing.TB, o testterm.Options) *testterm.Terminal {
	s.started++
	o.Patience = s.patience
	return testterm.Start(tb, o, "/bin/sh", "-c", `printf '\033]52;c;aGk=\a'; stty size; while read line; do test "$line" = q && exit 0; echo "got $line"; done`)
}
func (s *shell) Insert(card string) error   { return nil }
func (s *shell) Eject() error               { return nil }
func (s *shell) StopHub() error             { return errors.New("it is down already") }
func (s *shell) StartHub() error            { return nil }
func (s *shell) Told(n int) error           { return nil }
func (s *shell) FailRecords() error         { return nil }
func (s *shell) CutRecords() error          { return errors.New("there are none") }
func (s *shell) Flagged() (int, error)      { return 3, nil }
func (s *shell) Printed() ([]string, error) { return []string{"one", "two"}, nil }

func TestAScenarioIsPlayed(t *testing.T) {
	stage := &shell{patience: time.Minute}
	s, err := scenario.Parse("a.txt", "screen 60x10\ninsert nurse\nsee 10 60\ntype hello\nnot see got\npress enter until got hello\nsee got hello\n")
	if err != nil {
		t.Fatal(err)
	}
	scenario.Run(t, s, stage, t.TempDir())
	if stage.started != 1 {
		t.Errorf("started %d times", stage.started)
	}
}

// recorder is a test that fails without failing this one.
type recorder struct {
	testing.TB
	failure string
}

func (r *recorder) Helper() {}
func (r *recorder) Fatalf(format string, args ...any) {
	r.failure = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestAFailureNamesFileAndLine(t *testing.T) {
	pictures := t.TempDir()
	for text, want := range map[string][]string{
		"see 24 80\ntype x\npress enter\nsee got x\nsee got y\nnot see got z": {"a.txt:4: see got x\n", "  a.txt:5: see got y\n", "|got x"},
		"see 24 80\nhub stop":                    {"a.txt:2: hub stop\nit is down already"},
		"flagged 3\nflagged 2":                   {"a.txt:2: flagged 2\n", "holds 3 flags"},
		"printed two\nprinted three":             {"a.txt:2: printed three\n", "one\ntwo"},
		"records fail\nrecords cut":              {"a.txt:2: records cut\nthere are none"},
		"see 24 80\ncopied 1\ncopied 0":          {"a.txt:3: copied 0\n", "copied 1 times"},
		"see 24 80\nscreen 60x20":                {"a.txt:2: screen 60x20\n", "resize"},
		"see 24 80\npicture nowhere \"Nothing\"": {"a.txt:2: picture nowhere\n", "nowhere.svg", "UPDATE_PICTURES"},
	} {
		s, err := scenario.Parse("a.txt", text)
		if err != nil {
			t.Fatal(err)
		}
		r := &recorder{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			scenario.Run(r, s, &shell{patience: 2 * time.Second}, pictures)
		}()
		<-done
		for _, w := range want {
			if !strings.Contains(r.failure, w) {
				t.Errorf("%q fails with %q, without %q", text, r.failure, w)
			}
		}
	}
}
