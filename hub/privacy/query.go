// Package privacy makes the three reports of a privacy officer from the audit: who looked at a patient, which patients
// a person looked at, and all enquiries of an organisation (NCRS guidance, appendix D, June 2025). On top of each
// report it lists unusual accesses. It reads nothing by itself: its caller provides the audit records and the names.
package privacy

import (
	"errors"
	"time"

	"wardlight/internal/nhs"
)

// Kind is a kind of report.
type Kind string

// Kinds of reports.
const (
	PatientAccess    Kind = "patient-access"    // who looked at a patient
	UserAccess       Kind = "user-access"       // which patients a person looked at
	PatientEnquiries Kind = "patient-enquiries" // all enquiries of the organisation
)

// Query says what a report is about.
type Query struct {
	Kind         Kind
	Organisation string       // ODS code of the officer's role; required, because a report covers no other organisation
	From, To     nhs.Date     // the first and the last day, in the United Kingdom
	Patients     []nhs.Number // for PatientAccess: all numbers of the patient; otherwise empty
	Person       string       // for UserAccess: the person's UUID; otherwise ""
}

// Errors of [Query.Check].
var (
	ErrKind         = errors.New("there is no such report")
	ErrOrganisation = errors.New("a report needs an organisation")
	ErrSubject      = errors.New("patient access needs a patient, user access a person, and patient enquiries neither")
	ErrPeriod       = errors.New("a report needs a first day and a last day that is not earlier")
	ErrTooLong      = errors.New("a report covers at most one month")
)

// Check returns an error unless the query is complete and its period is at most one month.
func (q Query) Check() error {
	patient, person := len(q.Patients) > 0, q.Person != ""
	switch {
	case q.Kind != PatientAccess && q.Kind != UserAccess && q.Kind != PatientEnquiries:
		return ErrKind
	case q.Organisation == "":
		return ErrOrganisation
	case patient != (q.Kind == PatientAccess) || person != (q.Kind == UserAccess):
		return ErrSubject
	case !q.From.Complete() || !q.To.Complete() || q.To.Before(q.From):
		return ErrPeriod
	case q.From.MonthEnd().Before(q.To):
		return ErrTooLong
	}
	return nil
}

// Period returns the first moment of the period, and the first moment after it.
func (q Query) Period(uk *time.Location) (from, until time.Time) {
	return q.From.Time(uk), q.To.AddDays(1).Time(uk)
}
