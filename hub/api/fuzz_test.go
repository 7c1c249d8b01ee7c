package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"wardlight/internal/fhir"
	"wardlight/rbac"
)

func FuzzWhichPatientIsAsked(f *testing.F) {
	for _, s := range []string{
		"patient:identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018", "patient:identifier=9990000018",
		"patient%3Aidentifier=x&patient:identifier=y",
		"patient:identifier=https://fhir.nhs.uk/Id/nhs-number|999 000 0018&_include=x", "_format=json", "",
	} {
		f.Add(s)
	}

	f.Fuzz(func(t *testing.T, raw string) {
		query, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		n, err := patientAsked(query)
		if err == nil {
			if want := fhir.SystemNHSNumber + "|" + n.Digits(); len(query) != 1 || len(query[parameterPatient]) != 1 ||
				query.Get(parameterPatient) != want {
				t.Errorf("patientAsked(%q) = %s, want only that parameter", raw, n.Digits())
			}
			return
		}
		if p, notified := asProblem(err); !notified || p.status != http.StatusBadRequest {
			t.Errorf("patientAsked(%q): got error %v, want a problem with status 400", raw, err)
		}
	})
}

func FuzzWhatIsQuoted(f *testing.F) {
	for _, s := range []string{
		"", "Smith", "a\vb\u00a0c\u2028d", "\xff\xfe", "\u202e\U000e0041",
		strings.Repeat("e\u0301", 500), `"\`, "\x1b]0;x\a",
	} {
		f.Add(s)
	}

	f.Fuzz(func(t *testing.T, s string) {
		body, err := json.Marshal(badRequest("INVALID_VALUE", "Invalid value - '%s' in field 'family'", s).outcome())
		if err != nil {
			t.Fatal(err)
		}
		var o fhir.OperationOutcome
		if err := json.Unmarshal(body, &o); err != nil {
			t.Fatal(err)
		}
		if got := o.Diagnostics(); utf8.RuneCountInString(got) > maxQuoted+1 || quotable(got) != got {
			t.Errorf("quotable(%q) = %q, want at most mostQuoted characters that don't change again", s, got)
		}
		if strings.ContainsFunc(o.Diagnostics(), func(r rune) bool {
			return unicode.IsControl(r) || unicode.IsSpace(r) && r != ' '
		}) {
			t.Errorf("quotable(%q) = %q, which isn't a FHIR string", s, o.Diagnostics())
		}
	})
}

func FuzzHeaders(f *testing.F) {
	f.Add("60E0B220-8136-4CA5-AE46-1D97EF59D068", "Y12345", "true")
	f.Add("1234", "", "false")
	f.Add("", "RX1, RX2", "TRUE")
	f.Fuzz(func(t *testing.T, id, org, unscheduled string) {
		r := &http.Request{Header: http.Header{}}
		r.Header.Set(headerRequestID, id)
		r.Header.Set(headerEndUserOrg, org)
		r.Header.Set(headerUnscheduled, unscheduled)
		if got, given := requestID(r); given != id || got != "" && (got != strings.ToLower(id) || len(got) != 36) {
			t.Errorf("requestID(%q) = %q, want a UUID in lower case or none", id, got)
		}
		if endUserOrgOK(r) && (org == "" || len(org) > 10) {
			t.Errorf("endUserOrgOK(%q) = true, want false", org)
		}
		if _, err := openingAsked(r, rbac.RoleProfile{}); err == nil && unscheduled != "true" &&
			unscheduled != "false" {
			t.Errorf("openingAsked with IsUnscheduledAccessEvent %q succeeded, want error", unscheduled)
		}
	})
}
