package testterm

import (
	"fmt"
	"regexp"
	"strings"
)

// Matcher is a condition on a screen. Name describes it in failure messages.
type Matcher struct {
	Name    string
	Matches func(*Grid) bool
}

// Contains matches a screen with text within one line.
func Contains(text string) Matcher {
	return Matcher{fmt.Sprintf("the screen contains %q", text), func(g *Grid) bool {
		return strings.Contains(g.Text(), text)
	}}
}

// Regexp matches the screen's text, with lines joined by line feeds, against expr. With (?m), ^ and $ match at lines.
// It panics if expr is malformed.
func Regexp(expr string) Matcher {
	re := regexp.MustCompile(expr)
	return Matcher{fmt.Sprintf("the screen matches %q", expr), func(g *Grid) bool { return re.MatchString(g.Text()) }}
}

// LineMatcher creates matchers for one line. Use [Line] to get one.
type LineMatcher int

// Line returns the LineMatcher of a row, from 0 at the top or from -1 at the bottom.
func Line(n int) LineMatcher { return LineMatcher(n) }

// Contains matches if the line contains text.
func (l LineMatcher) Contains(text string) Matcher {
	return Matcher{fmt.Sprintf("line %d contains %q", l, text), func(g *Grid) bool {
		return strings.Contains(g.Line(int(l)), text)
	}}
}

// Equals matches if the line, without trailing blanks, equals text.
func (l LineMatcher) Equals(text string) Matcher {
	return Matcher{fmt.Sprintf("line %d is %q", l, text), func(g *Grid) bool { return g.Line(int(l)) == text }}
}

// Regexp matches the line, without trailing blanks, against expr. It panics if expr is malformed.
func (l LineMatcher) Regexp(expr string) Matcher {
	re := regexp.MustCompile(expr)
	return Matcher{fmt.Sprintf("line %d matches %q", l, expr), func(g *Grid) bool {
		return re.MatchString(g.Line(int(l)))
	}}
}

// Not matches if m does not.
func Not(m Matcher) Matcher {
	return Matcher{"not: " + m.Name, func(g *Grid) bool { return !m.Matches(g) }}
}

// Blank matches a screen without text. Concealed text counts as text, because it can be copied.
func Blank() Matcher {
	return Matcher{"the screen is blank", func(g *Grid) bool { return strings.TrimSpace(g.Text()) == "" }}
}

// Styled matches if the screen contains text and every cell of its first occurrence has the style. name describes the
// style:
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

// Bold matches text in bold.
func Bold(text string) Matcher { return Styled(text, "bold", func(c Cell) bool { return c.Bold }) }

// Reverse matches text in reverse video.
func Reverse(text string) Matcher {
	return Styled(text, "in reverse video", func(c Cell) bool { return c.Reverse })
}

// CursorAt matches if the cursor is visible and at the first cell of text.
func CursorAt(text string) Matcher {
	return Matcher{fmt.Sprintf("the cursor is at %q", text), func(g *Grid) bool {
		return g.CursorVisible && g.match(text, g.CursorX, g.CursorY) != nil
	}}
}
