package play

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"

	"wardlight/internal/config"
	"wardlight/internal/lab/cards"
	"wardlight/internal/testterm"
	"wardlight/internal/training"
)

// environ returns the environment of the world's programs.
func (s *Stage) environ() []string {
	env := []string{
		"HOME=" + s.folder, "XDG_STATE_HOME=" + s.path("state"), "XDG_CONFIG_HOME=" + s.path("config"),
		"PCSCLITE_CSOCK_NAME=" + s.service.Socket(), training.Variable + "=" + s.path("training"),
		"WARDLIGHT_RECORD_URL=" + s.also.records, "WARDLIGHT_RECORD_NAME=the ED records",
	}
	env = append(env, s.set...)
	if s.printer == nil {
		return append(env, "CUPS_SERVER="+s.path("no-printer"))
	}
	env = append(env, s.printer.Env...)
	return append(env, "HOME="+s.folder, "LANG=C.UTF-8", "LC_ALL=C.UTF-8")
}

// Set changes a setting of the program. It applies to programs that are started afterwards.
func (s *Stage) Set(name, value string) error {
	s.set = append(s.set, config.Variable("WARDLIGHT_", name)+"="+value)
	return nil
}

// Start starts the program on a terminal.
func (s *Stage) Start(_ context.Context, o testterm.Options) (*testterm.Console, error) {
	o.Env = append(o.Env, s.environ()...)
	o.Dir = s.options.Folder
	return testterm.StartConsole(o, s.options.Program, "--config", s.hub.ConfigFile())
}

// Run runs a command of the program with the world's settings and the passcode of its cards. It first waits until the
// smartcard service has noticed the last change of cards, because a command does not wait for a card.
func (s *Stage) Run(ctx context.Context, command []string) (int, string, error) {
	if err := s.awaitCard(ctx); err != nil {
		return 0, "", err
	}
	args := command[1:]
	if !slices.Contains(args, "--passcode-fd") {
		args = append(slices.Clone(args), "--passcode-fd", "3")
	}
	var all bytes.Buffer
	code, err := s.run(ctx, args, func(cmd *exec.Cmd) { cmd.Stdout, cmd.Stderr = &all, &all })
	return code, all.String(), err
}

// run runs the program with the arguments and returns its exit code.
func (s *Stage) run(ctx context.Context, args []string, with func(*exec.Cmd)) (int, error) {
	passcode, err := passcodeFile()
	if err != nil {
		return 0, err
	}
	defer passcode.Close() //nolint:errcheck // only read from
	cmd := exec.CommandContext(ctx, s.options.Program, append(args, "--config", s.hub.ConfigFile())...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8"}, s.environ()...)
	cmd.Dir = s.options.Folder
	cmd.ExtraFiles = []*os.File{passcode} // file descriptor 3
	with(cmd)
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return 0, fmt.Errorf("it did not end: %w", ctx.Err())
	case errors.As(err, &exit):
		return exit.ExitCode(), nil
	}
	return 0, err
}

// passcodeFile returns a pipe that contains the passcode of the world's cards.
func passcodeFile() (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	_, err = w.WriteString(cards.Passcode + "\n")
	return r, errors.Join(err, w.Close())
}

// Insert inserts a card into the reader, after removing the present one. Errors are *cards.UnknownError or those of
// the service.
func (s *Stage) Insert(_ context.Context, name string) error {
	card, err := s.hub.Card(name)
	if err != nil {
		return err
	}
	if err := s.Eject(); err != nil {
		return err
	}
	// The step's context isn't used, because the card stays inserted after the step.
	if s.card, err = s.service.Plug(context.Background(), 0, card); err != nil {
		s.card = nil
	}
	s.changed = true
	return err
}

// Eject removes the card.
func (s *Stage) Eject() error {
	if s.card != nil {
		s.card.Pull()
		s.card, s.changed = nil, true
	}
	return nil
}

// lookInterval is the interval at which awaitCard lists the readers.
const lookEvery = 50 * time.Millisecond

// awaitCard waits until the smartcard service has noticed the last change of cards, which takes up to 0.4 s.
func (s *Stage) awaitCard(ctx context.Context) error {
	look := time.NewTicker(lookEvery)
	defer look.Stop()

	for s.changed {
		var seen struct {
			Readers []struct{ State string }
		}

		var out bytes.Buffer
		if _, err := s.run(ctx, []string{"card", "readers", "--json"}, func(cmd *exec.Cmd) {
			cmd.Stdout = &out
		}); err != nil {
			return err
		}

		_ = json.Unmarshal(out.Bytes(), &seen) // malformed output lists no card
		in := false
		for _, r := range seen.Readers {
			in = in || r.State != "empty"
		}

		if s.changed = in != (s.card != nil); !s.changed {
			return nil
		}

		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("the smartcard service does not detect the card: %w", ctx.Err())
		}
	}

	return nil
}
