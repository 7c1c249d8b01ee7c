// Package paper lays out what goes on paper: an opened alert or a worklist on pages of A4, in plain text.
//
// It is pure: the same sheet gives the same pages. Plain text is what every print queue takes, in every alphabet, and
// what can be shown on the screen first exactly as it will be printed.
package paper

import (
	"regexp"
	"strings"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
	"wardlight/rbac"
)

// The size of a page: what fits on A4 at 10 characters and 6 lines an inch with margins of half an inch, which is 72
// by 64.
const (
	Columns = 72
	Rows    = 60
)

// Sheet is everything that stands on the paper. All its text has been cleaned (internal/text).
type Sheet struct {
	Patient client.Patient
	Opened  client.Opened
	List    *List            // a worklist in the place of patient and alert; nil for an alert
	Person  string           // who prints: "SAMPLE, Ada (Ms)"
	Role    rbac.RoleProfile // in what role, and for which organisation
	Printed time.Time
	// Location is where the times are told; nil means UTC.
	Location *time.Location
	Office   string // when the authorities' offices answer, in words: "Mon-Fri 09:00-17:00"
	Destroy  string // what is to become of the paper, by local policy; "" is the usual words

	columns int // how wide the lines get
}

// Pages are pages of at most Rows lines of at most Columns cells.
type Pages [][]string

// Bytes returns what is sent to a print queue: UTF-8, a line feed after each line, a form feed between pages.
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

// Lay lays the sheet out. There is always at least one page. Each carries who the patient is, who printed it, when
// and in which role, the request, what is to become of it, and which page of how many it is: pages part from each
// other.
func Lay(s Sheet) Pages {
	s = s.across(Columns)
	head, foot := s.head(), s.foot()
	room := Rows - len(head) - len(foot) - 1 // the last line is the page's number
	bodies := fill(s.blocks(), room)
	pages := make(Pages, len(bodies))
	for i, body := range bodies {
		page := append([]string(nil), head...)
		page = append(page, body...)
		page = append(page, make([]string, room-len(body))...)
		page = append(page, foot...)
		pages[i] = append(page, pageOf(i+1, len(bodies)))
	}
	return pages
}

// across returns the sheet with lines of at most so many cells.
func (s Sheet) across(columns int) Sheet {
	if s.Location == nil {
		s.Location = time.UTC
	}
	s.columns = columns
	return s
}

// endless is a width that no line reaches.
const endless = 1 << 20

// Statements returns what stands on the paper without its layout, for those who hear it: one statement a line, in the
// order of the paper, without rules, columns and the numbers of pages, and what every page carries once.
func Statements(s Sheet) []string {
	s = s.across(endless)
	all := s.head()
	for _, b := range s.blocks() {
		all = append(all, b...)
	}
	var out []string
	for _, line := range append(all, s.foot()...) {
		if line = wideBlank.ReplaceAllString(strings.TrimSpace(line), ", "); line != "" && line != rule() {
			out = append(out, line)
		}
	}
	return out
}

// wideBlank is what parts columns.
var wideBlank = regexp.MustCompile(` {2,}`)

// mostLines is how many lines one piece of text in head or foot may take: far above any real name, and few enough to
// leave room for the alert.
const mostLines = 8

// head returns who the patient is, or that it is a worklist.
func (s Sheet) head() []string {
	if s.List != nil {
		return []string{titleList, rule(), ""}
	}
	p := s.Patient
	out := s.capped(p.DisplayName())
	born := p.Born.String()
	if age := nhs.Age(p.Born, s.Printed.In(s.Location)); age != "" && p.Died.IsZero() {
		born += " (" + age + ")"
	}
	facts := []string{wordBorn + " " + born, wordGender + " " + p.Gender.Display(), wordNumber + " " + s.Opened.Number.String()}
	if !p.Died.IsZero() {
		facts = append(facts, wordDied+" "+p.Died.String())
	}
	return append(append(out, s.beside(facts)...), rule(), "")
}

// beside puts facts on as few lines as hold them. None is parted, as a number or a date at the end of a line would be.
func (s Sheet) beside(facts []string) []string {
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

// foot returns how the paper came to be, and what is to become of it.
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
		destroy = UsualDestroy
	}
	out := []string{"", rule()}
	out = append(out, s.capped(printedBy(nhs.Instant(s.Printed, s.Location), s.Person, role, where))...)
	if s.List == nil {
		out = append(out, s.capped(requestWords(s.Opened.RequestID))...)
	}
	return append(out, s.capped(destroy)...)
}

func rule() string { return strings.Repeat("-", Columns) }

// capped wraps to the width of the page, and cuts what would leave no room for the alert.
func (s Sheet) capped(words string) []string {
	l := text.Wrap(words, s.columns)
	if len(l) > mostLines {
		l = l[:mostLines]
		l[mostLines-1] = text.Truncate(l[mostLines-1]+" "+strings.Repeat(text.Ellipsis, s.columns), s.columns)
	}
	return l
}

// fill puts blocks of lines onto pages of room lines, with an empty line between two. A block that fits on a page is
// never parted; one that is longer begins where the one before it ended.
func fill(blocks [][]string, room int) [][]string {
	pages := [][]string{nil}
	for _, b := range blocks {
		page := &pages[len(pages)-1]
		switch {
		case len(*page) == 0:
		case len(*page)+1+len(b) <= room, len(b) > room && len(*page)+2 < room:
			*page = append(*page, "")
		default:
			pages = append(pages, nil)
		}
		for len(b) > 0 {
			page = &pages[len(pages)-1]
			n := min(len(b), room-len(*page))
			*page = append(*page, b[:n]...)
			if b = b[n:]; len(b) > 0 {
				pages = append(pages, nil)
			}
		}
	}
	return pages
}
