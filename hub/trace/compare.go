package trace

import (
	"math"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// scored is a candidate, and how it compares with what was asked.
type scored struct {
	*store.Candidate
	family, given, birth float64 // how much each holds; 1 where it was not asked for
	least                float64 // the score without postcode, practice and date of death
	mean                 float64 // with postcode and practice, as they count by their weights
	score                float64 // the score that orders the rows
	besides              int     // given names held and not asked for, or the other way round; and marks no longer in use
	weight               float64 // of what least is the mean of
	placed               bool    // has, or had, the postcode asked for
	opposed              bool    // is of another gender than was asked for
	whole                bool    // both names were asked for
	sameDay              bool    // born on the very day that was asked for
}

// What of two details makes a pair that may make somebody out.
const (
	nearName = 0.85 // a name with a slip, or a short form
	sameName = 0.96 // the name itself, also a former one or with the other changed over
)

// pair is two of the three details that fit where the third is another.
type pair int

const (
	givenAndBirth pair = iota
	familyAndBirth
	bothNames
	pairs // how many there are
)

// most is how many people may have a pair in common for it to make them out.
var most = [pairs]int{givenAndBirth: few, familyAndBirth: few, bothNames: fewNames}

// fitting reports of each pair whether it fits, in a search by both names. With the postcode a slip in a name is
// allowed on any birth date.
func (c *scored) fitting() (fit [pairs]bool) {
	if c.opposed || !c.whole {
		return fit
	}
	name := sameName
	if c.placed {
		name = nearName
	}
	fit[givenAndBirth] = c.sameDay && c.given >= nearName
	fit[familyAndBirth] = c.sameDay && c.family >= nearName
	fit[bothNames] = c.family >= name && c.given >= name
	return fit
}

// good reports whether the row is shown for its score.
func (c *scored) good() bool { return c.least >= floor || c.mean >= floor }

// likely reports whether the row is shown for a pair: one that makes somebody out, or any with the postcode.
func (c *scored) likely(rare [pairs]bool) bool {
	for p, fits := range c.fitting() {
		if fits && (c.placed || rare[p]) {
			return true
		}
	}
	return false
}

// whose returns of each pair the numbers of those who have it without the help of a postcode.
func whose(all []scored) (who [pairs][]nhs.Number) {
	for _, one := range all {
		one.placed = false
		for p, fits := range one.fitting() {
			if fits {
				who[p] = append(who[p], one.Number)
			}
		}
	}
	return who
}

// otherBelow is how little of a detail holds where it is quite another.
const otherBelow = 0.6

// other returns the detail that is quite another while the other two fit; none where one of the names was not asked
// for.
func (c *scored) other() Other {
	switch {
	case !c.whole:
		return ""
	case c.family < otherBelow && c.given >= otherBelow && c.birth >= otherBelow:
		return OtherFamily
	case c.given < otherBelow && c.family >= otherBelow && c.birth >= otherBelow:
		return OtherGiven
	case c.birth < otherBelow && c.family >= otherBelow && c.given >= otherBelow:
		return OtherBirth
	default:
		return ""
	}
}

// resemblance compares candidates with one query, one after another.
type resemblance struct {
	q Query
	v variants
	// turned is what was asked for with family and first given name changed over; whole only when both were given.
	turned spelling
	weight float64 // of the names that were asked for
	marks  float64 // the weight of the marks that were asked for
	given  []word  // room for the names of one candidate
}

func newResemblance(q Query, v variants) *resemblance {
	r := &resemblance{q: q, v: v}
	if q.asked.family.whole != "" {
		r.weight += weightFamily
	}
	if len(q.asked.given) > 0 {
		r.weight += weightGiven
	}
	for _, m := range q.Marks {
		r.marks += markWeight(m)
	}
	if q.asked.family.whole != "" && len(q.asked.given) > 0 {
		r.turned = spelling{family: q.asked.given[0], given: append([]word{q.asked.family}, q.asked.given[1:]...)}
	}
	return r
}

// compare compares all but the marks. Where some were asked for, mean and score are the best that they could make.
func (r *resemblance) compare(c *store.Candidate) scored {
	s := scored{Candidate: c, birth: birthLikeness(r.q.Born, c.Born), whole: r.turned.family.whole != ""}
	s.sameDay = s.birth == 1 && r.q.Born.From == r.q.Born.To
	sum := weightBirth * s.birth
	s.weight = r.weight + weightBirth
	if binary(r.q.Gender) && binary(c.Gender) {
		s.weight += weightGender
		if s.opposed = r.q.Gender != c.Gender; !s.opposed {
			sum += weightGender
		}
	}
	r.names(&s, (floor-rounding)*(s.weight+r.marks)-r.marks-sum)
	if r.q.asked.family.whole != "" {
		sum += weightFamily * s.family
	}
	if len(r.q.asked.given) > 0 {
		sum += weightGiven * s.given
	}
	s.least = round(sum / s.weight)
	s.mean, s.score = s.least, s.least
	if len(r.q.Marks) > 0 {
		r.weigh(&s, nil, true)
		return s
	}
	r.weighDeath(&s, s.weight)
	s.demote()
	return s
}

// rounding is more than what a score may gain by rounding.
const rounding = 1e-4

// binary reports whether a gender is one of the two that rule out the other.
func binary(gender string) bool { return gender == "male" || gender == "female" }

func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// names compares the names, and takes the candidate's best one. Names that hold less than least cannot make a row good.
func (r *resemblance) names(s *scored, least float64) {
	best := -1.0
	for _, n := range s.Names {
		held := readSpelling(n.Spelt, r.given)
		r.given = held.given
		over := 1.0
		if ended(n.Ends, r.q.Today) {
			over = formerly
		}
		r.oneName(s, &best, least, over, &r.q.asked, &held)
		if over *= exchanged; r.turned.family.whole != "" && over*(weightFamily+weightGiven) > best {
			r.oneName(s, &best, least, over, &r.turned, &held)
		}
	}
}

// oneName compares one name of the candidate, of which so much counts, and keeps it when it is better than the best
// so far. It compares the family names first, and the given names only where that may matter: where the name may
// still be the best, and on another birth date where the row may still be shown.
func (r *resemblance) oneName(s *scored, best *float64, least, counts float64, asked, held *spelling) {
	family, given := 1.0, 1.0
	switch {
	case held.family.whole == "" && len(held.given) > 0 && asked.family.whole != "":
		family, given = r.v.onlyName(asked, held)
	default:
		if asked.family.whole != "" {
			family = r.v.familyLikeness(asked.family, held.family)
		}
		most := counts * (weightFamily*family + weightGiven)
		switch {
		case most <= *best:
			return
		case len(asked.given) == 0:
		case !s.sameDay && family < nearName && most < least:
			given = 0
		default:
			given = r.v.givenLikeness(asked.given, held.given)
		}
	}
	if sum := counts * (weightFamily*family + weightGiven*given); sum > *best {
		*best = sum
		s.family, s.given = counts*family, counts*given
		s.besides = max(len(asked.given)-len(held.given), len(held.given)-len(asked.given))
	}
}

// onlyName compares somebody who has one name, which may have been typed as either.
func (v variants) onlyName(asked, held *spelling) (family, given float64) {
	family = v.givenLikeness([]word{asked.family}, held.given)
	if len(asked.given) > 0 {
		family = onlyName * max(family, v.givenLikeness(asked.given, held.given))
	}
	return family, family
}

// namesAlone is what is left of the score of somebody who has the names only: it is behind that of the first name
// with the birth date.
const namesAlone = 0.8

// contrary is how much of what a postcode or practice that does not fit takes away counts: addresses change, and
// people say an old one.
const contrary = 0.25

// weigh lets postcode and practice count. One that fits raises the score. One that does not lowers it a little, and
// never below floor. With best, those asked for count as if they fitted.
func (r *resemblance) weigh(s *scored, marks []store.Mark, best bool) {
	sum, weight := s.least*s.weight, s.weight
	s.placed = false
	for _, m := range r.q.Marks {
		w := markWeight(m)
		if w == 0 {
			continue
		}
		holds := 1.0
		if !best {
			holds = markLikeness(m, marks)
			if former(m, marks, r.q.Today) {
				s.besides++ // comes after somebody who has it now
			}
		}
		sum, weight = sum+w*holds, weight+w
		s.placed = s.placed || m.Kind == store.Postcode && holds == 1
	}
	s.mean = round(sum / weight)
	if s.score = s.mean; s.mean < s.least {
		s.score = round(s.least - contrary*(s.least-s.mean))
		if s.least >= floor {
			s.score = max(s.score, floor)
		}
	}
	r.weighDeath(s, weight)
	s.demote()
}

// weighDeath lets a date of death that was asked for count in the score, beside details of the given weight. It makes no
// row a match, and no match none (PDS FHIR R4 API, death-date: ignored for matching in a fuzzy search), so it never takes
// a good row below floor. The living have no such date, which counts like a wrong one.
func (r *resemblance) weighDeath(s *scored, weight float64) {
	if r.q.Died.IsZero() {
		return
	}
	holds := 0.0
	if !s.Died.IsZero() {
		holds = birthLikeness(r.q.Died, s.Died)
	}
	s.score = round((s.score*weight + weightDeath*holds) / (weight + weightDeath))
	if s.good() {
		s.score = max(s.score, floor)
	}
}

// markWeight returns what a mark weighs; 0 for those that have to be right.
func markWeight(m store.MarkQuery) float64 {
	switch m.Kind {
	case store.Postcode:
		return weightPostcode
	case store.Practice:
		return weightPractice
	default:
		return 0
	}
}

// demote puts those who have only the names in common after those who have a name and the birth date.
func (s *scored) demote() {
	if !s.good() && !s.placed && !s.sameDay {
		s.score = round(s.score * namesAlone)
	}
}
