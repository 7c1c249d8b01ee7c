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

// secretsFile is the file of webhook secrets. It is reloaded when it changes.
type secretsFile struct {
	mu      sync.Mutex
	file    reread.File
	alarms  reread.Alarms
	secrets notify.Secrets // of the last valid version
}

// newSecretsFile reads the file. The error never contains a part of the file.
func newSecretsFile(name string, clock func() time.Time, log *slog.Logger) (*secretsFile, error) {
	f := &secretsFile{file: reread.File{Name: name}, alarms: reread.Alarms{Log: log, Clock: clock}}
	if err := f.read(context.Background()); err != nil {
		return nil, err
	}
	return f, nil
}

// For returns the secrets of an authority, newest first. It reloads a changed file first, because the secret may have
// just been added.
func (f *secretsFile) For(authority string) [][]byte {
	f.reloadIfChanged(context.Background())
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.secrets.For(authority)
}

// reloadIfChanged reloads the file if it has changed. If the new version is invalid, an alarm is logged and the
// previous secrets stay in use.
func (f *secretsFile) reloadIfChanged(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.alarms.Report(ctx, f.file.Name, f.read(ctx),
		"the file of webhook secrets cannot be used; the previous secrets stay in use.")
}

// read reads the file if it has changed.
func (f *secretsFile) read(ctx context.Context) error {
	text, err := f.file.Changed()
	if text == nil || err != nil {
		return err
	}

	secrets, err := notify.ReadSecrets(bytes.NewReader(words.WithoutByteOrderMark(text)))
	if err != nil {
		f.file.Forget() // the next call reads and reports it again
		return err
	}

	if f.secrets != nil {
		f.alarms.Log.InfoContext(ctx, "The webhook secrets have changed.", "file", f.file.Name)
	}

	f.secrets = secrets
	if secrets.Shared() {
		f.alarms.Log.ErrorContext(ctx, "ALARM: authorities share a webhook secret, so that each of them can sign "+
			"what another "+
			"receives.",
			"file", f.file.Name, "do", "give each its own secret, then make the file's first line: version 2")
	}

	return nil
}
