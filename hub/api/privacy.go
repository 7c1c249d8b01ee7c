package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/privacy"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// privacyBase is the base path of the privacy officer's reports.
const privacyBase = "/privacy"

// maxReport is the maximum number of audit records in a report. A longer one is refused, because a part of it would be
// read as all.
const maxReport = 10_000

// reportNames is how many patients' names are read at once.
const reportNames = 500

// Reports reads what the privacy officer's reports need.
type Reports interface {
	AuditRecords(ctx context.Context, q store.AuditQuery) ([]store.AuditRecord, error)
	AuditSeals(ctx context.Context) ([]store.AuditSeal, error)
	Person(ctx context.Context, uuid string) (store.Person, error)
	Patients(ctx context.Context, numbers []nhs.Number) (map[nhs.Number]store.Patient, error)
}

// reportBody is the answer to a request for a report. Lists are never null.
type reportBody struct {
	Report       privacy.Kind     `json:"report"`
	Organisation string           `json:"organisation"` // ODS code
	From         string           `json:"from"`
	To           string           `json:"to"`
	Made         string           `json:"made"`
	Patient      string           `json:"patient,omitempty"`
	Person       string           `json:"person,omitempty"`
	SealedAt     string           `json:"sealed_at,omitempty"` // records from before may have been exported and deleted
	Attendance   reportAttendance `json:"attendance"`
	Unusual      []reportFinding  `json:"unusual"`
	Accesses     []reportAccess   `json:"accesses"`
}

// States of a report's attendance.
const (
	attendanceChecked       = "checked"
	attendanceNotChecked    = "not_checked"     // the hub has no list
	attendanceCouldNotCheck = "could_not_check" // the hub can't use its list
)

// reportAttendance says whether accesses were compared with the site's list of attendances: those since From and of
// before Until.
type reportAttendance struct {
	State string `json:"state"`
	From  string `json:"from,omitempty"`
	Until string `json:"until,omitempty"`
}

// reportPerson is a person in a report. Name is "" if the person isn't stored any more.
type reportPerson struct {
	UUID string `json:"uuid"`
	Name string `json:"name"`
}

type reportFinding struct {
	Kind    privacy.FindingKind `json:"kind"`
	Person  reportPerson        `json:"person"`
	Patient string              `json:"patient,omitempty"`
	Count   int                 `json:"count"`
	First   string              `json:"first"`
	Last    string              `json:"last"`
}

type reportAccess struct {
	At        string       `json:"at"`
	Person    reportPerson `json:"person"`
	URID      string       `json:"urid"`
	Action    string       `json:"action"`
	Outcome   string       `json:"outcome"`
	Reason    string       `json:"reason"`
	Patients  []string     `json:"patients"`
	Listed    int          `json:"listed"`
	RequestID string       `json:"request_id"`
	Source    string       `json:"source"`
	Record    int64        `json:"record"`
}

// report returns the handler of a privacy officer's report about the organisation of the request's role.
func (a *API) report(kind privacy.Kind) func(*call) (*answer, error) {
	return func(c *call) (*answer, error) {
		q, err := reportAsked(c.query, kind, c.person.role.OrgODS)
		if err != nil {
			return nil, err
		}

		asked := slices.Clone(q.Patients)
		if len(asked) > 0 {
			status, err := a.Records.RecordStatus(c.ctx, asked[0])
			if err != nil {
				return nil, err
			}
			q.Patients = status.Numbers
		}

		list, attendance := a.attendances()
		r, err := a.makeReport(c.ctx, q, list)
		if err != nil {
			return nil, err
		}
		body, err := a.reportBody(c, r, asked, attendance)
		return &answer{body: body, mediaType: mediaJSON, patients: asked, reason: reportReason(q)}, err
	}
}

// reportReason returns what the audit says about a report besides its action and patient.
func reportReason(q privacy.Query) string {
	reason := q.From.FHIR() + " to " + q.To.FHIR()
	if q.Person != "" {
		reason += ", person " + q.Person
	}
	return reason
}

