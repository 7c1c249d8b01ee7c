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

// cpis is the path of the alerts (draft CP-IS FHIR R4 guide).
const cpis = "/cpis/FHIR/R4"

// cpisLamp checks whether there is an alert, by the draft CP-IS FHIR R4 guide.
func (a *Acting) cpisLamp(ctx context.Context, n nhs.Number) Lamp {
	c := a.readCPIS("/Flag", n)
	ans, err := a.ask(ctx, c)
	if err != nil {
		return uncheckedLamp(c, n, err)
	}
	return readLamp(c, ans, n)
}

// readCPIS returns a call about the patient's alert with the care setting of the role.
func (a *Acting) readCPIS(path string, n nhs.Number) call {
	c := a.inSetting(a.read(cpis+path, cpis+path))
	c.query = byPatient(n)
	return c
}

// inSetting returns the call with the care setting of the role. Without the setting, the hub assumes unscheduled care
// (draft CP-IS FHIR R4 guide).
func (a *Acting) inSetting(c call) call {
	c.header = http.Header{"Isunscheduledaccessevent": {strconv.FormatBool(rbac.Unscheduled(a.role))}}
	return c
}

// readLamp parses the answer. NoneRecorded requires a well-formed, empty searchset for exactly this request. Alert
// requires that all entries are flags of exactly this patient.
func readLamp(c call, ans answer, n nhs.Number) Lamp {
	set, err := readSearchset(c, ans)
	if err != nil {
		return uncheckedLamp(c, n, err)
	}

	switch {
	case len(set.included) != 0:
		return uncheckedLamp(c, n, malformed(c, ans, "flags with other resources"))
	case set.recordMissing && len(set.matches) == 0: // an unknown patient is not "none recorded"
		return uncheckedLamp(c, n, malformed(c, ans, "no flag, of a patient without a record"))
	}

	for _, raw := range set.matches {
		var f fhir.Flag
		switch {
		case json.Unmarshal(raw, &f) != nil || f.ResourceType != "Flag":
			return uncheckedLamp(c, n, malformed(c, ans, "not a Flag"))
		case !isAbout(&f.Subject, n):
			return uncheckedLamp(c, n, malformed(c, ans, "flag of another patient"))
		case f.Status != "active" || !hasCode(f.Code, fhir.CodeCPISFlag):
			return uncheckedLamp(c, n, malformed(c, ans, "flag of another kind"))
		}
	}

	lamp := Lamp{
		Number: n, State: NoneRecorded, AsOf: set.asOf, RequestID: c.requestID,
		RecordMissing: set.recordMissing,
	}

	if len(set.matches) > 0 {
		lamp.State = Alert
	}

	return lamp
}

// uncheckedLamp returns a Lamp of state CouldNotCheck, or NotChecked if only an opening asks whether there is an alert.
func uncheckedLamp(c call, n nhs.Number, err error) Lamp {
	l := Lamp{Number: n, State: CouldNotCheck, RequestID: c.requestID, Err: err}
	if KindOf(err) == OpeningAsks {
		l.State = NotChecked
	}
	return l
}

// hasCode reports whether one of the codings has the code. It ignores the system, in which the draft and beta guides
// differ.
func hasCode(c fhir.CodeableConcept, code string) bool {
	return slices.ContainsFunc(c.Coding, func(k fhir.Coding) bool { return k.Code == code })
}
