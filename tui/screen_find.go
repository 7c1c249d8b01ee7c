package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/nhs"
	"wardlight/tui/act"
	"wardlight/tui/draw"
)

// The fields of the form, in their order on the screen. focusSearch is the place after the last: no field has the
// focus, and letters are commands.
const (
	fieldNumber = iota
	fieldFamily
	fieldBorn
	fieldGiven // from here on they are folded away, unless the user has them opened
	fieldBornTo
	fieldGender
	fieldPostcode
	focusSearch
)

// findScreen is the search form: an NHS number, or demographics. Nothing is sent before a key that searches, and nothing that
// is known to be wrong.
type findScreen struct {
	*common
	roles   bool // there are other roles to change to
	fields  [focusSearch]draw.Field
	errs    [focusSearch]string
	genders nhs.Gender // chosen
	focus   int
	form    habit
	asking  bool        // the hub is being asked
	summary string      // what is being, or was, searched
	last    outcome     // of the last search
	wider   bool        // the last search was the wider one
	widens  bool        // the wider one is offered: a search as typed was answered
	err     error       // why the last search failed
	refused *faultWords // why the number found nobody
}

// habit is how somebody searches, with nothing in it of whom they search for.
type habit struct {
	byName bool // the last search was by name
	more   bool // all fields are shown
}

// outcome is what a search came to.
type outcome int

// The outcomes. searchFound has put a list on top of the form; back on the form it says that the one meant may be missing.
const (
	notSearched outcome = iota
	searchFound
	searchNobody
	searchTooMany
)

// faultWords is an error's words, kept without the error.
type faultWords struct{ sentence, advice string }

// newFindScreen is an empty form as its user likes it.
func newFindScreen(c *common, roles bool, form habit) *findScreen {
	s := &findScreen{common: c, roles: roles, form: form}
	for i, limit := range []int{24, nhs.LongestName, 24, nhs.LongestName, 24, 0, 10} {
		s.fields[i] = draw.NewField(limit)
	}
	s.focus = s.first()
	return s
}

// first is the field in which this user begins.
func (s *findScreen) first() int {
	if s.form.byName {
		return fieldFamily
	}
	return fieldNumber
}

func (s *findScreen) Typing() bool { return s.focus != focusSearch && !s.asking }

func (s *findScreen) Place() draw.Place { return draw.AtFind }

// digest is what was searched.
func (s *findScreen) Digest(w int) draw.Pane {
	if n, err := nhs.ParseNumber(s.fields[fieldNumber].String()); err == nil && !s.form.byName {
		return draw.Stack(draw.Lines(s.th.Label.Render(wordNumber)), draw.Paragraph(s.th.Plain, n.String(), w))
	}
	return draw.Paragraph(s.th.Plain, s.summary, w)
}

func (s *findScreen) Paste(text string) {
	if s.focus < focusSearch && s.focus != fieldGender {
		s.fields[s.focus].Insert(strings.TrimSpace(text))
		if s.focus == fieldNumber {
			s.fields[fieldNumber].Group()
		}
		s.edited()
	}
}

func (s *findScreen) Wipe() {
	for i := range s.fields {
		s.fields[i].Clear()
	}
	s.errs, s.genders = [focusSearch]string{}, ""
	s.forget()
	s.widens = false
}

// forget drops what the last search came to.
func (s *findScreen) forget() {
	s.asking, s.summary, s.last, s.wider, s.err, s.refused = false, "", notSearched, false, nil, nil
}

// again shows the form once more: empty when afresh, else as it was.
func (s *findScreen) again(afresh bool) {
	s.asking = false
	if afresh {
		s.Wipe()
	}
	s.focus = s.first()
}

func (s *findScreen) Commands() (main, minor []act.Command) {
	back := effect(actBack{})
	if s.asking {
		return []act.Command{command(as(s.keys.Esc, wordStop), back)}, nil
	}
	esc := command(when(as(s.keys.Esc, wordChangeRole), s.roles), back)
	if s.focus != focusSearch {
		esc = command(as(s.keys.Esc, wordLeaveField), func() action { s.focus = focusSearch; return nil })
	}
	more := s.keys.More
	if s.form.more {
		more = as(more, wordFewerFields)
	}
	field := func(b key.Binding, n int) act.Command { return command(b, func() action { s.move(n); return nil }) }
	return []act.Command{
			command(as(s.keys.Enter, wordSearch), s.enter),
			command(when(s.keys.Wider, s.widens), func() action { return s.search(true) }),
			command(when(as(s.keys.Flag, wordShowFlags), s.offersFlags()), effect(actShowFlags{})),
			field(s.keys.Next, 1), esc,
		}, []act.Command{
			command(more, func() action { s.fold(); return nil }),
			field(s.keys.Prev, -1), field(s.keys.Up, -1), field(s.keys.Down, 1),
		}
}

// edit takes a key for the field that has the focus.
func (s *findScreen) Edit(k tea.KeyPressMsg) {
	switch {
	case !s.Typing():
	case s.focus == fieldGender:
		s.pressGender(k)
	case s.focus == fieldNumber:
		if s.fields[fieldNumber].PressNumber(k) {
			s.edited()
		}
	case s.fields[s.focus].Press(k):
		s.edited()
	}
}

// offersFlags reports whether the key for the flags that wait does something.
func (s *findScreen) offersFlags() bool {
	return s.focus == focusSearch && (s.flags.waiting > 0 || s.flags.err != nil)
}

// edited takes back what was said of the field that has the focus. Of a number it is known while it is typed whether it can
// still be one.
func (s *findScreen) edited() {
	s.errs[s.focus] = ""
	if s.focus != fieldNumber {
		return
	}
	if err := nhs.CheckTyped(s.fields[fieldNumber].String()); err != nil {
		s.errs[fieldNumber] = formSentence(err)
	}
}

// fold shows all fields, or only those that most searches need. What was typed into the others stays, and is told.
func (s *findScreen) fold() {
	s.form.more = !s.form.more
	switch {
	case s.form.more:
		s.focus = fieldGiven
	case s.focus >= fieldGiven && s.focus < focusSearch:
		s.focus = fieldBorn
	}
}

// move takes the focus n fields on, past those that are folded away.
func (s *findScreen) move(n int) {
	for {
		s.focus = (s.focus + n + focusSearch + 1) % (focusSearch + 1)
		if s.form.more || s.focus < fieldGiven || s.focus == focusSearch {
			return
		}
	}
}

// genderChoices are the values of the gender field, in the order in which the arrows go through them.
var genderChoices = []nhs.Gender{"", nhs.Female, nhs.Male, nhs.OtherGender, nhs.UnknownGender}

// pressGender chooses by arrows, space or first letter.
func (s *findScreen) pressGender(k tea.KeyPressMsg) {
	at := 0
	for i, g := range genderChoices {
		if g == s.genders {
			at = i
		}
	}
	n := len(genderChoices)
	switch k.String() {
	case "right", "space":
		at = (at + 1) % n
	case "left":
		at = (at + n - 1) % n
	case "backspace", "delete":
		at = 0
	case "f", "F":
		at = 1
	case "m", "M":
		at = 2
	case "o", "O":
		at = 3
	case "u", "U", "n", "N":
		at = 4
	}
	s.genders = genderChoices[at]
}
