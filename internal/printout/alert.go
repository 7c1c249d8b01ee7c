package printout

import (
	"strings"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// Indents of the lines of a plan (label and value) and of an access (user).
const (
	labelIndent = 2
	valueIndent = labelIndent + 13
	whoIndent   = labelIndent + 20
)

// parts returns the parts of the sheet.
func (s Sheet) parts() []part {
	if s.Summary != nil {
		return s.summaryParts()
	}
	var out []part
	for _, b := range s.blocks() {
		out = append(out, part{gap: true, lines: b})
	}
	return out
}

// blocks returns the parts of the alert or worklist, or what is printed of a summary. Each is printed on one page if
// possible.
func (s Sheet) blocks() [][]string {
	switch {
	case s.List != nil:
		return s.list()
	case s.Summary != nil: // the user has heard the sections on the screen before
		return [][]string{s.wrap(allSections(len(s.Summary.Document.Sections) + len(s.Summary.Document.About)))}
	}

	o := s.Opened
	top := append([]string{title, ""}, s.wrap(asOf(nhs.Instant(o.AsOf, s.Location)))...)
	switch {
	case len(o.Plans) == 0:
		top = append(top, s.wrap(wordNoPlans)...)
	case o.Notifies:
		top = append(top, s.wrap(wordNotified)...)
	default:
		top = append(top, s.wrap(wordSilent)...)
	}

	if o.RecordMissing {
		top = append(top, s.wrap(client.WordsRecordMissing)...)
	}

	out := [][]string{top}
	for i, p := range o.Plans {
		out = append(out, s.plan(i+1, p))
	}

	if len(s.Flags) > 0 {
		out = append(out, s.flags())
	}

	return append(out, s.accesses())
}

// flags returns the lines of the flags other than child protection, after the plans.
func (s Sheet) flags() []string {
	out := []string{titleFlags}
	indent := strings.Repeat(" ", labelIndent)
	for _, f := range s.Flags {
		words := f.Kind.Words() + ": " + f.Words()
		if !f.AsOf.IsZero() {
			words += ", as of " + nhs.Instant(f.AsOf, s.Location)
		}
		words += "."
		if means := f.Means(); means != "" {
			words += " " + means
		}
		out = append(out, s.hangingIndent(indent, words)...)
		for _, d := range f.Details {
			out = append(out, s.hangingIndent(indent+"- ", d)...)
		}
	}
	return out
}

// plan returns the lines of one plan. It includes both telephone numbers with their hours, because the printout may be
// read at any time.
func (s Sheet) plan(i int, p client.Plan) []string {
	title, end := planOf(i, len(s.Opened.Plans), p.Kind.Words()), wordRunsNow
	if !p.End.IsZero() {
		end = p.End.String()
	}
	if p.Ended(nhs.DateOf(s.Printed.In(s.Location))) {
		title += "   " + wordEnded + " " + end
	}
	out := s.wrap(title)
	out = append(out, s.entry(wordStart, p.Start.String())...)
	out = append(out, s.entry(wordEnd, end)...)
	out = append(out, s.entry(wordAuthority, known(p.Authority))...)
	if p.OfficePhone == "" && p.EmergencyPhone == "" {
		return append(out, s.hangingIndent(strings.Repeat(" ", labelIndent), wordNoPhone)...)
	}
	out = append(out, s.phoneLines(officeAt(s.Office), p.OfficePhone)...)
	return append(out, s.phoneLines(wordDuty, p.EmergencyPhone)...)
}

// phoneLines returns when to ring, followed by the number on its own line, where it is easy to find.
func (s Sheet) phoneLines(when, phone string) []string {
	if phone == "" {
		phone = wordNotGiven
	}
	indent := strings.Repeat(" ", labelIndent)
	return append(s.hangingIndent(indent, when), s.hangingIndent(indent+indent, nhs.DisplayPhone(phone))...)
}

// accesses returns the lines of the access history. Names are not truncated.
func (s Sheet) accesses() []string {
	o := s.Opened
	out := []string{lookers(len(o.Accesses))}
	switch {
	case o.HistoryNotOffered():
		return append([]string{lookers(0)}, s.hangingIndent(strings.Repeat(" ", labelIndent),
			client.WordsHistoryNotOffered)...)
	case o.ListErr != nil:
		return append([]string{lookers(0)}, s.hangingIndent(strings.Repeat(" ", labelIndent), wordNoAccessList)...)
	case len(o.Accesses) == 0:
		return append(out, s.hangingIndent(strings.Repeat(" ", labelIndent), wordNoAccesses)...)
	}
	for _, a := range o.Accesses {
		at := text.Pad(strings.Repeat(" ", labelIndent)+nhs.Instant(a.When, s.Location), whoIndent)
		out = append(out, s.hangingIndent(at, known(a.Who)+", "+known(a.JobRole)+", "+known(a.Organisation))...)
	}
	return out
}

// entry returns the lines of a label with its value.
func (s Sheet) entry(label, value string) []string {
	return s.hangingIndent(text.Pad(strings.Repeat(" ", labelIndent)+label, valueIndent), value)
}

// hangingIndent returns the words wrapped after lead, with later lines indented by its width.
func (s Sheet) hangingIndent(lead, words string) []string {
	n := text.Width(lead)
	out := text.Wrap(words, s.columns-n)
	for i := range out {
		if i == 0 {
			out[i] = lead + out[i]
			continue
		}
		out[i] = strings.Repeat(" ", n) + out[i]
	}
	return out
}

func (s Sheet) wrap(words string) []string { return text.Wrap(words, s.columns) }

func known(s string) string {
	if s == "" {
		return nhs.NotKnown
	}
	return s
}
