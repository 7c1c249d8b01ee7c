package tui

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"wardlight/client"
	"wardlight/internal/doctor"
	"wardlight/internal/nhs"
	"wardlight/rbac"
	"wardlight/tui/draw"
)

// What each screen says in the linear mode. The lines are made from the parts of the panes, drawn without a frame on a width
// that nothing reaches, so that both say the same.

// unbounded is a width that no line reaches.
const unbounded = 4000

// lined is a screen that the linear mode can tell.
type lined interface {
	// inLines is what the screen says, a sentence or a record a line.
	inLines() []string
}

// linesOf is a screen in lines. One that has no lines of its own gives those of its view.
func linesOf(s screen) []string {
	if l, ok := s.(lined); ok {
		return l.inLines()
	}
	return unframed(s.View(endless()))
}

// endless is the layout of a screen without an end, with one pane.
func endless() draw.Layout {
	return draw.Layout{Cols: unbounded, Rows: unbounded, Body: draw.Rect{W: unbounded, H: unbounded}}
}

// frames are the characters of a border at the ends of a line.
const frames = "─│┌┐└┘═║╔╗╚╝ "

// unframed is a drawn pane in lines without the borders, and with a word for the mark of what is chosen.
func unframed(p draw.Pane) []string {
	out := make([]string, len(p.Lines))
	for i, l := range p.Lines {
		out[i] = strings.ReplaceAll(strings.Trim(ansi.Strip(l), frames), draw.SignChosen, wordPlainChosen)
	}
	return said(draw.Lines(out...))
}

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

func (s *waitingScreen) inLines() []string {
	note := said(draw.Lines(s.note))
	err := s.readers.problem()
	if err == nil {
		return append(note, said(draw.Lines(wordLooking), s.hints(unbounded))...)
	}
	return append(note, said(faultPane(s.th, err, unbounded), s.hints(unbounded))...)
}

func (s *passcodeScreen) inLines() []string {
	all := []draw.Pane{draw.Lines(s.note, s.held), s.facts(unbounded)}
	if s.blocked {
		return said(append(all, faultPane(s.th, s.err, unbounded))...)
	}
	if !s.outside {
		all = append(all, draw.Lines(wordPlainPasscode))
	}
	return said(append(all, s.said(unbounded), draw.Lines(s.goingOn()), s.hints(unbounded))...)
}

func (s *roleScreen) inLines() []string {
	switch {
	case len(s.in.Roles) == 0:
		return said(s.noRole(unbounded))
	case len(s.in.Usable) == 0:
		return said(s.noneUsable(unbounded))
	}
	out := []string{sentence(titleRoles)}
	for i, r := range s.in.Usable {
		out = append(out, fmt.Sprintf("%d. %s, %s. %s", i+1, r.JobName, r.OrgName, wordsCanDo(rbac.Unscheduled(r))))
	}
	if len(s.others) > 0 {
		out = append(out, wordCannotUse)
	}
	for _, r := range s.others {
		out = append(out, fmt.Sprintf("%s, %s. %s", r.JobName, r.OrgName, wordsLacks(missing(r))))
	}
	return out
}

func (s *findScreen) inLines() []string {
	out := []string{sentence(titleFind)}
	for i, wrong := range s.errs {
		if wrong != "" {
			label, _ := fieldWords(i)
			out = append(out, sentence(wordsPlainFieldWrong(label, wrong)))
		}
	}
	return append(out, said(s.flagsTold(wordPlainToFlags, unbounded), s.outcome(unbounded, usual), s.hintsBelow(unbounded))...)
}

// fieldWords are the label of a field and its hint.
func fieldWords(field int) (label, hint string) {
	switch field {
	case fieldNumber:
		return wordNumber, wordNumberHint
	case fieldFamily:
		return wordFamily, wordFamilyHint
	case fieldBorn:
		return wordBirthDate, wordBornHint
	case fieldGiven:
		return wordGiven, wordGivenHint
	case fieldBornTo:
		return wordBornTo, wordBornToHint
	case fieldGender:
		return wordGender, ""
	case fieldPostcode:
		return wordPostcode, wordPostcodeHint
	default:
		return "", ""
	}
}

