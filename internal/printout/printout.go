// Package printout lays out printouts: an opened alert, a Summary Care Record or a worklist on A4 pages, in plain text.
//
// It is a pure function: the same sheet always yields the same pages. Every print queue accepts plain text, in every
// script, and the screen can show a preview of exactly what will be printed.
package printout

import (
	"cmp"
	"regexp"
	"strings"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
	"wardlight/rbac"
)

// The size of a page. At 10 characters and 6 lines per inch with margins of half an inch, A4 has room for 72 by 64.
const (
	Columns = 72
	Rows    = 60
)

// Sheet is the content of a printout. All text must have been sanitised (internal/text).
type Sheet struct {
	Patient client.Patient
	Opened  client.Opened
	Flags   []client.FlagLamp // the flags besides child protection, as they were when the lamp was answered
	List    *List             // a worklist instead of a patient and alert; nil for an alert
	Summary *client.Summary   // a Summary Care Record instead of an alert, available; nil for an alert
	Person  string            // user who prints: "SAMPLE, Ada (Ms)"
	Role    rbac.RoleProfile  // role of the user, with the organisation
	Printed time.Time
	// Location is the time zone of displayed times; nil means UTC.
	Location *time.Location
	Office   string // office hours of the authorities in words: "Mon-Fri 09:00-17:00"
	Destroy  string // how to dispose of the printout, by local policy; "" means DefaultDestroy
	// DestroyAfter is how long after it was printed a summary must have been destroyed; 0 means DefaultDestroyAfter.
	DestroyAfter time.Duration

	columns int // maximum line width
}

// Pages are pages of at most Rows lines with at most Columns cells.
type Pages [][]string

// Bytes returns the data for a print queue: UTF-8, a line feed after each line, a form feed between pages.
func (p Pages) Bytes() []byte {
	var b strings.Builder
	for i, page := range p {
		if i > 0 {
			b.WriteByte('\f')
		}
		for _, l := range page {
			b.WriteString(l)
			b.WriteByte('\n')
		}
	}
	return []byte(b.String())
}

// Layout lays out a sheet on one or more pages. Because pages may be separated, each contains the patient, who printed
// it, when and in which role, the request, how to dispose of it, and its page number with the number of pages.
func Layout(s Sheet) Pages {
	s = s.withColumns(Columns)
	head, foot := s.head(), s.foot()
	avail := Rows - len(head) - len(foot) - 1 // the last line is the page number
	bodies := fill(s.parts(), avail)
	pages := make(Pages, len(bodies))
	for i, body := range bodies {
		page := append([]string(nil), head...)
		page = append(page, body...)
		page = append(page, make([]string, avail-len(body))...)
		page = append(page, foot...)
		pages[i] = append(page, pageOf(i+1, len(bodies)))
	}
	return pages
}

// withColumns returns the sheet with the maximum line width set.
func (s Sheet) withColumns(columns int) Sheet {
	if s.Location == nil {
		s.Location = time.UTC
	}
	s.columns = columns
	return s
}

// unlimitedColumns is a line width that is never reached.
const unlimitedColumns = 1 << 20

// Statements returns the content of the printout without its layout, for screen readers: one statement a line, in the
// same order, without rules, columns and page numbers. What every page repeats is included once.
func Statements(s Sheet) []string {
	s = s.withColumns(unlimitedColumns)
	all := s.head()
	for _, b := range s.blocks() {
		all = append(all, b...)
	}
	var out []string
	for _, line := range append(all, s.foot()...) {
		if line = columnGap.ReplaceAllString(strings.TrimSpace(line), ", "); line != "" && line != rule() {
			out = append(out, line)
		}
	}
	return out
}

// columnGap matches the space between columns.
var columnGap = regexp.MustCompile(` {2,}`)

// maxLines is the maximum number of lines for one text in head or foot. It is far above any real name, and leaves
// room for the alert.
const maxLines = 8

// head returns the patient's details, or the title of a worklist.
func (s Sheet) head() []string {
	if s.List != nil {
		return []string{titleList, rule(), ""}
	}
	p, number := s.Patient, s.Opened.Number
	if s.Summary != nil {
		number = s.Summary.Number
	}
	out := s.wrapLimited(p.DisplayName())
	born := p.Born.String()
	if age := nhs.Age(p.Born, s.Printed.In(s.Location)); age != "" && p.Died.IsZero() {
		born += " (" + age + ")"
	}
	facts := []string{wordBorn + " " + born, wordGender + " " + p.Gender.Display(), wordNumber + " " +
		number.String()}
	if !p.Died.IsZero() {
		facts = append(facts, wordDied+" "+p.Died.String())
	}
	out = append(out, s.joinFacts(facts)...)
	if s.Summary != nil {
		out = append(out, s.summaryHead()...)
	}
	return append(out, rule(), "")
}

// joinFacts joins facts on as few lines as possible. A fact is never split, because a number or date could be misread
// at the end of a line.
func (s Sheet) joinFacts(facts []string) []string {
	const between = "   "
	lines := []string{facts[0]}
	for _, f := range facts[1:] {
		last := &lines[len(lines)-1]
		if text.Width(*last)+len(between)+text.Width(f) > s.columns {
			lines = append(lines, f)
			continue
		}
		*last += between + f
	}
	return lines
}

// foot returns the lines about who printed the page and how to dispose of it.
func (s Sheet) foot() []string {
	role := s.Role.JobName
	if role == "" {
		role = nhs.NotKnown
	}

	where := s.Role.OrgName
	if s.Role.OrgODS != "" {
		where = strings.TrimSpace(where + " (" + s.Role.OrgODS + ")")
	}

	if where == "" {
		where = nhs.NotKnown
	}

	destroy := s.Destroy
	if destroy == "" {
		destroy = DefaultDestroy
	}

	out := []string{"", rule()}
	out = append(out, s.wrapLimited(printedBy(nhs.Instant(s.Printed, s.Location), s.Person, role, where))...)
	switch {
	case s.Summary != nil:
		after := cmp.Or(s.DestroyAfter, DefaultDestroyAfter)
		out = append(out, s.wrapLimited(summaryRequestWords(s.Summary.RequestID))...)
		out = append(out, destroyBy(nhs.Instant(s.Printed.Add(after), s.Location)))
	case s.List == nil:
		out = append(out, s.wrapLimited(requestWords(s.Opened.RequestID))...)
	}

	return append(out, s.wrapLimited(destroy)...)
}

func rule() string { return strings.Repeat("-", Columns) }

// wrapLimited wraps text to the width of the page and truncates it to maxLines.
func (s Sheet) wrapLimited(words string) []string { return s.limited(s.wrap(words), maxLines) }

// limited truncates lines to a number.
func (s Sheet) limited(l []string, n int) []string {
	if len(l) > n {
		l = l[:n]
		l[n-1] = text.Truncate(l[n-1]+" "+strings.Repeat(text.Ellipsis, s.columns), s.columns)
	}
	return l
}
