package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// november returns a query for a month.
func november(kind client.ReportKind) client.ReportQuery {
	q := client.ReportQuery{
		Kind: kind, From: nhs.Date{Year: 2026, Month: 11, Day: 1}, To: nhs.Date{Year: 2026, Month: 11, Day: 30},
	}
	switch kind {
	case client.PatientAccess:
		q.Number = hubtest.WithAlert
	case client.UserAccess:
		q.Person = "999000000111"
	case client.PatientEnquiries:
	}
	return q
}

func TestReport(t *testing.T) {
	const patient = "patient%3Aidentifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C"
	for kind, query := range map[client.ReportKind]string{
		client.PatientAccess:    "from=2026-11-01&" + patient + hubtest.WithAlert + "&to=2026-11-30",
		client.UserAccess:       "from=2026-11-01&person=999000000111&to=2026-11-30",
		client.PatientEnquiries: "from=2026-11-01&to=2026-11-30",
	} {
		hub := hubtest.New(t, at(noon))
		got, err := nurse(t, hub).Report(t.Context(), november(kind))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}

		requests := hub.Requests(hubtest.Report)
		if want := "/privacy/" + string(kind) + "?" + query; len(requests) != 1 || requests[0].URL != want {
			t.Errorf("%s: got requests %v, want one of %s", kind, requests, want)
		}

		ada := client.Person{UUID: "999000000111", Name: "SAMPLE, Ada"}
		if len(got.Unusual) != 1 || got.Unusual[0].Kind != client.SameFamilyName || got.Unusual[0].Person != ada ||
			got.Unusual[0].Number != hubtest.WithAlert || got.Unusual[0].Count != 1 {
			t.Errorf("%s: got findings %+v, want the family name of %s", kind, got.Unusual, ada.Name)
		}
		if len(got.Accesses) != 1 || got.Accesses[0].Action != "open an alert" || got.Accesses[0].Person != ada ||
			!slices.Equal(got.Accesses[0].Patients, []client.NHSNumber{hubtest.WithAlert}) ||
			!got.Accesses[0].When.Equal(noon) || got.Accesses[0].Record != 7 {
			t.Errorf("%s: got accesses %+v, want an opening of %s at %s", kind, got.Accesses, ada.Name, noon)
		}
		if got.Query != november(kind) || got.Organisation != "X99" || !got.Made.Equal(noon) || !got.SealedAt.IsZero() {
			t.Errorf("%s: got %+v, want the report of X99 at %s, nothing sealed", kind, got, noon)
		}
	}
}

func TestReport_MalformedAnswer(t *testing.T) {
	for name, change := range map[string]func(map[string]any){
		"another report":       func(b map[string]any) { b["report"] = "user-access" },
		"another organisation": func(b map[string]any) { b["organisation"] = "X98" },
		"another day":          func(b map[string]any) { b["to"] = "2026-11-29" },
		"another patient":      func(b map[string]any) { b["patient"] = "9990000026" },
		"a person":             func(b map[string]any) { b["person"] = "999000000111" },
		"no accesses":          func(b map[string]any) { delete(b, "accesses") },
		"no findings":          func(b map[string]any) { delete(b, "unusual") },
		"no time":              func(b map[string]any) { delete(b, "made") },
		"a bad number": func(b map[string]any) {
			b["accesses"].([]any)[0].(map[string]any)["patients"] = []string{"9990000019"}
		},
		"an access without a time": func(b map[string]any) { delete(b["accesses"].([]any)[0].(map[string]any), "at") },
	} {
		hub := hubtest.New(t, at(noon))
		hub.Answer(hubtest.Report, func(w http.ResponseWriter, r *http.Request) {
			whole := httptest.NewRecorder()
			hub.DefaultHandler(hubtest.Report)(whole, r)
			var b map[string]any
			if err := json.Unmarshal(whole.Body.Bytes(), &b); err != nil {
				t.Error(err)
			}
			change(b)
			hubtest.ReplyJSON(w, r, http.StatusOK, b)
		})
		if got, err := nurse(t, hub).Report(t.Context(), november(client.PatientAccess)); client.KindOf(
			err) != client.Malformed {
			t.Errorf("%s: Report = %+v, %v; want an error of kind Malformed", name, got, err)
		}
	}
}