func (s *resultsScreen) inLines() []string {
	out := append(said(draw.Lines(s.searched)), sentence(wordsFound(len(s.rows), 0, len(s.rows))))
	for i, r := range s.rows {
		facts := []fact{}
		for _, c := range s.columns(unbounded)[1:] {
			facts = append(facts, fact{c.title, c.cell(r)})
		}
		row := fmt.Sprintf("%d. %s. %s", i+1, rowName(r), record(facts...))
		if c := r.Caution(); c != "" {
			row += " " + c
		}
		out = append(out, row)
	}
	return out
}

func (s *patientScreen) inLines() []string {
	out := s.who()
	if s.lamp.State == client.Alert && !s.asking {
		out = append(out, said(s.alertWords(unbounded, false))...)
	} else {
		out = append(out, said(s.quietWords(unbounded))...)
	}
	if s.record == nil && s.recordFault() == nil {
		return out // that the record is being asked for was said first
	}
	return append(out, said(s.facts(unbounded))...)
}

// who is the patient's banner in lines.
func (s *patientScreen) who() []string {
	if s.record == nil {
		said := wordRecordAsked
		if s.recordFault() != nil {
			said = wordRecordFailed
		}
		return []string{sentence(said), record(fact{wordNHSNo, s.number.String()})}
	}
	out := []string{sentence(s.record.DisplayName())}
	if !s.record.Died.IsZero() {
		out = append(out, record(s.deathFacts(*s.record)...))
	}
	return append(out, record(s.bannerFacts(*s.record)...))
}

func (s *openedScreen) inLines() []string {
	out := append(s.patient.who(), said(s.recorded(unbounded), s.flagOffer(unbounded))...)
	if len(s.opened.Plans) == 0 {
		out = append(out, wordNoPlans)
	}
	for i, p := range s.opened.Plans {
		out = append(out, sentence(wordsPlainPlan(i, len(s.opened.Plans), p.Kind.Words())))
		end := wordRunsNow
		if !p.End.IsZero() {
			end = p.End.String()
		}
		facts := []fact{{wordStart, p.Start.String()}, {wordEnd, end}}
		if s.ended(p) {
			facts = []fact{{strings.ToUpper(wordEnded), end}, {wordStart, p.Start.String()}}
			out = append(out, wordPlanEnded)
		}
		out = append(out, said(s.ring(p, unbounded, false))...)
		out = append(out, record(facts...), record(fact{wordAuthority, p.Authority}))
	}
	switch {
	case s.opened.ListErr != nil:
		return append(append(out, wordNoAccessList), said(faultPane(s.th, s.opened.ListErr, unbounded))...)
	case len(s.opened.Accesses) == 0:
		return append(out, wordNoAccesses)
	}
	out = append(out, sentence(wordsAccesses(len(s.opened.Accesses))))
	for i, a := range s.opened.Accesses {
		out = append(out, fmt.Sprintf("%d. %s, %s, %s, %s", i+1, nhs.Instant(a.When, s.loc), a.Who, a.JobRole, sentence(a.Organisation)))
	}
	return out
}

// diagnosticsInLines are the doctor's lines, each with what to do when it did not pass.
func (m *model) diagnosticsInLines() []string {
	out := []string{sentence(wordsDiagnostics(m.cfg.Version))}
	for _, l := range m.examined() {
		out = append(out, sentence(wordsPlainCheck(l.Check.String(), l.State.String(), l.Sentence, l.Code)))
		if l.State != doctor.Pass && l.Advice != "" {
			out = append(out, sentence(l.Advice))
		}
	}
	if m.readers.lastErr != nil {
		out = append(out, said(m.lastError(unbounded))...)
	}
	return slices.Compact(out)
}
