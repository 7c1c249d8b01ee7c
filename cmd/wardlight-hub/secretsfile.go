package main

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"time"

	"wardlight/hub/notify"
	"wardlight/internal/reread"
	words "wardlight/internal/text"
)

// secretsFile is the file of webhook secrets, which is read again when it changes.
type secretsFile struct {
	mu      sync.Mutex
	file    reread.File
	alarms  reread.Alarms
	secrets notify.Secrets // the last good ones
}

// newSecretsFile reads the file for the first time. The error says why it cannot be used, and never what is in it.
func newSecretsFile(name string, clock func() time.Time, log *slog.Logger) (*secretsFile, error) {
	f := &secretsFile{file: reread.File{Name: name}, alarms: reread.Alarms{Log: log, Clock: clock}}
	if err := f.read(context.Background()); err != nil {
		return nil, err
	}
	return f, nil
}

// For returns the secrets for an authority, the newest first; none when there is none. A file that has changed is read
// first: the secret of an authority may be in it since a moment ago.
func (f *secretsFile) For(authority string) [][]byte {
	f.look(context.Background())
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.secrets.For(authority)
}

// look reads the file again when it has changed. One that cannot be used is an alarm, and the secrets before it stay in
// use.
func (f *secretsFile) look(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.alarms.Report(ctx, f.file.Name, f.read(ctx),
		"the file of webhook secrets cannot be used; the secrets before it stay in use.")
}

// read reads the file when it has changed.
func (f *secretsFile) read(ctx context.Context) error {
	text, err := f.file.Changed()
	if text == nil || err != nil {
		return err
	}
	secrets, err := notify.ReadSecrets(bytes.NewReader(words.WithoutByteOrderMark(text)))
	if err != nil {
		f.file.Forget() // it is read, and reported, again
		return err
	}
	if f.secrets != nil {
		f.alarms.Log.InfoContext(ctx, "The webhook secrets have changed.", "file", f.file.Name)
	}
	f.secrets = secrets
	if secrets.Shared() {
		f.alarms.Log.ErrorContext(ctx, "ALARM: authorities share a webhook secret, so that each of them can sign what another "+
			"receives.",
			"file", f.file.Name, "do", "give each a secret of its own, then begin the file with a line: version 2")
	}
	return nil
}
