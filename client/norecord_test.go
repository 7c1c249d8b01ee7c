package client_test

import (
	"net/http"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

func TestLamp_NoRecord(t *testing.T) {
	const nobody = nhs.Number("9990000069")
	hub := hubtest.New(t, at(noon))
	sessions := nurse(t, hub)
	for name, c := range map[string]struct {
		answer         http.HandlerFunc
		kind           client.Kind
		sentence, code string
	}{
		"nobody has the number": {
			nil, client.NotFound, "No patient has this NHS number.",
			"H21-404-RESOURCE_NOT_FOUND",
		},
		"nobody, as the Patient Flags API": {
			raw(404, fhir.MediaType,
				`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-found"}]}`),
			client.NotFound,
			"No patient has this NHS number.", "H21-404",
		},
		"the record was marked invalid": {
			refuse(404, "INVALIDATED_RESOURCE", ""), client.Invalidated,
			"This patient record was marked invalid.", "H22-404-INVALIDATED_RESOURCE",
		},
		"the hub lacks plans": {
			raw(503, fhir.MediaType,
				`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"incomplete"}]}`),
			client.Incomplete, "The hub does not have all plans of the local authorities.", "H24-503",
		},
		"the hub does not have such a call": {
			refuse(404, "UNSUPPORTED_SERVICE", ""), client.Unexpected,
			"The hub answered something unexpected.", "H01-404-UNSUPPORTED_SERVICE",
		},
	} {
		hub.Answer(hubtest.Flag, c.answer)
		lamp := sessions.Lamp(t.Context(), nobody)
		err, _ := lamp.Err.(*client.Error) //nolint:errorlint // Lamp.Err is always an *Error
		if lamp.State != client.CouldNotCheck || lamp.RecordMissing || err == nil || err.Kind != c.kind ||
			err.Sentence() != c.sentence || err.Code() != c.code {
			t.Errorf("%s: Lamp = %+v, %v, want could not check, kind %v, %q", name, lamp, lamp.Err, c.kind, c.sentence)
		}
	}

	if _, err := sessions.Open(t.Context(), nobody, ""); client.KindOf(err) != client.NotFound {
		t.Errorf("Open without a record: got error %v, want kind NotFound", err)
	}
}

func TestLamp_PlanWithoutARecord(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	sessions := nurse(t, hub)
	if lamp := sessions.Lamp(t.Context(), hubtest.NoRecord); lamp.State != client.Alert || !lamp.RecordMissing ||
		lamp.Number != hubtest.NoRecord {
		t.Errorf("Lamp = %+v, %v, want an alert with RecordMissing", lamp, lamp.Err)
	}
	opened, err := sessions.Open(t.Context(), hubtest.NoRecord, "")
	if err != nil || len(opened.Plans) != 1 || !opened.RecordMissing || !opened.Notifies || opened.ListErr != nil ||
		len(opened.Accesses) != 1 {
		t.Errorf("Open = %+v, %v, want one plan, one access and RecordMissing", opened, err)
	}
	for _, n := range []nhs.Number{hubtest.WithAlert, hubtest.NoAlert} {
		if lamp := sessions.Lamp(t.Context(), n); lamp.Err != nil || lamp.RecordMissing {
			t.Errorf("Lamp with a record = %+v, want RecordMissing false", lamp)
		}
	}
}

// An answer with any other outcome, or with the outcome but no flags, is malformed.
func TestLamp_OtherOutcomes(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	sessions := nurse(t, hub)
	const (
		flagEntry = `{"search":{"mode":"match"},"resource":{"resourceType":"Flag","status":"active","code":{"coding":[{"code":"child-protection-information-system-flag"}]},` +
			`"subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"` + hubtest.WithAlert +
			`"}}}}`
		issue   = `{"severity":"warning","code":"not-found","details":{"coding":[{"code":"RESOURCE_NOT_FOUND"}]}}`
		outcome = `{"search":{"mode":"outcome"},"resource":{"resourceType":"OperationOutcome","issue":[` + issue + `]}}`
	)

	answer := func(total, entries string) http.HandlerFunc {
		return raw(200, fhir.MediaType,
			`{"resourceType":"Bundle","type":"searchset","timestamp":"2026-11-22T12:00:00Z","total":`+total+
				`,"entry":[`+entries+`]}`)
	}

	hub.Answer(hubtest.Flag, answer("1", flagEntry+","+outcome))
	if lamp := sessions.Lamp(t.Context(), hubtest.WithAlert); lamp.State != client.Alert || !lamp.RecordMissing {
		t.Fatalf("Lamp = %+v, %v, want an alert with RecordMissing", lamp, lamp.Err)
	}

	for name, h := range map[string]http.HandlerFunc{
		"nothing on file": answer("0", outcome),
		"it is counted":   answer("2", flagEntry+","+outcome),
		"an error":        answer("1", flagEntry+","+strings.Replace(outcome, `"warning"`, `"error"`, 1)),
		"another code": answer("1", flagEntry+","+strings.Replace(outcome, "RESOURCE_NOT_FOUND",
			"INVALIDATED_RESOURCE", 1)),
		"another issue": answer("1", flagEntry+","+strings.Replace(outcome, `"not-found"`, `"incomplete"`, 1)),
		"two issues":    answer("1", flagEntry+","+strings.Replace(outcome, issue, issue+","+issue, 1)),
		"a flag in it":  answer("1", flagEntry+","+strings.Replace(flagEntry, `"match"`, `"outcome"`, 1)),
	} {
		hub.Answer(hubtest.Flag, h)
		if lamp := sessions.Lamp(t.Context(), hubtest.WithAlert); lamp.State != client.CouldNotCheck ||
			client.KindOf(lamp.Err) != client.Malformed {
			t.Errorf("%s: Lamp = %+v, %v, want could not check, kind Rubbish", name, lamp, lamp.Err)
		}
	}

	hub.Answer(hubtest.Search, answer("0", outcome))
	if found, err := sessions.Search(t.Context(), client.Query{Family: "Example", Born: birthday}); client.KindOf(
		err,
	) != client.Malformed {
		t.Errorf("Search with the outcome = %+v, %v, want kind Rubbish", found, err)
	}
}
