package find

import (
	"errors"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/tui/step"
)

// Enter checks the form; only when nothing is wrong with it does it become a search, as it was typed.
func (s *Form) Enter() step.Action {
	s.moveNumber()
	if s.byNumber() {
		return s.enterNumber()
	}
	return s.search(false)
}

// byNumber reports whether the search is by NHS number: one was typed, or nothing was.
func (s *Form) byNumber() bool {
	return s.Fields[FieldNumber].String() != "" || s.Fields[FieldFamily].String() == "" && s.Fields[FieldBorn].String() == "" &&
		s.Focus == FieldNumber
}

// moveNumber moves an NHS number that was typed as the family name to its own field. After a search by name the form
// begins with the name, and no name is made of digits alone.
func (s *Form) moveNumber() {
	if typed := s.Fields[FieldFamily].String(); s.Fields[FieldNumber].String() == "" && nhs.LooksLikeNumber(typed) {
		s.Fields[FieldNumber].Set(typed)
		s.Fields[FieldNumber].Group()
		s.Fields[FieldFamily].Clear()
	}
}

// enterNumber returns the retrieval of the number that was typed. What is wrong with it is said beside its field, and
// then nothing is sent.
func (s *Form) enterNumber() step.Action {
	s.Forget()
	s.Errs = [FocusSearch]string{}
	n, err := nhs.ParseNumber(s.Fields[FieldNumber].String())
	switch {
	case err != nil:
		s.Errs[FieldNumber] = formSentence(err)
	case s.Fields[FieldFamily].String() != "" || s.Fields[FieldBorn].String() != "":
		s.Errs[FieldNumber] = wordNumberOrName
	default:
		s.Prefs.byName, s.unsent = false, false
		s.Summary = wordsSearchedNumber(n.String())
		return step.Retrieve{Number: n}
	}
	s.Focus = FieldNumber
	return nil
}

// SearchWider returns the wider search by what was typed; nil where something is missing for it.
func (s *Form) SearchWider() step.Action { return s.search(true) }

// search returns the search by name, as it was typed or the wider one. What is wrong is said beside its field, and
// then nothing is sent.
func (s *Form) search(wider bool) step.Action {
	s.Forget()
	s.Errs = [FocusSearch]string{}
	s.moveNumber()
	if wider && s.Fields[FieldNumber].String() != "" {
		s.Errs[FieldNumber] = wordNumberOrName
	}
	q := s.query(wider)
	if s.Errs == [FocusSearch]string{} {
		s.lacking(q)
	}
	for i, e := range s.Errs {
		if e != "" {
			s.Focus = i
			s.Prefs.More = s.Prefs.More || i >= FieldGiven
			return nil
		}
	}
	s.showDates(q)
	s.Prefs.byName, s.unsent = true, false
	s.Wider, s.Summary = wider, wordsSearched(q)
	return Search{q}
}

// showDates shows in the fields what their dates were taken as, with the months in letters.
func (s *Form) showDates(q client.Query) {
	born := daysOf(q.Born, q.BornTo)
	if s.Fields[FieldBornTo].String() != "" {
		s.Fields[FieldBornTo].Set(q.BornTo.String())
		born.To = born.From
	}
	s.Fields[FieldBorn].Set(born.String())
	if !q.Died.IsZero() {
		s.Fields[FieldDied].Set(daysOf(q.Died, q.DiedTo).String())
	}
}

// query reads the fields; what can't be read stands in errs.
func (s *Form) query(wider bool) client.Query {
	q := client.Query{Gender: s.Genders, Wider: wider}
	read := func(i int, into func(string) error) {
		if typed := s.Fields[i].String(); typed != "" {
			if err := into(typed); err != nil {
				s.Errs[i] = formSentence(err)
			}
		}
	}
	today := nhs.DateOf(s.Now())
	read(FieldFamily, func(typed string) (err error) { q.Family, err = nhs.ParseName(typed, nhs.FieldFamily); return err })
	read(FieldGiven, func(typed string) (err error) { q.Given, err = nhs.ParseName(typed, nhs.FieldGiven); return err })
	read(FieldBorn, func(typed string) error {
		days, err := nhs.ParseBirth(typed, today)
		if q.Born = days.From; !days.One() {
			q.BornTo = days.To
		}
		return err
	})
	read(FieldBornTo, func(typed string) (err error) {
		if !q.BornTo.IsZero() {
			return &nhs.FormError{Field: nhs.FieldBorn, Sentence: wordRangeTwice}
		}
		q.BornTo, err = nhs.ParseTyped(typed, today)
		return err
	})
	read(FieldDied, func(typed string) error {
		days, err := nhs.ParseDeath(typed, today)
		if q.Died = days.From; !days.One() {
			q.DiedTo = days.To
		}
		return err
	})
	read(FieldPostcode, func(typed string) (err error) { q.Postcode, err = nhs.ParsePostcodePattern(typed); return err })
	if s.Fields[FieldBorn].String() == "" {
		_, err := nhs.ParseTyped("", today)
		s.Errs[FieldBorn] = formSentence(err)
	}
	if q.Family == "" && !wider && s.Errs[FieldFamily] == "" {
		s.Errs[FieldFamily] = wordNeedFamily
	}
	return q
}

// lacking says beside a field what keeps the hub from taking the query.
func (s *Form) lacking(q client.Query) {
	switch q.Lacks() {
	case client.LacksNothing:
	case client.LacksFamily:
		s.Errs[FieldFamily] = wordNeedFamily
	case client.LacksOrder:
		s.Errs[FieldBornTo] = wordBeforeBirth
	case client.LacksDiedLater:
		s.Errs[FieldDied] = wordBeforeBirth
	case client.LacksWhole:
		for i, value := range map[int]string{FieldFamily: q.Family, FieldGiven: q.Given, FieldPostcode: q.Postcode} {
			if nhs.Wild(value) {
				s.Errs[i] = wordNoStar
			}
		}
	case client.LacksMore:
		i := FieldGiven
		if q.Given != "" {
			i = FieldFamily
		}
		s.Errs[i] = wordWiderNeeds
	default:
		s.Errs[FieldBorn] = step.WordUnknownError
	}
}

// formSentence returns what to show beside a field.
func formSentence(err error) string {
	var f *nhs.FormError
	if errors.As(err, &f) {
		return f.Sentence
	}
	return step.WordUnknownError
}

// Answered takes in what the hub said. Once a search as typed was answered the wider one is offered, until the next
// patient.
func (s *Form) Answered(f client.Found, err error) {
	s.err = err
	if err != nil {
		return
	}
	s.Widens = true
	switch {
	case f.TooMany:
		s.Last = searchTooMany
	case len(f.Rows) == 0:
		s.Last = searchNobody
	default:
		s.Last = searchFound
	}
}

// Searched returns what was searched, in words.
func (s *Form) Searched() string { return s.Summary }

// NumberRefused shows beside the number why it found nobody.
func (s *Form) NumberRefused(err error) {
	sentence, advice, _ := step.Explain(err)
	s.Errs[FieldNumber] = sentence
	s.refused = &faultWords{sentence, advice}
	s.Focus = FieldNumber
}
