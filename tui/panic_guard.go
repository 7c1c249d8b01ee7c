package tui

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"wardlight/tui/shell"

	tea "charm.land/bubbletea/v2"
)

// PanicError is a fault of the program's own that ended it. It says where in the program it was, and nothing of what
// the program was working on: a panic's value can hold a patient.
type PanicError struct{ Where string } // file and line

// Error returns the sentence for the user, and what support needs.
func (e *PanicError) Error() string {
	return fmt.Sprintf("Wardlight stopped because of a fault of its own (%s, %s). Your session has ended. Start it again, and tell support this line", codePanic, e.Where)
}

// codePanic is the code for support.
const codePanic = "T99"

// brokenMsg is a panic in a command.
type brokenMsg struct{ Fault *PanicError }

// panicGuard is the model with a net below it. Bubble Tea puts the terminal back after a panic and then prints its
// value; here the panic ends the program as a signal does, with an empty last frame.
type panicGuard struct {
	*shell.Model
	Send  func(tea.Msg) // to the running program
	Fault *PanicError
}

// Init begins, as the model does.
func (c *panicGuard) Init() (cmd tea.Cmd) {
	defer c.recovered(&cmd)
	return guarded(c.Model.Init())
}

// Update returns the message to the model.
func (c *panicGuard) Update(msg tea.Msg) (_ tea.Model, cmd tea.Cmd) {
	defer c.recovered(&cmd)
	if broken, ok := msg.(brokenMsg); ok {
		c.Fault = broken.Fault
		return c, c.End()
	}
	_, cmd = c.Model.Update(msg)
	return c, guarded(cmd)
}

// View draws the model.
func (c *panicGuard) View() (v tea.View) {
	defer func() {
		if recover() != nil {
			fault := &PanicError{panicked()}
			v = tea.View{AltScreen: true}
			go c.Send(brokenMsg{fault}) // not from here: the program waits for this frame
		}
	}()
	return c.Model.View()
}

// recovered makes a panic the end of the program. It is to be deferred.
func (c *panicGuard) recovered(cmd *tea.Cmd) {
	if recover() != nil {
		c.Fault = &PanicError{panicked()}
		*cmd = c.End()
	}
}

// End ends the session and the program, however broken the model is.
func (c *panicGuard) End() (cmd tea.Cmd) {
	defer func() {
		if recover() != nil {
			c.Leaving = true
			cmd = tea.Quit
		}
	}()
	return c.Leave()
}

// guarded returns the command, and those of a batch, with a panic as its message.
func guarded(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if recover() != nil {
				msg = brokenMsg{&PanicError{panicked()}}
			}
		}()
		msg = cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i := range batch {
				batch[i] = guarded(batch[i])
			}
		}
		return msg
	}
}

// panicked returns where the panic began that is being recovered from: the first line of our own below it. Call it
// from the deferred function.
func panicked() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	below := false
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			below = true
		case below && strings.HasPrefix(f.Function, "wardlight/"):
			return fmt.Sprintf("%s:%d", filepath.Join(filepath.Base(filepath.Dir(f.File)), filepath.Base(f.File)), f.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}