// reportAsked parses the parameters from, to, and the patient or the person of the kind.
func reportAsked(query url.Values, kind privacy.Kind, organisation string) (privacy.Query, error) {
	q := privacy.Query{Kind: kind, Organisation: organisation}
	known := []string{"from", "to"}
	switch kind {
	case privacy.PatientAccess:
		known = append(known, parameterPatient)
	case privacy.UserAccess:
		known = append(known, "person")
	case privacy.PatientEnquiries:
	}
	if err := unknownParameters(query, known...); err != nil {
		return q, err
	}

	for name, date := range map[string]*nhs.Date{"from": &q.From, "to": &q.To} {
		var err error
		if *date, err = nhs.ParseDate(query.Get(name)); err != nil || len(query[name]) != 1 ||
			date.FHIR() != query.Get(name) {
			return q, badRequest("INVALID_SEARCH_DATA", "Invalid search data provided - '%s is not a date'", name)
		}
	}

	switch kind {
	case privacy.PatientAccess:
		number, err := patientNamed(query)
		if err != nil {
			return q, err
		}
		q.Patients = []nhs.Number{number}
	case privacy.UserAccess:
		if q.Person = query.Get("person"); len(query["person"]) != 1 || !nhs.IsUserID(q.Person) {
			return q, badRequest("INVALID_SEARCH_DATA", "Invalid search data provided - 'person is not a user's UUID'")
		}
	case privacy.PatientEnquiries:
	}

	if err := q.Check(); err != nil {
		return q, badRequest("INVALID_SEARCH_DATA", "Invalid search data provided - '%s'", err)
	}
	return q, nil
}

// attendances returns the site's list of attendances, or nil, and what a report says about it.
func (a *API) attendances() (*privacy.Attendances, reportAttendance) {
	if a.Attendances == nil {
		return nil, reportAttendance{State: attendanceNotChecked}
	}
	list, err := a.Attendances()
	if err != nil { // logged where the file is read
		return nil, reportAttendance{State: attendanceCouldNotCheck}
	}
	return list, reportAttendance{
		State: attendanceChecked, From: stamp(list.From(a.UK)), Until: stamp(list.Written),
	}
}

// makeReport reads the records and names of a report. list is the site's list of attendances, or nil.
func (a *API) makeReport(ctx context.Context, q privacy.Query, list *privacy.Attendances) (privacy.Report, error) {
	from, until := q.Period(a.UK)
	records, err := a.Reports.AuditRecords(ctx, store.AuditQuery{
		OrgODS: q.Organisation, From: from, Until: until, Person: q.Person, Patients: q.Patients, Limit: maxReport + 1,
	})
	switch {
	case errors.Is(err, store.ErrTooLong):
		return privacy.Report{}, badRequest("TOO_MANY_MATCHES", "The report takes too long. Ask for fewer days.")
	case err != nil:
		return privacy.Report{}, fmt.Errorf("report: %w", err)
	case len(records) > maxReport:
		return privacy.Report{}, badRequest("TOO_MANY_MATCHES", "The report would have more than %d accesses. Ask "+
			"for fewer days.", maxReport)
	}

	f := privacy.Facts{MaxPatients: a.Patients.Max(), UK: a.UK, Attendances: list}
	if f.Staff, err = a.staffNames(ctx, records); err == nil {
		f.Patients, err = a.patientNames(ctx, records)
	}
	if err == nil && list != nil {
		f.Numbers, err = a.otherNumbers(ctx, records, list)
	}
	if err != nil {
		return privacy.Report{}, fmt.Errorf("report: %w", err)
	}
	return privacy.Make(q, records, f)
}

// staffNames returns the names of the persons in the records who are still stored.
func (a *API) staffNames(ctx context.Context, records []store.AuditRecord) (map[string]privacy.Name, error) {
	names := make(map[string]privacy.Name)
	for _, r := range records {
		if _, known := names[r.Person]; known {
			continue
		}
		p, err := a.Reports.Person(ctx, r.Person)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		names[r.Person] = privacy.Name{Given: p.Given, Family: p.Family}
	}
	return names, nil
}

