package tui

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// forgetTracing unsets the variables that make Bubble Tea write all input (a passcode) and all output (patients) to a
// file. It must be called before tea.NewProgram, which reads them.
func forgetTracing() error {
	for _, name := range []string{"TEA_TRACE", "TEA_DEBUG"} {
		if err := os.Unsetenv(name); err != nil {
			return fmt.Errorf("tui: cannot unset %s: %w", name, err)
		}
	}
	return nil
}

// lookup returns the value of a variable in environ. If it is set more than once the last value counts, as in a shell.
func lookup(environ []string, name string) string {
	value := ""
	for _, entry := range environ {
		if v, ok := strings.CutPrefix(entry, name+"="); ok {
			value = v
		}
	}
	return value
}

// noColor reports whether the environment asks for no colours. By convention (no-color.org) any value that isn't empty
// does; colorprofile accepts only values that parse as true.
func noColor(environ []string) bool { return lookup(environ, "NO_COLOR") != "" }

// profile returns the colour profile of the terminal. The theme has 16 colours and no more, so the terminal need not
// be queried (nor tmux, which colorprofile would run).
func profile(environ []string, mono bool) colorprofile.Profile {
	switch term := lookup(environ, "TERM"); {
	case mono, strings.HasPrefix(term, "vt1"), strings.HasPrefix(term, "vt2"), strings.HasSuffix(term, "-m"),
		strings.HasSuffix(term, "-mono"):
		return colorprofile.ASCII // keeps attributes such as reverse video
	default:
		return colorprofile.ANSI
	}
}

// utf8Locale reports whether the locale's character set is UTF-8: the first of LC_ALL, LC_CTYPE and LANG that is set
// decides (POSIX, Base Definitions 8.2).
func utf8Locale(environ []string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(lookup(environ, name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return runtime.GOOS == "windows"
}

// consolePrefix is what the Linux console sends before A to E for F1 to F5.
const consolePrefix = "\x1b[["

// consoleKeys returns a filter that corrects the function keys of the Linux console. Bubble Tea reads them as an
// unknown event and then the letter, so that F1 would type an A (a fix is open upstream).
func consoleKeys() filter {
	after := false
	return func(_ tea.Model, msg tea.Msg) tea.Msg {
		k, ok := msg.(tea.KeyPressMsg)
		if !ok {
			// The event's type is in a library below Bubble Tea and isn't exported, so it is recognised by its text.
			if s, ok := msg.(fmt.Stringer); ok && s.String() == strconv.Quote(consolePrefix) {
				after = true
				return nil
			}
			return msg
		}
		was := after
		after = false
		if was && len(k.Text) == 1 && k.Text[0] >= 'A' && k.Text[0] <= 'E' {
			return tea.KeyPressMsg{Code: tea.KeyF1 + rune(k.Text[0]-'A')}
		}
		return msg
	}
}

// The size that is assumed for a terminal of unknown size: that of the VT100, which every terminal since has had.
const (
	unknownCols = 80
	unknownRows = 24
)

// knownSize returns a filter that replaces a reported size of 0 x 0, as serial lines have, with the default size. At 0
// x 0 Bubble Tea draws nothing.
func knownSize(next filter) filter {
	return func(m tea.Model, msg tea.Msg) tea.Msg {
		if size, ok := msg.(tea.WindowSizeMsg); ok && (size.Width <= 0 || size.Height <= 0) {
			msg = tea.WindowSizeMsg{Width: unknownCols, Height: unknownRows}
		}
		return next(m, msg)
	}
}
