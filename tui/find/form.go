// Package find is the step that finds a patient: the search form and the list of what was found.
package find

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/tui/act"
	"wardlight/tui/ask"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// The fields of the form, in their order on the screen. focusSearch is the place after the last: no field has the
// focus, and letters are commands.
const (
	FieldNumber = iota
	FieldFamily
	FieldBorn
	FieldGiven // from here on they are folded away, unless the user has them opened
	FieldBornTo
	FieldGender
	FieldPostcode
	FieldDied
	FocusSearch
)

// Form is the search form: an NHS number, or demographics. Nothing is sent before a key that searches, and nothing that
// is known to be wrong.
type Form struct {
	*step.Common
	roles   bool   // there are other roles to change to
	ActsFor string // the organisation that the role is of, where it has to be said; else ""
	Fields  [FocusSearch]draw.Field
	Errs    [FocusSearch]string
	Genders nhs.Gender // chosen
	Focus   int
	Prefs   Prefs
	Asking  ask.Question[client.Found]
	unsent  bool        // something was typed since the last search
	Summary string      // what is being, or was, searched
	Last    outcome     // of the last search
	Wider   bool        // the last search was the wider one
	Widens  bool        // the wider one is offered: a search as typed was answered
	err     error       // why the last search failed
	refused *faultWords // why the number found nobody
}

// Prefs is how somebody searches, with nothing in it of whom they search for.
type Prefs struct {
	byName bool // the last search was by name
	More   bool // all fields are shown
}

// outcome is what a search came to.
type outcome int

// The outcomes. searchFound has put a list on top of the form; back on the form it says that the one meant may be
// missing.
const (
	NotSearched outcome = iota
	searchFound
	searchNobody
	searchTooMany
)

// faultWords is an error's words, kept without the error.
type faultWords struct{ sentence, advice string }

// maxRange is the most letters of a date or range of dates, as in "4th of September 2016 to 10th of September 2016".
const maxRange = 60

// NewForm returns an empty form as its user likes it.
func NewForm(c *step.Common, roles bool, form Prefs) *Form {
	s := &Form{Common: c, roles: roles, Prefs: form}
	for i, limit := range []int{24, nhs.LongestName, maxRange, nhs.LongestName, 24, 0, 10, maxRange} {
		s.Fields[i] = draw.NewField(limit)
	}
	s.Focus = s.first()
	return s
}

// first returns the field in which this user begins.
func (s *Form) first() int {
	if s.Prefs.byName {
		return FieldFamily
	}
	return FieldNumber
}

// Typing reports whether a field has the focus.
func (s *Form) Typing() bool { return s.Focus != FocusSearch && !s.Asking.Pending() }

// Unfinished reports whether something was typed that has not been searched yet, or a search is under way.
func (s *Form) Unfinished() bool {
	filled := s.Genders != ""
	for i := range s.Fields {
		filled = filled || s.Fields[i].String() != ""
	}
	return s.Asking.Pending() || s.unsent && filled
}

// TakeNumber puts an NHS number into the empty form, as if it had been typed, and returns what Enter does then.
func (s *Form) TakeNumber(n nhs.Number) step.Action {
	s.Again(true)
	s.Focus = FieldNumber
	s.Fields[FieldNumber].Set(n.String())
	return s.Enter()
}

// Place returns where the screen stands between the search and the opened alert.
func (s *Form) Place() draw.Place { return draw.AtFind }

// Digest returns what was searched.
func (s *Form) Digest(w int) draw.Pane {
	if n, err := nhs.ParseNumber(s.Fields[FieldNumber].String()); err == nil && !s.Prefs.byName {
		return draw.Stack(draw.Lines(s.Styles.Label.Render(step.WordNumber)), draw.Paragraph(s.Styles.Plain, n.String(), w))
	}
	return draw.Paragraph(s.Styles.Plain, s.Summary, w)
}

// Paste takes pasted text for the field that has the focus.
func (s *Form) Paste(text string) {
	if s.Focus < FocusSearch && s.Focus != FieldGender {
		s.Fields[s.Focus].Insert(strings.TrimSpace(text))
		if s.Focus == FieldNumber {
			s.Fields[FieldNumber].Group()
		}
		s.edited()
	}
}

// Wipe drops what was typed and shown.
func (s *Form) Wipe() {
	for i := range s.Fields {
		s.Fields[i].Clear()
	}
	s.Errs, s.Genders = [FocusSearch]string{}, ""
	s.Forget()
	s.Widens, s.unsent = false, false
}

// Forget drops what the last search came to.
func (s *Form) Forget() {
	s.Asking.Drop()
	s.Summary, s.Last, s.Wider, s.err, s.refused = "", NotSearched, false, nil, nil
}

// Again shows the form once more: empty when afresh, else as it was.
func (s *Form) Again(afresh bool) {
	s.Asking.Drop()
	if afresh {
		s.Wipe()
	}
	s.Focus = s.first()
}

