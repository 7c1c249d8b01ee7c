//go:build linux

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"wardlight/internal/cli"
	"wardlight/internal/lab/labtest"
	"wardlight/internal/lab/pcscd/pcscdtest"
)

// site is a folder with only the three programs, as installed at a site.
type site struct {
	t        *testing.T
	programs string
	temp     string // TMPDIR of the programs
	cases    string // current folder of the programs
}

func newSite(t *testing.T) *site {
	t.Helper()
	pcscdtest.Need(t)
	s := &site{t: t, programs: t.TempDir(), temp: labtest.Dir(t), cases: t.TempDir()}
	for _, name := range []string{"wardlight", "wardlight-hub", "wardlight-lab"} {
		// on the same file system
		if err := os.Link(labtest.Program(t, name), filepath.Join(s.programs, name)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// write writes a file in the working folder.
func (s *site) write(name, content string) {
	s.t.Helper()
	path := filepath.Join(s.cases, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) command(args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.programs, "wardlight-lab"), append([]string{"play"}, args...)...)
	cmd.Dir = s.cases
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + s.temp, "HOME=" + s.temp}
	return cmd
}

// play runs 'wardlight-lab play', and checks its exit code and that it left no files.
func (s *site) play(exit int, args ...string) (out, errs string) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := s.command(args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	_ = cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != exit {
		s.t.Errorf("play %v: exit code %d, want %d\n%s%s", args, got, exit, &stdout, &stderr)
	}
	s.nothingLeft()
	return stdout.String(), stderr.String()
}

// nothingLeft checks that the folder for temporary files is empty.
func (s *site) nothingLeft() {
	s.t.Helper()
	left, err := os.ReadDir(s.temp)
	if err != nil || len(left) > 0 {
		s.t.Errorf("temporary files left: got %v, error %v, want none", left, err)
	}
}

const signIn = "insert nurse\nsee Tries left\ntype 246813\npress enter\nsee Find a patient\n"

const listCSV = "NHS number,Name\n999 000 0026,Owen Example\n"

// plansCSV is an upload of V992 with a plan for Owen, and one with a birth date that is not Tess's.
const plansCSV = "Action,Kind,NHS number,Birth date,Family name,Given name,Start,End,Due date,Reference\n" +
	"add,CPP,999 000 0026,21/05/2020,Example,Owen,01/11/2026,,,A-1\n" +
	"add,CPP,999 000 0018,21/05/2020,Example,Tess,01/11/2026,,,A-2\n"

const mayNDJSON = `{"resourceType":"Patient","id":"9990001006","gender":"female","birthDate":"2019-03-04","name":[{"use":"usual","family":"Newcomer","given":["May"]}]}
`

// TestPlay_EveryStepOnTheRealParts plays every kind of step but those that print or set a flag. The scenarios of
// cmd/wardlight contain these.
func TestPlay_EveryStepOnTheRealParts(t *testing.T) {
	s := newSite(t)
	s.write("cases/list.csv", listCSV)
	s.write("cases/plans.csv", plansCSV)
	s.write("cases/may.ndjson", mayNDJSON)

	s.write("cases/every.txt", `# Every step, in a folder of its own.
window 100x30
date 2026-12-01 16:58
`+signIn+`paste "999 000 0018"
press enter
see EXAMPLE, Tess
see ▲ ALERT
see as of 01-Dec-2026 16:58
told 0
accesses 9990000018 0

press o until RING NOW
see 01632 960101   Office
told 1
told V991 1
told V992 0
accesses 9990000018 1
window 80x24
see RING NOW

# Two minutes later the office is closed: another number is first.
date 2026-12-01 17:00
press esc
see shows it again
press o
see RING NOW   01632 960102
told 1

# Bytes that are no key: the screen stays.
bytes 1b5b337e
pause 10ms
see RING NOW

# A command beside the screens; then a proxy in front of the hub.
run wardlight worklist list.csv
out 1 none recorded, 0 could not check
not out 1 ALERT
hub answers 403 html
run wardlight worklist list.csv exits 5
out H17-403
not out none recorded
press n
see Find a patient
type 9990000026
press enter
see could not check
not see none recorded
hub answers normally
press r until none recorded

# What authorities send, and what an operator imports.
upload V992 plans.csv code CPF03
row 2 CPR06 "Added"
row 3 CPR01 "No record"
press r until ▲ ALERT
import may.ndjson
press n
see Find a patient
type 9990001006
press enter
see NEWCOMER, May
told V992 0
hub stop
hub start
flagged 0
copied 0
eject
see Card removed
run wardlight card show exits 3
quit
run wardlight version
out wardlight
`)

	if out, _ := s.play(cli.ExitOK, "cases/every.txt"); out != "ok cases/every.txt\n" {
		t.Errorf("play: got %s, want ok", out)
	}
}

// While a key is held down it is sent 30 times a second.
func TestPlay_AKeyIsHeld(t *testing.T) {
	s := newSite(t)
	s.write("hold.txt", signIn+"hold 9 1s\nsee 99 999 999\n")
	s.play(cli.ExitOK, "hold.txt")
}

func TestPlay_AFailureSaysWhereAndWhatIsOnTheScreen(t *testing.T) {
	s := newSite(t)
	s.write("bad.txt", signIn+"type 9990000018\npress enter\nsee EXAMPLE, Tess\nsee SAMPLETON\nsee ▲ ALERT\n")
	s.write("good.txt", "see No smartcard in the reader\nquit\n")
	out, errs := s.play(cli.ExitFailed, "--timeout", "10s", "bad.txt", "good.txt")
	if !strings.HasPrefix(out, "FAIL bad.txt:9: see SAMPLETON: not on the screen, after 10s\n    +----") {
		t.Errorf("play of a failing scenario: got %s, want the step and the screen", out)
	}
	for _, want := range []string{"\n    | EXAMPLE, Tess ", "▲ ALERT", "\nok good.txt\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("play: got %s, want %q in it", out, want)
		}
	}
	if errs != "" {
		t.Errorf("play: standard error: got %q, want nothing", errs)
	}
}

