// Package find has the screens that find a patient: the search form and the list of results.
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

// The fields of the form, in their order on the screen. FocusSearch is the position after the last field: no field has
// the focus, and letters are commands.
const (
	FieldNumber = iota
	FieldFamily
	FieldBorn
	FieldGiven // this and the following fields are hidden unless the user shows all
	FieldBornTo
	FieldGender
	FieldPostcode
	FieldDied
	FocusSearch
)

// Form is the search form: an NHS number, or demographics. It sends nothing before the user presses a key that
// searches, and nothing that is known to be invalid.
type Form struct {
	*step.Common
	roles        bool   // the user has other roles to change to
	ActsFor      string // the organisation of the role, if it must be shown, or ""
	Fields       [FocusSearch]draw.Field
	Errs         [FocusSearch]string
	Genders      nhs.Gender // the chosen gender
	Focus        int
	Prefs        Prefs
	Asking       ask.Request[client.Found]
	unsent       bool       // something was typed since the last search
	Summary      string     // description of the current or last search
	Last         outcome    // result of the last search
	Wider        bool       // the last search was a wider one
	WiderOffered bool       // the wider search is offered, because a search as typed was answered
	err          error      // why the last search failed
	refused      *errorText // the texts of the error about the NHS number
}

// Prefs is a user's search preferences. It contains no patient data.
type Prefs struct {
	byName bool // the last search was by name
	More   bool // all fields are shown
}

// outcome is the result of a search.
type outcome int

// The outcomes. After searchFound the results are shown; when the user returns, the form says that the patient may be
// missing from them.
const (
	NotSearched outcome = iota
	searchFound
	searchNobody
	searchTooMany
)

// errorText is the texts of an error.
type errorText struct{ sentence, advice string }

// maxRange is the maximum length of a date or a range of dates, as in "4th of September 2016 to 10th of September
// 2016".
const maxRange = 60

// NewForm returns an empty form with the user's preferences.
func NewForm(c *step.Common, roles bool, form Prefs) *Form {
	s := &Form{Common: c, roles: roles, Prefs: form}
	for i, limit := range []int{24, nhs.MaxNameLength, maxRange, nhs.MaxNameLength, 24, 0, 10, maxRange} {
		s.Fields[i] = draw.NewField(limit)
	}
	s.Focus = s.first()
	return s
}

// first returns the field that has the focus at the start.
func (s *Form) first() int {
	if s.Prefs.byName {
		return FieldFamily
	}
	return FieldNumber
}

// Typing reports whether a field has the focus.
func (s *Form) Typing() bool { return s.Focus != FocusSearch && !s.Asking.Pending() }

// Unfinished reports whether text was typed since the last search, or a search is running.
func (s *Form) Unfinished() bool {
	filled := s.Genders != ""
	for i := range s.Fields {
		filled = filled || s.Fields[i].String() != ""
	}
	return s.Asking.Pending() || s.unsent && filled
}

// TakeNumber empties the form and sets the NHS number, as if it had been typed, and returns the action of Enter.
func (s *Form) TakeNumber(n nhs.Number) step.Action {
	s.Reset(true)
	s.Focus = FieldNumber
	s.Fields[FieldNumber].Set(n.String())
	return s.Enter()
}

// Place returns the step that the screen belongs to.
func (s *Form) Place() draw.Place { return draw.AtFind }

// Digest returns what was searched for, w cells wide.
func (s *Form) Digest(w int) draw.Pane {
	if n, err := nhs.ParseNumber(s.Fields[FieldNumber].String()); err == nil && !s.Prefs.byName {
		return draw.Stack(draw.Lines(s.Styles.Label.Render(step.WordNumber)), draw.Paragraph(s.Styles.Plain, n.String(),
			w))
	}
	return draw.Paragraph(s.Styles.Plain, s.Summary, w)
}

// Paste inserts pasted text into the field with the focus.
func (s *Form) Paste(text string) {
	if s.Focus < FocusSearch && s.Focus != FieldGender {
		s.Fields[s.Focus].Insert(strings.TrimSpace(text))
		if s.Focus == FieldNumber {
			s.Fields[FieldNumber].Group()
		}
		s.edited()
	}
}

