package privacy

import (
	"cmp"
	"slices"
	"time"

	"wardlight/hub/audit"
	"wardlight/internal/nhs"
)

// FindingKind is a kind of unusual access.
type FindingKind string

// Kinds of unusual accesses. None of them proves misuse.
const (
	// OwnName: a patient has the person's given and family name, so it may be the person's own record. Staff have no
	// NHS number in the hub.
	OwnName FindingKind = "own_name"
	// ManyPatients: a person received answers about more different patients within an hour than the limit.
	ManyPatients FindingKind = "many_patients"
	// SameFamilyName: a patient has, or had, the person's family name.
	SameFamilyName FindingKind = "same_family_name"
	// NotAttended: a patient is not on the site's list of attendances of the day.
	NotAttended FindingKind = "not_attended"
)

// severity is the order of findings in a report.
var severity = []FindingKind{OwnName, ManyPatients, SameFamilyName, NotAttended}

// Finding is an unusual access, or several of one person to one patient.
type Finding struct {
	Kind        FindingKind
	Person      string
	Name        Name
	Patient     nhs.Number // "" for ManyPatients
	Count       int        // of accesses; for ManyPatients of different patients within the hour
	First, Last time.Time  // the first and the last of these accesses
}

// while is the period in which different patients are counted.
const while = time.Hour

// unusual returns the findings in accesses, which are sorted from the newest to the oldest.
func unusual(accesses []Access, f Facts) []Finding {
	found := manyPatients(accesses, f.MaxPatients)
	index := make(map[Finding]int) // by kind, person and patient
	for _, a := range slices.Backward(accesses) {
		if a.Action == audit.Search {
			continue // it lists patients whom nobody chose
		}

		for _, n := range a.Patients {
			for _, kind := range kindsOf(a, n, f) {
				key := Finding{Kind: kind, Person: a.Person, Patient: n}
				i, known := index[key]
				if !known {
					i = len(found)
					index[key] = i
					found = append(found, Finding{
						Kind: kind, Person: a.Person, Name: a.Name, Patient: n, First: a.At,
					})
				}
				found[i].Count++
				found[i].Last = a.At
			}
		}
	}

	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(slices.Index(severity, a.Kind), slices.Index(severity, b.Kind)),
			a.First.Compare(b.First), cmp.Compare(a.Person, b.Person), cmp.Compare(a.Patient, b.Patient))
	})
	return found
}

// kindsOf returns why the access to a patient is unusual.
func kindsOf(a Access, n nhs.Number, f Facts) []FindingKind {
	var kinds []FindingKind
	family, full := sameName(a.Name, f.Patients[n])
	switch {
	case full:
		kinds = append(kinds, OwnName)
	case family:
		kinds = append(kinds, SameFamilyName)
	}
	if list := f.Attendances; list != nil && !audit.IsPrivacyWork(a.Action) && list.compares(a.At, f.UK) &&
		!list.Attended(nhs.DateOf(a.At.In(f.UK)), append([]nhs.Number{n}, f.Numbers[n]...)...) {
		kinds = append(kinds, NotAttended)
	}
	return kinds
}

// sameName reports whether a patient has or had the family name, and whether one with the given name, too.
func sameName(person Name, patient []Name) (family, full bool) {
	fold := func(s string) string { return nhs.FoldName(s, "") }
	if fold(person.Family) == "" {
		return false, false
	}
	for _, n := range patient {
		if fold(n.Family) == fold(person.Family) {
			family = true
			full = full || fold(person.Given) != "" && fold(n.Given) == fold(person.Given)
		}
	}
	return family, full
}

// manyPatients returns a finding for each person who received answers about more than limit different patients within
// an hour: the hour with the most of them. It returns none if limit is 0.
func manyPatients(accesses []Access, limit int) []Finding {
	if limit <= 0 {
		return nil
	}

	byPerson := make(map[string][]Access)
	for _, a := range slices.Backward(accesses) {
		if a.Outcome == audit.Granted && !audit.IsPrivacyWork(a.Action) {
			byPerson[a.Person] = append(byPerson[a.Person], a)
		}
	}

	var found []Finding
	for person, all := range byPerson {
		worst := Finding{Kind: ManyPatients, Person: person, Name: all[0].Name, Count: limit}
		within, first := make(map[nhs.Number]int), 0
		for _, a := range all {
			for ; a.At.Sub(all[first].At) >= while; first++ {
				for _, n := range all[first].Patients {
					if within[n]--; within[n] == 0 {
						delete(within, n)
					}
				}
			}
			for _, n := range a.Patients {
				within[n]++
			}
			if len(within) > worst.Count {
				worst.Count, worst.First, worst.Last = len(within), all[first].At, a.At
			}
		}
		if worst.Count > limit {
			found = append(found, worst)
		}
	}

	return found
}