// otherNumbers returns all numbers of the patients in the records who are not in the list of attendances on the day by
// the number in the record.
func (a *API) otherNumbers(ctx context.Context, records []store.AuditRecord, list *privacy.Attendances,
) (map[nhs.Number][]nhs.Number, error) {
	all := make(map[nhs.Number][]nhs.Number)
	for _, r := range records {
		if r.Action == audit.Search {
			continue
		}
		for _, n := range r.Patients {
			if _, known := all[n]; known || list.Attended(nhs.DateOf(r.At.In(a.UK)), n) {
				continue
			}
			status, err := a.Records.RecordStatus(ctx, n)
			if err != nil {
				return nil, err
			}
			all[n] = status.Numbers
		}
	}
	return all, nil
}

// patientNames returns the names of the patients in the records. Those that a search only listed aren't read.
func (a *API) patientNames(ctx context.Context, records []store.AuditRecord) (map[nhs.Number][]privacy.Name, error) {
	var numbers []nhs.Number
	for _, r := range records {
		if r.Action != audit.Search {
			numbers = append(numbers, r.Patients...)
		}
	}
	slices.Sort(numbers)

	names := make(map[nhs.Number][]privacy.Name)
	for some := range slices.Chunk(slices.Compact(numbers), reportNames) {
		patients, err := a.Reports.Patients(ctx, some)
		if err != nil {
			return nil, err
		}
		for n, p := range patients {
			var record fhir.Patient
			if err := json.Unmarshal(p.Body, &record); err != nil {
				return nil, errors.New("a record cannot be parsed") // without the cause, which quotes the record
			}
			for _, name := range record.Name {
				given := ""
				if len(name.Given) > 0 {
					given = name.Given[0]
				}
				names[n] = append(names[n], privacy.Name{Given: given, Family: name.Family})
			}
		}
	}
	return names, nil
}

// reportBody encodes a report. asked is the requested patient, if there is one.
func (a *API) reportBody(c *call, r privacy.Report, asked []nhs.Number, attendance reportAttendance,
) ([]byte, error) {
	b := reportBody{
		Report: r.Query.Kind, Organisation: r.Query.Organisation, From: r.Query.From.FHIR(), To: r.Query.To.FHIR(),
		Made: stamp(c.now), Person: r.Query.Person, Attendance: attendance,
		Unusual: []reportFinding{}, Accesses: []reportAccess{},
	}
	if len(asked) > 0 {
		b.Patient = asked[0].Digits()
	}

	seals, err := a.Reports.AuditSeals(c.ctx)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if from, _ := r.Query.Period(a.UK); len(seals) > 0 && !seals[len(seals)-1].At.Before(from) {
		b.SealedAt = stamp(seals[len(seals)-1].At)
	}

	person := func(uuid string, n privacy.Name) reportPerson {
		return reportPerson{UUID: uuid, Name: nhs.DisplayName(n.Family, []string{n.Given}, "")}
	}

	for _, f := range r.Unusual {
		b.Unusual = append(b.Unusual, reportFinding{
			Kind: f.Kind, Person: person(f.Person, f.Name), Patient: f.Patient.Digits(), Count: f.Count,
			First: stamp(f.First), Last: stamp(f.Last),
		})
	}

	for _, x := range r.Accesses {
		row := reportAccess{
			At: x.At.UTC().Format(time.RFC3339Nano), Person: person(x.Person, x.Name), URID: x.URID, Action: x.Action,
			Outcome: x.Outcome, Reason: x.Reason, Patients: []string{}, Listed: x.Listed, RequestID: x.RequestID,
			Source: x.Source, Record: x.Seq,
		}
		for _, n := range x.Patients {
			row.Patients = append(row.Patients, n.Digits())
		}
		b.Accesses = append(b.Accesses, row)
	}

	return marshal(b)
}
