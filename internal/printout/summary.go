package printout

import (
	"strings"
	"time"

	"wardlight/internal/nhs"
	"wardlight/internal/summary"
)

// DefaultDestroyAfter is the default time after which the printout of a summary must have been destroyed.
const DefaultDestroyAfter = 12 * time.Hour

// sectionMark is before the heading of a section. All other lines of the record are indented as far, so that none of
// them can be taken for the head, the foot or the end mark.
const sectionMark = "* "

// maxContinued is the maximum number of lines of the heading of a section on a page that continues it.
const maxContinued = 2

// summaryHead returns the date, author and disclaimer of the summary, and when it was viewed. Every page has them.
func (s Sheet) summaryHead() []string {
	var out []string
	for _, sentence := range s.Summary.Document.Head(s.Location) {
		out = append(out, s.wrapLimited(sentence)...)
	}
	return append(out, s.wrap(viewed(nhs.Instant(s.Summary.AsOf, s.Location)))...)
}

// summaryParts returns all sections of the summary, allergies first, then what the record says about itself, and the
// end mark. Nothing is folded or left out.
func (s Sheet) summaryParts() []part {
	var out []part
	doc := s.Summary.Document
	for _, sentence := range doc.Head(s.Location) {
		if lines := s.wrap(sentence); len(lines) > maxLines { // truncated in the head
			out = append(out, part{gap: true, lines: s.hangingIndent(sectionMark, sentence)})
		}
	}

	for _, sections := range [][]summary.Section{doc.Sections, doc.About} {
		for _, section := range sections {
			out = append(out, s.section(section)...)
		}
	}
	return append(out, part{gap: true, lines: s.wrap(wordEndOfSummary)})
}

// section returns the parts of a section. Its heading is on the page of its first part, and on each page that continues
// the section, with the names of a table's columns.
func (s Sheet) section(section summary.Section) []part {
	heading := s.hangingIndent(sectionMark, section.CountedHeading())
	again := s.limited(s.hangingIndent(sectionMark, continued(section.Heading())), maxContinued)

	out := []part{{gap: true, lines: heading, next: again}}
	for i, p := range section.Parts(s.columns - len(sectionMark)) {
		lines, names := indented(p.Lines), indented(p.Names)
		next := append(append([]string(nil), again...), names...)
		if i == 0 {
			out[0].lines, out[0].next = append(out[0].lines, lines...), next
			continue
		}
		one := part{lines: lines, next: next, top: next}
		if p.First {
			one.top = again
		}
		if lines[0] == "" {
			one.gap, one.lines = true, lines[1:]
		}
		out = append(out, one)
	}
	return out
}

// indented returns the text of lines, indented below a section's heading.
func indented(lines []summary.Line) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		if l.Text != "" {
			out[i] = strings.Repeat(" ", len(sectionMark)) + l.Text
		}
	}
	return out
}
