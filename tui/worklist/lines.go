package worklist

import (
	"strings"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/worklist"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// InLines returns the screen for linear mode, a sentence or a record a line.
func (s *Screen) InLines() []string {
	switch s.Part {
	case ListForm, askReplace:
		return s.formInLines()
	case askFile:
		return s.saveInLines()
	case askRemoving:
		return []string{step.Sentence(titleWorklist), WordRemoveAsk}
	default:
		return s.ListInLines()
	}
}

// formInLines returns the question which list to check. An error comes last, before the prompt.
func (s *Screen) formInLines() []string {
	out := []string{step.Sentence(titleWorklist), wordListMeans}
	switch {
	case s.Part == askReplace:
		return append(out, wordsReplaceAsk(s.tally))
	case s.State.Looking.Pending():
		return append(out, wordLookingForSaved)
	case s.State.Reading.Pending():
		return append(out, wordReadingList)
	}

	if k := s.State.Saved; k != nil {
		out = append(out, wordSavedList+": "+wordsSavedList(nhs.Instant(k.ReadAt, s.Location), k.Tally(s.person)))
		if k.Person != s.person {
			out = append(out, wordSavedHidden)
		}
		if s.OnSaved {
			out = append(out, WordPlainSaved)
		} else {
			out = append(out, WordPlainToSaved)
		}
	}

	return append(append(out, wordListFile+": "+wordListFileHint), s.wrongInLines()...)
}

// saveInLines returns the question in which file to save the list.
func (s *Screen) saveInLines() []string {
	if s.State.Writing.Pending() {
		return []string{wordWritingTable}
	}
	return append([]string{wordSaveMeans, step.Sentence(wordListFile + ": " + wordSaveHint)}, s.wrongInLines()...)
}

// wrongInLines returns the error about the typed file name.
func (s *Screen) wrongInLines() []string {
	if s.err != nil {
		return step.Sentences(step.FaultPane(s.Styles, s.err, step.Unbounded))
	}
	return step.Sentences(draw.Lines(s.problem))
}

// ListInLines returns the rows of the list, and then its progress. While the check is running, patients without an
// answer are left out: each is said when the answer arrives.
func (s *Screen) ListInLines() []string {
	list := s.State.List
	condition, _ := list.Condition()
	words, _ := s.condition()
	saved, _ := s.saveStatus()
	out := append([]string{step.Sentence(wordsListTitle(list.Len(), 0, list.Len()))},
		step.Sentences(draw.Lines(wordsRead(s.State.From)))...)
	asking := condition == worklist.Asking || condition == worklist.Slowed
	if asking {
		out = append(out, words, WordPlainWhenAnswered)
	}

	out = append(out, step.Sentences(draw.Lines(saved))...)
	if s.saved != "" {
		out = append(out, wordsSaved(s.saved))
	}

	named, none := false, false
	var rows []string
	for _, at := range list.Indexes(s.order) {
		p, a := list.Patient(at), list.Answer(at)
		if a.State == client.NotChecked && p.HasNumber() && condition != worklist.Done &&
			condition != worklist.Stopped {
			continue
		}
		named, none = named || p.Name != "", none || a.State == client.NoneRecorded
		rows = append(rows, s.spokenRow(at, p, a))
	}

	out = append(out, rows...)
	if named {
		out = append(out, WordListName)
	}

	if none {
		out = append(out, client.NoneRecorded.String()+": "+client.WordsNoneRecorded)
	}

	if asking {
		return out
	}

	t := list.Tally()
	return append(out, step.Sentence(wordsProgress(t)+": "+t.Words(", ")), words)
}

// spoken is a rendered row, and the values that it was rendered from.
type spoken struct {
	answer worklist.Answer
	old    bool
	opened bool
	on     nhs.Date // day of rendering: answers of that day are shown with the time only
	words  string
}

// spokenRow returns the line of the patient at an index. It is rendered again only if a value has changed, because
// each answer changes only one row of a long list.
func (s *Screen) spokenRow(at int, p worklist.Patient, a worklist.Answer) string {
	now := s.Now()
	made := spoken{answer: a, old: a.OlderThan(now, s.old), opened: s.opened(at), on: nhs.DateOf(now)}
	was := s.spoken[at]
	made.words = was.words
	if was == made {
		return was.words
	}
	made.words = s.RowInLine(p, a, made.opened)
	if s.spoken == nil {
		s.spoken = make(map[int]spoken)
	}
	s.spoken[at] = made
	return made.words
}

// RowInLine returns one patient: the line number in the file, which identifies the patient here, the name, the state
// and notes.
func (s *Screen) RowInLine(p worklist.Patient, a worklist.Answer, opened bool) string {
	head := wordsPlainLine(p.Line)
	if p.Name != "" {
		head += ", " + p.Name
	}

	head += ", " + a.State.String()
	if opened {
		head += ", " + wordOpened
	}

	number := p.Number.String()
	if !p.HasNumber() {
		head, number = head+", "+wordNotValid, p.NumberText
	}

	said := []string{step.Sentence(head)}
	var facts []step.Fact
	for _, f := range []step.Fact{{Label: step.WordBorn, Value: p.Born}, {Label: step.WordNumber, Value: number}} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}

	old := a.OlderThan(s.Now(), s.old)
	if a.Known() && !old {
		facts = append(facts, step.Fact{Label: wordAsOfTitle, Value: s.shortTime(a)})
	}

	if len(facts) > 0 {
		said = append(said, step.Record(facts...))
	}

	said = append(said, worklist.Notes(p, a)...)
	switch {
	case !p.HasNumber():
		said = append(said, p.Fault)
	case a.Why != nil:
		said = append(said, s.why(a)...)
	case old:
		said = append(said, wordsOldAnswer(nhs.Instant(a.AsOf, s.Location)))
	}

	return strings.Join(append(said, worklist.LineNotes(p)...), " ")
}

// Ask returns the prompt, or "" while a request is running.
func (s *Screen) Ask() string {
	switch {
	case s.Part == ListForm && s.busy(), s.Part == askFile && s.State.Writing.Pending():
		return ""
	case s.Typing():
		return wordPlainFile
	case s.Part == ListShown:
		return wordPlainLine
	default:
		return step.WordPlainPrompt
	}
}
