package cpis

import (
	"time"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// Rule is the rule by which the hub ends a plan.
type Rule string

// The rules.
const (
	// NoRule leaves a plan the end that its authority set, or none.
	NoRule Rule = ""
	// Birthday ends a child protection plan and a looked-after child's plan on the 18th birthday.
	Birthday Rule = "the 18th birthday"
	// AdultAtStart ends such a plan on the day of its start, where the 18th birthday on record is before that: one of
	// the two dates is wrong, and the alert stays for its last days.
	AdultAtStart Rule = "its start, as the 18th birthday was before that"
	// UnbornLimit ends an unborn child's plan that has neither a due date nor an end [MaxUnborn] days after its start.
	UnbornLimit Rule = "366 days after its start"
)

// MaxUnborn is how long an unborn child's plan lasts that has neither a due date nor an end, in days.
const MaxUnborn = 366

// adult is the age of majority in years (Family Law Reform Act 1969, section 1).
const adult = 18

// EndOf returns the last day of a plan, and the rule that set it: [NoRule] where the authority's own end is the
// earlier one, and where there is no end at all (the zero date).
//
// born is the birth date on the patient's current record, as it is known: a partial date counts as the latest that it
// can be, and an unknown one sets no end, so that the alert stays. A plan never ends before it starts.
//
// The birth date does not end an unborn child's plan: it is on file under the mother's number.
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

// endShown returns the end that is shown of a plan today. An end by rule is shown from its day on: until then a plan
// that its authority left open is one that runs.
func endShown(p store.Plan, born, today nhs.Date) nhs.Date {
	end, _ := EndOf(p, born)
	if p.End.IsZero() && today.Before(end) {
		return nhs.Date{}
	}
	return end
}

// eighteenth returns the 18th birthday of somebody born on the date, the latest that it can be; the zero date where
// nothing of the date is known. Majority begins with the anniversary of the birth (Family Law Reform Act 1969,
// section 9). That of 29 February is taken as 1 March, as is usual in England, and the later of the two days that it
// could be.
func eighteenth(born nhs.Date) nhs.Date {
	if born.IsZero() {
		return nhs.Date{}
	}
	born = born.Latest()
	return nhs.DateOf(time.Date(born.Year+adult, born.Month, born.Day, 0, 0, 0, 0, time.UTC))
}
