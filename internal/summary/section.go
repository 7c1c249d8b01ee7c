package summary

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"wardlight/internal/nhs"
)

// SectionState is what the record has for a section. The zero value is not a state of a section that was read.
type SectionState int

// The states of a section. Only Filled has something about the patient.
const (
	Filled     SectionState = iota + 1
	Empty                   // the section is in the record, without text
	Missing                 // the section is not in the record
	Unreadable              // the section is in the record and could not be shown
)

// Section is one section of a summary.
type Section struct {
	Code   string // such as AllergiesHeader; "" if the record has none
	Title  string // the record's own title, such as Allergies and Adverse Reactions
	State  SectionState
	Reason string // why the section is Empty, if the record has a reason
	Blocks []Block
	// Notices are sentences about the section, such as a script that was left out.
	Notices []string
}

// The codes of the sections that have a position of their own in a summary.
const (
	codeTitle = "Title"
	Allergies = "AllergiesHeader"
)

// known is the codes of the contract and their names, in the order of display. The first leading ones are shown open.
var known = []struct{ code, name string }{
	{Allergies, "Allergies and Adverse Reactions"},
	{"RepeatMedsHeader", "Current Repeat Medications"},
	{"AcuteMedsHeader", "Acute Medications"},
	{"DiscRepeatMedsHeader", "Discontinued Repeat Medications"},
	{"RisksToPatientHeader", "Risks to Patient"},
	{"DiagnosesHeader", "Diagnoses"},
	{"ProblemsHeader", "Problems and Issues"},
	{"ObservationsHeader", "Clinical Observations and Findings"},
	{"TreatmentsHeader", "Treatments"},
	{"ResultsHeader", "Investigation Results"},
	{"EventsHeader", "Care Events"},
	{"ProceduresHeader", "Administrative Procedures"},
	{"AdviceHeader", "Provision of Advice and Information to Patients and Carers"},
	{"PreferencesHeader", "Personal Preferences"},
}

// leading is the number of known sections that are shown open: allergies to problems.
const leading = 7

// rank returns the position of a code in known, or len(known).
func rank(code string) int {
	for i, k := range known {
		if k.code == code {
			return i
		}
	}
	return len(known)
}

// Leading reports whether the section is one of those that are shown open: allergies, medicines, risks, diagnoses and
// problems. The others may be folded.
func (s Section) Leading() bool { return rank(s.Code) < leading }

// Heading returns the record's title of the section. If the title does not begin with the name that the section's code
// has, the name is put before it.
func (s Section) Heading() string {
	name := ""
	if i := rank(s.Code); i < len(known) {
		name = known[i].name
	}
	switch {
	case name == "" && s.Title == "":
		return "Section without a title"
	case name == "" || beginsWith(s.Title, name):
		return s.Title
	case s.Title == "":
		return name
	}
	return name + ": " + s.Title
}

// CountedHeading returns the heading, with the number of entries if there are several: one that is on another page must
// not be missed.
func (s Section) CountedHeading() string {
	if n := s.Entries(); n > 1 {
		return fmt.Sprintf("%s: %d entries", s.Heading(), n)
	}
	return s.Heading()
}

// Entries returns the number of rows, paragraphs and pictures of the section.
func (s Section) Entries() int {
	n := 0
	for _, b := range s.Blocks {
		if t, ok := b.(Table); ok {
			n += len(t.Rows)
		} else {
			n++
		}
	}
	return n
}

// Statement returns a sentence about a section that has nothing to show, or "" if it is Filled. A section that is empty
// and one that is not in the record have different sentences. None says that there is nothing to know.
func (s Section) Statement() string {
	switch s.State {
	case Filled:
		return ""
	case Empty:
		if s.Reason != "" {
			return "The record has this section, but it is empty. Reason in the record: " + s.Reason
		}
		return "The record has this section, but it is empty. This does not mean that there are none."
	case Missing:
		return "The record does not have this section. It is not known whether there are any."
	}
	return "The record has this section, but it could not be shown. Look in another system."
}

