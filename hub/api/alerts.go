package api

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// parameterPatient is the parameter with the patient's NHS number (draft CP-IS FHIR R4 guide).
const parameterPatient = "patient:identifier"

// patientAsked parses patient:identifier. It returns an error for parameters that aren't known.
func patientAsked(query url.Values, known ...string) (nhs.Number, error) {
	if err := unknownParameters(query, append(known, parameterPatient)...); err != nil {
		return "", err
	}
	return patientNamed(query)
}

// patientNamed parses patient:identifier, which must occur once.
func patientNamed(query url.Values) (nhs.Number, error) {
	return identified(query, parameterPatient)
}

// identified parses a parameter with an NHS number and its system, which must occur once.
func identified(query url.Values, parameter string) (nhs.Number, error) {
	values := query[parameter]
	if len(values) == 1 {
		digits, ok := strings.CutPrefix(values[0], fhir.SystemNHSNumber+"|")
		if number, err := nhs.ParseNumber(digits); ok && err == nil && number.Digits() == digits {
			return number, nil
		}
	}
	return "", badRequest(
		"INVALID_SEARCH_DATA",
		"Invalid search data provided - '%s is not %s| and a valid NHS number'",
		parameter,
		fhir.SystemNHSNumber,
	)
}

// lamp answers GET /Flag: whether there is an alert, without any detail of it. It records no access and notifies
// nobody.
func (a *API) lamp(c *call) (*answer, error) {
	number, err := patientAsked(c.query)
	if err != nil {
		return nil, err
	}

	if _, asks := a.Alerts.(OpeningQuery); asks {
		if _, err := a.permittedPatient(c, number); err != nil {
			return nil, err
		}
	}

	found, err := a.Alerts.Plans(c.ctx, number, c.today)
	if err != nil {
		return nil, err
	}
	b := fhir.NewSearchset(stamp(asOf(c, found)))
	if len(found.Visible) > 0 {
		if err := b.Match("urn:uuid:"+a.NewID(), nil, cpis.Lamp(number)); err != nil {
			return nil, err
		}
	}
	body, err := a.alertAnswer(b, found)
	return &answer{body: body, patients: []nhs.Number{number}}, err
}

// asOf returns the time of an answer: now, or when a national service answered, if that is earlier.
func asOf(c *call, found cpis.PatientPlans) time.Time {
	if found.AsOf.IsZero() || found.AsOf.After(c.now) {
		return c.now
	}
	return found.AsOf
}

// alertAnswer encodes an answer about a patient's alert. If the patient has no current record, it adds a warning.
func (a *API) alertAnswer(b *fhir.Bundle, found cpis.PatientPlans) ([]byte, error) {
	if !found.Patient.Known {
		if err := b.Outcome("urn:uuid:"+a.NewID(), cpis.RecordMissing()); err != nil {
			return nil, err
		}
	}
	return marshal(b)
}

// open answers GET /CareTeam with the plans. In unscheduled care it records an access and the notifications, once for
// each request ID.
func (a *API) open(c *call) (*answer, error) {
	number, err := patientAsked(c.query)
	if err != nil {
		return nil, err
	}

	if source, asks := a.Alerts.(OpeningQuery); asks && c.action == rbac.OpenAlert {
		return a.openByQuery(c, source, number)
	}

	digest := requestDigest(c, number)
	var before *answer
	if c.action == rbac.OpenAlert {
		if before, err = a.openedBefore(c, number, digest); err != nil {
			return nil, err
		}
	}

	found, err := a.Alerts.Plans(c.ctx, number, c.today)
	switch {
	case err != nil:
		return nil, err // also if the record has become restricted since the same request was answered
	case before != nil:
		return before, nil
	}

	b := fhir.NewSearchset(stamp(asOf(c, found)))
	if err := a.addPlans(b, found, number, c.today); err != nil {
		return nil, err
	}

	body, err := a.alertAnswer(b, found)
	if err != nil {
		return nil, err
	}

	got := &answer{body: body, patients: []nhs.Number{number}}
	if c.action == rbac.OpenAlert {
		got.opening = &store.Opening{
			Person: c.person.Person.UUID, RequestID: c.requestID, Digest: digest, Answer: body,
			Expires: c.person.Session.Expires,
		}
		got.opening.Access, got.opening.Notifications, err = a.Alerts.Record(store.Access{
			Number: number, At: c.now, Who: c.person.Viewer(c.person.role), Session: c.person.Session.ID,
			RequestID: c.requestID,
		}, found)
		if got.opening.Access != nil {
			got.reason = audit.AccessReason(got.opening.Access.ID)
		}
	}

	return got, err
}

// openedBefore returns the stored answer of the same request, or nil if there is none. It returns an error for another
// request with the same ID, whose answer would be about another child.
func (a *API) openedBefore(c *call, number nhs.Number, digest string) (*answer, error) {
	o, err := a.Openings.Opening(c.ctx, c.person.Person.UUID, c.requestID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("opening: %w", err)
	case o.Digest != digest:
		return nil, badRequest("PRECONDITION_FAILED", "Invalid value - '%s' in header '%s': it was already used "+
			"for another request",
			c.requestID, headerRequestID)
	}
	return &answer{body: o.Answer, patients: []nhs.Number{number}, reason: reasonRepeated}, nil
}

// requestDigest returns a hash of what identifies a request: person, role, patient and the rest. An opening has no
// rest.
func requestDigest(c *call, number nhs.Number, rest ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{
		c.person.Person.UUID, c.person.role.URID, number.Digits(),
	}, rest...), "\n")))
	return hex.EncodeToString(sum[:])
}

// accesses answers GET /AuditEvent with the access history. It records no access itself.
func (a *API) accesses(c *call) (*answer, error) {
	const include = "_include"
	number, err := patientAsked(c.query, include)
	if err != nil {
		return nil, err
	}

	included := c.query[include]
	if len(included) > 1 || len(included) == 1 && included[0] != cpis.IncludeRoles {
		return nil, badRequest("INVALID_SEARCH_DATA", "Invalid search data provided - '%s is not %s'", include,
			cpis.IncludeRoles)
	}

	found, history, err := a.Alerts.History(c.ctx, number, c.today)
	if err != nil {
		return nil, err
	}

	b := fhir.NewSearchset(stamp(c.now))
	addEvent := func(fullURL string, resource any) error { return b.Match(fullURL, nil, resource) }
	addRole := b.Include
	if len(included) == 0 {
		addRole = nil
	}
	if err := a.addHistory(addEvent, addRole, history, number); err != nil {
		return nil, err
	}

	body, err := a.alertAnswer(b, found)
	return &answer{body: body, patients: []nhs.Number{number}}, err
}
