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
	desk := signIn(t, d, "nurse")
	if _, err := desk.Patient(bounded(t), people.Nothing); err != nil {
		t.Fatal(err)
	}
	if err := d.StopHub(); err != nil {
		t.Fatal(err)
	}
	for _, p := range people.Named(time.Now()) {
		if lamp := desk.Lamp(bounded(t), p.Number()); lamp.State != client.CouldNotCheck || lamp.Err == nil || !lamp.AsOf.IsZero() {
			t.Errorf("%s: lamp %s as of %s, %v", p.Number().Digits(), lamp.State, lamp.AsOf, lamp.Err)
		}
	}
	if d.Status().HubRuns {
		t.Error("the status says that the hub runs")
	}
}

func TestSeededPeopleAreFoundByNameAndBirthDate(t *testing.T) {
	d := start(t)
	desk := signIn(t, d, "nurse")
	named := people.Named(time.Now())[0].Patient
	p, err := desk.Patient(bounded(t), people.OnPlan)
	if err != nil {
		t.Fatal(err)
	}
	found, err := desk.Find(bounded(t), client.Query{Family: named.Name[0].Family, Born: p.Born})
	if err != nil || len(found.Rows) != 1 || found.Rows[0].Number != people.OnPlan {
		t.Errorf("found %+v, %v", found, err)
	}
	if got := d.Status().People; got != 30 {
		t.Errorf("%d people, want 20 and the named ten", got)
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
		t.Errorf("the folder: %v", err)
	}
	for _, address := range []string{d.HubURL(), d.Authority().URL("V991")} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if conn, err := net.Dial("tcp", u.Host); err == nil {
			conn.Close()
			t.Errorf("something still listens at %s", u.Host)
		}
	}
	left := 0
	for deadline := time.Now().Add(soon); time.Now().Before(deadline); runtime.Gosched() {
		if left = runtime.NumGoroutine(); left <= before {
			return
		}
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("%d goroutines before, %d after:\n%s", before, left, stacks[:runtime.Stack(stacks, true)])
}

func TestAStartThatFailsLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	_, err := demo.Start(t.Context(), demo.Options{People: 5, Clock: time.Now, Card: "porter"})
	var unknown *cards.UnknownError
	if !errors.As(err, &unknown) {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAStartThatIsStoppedLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := demo.Start(ctx, demo.Options{People: 5, Clock: time.Now, Card: "clerk"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAFolderWithFilesInItIsRefusedAndKept(t *testing.T) {
	folder := t.TempDir()
	mine := filepath.Join(folder, "mine")
	if err := os.WriteFile(mine, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Start(t.Context(), demo.Options{Folder: folder, Clock: time.Now}); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("got %v", err)
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
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestTheConfigurationNamesHubAndCA(t *testing.T) {
	d := start(t)
	c, err := wardlight.Load(config.Sources{Named: d.ConfigFile()})
	if err != nil {
		t.Fatal(err)
	}
	if c.HubURL != d.HubURL() || c.HubCAFile != d.CAFile() {
		t.Errorf("hub %s, CA file %s", c.HubURL, c.HubCAFile)
	}
}

func TestTheLogHoldsNoPatient(t *testing.T) {
	d := start(t, func(o *demo.Options) { o.Keep = true })
	desk := signIn(t, d, "nurse")
	if _, err := desk.Open(bounded(t), people.OnPlan); err != nil {
		t.Fatal(err)
	}
	if err := d.Authority().Await(bounded(t), 1); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(d.Status().Log)
	if err != nil || len(log) == 0 {
		t.Fatalf("%d bytes, %v", len(log), err)
	}
	for _, private := range []string{"9990000018", "Tess", "EXAMPLE,", cards.Passcode} {
		if strings.Contains(string(log), private) {
			t.Errorf("the log holds %q:\n%s", private, log)
		}
	}
}
