package client_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/fhir"
)

// nationalFailure returns a handler that answers with a failure of Spine.
func nationalFailure(status int, failure string, mayBeTold bool) http.HandlerFunc {
	o := fhir.NewOutcome("error", "transient", "UNABLE_TO_CALL_SERVICE", "Unable to call service", "")
	o.Issue[0].Details.Coding = append(o.Issue[0].Details.Coding, fhir.Coding{
		System: fhir.SystemNationalFailure, Code: fhir.ServiceSpine + "-" + failure,
	})
	if mayBeTold {
		o.Issue[0].Extension = []fhir.Extension{{URL: fhir.ExtensionMayBeTold, ValueBoolean: &mayBeTold}}
	}
	body, err := json.Marshal(o)
	if err != nil {
		panic(err) // encoding a struct of strings can't fail
	}
	return raw(status, fhir.MediaType, string(body))
}

func TestLamp_OpeningAsks(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	hub.Answer(hubtest.Flag, nationalFailure(501, fhir.FailureOpeningAsks, false))
	lamp := nurse(t, hub).Lamp(t.Context(), hubtest.WithAlert)
	err, _ := lamp.Err.(*client.Error) //nolint:errorlint // Lamp.Err is always an *Error
	if lamp.State != client.NotChecked || !lamp.OpeningAsks() || err == nil ||
		err.Sentence() != "Opening asks the national service, which tells the local authority." ||
		!strings.HasPrefix(err.Code(), "H25") {
		t.Errorf("got %+v, %v; want not checked with H25", lamp, lamp.Err)
	}
}

func TestOpen_FailureOfANationalService(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	for _, c := range []struct {
		failure   string
		mayBeTold bool
		kind      client.Kind
		advice    string
	}{
		{fhir.FailureTimedOut, true, client.NationalTimedOut, "The local authority may have been told. Open it again"},
		{
			fhir.FailureOtherPatient, true, client.NationalOtherPatient,
			"The local authority may have been told. Use the",
		},
		{fhir.FailureRefused, false, client.NationalRefused, "Use the local procedure"},
		{fhir.FailureAuthorMissing, false, client.NationalAuthorMissing, "Use the local procedure"},
		{fhir.FailureUnavailable, false, client.NationalUnavailable, "Try again"},
	} {
		hub.Answer(hubtest.CareTeam, nationalFailure(503, c.failure, c.mayBeTold))
		_, err := nurse(t, hub).Open(t.Context(), hubtest.WithAlert, "")
		failed, _ := err.(*client.Error) //nolint:errorlint // Open's error is always an *Error
		if failed == nil || failed.Kind != c.kind || failed.MayBeTold != c.mayBeTold ||
			failed.OutcomeUnknown != c.mayBeTold || !strings.HasPrefix(failed.Advice(), c.advice) {
			t.Errorf("%s: got %+v, %v; want kind %v, may be told %t", c.failure, failed, err, c.kind, c.mayBeTold)
		}
	}
}

// TestOpen_HistoryIncluded tests that the terminal does not ask for the access history if the answer includes it, even
// an empty one.
func TestOpen_HistoryIncluded(t *testing.T) {
	for name, c := range map[string]struct {
		entries string
		want    int
	}{
		"two accesses": {`,"entry":[
			{"fullUrl":"urn:uuid:1","search":{"mode":"include"},"resource":{"resourceType":"AuditEvent",
				"recorded":"2026-11-20T22:14:00Z","agent":[{"who":{"reference":"urn:uuid:3"},"requestor":true}]}},
			{"fullUrl":"urn:uuid:2","search":{"mode":"include"},"resource":{"resourceType":"AuditEvent",
				"recorded":"2026-11-21T22:14:00Z","agent":[{"who":{"reference":"urn:uuid:3"},"requestor":true}]}},
			{"fullUrl":"urn:uuid:3","search":{"mode":"include"},"resource":{"resourceType":"PractitionerRole",
				"practitioner":{"display":"Mrs Bea Specimen"}}}]`, 2},
		"none": {"", 0},
	} {
		hub := hubtest.New(t, at(noon))
		hub.Answer(hubtest.CareTeam, raw(200, fhir.MediaType, `{"resourceType":"Bundle","meta":{"tag":[{"system":"`+
			fhir.SystemAnswer+`","code":"`+fhir.HistoryIncluded+`"}]},"type":"searchset","total":0,`+
			`"timestamp":"2026-11-22T12:00:00Z"`+c.entries+"}"))
		hub.Answer(hubtest.Audit, func(http.ResponseWriter, *http.Request) {
			t.Errorf("%s: the terminal asked for the access history", name)
		})
		opened, err := nurse(t, hub).Open(t.Context(), hubtest.WithAlert, "")
		if err != nil || opened.ListErr != nil || len(opened.Accesses) != c.want ||
			c.want > 0 && (opened.Accesses[0].Who != "Mrs Bea Specimen" || opened.Accesses[0].When.Day() != 21) {
			t.Errorf("%s: got %+v, %v; want %d accesses, newest first", name, opened, err, c.want)
		}
		if lamp := opened.Lamp(); lamp.State != client.NoneRecorded || lamp.RequestID != opened.RequestID {
			t.Errorf("%s: the lamp of an opening without a plan: got %+v, want none recorded", name, lamp)
		}
	}
}
