package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/nhs"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
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
	*step.Common
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
func newFindScreen(c *step.Common, roles bool, form habit) *findScreen {
	s := &findScreen{Common: c, roles: roles, form: form}
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
		return draw.Stack(draw.Lines(s.Styles.Label.Render(step.WordNumber)), draw.Paragraph(s.Styles.Plain, n.String(), w))
	}
	return draw.Paragraph(s.Styles.Plain, s.summary, w)
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
	s.Forget()
	s.widens = false
}

// Forget drops what the last search came to.
func (s *findScreen) Forget() {
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
	back := step.Effect(step.Back{})
	if s.asking {
		return []act.Command{step.Command(step.As(s.Keys.Esc, wordStop), back)}, nil
	}
	esc := step.Command(step.When(step.As(s.Keys.Esc, wordChangeRole), s.roles), back)
	if s.focus != focusSearch {
		esc = step.Command(step.As(s.Keys.Esc, wordLeaveField), func() step.Action { s.focus = focusSearch; return nil })
	}
	more := s.Keys.More
	if s.form.more {
		more = step.As(more, wordFewerFields)
	}
	field := func(b key.Binding, n int) act.Command {
		return step.Command(b, func() step.Action { s.move(n); return nil })
	}
	return []act.Command{
			step.Command(step.As(s.Keys.Enter, wordSearch), s.enter),
			step.Command(step.When(s.Keys.Wider, s.widens), func() step.Action { return s.search(true) }),
			step.Command(step.When(step.As(s.Keys.Flag, wordShowFlags), s.offersFlags()), step.Effect(actShowFlags{})),
			field(s.Keys.Next, 1), esc,
		}, []act.Command{
			step.Command(more, func() step.Action { s.fold(); return nil }),
			field(s.Keys.Prev, -1), field(s.Keys.Up, -1), field(s.Keys.Down, 1),
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
	return s.focus == focusSearch && (s.Flags.Waiting > 0 || s.Flags.Err != nil)
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
