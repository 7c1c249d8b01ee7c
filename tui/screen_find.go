package tui

import (
	"errors"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
)

// The fields of the form, in their order on the screen. focusSearch is the place after the last: no field has the
// focus, and letters are commands.
const (
	fieldNumber = iota
	fieldFamily
	fieldBorn
	fieldGiven
	fieldGender
	fieldPostcode
	focusSearch
)

// longestName is the most letters a name may have (PDS FHIR R4 API, family and given).
const longestName = 35

// findScreen is the search form: an NHS number, or demographics. Nothing is sent before Enter, and nothing that is known
// to be wrong.
type findScreen struct {
	*common
	roles     bool // there are other roles to change to
	fields    [focusSearch]field
	errs      [focusSearch]string
	focus     int
	asking    bool        // the hub is being asked
	summary   string      // what is being, or was, searched
	none      bool        // the last search found nothing
	tooMany   bool        // or too many
	err       error       // or failed
	genders   nhs.Gender  // chosen
	lastGroup int         // fieldNumber or fieldFamily: where the search began
	refused   *faultWords // why the number found nobody
}

// faultWords is an error's words, kept without the error.
type faultWords struct{ sentence, advice string }

func newFindScreen(c *common, roles bool) *findScreen {
	s := &findScreen{common: c, roles: roles}
	for i, limit := range []int{24, longestName, 24, longestName, 0, 10} {
		s.fields[i] = newField(limit)
	}
	return s
}

func (s *findScreen) typing() bool { return s.focus != focusSearch && !s.asking }

func (s *findScreen) place() place { return atFind }

// digest is what was searched.
func (s *findScreen) digest(w int) pane {
	if n, err := nhs.ParseNumber(s.fields[fieldNumber].String()); err == nil && s.lastGroup == fieldNumber {
		return stack(lines(s.th.label.Render(wordNumber)), paragraph(s.th.plain, n.String(), w))
	}
	return paragraph(s.th.plain, s.summary, w)
}

func (s *findScreen) paste(text string) {
	if s.focus < focusSearch && s.focus != fieldGender {
		s.fields[s.focus].insert(strings.TrimSpace(text))
		s.errs[s.focus] = ""
	}
}

func (s *findScreen) wipe() {
	for i := range s.fields {
		s.fields[i].clear()
	}
	s.errs, s.genders, s.summary = [focusSearch]string{}, "", ""
	s.none, s.tooMany, s.err, s.refused, s.asking = false, false, nil, nil, false
}

// again shows the form once more: empty and with the focus on the NHS number when afresh, else as it was.
func (s *findScreen) again(afresh bool) {
	s.asking = false
	if afresh {
		s.wipe()
		s.focus = fieldNumber
		return
	}
	s.focus = s.lastGroup
}

func (s *findScreen) bindings() (main, minor []key.Binding) {
	if s.asking {
		return []key.Binding{as(s.keys.Esc, wordStop)}, nil
	}
	esc := when(as(s.keys.Esc, wordChangeRole), s.roles)
	if s.focus != focusSearch {
		esc = as(s.keys.Esc, wordLeaveField)
	}
	flags := when(as(s.keys.Flag, wordShowFlags), s.offersFlags())
	return []key.Binding{as(s.keys.Enter, wordSearch), flags, s.keys.Next, esc}, []key.Binding{s.keys.Prev, s.keys.Up, s.keys.Down}
}

func (s *findScreen) press(k tea.KeyPressMsg) action {
	switch {
	case s.asking:
		if key.Matches(k, s.keys.Esc) {
			return actBack{}
		}
	case key.Matches(k, s.keys.Enter):
		return s.enter()
	case key.Matches(k, s.keys.Next, s.keys.Down):
		s.move(1)
	case key.Matches(k, s.keys.Prev, s.keys.Up):
		s.move(-1)
	case s.focus == focusSearch:
		if key.Matches(k, s.keys.Esc) {
			return actBack{}
		}
		if key.Matches(k, s.keys.Flag) && s.offersFlags() {
			return actShowFlags{}
		}
	case key.Matches(k, s.keys.Esc):
		s.tidy()
		s.focus = focusSearch
	case s.focus == fieldGender:
		s.pressGender(k)
	case s.fields[s.focus].press(k):
		s.errs[s.focus] = ""
	}
	return nil
}

