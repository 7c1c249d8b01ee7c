package people

import (
	"time"

	"wardlight/hub/patientflag"
	"wardlight/internal/nhs"
)

// NHS numbers of the named people.
const (
	OnPlan         nhs.Number = "9990000018"
	Nothing        nhs.Number = "9990000026"
	TwoAuthorities nhs.Number = "9990000034"
	Expecting      nhs.Number = "9990000042"
	PlanEnded      nhs.Number = "9990000050"
	ExpiredPlan    nhs.Number = "9990000069"
	Restricted     nhs.Number = "9990000077"
	OldNumber      nhs.Number = "9990000085"
	NewNumber      nhs.Number = "9990000093"
	Hostile        nhs.Number = "9990000107"
)

// Named returns the people that demonstrate something. The dates of plans and accesses are relative to now. Births are
// relative to its year, so that the script of a course is valid all year.
func Named(now time.Time) []Person {
	today := nhs.DateOf(now)
	born := func(years int, month time.Month, day int) nhs.Date {
		return nhs.Date{Year: today.Year - years, Month: month, Day: day}
	}

	at := func(street, town, postcode string) details {
		return details{street: street, town: town, postcode: postcode, phone: "01632960150"}
	}

	child := func(home details, family, name string, g nhs.Gender, birth nhs.Date) details {
		home.family, home.given, home.gender, home.born = family, []string{name}, g, birth
		return home
	}

	woman := child(at("9 Pretend Close", "Mockingham", "YC3 2DE"), "Mockley", "Leah", nhs.Female,
		born(27, time.June, 9))
	woman.title = "Ms"
	withheld := child(at("6 Nowhere Road", "Samplebury", "YB2 7HJ"), "Withheld", "Finn", nhs.Male,
		born(8, time.September, 17))
	withheld.restricted = true

	all := []Person{
		{
			Patient: record(OnPlan, child(at("4 Made Up Row", "Exampleton", "YA1 4AP"), "Example", "Tess", nhs.Female,
				born(10, time.March, 4))),
			Plans: []Plan{{Kind: CPP, Authority: "V991", Start: today.AddDays(-292)}},
			Accesses: []Access{
				midwife.on(now, 41, 22, 14), triage.on(now, 40, 3, 5), doctor.on(now, 12, 19, 40),
			},
			Shows: "a child on a child protection plan",
		},
		{
			Patient: record(Nothing, child(at("4 Made Up Row", "Exampleton", "YA1 4AP"), "Example", "Owen", nhs.Male,
				born(6, time.May, 21))),
			Shows: "a child with nothing recorded",
		},
		{
			Patient: record(TwoAuthorities, child(at("31 Sample Street", "Samplebury", "YB4 1LN"), "Specimen", "Maya",
				nhs.Female, born(13, time.January, 30))),
			Plans: []Plan{
				{Kind: CPP, Authority: "V991", Start: today.AddDays(-410)},
				{Kind: LAC, Authority: "V992", Start: today.AddDays(-75)},
			},
			Accesses: many(now),
			Shows:    "two plans, of two authorities, and more than 25 accesses",
		},
		{
			Patient:  record(Expecting, woman),
			Plans:    []Plan{{Kind: UCPP, Authority: "V993", Start: today.AddDays(-60), Due: today.AddDays(90)}},
			Accesses: []Access{midwife.on(now, 20, 10, 25)},
			Shows:    "a woman whose unborn child is on a plan",
		},
		{
			Patient: record(PlanEnded, child(at("18 Model Terrace", "Exampleton", "YA7 3RS"), "Pattern", "Noah",
				nhs.Male, born(9, time.October, 2))),
			Plans:    []Plan{{Kind: CPP, Authority: "V992", Start: today.AddDays(-530), End: today.AddDays(-200)}},
			Accesses: []Access{triage.on(now, 260, 1, 50)},
			Flags:    []patientflag.Flag{adjustments(PlanEnded, now)},
			Shows:    "a plan that ended 200 days ago, which still shows, and reasonable adjustments",
		},
		{
			Patient: record(ExpiredPlan, child(at("2 Fiction Way", "Little Fiction", "YD5 8TU"), "Template", "Ruby",
				nhs.Female, born(14, time.July, 11))),
			Plans: []Plan{{Kind: LAC, Authority: "V993", Start: today.AddDays(-900), End: today.AddDays(-400)}},
			Flags: []patientflag.Flag{adjustments(ExpiredPlan, now), fgm(ExpiredPlan, now)},
			Shows: "looked after until 400 days ago, which shows no more; reasonable adjustments and an FGM flag",
		},
		{Patient: record(Restricted, withheld), Shows: "a restricted record: no address, no phone, and CP-IS says " +
			"nothing about it"},
		{
			Patient: record(OldNumber, child(at("55 Example Avenue", "Exampleton", "YA2 6BD"), "Merged", "Isla",
				nhs.Female, born(5, time.April, 25))),
			SupersededBy: NewNumber,
			Shows:        "an old number, which leads to " + NewNumber.String(),
		},
		{
			Patient: record(NewNumber, child(at("55 Example Avenue", "Exampleton", "YA2 6BD"), "Merged", "Isla",
				nhs.Female, born(5, time.April, 25))),
			Plans: []Plan{{Kind: CPP, Authority: "V993", Start: today.AddDays(-33)}},
			Shows: "the number in place of the old one, on a plan",
		},
		{
			Patient: record(Hostile, hostile(born(7, time.February, 14))),
			Plans:   []Plan{{Kind: CPP, Authority: "V991", Start: today.AddDays(-14)}},
			Accesses: []Access{
				unknown.on(now, 3, 4, 4),
			},
			Shows: "text that attacks the terminal, in name, address and history",
		},
	}

	sums := summaries(now)
	for i := range all {
		all[i].Summary = sums[all[i].Number()]
	}
	return all
}
