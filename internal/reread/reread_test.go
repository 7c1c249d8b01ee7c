package reread_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/reread"
)

func TestFile_Changed(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	f := reread.File{Name: name}
	expect := func(what, want string) {
		t.Helper()
		if got, err := f.Changed(); err != nil || string(got) != want {
			t.Errorf("%s: Changed = %q, %v, want %q", what, got, err, want)
		}
	}

	if got, err := f.Changed(); !errors.Is(err, os.ErrNotExist) || got != nil {
		t.Errorf("Changed of a missing file = %q, %v, want ErrNotExist", got, err)
	}

	write("one")
	expect("a new file", "one")
	expect("an unchanged file", "")
	write("two")
	expect("another text of the same length in the same moment", "two")
	f.Forget()
	expect("a file whose content could not be used", "two")
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}

	if _, err := f.Changed(); err == nil {
		t.Error("Changed of a removed file succeeded, want error")
	}

	write("two")
	expect("a file that is there again", "two")
	folder := reread.File{Name: filepath.Dir(name)}
	if _, err := folder.Changed(); err == nil {
		t.Error("Changed of a folder succeeded, want error")
	}
}

func TestAlarms_Report(t *testing.T) {
	now := time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	var log strings.Builder
	a := reread.Alarms{Log: slog.New(slog.NewTextHandler(&log, nil)), Clock: func() time.Time { return now }}
	broken := errors.New("it is broken")
	for i, c := range []struct {
		err    error
		later  time.Duration
		alarms int
		good   int
	}{
		{nil, 0, 0, 0},
		{broken, 0, 1, 0},
		{broken, 59 * time.Second, 1, 0},
		{broken, time.Second, 2, 0},
		{errors.New("it is missing"), time.Second, 3, 0}, // another error
		{nil, time.Second, 3, 1},
		{nil, time.Hour, 3, 1},
		{broken, 0, 4, 1},
		{broken, -time.Hour, 5, 1}, // the clock was set back
	} {
		now = now.Add(c.later)
		a.Report(t.Context(), "file", c.err, "the file cannot be used.")
		if alarms, good := strings.Count(log.String(), "ALARM: the file cannot be used."),
			strings.Count(log.String(), "can be used again"); alarms != c.alarms || good != c.good {
			t.Errorf("step %d: got %d alarms and %d ends, want %d and %d: %s",
				i, alarms, good, c.alarms, c.good, log.String())
		}
	}
}

func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ticks := make(chan time.Time)
	var waited time.Duration
	looks := make(chan int)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		reread.Run(ctx, func(d time.Duration) <-chan time.Time {
			waited = d
			return ticks
		}, func(context.Context) { looks <- 1 }, func(context.Context) { looks <- 2 })
	}()

	for range 2 {
		ticks <- time.Time{}
		if one, two := <-looks, <-looks; one != 1 || two != 2 {
			t.Errorf("calls number %d and %d, want 1 and 2", one, two)
		}
	}

	cancel()
	<-ended
	if waited != reread.Interval {
		t.Errorf("waited %s between calls, want %s", waited, reread.Interval)
	}
}
