package draw

import "charm.land/lipgloss/v2"

// Styles is all styles. They use only the 16 ANSI colours, which the user's terminal makes readable on its background.
// Colour is never the only sign: each meaningful style also has a word or a sign, and reverse or bold for terminals
// without colours.
type Styles struct {
	Plain       lipgloss.Style
	Strong      lipgloss.Style // values and headings
	Label       lipgloss.Style // less prominent than the value beside it
	Brand       lipgloss.Style
	Keycap      lipgloss.Style // a key that can be pressed
	Line        lipgloss.Style // borders
	focused     lipgloss.Style // border of the pane with the focus
	Field       lipgloss.Style
	Chosen      lipgloss.Style // the row that Enter chooses
	Banner      lipgloss.Style // the patient's banner
	Alert       lipgloss.Style // the word ALERT
	AlertBorder lipgloss.Style // the border around an alert
	Warn        lipgloss.Style // warnings and errors
	Ring        lipgloss.Style // the telephone number to ring now
	Band        lipgloss.Style // a line with a question
}

// The ANSI colours used. 8 is unreadable on PuTTY and 1 is too dark for text, so neither is used for text.
var (
	red, brightRed     = lipgloss.Color("1"), lipgloss.Color("9")
	yellow, cyan       = lipgloss.Color("3"), lipgloss.Color("6")
	brightWhite, black = lipgloss.Color("15"), lipgloss.Color("0")
)

// Theme names a set of styles.
type Theme string

// The themes. HighContrast uses only the terminal's two default colours. Mono uses no colours, for terminals without
// them.
const (
	DefaultTheme Theme = "default"
	HighContrast Theme = "high-contrast"
	Mono         Theme = "mono"
)

// NewStyles returns the styles of a theme, or those of DefaultTheme if the name is unknown.
func NewStyles(name Theme) Styles {
	s := lipgloss.NewStyle
	t := Styles{
		Plain:       s(),
		Strong:      s().Bold(true),
		Label:       s().Faint(true),
		Brand:       s().Bold(true),
		Keycap:      s().Bold(true),
		Line:        s().Faint(true),
		focused:     s().Bold(true),
		Field:       s().Underline(true),
		Chosen:      s().Reverse(true),
		Banner:      s().Reverse(true),
		Alert:       s().Reverse(true).Bold(true),
		AlertBorder: s().Bold(true),
		Warn:        s().Bold(true),
		Ring:        s().Reverse(true).Bold(true),
		Band:        s().Reverse(true).Bold(true),
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
	t.AlertBorder = s().Foreground(brightRed) // not bold, to save bytes on slow lines; its lines are double
	t.Warn = s().Bold(true).Foreground(yellow)
	t.Band = s().Foreground(black).Background(yellow)
	return t
}
