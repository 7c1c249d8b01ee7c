package tui

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/session"
)

// framesPerSecond is the fair middle between bytes on a slow line and the delay of the first frame.
const framesPerSecond = 30

// Run shows the program on the terminal until the user quits, ctx ends, or the process is told to stop (SIGINT, SIGTERM,
// SIGHUP). However it ends, the session is ended and the terminal is as it was. The error is nil for a program that was
// asked to stop.
func Run(ctx context.Context, cfg Config) error {
	cfg, err := cfg.complete()
	if err != nil {
		return err
	}
	if cfg.Environ == nil {
		cfg.Environ = os.Environ()
	}
	if err := forgetTracing(); err != nil {
		return err
	}
	mono := cfg.NoColor || noColor(cfg.Environ)
	cfg.NoColor = mono
	cfg.ASCII = cfg.ASCII || !utf8Locale(cfg.Environ)

	m := newModel(ctx, cfg)
	options := []tea.ProgramOption{
		tea.WithContext(ctx),
		tea.WithEnvironment(cfg.Environ),
		tea.WithColorProfile(profile(cfg.Environ, mono)),
		tea.WithFPS(framesPerSecond),
		tea.WithFilter(consoleKeys()),
		tea.WithoutSignalHandler(),
	}
	if cfg.Input != nil {
		options = append(options, tea.WithInput(cfg.Input))
	}
	if cfg.Output != nil {
		options = append(options, tea.WithOutput(cfg.Output))
	}
	if cfg.Width > 0 && cfg.Height > 0 {
		options = append(options, tea.WithWindowSize(cfg.Width, cfg.Height))
	}
	p := tea.NewProgram(m, options...)

	unwatch := watchSignals(p)
	defer unwatch()
	// A panic or a lost terminal ends the program without a word to the model, so the session is ended here, too.
	defer cfg.Desk.End(context.WithoutCancel(ctx), session.Quit)
	defer m.wipe()

	if _, err = p.Run(); errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil
	}
	return err
}

// watchSignals turns the signals that end a program into a message, so that the session is ended before the program.
// Bubble Tea's own handler knows nothing of SIGHUP, which is what a dropped SSH connection sends.
func watchSignals(p *tea.Program) (stop func()) {
	signals := make(chan os.Signal, 1)
	done := make(chan struct{})
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		for {
			select {
			case <-signals:
				p.Send(stopMsg{})
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}
