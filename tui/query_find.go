package tui

import (
	"errors"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/tui/step"
)

// enter checks the form; only when nothing is wrong with it does it become a search, as it was typed.
func (s *findScreen) enter() step.Action {
	if s.byNumber() {
		return s.enterNumber()
	}
	return s.search(false)
}

// byNumber reports whether the search is by NHS number: one was typed, or nothing was.
func (s *findScreen) byNumber() bool {
	return s.fields[fieldNumber].String() != "" || s.fields[fieldFamily].String() == "" && s.fields[fieldBorn].String() == "" &&
		s.focus == fieldNumber
}

func (s *findScreen) enterNumber() step.Action {
	s.Forget()
	s.errs = [focusSearch]string{}
	n, err := nhs.ParseNumber(s.fields[fieldNumber].String())
	switch {
	case err != nil:
		s.errs[fieldNumber] = formSentence(err)
	case s.fields[fieldFamily].String() != "" || s.fields[fieldBorn].String() != "":
		s.errs[fieldNumber] = wordNumberOrName
	default:
		s.form.byName = false
		s.summary = wordsSearchedNumber(n.String())
		return step.Retrieve{Number: n}
	}
	s.focus = fieldNumber
	return nil
}

// search is the search by name, as it was typed or the wider one. What is wrong is said beside its field, and then nothing is
// sent.
func (s *findScreen) search(wider bool) step.Action {
	s.Forget()
	s.errs = [focusSearch]string{}
	if wider && s.fields[fieldNumber].String() != "" {
		s.errs[fieldNumber] = wordNumberOrName
	}
	q := s.query(wider)
	if s.errs == [focusSearch]string{} {
		s.lacking(q)
	}
	for i, e := range s.errs {
		if e != "" {
			s.focus = i
			s.form.more = s.form.more || i >= fieldGiven
			return nil
		}
	}
	s.fields[fieldBorn].Set(q.Born.String())
	if !q.BornTo.IsZero() {
		s.fields[fieldBornTo].Set(q.BornTo.String())
	}
	s.form.byName = true
	s.asking, s.wider, s.summary = true, wider, wordsSearched(q)
	return actFind{q}
}

// query reads the fields; what can't be read stands in errs.
func (s *findScreen) query(wider bool) client.Query {
	q := client.Query{Gender: s.genders, Wider: wider}
	read := func(i int, into func(string) error) {
		if typed := s.fields[i].String(); typed != "" {
			if err := into(typed); err != nil {
				s.errs[i] = formSentence(err)
			}
		}
	}
	today := nhs.DateOf(s.Now())
	read(fieldFamily, func(typed string) (err error) { q.Family, err = nhs.ParseName(typed, nhs.FieldFamily); return err })
	read(fieldGiven, func(typed string) (err error) { q.Given, err = nhs.ParseName(typed, nhs.FieldGiven); return err })
	read(fieldBorn, func(typed string) (err error) { q.Born, err = nhs.ParseTyped(typed, today); return err })
	read(fieldBornTo, func(typed string) (err error) { q.BornTo, err = nhs.ParseTyped(typed, today); return err })
	read(fieldPostcode, func(typed string) (err error) { q.Postcode, err = nhs.ParsePostcodePattern(typed); return err })
	if s.fields[fieldBorn].String() == "" {
		_, err := nhs.ParseTyped("", today)
		s.errs[fieldBorn] = formSentence(err)
	}
	if q.Family == "" && !wider && s.errs[fieldFamily] == "" {
		s.errs[fieldFamily] = wordNeedFamily
	}
	return q
}

// lacking says beside a field what keeps the hub from taking the query.
func (s *findScreen) lacking(q client.Query) {
	switch q.Lacks() {
	case client.LacksNothing:
	case client.LacksFamily:
		s.errs[fieldFamily] = wordNeedFamily
	case client.LacksOrder:
		s.errs[fieldBornTo] = wordRangeOrder
	case client.LacksWhole:
		for i, value := range map[int]string{fieldFamily: q.Family, fieldGiven: q.Given, fieldPostcode: q.Postcode} {
			if nhs.Wild(value) {
				s.errs[i] = wordNoStar
			}
		}
	case client.LacksMore:
		i := fieldGiven
		if q.Given != "" {
			i = fieldFamily
		}
		s.errs[i] = wordWiderNeeds
	default:
		s.errs[fieldBorn] = step.WordUnknownError
	}
}

// formSentence is what to show beside a field.
func formSentence(err error) string {
	var f *nhs.FormError
	if errors.As(err, &f) {
		return f.Sentence
	}
	return step.WordUnknownError
}

// answered takes in what the hub said. Once a search as typed was answered the wider one is offered, until the next patient.
func (s *findScreen) answered(f client.Found, err error) {
	s.asking, s.err = false, err
	if err != nil {
		return
	}
	s.widens = true
	switch {
	case f.TooMany:
		s.last = searchTooMany
	case len(f.Rows) == 0:
		s.last = searchNobody
	default:
		s.last = searchFound
	}
}

// cancelled forgets the search that was under way.
func (s *findScreen) cancelled() { s.asking = false }

// searched is what was searched, in words.
func (s *findScreen) searched() string { return s.summary }

// numberRefused shows beside the number why it found nobody.
func (s *findScreen) numberRefused(err error) {
	sentence, advice, _ := step.Explain(err)
	s.errs[fieldNumber] = sentence
	s.refused = &faultWords{sentence, advice}
	s.focus = fieldNumber
}
