package tui

import "charm.land/lipgloss/v2"

// theme is every style there is. Only the 16 ANSI colours, which the user's terminal makes readable on its own
// background, and never a colour alone: each style that means something also has a word or a sign, and reverse or bold,
// which terminals without colours show.
type theme struct {
	plain    lipgloss.Style
	strong   lipgloss.Style // values and headings
	label    lipgloss.Style // what is less prominent than the value beside it
	brand    lipgloss.Style
	keycap   lipgloss.Style // a key that can be pressed
	line     lipgloss.Style // borders
	focused  lipgloss.Style // border of the pane that the keys move in, and the field that has the focus
	field    lipgloss.Style
	chosen   lipgloss.Style // the row that Enter takes
	banner   lipgloss.Style // the patient's banner
	alert    lipgloss.Style // the word ALERT
	alarming lipgloss.Style // the border round it
	warn     lipgloss.Style // warnings and what went wrong
	ring     lipgloss.Style // the number to ring now
	band     lipgloss.Style // a line that asks for an answer
}

// The ANSI colours in use. 8 is unreadable on PuTTY and 1 too dark for letters, so they are not among them as letters.
var (
	red, brightRed     = lipgloss.Color("1"), lipgloss.Color("9")
	yellow, cyan       = lipgloss.Color("3"), lipgloss.Color("6")
	brightWhite, black = lipgloss.Color("15"), lipgloss.Color("0")
)

// Theme names a set of styles.
type Theme string

// The themes. HighContrast has the terminal's own two colours and nothing between them; Mono is without colours, for a terminal
// that has none.
const (
	DefaultTheme Theme = "default"
	HighContrast Theme = "high-contrast"
	Mono         Theme = "mono"
)

// newTheme is the theme of that name, or the usual one.
func newTheme(name Theme) theme {
	s := lipgloss.NewStyle
	t := theme{
		plain:    s(),
		strong:   s().Bold(true),
		label:    s().Faint(true),
		brand:    s().Bold(true),
		keycap:   s().Bold(true),
		line:     s().Faint(true),
		focused:  s().Bold(true),
		field:    s().Underline(true),
		chosen:   s().Reverse(true),
		banner:   s().Reverse(true),
		alert:    s().Reverse(true).Bold(true),
		alarming: s().Bold(true),
		warn:     s().Bold(true),
		ring:     s().Reverse(true).Bold(true),
		band:     s().Reverse(true).Bold(true),
	}
	switch name {
	case Mono:
		return t
	case HighContrast:
		t.label, t.line = s(), s()
		t.warn = s().Bold(true).Reverse(true)
		t.keycap = s().Bold(true).Underline(true)
		return t
	case DefaultTheme:
	}
	t.brand = t.brand.Foreground(cyan)
	t.keycap = t.keycap.Foreground(cyan)
	t.focused = s().Foreground(cyan)
	t.alert = s().Bold(true).Foreground(brightWhite).Background(red)
	t.alarming = s().Foreground(brightRed) // its lines are double: bold would cost a slow line two bytes at each end of each row
	t.warn = s().Bold(true).Foreground(yellow)
	t.band = s().Foreground(black).Background(yellow)
	return t
}
