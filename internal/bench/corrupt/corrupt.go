// Package corrupt generates from a patient's record what a user may type instead: the details of the same person with
// one mistake.
//
// It is independent of the hub's search and has its own lists, so that neither is tuned to the other (docs/trace.md).
package corrupt

import (
	"math/rand/v2"
	"strings"
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Typed is the typed details. Gender and Postcode are "" if they were not typed.
type Typed struct {
	Family, Given, Gender, Postcode string
	Born                            nhs.Date
}

// Kind is a kind of mistake.
type Kind struct {
	Name string
	Rare bool // applies only to rare names

	apply func(r *rand.Rand, p *fhir.Patient, t *Typed) bool
}

// Kinds returns the kinds of mistake in the order of reports.
func Kinds() []Kind {
	return []Kind{
		{Name: "nothing wrong", apply: func(*rand.Rand, *fhir.Patient, *Typed) bool { return true }},
		{Name: "family misspelt", apply: func(r *rand.Rand, _ *fhir.Patient, t *Typed) bool {
			return misspell(r, &t.Family)
		}},
		{Name: "given misspelt", apply: func(r *rand.Rand, _ *fhir.Patient, t *Typed) bool {
			return misspell(r, &t.Given)
		}},
		{Name: "both misspelt", apply: func(r *rand.Rand, _ *fhir.Patient, t *Typed) bool {
			return misspell(r, &t.Family) && misspell(r, &t.Given)
		}},
		{Name: "family by ear", apply: func(r *rand.Rand, _ *fhir.Patient, t *Typed) bool {
			return byEar(r, &t.Family)
		}},
		{Name: "given by ear", apply: func(r *rand.Rand, _ *fhir.Patient, t *Typed) bool {
			return givenByEar(r, &t.Given)
		}},
		{Name: "names changed over", apply: func(_ *rand.Rand, _ *fhir.Patient, t *Typed) bool {
			t.Family, t.Given = t.Given, t.Family
			return t.Family != t.Given
		}},
		{Name: "day and month changed over", apply: swapDayMonth},
		{Name: "a digit of the year", apply: yearDigit},
		{Name: "a digit of the day", apply: dayDigit},
		{Name: "diminutive", apply: func(r *rand.Rand, _ *fhir.Patient, t *Typed) bool { return shorten(r, &t.Given) }},
		{Name: "middle name for first", apply: func(_ *rand.Rand, p *fhir.Patient, t *Typed) bool {
			if len(p.Name[0].Given) < 2 {
				return false
			}
			t.Given = p.Name[0].Given[1]
			return true
		}},
		{Name: "family misspelt, year wrong", apply: func(r *rand.Rand, p *fhir.Patient, t *Typed) bool {
			return misspell(r, &t.Family) && yearDigit(r, p, t)
		}},
		{Name: "double-barrelled", Rare: true, apply: doubleBarrel},
		{Name: "apostrophe", Rare: true, apply: apostrophe},
		{Name: "non-English", Rare: true, apply: foreign},
		{Name: "old name", Rare: true, apply: func(_ *rand.Rand, p *fhir.Patient, t *Typed) bool {
			for _, n := range p.Name {
				if fhir.FormerName(n.Use) {
					t.Family = n.Family
					return n.Family != p.Name[0].Family
				}
			}
			return false
		}},
	}
}

// Type returns the patient's details with the mistake, or false if it can't be made for this patient. Half of the
// results have a postcode, a tenth of those a former one; a third have the gender.
func (k Kind) Type(r *rand.Rand, p *fhir.Patient) (Typed, bool) {
	born, err := nhs.ParseDate(p.BirthDate)
	if err != nil || len(p.Name) == 0 || len(p.Name[0].Given) == 0 {
		return Typed{}, false
	}
	t := Typed{Family: p.Name[0].Family, Given: p.Name[0].Given[0], Born: born}
	if !k.apply(r, p, &t) {
		return Typed{}, false
	}
	if r.IntN(2) == 0 && len(p.Address) > 0 {
		t.Postcode = p.Address[0].PostalCode
		if r.IntN(10) == 0 {
			t.Postcode = "YZ9 9ZZ"
		}
	}
	if r.IntN(3) == 0 {
		t.Gender = p.Gender
	}
	return t, true
}

// swapDayMonth swaps day and month.
func swapDayMonth(_ *rand.Rand, _ *fhir.Patient, t *Typed) bool {
	if t.Born.Day > 12 || t.Born.Day == int(t.Born.Month) {
		return false
	}
	t.Born.Day, t.Born.Month = int(t.Born.Month), time.Month(t.Born.Day)
	return true
}

// yearDigit changes one of the last two digits of the year. The result is in the past.
func yearDigit(r *rand.Rand, _ *fhir.Patient, t *Typed) bool {
	wrong := t.Born
	if r.IntN(3) == 0 {
		wrong.Year += (r.IntN(10) - wrong.Year/10%10) * 10
	} else {
		wrong.Year += r.IntN(10) - wrong.Year%10
	}
	if wrong.Year == t.Born.Year || wrong.Year > 2025 || wrong.Year < 1910 || !real(wrong) {
		return false
	}
	t.Born = wrong
	return true
}

// dayDigit changes a digit of the day.
func dayDigit(r *rand.Rand, _ *fhir.Patient, t *Typed) bool {
	wrong := t.Born
	if r.IntN(2) == 0 {
		wrong.Day += (r.IntN(4) - wrong.Day/10) * 10
	} else {
		wrong.Day += r.IntN(10) - wrong.Day%10
	}
	if wrong.Day == t.Born.Day || wrong.Day < 1 || !real(wrong) {
		return false
	}
	t.Born = wrong
	return true
}

func real(d nhs.Date) bool { _, err := nhs.ParseDate(d.FHIR()); return err == nil }

// doubleBarrel replaces a hyphenated family name by half of it, or by both halves in another form.
func doubleBarrel(r *rand.Rand, _ *fhir.Patient, t *Typed) bool {
	a, b, ok := strings.Cut(t.Family, "-")
	if !ok {
		return false
	}
	typed := []string{a, b, b + "-" + a, a + " " + b, a + b, b + " " + a}[r.IntN(6)]
	changed := typed != t.Family
	t.Family = typed
	return changed
}

// apostrophe omits the apostrophe or replaces it.
func apostrophe(r *rand.Rand, _ *fhir.Patient, t *Typed) bool {
	a, b, ok := strings.Cut(t.Family, "'")
	if !ok {
		return false
	}
	t.Family = []string{a + b, a + " " + b, a + "’" + b, a + "`" + b, b, a + "-" + b, strings.ToUpper(a + b)}[r.IntN(7)]
	return true
}
