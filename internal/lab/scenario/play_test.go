package scenario_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/lab/scenario"
	"wardlight/internal/nhs"
	"wardlight/internal/testterm"
)

// shell is a stage whose program is a shell. Its hub is stopped at the beginning.
type shell struct {
	scenario.Unsupported
	started int
	did     []string
	date    time.Time
}

func (s *shell) Start(_ context.Context, o testterm.Options) (*testterm.Console, error) {
	s.started++
	return testterm.StartConsole(o, "/bin/sh", "-c",
		`printf '\033]52;c;aGk=\a\033[?2004h'; trap 'stty size' WINCH; stty size
		while :; do read line; test "$line" = q && exit 0; test -n "$line" && echo "got $line"; done`)
}

func (s *shell) do(what string) error {
	s.did = append(s.did, what)
	return nil
}

func (s *shell) SetDate(at time.Time) error                        { s.date = at; return nil }
func (s *shell) Insert(_ context.Context, card string) error       { return s.do("insert " + card) }
func (s *shell) Eject() error                                      { return s.do("eject") }
func (s *shell) StopHub() error                                    { return errors.New("it is down already") }
func (s *shell) StartHub(context.Context) error                    { return s.do("start hub") }
func (s *shell) Import(_ context.Context, file string) error       { return s.do("import " + file) }
func (s *shell) FailRecords() error                                { return s.do("fail") }
func (s *shell) Flagged() (int, error)                             { return 3, nil }
func (s *shell) Printed(context.Context) ([]string, error)         { return []string{"one", "two"}, nil }
func (s *shell) Accesses(context.Context, nhs.Number) (int, error) { return 2, nil }

func (s *shell) AnswerHub(status int) error {
	if status == 500 {
		return errors.New("no")
	}
	return nil
}

func (s *shell) Notifications(_ context.Context, authority string, _ int) (int, error) {
	return map[string]int{"": 2, "V991": 1}[authority], nil
}

func (s *shell) Run(_ context.Context, command []string) (int, string, error) {
	return len(command), "could not check\n", s.do(strings.Join(command, " "))
}

func (s *shell) Set(name, value string) error { return s.do(name + "=" + value) }

func (s *shell) Upload(_ context.Context, authority, file string) (scenario.UploadAnswer, error) {
	return scenario.UploadAnswer{
			Code: "CPF03", Sentence: "Some are.",
			Rows: []scenario.RowAnswer{{2, "CPR06", "Added."}, {3, "CPR01", "No record has it."}},
		},
		s.do(authority + " " + file)
}

// play plays the lines on a shell.
func play(t *testing.T, stage *shell, o scenario.Options, text string) error {
	t.Helper()
	s, err := scenario.Parse("cases/a.txt", text)
	if err != nil {
		t.Fatal(err)
	}
	return scenario.Play(t.Context(), s, stage, o)
}

func TestPlay_EveryStepThatComesTrue(t *testing.T) {
	pictures := t.TempDir()
	stage := &shell{}
	err := play(t, stage, scenario.Options{ScreenshotFolder: pictures, Draw: true}, `date 2026-12-01
window 60x10
set site.procedure "Ask the nurse."
insert nurse
see 10 60
type hello
not see got
press enter until got hello
see got hello
window 70x12
see 12 70
hold x 200ms
press enter
see got xx
paste "pasted"
see [200~pasted
press enter
bytes 6869 0a
see got hi
pause 1ms
copied 1
picture shell "A shell"
eject
hub start
hub answers 403 html
hub answers normally
import people.ndjson
run wardlight status exits 2
out could not check
not out none recorded
hold y 200ms and run wardlight show 9990000018 exits 3
press enter
see got yyyyyy
upload V991 plans.csv code CPF03
row 3 CPR01 "No record"
row 2 CPR06
told 2
told V991 1
accesses 9990000018 2
records fail
flagged 3
printed two
`)
	if err != nil {
		t.Fatal(err)
	}

	if want := "site.procedure=Ask the nurse.|insert nurse|eject|start hub|import cases/people.ndjson|wardlight " +
		"status|wardlight show 9990000018|V991 cases/plans.csv|fail"; strings.Join(stage.did, "|") != want {
		t.Errorf("calls of the stage = %q, want %s", stage.did, want)
	}

	if stage.started != 1 || stage.date.Format(time.DateOnly) != "2026-12-01" {
		t.Errorf("started %d times at date %v, want once at 2026-12-01", stage.started, stage.date)
	}

	if _, err := os.Stat(filepath.Join(pictures, "shell.svg")); err != nil {
		t.Error(err)
	}
}