func TestPlay_FilesThatDoNotReadAreNamedAndNothingIsPlayed(t *testing.T) {
	s := newSite(t)
	s.write("good.txt", "see No smartcard in the reader\n")
	s.write("bad.txt", "insert nurse\nlook at it\n")
	s.write("empty.md", "# Nothing to do\n")
	out, errs := s.play(cli.ExitUsage, "good.txt", "bad.txt", "empty.md", "missing.txt")
	for _, want := range []string{
		`bad.txt:2: found "look at it", expected a step that begins with accesses`,
		"empty.md:1: there is no code block that begins with ```scenario", "missing.txt: no such file",
	} {
		if !strings.Contains(errs, want) {
			t.Errorf("play: standard error: got %s, want %q in it", errs, want)
		}
	}
	if out != "" {
		t.Errorf("play: got output %s, want none", out)
	}
	s.play(cli.ExitUsage)
	s.play(cli.ExitUsage, "--timeout", "0s", "good.txt")
}

// All code blocks of a document form one scenario, and each file has its own world. The plan of the first file must
// not exist in the second.
func TestPlay_NothingOfOneFileIsInTheNext(t *testing.T) {
	s := newSite(t)
	s.write("plans.csv", plansCSV)
	const look = signIn + "type 9990000026\npress enter\nsee EXAMPLE, Owen\n"
	s.write("1.md", "# An exercise\n\n```scenario\nupload V992 plans.csv code CPF03\n"+look+"see ▲ ALERT\n```\n")
	s.write("2.txt", look+"see none recorded\n")
	if out, _ := s.play(cli.ExitOK, "1.md", "2.txt"); out != "ok 1.md\nok 2.txt\n" {
		t.Errorf("play: got %s, want both files ok", out)
	}
}

func TestPlay_PicturesAreDrawnWhereAFolderIsNamed(t *testing.T) {
	s := newSite(t)
	s.write("a.txt", "see No smartcard in the reader\npicture empty-reader \"No card\"\n")
	s.play(cli.ExitOK, "a.txt")
	s.play(cli.ExitOK, "--pictures", "drawn", "a.txt")
	if svg, err := os.ReadFile(filepath.Join(s.cases, "drawn/empty-reader.svg")); err != nil ||
		!bytes.Contains(svg, []byte("<title>No card</title>")) {
		t.Errorf("screenshot: got %.80s, error %v, want an SVG with the title", svg, err)
	}
}

func TestPlay_InterruptedItLeavesNothing(t *testing.T) {
	s := newSite(t)
	s.write("first.txt", "see No smartcard in the reader\n")
	s.write("slow.txt", "insert nurse\nsee Tries left\npause 1m\n")

	for _, by := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		said := new(labtest.Output)
		cmd := s.command("first.txt", "slow.txt")
		cmd.Stdout, cmd.Stderr = said, said
		p := labtest.Start(t, cmd)
		p.Until(t, "the second scenario", func() bool {
			pcscds, _ := filepath.Glob(filepath.Join(s.temp, "wlplay*/card/pcscd.comm"))
			return strings.Contains(said.String(), "ok first.txt") && len(pcscds) > 0
		})

		p.Signal(by)
		<-p.Done()
		if code := cmd.ProcessState.ExitCode(); code != cli.ExitFailed ||
			!strings.Contains(said.String(), "stopped; the files were removed") {
			t.Errorf("play ended by %v: exit code %d, want %d and a message: %s", by, code, cli.ExitFailed, said)
		}

		s.nothingLeft()
	}
}

func TestPlay_WithoutTheProgramItSaysWhatIsMissing(t *testing.T) {
	s := newSite(t)
	s.write("a.txt", "see x\n")
	s.write("world/people.ndjson", mayNDJSON)
	for name, args := range map[string][]string{"wardlight": {"a.txt"}, "wardlight-hub": {
		"--world", "world",
		"a.txt",
	}} {
		if err := os.Rename(filepath.Join(s.programs, name), filepath.Join(s.programs, "elsewhere")); err != nil {
			t.Fatal(err)
		}
		if _, errs := s.play(cli.ExitFailed, args...); !strings.Contains(errs, name+" is not in the folder of "+
			"wardlight-lab: put the programs of one version into one folder") {
			t.Errorf("play without %s: got %s, want advice", name, errs)
		}
		if err := os.Rename(filepath.Join(s.programs, "elsewhere"), filepath.Join(s.programs, name)); err != nil {
			t.Fatal(err)
		}
	}
}
