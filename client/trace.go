package client

import (
	"context"
	"encoding/json"
	"net/http"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// patients is the path of the patients (PDS FHIR R4 API).
const patients = "/personal-demographics/FHIR/R4/Patient"

// Search searches for patients by demographics. Rows are in the hub's order and have no scores. An empty result is no
// error. Errors are *Error; if the query lacks something the kind is BadRequest and Status is 0.
func (a *Acting) Search(ctx context.Context, q Query) (Found, error) {
	c := a.read(patients, patients)
	if lack := q.Lacks(); lack != LacksNothing {
		return Found{}, &Error{Kind: BadRequest, Detail: lack.Sentence()}
	}
	c.query = q.values()
	ans, err := a.ask(ctx, c)
	if err != nil {
		return Found{}, err
	}
	return readFound(c, ans, a.today())
}

// readFound parses the answer to a search. Too many matches are reported by an OperationOutcome with status 200.
func readFound(c call, ans answer, today nhs.Date) (Found, error) {
	if fhir.TypeOf(ans.body) == "OperationOutcome" {
		var o fhir.OperationOutcome
		if err := checkFHIR(c, ans); err != nil {
			return Found{}, err
		}
		if json.Unmarshal(ans.body, &o) != nil || o.SpineCode() != "TOO_MANY_MATCHES" {
			return Found{}, malformed(c, ans, "an outcome where rows were expected")
		}
		return Found{TooMany: true}, nil
	}

	set, err := readSearchset(c, ans)
	if err != nil {
		return Found{}, err
	}
	if set.recordMissing {
		return Found{}, malformed(c, ans, "a search that says of a record that it is missing")
	}

	found := Found{Rows: make([]Patient, 0, len(set.matches))}
	for i, raw := range set.matches {
		p, err := readPatient(raw, today)
		if err != nil { // leaving a row out would hide a patient
			return Found{}, malformed(c, ans, err.Error())
		}
		p.Other = set.others[i]
		found.Rows = append(found.Rows, p)
	}

	return found, nil
}

// Retrieve returns one patient's record. If the number was superseded, Patient.Number is the current one and
// Patient.AskedFor is n. Errors are *Error, with kinds such as NotFound and Invalidated.
func (a *Acting) Retrieve(ctx context.Context, n nhs.Number) (Patient, error) {
	c := a.read(patients+"/"+n.Digits(), patients+"/{nhsNumber}")
	ans, err := a.ask(ctx, c)
	if err != nil {
		return Patient{}, err
	}
	return readRecord(c, ans, n, a.today())
}

// readRecord parses the answer to a retrieval of n.
func readRecord(c call, ans answer, n nhs.Number, today nhs.Date) (Patient, error) {
	if err := checkFHIR(c, ans); err != nil {
		return Patient{}, err
	}
	p, err := readPatient(ans.body, today)
	if err != nil {
		return Patient{}, malformed(c, ans, err.Error())
	}
	if p.Number != n {
		p.AskedFor = n
	}
	return p, nil
}

// read returns a silent call in the role.
func (a *Acting) read(path, route string) call {
	c := a.session.call(http.MethodGet, path, route)
	c.accept, c.urid, c.silent = fhir.MediaType, a.role.URID, true
	return c
}

// ask makes a FHIR call. Any status other than 200 is returned as an *Error.
func (a *Acting) ask(ctx context.Context, c call) (answer, error) {
	hub := a.session.hub
	ans, err := hub.do(ctx, c)
	if err != nil {
		return answer{}, err
	}
	if ans.status != http.StatusOK {
		return answer{}, refusal(c, ans, hub.clock())
	}
	return ans, nil
}

// today returns today's date by this computer's clock.
func (a *Acting) today() nhs.Date { return nhs.DateOf(a.session.hub.clock()) }
