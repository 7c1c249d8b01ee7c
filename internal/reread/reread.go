// Package reread reads files again when they change while the hub runs, and reports those that cannot be used. It has
// the one rule for them all: each is looked at every two seconds; what cannot be used is an alarm in the log, at once
// and every minute, and the last good content stays in force.
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
	// Every is the time between two looks at a file: a card that was revoked is worth nothing within five seconds.
	Every = 2 * time.Second
	// alarmEvery is the time between two alarms about the same fault of a file.
	alarmEvery = time.Minute
	// racy is how young a file's last change may be for another one to have the same time (file systems count in steps).
	racy = 3 * time.Second
)

// File is a file that may be replaced or rewritten at any time. It is used by one goroutine at a time.
type File struct {
	Name string // its path

	info fs.FileInfo // of what was read; nil before
	read time.Time   // by the machine's clock, as the file's own time is
	sum  [sha256.Size]byte
}

// Changed returns what is in the file when it is not what it was; nil when it is.
func (f *File) Changed() ([]byte, error) {
	info, err := os.Stat(f.Name)
	if err != nil {
		f.info = nil
		return nil, err
	}
	if !info.Mode().IsRegular() { // reading a pipe waits until somebody writes into it
		f.info = nil
		return nil, errors.New("it is not a regular file")
	}
	if f.info != nil && os.SameFile(f.info, info) && f.info.Size() == info.Size() && f.info.ModTime().Equal(info.ModTime()) &&
		f.read.Sub(info.ModTime()) > racy {
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

// Forget has the file read again at the next look, changed or not: what was in it could not be used.
func (f *File) Forget() { f.info = nil }

// Alarms reports files that cannot be used. It is used by one goroutine at a time.
type Alarms struct {
	Log   *slog.Logger
	Clock func() time.Time

	given map[string]alarm // by file
}

// alarm is the last one that was given about a file.
type alarm struct {
	what string
	at   time.Time
}

// Report logs err as an alarm about a file: at once, every minute while it lasts, and once when the file can be used
// again (a nil err). The words say what is not as it should be; more are further attributes of the line.
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
	what := Plain(err).Error()
	if given && last.what == what && now.Sub(last.at).Abs() < alarmEvery {
		return
	}
	a.Log.ErrorContext(ctx, "ALARM: "+words, append([]any{"file", name, "error", what}, more...)...)
	if a.given == nil {
		a.given = make(map[string]alarm)
	}
	a.given[name] = alarm{what, now}
}

// Plain returns an error without the file's name, which stands beside it.
func Plain(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// Run calls the looks, one after the other, every two seconds until ctx ends. after waits: it is time.After outside
// tests.
func Run(ctx context.Context, after func(time.Duration) <-chan time.Time, looks ...func(context.Context)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-after(Every):
		}
		for _, look := range looks {
			look(ctx)
		}
	}
}
