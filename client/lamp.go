package client

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// cpis is where the alerts live (draft CP-IS FHIR R4 guide).
const cpis = "/cpis/FHIR/R4"

// Lamp asks whether there is an alert; it notifies nobody. It has no error of its own: whatever goes wrong is a Lamp
// that could not be checked, with the reason in Err.
func (a *Acting) Lamp(ctx context.Context, n nhs.Number) Lamp {
	c := a.readCPIS("/Flag", n)
	ans, err := a.ask(ctx, c)
	if err != nil {
		return notLit(c, n, err)
	}
	return readLamp(c, ans, n)
}

// readCPIS returns a read about the patient's alert, which says in which care setting the role is. Every such read
// says so: one that does not is of unscheduled care (draft CP-IS FHIR R4 guide).
func (a *Acting) readCPIS(path string, n nhs.Number) call {
	c := a.read(cpis+path, cpis+path)
	c.query = byPatient(n)
	c.header = http.Header{"Isunscheduledaccessevent": {strconv.FormatBool(rbac.Unscheduled(a.role))}}
	return c
}

// readLamp reads the answer. "None recorded" takes a well-formed searchset, for exactly this request, with nothing in
// it; "alert" takes nothing but the flags of exactly this patient.
func readLamp(c call, ans answer, n nhs.Number) Lamp {
	set, err := readSearchset(c, ans)
	if err != nil {
		return notLit(c, n, err)
	}
	switch {
	case len(set.included) != 0:
		return notLit(c, n, rubbish(c, ans, "flags with other resources"))
	case set.recordMissing && len(set.matches) == 0: // nobody's record, and nothing on file, is no "none recorded"
		return notLit(c, n, rubbish(c, ans, "no flag, of a patient without a record"))
	}
	for _, raw := range set.matches {
		var f fhir.Flag
		switch {
		case json.Unmarshal(raw, &f) != nil || f.ResourceType != "Flag":
			return notLit(c, n, rubbish(c, ans, "not a Flag"))
		case !isAbout(&f.Subject, n):
			return notLit(c, n, rubbish(c, ans, "flag of another patient"))
		case f.Status != "active" || !hasCode(f.Code, fhir.CodeCPISFlag):
			return notLit(c, n, rubbish(c, ans, "flag of another kind"))
		}
	}
	lamp := Lamp{Number: n, State: NoneRecorded, AsOf: set.asOf, RequestID: c.requestID, RecordMissing: set.recordMissing}
	if len(set.matches) > 0 {
		lamp.State = Alert
	}
	return lamp
}

// notLit returns a lamp that could not be checked.
func notLit(c call, n nhs.Number, err error) Lamp {
	return Lamp{Number: n, State: CouldNotCheck, RequestID: c.requestID, Err: err}
}

// hasCode tells whether one of the codings is the code. The system is not asked for: draft and beta guide differ in it.
func hasCode(c fhir.CodeableConcept, code string) bool {
	return slices.ContainsFunc(c.Coding, func(k fhir.Coding) bool { return k.Code == code })
}
