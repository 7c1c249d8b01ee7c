package card

import (
	"wardlight/internal/session"
	"wardlight/tui/act"
	"wardlight/tui/ask"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Browser is the screen of a sign-in with CIS2 in the browser. It waits for the user to sign in there, and then shows
// why that failed, if it did.
type Browser struct {
	*step.Common
	step.Unfocused
	err     error                         // of the last sign-in
	Signing ask.Request[session.SignedIn] // a sign-in is in progress
}

// NewBrowser returns the screen.
func NewBrowser(c *step.Common) *Browser { return &Browser{Common: c} }

// Wipe drops the running request.
func (s *Browser) Wipe() { s.Signing.Drop() }

// Failed shows the error of a sign-in.
func (s *Browser) Failed(err error) { s.err = err }

// Failing reports whether the screen shows a failure.
func (s *Browser) Failing() bool { return s.err != nil }

// Commands returns the main and the minor commands of the screen.
func (s *Browser) Commands() (main, minor []act.Command) {
	leave := step.Command(step.As(s.Keys.Esc, wordUseCard), step.Effect(LeaveBrowser{}))
	if s.Signing.Pending() {
		return []act.Command{leave}, nil
	}
	again := step.Command(step.As(s.Keys.Again, wordBrowserAgain), step.Effect(ByBrowser{}))
	return []act.Command{again, leave}, nil
}

// View returns the body of the screen.
func (s *Browser) View(l draw.Layout) draw.Pane {
	w := step.BoxWidth(l)
	return s.Styles.Focus(titleBrowser, step.Padded(s.body(w-6)), w, 0).Centred(l.Body.W, l.Body.H)
}

// body returns what to do, or why the sign-in failed.
func (s *Browser) body(w int) draw.Pane {
	if s.err != nil {
		return step.FaultPane(s.Styles, s.err, w)
	}
	return draw.Stack(draw.Paragraph(s.Styles.Strong, wordInBrowser, w), draw.Gap(1),
		draw.Paragraph(s.Styles.Plain, wordInBrowserAdvice, w))
}

// InLines returns the screen for linear mode, a sentence or a record a line.
func (s *Browser) InLines() []string { return step.Sentences(s.body(step.Unbounded)) }

// browserCommand returns the command of the card screens that signs in in the browser instead.
func browserCommand(c *step.Common) act.Command {
	return step.Command(c.Keys.Browser, step.Effect(ByBrowser{}))
}
