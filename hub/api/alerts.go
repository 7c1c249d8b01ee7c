package api

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// parameterPatient names the patient (draft CP-IS FHIR R4 guide).
const parameterPatient = "patient:identifier"

// patientAsked reads patient:identifier, and refuses parameters that are not known.
func patientAsked(query url.Values, known ...string) (nhs.Number, error) {
	if err := unknownParameters(query, append(known, parameterPatient)...); err != nil {
		return "", err
	}
	return patientNamed(query)
}

// patientNamed reads the one patient:identifier.
func patientNamed(query url.Values) (nhs.Number, error) {
	bad := badRequest("INVALID_SEARCH_DATA", "Invalid search data provided - '%s is not %s| and a valid NHS number'",
		parameterPatient, fhir.SystemNHSNumber)
	values := query[parameterPatient]
	if len(values) != 1 {
		return "", bad
	}
	digits, ok := strings.CutPrefix(values[0], fhir.SystemNHSNumber+"|")
	number, err := nhs.ParseNumber(digits)
	if !ok || err != nil || number.Digits() != digits {
		return "", bad
	}
	return number, nil
}

// lamp returns GET /Flag: whether there is an alert, and nothing of it. It leaves no access and notifies nobody.
func (a *API) lamp(c *call) (*answer, error) {
	number, err := patientAsked(c.query)
	if err != nil {
		return nil, err
	}
	found, err := a.CPIS.Plans(c.ctx, number, c.today)
	if err != nil {
		return nil, err
	}
	b := fhir.NewSearchset(stamp(c.now))
	if len(found.Visible) > 0 {
		if err := b.Match("urn:uuid:"+a.NewID(), nil, cpis.Lamp(number)); err != nil {
			return nil, err
		}
	}
	body, err := a.alertAnswer(b, found)
	return &answer{body: body, patients: []nhs.Number{number}}, err
}

// alertAnswer ends an answer about a patient's alert: where the patient has no current record, it says so.
func (a *API) alertAnswer(b *fhir.Bundle, found cpis.OnFile) ([]byte, error) {
	if !found.Patient.Known {
		if err := b.Outcome("urn:uuid:"+a.NewID(), cpis.RecordMissing()); err != nil {
			return nil, err
		}
	}
	return marshal(b)
}

// open returns GET /CareTeam: the plans. In unscheduled care it leaves an access and the notifications, once for a
// request id.
func (a *API) open(c *call) (*answer, error) {
	number, err := patientAsked(c.query)
	if err != nil {
		return nil, err
	}
	digest := openingDigest(c, number)
	var before *answer
	if c.action == rbac.OpenAlert {
		if before, err = a.openedBefore(c, number, digest); err != nil {
			return nil, err
		}
	}
	found, err := a.CPIS.Plans(c.ctx, number, c.today)
	switch {
	case err != nil:
		return nil, err // also where the record has become restricted since the same request was answered
	case before != nil:
		return before, nil
	}
	b := fhir.NewSearchset(stamp(c.now))
	for _, p := range found.Visible {
		if err := b.Match(a.Issuer+cpisBase+"/CareTeam/"+p.ID, nil, cpis.CareTeam(p, number, c.today)); err != nil {
			return nil, err
		}
	}
	body, err := a.alertAnswer(b, found)
	if err != nil {
		return nil, err
	}
	got := &answer{body: body, patients: []nhs.Number{number}}
	if c.action == rbac.OpenAlert {
		got.opening = &store.Opening{
			Person: c.person.Person.UUID, RequestID: c.requestID, Digest: digest, Answer: body, Expires: c.person.Session.Expires,
		}
		got.opening.Access, got.opening.Notifications, err = a.CPIS.Record(store.Access{
			Number: number, At: c.now, Who: c.person.Viewer(c.person.role), Session: c.person.Session.ID, RequestID: c.requestID,
		}, found)
	}
	return got, err
}

// openedBefore returns the answer on record of the same request; nil when there is none. The same id on another request
// is refused: its answer would be about another child.
func (a *API) openedBefore(c *call, number nhs.Number, digest string) (*answer, error) {
	o, err := a.Openings.Opening(c.ctx, c.person.Person.UUID, c.requestID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("opening: %w", err)
	case o.Digest != digest:
		return nil, badRequest("PRECONDITION_FAILED", "Invalid value - '%s' in header '%s': it was used for another opening",
			c.requestID, headerRequestID)
	}
	return &answer{body: o.Answer, patients: []nhs.Number{number}, reason: again}, nil
}

// openingDigest returns what makes two openings the same: who, in which role, about whom.
func openingDigest(c *call, number nhs.Number) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{c.person.Person.UUID, c.person.role.URID, number.Digits()}, "\n")))
	return hex.EncodeToString(sum[:])
}

// accesses returns GET /AuditEvent: who has looked. It is itself silent.
func (a *API) accesses(c *call) (*answer, error) {
	const include = "_include"
	number, err := patientAsked(c.query, include)
	if err != nil {
		return nil, err
	}
	included := c.query[include]
	if len(included) > 1 || len(included) == 1 && included[0] != cpis.IncludeRoles {
		return nil, badRequest("INVALID_SEARCH_DATA", "Invalid search data provided - '%s is not %s'", include, cpis.IncludeRoles)
	}
	found, history, err := a.CPIS.History(c.ctx, number, c.today)
	if err != nil {
		return nil, err
	}
	b := fhir.NewSearchset(stamp(c.now))
	roles := make(map[store.Viewer]string)
	var viewers []store.Viewer
	for _, x := range history {
		id, known := roles[x.Who]
		if !known {
			id = a.NewID()
			roles[x.Who] = id
			viewers = append(viewers, x.Who)
		}
		x.Number = number
		event := cpis.AuditEvent(x, "urn:uuid:"+id, fhir.Reference{Display: a.Issuer})
		if err := b.Match(a.Issuer+cpisBase+"/AuditEvent/"+x.ID, nil, event); err != nil {
			return nil, err
		}
	}
	if len(included) == 1 {
		for _, v := range viewers {
			if err := b.Include("urn:uuid:"+roles[v], cpis.PractitionerRole(roles[v], v)); err != nil {
				return nil, err
			}
		}
	}
	body, err := a.alertAnswer(b, found)
	return &answer{body: body, patients: []nhs.Number{number}}, err
}