// Commands returns what can be done here.
func (s *Form) Commands() (main, minor []act.Command) {
	back := step.Effect(step.Back{})
	if s.Asking.Pending() {
		return []act.Command{step.Command(step.As(s.Keys.Esc, wordStop), back)}, nil
	}
	esc := step.Command(step.When(step.As(s.Keys.Esc, wordChangeRole), s.roles), back)
	if s.Focus != FocusSearch {
		esc = step.Command(step.As(s.Keys.Esc, wordLeaveField), func() step.Action { s.Focus = FocusSearch; return nil })
	}
	more := s.Keys.More
	if s.Prefs.More {
		more = step.As(more, wordFewerFields)
	}
	field := func(b key.Binding, n int) act.Command {
		return step.Command(b, func() step.Action { s.move(n); return nil })
	}
	main = []act.Command{
		step.Command(step.As(s.Keys.Enter, wordSearch), s.Enter),
		step.Command(step.When(s.Keys.Wider, s.Widens), s.SearchWider),
		step.Command(step.When(step.As(s.Keys.Flag, wordShowFlags), s.offersFlags()), step.Effect(ShowFlags{})),
		field(s.Keys.Next, 1), esc,
	}
	minor = []act.Command{
		step.Command(more, func() step.Action { s.fold(); return nil }),
		field(s.Keys.Prev, -1), field(s.Keys.Up, -1), field(s.Keys.Down, 1),
		step.Command(step.When(s.Keys.Empty, s.Focus != FocusSearch), func() step.Action { s.empty(); return nil }),
	}
	return main, minor
}

// Edit takes a key for the field that has the focus.
func (s *Form) Edit(k tea.KeyPressMsg) {
	switch {
	case !s.Typing():
	case s.Focus == FieldGender:
		s.pressGender(k)
	case s.Focus == FieldNumber:
		if s.Fields[FieldNumber].PressNumber(k) {
			s.edited()
		}
	case s.Fields[s.Focus].Press(k):
		s.edited()
	}
}

// empty empties the field that has the focus.
func (s *Form) empty() {
	if s.Focus == FieldGender {
		s.Genders, s.unsent = "", true
		return
	}
	s.Fields[s.Focus].Clear()
	s.edited()
}

// offersFlags reports whether the key for the flags that wait does something.
func (s *Form) offersFlags() bool {
	return s.Focus == FocusSearch && (s.Flags.Waiting > 0 || s.Flags.Err != nil)
}

// edited takes back what was said of the field that has the focus. Of a number it is known while it is typed whether
// it can still be one.
func (s *Form) edited() {
	s.Errs[s.Focus], s.unsent = "", true
	if s.Focus != FieldNumber {
		return
	}
	if err := nhs.CheckTyped(s.Fields[FieldNumber].String()); err != nil {
		s.Errs[FieldNumber] = formSentence(err)
	}
}

// fold shows all fields, or only those that most searches need. What was typed into the others stays, and is told.
func (s *Form) fold() {
	s.Prefs.More = !s.Prefs.More
	switch {
	case s.Prefs.More:
		s.Focus = FieldGiven
	case s.Focus >= FieldGiven && s.Focus < FocusSearch:
		s.Focus = FieldBorn
	}
}

// move takes the focus n fields on, past those that are folded away.
func (s *Form) move(n int) {
	for {
		s.Focus = (s.Focus + n + FocusSearch + 1) % (FocusSearch + 1)
		if s.Prefs.More || s.Focus < FieldGiven || s.Focus == FocusSearch {
			return
		}
	}
}

// GenderChoices are the values of the gender field, in the order in which the arrows go through them. The first is any,
// which is not sent.
var GenderChoices = []nhs.Gender{"", nhs.Female, nhs.Male, nhs.OtherGender, nhs.UnknownGender}

// genderName returns a choice as it is shown.
func genderName(g nhs.Gender) string {
	if g == "" {
		return wordAnyGender
	}
	return g.Display()
}

// GenderNames returns the names of the choices.
func GenderNames() []string {
	var names []string
	for _, g := range GenderChoices {
		names = append(names, genderName(g))
	}
	return names
}

// GenderOf returns the choice whose name, or whose code, begins with a word in any case; any for no word. It reports
// false where there is none.
func GenderOf(word string) (nhs.Gender, bool) {
	word = strings.ToLower(word)
	for _, g := range GenderChoices {
		if strings.HasPrefix(strings.ToLower(genderName(g)), word) || strings.HasPrefix(string(g), word) {
			return g, true
		}
	}
	return "", false
}

// pressGender chooses by arrows, space or first letter.
func (s *Form) pressGender(k tea.KeyPressMsg) {
	s.unsent = true
	at := 0
	for i, g := range GenderChoices {
		if g == s.Genders {
			at = i
		}
	}
	n := len(GenderChoices)
	switch k.String() {
	case "right", "space":
		at = (at + 1) % n
	case "left":
		at = (at + n - 1) % n
	case "backspace", "delete", "a", "A":
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
	s.Genders = GenderChoices[at]
}

// Failing reports whether the screen shows a failure.
func (s *Form) Failing() bool { return !s.Asking.Pending() && (s.err != nil || s.Flags.Err != nil) }
