package client

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestError_NationalFailure(t *testing.T) {
	now := time.Date(2026, 7, 15, 13, 10, 0, 0, time.UTC)
	outcome := func(code, extension string) string {
		return `{"resourceType":"OperationOutcome","issue":[{` + extension + `"severity":"error","code":"transient",` +
			`"details":{"coding":[{"system":"https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode",` +
			`"code":"UNABLE_TO_CALL_SERVICE"},{"system":"https://wardlight/CodeSystem/national-failure","code":"` +
			code + `"}]},"diagnostics":"\u001b[2Jnone recorded"}]}`
	}
	since := func(value string) string {
		return `"extension":[{"url":"urn:wardlight:down-since","valueInstant":"` + value + `"}],`
	}

	for _, c := range []struct {
		code, extension string
		status          int
		kind            Kind
		says            string
	}{
		{"pds-unavailable", "", 503, NationalUnavailable, "PDS cannot be reached."},
		{
			"pds-unavailable", since("2026-07-15T14:05:00+01:00"), 503, NationalUnavailable,
			"PDS cannot be reached since 14:05.",
		},
		{"pds-unavailable", since("yesterday"), 503, NationalUnavailable, "PDS cannot be reached."},
		{"patient-flags-timed-out", "", 503, NationalTimedOut, "Patient Flags did not answer in time."},
		{"spine-busy", "", 503, NationalBusy, "Spine is busy."},
		{"pds-refused", "", 503, NationalRefused, "PDS refused the hub's request."},
		{"pds-malformed", "", 503, NationalMalformed, "The answer of PDS could not be understood."},
		{"pds-other-patient", "", 503, NationalOtherPatient, "PDS answered about another patient."},
		{"patient-flags-not-offered", "", 501, NotOffered, "This is not offered by Patient Flags."},
		{"pds-sign-in-needed", "", 503, NationalSignInNeeded, "PDS requires a sign-in with CIS2."},
		{"pds-another-day", "", 503, NationalFailing, "PDS cannot answer now."},
		{"other-unavailable", "", 503, Failing, "The hub cannot answer now."},
	} {
		e := refusal(call{}, answer{
			status: c.status, header: http.Header{"Retry-After": {"20"}}, body: []byte(outcome(c.code, c.extension)),
		}, now)
		if e.Kind != c.kind || e.Sentence() != c.says || e.SpineCode != "UNABLE_TO_CALL_SERVICE" {
			t.Errorf("%s: got kind %v, %q, want %v, %q", c.code, e.Kind, e.Sentence(), c.kind, c.says)
		}
		if c.status == 503 && (e.Wait != 20*time.Second || !strings.Contains(e.Advice(), "20 seconds")) {
			t.Errorf("%s: got wait %s, advice %q, want those of Retry-After", c.code, e.Wait, e.Advice())
		}
	}
}
