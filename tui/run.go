package tui

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/term"

	"wardlight/internal/session"
	"wardlight/tui/draw"
	"wardlight/tui/shell"
)

// framesPerSecond balances two costs. On a slow line each repeat of a held key costs a frame: at 60 it costs twice the
// bytes. The first frame is sent after one frame length: at 30 it comes a third later than that of an empty program.
const framesPerSecond = 45

// Run shows the program on the terminal until the user quits, ctx ends, the process receives SIGINT, SIGTERM, SIGHUP
// or SIGQUIT, or its terminal goes away. It always ends the session and restores the terminal. It returns nil if the
// program was asked to stop, and a *[PanicError] after a panic.
func Run(ctx context.Context, cfg Config) error { return run(ctx, cfg, testHooks{}) }

// run is like Run, with hooks for the tests.
func run(ctx context.Context, cfg Config, h testHooks) error {
	h = h.complete()
	cfg, err := cfg.Complete()
	if err != nil {
		return err
	}

	if cfg.Environ == nil {
		cfg.Environ = os.Environ()
	}

	if err := forgetTracing(); err != nil {
		return err
	}

	if noColor(cfg.Environ) {
		cfg.Theme = draw.Mono
	}

	cfg.ASCII = cfg.ASCII || !utf8Locale(cfg.Environ)
	cfg.Shell, cfg.Console = suspendable(), lookup(cfg.Environ, "TERM") == "linux"
	if cfg.Plain || lookup(cfg.Environ, "TERM") == "dumb" {
		return runLinear(ctx, cfg, h)
	}

	m := shell.New(ctx, cfg)
	var p *tea.Program
	lost, isLost := onceLost(func() { p.Send(shell.StopMsg{}) })
	later := func(d time.Duration, msg tea.Msg) { h.after(d, func() { p.Send(msg) }) }
	frames := newBeats(framesPerSecond)
	options := []tea.ProgramOption{
		tea.WithEnvironment(cfg.Environ),
		tea.WithColorProfile(profile(cfg.Environ, cfg.Theme == draw.Mono)),
		tea.WithFPS(framesPerSecond),
		tea.WithFilter(frames.filter(h.filter(joinKeys(cfg.Clock, later, knownSize(consoleKeys()))))),
		tea.WithoutSignalHandler(),
	}

	switch {
	case cfg.Input != nil:
		options = append(options, tea.WithInput(cfg.Input))
	case term.IsTerminal(int(os.Stdin.Fd())): // if stdin is no terminal, Bubble Tea opens one itself
		options = append(options, tea.WithInput(&watchedFile{os.Stdin, lost}))
	}

	if cfg.Output != nil {
		options = append(options, tea.WithOutput(cfg.Output))
	} else {
		options = append(options, tea.WithOutput(&watchedFile{os.Stdout, lost}))
	}

	if cfg.Width > 0 && cfg.Height > 0 {
		options = append(options, tea.WithWindowSize(cfg.Width, cfg.Height))
	}

	net := &panicGuard{Model: m}
	p = tea.NewProgram(net, options...)
	net.Send = p.Send
	h.started(p.Send)

	done := make(chan struct{})
	defer close(done)
	if frames.replaceTicker(p) {
		go frames.run(p.Send, done)
	}

	unwatch := watchForEnd(ctx, p.Send)
	defer unwatch()

	// If the terminal is lost, Bubble Tea may end without sending the model a message. So end the session here too.
	defer cfg.Sessions.End(context.WithoutCancel(ctx), session.Quit)
	defer m.Wipe()

	_, err = p.Run()
	if net.Fault != nil {
		return net.Fault
	}
	if isLost() {
		return nil
	}

	return err
}

// watchForEnd sends a [shell.StopMsg] when ctx ends or a signal asks the program to end, so that the session is ended
// and the screen emptied first. Bubble Tea's own handler ignores SIGHUP, which a dropped SSH connection sends, and it
// ends with its context without a message to the model. The returned function stops watching.
func watchForEnd(ctx context.Context, send func(tea.Msg)) (stop func()) {
	signals := make(chan os.Signal, 1)
	done := make(chan struct{})
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	go func() {
		for ended := ctx.Done(); ; {
			select {
			case <-ended:
				ended = nil
			case <-signals:
			case <-done:
				return
			}
			send(shell.StopMsg{})
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}
