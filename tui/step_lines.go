package tui

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"wardlight/tui/draw"
)

// fact is a label and its value.
type fact struct{ label, value string }

// unbounded is a width that no line reaches.
const unbounded = 4000

// wideBlank is what parts a label from its value, and columns.
var wideBlank = regexp.MustCompile(` {2,}`)

// said is a drawn pane in lines: without styles, signs and the blanks of a layout, as sentences.
func said(panes ...draw.Pane) []string {
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
			out = append(out, sentence(l))
		}
	}
	return out
}

// isSign reports whether a letter is one of the signs, which a screen reader would spell out.
func isSign(r rune) bool {
	return strings.ContainsRune(draw.SignChosen+draw.SignFailed+draw.SignNobody+draw.SignDot+draw.SignAlert+draw.SignNoneRecorded+draw.SignNotChecked, r)
}

// sentence ends a line as a sentence, so that a screen reader pauses.
func sentence(s string) string {
	last, _ := utf8.DecodeLastRuneInString(s)
	if unicode.IsPunct(last) && last != ')' {
		return s
	}
	return s + "."
}

// record is facts on one line.
func record(facts ...fact) string {
	all := make([]string, len(facts))
	for i, f := range facts {
		all[i] = f.label + " " + f.value
	}
	return sentence(strings.Join(all, ", "))
}
