package step

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"wardlight/tui/draw"
)

// Fact is a label and its value.
type Fact struct{ Label, Value string }

// Unbounded is a width that is greater than any line.
const Unbounded = 4000

// columnGap matches the blanks between a label and its value, or between columns.
var wideBlank = regexp.MustCompile(` {2,}`)

// Sentences returns the text of panes as sentences, a line each, without styles, signs and alignment.
func Sentences(panes ...draw.Pane) []string {
	var out []string
	for _, l := range draw.Stack(panes...).Lines {
		l = strings.TrimSpace(ansi.Strip(l))
		if first, size := utf8.DecodeRuneInString(l); isSign(first) && strings.HasPrefix(l[size:], " ") {
			l = strings.TrimSpace(l[size:])
		}
		if at := wideBlank.FindStringIndex(l); at != nil {
			l = l[:at[0]] + ": " + wideBlank.ReplaceAllString(l[at[1]:], ", ")
		}
		if l != "" {
			out = append(out, Sentence(l))
		}
	}
	return out
}

// isSign reports whether r is one of the signs in package draw, whose names a screen reader would read out.
func isSign(r rune) bool {
	return strings.ContainsRune(draw.SignChosen+draw.SignFailed+draw.SignNobody+draw.SignDot+draw.SignAlert+
		draw.SignNoneRecorded+draw.SignNotChecked+draw.SignAdjustments+draw.SignFGM+draw.SignOtherFlag, r)
}

// Sentence adds a full stop to a line without final punctuation, so that a screen reader pauses.
func Sentence(s string) string {
	last, _ := utf8.DecodeLastRuneInString(s)
	if unicode.IsPunct(last) && last != ')' {
		return s
	}
	return s + "."
}

// Record returns facts as one line.
func Record(facts ...Fact) string {
	all := make([]string, len(facts))
	for i, f := range facts {
		all[i] = f.Label + " " + f.Value
	}
	return Sentence(strings.Join(all, ", "))
}
