package people

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"wardlight/internal/nhs"
)

// Options configure Seeded.
type Options struct {
	Seed  uint64
	Count int
	Today nhs.Date // births are relative to 1 January of its year, plans to the day
}

// Seeded returns a sequence of o.Count people. They are generated one by one, so that millions need no memory. Person
// i does not depend on Count.
func Seeded(o Options) iter.Seq[Person] {
	return func(yield func(Person) bool) {
		i := 0
		for n := range Numbers() {
			if i == o.Count || !yield(seeded(rand.New(rand.NewPCG(o.Seed, uint64(i))), n, o.Today)) {
				return
			}
			i++
		}
	}
}

// seeded generates one person. Seven in ten are children, as in the searches of an emergency department.
func seeded(r *rand.Rand, n nhs.Number, today nhs.Date) Person {
	d := details{family: familyName(r), gender: nhs.Male, restricted: r.IntN(400) == 0}
	if r.IntN(2) == 0 {
		d.gender = nhs.Female
	}

	d.given = given(r, d.gender)
	child := r.IntN(10) < 7
	d.born = birth(r, today, child)
	if !child {
		d.title = titleOf(d.gender)
		if r.IntN(60) == 0 {
			d.died = today.AddDays(-1 - r.IntN(3000))
		}
	}

	if r.IntN(250) == 0 {
		d.gender = nhs.UnknownGender
	}

	town := pick(r, towns)
	d.street, d.town = fmt.Sprintf("%d %s", 1+r.IntN(180), pick(r, streets)), town.name
	d.postcode = fmt.Sprintf("%s%d %d%c%c", town.area, 1+r.IntN(20), r.IntN(10), inwards[r.IntN(len(inwards))],
		inwards[r.IntN(len(inwards))])
	if r.IntN(5) > 0 {
		d.phone = fmt.Sprintf("01632960%03d", 200+r.IntN(800))
	}

	p := Person{Patient: record(n, d)}
	p.Patient.Name = append(p.Patient.Name, otherNames(r, d, child, today)...)
	if child && r.IntN(10) < 8 {
		p.Related = related(r, n, d)
	}

	if child && r.IntN(100) == 0 {
		p.Plans = []Plan{plan(r, today)}
	}

	return p
}

func given(r *rand.Rand, g nhs.Gender) []string {
	from := boys
	if g == nhs.Female {
		from = girls
	}
	names := []string{skewed(r, from)}
	if second := pick(r, from); r.IntN(3) == 0 && second != names[0] {
		names = append(names, second)
	}
	return names
}

func titleOf(g nhs.Gender) string {
	if g == nhs.Female {
		return "Ms"
	}
	return "Mr"
}

// birth returns a random date before 1 January of today's year, so that it is the same all year.
func birth(r *rand.Rand, today nhs.Date, child bool) nhs.Date {
	years, span := 18, 72
	if child {
		years, span = 0, 18
	}
	newYear := nhs.Date{Year: today.Year - years, Month: time.January, Day: 1}
	return newYear.AddDays(-1 - r.IntN(span*365))
}

// plan generates a plan that is current, has recently ended, or ended too long ago to be shown.
func plan(r *rand.Rand, today nhs.Date) Plan {
	p := Plan{Kind: CPP, Authority: pick(r, Authorities()).ID, Start: today.AddDays(-600 + r.IntN(590))}
	if r.IntN(5) < 2 {
		p.Kind = LAC
	}
	if r.IntN(3) == 0 {
		days := p.Start.DaysUntil(today)
		p.End = p.Start.AddDays(1 + r.IntN(days))
	}
	return p
}
