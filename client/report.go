package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"wardlight/internal/nhs"
)

// maxReport is the maximum length of a report in bytes: 10,000 accesses, each a search that lists fifty patients.
const maxReport = 16 << 20

// ReportKind is a kind of a privacy officer's report.
type ReportKind string

// Kinds of reports. All cover only requests in roles of the organisation of the role that asks.
const (
	PatientAccess    ReportKind = "patient-access"    // who looked at a patient
	UserAccess       ReportKind = "user-access"       // which patients a person looked at
	PatientEnquiries ReportKind = "patient-enquiries" // all enquiries about patients
)

// ReportQuery asks for a report. From and To are complete dates in the United Kingdom, both included, at most a month.
type ReportQuery struct {
	Kind     ReportKind
	From, To Date
	Number   NHSNumber // of PatientAccess; otherwise ""
	Person   string    // of UserAccess: the person's UUID; otherwise ""
}

// Report is a privacy officer's report.
type Report struct {
	Query        ReportQuery
	Organisation string    // ODS code
	Made         time.Time // at the hub
	// SealedAt is set if accesses of before that time may be missing, because the hub's operator has exported audit
	// records of the period and may have deleted them.
	SealedAt   time.Time
	Attendance Attendance
	Unusual    []Finding        // the most serious first; none of them proves misuse
	Accesses   []ReportedAccess // newest first
}

// Attendance says whether accesses were compared with the site's list of attendances. The zero value means that they
// were not, because the hub has no list.
type Attendance struct {
	State       AttendanceState
	From, Until time.Time // of AttendanceChecked: accesses since From and of before Until were compared
}

// AttendanceState is whether attendance was checked.
type AttendanceState int

// The states. Newer hubs may have further states, which count as AttendanceCouldNotCheck.
const (
	AttendanceNotChecked    AttendanceState = iota // the hub has no list
	AttendanceChecked                              // by the site's list
	AttendanceCouldNotCheck                        // the hub can't use its list
)

// String returns the state as in documents for programs.
func (s AttendanceState) String() string {
	switch s {
	case AttendanceNotChecked:
		return "not_checked"
	case AttendanceChecked:
		return "checked"
	default:
		return "could_not_check"
	}
}

// attendanceOf returns the attendance of a report. A check without its times could not be understood.
func attendanceOf(b reportAttendance) Attendance {
	switch {
	case b.State == "" || b.State == AttendanceNotChecked.String():
		return Attendance{}
	case b.State == AttendanceChecked.String() && !b.From.IsZero() && !b.Until.IsZero():
		return Attendance{State: AttendanceChecked, From: b.From, Until: b.Until}
	default:
		return Attendance{State: AttendanceCouldNotCheck}
	}
}

// FindingKind is a kind of unusual access. Newer hubs may have further kinds.
type FindingKind string

// Kinds of unusual accesses.
const (
	OwnName        FindingKind = "own_name"         // the patient has the person's given and family name
	ManyPatients   FindingKind = "many_patients"    // more different patients within an hour than the hub's limit
	SameFamilyName FindingKind = "same_family_name" // the patient has or had the person's family name
	NotAttended    FindingKind = "not_attended"     // the patient is not in the site's list of attendances of the day
)

// Finding is an unusual access, or several of one person to one patient.
type Finding struct {
	Kind        FindingKind
	Person      Person    // Name may be ""
	Number      NHSNumber // "" for ManyPatients
	Count       int       // accesses; for ManyPatients different patients within the hour
	First, Last time.Time
}

// ReportedAccess is a request about patients, granted or not.
type ReportedAccess struct {
	When      time.Time
	Person    Person // Name may be ""
	URID      string
	Action    string // as in the hub's audit: "open an alert"
	Outcome   string // OutcomeGranted, refused or failed
	Reason    string
	Patients  []NHSNumber
	Listed    int // patients in the answer; PatientAccess has only the requested one in Patients
	RequestID string
	Source    string
	Record    int64 // number of the audit record
}

// OutcomeGranted is the outcome of an access that was granted.
const OutcomeGranted = "granted"

// wordsTooManyAccesses is the sentence for a report that the hub did not make because of its length.
const wordsTooManyAccesses = "The report has too many accesses or takes too long, so none was made. Ask for " +
	"fewer days, or about one patient or person."

// codeTooMany is the Spine code of a report that would have too many accesses.
const codeTooMany = "TOO_MANY_MATCHES"

