package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"wardlight/hub/store/sqlite"
)

// command returns a command of this program with the new settings file, as the user that runs the hub. Settings in the
// environment are removed, because the hub won't have them later.
func (p *setup) command(ctx context.Context, args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, append(args, "--config", p.settings())...) //nolint:gosec // this program
	cmd.Dir = p.folder
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, program().Prefix) })
	if p.owner != nil {
		err = runAs(cmd, p.owner)
	}
	return cmd, err
}

// output runs a command and returns its output.
func (p *setup) output(ctx context.Context, args ...string) (string, error) {
	cmd, err := p.command(ctx, args...)
	if err != nil {
		return "", err
	}
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(args[:2], " "), err, strings.TrimSpace(said.String()))
	}
	return strings.TrimSpace(string(out)), nil
}

// addAuthority adds the first authority and its credential.
func (p *setup) addAuthority(ctx context.Context) error {
	a := p.authority
	if a.Code == "" {
		return nil
	}
	if _, err := p.output(ctx, "authority", "add", a.Code, "--"+flagName, a.Name, "--"+flagOffice, a.OfficePhone,
		"--"+flagDuty, a.DutyPhone, "--"+flagEndpoint, a.Endpoint); err != nil {
		return err
	}
	var err error
	p.secret, err = p.output(ctx, "authority", "credential", a.Code, "--label", "init")
	return err
}

// startLog collects the log of the hub during startOnce.
type startLog struct {
	mu        sync.Mutex
	text      strings.Builder
	listening chan struct{}
	once      sync.Once
}

// Write implements io.Writer.
func (l *startLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if strings.Contains(string(b), wordListens) {
		l.once.Do(func() { close(l.listening) })
	}
	return l.text.Write(b)
}

// wordListens is logged once the hub listens.
const wordListens = "The hub is listening."

// startOnce starts the hub with its settings and user, and stops it as soon as it listens. The hub creates the ledger.
func (p *setup) startOnce(ctx context.Context) error {
	for _, name := range sqlite.Files() {
		p.made = append(p.made, filepath.Join(p.data, name))
	}

	cmd, err := p.command(ctx, "serve", "--stop-notice", "0s", "--log-level", "info")
	if err != nil {
		return err
	}

	p.log.listening = make(chan struct{})
	cmd.Stderr = &p.log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("the hub does not start: %w", err)
	}

	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()

	select {
	case err = <-ended:
	case <-p.log.listening:
		killed := cmd.Process.Signal(syscall.SIGTERM) != nil
		if killed {
			_ = cmd.Process.Kill() // no such signal on this system; the ledger survives a kill
		}
		if err = <-ended; killed {
			err = nil
		}
	}

	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted: the created files were removed")
	case err != nil:
		return fmt.Errorf("the hub does not start with these settings: %s", p.log.refusal())
	}

	return nil
}

// refusal returns the lines that are not log records, which give the reason why the hub did not start.
func (l *startLog) refusal() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for line := range strings.Lines(l.text.String()) {
		if said, is := strings.CutPrefix(strings.TrimSpace(line), "wardlight-hub: "); is {
			all = append(all, said)
		}
	}
	return strings.Join(all, "; ")
}
