package find

import (
	"errors"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/tui/step"
)

// Enter checks the form and returns the action that searches as typed. It returns nil if a field is invalid.
func (s *Form) Enter() step.Action {
	s.moveNumber()
	if s.byNumber() {
		return s.enterNumber()
	}
	return s.search(false)
}

// byNumber reports whether the search is by NHS number: one was typed, or the form is empty and that field has the
// focus.
func (s *Form) byNumber() bool {
	return s.Fields[FieldNumber].String() != "" || s.Fields[FieldFamily].String() == "" &&
		s.Fields[FieldBorn].String() == "" &&
		s.Focus == FieldNumber
}

// moveNumber moves an NHS number that was typed as family name to its own field. After a search by name the form
// starts at the name, and names do not consist of digits.
func (s *Form) moveNumber() {
	if typed := s.Fields[FieldFamily].String(); s.Fields[FieldNumber].String() == "" && nhs.LooksLikeNumber(typed) {
		s.Fields[FieldNumber].Set(typed)
		s.Fields[FieldNumber].Group()
		s.Fields[FieldFamily].Clear()
	}
}

// enterNumber returns the action that retrieves the typed number. If it is invalid, the error is shown beside its
// field and the action is nil.
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

// SearchWider returns the action for a wider search, or nil if a field is missing or invalid.
func (s *Form) SearchWider() step.Action { return s.search(true) }

// search returns the action for a search by name, as typed or wider. If a field is invalid, the error is shown beside
// it and the action is nil.
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

// showDates replaces the typed dates by the dates as they were read, with the months in letters.
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

// query reads the fields. Errors are stored in s.Errs.
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
	read(FieldFamily, func(typed string) (err error) {
		q.Family, err = nhs.ParseName(typed, nhs.FieldFamily)
		return err
	})

	read(FieldGiven, func(typed string) (err error) { q.Given, err = nhs.ParseName(typed, nhs.FieldGiven); return err })

	read(FieldBorn, func(typed string) error {
		days, err := nhs.ParseBirth(typed, today)
		if q.Born = days.From; !days.IsSingleDay() {
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
		if q.Died = days.From; !days.IsSingleDay() {
			q.DiedTo = days.To
		}
		return err
	})

	read(FieldPostcode, func(typed string) (err error) {
		q.Postcode, err = nhs.ParsePostcodePattern(typed)
		return err
	})

	if s.Fields[FieldBorn].String() == "" {
		_, err := nhs.ParseTyped("", today)
		s.Errs[FieldBorn] = formSentence(err)
	}

	if q.Family == "" && !wider && s.Errs[FieldFamily] == "" {
		s.Errs[FieldFamily] = wordNeedFamily
	}

	return q
}

// lacking shows beside a field why the hub would reject the query.
func (s *Form) lacking(q client.Query) {
	switch q.Lacks() {
	case client.LacksNothing:
	case client.LacksFamily:
		s.Errs[FieldFamily] = wordNeedFamily
	case client.LacksOrder:
		s.Errs[FieldBornTo] = wordBeforeBirth
	case client.LacksDiedLater:
		s.Errs[FieldDied] = wordBeforeBirth
	case client.HasWildcard:
		for i, value := range map[int]string{FieldFamily: q.Family, FieldGiven: q.Given, FieldPostcode: q.Postcode} {
			if nhs.HasWildcard(value) {
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

// formSentence returns the text of an error about a field.
func formSentence(err error) string {
	var f *nhs.FormError
	if errors.As(err, &f) {
		return f.Sentence
	}
	return step.WordUnknownError
}

// Answered handles the hub's answer. After an answer to a search as typed, the wider search is offered until the next
// patient.
func (s *Form) Answered(f client.Found, err error) {
	s.err = err
	if err != nil {
		return
	}
	s.WiderOffered = true
	switch {
	case f.TooMany:
		s.Last = searchTooMany
	case len(f.Rows) == 0:
		s.Last = searchNobody
	default:
		s.Last = searchFound
	}
}

// Searched returns a description of the last search.
func (s *Form) Searched() string { return s.Summary }

// NumberRefused shows an error about the NHS number beside its field.
func (s *Form) NumberRefused(err error) {
	sentence, advice, _ := step.Explain(err)
	s.Errs[FieldNumber] = sentence
	s.refused = &errorText{sentence, advice}
	s.Focus = FieldNumber
}
