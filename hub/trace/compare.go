package trace

import (
	"math"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// scored is a candidate with the result of its comparison with the query.
type scored struct {
	*store.Candidate
	family, given, birth float64 // likeness from 0 to 1; 1 if the query doesn't have the detail
	baseScore            float64 // the score without postcode, practice and date of death
	mean                 float64 // the weighted mean with postcode and practice
	score                float64 // the score that sorts the rows
	besides              int     // difference in the number of given names, plus matching former marks
	weight               float64 // the sum of the weights in least
	postcodeMatches      bool    // has or had the postcode in the query
	genderDiffers        bool    // has the other gender than the query
	whole                bool    // the query has both names
	sameDay              bool    // born on the single day in the query
}

// Minimum likeness of a name in a pair of details.
const (
	nearName = 0.85 // a misspelt name, or a short form
	sameName = 0.96 // the same name, also if it is a former one or the names are exchanged
)

// pair is a combination of two of the three details that match while the third differs.
type pair int

const (
	givenAndBirth pair = iota
	familyAndBirth
	bothNames
	pairs // the number of pairs
)

// maxCandidatesOf is the maximum number of people with a pair in common for the pair to identify them.
var maxCandidatesOf = [pairs]int{givenAndBirth: maxShared, familyAndBirth: maxShared, bothNames: fewNames}

// fitting reports which pairs match, in a query with both names. If the postcode matches, misspelt names are allowed
// with any birth date.
func (c *scored) fitting() (fit [pairs]bool) {
	if c.genderDiffers || !c.whole {
		return fit
	}
	name := sameName
	if c.postcodeMatches {
		name = nearName
	}
	fit[givenAndBirth] = c.sameDay && c.given >= nearName
	fit[familyAndBirth] = c.sameDay && c.family >= nearName
	fit[bothNames] = c.family >= name && c.given >= name
	return fit
}

// good reports whether the score is high enough for the row to be listed.
func (c *scored) good() bool { return c.baseScore >= minScore || c.mean >= minScore }

// likely reports whether the row is listed because of a pair: a rare one, or any if the postcode matches.
func (c *scored) likely(rare [pairs]bool) bool {
	for p, fits := range c.fitting() {
		if fits && (c.postcodeMatches || rare[p]) {
			return true
		}
	}
	return false
}

// numbersByPair returns the numbers of the people with each pair, without regard to postcodes.
func numbersByPair(all []scored) (who [pairs][]nhs.Number) {
	for _, one := range all {
		one.postcodeMatches = false
		for p, fits := range one.fitting() {
			if fits {
				who[p] = append(who[p], one.Number)
			}
		}
	}
	return who
}

// otherBelow is the likeness below which a detail counts as different.
const otherBelow = 0.6

// other returns the one detail that differs while the other two match, or "" if there is none or the query lacks a
// name.
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

// comparison compares candidates with a query. It isn't safe for concurrent use.
type comparison struct {
	q Query
	v variants
	// turned is the query's spelling with family name and first given name exchanged; empty unless both were typed.
	turned spelling
	weight float64 // the weights of the names in the query
	marks  float64 // the weights of the marks in the query
	given  []word  // reused buffer for the names of one candidate
}

func newResemblance(q Query, v variants) *comparison {
	r := &comparison{q: q, v: v}
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

// compare compares everything except the marks. If the query has marks, mean and score are their upper limits.
func (r *comparison) compare(c *store.Candidate) scored {
	s := scored{Candidate: c, birth: birthLikeness(r.q.Born, c.Born), whole: r.turned.family.whole != ""}
	s.sameDay = s.birth == 1 && r.q.Born.From == r.q.Born.To
	sum := weightBirth * s.birth
	s.weight = r.weight + weightBirth
	if binary(r.q.Gender) && binary(c.Gender) {
		s.weight += weightGender
		if s.genderDiffers = r.q.Gender != c.Gender; !s.genderDiffers {
			sum += weightGender
		}
	}

	r.names(&s, (minScore-rounding)*(s.weight+r.marks)-r.marks-sum)
	if r.q.asked.family.whole != "" {
		sum += weightFamily * s.family
	}

	if len(r.q.asked.given) > 0 {
		sum += weightGiven * s.given
	}

	s.baseScore = round(sum / s.weight)
	s.mean, s.score = s.baseScore, s.baseScore
	if len(r.q.Marks) > 0 {
		r.weigh(&s, nil, true)
		return s
	}

	r.weighDeath(&s, s.weight)
	s.demote()
	return s
}

// rounding is an upper limit on what rounding adds to a score.
const rounding = 1e-4

// binary reports whether a gender is male or female, which exclude each other.
func binary(gender string) bool { return gender == "male" || gender == "female" }

func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// names sets the likeness of the candidate's best matching name. A name with a weighted likeness below lower can't
// make the row good.
func (r *comparison) names(s *scored, lower float64) {
	best := -1.0
	for _, n := range s.Names {
		stored := readSpelling(n.Spelt, r.given)
		r.given = stored.given
		over := 1.0
		if ended(n.Ends, r.q.Today) {
			over = formerly
		}
		r.oneName(s, &best, lower, over, &r.q.asked, &stored)
		if over *= exchanged; r.turned.family.whole != "" && over*(weightFamily+weightGiven) > best {
			r.oneName(s, &best, lower, over, &r.turned, &stored)
		}
	}
}

// oneName compares one name of the candidate, multiplies the likeness by counts, and stores it in s if it is better
// than the best so far. It compares given names only if the result may matter: if the name may still be the best, and,
// with another birth date, if the row may still be listed.
func (r *comparison) oneName(s *scored, best *float64, lower, counts float64, asked, stored *spelling) {
	family, given := 1.0, 1.0
	switch {
	case stored.family.whole == "" && len(stored.given) > 0 && asked.family.whole != "":
		family, given = r.v.onlyName(asked, stored)
	default:
		if asked.family.whole != "" {
			family = r.v.familyLikeness(asked.family, stored.family)
		}
		limit := counts * (weightFamily*family + weightGiven)
		switch {
		case limit <= *best:
			return
		case len(asked.given) == 0:
		case !s.sameDay && family < nearName && limit < lower:
			given = 0
		default:
			given = r.v.givenLikeness(asked.given, stored.given)
		}
	}

	if sum := counts * (weightFamily*family + weightGiven*given); sum > *best {
		*best = sum
		s.family, s.given = counts*family, counts*given
		s.besides = max(len(asked.given)-len(stored.given), len(stored.given)-len(asked.given))
	}
}

// onlyName compares a candidate who has a single name, which may have been typed as either name.
func (v variants) onlyName(asked, stored *spelling) (family, given float64) {
	family = v.givenLikeness([]word{asked.family}, stored.given)
	if len(asked.given) > 0 {
		family = onlyName * max(family, v.givenLikeness(asked.given, stored.given))
	}
	return family, family
}

// namesAlone is the factor for the score of a candidate who matches only in the names. It places them after those who
// match in first name and birth date.
const namesAlone = 0.8

// mismatchFactor is the factor for the loss of score from a postcode or practice that doesn't match. It is low because
// addresses change and people state former ones.
const mismatchFactor = 0.25

// weigh adds postcode and practice to the score. A match raises it. A mismatch lowers it a little, but never below
// floor if the score without them is at least floor. If best is set, all are counted as matches.
func (r *comparison) weigh(s *scored, marks []store.Mark, best bool) {
	sum, weight := s.baseScore*s.weight, s.weight
	s.postcodeMatches = false
	for _, m := range r.q.Marks {
		w := markWeight(m)
		if w == 0 {
			continue
		}
		holds := 1.0
		if !best {
			holds = markLikeness(m, marks)
			if former(m, marks, r.q.Today) {
				s.besides++ // sorts after people with a current one
			}
		}
		sum, weight = sum+w*holds, weight+w
		s.postcodeMatches = s.postcodeMatches || m.Kind == store.Postcode && holds == 1
	}

	s.mean = round(sum / weight)
	if s.score = s.mean; s.mean < s.baseScore {
		s.score = round(s.baseScore - mismatchFactor*(s.baseScore-s.mean))
		if s.baseScore >= minScore {
			s.score = max(s.score, minScore)
		}
	}

	r.weighDeath(s, weight)
	s.demote()
}

// weighDeath adds the query's date of death to the score, whose other details have that weight. It affects only the
// order (PDS FHIR R4 API, death-date: ignored for matching in a fuzzy search), so it never lowers a good row's score
// below floor. A living person counts like one with a wrong date.
func (r *comparison) weighDeath(s *scored, weight float64) {
	if r.q.Died.IsZero() {
		return
	}
	holds := 0.0
	if !s.Died.IsZero() {
		holds = birthLikeness(r.q.Died, s.Died)
	}
	s.score = round((s.score*weight + weightDeath*holds) / (weight + weightDeath))
	if s.good() {
		s.score = max(s.score, minScore)
	}
}

// markWeight returns the weight of a mark, or 0 for a kind that must match exactly.
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

// demote lowers the score of candidates who match only in the names, so that they sort after those who match in a name
// and the birth date.
func (s *scored) demote() {
	if !s.good() && !s.postcodeMatches && !s.sameDay {
		s.score = round(s.score * namesAlone)
	}
}
