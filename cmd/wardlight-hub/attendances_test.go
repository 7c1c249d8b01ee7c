package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A list that becomes unusable is not used any more, at once, and the log has an alarm without a patient.
func TestAttendances_ReadAgain(t *testing.T) {
	name := filepath.Join(t.TempDir(), "attendances.csv")
	write := func(text string, at time.Time) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}

	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	if _, err := newAttendancesFile(name, time.Now, logger); err == nil {
		t.Error("a missing list: got no error at the start, want one")
	}

	const good = "NHS number,From,To\r\n9990000018,2026-11-03,\r\n"
	at := time.Date(2026, 11, 20, 6, 0, 0, 0, time.UTC)
	write(good, at)
	file, err := newAttendancesFile(name, time.Now, logger)
	if err != nil {
		t.Fatal(err)
	}
	list := file.current
	if got, err := list(); err != nil || !got.Written.Equal(at) {
		t.Errorf("a list: got %v, %v; want it as of %s", got, err, at)
	}

	write(good, at.Add(24*time.Hour))
	if got, err := list(); err != nil || !got.Written.Equal(at.Add(24*time.Hour)) {
		t.Errorf("the same list, written again: got %v, %v; want it as of a day later", got, err)
	}

	write(good+"9990000019,2026-11-03,\r\n", at.Add(48*time.Hour))
	if got, err := list(); err == nil || got != nil {
		t.Errorf("a list with a wrong number: got %v, %v; want an error", got, err)
	}
	if said := log.String(); !strings.Contains(said, "ALARM: the list of attendances cannot be used") ||
		!strings.Contains(said, "line 3") || strings.Contains(said, "99900") {
		t.Errorf("got the log %s, want an alarm with the line and without a number", said)
	}

	write(good, at.Add(72*time.Hour))
	if _, err := list(); err != nil || !strings.Contains(log.String(), "The file can be used again.") {
		t.Errorf("a list that can be used again: got %v and the log %s", err, log.String())
	}
}