// reportPerson, reportFinding, reportAccess, reportAttendance and reportBody are the hub's JSON (docs/api.md).
type reportPerson struct{ UUID, Name string }

type reportFinding struct {
	Kind, Patient string
	Person        reportPerson
	Count         int
	First, Last   time.Time
}

type reportAccess struct {
	At                                    time.Time
	Person                                reportPerson
	URID, Action, Outcome, Reason, Source string
	Patients                              []string
	Listed                                int
	RequestID                             string `json:"request_id"`
	Record                                int64
}

type reportAttendance struct {
	State       string
	From, Until time.Time
}

type reportBody struct {
	Report, Organisation, From, To, Patient, Person string
	Made                                            time.Time
	SealedAt                                        time.Time `json:"sealed_at"`
	Attendance                                      reportAttendance
	Unusual                                         []reportFinding
	Accesses                                        []reportAccess
}

// Report makes a privacy officer's report. The hub records it, and it notifies nobody. Errors are *Error, with kinds
// such as NotAllowed, and BadRequest for a period that is too long or has too many accesses: a report is never cut.
func (a *Acting) Report(ctx context.Context, q ReportQuery) (Report, error) {
	path := "/privacy/" + string(q.Kind)
	c := a.read(path, path)
	c.accept, c.maxBody = "application/json", maxReport
	c.query = url.Values{"from": {q.From.FHIR()}, "to": {q.To.FHIR()}}
	if q.Number != "" {
		c.query["patient:identifier"] = byPatient(q.Number)["patient:identifier"]
	}
	if q.Person != "" {
		c.query.Set("person", q.Person)
	}

	ans, err := a.ask(ctx, c)
	if refused := new(Error); errors.As(err, &refused) && refused.SpineCode == codeTooMany {
		refused.Detail = wordsTooManyAccesses
	}
	if err != nil {
		return Report{}, err
	}
	return readReport(c, ans, q, a.role.OrgODS)
}

// readReport parses the answer to a request for a report about an organisation. A report about anything else, or with
// an access without a valid number, is malformed: leaving it out would hide an access.
func readReport(c call, ans answer, q ReportQuery, organisation string) (Report, error) {
	var b reportBody
	switch {
	case !isType(ans, "application/json"):
		return Report{}, malformed(c, ans, "not JSON by its content type")
	case ans.header.Get("X-Request-ID") != c.requestID:
		return Report{}, malformed(c, ans, "answer to another request")
	case json.Unmarshal(ans.body, &b) != nil:
		return Report{}, malformed(c, ans, "not JSON, or not of a report's shape")
	case b.Report != string(q.Kind) || b.From != q.From.FHIR() || b.To != q.To.FHIR() ||
		b.Patient != q.Number.Digits() || b.Person != q.Person || b.Organisation != organisation:
		return Report{}, malformed(c, ans, "report about something else")
	case b.Unusual == nil || b.Accesses == nil || b.Made.IsZero():
		return Report{}, malformed(c, ans, "report without its lists or its time")
	}

	person := func(p reportPerson) Person { return Person{UUID: line(p.UUID), Name: name(p.Name)} }
	r := Report{
		Query: q, Organisation: organisation, Made: b.Made, SealedAt: b.SealedAt,
		Attendance: attendanceOf(b.Attendance),
	}
	for _, f := range b.Unusual {
		found := Finding{
			Kind: FindingKind(line(f.Kind)), Person: person(f.Person), Count: f.Count, First: f.First, Last: f.Last,
		}
		if f.Patient != "" {
			var err error
			if found.Number, err = nhs.ParseNumber(f.Patient); err != nil {
				return Report{}, malformed(c, ans, "report with an invalid NHS number")
			}
		}
		r.Unusual = append(r.Unusual, found)
	}

	for _, x := range b.Accesses {
		if x.At.IsZero() {
			return Report{}, malformed(c, ans, "access without a time")
		}
		access := ReportedAccess{
			When: x.At, Person: person(x.Person), URID: line(x.URID), Action: line(x.Action), Outcome: line(x.Outcome),
			Reason: line(x.Reason), Listed: x.Listed, RequestID: line(x.RequestID), Source: line(x.Source),
			Record: x.Record,
		}
		for _, digits := range x.Patients {
			number, err := nhs.ParseNumber(digits)
			if err != nil {
				return Report{}, malformed(c, ans, "report with an invalid NHS number")
			}
			access.Patients = append(access.Patients, number)
		}
		r.Accesses = append(r.Accesses, access)
	}

	return r, nil
}
