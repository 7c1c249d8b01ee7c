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

// framesPerSecond weighs what a held key costs a slow line, which is a frame each time, against the wait for the
// first frame, which is one frame long: at 30 it comes a third later than that of an empty program, at 60 a held key
// costs twice the bytes.
const framesPerSecond = 45

// Run shows the program on the terminal until the user quits, ctx ends, or the process is told to stop (SIGINT,
// SIGTERM, SIGHUP), or its terminal goes away. However it ends, the session is ended and the terminal is as it was.
// The error is nil for a program that was asked to stop, and a *PanicError for one that a fault of its own stopped.
func Run(ctx context.Context, cfg Config) error { return run(ctx, cfg, hooks{}) }

// run returns Run with what the tests put in the place of real time.
func run(ctx context.Context, cfg Config, h hooks) error {
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
		return runPlain(ctx, cfg, h)
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
		tea.WithFilter(frames.filter(h.filter(wholeKeys(cfg.Clock, later, knownSize(consoleKeys()))))),
		tea.WithoutSignalHandler(),
	}
	switch {
	case cfg.Input != nil:
		options = append(options, tea.WithInput(cfg.Input))
	case term.IsTerminal(int(os.Stdin.Fd())): // otherwise Bubble Tea looks for one
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
	h.begin(p.Send)

	done := make(chan struct{})
	defer close(done)
	if frames.take(p) {
		go frames.run(p.Send, done)
	}
	unwatch := watchForEnd(ctx, p.Send)
	defer unwatch()
	// Bubble Tea may end at a lost terminal without a word to the model, so the session is ended here, too.
	defer cfg.Desk.End(context.WithoutCancel(ctx), session.Quit)
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

// watchForEnd turns the end of ctx, and the signals that end a program, into a message, so that the session is ended
// and the screen emptied before the program ends. Bubble Tea's own handler knows nothing of SIGHUP, which is what a
// dropped SSH connection sends, and at the end of its context it leaves without a word to the model.
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
