//go:build !windows

package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"wardlight/internal/cups/cupstest"
	"wardlight/internal/keep"
	"wardlight/internal/lab/record"
	"wardlight/internal/lab/scenario"
	"wardlight/internal/testterm"
)

// minuteProgram is the program with the scenarios' clock; minuteEnv tells it when that began, and folderEnv the folder in
// which it keeps what it has to.
const minuteProgram, minuteEnv, folderEnv = "wardlight-in-a-minute", "WARDLIGHT_MINUTE", "WARDLIGHT_FOLDER"

// scenarioMinute is when the scenarios play: a Sunday afternoon, out of office hours.
func scenarioMinute() time.Time { return time.Date(2026, time.November, 22, 14, 5, 0, 0, time.UTC) }

// mainInAMinute is main, but for the clock and for a keyring of its own, which holds the token for the record system.
func mainInAMinute() {
	from, err := time.Parse(time.RFC3339, os.Getenv(minuteEnv))
	if err != nil {
		panic(err)
	}
	w := theWorld()
	w.clock = scenario.Minute(from, time.Now)
	w.program = "" // this binary does not run vendors' modules
	w.sealedFolder, w.ring = os.Getenv(folderEnv), keep.Over(make(keyringInMemory), "the scenarios' keyring")
	if err := w.ring.Set(context.Background(), keep.RecordToken(os.Getenv("WARDLIGHT_RECORD_URL")), []byte(recordToken)); err != nil {
		panic(err)
	}
	os.Exit(run(context.Background(), os.Args[1:], w))
}

// keyringInMemory is an unlocked keyring; only one goroutine uses it at a time.
type keyringInMemory map[string]string

func (k keyringInMemory) Set(_, name, secret string) error { k[name] = secret; return nil }
func (k keyringInMemory) Delete(_, name string) error      { delete(k, name); return nil }
func (k keyringInMemory) Get(_, name string) (string, error) {
	if secret, ok := k[name]; ok {
		return secret, nil
	}
	return "", keyring.ErrNotFound
}

// stage is a ward, and a record system, to play scenarios on.
type stage struct {
	*ward
	records *record.System
	url     string           // of the record system
	papers  *cupstest.Server // nil where nothing is printed
}

func newStage(t *testing.T, prints bool) stage {
	t.Helper()
	s := stage{ward: newWardAt(t, scenario.Minute(scenarioMinute(), time.Now)), records: record.New(recordToken)}
	url, stop, err := s.records.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	s.url = url
	if prints {
		s.papers = cupstest.Start(t)
		s.papers.AddPDF("ward")
	}
	return s
}

func (s stage) Start(tb testing.TB, o testterm.Options) *testterm.Terminal {
	tb.Helper()
	path, err := exec.LookPath(minuteProgram)
	if err != nil {
		tb.Fatalf("%v", err)
	}
	o.Env = append(o.Env, s.socket(), minuteEnv+"="+scenarioMinute().Format(time.RFC3339), folderEnv+"="+tb.TempDir(),
		"WARDLIGHT_RECORD_URL="+s.url, "WARDLIGHT_RECORD_NAME=the ED records")
	if s.papers != nil {
		o.Env = append(append(o.Env, s.papers.Env...), "LANG=C.UTF-8", "LC_ALL=C.UTF-8")
	}
	return testterm.Start(tb, o, path, "--config", s.hub.ConfigFile())
}

func (s stage) Insert(name string) error {
	card, err := s.hub.Card(name)
	if err == nil {
		s.card, err = s.service.Plug(s.t.Context(), 0, card)
	}
	return err
}

func (s stage) Eject() error          { s.card.Pull(); return nil }
func (s stage) StopHub() error        { return s.hub.StopHub() }
func (s stage) StartHub() error       { return s.hub.StartHub(s.t.Context()) }
func (s stage) CutRecords() error     { s.records.Fail(record.CutAfter); return nil }
func (s stage) FailRecords() error    { s.records.Fail(record.Down); return nil }
func (s stage) Flagged() (int, error) { return len(s.records.Flags()), nil }

func (s stage) Printed() ([]string, error) {
	var papers []string
	for _, pages := range s.papers.Printed() {
		papers = append(papers, strings.Join(strings.Fields(strings.Join(pages, " ")), " "))
	}
	return papers, nil
}

func (s stage) Told(n int) error {
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	if err := s.hub.Authority().Await(ctx, n); err != nil {
		return err
	}
	if got := len(s.hub.Notifications()); got != n {
		return fmt.Errorf("the local authorities were told of %d openings", got)
	}
	return nil
}

// picturesDir is where the pictures of the documentation are.
const picturesDir = "../../docs/img"

// scenarios are those of testdata/scenarios, by name.
func scenarios(t *testing.T) map[string]scenario.Scenario {
	t.Helper()
	files, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	all := make(map[string]scenario.Scenario)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s, err := scenario.Parse(filepath.Base(file), string(text))
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".txt")] = s
	}
	return all
}

// TestScenarios plays each scenario from card to screen over the real parts, and holds the pictures of the documentation to
// what it sees. UPDATE_PICTURES=1 draws them anew.
func TestScenarios(t *testing.T) {
	all := scenarios(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // a ward of its own
			prints := slices.ContainsFunc(all[name].Steps, func(s scenario.Step) bool { return s.Verb == scenario.Printed })
			scenario.Run(t, all[name], newStage(t, prints), picturesDir)
		})
	}
}

func TestEveryPictureOfTheDocumentationIsDrawnByOneScenario(t *testing.T) {
	drawn := make(map[string]string)
	for name, s := range scenarios(t) {
		for _, p := range s.Pictures() {
			if other, twice := drawn[p]; twice {
				t.Errorf("%s and %s both draw %s", name, other, p)
			}
			drawn[p] = name
			if _, err := os.Stat(filepath.Join(picturesDir, p+".svg")); err != nil {
				t.Errorf("%s draws a picture that is not there: %v", name, err)
			}
		}
	}
	there, err := filepath.Glob(picturesDir + "/*.svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range there {
		if drawn[strings.TrimSuffix(filepath.Base(p), ".svg")] == "" {
			t.Errorf("no scenario draws %s", p)
		}
	}
}
