package cpis

import (
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// Rule is the rule by which the hub ends a plan.
type Rule string

// Rules.
const (
	// NoRule means that the plan has the end that its authority set, or none.
	NoRule Rule = ""
	// Birthday ends a child protection plan and a looked-after child's plan on the 18th birthday.
	Birthday Rule = "the 18th birthday"
	// AdultAtStart ends such a plan on the day of its start, if the 18th birthday on record is before that. One of the
	// two dates is wrong, so the alert remains until its window is over.
	AdultAtStart Rule = "its start, because the 18th birthday was earlier"
	// UnbornLimit ends an unborn child's plan that has neither a due date nor an end [MaxUnborn] days after its start.
	UnbornLimit Rule = "366 days after its start"
)

// MaxUnborn is the length in days of an unborn child's plan without a due date and an end.
const MaxUnborn = 366

// adult is the age of majority in years (Family Law Reform Act 1969, section 1).
const adult = 18

// EndOf returns the last day of a plan, and the rule by which it ends. The rule is [NoRule] if the authority's end is
// earlier, or if there is no end (the zero date).
//
// born is the birth date on the patient's current record. A partial date counts as the latest possible one. Without a
// birth date there is no end, so that the alert remains. A plan never ends before it starts.
//
// The birth date doesn't end an unborn child's plan, because it is stored under the mother's number.
func EndOf(p store.Plan, born nhs.Date) (nhs.Date, Rule) {
	var limit nhs.Date
	var by Rule
	switch {
	case p.Kind != store.UnbornChild:
		limit, by = eighteenth(born), Birthday
	case p.Due.IsZero() && p.End.IsZero():
		limit, by = p.Start.AddDays(MaxUnborn), UnbornLimit
	}
	if limit.IsZero() || !p.End.IsZero() && !limit.Before(p.End) {
		return p.End, NoRule
	}
	if limit.Before(p.Start) {
		return p.Start, AdultAtStart
	}
	return limit, by
}

// endShown returns the end of a plan that is displayed today. An end by rule is displayed from its day on. Before
// that, a plan without an end of its authority is displayed without one.
func endShown(p store.Plan, born, today nhs.Date) nhs.Date {
	end, _ := EndOf(p, born)
	if p.End.IsZero() && today.Before(end) {
		return nhs.Date{}
	}
	return end
}

// eighteenth returns the 18th birthday for a birth date, the latest possible one for a partial date, or the zero date
// for none. Majority begins with the anniversary of the birth (Family Law Reform Act 1969, section 9). For 29 February
// [nhs.Date.Anniversary] returns the later of the two possible days.
func eighteenth(born nhs.Date) nhs.Date {
	return born.Latest().Anniversary(adult)
}