// flatten returns the sections and those within them, in their order. A section without a code has that of the section
// around it.
func flatten(sections []section, depth int) ([]section, error) {
	if depth > maxSectionNesting {
		return nil, malformed("sections nested too deeply")
	}
	var all []section
	for _, s := range sections {
		for i := range s.Section {
			inner := &s.Section[i]
			if len(inner.Code.Coding) == 0 {
				inner.Code = s.Code
			}
			if s.Title != "" {
				inner.Title = s.Title + ": " + inner.Title
			}
		}
		inner, err := flatten(s.Section, depth+1)
		if err != nil {
			return nil, err
		}
		hasOwn := len(s.Section) == 0 || s.Text.Div != "" || len(s.Entry) > 0 || s.EmptyReason != nil
		if hasOwn {
			all = append(all, s)
		}
		all = append(all, inner...)
	}
	if len(all) > maxSections {
		return nil, malformed("too many sections")
	}
	return all, nil
}

// arrange reads the sections and sorts them for display. It adds one that is Missing for each known code that the
// record doesn't have.
func arrange(raw []section, today nhs.Date) (about, sections []Section) {
	for _, r := range raw {
		if s := readSection(r, today); s.Code == codeTitle {
			about = append(about, s)
		} else {
			sections = append(sections, s)
		}
	}
	for _, k := range known {
		if !slices.ContainsFunc(sections, func(s Section) bool { return s.Code == k.code }) {
			sections = append(sections, Section{Code: k.code, State: Missing})
		}
	}
	slices.SortStableFunc(sections, func(a, b Section) int { return rank(a.Code) - rank(b.Code) })
	return about, sections
}

// readSection reads one section.
func readSection(r section, today nhs.Date) Section {
	s := Section{Code: codeOf(r), Title: line(r.Title)}
	if r.EmptyReason != nil {
		s.Reason = reasonOf(r)
	}

	x, err := readXHTML(r.Text.Div)
	switch {
	case err != nil:
		s.State = Unreadable
		s.Notices = []string{"The text of this section is too large to show."}
		return s
	case x.hasWords():
		s.State = Filled
	case len(r.Entry) > 0:
		s.State = Unreadable
		s.Notices = []string{"This section has entries without text."}
	default:
		s.State = Empty
	}

	s.Blocks = x.blocks
	if x.omitted {
		s.Notices = append(s.Notices, "A script or a style sheet in this section is not shown.")
	}
	if s.State == Filled && s.Reason != "" {
		s.Notices = append(s.Notices, "The record calls this section empty: "+s.Reason)
	}
	if n := futureNotice(s.Blocks, today); n != "" {
		s.Notices = append(s.Notices, n)
	}
	return s
}

// codeOf returns the code of a section: a known one if there is any. A section without one has the code whose name its
// title begins with, so that allergies are not among the other sections. If there is none, codeOf returns the first
// code, or "".
func codeOf(r section) string {
	first := ""
	for _, c := range r.Code.Coding {
		code := line(c.Code)
		for _, k := range known {
			if strings.EqualFold(code, k.code) {
				return k.code
			}
		}
		if first == "" {
			first = code
		}
	}
	if strings.EqualFold(first, codeTitle) {
		return codeTitle
	}
	for _, k := range known {
		if beginsWith(line(r.Title), k.name) {
			return k.code
		}
	}
	return first
}

// beginsWith reports whether a title begins with the name of a section, in any case.
func beginsWith(title, name string) bool {
	return strings.HasPrefix(strings.ToLower(title), strings.ToLower(name))
}

// reasonOf returns the reason for which a section is empty, in the words of the record.
func reasonOf(r section) string {
	if reason := line(r.EmptyReason.Text); reason != "" {
		return reason
	}
	for _, c := range r.EmptyReason.Coding {
		for _, words := range []string{c.Display, c.Code} {
			if words = line(words); words != "" {
				return words
			}
		}
	}
	return ""
}

// writtenDate matches a date as summaries have it: 12-May-2020.
var writtenDate = regexp.MustCompile(`\b[0-9]{1,2}-[A-Z][a-z]{2}-[0-9]{4}\b`)

// futureNotice returns a sentence about the first date after today in a column named Date, or "". Other columns may
// have dates to come, such as a review.
func futureNotice(blocks []Block, today nhs.Date) string {
	for _, b := range blocks {
		t, isTable := b.(Table)
		if !isTable {
			continue
		}
		for _, row := range t.Rows {
			for _, c := range row {
				if !strings.EqualFold(t.Name(c), "date") {
					continue
				}
				for _, word := range writtenDate.FindAllString(strings.Join(c.Text, " "), -1) {
					at, err := time.Parse("2-Jan-2006", word)
					if err == nil && today.Before(nhs.DateOf(at)) {
						return "A date in this section is in the future: " + word + "."
					}
				}
			}
		}
	}
	return ""
}