// A report may be longer than other answers.
func TestReport_Long(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	hub.Answer(hubtest.Report, func(w http.ResponseWriter, r *http.Request) {
		row := map[string]any{
			"at": noon, "person": map[string]string{}, "reason": strings.Repeat("x", 400), "patients": []string{},
		}
		hubtest.ReplyJSON(w, r, http.StatusOK, map[string]any{
			"report": "patient-enquiries", "organisation": "X99", "from": "2026-11-01", "to": "2026-11-30",
			"made": noon, "unusual": []any{}, "accesses": slices.Repeat([]any{row}, 10_000),
		})
	})
	got, err := nurse(t, hub).Report(t.Context(), november(client.PatientEnquiries))
	if err != nil || len(got.Accesses) != 10_000 {
		t.Errorf("Report returned %d accesses, error %v; want 10000", len(got.Accesses), err)
	}
}

func TestReport_Refused(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	hub.Answer(hubtest.Report, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Refuse(w, r, 403, "ACCESS_DENIED", "To make a privacy report this role lacks the job role R0001 "+
			"(Privacy Officer) or R5105 (Caldicott Guardian).")
	})
	_, err := nurse(t, hub).Report(t.Context(), november(client.PatientEnquiries))
	if client.KindOf(err) != client.NotAllowed || fmt.Sprint(err) == "" {
		t.Errorf("Report = %v, want an error of kind NotAllowed", err)
	}
}

// The user is told what to do about a report that the hub did not make because of its length.
func TestReport_TooManyAccesses(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	hub.Answer(hubtest.Report, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Reply(w, r, http.StatusBadRequest, fhir.NewOutcome("information", "multiple-matches",
			"TOO_MANY_MATCHES", "Too Many Matches", "The report would have more than 10000 accesses."))
	})
	_, err := nurse(t, hub).Report(t.Context(), november(client.PatientEnquiries))
	var refused *client.Error
	if !errors.As(err, &refused) || refused.Code() != "H20-400-TOO_MANY_MATCHES" ||
		!strings.Contains(refused.Sentence(), "Ask for fewer days") {
		t.Errorf("Report = %v, want the code H20-400-TOO_MANY_MATCHES and what to do", err)
	}
}

// Attendance is checked only if the hub says so, with the times.
func TestReport_Attendance(t *testing.T) {
	times := map[string]any{"state": "checked", "from": noon, "until": noon}
	for name, c := range map[string]struct {
		body map[string]any
		want client.AttendanceState
	}{
		"an earlier hub":  {nil, client.AttendanceNotChecked},
		"not checked":     {map[string]any{"state": "not_checked"}, client.AttendanceNotChecked},
		"could not check": {map[string]any{"state": "could_not_check"}, client.AttendanceCouldNotCheck},
		"checked":         {times, client.AttendanceChecked},
		"without times":   {map[string]any{"state": "checked"}, client.AttendanceCouldNotCheck},
		"a newer state":   {map[string]any{"state": "partly"}, client.AttendanceCouldNotCheck},
	} {
		hub := hubtest.New(t, at(noon))
		hub.Answer(hubtest.Report, func(w http.ResponseWriter, r *http.Request) {
			whole := httptest.NewRecorder()
			hub.DefaultHandler(hubtest.Report)(whole, r)
			var b map[string]any
			if err := json.Unmarshal(whole.Body.Bytes(), &b); err != nil {
				t.Error(err)
			}
			if c.body != nil {
				b["attendance"] = c.body
			}
			hubtest.ReplyJSON(w, r, http.StatusOK, b)
		})
		got, err := nurse(t, hub).Report(t.Context(), november(client.PatientAccess))
		if err != nil || got.Attendance.State != c.want {
			t.Errorf("%s: got attendance %+v, error %v; want %s", name, got.Attendance, err, c.want)
		}
	}
}
