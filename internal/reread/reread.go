// Package reread reads files again when they change while the hub runs, and reports files that can't be used. The same
// rule applies to all files: each is checked every two seconds. A file that can't be used is reported as an alarm in
// the log, at once and every minute, and its last valid contents stay in use.
package reread

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"time"
)

const (
	// Interval is the time between two checks of a file. It is short, because a revoked card must be refused within
	// five seconds.
	Interval = 2 * time.Second
	// alarmInterval is the minimum time between two alarms with the same error.
	alarmInterval = time.Minute
	// timeResolution is the age of a file's last change below which a further change may have the same time, because
	// the resolution of file times is limited.
	timeResolution = 3 * time.Second
)

// File is a file that may be replaced or rewritten at any time. It is not safe for concurrent use.
type File struct {
	Name string // path of the file

	info fs.FileInfo // of the contents last read; nil if none
	read time.Time   // when it was read, by the same clock as the file's times
	sum  [sha256.Size]byte
}

// Changed returns the contents of the file if they have changed since the last call, and nil otherwise.
func (f *File) Changed() ([]byte, error) {
	info, err := os.Stat(f.Name)
	if err != nil {
		f.info = nil
		return nil, err
	}

	if !info.Mode().IsRegular() { // reading a pipe would block
		f.info = nil
		return nil, errors.New("it is not a regular file")
	}

	if f.info != nil && os.SameFile(f.info, info) && f.info.Size() == info.Size() &&
		f.info.ModTime().Equal(info.ModTime()) &&
		f.read.Sub(info.ModTime()) > timeResolution {
		return nil, nil
	}

	at := time.Now()
	text, err := os.ReadFile(f.Name)
	if err != nil {
		f.info = nil
		return nil, err
	}

	sum := sha256.Sum256(text)
	if f.info != nil && sum == f.sum {
		f.info, f.read = info, at
		return nil, nil
	}

	f.info, f.read, f.sum = info, at, sum
	return text, nil
}

// Forget makes the next Changed return the contents again, because they could not be used.
func (f *File) Forget() { f.info = nil }

// Alarms reports files that can't be used. It is not safe for concurrent use.
type Alarms struct {
	Log   *slog.Logger
	Clock func() time.Time

	given map[string]alarm // last alarms, by file name
}

// alarm is the last alarm about a file.
type alarm struct {
	what string
	at   time.Time
}

// Report logs err as an alarm about a file: at once, and then every minute while the error lasts. With a nil err it
// logs once that the file can be used again. words describes the consequence; more is further attributes of the log
// record.
func (a *Alarms) Report(ctx context.Context, name string, err error, words string, more ...any) {
	last, given := a.given[name]
	if err == nil {
		if given {
			a.Log.InfoContext(ctx, "The file can be used again.", "file", name)
			delete(a.given, name)
		}
		return
	}
	now := a.Clock()
	what := WithoutPath(err).Error()
	if given && last.what == what && now.Sub(last.at).Abs() < alarmInterval {
		return
	}
	a.Log.ErrorContext(ctx, "ALARM: "+words, append([]any{"file", name, "error", what}, more...)...)
	if a.given == nil {
		a.given = make(map[string]alarm)
	}
	a.given[name] = alarm{what, now}
}

// WithoutPath returns the error without the name of the file, which is logged separately.
func WithoutPath(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// Run calls each of looks every two seconds until ctx ends. after is time.After, except in tests.
func Run(ctx context.Context, after func(time.Duration) <-chan time.Time, looks ...func(context.Context)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-after(Interval):
		}
		for _, look := range looks {
			look(ctx)
		}
	}
}