// Wipe clears the form and the result of the last search.
func (s *Form) Wipe() {
	for i := range s.Fields {
		s.Fields[i].Clear()
	}
	s.Errs, s.Genders = [FocusSearch]string{}, ""
	s.Forget()
	s.WiderOffered, s.unsent = false, false
}

// Forget clears the result of the last search.
func (s *Form) Forget() {
	s.Asking.Drop()
	s.Summary, s.Last, s.Wider, s.err, s.refused = "", NotSearched, false, nil, nil
}

// Reset shows the form again. If afresh is set, the form is emptied.
func (s *Form) Reset(afresh bool) {
	s.Asking.Drop()
	if afresh {
		s.Wipe()
	}
	s.Focus = s.first()
}

// Commands returns the main and the minor commands of the screen.
func (s *Form) Commands() (main, minor []act.Command) {
	back := step.Effect(step.Back{})
	if s.Asking.Pending() {
		return []act.Command{step.Command(step.As(s.Keys.Esc, wordStop), back)}, nil
	}

	esc := step.Command(step.When(step.As(s.Keys.Esc, wordChangeRole), s.roles), back)
	if s.Focus != FocusSearch {
		esc = step.Command(step.As(s.Keys.Esc, wordLeaveField), func() step.Action {
			s.Focus = FocusSearch
			return nil
		})
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
		step.Command(step.When(s.Keys.Wider, s.WiderOffered), s.SearchWider),
		step.Command(step.When(step.As(s.Keys.Flag, wordShowFlags), s.offersFlags()), step.Effect(ShowFlags{})),
		field(s.Keys.Next, 1), esc,
	}

	minor = []act.Command{
		step.Command(more, func() step.Action { s.toggleFields(); return nil }),
		field(s.Keys.Prev, -1), field(s.Keys.Up, -1), field(s.Keys.Down, 1),
		step.Command(step.When(s.Keys.Empty, s.Focus != FocusSearch), func() step.Action { s.empty(); return nil }),
	}

	return main, minor
}

// Edit handles a key for the field with the focus.
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

// empty clears the field with the focus.
func (s *Form) empty() {
	if s.Focus == FieldGender {
		s.Genders, s.unsent = "", true
		return
	}
	s.Fields[s.Focus].Clear()
	s.edited()
}

// offersFlags reports whether the key for the pending flags is available.
func (s *Form) offersFlags() bool {
	return s.Focus == FocusSearch && (s.Flags.Waiting > 0 || s.Flags.Err != nil)
}

// edited clears the error of the field with the focus. An NHS number is checked while it is typed.
func (s *Form) edited() {
	s.Errs[s.Focus], s.unsent = "", true
	if s.Focus != FieldNumber {
		return
	}
	if err := nhs.CheckTyped(s.Fields[FieldNumber].String()); err != nil {
		s.Errs[FieldNumber] = formSentence(err)
	}
}

// toggleFields shows all fields, or only those that most searches need. The contents of hidden fields are kept and
// summarised.
func (s *Form) toggleFields() {
	s.Prefs.More = !s.Prefs.More
	switch {
	case s.Prefs.More:
		s.Focus = FieldGiven
	case s.Focus >= FieldGiven && s.Focus < FocusSearch:
		s.Focus = FieldBorn
	}
}

// move moves the focus by n fields, skipping hidden ones.
func (s *Form) move(n int) {
	for {
		s.Focus = (s.Focus + n + FocusSearch + 1) % (FocusSearch + 1)
		if s.Prefs.More || s.Focus < FieldGiven || s.Focus == FocusSearch {
			return
		}
	}
}

// GenderChoices are the values of the gender field, in the order of the arrow keys. The first means any, and is not
// sent.
var GenderChoices = []nhs.Gender{"", nhs.Female, nhs.Male, nhs.OtherGender, nhs.UnknownGender}

// genderName returns the name of a choice.
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

// GenderOf returns the choice whose name or code begins with word, ignoring case. "" means any. It reports false if
// there is none.
func GenderOf(word string) (nhs.Gender, bool) {
	word = strings.ToLower(word)
	for _, g := range GenderChoices {
		if strings.HasPrefix(strings.ToLower(genderName(g)), word) || strings.HasPrefix(string(g), word) {
			return g, true
		}
	}
	return "", false
}

// pressGender changes the gender by arrow keys, space or first letter.
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
