package corrupt

import (
	"math/rand/v2"
	"time"

	"wardlight/internal/nhs"
)

// Names lists the names from which replacements are chosen.
type Names struct{ Family, Given []string }

// Heavily corrupts typed details like FEBRL's generator. Each field is changed independently: with up to three slips,
// by another value, or by removing it. Sometimes both names are swapped. The frequencies are those of FEBRL's first
// set. The gender is not changed.
func Heavily(r *rand.Rand, t *Typed, names Names) {
	chance := func(percent int) bool { return r.IntN(100) < percent }
	name := func(name *string, from []string, replaced, missing, slipped int) {
		switch draw := r.IntN(100); {
		case draw < replaced:
			*name = from[r.IntN(len(from))]
		case draw < replaced+missing:
			*name = ""
		case draw < replaced+missing+slipped:
			for range 1 + r.IntN(4)/2 { // one or two slips, rarely three
				slip(r, name)
			}
			if chance(5) {
				slip(r, name)
			}
		}
	}

	name(&t.Family, names.Family, 5, 2, 18)
	name(&t.Given, names.Given, 7, 3, 13)
	if chance(7) {
		t.Family, t.Given = t.Given, t.Family
	}

	switch draw := r.IntN(100); {
	case draw < 4:
		t.Born = Birth(r)
	case draw < 7:
		t.Born = digitsWrong(r, t.Born)
	case draw < 11:
		t.Born = nhs.Date{}
	}

	if t.Postcode == "" {
		return
	}

	switch draw := r.IntN(100); {
	case draw < 16:
		letters := []byte(t.Postcode)
		i := r.IntN(len(letters) - 1)
		letters[i], letters[i+1] = letters[i+1], letters[i]
		t.Postcode = string(letters)
	case draw < 18:
		t.Postcode = "YZ9 9ZZ"
	}
}

// slip makes a typing error, or inserts a space into the name.
func slip(r *rand.Rand, name *string) {
	if letters := []rune(*name); r.IntN(10) == 0 && len(letters) > 2 {
		i := 1 + r.IntN(len(letters)-1)
		*name = string(letters[:i]) + " " + string(letters[i:])
		return
	}
	misspell(r, name)
}

// Birth returns a random day of the twentieth century, as in FEBRL's sets.
func Birth(r *rand.Rand) nhs.Date {
	return nhs.DateOf(time.Date(1900, time.January, 1+r.IntN(36_524), 0, 0, 0, 0, time.UTC))
}

// digitsWrong replaces one or two digits of a date. It returns the zero date if the result doesn't exist.
func digitsWrong(r *rand.Rand, d nhs.Date) nhs.Date {
	text := []byte(d.FHIR())
	for range 1 + r.IntN(2) {
		i := r.IntN(len(text))
		for text[i] == '-' {
			i = r.IntN(len(text))
		}
		text[i] = byte('0' + r.IntN(10))
	}
	wrong, err := nhs.ParseDate(string(text))
	if err != nil {
		return nhs.Date{}
	}
	return wrong
}
