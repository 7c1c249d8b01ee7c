package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"wardlight/hub/privacy"
	"wardlight/internal/reread"
)

// attendancesFile is the site's list of attendances. It is read again when it changes. Unlike other files, an earlier
// version doesn't stay in use while the file can't be used: patients who came since would look as if they had not.
type attendancesFile struct {
	mu     sync.Mutex
	file   reread.File
	alarms reread.Alarms
	uk     *time.Location
	list   *privacy.Attendances // nil if the file can't be used
	err    error
}

// newAttendancesFile reads the file. The error never contains a part of the file.
func newAttendancesFile(name string, clock func() time.Time, log *slog.Logger) (*attendancesFile, error) {
	uk, err := time.LoadLocation("Europe/London")
	if err != nil {
		return nil, fmt.Errorf("the time zone of the United Kingdom: %w", err)
	}
	f := &attendancesFile{file: reread.File{Name: name}, alarms: reread.Alarms{Log: log, Clock: clock}, uk: uk}
	f.read()
	return f, f.err
}

// attendances returns the function that provides the list for privacy reports, or nil if there is none. Errors are
// *config.Error.
func (s *settings) attendances(u *monitor) (func() (*privacy.Attendances, error), error) {
	if s.attendancesFile == "" {
		return nil, nil
	}
	f, err := newAttendancesFile(s.attendancesFile, u.clock, u.log)
	if err != nil {
		return nil, s.Reject("privacy.attendances", fmt.Sprintf("%s: %s", s.attendancesFile, reread.WithoutPath(err)),
			`a table with the columns "NHS number", "From" and "To"`)
	}
	u.looks = append(u.looks, f.reloadIfChanged)
	return f.current, nil
}

// current returns the list, or an error if the file can't be used. It reads a changed file first.
func (f *attendancesFile) current() (*privacy.Attendances, error) {
	f.reloadIfChanged(context.Background())
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.list, f.err
}

// reloadIfChanged reads the file if it has changed. If it can't be used, an alarm is logged.
func (f *attendancesFile) reloadIfChanged(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.read()
	f.alarms.Report(ctx, f.file.Name, f.err,
		"the list of attendances cannot be used; privacy reports do not check attendance.")
}

// read reads the file if it has changed. The time of its last change is that of the list, also if its content is the
// same.
func (f *attendancesFile) read() {
	info, err := os.Stat(f.file.Name)
	var text []byte
	if err == nil {
		text, err = f.file.Changed()
	}

	switch {
	case err != nil:
		f.list, f.err = nil, err
	case text == nil && f.list != nil:
		again := *f.list
		again.Written = info.ModTime()
		f.list = &again
	case text != nil:
		if f.list, f.err = privacy.ParseAttendances(text, info.ModTime(), f.uk); f.err != nil {
			f.file.Forget() // the next call reads and reports it again
		}
	}
}
