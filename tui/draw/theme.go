package draw

import "charm.land/lipgloss/v2"

// Styles is every style there is. Only the 16 ANSI colours, which the user's terminal makes readable on its own
// background, and never a colour alone: each style that means something also has a word or a sign, and reverse or bold,
// which terminals without colours show.
type Styles struct {
	Plain    lipgloss.Style
	Strong   lipgloss.Style // values and headings
	Label    lipgloss.Style // what is less prominent than the value beside it
	Brand    lipgloss.Style
	Keycap   lipgloss.Style // a key that can be pressed
	Line     lipgloss.Style // borders
	focused  lipgloss.Style // border of the pane that the keys move in, and the field that has the focus
	Field    lipgloss.Style
	Chosen   lipgloss.Style // the row that Enter takes
	Banner   lipgloss.Style // the patient's banner
	Alert    lipgloss.Style // the word ALERT
	Alarming lipgloss.Style // the border round it
	Warn     lipgloss.Style // warnings and what went wrong
	Ring     lipgloss.Style // the number to ring now
	Band     lipgloss.Style // a line that asks for an answer
}

// The ANSI colours in use. 8 is unreadable on PuTTY and 1 too dark for letters, so they are not among them as letters.
var (
	red, brightRed     = lipgloss.Color("1"), lipgloss.Color("9")
	yellow, cyan       = lipgloss.Color("3"), lipgloss.Color("6")
	brightWhite, black = lipgloss.Color("15"), lipgloss.Color("0")
)

// Theme names a set of styles.
type Theme string

// The themes. HighContrast has the terminal's own two colours and nothing between them; Mono is without colours, for
// a terminal that has none.
const (
	DefaultTheme Theme = "default"
	HighContrast Theme = "high-contrast"
	Mono         Theme = "mono"
)

// NewStyles returns the theme of that name, or the usual one.
func NewStyles(name Theme) Styles {
	s := lipgloss.NewStyle
	t := Styles{
		Plain:    s(),
		Strong:   s().Bold(true),
		Label:    s().Faint(true),
		Brand:    s().Bold(true),
		Keycap:   s().Bold(true),
		Line:     s().Faint(true),
		focused:  s().Bold(true),
		Field:    s().Underline(true),
		Chosen:   s().Reverse(true),
		Banner:   s().Reverse(true),
		Alert:    s().Reverse(true).Bold(true),
		Alarming: s().Bold(true),
		Warn:     s().Bold(true),
		Ring:     s().Reverse(true).Bold(true),
		Band:     s().Reverse(true).Bold(true),
	}
	switch name {
	case Mono:
		return t
	case HighContrast:
		t.Label, t.Line = s(), s()
		t.Warn = s().Bold(true).Reverse(true)
		t.Keycap = s().Bold(true).Underline(true)
		return t
	case DefaultTheme:
	}
	t.Brand = t.Brand.Foreground(cyan)
	t.Keycap = t.Keycap.Foreground(cyan)
	t.focused = s().Foreground(cyan)
	t.Alert = s().Bold(true).Foreground(brightWhite).Background(red)
	t.Alarming = s().Foreground(brightRed) // its lines are double: bold would cost a slow line two bytes at each end of each row
	t.Warn = s().Bold(true).Foreground(yellow)
	t.Band = s().Foreground(black).Background(yellow)
	return t
}
