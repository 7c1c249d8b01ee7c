package testterm

import (
	"fmt"
	"regexp"
	"strings"
)

// Matcher is something that a screen can be asked, with the words in which a failing test speaks of it.
type Matcher struct {
	Name  string
	Holds func(*Grid) bool
}

// Contains holds when the text stands somewhere on one line of the screen.
func Contains(text string) Matcher {
	return Matcher{fmt.Sprintf("the screen contains %q", text), func(g *Grid) bool {
		return strings.Contains(g.Text(), text)
	}}
}

// Regexp holds when the expression matches the screen's text, lines joined by line feeds: (?m) makes ^ and $ go by
// line. A malformed expression panics.
func Regexp(expr string) Matcher {
	re := regexp.MustCompile(expr)
	return Matcher{fmt.Sprintf("the screen matches %q", expr), func(g *Grid) bool { return re.MatchString(g.Text()) }}
}

// LineMatcher asks about one line. Make one with Line.
type LineMatcher int

// Line returns a row of the screen, from 0 at the top, or from -1 at the bottom upwards.
func Line(n int) LineMatcher { return LineMatcher(n) }

// Contains holds when the text stands in the line.
func (l LineMatcher) Contains(text string) Matcher {
	return Matcher{fmt.Sprintf("line %d contains %q", l, text), func(g *Grid) bool {
		return strings.Contains(g.Line(int(l)), text)
	}}
}

// Equals holds when the line, without the blanks at its end, is the text.
func (l LineMatcher) Equals(text string) Matcher {
	return Matcher{fmt.Sprintf("line %d is %q", l, text), func(g *Grid) bool { return g.Line(int(l)) == text }}
}

// Regexp holds when the expression matches the line without the blanks at its end. A malformed expression panics.
func (l LineMatcher) Regexp(expr string) Matcher {
	re := regexp.MustCompile(expr)
	return Matcher{fmt.Sprintf("line %d matches %q", l, expr), func(g *Grid) bool { return re.MatchString(g.Line(int(l))) }}
}

// Not holds when the matcher doesn't.
func Not(m Matcher) Matcher {
	return Matcher{"not: " + m.Name, func(g *Grid) bool { return !m.Holds(g) }}
}

// Blank holds when the screen has no text at all. Concealed text is text: it can still be copied.
func Blank() Matcher {
	return Matcher{"the screen is blank", func(g *Grid) bool { return strings.TrimSpace(g.Text()) == "" }}
}

// Styled holds when the text stands on the screen and every cell of its first place has the style. The name says which:
//
//	testterm.Styled("ALERT", "bold", func(c testterm.Cell) bool { return c.Bold })
func Styled(text, name string, style func(Cell) bool) Matcher {
	return Matcher{fmt.Sprintf("%q is %s", text, name), func(g *Grid) bool {
		cells, _, _ := g.Find(text)
		for _, c := range cells {
			if !style(c) {
				return false
			}
		}
		return cells != nil
	}}
}

// Bold holds when the text stands in bold.
func Bold(text string) Matcher { return Styled(text, "bold", func(c Cell) bool { return c.Bold }) }

// Reverse holds when the text stands in reverse video.
func Reverse(text string) Matcher {
	return Styled(text, "in reverse video", func(c Cell) bool { return c.Reverse })
}

// CursorAt holds when the cursor shows and stands on the first cell of the text.
func CursorAt(text string) Matcher {
	return Matcher{fmt.Sprintf("the cursor is at %q", text), func(g *Grid) bool {
		return g.CursorVisible && g.match(text, g.CursorX, g.CursorY) != nil
	}}
}
