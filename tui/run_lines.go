package tui

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/term"

	"wardlight/internal/session"
	"wardlight/tui/lines"
	"wardlight/tui/shell"
)

// runLinear is like Run, in linear mode.
func runLinear(ctx context.Context, cfg Config, h testHooks) (err error) {
	defer func() {
		if recover() != nil {
			err = &PanicError{Where: panicked()}
		}
	}()

	cfg.Clear = cfg.Clear && lookup(cfg.Environ, "TERM") != "dumb"
	t := newTTY(cfg)
	if err := t.makeRaw(); err != nil {
		return err
	}
	defer t.restore()

	// The model needs a context that lives on after ctx, to end the session.
	living, done := context.WithCancel(context.WithoutCancel(ctx))
	defer done()
	m := shell.New(living, cfg)
	l := lines.New(m, t.out)
	l.Raw, l.Echoes = t.isRaw(), t.isRaw() && t.echo
	r := linearRunner{l: l, tty: t, hooks: h, msgs: make(chan tea.Msg), done: living.Done()}
	l.Lost, _ = onceLost(func() { r.send(shell.StopMsg{}) })
	l.Later = func(d time.Duration, msg tea.Msg) tea.Cmd {
		h.after(d, func() { r.send(msg) })
		return nil
	}

	h.started(r.send)
	defer watchForEnd(ctx, r.send)()
	defer watchForSuspend(r.send)()
	defer cfg.Sessions.End(context.WithoutCancel(ctx), session.Quit)
	defer m.Wipe()
	l.Say(lines.WordsPlainStart(cfg.Site), lines.WordPlainHelpHint)
	r.run(t.read(living.Done()))
	if r.fault != nil {
		return r.fault
	}

	return nil
}

// linearRunner passes input and the messages of commands to linear mode, one at a time.
type linearRunner struct {
	hooks testHooks
	l     *lines.Linear
	tty   *tty
	msgs  chan tea.Msg
	done  <-chan struct{}

	fault *PanicError
}

// send delivers a message, unless the program has ended.
func (r *linearRunner) send(msg tea.Msg) {
	select {
	case r.msgs <- msg:
	case <-r.done:
	}
}

// start runs cmd in a goroutine and delivers its message.
func (r *linearRunner) start(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		switch msg := guarded(cmd)().(type) {
		case nil:
		case tea.BatchMsg:
			for _, c := range msg {
				r.start(c)
			}
		default:
			r.send(msg)
		}
	}()
}

// run runs until the model quits. The end of the input ends the program.
func (r *linearRunner) run(typed <-chan []byte) {
	r.l.PrintNew()
	r.start(r.l.M.Init())

	for {
		select {
		case msg := <-r.msgs:
			switch msg := msg.(type) {
			case panicMsg:
				r.fault = msg.Fault
				return
			case tea.QuitMsg:
				return
			case tea.SuspendMsg:
				r.l.Drop()
				r.tty.restore()
				stopSelf()
				if err := r.tty.makeRaw(); err != nil {
					r.start(r.l.Take(shell.StopMsg{}))
					continue
				}
				r.l.Repeat()
			default:
				r.start(r.l.Take(msg))
			}
		case bytes, open := <-typed:
			if !open {
				typed = nil
				r.start(r.l.Take(shell.StopMsg{}))
				continue
			}
			n := len(bytes)
			r.start(r.l.Input(bytes))
			r.hooks.inputHandled(n)
		}
	}
}

// tty is the terminal of linear mode. It is put in raw mode so that a passcode isn't echoed and each character is
// available before the line ends.
type tty struct {
	in         io.Reader
	out        io.Writer
	fd         int         // file descriptor of in; -1 if it is no terminal
	echo       bool        // the terminal echoed input before it was put in raw mode
	savedState *term.State // the state to restore; nil if not in raw mode
}

func newTTY(cfg shell.Config) *tty {
	t := &tty{in: cfg.Input, out: cfg.Output, fd: -1}
	if t.in == nil {
		t.in = os.Stdin
	}
	if t.out == nil {
		t.out = os.Stdout
	}
	if f, ok := t.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		t.fd = int(f.Fd())
	}
	return t
}

// makeRaw puts the terminal in raw mode and discards unread input, which was typed before the program asked for any.
// Without a terminal it does nothing. It returns an error if raw mode fails, because the terminal would then echo a
// passcode.
func (t *tty) makeRaw() (err error) {
	if t.fd < 0 || t.isRaw() {
		return nil
	}
	t.echo = echoes(t.fd)
	if t.savedState, err = term.MakeRaw(t.fd); err != nil {
		t.savedState = nil
		return fmt.Errorf("tui: the terminal cannot hide a passcode: %w", err)
	}
	flushInput(t.fd)
	return nil
}

func (t *tty) isRaw() bool { return t.savedState != nil }

// restore restores the terminal.
func (t *tty) restore() {
	if t.isRaw() {
		_ = term.Restore(t.fd, t.savedState)
		t.savedState = nil
	}
}

// read returns a channel of the input, in chunks as they arrive. The channel is closed when the input ends or done is
// closed. The receiver must overwrite the chunks.
func (t *tty) read(done <-chan struct{}) <-chan []byte {
	typed := make(chan []byte)
	go func() {
		defer close(typed)
		buf := make([]byte, 1024)
		for {
			n, err := t.in.Read(buf)
			if n > 0 {
				bytes := make([]byte, n)
				copy(bytes, buf[:n])
				clear(buf[:n])
				select {
				case typed <- bytes:
				case <-done:
					clear(bytes)
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()

	return typed
}
