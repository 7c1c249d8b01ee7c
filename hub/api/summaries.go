package api

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"wardlight/hub/store"
	"wardlight/hub/summary"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// summariesBase is the base path of the Summary Care Record FHIR R4 API.
const summariesBase = "/summary-care-record/FHIR/R4"

// Parameters of the Summary Care Record API. That of the patient in a search is parameterFlagPatient.
const (
	parameterSummary        = "composition.identifier"
	parameterSummaryPatient = "composition.subject:Patient.identifier"
)

// Summaries reads Summary Care Records: [summary.Service], or the national service. Errors are those of
// [summary.Service] and *[national.Failure].
type Summaries interface {
	// Find returns the patient's latest summary without its contents, or nil if none is on file.
	Find(ctx context.Context, p summary.Patient) (*summary.Reference, error)
	// Read returns the Bundle of the patient's latest summary if it has that ID, and otherwise an empty Bundle. shown
	// reports whether the Bundle has the summary.
	Read(ctx context.Context, p summary.Patient, id string) (body []byte, shown bool, err error)
}

// summaryPatientNamed returns the patient of a request about summaries.
func summaryPatientNamed(query url.Values) (nhs.Number, error) {
	if query.Has(parameterSummaryPatient) {
		return identified(query, parameterSummaryPatient)
	}
	return identified(query, parameterFlagPatient)
}

// findSummary answers GET /DocumentReference: whether the patient has a summary, its ID, and the patient's permission
// to share it. It doesn't contain the summary, so nobody's permission to view is needed.
func (a *API) findSummary(c *call) (*answer, error) {
	number, err := searchedSummary(c.query)
	if err != nil {
		return nil, err
	}
	patient, err := a.summaryPatient(c, number)
	if err != nil {
		return nil, err
	}

	found, err := a.Summaries.Find(c.ctx, patient)
	if err != nil {
		return nil, err
	}
	body, err := summary.References(found, number, a.Issuer+summariesBase, a.NewID)
	return &answer{body: body, patients: []nhs.Number{number}}, err
}

// searchedSummary parses the query of GET /DocumentReference. The NHS API accepts one value of each parameter besides
// the patient.
func searchedSummary(query url.Values) (nhs.Number, error) {
	fixed := map[string]string{"type": fhir.SystemSNOMED + "|" + summary.CodeSummary, "_sort": "date", "_count": "1"}
	if err := unknownParameters(query, parameterFlagPatient, "type", "_sort", "_count"); err != nil {
		return "", err
	}
	for _, name := range []string{"type", "_sort", "_count"} {
		if values := query[name]; len(values) > 1 || len(values) == 1 && values[0] != fixed[name] {
			return "", badRequest(
				"INVALID_SEARCH_DATA",
				"Invalid search data provided - '%s is not %s'",
				name,
				fixed[name],
			)
		}
	}
	return identified(query, parameterFlagPatient)
}

// summaryPatient returns a patient by NHS numbers. It returns an error for a patient about whose
// summary nothing may be said.
func (a *API) summaryPatient(c *call, number nhs.Number) (p summary.Patient, err error) {
	patient, err := a.Records.RecordStatus(c.ctx, number)
	switch {
	case err != nil:
		return p, err
	case patient.Invalidated:
		return p, trace.ErrInvalidated
	case patient.Restricted:
		return p, summary.ErrSensitive
	case !patient.Known:
		return p, trace.ErrNotFound
	case a.Summaries == nil:
		return p, summary.ErrNotHeld
	}
	return summary.Patient{
		Number: number, Current: cmp.Or(patient.Current, number), Numbers: allNumbers(number, patient),
	}, nil
}

// viewAsked chooses the action of a view by the permission in its headers. Without a permission there is no view.
func viewAsked(r *http.Request, _ rbac.RoleProfile) (rbac.Action, error) {
	view, err := summary.ViewAsked(r.Header)
	if err != nil {
		return 0, badRequest("PRECONDITION_FAILED", "Invalid permission to view - %s", err)
	}
	return view.Action(), nil
}

