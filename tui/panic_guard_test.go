package tui

import (
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/session"
	"wardlight/tui/draw"
	"wardlight/tui/find"
	"wardlight/tui/step"
)

// explosive is a screen that panics with a patient's data in the panic value.
type explosive struct {
	*find.Form
	where string
}

func (e explosive) Edit(tea.KeyPressMsg) {
	if e.where == "press" {
		panic("EXAMPLE, Tess 999 000 0018")
	}
}

func (e explosive) View(l draw.Layout) draw.Pane {
	if e.where == "view" {
		_ = make([]string, l.Body.H)[l.Body.H+len("EXAMPLE, Tess")]
	}
	return e.Form.View(l)
}

func TestAPanicEndsTheSessionAndSaysNothingOfThePatient(t *testing.T) {
	for _, where := range []string{"press", "view", "command", "batch"} {
		t.Run(where, func(t *testing.T) {
			b := newFixture(t).toPatient(tess)
			sent := make(chan tea.Msg, 1)
			c := &panicGuard{Model: b.m, Send: func(msg tea.Msg) { sent <- msg }}
			find, _ := step.ScreenOf[*find.Form](b.m.Screens)
			b.m.Screens = append(b.m.Screens, explosive{find, where})

			explode := tea.Cmd(func() tea.Msg { panic(errors.New("EXAMPLE, Tess 999 000 0018")) })
			switch where {
			case "press":
				c.Update(keyNamed("z"))
			case "view":
				if v := c.View(); v.Content != "" || !v.AltScreen {
					t.Errorf("view after a panic = %q, want it empty, on the alternate screen", v.Content)
				}
				c.Update(<-sent)
			case "command":
				c.Update(guarded(explode)())
			case "batch":
				quiet := tea.Cmd(func() tea.Msg { return nil })
				batch, ok := guarded(tea.Batch(explode, quiet))().(tea.BatchMsg)
				if !ok || len(batch) != 2 {
					t.Fatalf("guarded batch = %v, want 2 commands", batch)
				}
				c.Update(batch[0]())
			}

			if c.Fault == nil || !b.m.Leaving || b.m.View().Content != "" {
				t.Fatalf("fault %v, leaving %v, want a fault, true and an empty view", c.Fault, b.m.Leaving)
			}

			words := c.Fault.Error()
			if !strings.Contains(words, "panic_guard_test.go:") || !strings.Contains(words, codePanic) ||
				strings.Contains(words, "Tess") || strings.Contains(words, "999") {
				t.Errorf("Error() = %q, want position and code, and nothing of the patient", words)
			}

			b.expectCalls("end: "+string(session.Quit), 1)
		})
	}
}
