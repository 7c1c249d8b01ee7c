package privacy

import (
	"cmp"
	"slices"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// Report is a report.
type Report struct {
	Query    Query
	Unusual  []Finding // the most serious first
	Accesses []Access  // the newest first
}

// Access is a request about patients by a person in a role of the organisation, granted or not.
type Access struct {
	At        time.Time
	Person    string // UUID
	Name      Name   // zero if the person isn't stored any more
	URID      string
	Action    string // as in the audit
	Outcome   string // granted, refused or failed
	Reason    string // the code of a refusal
	Patients  []nhs.Number
	Listed    int // the number of patients in the answer; PatientAccess shows only the requested one in Patients
	RequestID string
	Session   string
	Source    string
	Seq       int64 // the number of the audit record
}

// Name is the name of a person or a patient.
type Name struct{ Given, Family string }

// Facts are the data outside the audit that a report needs.
type Facts struct {
	Staff    map[string]Name       // by UUID
	Patients map[nhs.Number][]Name // all names on record, also former ones
	// MaxPatients is the number of different patients within an hour above which accesses are unusual, as in the
	// setting limits.patients_person; 0 means no limit.
	MaxPatients int
	// Attendances is the site's list, or nil if there is none that can be used; attendance is not compared then.
	// Numbers has all numbers of patients, by the number in the audit, for those who are not in the list by it.
	Attendances *Attendances
	Numbers     map[nhs.Number][]nhs.Number
	UK          *time.Location
}

// Make returns the report of a query from audit records in any order. It ignores records that don't belong to the
// report: those of other organisations and other times, those of no person, and those about no requested patient or
// person. Errors are those of [Query.Check].
func Make(q Query, records []store.AuditRecord, f Facts) (Report, error) {
	if err := q.Check(); err != nil {
		return Report{}, err
	}

	r := Report{Query: q}
	for _, record := range records {
		if a, ok := q.access(record, f); ok {
			r.Accesses = append(r.Accesses, a)
		}
	}

	slices.SortFunc(r.Accesses, func(a, b Access) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Seq, a.Seq))
	})
	r.Unusual = unusual(r.Accesses, f)
	return r, nil
}

// access returns the access of a record, or false if the record doesn't belong to the report.
func (q Query) access(r store.AuditRecord, f Facts) (Access, bool) {
	from, until := q.Period(f.UK)
	switch {
	case r.OrgODS != q.Organisation || r.Person == "" || r.At.Before(from) || !r.At.Before(until):
		return Access{}, false
	case q.Kind == UserAccess && r.Person != q.Person:
		return Access{}, false
	}

	patients := r.Patients
	if q.Kind == PatientAccess {
		patients = slices.DeleteFunc(slices.Clone(patients), func(n nhs.Number) bool {
			return !slices.Contains(q.Patients, n)
		})
		if len(patients) == 0 {
			return Access{}, false
		}
	}

	reason := r.Reason
	if _, is := audit.AccessOf(r); is {
		reason = "" // says only which access the opening wrote
	}

	return Access{
		At: r.At, Person: r.Person, Name: f.Staff[r.Person], URID: r.URID, Action: r.Action, Outcome: r.Outcome,
		Reason: reason, Patients: patients, Listed: len(r.Patients), RequestID: r.RequestID, Session: r.Session,
		Source: r.Source, Seq: r.Seq,
	}, true
}