// viewSummary answers GET /Bundle with the summary. The view's permission, reason and words are recorded in the commit
// of the answer, with a privacy alert if the patient did not agree: both once for each request ID. The stored opening
// has no answer, so that summaries aren't stored with requests: a repeated request reads the summary again.
func (a *API) viewSummary(c *call) (*answer, error) {
	if err := unknownParameters(c.query, parameterSummary, parameterSummaryPatient); err != nil {
		return nil, err
	}
	number, err := identified(c.query, parameterSummaryPatient)
	if err != nil {
		return nil, err
	}
	ids := c.query[parameterSummary]
	if len(ids) != 1 || !uuidForm.MatchString(ids[0]) {
		return nil, badRequest(
			"INVALID_SEARCH_DATA",
			"Invalid search data provided - '%s is not a UUID'",
			parameterSummary,
		)
	}
	id := strings.ToUpper(ids[0])
	view, err := summary.ViewAsked(c.request.Header)
	if err != nil {
		return nil, badRequest("PRECONDITION_FAILED", "Invalid permission to view - %s", err)
	}

	// The digest does not have the ID: the summary may have been replaced before the repetition.
	digest := requestDigest(c, number, "summary", "view", view.Key())
	before, err := a.openedBefore(c, number, digest)
	if err != nil {
		return nil, err
	}
	patient, err := a.summaryPatient(c, number)
	if err != nil {
		return nil, err
	}
	body, shown, err := a.Summaries.Read(c.ctx, patient, id)
	if err != nil {
		return nil, err
	}

	got := &answer{body: body, patients: []nhs.Number{number}, reason: view.Recorded(id)}
	switch {
	case !shown:
		got.reason = "no summary " + id
	case before != nil:
		got.reason = reasonRepeated + ", summary " + id
	default:
		got.opening = a.viewed(c, digest)
		if cause, alerts := view.Cause(); alerts {
			got.change = &store.Change{Alert: a.privacyAlert(c, summary.Alert{
				Cause: cause, Words: view.Reason, Number: number, Summary: id,
			})}
		}
	}
	return got, nil
}

// viewed returns the opening that makes the request ID count once.
func (a *API) viewed(c *call, digest string) *store.Opening {
	return &store.Opening{
		Person: c.person.Person.UUID, RequestID: c.requestID, Digest: digest, Answer: []byte{},
		Expires: c.person.Session.Expires,
	}
}

// postAuditEvent answers POST /AuditEvent: a privacy alert that a person raises, such as about a self-claimed
// legitimate relationship. The alert of a view without the patient's permission is made by the view itself.
func (a *API) postAuditEvent(c *call) (*answer, error) {
	if err := unknownParameters(c.query); err != nil {
		return nil, err
	}
	if err := c.readBody(fhir.MediaType, mediaJSON); err != nil {
		return nil, err
	}
	alert, err := summary.ReadEvent(c.body, alertPerson(c))
	if err != nil {
		return nil, badRequest("INVALID_VALUE", "Invalid AuditEvent - %s", err)
	}
	c.about = alert.Number
	if d := rbac.Decide(c.person.role.RoleProfile, alert.Cause.Action()); !d.Allowed {
		return nil, forbidden(d)
	}

	digest := requestDigest(c, alert.Number, "summary", "alert", string(c.body))
	before, err := a.openedBefore(c, alert.Number, digest)
	if err != nil {
		return nil, err
	}
	if _, err := a.summaryPatient(c, alert.Number); err != nil && !errors.Is(err, summary.ErrNotHeld) {
		return nil, err
	}

	got := &answer{status: http.StatusCreated, patients: []nhs.Number{alert.Number}, reason: reasonRepeated}
	if before == nil {
		got.reason = strings.ToLower(alert.Cause.Type.String() + ": " + alert.Cause.Reason.String())
		got.opening = a.viewed(c, digest)
		got.change = &store.Change{Alert: a.privacyAlert(c, alert)}
	}
	return got, nil
}

// privacyAlert completes an alert with the request that causes it.
func (a *API) privacyAlert(c *call, alert summary.Alert) *summary.Alert {
	alert.ID, alert.At, alert.Who = a.NewID(), c.now, alertPerson(c)
	alert.Session, alert.RequestID = c.person.Session.ID, c.requestID
	if a.SendAlerts {
		alert.Sending.Next = c.now
	}
	return &alert
}

// alertPerson returns the person in the role of the request.
func alertPerson(c *call) summary.Person {
	v := c.person.Viewer(c.person.role)
	return summary.Person{
		UUID: v.UUID, Name: v.Name, URID: v.URID, JobRole: v.JobRole, JobName: v.JobName, OrgODS: v.OrgODS,
		OrgName: v.OrgName,
	}
}

// readBody reads the body, which must be of one of the media types.
func (c *call) readBody(mediaTypes ...string) error {
	if c.body != nil {
		return nil
	}
	kind, parameters, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	charset := strings.ToLower(parameters["charset"])
	encoded := c.request.Header.Get("Content-Encoding") != ""
	if !slices.Contains(mediaTypes, kind) || charset != "" && charset != "utf-8" || encoded {
		return &problem{
			status: http.StatusUnsupportedMediaType, code: "INVALID_VALUE", issue: "not-supported",
			diagnostics: "The Content-Type is not " + strings.Join(mediaTypes, " or ") + ".",
		}
	}

	body, err := io.ReadAll(c.request.Body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return &problem{
			status: http.StatusRequestEntityTooLarge, code: "INVALID_VALUE", issue: "too-long",
			diagnostics: "The body is too long.",
		}
	case err != nil:
		return badRequest("INVALID_VALUE", "The body did not arrive completely.")
	}
	c.body = body
	return nil
}
