package demo_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/internal/config"
	"wardlight/internal/config/wardlight"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/demo"
	"wardlight/internal/lab/people"
)

func TestAHubThatIsGoneIsNotAnAbsenceOfAlerts(t *testing.T) {
	d := start(t)
	manager := signIn(t, d, "nurse")
	if _, err := manager.Patient(bounded(t), people.Nothing); err != nil {
		t.Fatal(err)
	}
	if err := d.StopHub(); err != nil {
		t.Fatal(err)
	}
	for _, p := range people.Named(time.Now()) {
		if lamp := manager.Lamp(bounded(t), p.Number()); lamp.State != client.CouldNotCheck || lamp.Err == nil ||
			!lamp.AsOf.IsZero() {
			t.Errorf("%s: lamp = %s as of %s, %v, want CouldNotCheck with an error",
				p.Number().Digits(), lamp.State, lamp.AsOf, lamp.Err)
		}
	}
	if d.Status().HubRuns {
		t.Error("Status reports a running hub after StopHub")
	}
}

func TestSeededPeopleAreFoundByNameAndBirthDate(t *testing.T) {
	d := start(t)
	manager := signIn(t, d, "nurse")
	named := people.Named(time.Now())[0].Patient
	p, err := manager.Patient(bounded(t), people.OnPlan)
	if err != nil {
		t.Fatal(err)
	}
	found, err := manager.Find(bounded(t), client.Query{Family: named.Name[0].Family, Born: p.Born})
	if err != nil || len(found.Rows) != 1 || found.Rows[0].Number != people.OnPlan {
		t.Errorf("Find = %+v, %v, want only %s", found, err, people.OnPlan)
	}
	if got := d.Status().People; got != 30 {
		t.Errorf("Status().People = %d, want 30: 20 and the 10 named ones", got)
	}
}

func TestNothingOutlivesADemo(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	before := runtime.NumGoroutine()
	d, err := demo.Start(t.Context(), demo.Options{People: 5, Clock: time.Now, Card: "clerk"})
	if err != nil {
		t.Fatal(err)
	}

	if err := d.Close(); err != nil {
		t.Error(err)
	}

	if _, err := os.Stat(d.Folder()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Stat of the folder after Close = %v, want fs.ErrNotExist", err)
	}

	for _, address := range []string{d.HubURL(), d.Authority().URL("V991")} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if conn, err := net.Dial("tcp", u.Host); err == nil {
			conn.Close()
			t.Errorf("%s still accepts connections after Close", u.Host)
		}
	}

	left := 0
	for deadline := time.Now().Add(soon); time.Now().Before(deadline); runtime.Gosched() {
		if left = runtime.NumGoroutine(); left <= before {
			return
		}
	}

	stacks := make([]byte, 1<<16)
	t.Errorf("goroutines after Close = %d, want at most %d:\n%s", left, before, stacks[:runtime.Stack(stacks, true)])
}

func TestAStartThatFailsLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	_, err := demo.Start(t.Context(), demo.Options{People: 5, Clock: time.Now, Card: "porter"})
	var unknown *cards.UnknownError
	if !errors.As(err, &unknown) {
		t.Errorf("Start with an unknown card: error = %v, want *cards.UnknownError", err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("files after a failed start = %v, %v, want none", left, err)
	}
}

func TestAStartThatIsStoppedLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := demo.Start(ctx, demo.Options{People: 5, Clock: time.Now, Card: "clerk"}); !errors.Is(err,
		context.Canceled) {
		t.Errorf("Start with a cancelled context: error = %v, want context.Canceled", err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("files after a cancelled start = %v, %v, want none", left, err)
	}
}

func TestAFolderWithFilesInItIsRefusedAndKept(t *testing.T) {
	folder := t.TempDir()
	mine := filepath.Join(folder, "mine")
	if err := os.WriteFile(mine, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Start(t.Context(), demo.Options{Folder: folder, Clock: time.Now}); err == nil ||
		!strings.Contains(err.Error(), "not empty") {
		t.Errorf("Start in a folder with files: error = %v, want “not empty”", err)
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error(err)
	}
}

func TestAGivenFolderIsEmptiedNotRemoved(t *testing.T) {
	folder := t.TempDir()
	d, err := demo.Start(t.Context(), demo.Options{Folder: folder, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("files after Close = %v, %v, want none", left, err)
	}
}

func TestTheConfigurationNamesHubAndCA(t *testing.T) {
	d := start(t)
	c, err := wardlight.Load(config.Sources{Named: d.ConfigFile()})
	if err != nil {
		t.Fatal(err)
	}
	if c.HubURL != d.HubURL() || c.HubCAFile != d.CAFile() {
		t.Errorf("configuration: hub %s, CA file %s, want %s, %s", c.HubURL, c.HubCAFile, d.HubURL(), d.CAFile())
	}
}

func TestTheLogHoldsNoPatient(t *testing.T) {
	d := start(t, func(o *demo.Options) { o.KeepFolder = true })
	manager := signIn(t, d, "nurse")
	if _, err := manager.Open(bounded(t), people.OnPlan); err != nil {
		t.Fatal(err)
	}
	if err := d.Authority().Await(bounded(t), 1); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(d.Status().Log)
	if err != nil || len(log) == 0 {
		t.Fatalf("ReadFile of the log: %d bytes, error %v", len(log), err)
	}
	for _, private := range []string{"9990000018", "Tess", "EXAMPLE,", cards.Passcode} {
		if strings.Contains(string(log), private) {
			t.Errorf("the log contains %q:\n%s", private, log)
		}
	}
}