func TestPlay_AFailureSaysWhereAndWhatWasSeen(t *testing.T) {
	for text, want := range map[string][]string{
		"see 24 80\ntype x\npress enter\nsee got x\nsee got y\nsee got w\nnot see got z\nnot see got x": {
			"cases/a.txt:5: see got y: not on the screen, after 1s\n    cases/a.txt:6: see got w\n    " +
				"cases/a.txt:8: not see got x: it is there\n    +---", "    |got x",
		},
		"see 24 80\nhub stop":           {"cases/a.txt:2: hub stop: it is down already\n    +----"},
		"hub stop":                      {"cases/a.txt:1: hub stop: it is down already"},
		"press x until y":               {"cases/a.txt:1: press x until y: not on the screen, after 1s"},
		"flagged 3\nflagged 2":          {"cases/a.txt:2: flagged 2: the record system has 3 flags"},
		"told 1":                        {"told 1: the local authorities were notified of 2 openings"},
		"told V991 0":                   {"told V991 0: V991 was notified of 1 openings"},
		"accesses 9990000018 1":         {"accesses 9990000018 1: 2 accesses were added"},
		"printed two\nprinted three":    {"cases/a.txt:2: printed three: not on any of 2 printouts\n    one\n    two"},
		"records fail\nrecords cut":     {"cases/a.txt:2: records cut: this step is not supported here"},
		"hub answers 500 html":          {"hub answers 500 html: no"},
		"see 24 80\ncopied 1\ncopied 0": {"cases/a.txt:3: copied 0: the program has copied 1 times"},
		"picture nowhere \"Nothing\"": {
			"cases/a.txt:1: picture nowhere", "nowhere.svg",
			"UPDATE_PICTURES",
		},
		"run wardlight status":             {"run wardlight status: exit code 2\n    could not check"},
		"hold x 100ms and run wardlight a": {"hold x 100ms and run wardlight a: exit code 2\n    could not check"},
		"run wardlight a exits 2\nout none": {"cases/a.txt:2: out none: it is not in the " +
			"output\n    could not check"},
		"run wardlight a exits 2\nnot out not": {"cases/a.txt:2: not out not: it is in the " +
			"output\n    could not check"},
		"upload V991 a.csv code CPF02": {"code CPF02: the answer is CPF03: Some are.\n    " +
			"row 2 CPR06 Added.\n    row 3 CPR01 No record"},
		"upload V991 a.csv code CPF03\nrow 2 CPR01": {"cases/a.txt:2: row 2 CPR01: the answer to row 2 " +
			"is CPR06: Added."},
		"upload V991 a.csv code CPF03\nrow 3 CPR01 \"Updated\"": {"the answer to row 3 is CPR01: No record has it."},
		"upload V991 a.csv code CPF03\nrow 4 CPR01":             {"there is no answer to row 4\n    row 2"},
		"pause 1ms\nnot see 24 80\nsee 24": {"cases/a.txt:2: not see 24 80: still on the " +
			"screen, after 1s"},
		"type q\npress enter\nsee got q": {"cases/a.txt:3: see got q: not on the screen, and the program has ended"},
	} {
		err := play(t, &shell{}, scenario.Options{ScreenshotFolder: t.TempDir(), StepTimeout: time.Second}, text)
		var f *scenario.Failure
		if !errors.As(err, &f) {
			t.Errorf("Play(%q) error = %v, want *Failure", text, err)
			continue
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("Play(%q) error =\n%v\nwant it to contain %q", text, err, w)
			}
		}
	}
}

func TestPlay_APictureIsComparedWithTheScreen(t *testing.T) {
	pictures := t.TempDir()
	if err := play(t, &shell{}, scenario.Options{ScreenshotFolder: pictures, Draw: true},
		"see 24 80\npicture shell \"A shell\""); err != nil {
		t.Fatal(err)
	}
	same := "see 24 80\npicture shell \"A shell\"\n"
	o := scenario.Options{ScreenshotFolder: pictures, StepTimeout: time.Second}
	if err := play(t, &shell{}, o, same); err != nil {
		t.Error(err)
	}
	if err := play(t, &shell{}, scenario.Options{}, `picture nowhere "Passed over"`); err != nil {
		t.Error(err)
	}
	err := play(t, &shell{}, o, strings.Replace(same, "see 24 80", "type x\npress enter\nsee got x", 1))
	if err == nil || !strings.Contains(err.Error(), "cases/a.txt:4: picture shell \"A shell\": not so: the screen is") {
		t.Errorf("Play with another screen than the picture: error = %v", err)
	}
}

func TestPlay_EndsWithItsContext(t *testing.T) {
	for _, text := range []string{
		"see 24 80\nhub start\nsee never", "see 24 80\nhub start\npause 1m",
		"see 24 80\nhub start\nhold x 10s",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		s, err := scenario.Parse("a.txt", text)
		if err != nil {
			t.Fatal(err)
		}
		if err := scenario.Play(ctx, s, &cancelling{cancel: cancel}, scenario.Options{}); !errors.Is(err,
			context.Canceled) {
			t.Errorf("Play(%q) error = %v, want context.Canceled", text, err)
		}
		cancel()
	}
}

// cancelling is a shell that cancels the context when its hub is started.
type cancelling struct {
	shell
	cancel func()
}

func (c *cancelling) StartHub(context.Context) error { c.cancel(); return nil }

// leaver is a program that ends when a key is pressed, after executing atEnd.
type leaver struct {
	scenario.Unsupported
	started int
	atEnd   string
}

func (l *leaver) Start(_ context.Context, o testterm.Options) (*testterm.Console, error) {
	l.started++
	return testterm.StartConsole(o, "/bin/sh", "-c",
		"stty -icanon -echo; echo ready; dd bs=1 count=1 >/dev/null 2>&1; "+l.atEnd)
}

func TestPlay_QuitEndsTheProgramAndTheNextLookStartsItAgain(t *testing.T) {
	s, err := scenario.Parse("a.txt", "see ready\nquit\nsee ready")
	if err != nil {
		t.Fatal(err)
	}
	stage := &leaver{}
	if err := scenario.Play(t.Context(), s, stage, scenario.Options{}); err != nil || stage.started != 2 {
		t.Errorf("program started %d times, error %v, want 2 times", stage.started, err)
	}
	for atEnd, want := range map[string]string{
		"exit 3":                    "a.txt:2: quit: the program ended with exit code 3",
		`printf '\033[?2004h'`:      "a.txt:2: quit: the program leaves the terminal changed: mode ?2004 on",
		"while :; do sleep 1; done": "a.txt:2: quit: not on the screen, after 1s",
	} {
		err := scenario.Play(t.Context(), s, &leaver{atEnd: atEnd}, scenario.Options{StepTimeout: time.Second})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Play with end %q: error = %v, want %q", atEnd, err, want)
		}
	}
}