// offersFlags reports whether the key for the flags that wait does something.
func (s *findScreen) offersFlags() bool {
	return s.focus == focusSearch && (s.flags.waiting > 0 || s.flags.err != nil)
}

// move takes the focus n fields on.
func (s *findScreen) move(n int) {
	s.tidy()
	s.focus = (s.focus + n + focusSearch + 1) % (focusSearch + 1)
}

// tidy shows what was typed as it is shown everywhere: an NHS number in groups of 3, 3 and 4.
func (s *findScreen) tidy() {
	if n, err := nhs.ParseNumber(s.fields[fieldNumber].String()); err == nil {
		s.fields[fieldNumber].set(n.String())
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

// enter checks the form; only when nothing is wrong with it does it become a search.
func (s *findScreen) enter() action {
	s.tidy()
	s.errs = [focusSearch]string{}
	s.none, s.tooMany, s.err, s.refused = false, false, nil, nil
	if s.byNumber() {
		return s.enterNumber()
	}
	return s.enterNames()
}

// byNumber reports whether the search is by NHS number: one was typed, or nothing was.
func (s *findScreen) byNumber() bool {
	return s.fields[fieldNumber].String() != "" || s.fields[fieldFamily].String() == "" && s.fields[fieldBorn].String() == "" &&
		s.focus == fieldNumber
}

func (s *findScreen) enterNumber() action {
	n, err := nhs.ParseNumber(s.fields[fieldNumber].String())
	switch {
	case err != nil:
		s.errs[fieldNumber] = formSentence(err)
	case s.fields[fieldFamily].String() != "" || s.fields[fieldBorn].String() != "":
		s.errs[fieldNumber] = wordNumberOrName
	default:
		s.lastGroup = fieldNumber
		s.summary = wordsSearchedNumber(n.String())
		return actRetrieve{n}
	}
	s.focus = fieldNumber
	return nil
}

func (s *findScreen) enterNames() action {
	q := client.Query{Family: s.fields[fieldFamily].String(), Given: s.fields[fieldGiven].String(), Gender: s.genders}
	s.errs[fieldFamily] = nameProblem(q.Family, true)
	s.errs[fieldGiven] = nameProblem(q.Given, false)
	var err error
	if q.Born, err = nhs.ParseTyped(s.fields[fieldBorn].String(), nhs.DateOf(s.now())); err != nil {
		s.errs[fieldBorn] = formSentence(err)
	}
	if typed := s.fields[fieldPostcode].String(); typed != "" {
		if q.Postcode, err = nhs.ParsePostcode(typed); err != nil {
			s.errs[fieldPostcode] = formSentence(err)
		}
	}
	for i, e := range s.errs {
		if e != "" {
			s.focus = i
			return nil
		}
	}
	s.fields[fieldBorn].set(q.Born.String())
	s.lastGroup = fieldFamily
	s.asking, s.summary = true, wordsSearched(q)
	return actFind{q}
}

// nameProblem is what is wrong with a name: the hub takes a wildcard only after two letters.
func nameProblem(name string, needed bool) string {
	switch i := strings.IndexByte(name, '*'); {
	case name == "" && needed:
		return wordNeedFamily
	case i >= 0 && i < 2:
		return wordStarTooEarly
	}
	return ""
}

// formSentence is what to show beside a field.
func formSentence(err error) string {
	var f *nhs.FormError
	if errors.As(err, &f) {
		return f.Sentence
	}
	return wordUnknownError
}

// answered takes in what the hub said.
func (s *findScreen) answered(f client.Found, err error) {
	s.asking = false
	s.err = err
	s.tooMany = err == nil && f.TooMany
	s.none = err == nil && !f.TooMany && len(f.Rows) == 0
}

// cancelled forgets the search that was under way.
func (s *findScreen) cancelled() { s.asking = false }

// searched is what was searched, in words.
func (s *findScreen) searched() string { return s.summary }

// numberRefused shows beside the number why it found nobody.
func (s *findScreen) numberRefused(err error) {
	sentence, advice, _ := told(err)
	s.errs[fieldNumber] = sentence
	s.refused = &faultWords{sentence, advice}
	s.focus = fieldNumber
}
