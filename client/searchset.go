package client

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// searchset is a validated Bundle: its total is the number of its matches, and every entry has a resource.
type searchset struct {
	asOf     time.Time // time of the answer at the hub
	matches  []json.RawMessage
	others   []Other                    // one for each match
	included map[string]json.RawMessage // by fullUrl
	// recordMissing is set when the hub answers although the patient has no current record.
	recordMissing bool
	// historyIncluded is set when the answer to an opening includes the access history.
	historyIncluded bool
	events          []json.RawMessage // the included AuditEvents, in order
}

// readSearchset validates and parses a 200 answer to a search. It is strict, because an answer mistaken for empty
// would be shown as "none recorded". It checks the media type, the request id, the resource and bundle type, the total
// and the time. Errors are *Error of kind Malformed.
func readSearchset(c call, a answer) (searchset, error) {
	if err := checkFHIR(c, a); err != nil {
		return searchset{}, err
	}

	var b fhir.Bundle
	switch {
	case json.Unmarshal(a.body, &b) != nil:
		return searchset{}, malformed(c, a, "not JSON, or not of a Bundle's shape")
	case b.ResourceType != "Bundle" || b.Type != "searchset":
		return searchset{}, malformed(c, a, "not a searchset Bundle")
	case b.Total == nil:
		return searchset{}, malformed(c, a, "searchset without a total")
	}

	s := searchset{included: make(map[string]json.RawMessage), historyIncluded: b.Tagged(fhir.HistoryIncluded)}
	var err error
	if s.asOf, err = time.Parse(time.RFC3339, b.Timestamp); err != nil {
		return searchset{}, malformed(c, a, "searchset without a timestamp")
	}

	for _, e := range b.Entry {
		mode := ""
		if e.Search != nil {
			mode = e.Search.Mode
		}

		switch {
		case fhir.TypeOf(e.Resource) == "":
			return searchset{}, malformed(c, a, "searchset entry without a resource")
		case mode == "include":
			s.included[e.FullURL] = e.Resource
			if fhir.TypeOf(e.Resource) == "AuditEvent" {
				s.events = append(s.events, e.Resource)
			}
		case mode == "" || mode == "match": // PDS omits the mode
			s.matches, s.others = append(s.matches, e.Resource), append(s.others, otherOf(e.Search))
		case mode == "outcome" && saysRecordMissing(e.Resource):
			s.recordMissing = true
		default: // any other outcome is a reservation about the answer
			return searchset{}, malformed(c, a, "searchset entry of mode outcome")
		}
	}

	if *b.Total != len(s.matches) {
		return searchset{}, malformed(c, a, "searchset whose total is not the number of its matches")
	}

	return s, nil
}

// saysRecordMissing reports whether an OperationOutcome has a single issue, which says that no current record has the
// requested number (docs/api.md, Alerts).
func saysRecordMissing(raw json.RawMessage) bool {
	var o fhir.OperationOutcome
	return json.Unmarshal(raw, &o) == nil && o.ResourceType == "OperationOutcome" && len(o.Issue) == 1 &&
		o.Issue[0].Severity == "warning" && o.Issue[0].Code == issueNotFound && o.SpineCode() == codeNotFound
}

// otherOf returns the field of a likely match that differs from the query.
func otherOf(s *fhir.Search) Other {
	if s == nil {
		return ""
	}
	for _, x := range s.Extension {
		if x.URL != fhir.ExtensionSearchOther {
			continue
		}
		switch o := Other(x.ValueCode); o {
		case OtherFamily, OtherGiven, OtherBirth:
			return o
		default:
			return OtherUnknown
		}
	}
	return ""
}

// checkFHIR checks the media type and the request id of a FHIR answer with status 200. An answer from a cache would
// have another request's id.
func checkFHIR(c call, a answer) error {
	switch {
	case a.status != http.StatusOK:
		return malformed(c, a, "not status 200")
	case !isType(a, fhir.MediaType):
		return malformed(c, a, "not FHIR by its content type")
	case a.header.Get("X-Request-ID") != c.requestID:
		return malformed(c, a, "answer to another request")
	}
	return nil
}

// isAbout reports whether a reference is to the patient with the number and to nobody else.
func isAbout(r *fhir.Reference, n nhs.Number) bool {
	return r != nil && r.Identifier != nil && r.Identifier.System == fhir.SystemNHSNumber &&
		r.Identifier.Value == n.Digits()
}

// byPatient returns the query parameters for one patient (draft CP-IS FHIR R4 guide).
func byPatient(n nhs.Number) url.Values {
	return url.Values{"patient:identifier": {fhir.SystemNHSNumber + "|" + n.Digits()}}
}
