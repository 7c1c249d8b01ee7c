package tui

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"wardlight/tui/shell"

	tea "charm.land/bubbletea/v2"
)

// PanicError is returned by [Run] if the program ended because of a panic. It contains the position in the source, and
// not the panic's value, which can contain patient data.
type PanicError struct{ Where string } // file and line

// Error returns a sentence for the user, with the code and the position for support.
func (e *PanicError) Error() string {
	return fmt.Sprintf("Wardlight stopped because of a fault of its own (%s, %s). Your session has ended. Start it "+
		"again, and tell support this line", codePanic, e.Where)
}

// codePanic is the support code.
const codePanic = "T99"

// panicMsg reports a panic in a command.
type panicMsg struct{ Fault *PanicError }

// panicGuard wraps the model and recovers from panics. Bubble Tea restores the terminal after a panic and then prints
// its value; panicGuard instead ends the program as a signal does, with an empty last frame.
type panicGuard struct {
	*shell.Model
	Send  func(tea.Msg) // sends a message to the running program
	Fault *PanicError
}

// Init returns the model's first command, with panics recovered.
func (c *panicGuard) Init() (cmd tea.Cmd) {
	defer c.recovered(&cmd)
	return guarded(c.Model.Init())
}

// Update passes the message to the model, and returns its command with panics recovered.
func (c *panicGuard) Update(msg tea.Msg) (_ tea.Model, cmd tea.Cmd) {
	defer c.recovered(&cmd)
	if broken, ok := msg.(panicMsg); ok {
		c.Fault = broken.Fault
		return c, c.End()
	}
	_, cmd = c.Model.Update(msg)
	return c, guarded(cmd)
}

// View returns the model's view, or an empty one after a panic.
func (c *panicGuard) View() (v tea.View) {
	defer func() {
		if recover() != nil {
			fault := &PanicError{panicked()}
			v = tea.View{AltScreen: true}
			go c.Send(panicMsg{fault}) // in a goroutine, because the program waits for this frame and can't receive
		}
	}()
	return c.Model.View()
}

// recovered ends the program after a panic. Call it in a defer statement.
func (c *panicGuard) recovered(cmd *tea.Cmd) {
	if recover() != nil {
		c.Fault = &PanicError{panicked()}
		*cmd = c.End()
	}
}

// End ends the session and returns the command that ends the program, even if the model panics again.
func (c *panicGuard) End() (cmd tea.Cmd) {
	defer func() {
		if recover() != nil {
			c.Leaving = true
			cmd = tea.Quit
		}
	}()
	return c.Leave()
}

// guarded returns cmd with a panic turned into a panicMsg. The commands of a batch are guarded too.
func guarded(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if recover() != nil {
				msg = panicMsg{&PanicError{panicked()}}
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

// panicked returns the position of the panic that is being recovered: the first frame of this module below it. It must
// be called by the deferred function.
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
			return fmt.Sprintf("%s:%d", filepath.Join(filepath.Base(filepath.Dir(f.File)), filepath.Base(f.File)),
				f.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}
