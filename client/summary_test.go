package client_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/fhir"
	"wardlight/internal/summary"
)

// agreed is a view with the patient's permission, and urgent one without it.
var (
	agreed = client.SummaryView{Permission: client.ByPatient}
	urgent = client.SummaryView{Permission: client.InEmergency, Reason: "unconscious, 100% né"}
)

func TestViewSummary(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	got := nurse(t, hub).ViewSummary(t.Context(), hubtest.WithAlert, agreed, "")
	if got.State != client.SummaryAvailable || got.Err != nil || got.Number != hubtest.WithAlert ||
		!got.AsOf.Equal(noon) || got.RequestID == "" || got.Document.Author != "Dr Tess Example" {
		t.Fatalf("ViewSummary = %+v, want the summary as of %s", got, noon)
	}
	if first := got.Document.Sections[0]; first.Code != summary.Allergies || first.State != summary.Filled {
		t.Errorf("first section = %+v, want the allergies", first)
	}

	asked, viewed := hub.Requests(hubtest.LatestSummary), hub.Requests(hubtest.Summary)
	if len(asked) != 1 || len(viewed) != 1 {
		t.Fatalf("got %d and %d requests, want one of each", len(asked), len(viewed))
	}
	if asked[0].Header.Get("Wardlight-Permission") != "" || viewed[0].Header.Get("Wardlight-Permission") != "patient" ||
		viewed[0].Header.Get("Wardlight-Permission-Reason") != "" {
		t.Errorf("got the headers %v and %v, want the permission in the second only", asked[0].Header, viewed[0].Header)
	}
	if viewed[0].Header.Get("X-Request-ID") != got.RequestID {
		t.Errorf("RequestID = %s, want that of the view", got.RequestID)
	}
}

func TestViewSummary_PermissionInHeaders(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	law := client.SummaryView{Permission: client.ByLaw, Basis: client.CourtOrder, Reason: "order 7"}
	for _, v := range []client.SummaryView{urgent, law} {
		if s := nurse(t, hub).ViewSummary(t.Context(), hubtest.WithAlert, v, ""); s.Err != nil {
			t.Fatal(s.Err)
		}
		all := hub.Requests(hubtest.Summary)
		h := all[len(all)-1].Header
		reason, err := url.PathUnescape(h.Get("Wardlight-Permission-Reason"))
		if err != nil || reason != v.Reason || h.Get("Wardlight-Permission") != string(v.Permission) ||
			h.Get("Wardlight-Permission-Basis") != string(v.Basis) {
			t.Errorf("got the headers %v, want those of %+v", h, v)
		}
	}
}

// A view that lacks something is not sent.
func TestViewSummary_IncompletePermission(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	acting := nurse(t, hub)
	for _, v := range []client.SummaryView{
		{},
		{Permission: "other"},
		{Permission: client.InEmergency},
		{Permission: client.InEmergency, Reason: " 12 "},
		{Permission: client.ByLaw, Reason: "order"},
		{Permission: client.ByLaw, Basis: "other", Reason: "order"},
		{Permission: client.ByPatient, Basis: client.Statute},
		{Permission: client.InEmergency, Reason: strings.Repeat("x", 201)},
	} {
		s := acting.ViewSummary(t.Context(), hubtest.WithAlert, v, "")
		if s.State != client.SummaryCouldNotCheck || client.KindOf(s.Err) != client.BadRequest {
			t.Errorf("%+v: got %+v, want kind BadRequest", v, s)
		}
	}
	if n := len(hub.Requests(hubtest.LatestSummary)) + len(hub.Requests(hubtest.Summary)); n != 0 {
		t.Errorf("got %d requests, want none", n)
	}
}

// national returns the answer to a failure of the national service.
func national(status int, failure string) http.HandlerFunc {
	return raw(status, fhir.MediaType, `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"forbidden",`+
		`"details":{"coding":[{"system":"`+fhir.SystemNationalFailure+`","code":"scr-`+failure+`"}]}}]}`)
}

// No state without a summary has sections, and each has its own words.
func TestViewSummary_States(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	acting := nurse(t, hub)
	set := func(resources ...any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { hubtest.Reply(w, r, 200, hub.SummarySet(resources...)) }
	}
	outcome := func(status int, issue, code string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			hubtest.Reply(w, r, status, fhir.NewOutcome("error", issue, code, "", ""))
		}
	}
	other := func(w http.ResponseWriter, r *http.Request) { hubtest.Reply(w, r, 200, hub.SummaryOf(hubtest.NoAlert)) }
	const html = "<html><body>Service Unavailable</body></html>"

	for name, c := range map[string]struct {
		latest, view http.HandlerFunc
		state        client.SummaryState
		code         string // of the error
	}{
		"none on file":        {set(), nil, client.SummaryNone, ""},
		"opted out":           {withNo(hub), nil, client.SummaryNotPermitted, ""},
		"outdated":            {nil, set(), client.SummaryOutdated, ""},
		"no consent to store": {nil, national(403, "no-consent"), client.SummaryNotPermitted, "H65-403"},
		"access controlled":   {nil, national(420, "access-controlled"), client.SummaryRefused, "H66-420"},
		"role lacks a code": {
			refuse(403, "ACCESS_DENIED", "lacks B0370"), nil, client.SummaryRefused,
			"H31-403-ACCESS_DENIED",
		},
		"restricted": {
			outcome(403, "suppressed", "ACCESS_DENIED"), nil, client.SummaryRefused,
			"H64-403-ACCESS_DENIED",
		},
		"hub without any": {
			outcome(501, "not-supported", "UNSUPPORTED_SERVICE"), nil, client.SummaryNotChecked,
			"H62-501-UNSUPPORTED_SERVICE",
		},
		"hub of before": {
			refuse(404, "UNSUPPORTED_SERVICE", ""), nil, client.SummaryNotChecked,
			"H62-404-UNSUPPORTED_SERVICE",
		},
		"restored backup": {
			outcome(503, "incomplete", "UNAVAILABLE"), nil, client.SummaryCouldNotCheck,
			"H63-503-UNAVAILABLE",
		},
		"503 in HTML": {nil, raw(503, "text/html", html), client.SummaryCouldNotCheck, "H16-503"},
		"200 in HTML": {nil, raw(200, "text/html", html), client.SummaryCouldNotCheck, "H14-200"},
		"national service off": {
			nil, national(503, "unavailable"), client.SummaryCouldNotCheck, "H50-503",
		},
		"another patient": {nil, other, client.SummaryCouldNotCheck, "H67-200"},
		"empty object":    {raw(200, fhir.MediaType, "{}"), nil, client.SummaryCouldNotCheck, "H14-200"},
		"no patient": {
			refuse(404, "RESOURCE_NOT_FOUND", ""), nil, client.SummaryCouldNotCheck,
			"H21-404-RESOURCE_NOT_FOUND",
		},
	} {
		t.Run(name, func(t *testing.T) {
			hub.Answer(hubtest.LatestSummary, c.latest)
			hub.Answer(hubtest.Summary, c.view)
			got := acting.ViewSummary(t.Context(), hubtest.WithAlert, agreed, "")
			code := ""
			if e := new(client.Error); errors.As(got.Err, &e) {
				code = e.Code()
			}
			if got.State != c.state || code != c.code || len(got.Document.Sections) != 0 {
				t.Errorf("ViewSummary = %s, %s, %d sections; want %s, %s, none", got.State.Name(), code,
					len(got.Document.Sections), c.state.Name(), c.code)
			}
		})
	}
}

// withNo returns an answer with the permission No.
func withNo(hub *hubtest.Hub) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		hubtest.Reply(w, r, 200, hub.SummarySet(hubtest.SummaryReference("No"), map[string]any{
			"resourceType": "Patient", "id": "p",
			"identifier": []any{map[string]any{"system": fhir.SystemNHSNumber, "value": hubtest.WithAlert}},
		}))
	}
}

// No state without a summary reads as if there were no allergies.
func TestSummaryState_Words(t *testing.T) {
	names := map[string]bool{}
	for _, s := range append(client.SummaryStates(), 99) {
		words := s.String()
		if s != 99 && names[s.Name()] || words == "" {
			t.Errorf("state %d: name %q is that of another one, or there are no words", s, s.Name())
		}
		names[s.Name()] = true
		if s != client.SummaryAvailable && !strings.Contains(words, "not known") {
			t.Errorf("%s: got %q, want that allergies are not known", s.Name(), words)
		}
	}
}

// A view whose answer is lost may have made an alert, so it is repeated with its request id.
func TestViewSummary_LostAnswer(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	acting := nurse(t, hub)
	hub.Answer(hubtest.Summary, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	lost := acting.ViewSummary(t.Context(), hubtest.WithAlert, urgent, "")
	e := new(client.Error)
	if !errors.As(lost.Err, &e) || !e.OutcomeUnknown || !strings.Contains(e.Advice(), "records them once") {
		t.Fatalf("ViewSummary = %+v, %v; want an unknown outcome", lost, lost.Err)
	}

	hub.Answer(hubtest.Summary, nil)
	again := acting.ViewSummary(t.Context(), hubtest.WithAlert, urgent, lost.RequestID)
	if again.State != client.SummaryAvailable || again.RequestID != lost.RequestID {
		t.Errorf("the repetition = %+v, want the summary under the same request id", again)
	}
	for _, r := range hub.Requests(hubtest.Summary) {
		if r.Header.Get("X-Request-ID") != lost.RequestID {
			t.Errorf("got a request %s, want only %s", r.Header.Get("X-Request-ID"), lost.RequestID)
		}
	}
}

// The text of a summary reaches the caller without markup and control characters.
func TestViewSummary_HostileText(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	hub.Answer(hubtest.Summary, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Reply(w, r, 200, hub.SummaryOf(hubtest.WithAlert, hubtest.SummarySection(summary.Allergies,
			"Allergies\x1b[2J\u202e",
			"<div><script>alert(1)</script><p>peni\x1b]0;x\x07cillin &#27;[31m\u202e</p></div>")))
	})
	s := nurse(t, hub).ViewSummary(t.Context(), hubtest.WithAlert, agreed, "")
	all := strings.Join(s.Document.Linear(noon.Location()), "\n")
	if s.State != client.SummaryAvailable || !strings.Contains(all, "cillin") || strings.ContainsAny(all,
		"\x1b\x07\u202e<") {
		t.Errorf("got %q, want the words without control characters", all)
	}
}

func TestPrivacyAlerts(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	got, err := nurse(t, hub).PrivacyAlerts(t.Context(), client.AlertQuery{From: birthday})
	if err != nil || len(got.Alerts) != 1 || got.Organisation != "X99" || len(got.NotShown) != 1 {
		t.Fatalf("PrivacyAlerts = %+v, %v; want one alert of X99", got, err)
	}
	al := got.Alerts[0]
	if al.ID != hubtest.AlertID || al.Number != hubtest.WithAlert || al.Words != "unconscious" ||
		al.Session != "s-1" || al.Closed != nil ||
		al.National.State != "waiting" || al.Reason != "Access made in an emergency" {
		t.Errorf("alert = %+v", al)
	}
	if r := hub.Requests(hubtest.Alerts); len(r) != 1 || r[0].URL != "/privacy/alerts?from=2016-03-04&state=open" {
		t.Errorf("got the requests %v", r)
	}
}

func TestPrivacyAlerts_MalformedAnswer(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	acting := nurse(t, hub)
	for name, change := range map[string]func(list, alert map[string]any){
		"another organisation": func(l, _ map[string]any) { l["organisation"] = "X98" },
		"another state":        func(l, _ map[string]any) { l["state"] = "all" },
		"no alerts":            func(l, _ map[string]any) { delete(l, "alerts") },
		"no time":              func(l, _ map[string]any) { delete(l, "made") },
		"a bad number":         func(_, a map[string]any) { a["patient"] = "9990000019" },
		"an alert without ID":  func(_, a map[string]any) { a["id"] = "../x" },
		"one without a time":   func(_, a map[string]any) { delete(a, "at") },
	} {
		hub.Answer(hubtest.Alerts, func(w http.ResponseWriter, r *http.Request) {
			alert := hub.PrivacyAlert()
			list := map[string]any{
				"organisation": "X99", "state": "open", "made": noon, "kinds": []string{}, "not_shown": []string{},
				"alerts": []any{alert},
			}
			change(list, alert)
			hubtest.ReplyJSON(w, r, http.StatusOK, list)
		})
		if got, err := acting.PrivacyAlerts(t.Context(), client.AlertQuery{}); client.KindOf(err) != client.Malformed {
			t.Errorf("%s: PrivacyAlerts = %+v, %v; want kind Malformed", name, got, err)
		}
	}
}

func TestCloseAlert(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	acting := nurse(t, hub)
	got, err := acting.CloseAlert(t.Context(), hubtest.AlertID, " Seen with Dr Example ")
	if err != nil || got.Closed == nil || got.Closed.Note != "Seen with Dr Example" || !got.Closed.At.Equal(noon) {
		t.Errorf("CloseAlert = %+v, %v; want it closed", got, err)
	}

	for name, c := range map[string]struct {
		id, note string
		answer   http.HandlerFunc
		kind     client.Kind
	}{
		"unknown":       {"4f3c1de0-0000-4e0a-9f61-5a4a9d9a7f10", "seen", nil, client.AlertNotFound},
		"not an ID":     {"../alerts", "seen", nil, client.AlertNotFound},
		"no words":      {hubtest.AlertID, " 1 ", nil, client.BadRequest},
		"too long":      {hubtest.AlertID, strings.Repeat("x", 501), nil, client.BadRequest},
		"closed before": {hubtest.AlertID, "seen", refuse(409, "PRECONDITION_FAILED", ""), client.AlertClosed},
		"hub of before": {hubtest.AlertID, "seen", refuse(404, "UNSUPPORTED_SERVICE", ""), client.Unexpected},
		"answer as before": {hubtest.AlertID, "seen", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			hubtest.ReplyJSON(w, r, 200, hub.PrivacyAlert())
		}, client.Malformed},
	} {
		hub.Answer(hubtest.CloseAlert, c.answer)
		if got, err := acting.CloseAlert(t.Context(), c.id, c.note); client.KindOf(err) != c.kind || err == nil {
			t.Errorf("%s: CloseAlert = %+v, %v; want kind %v", name, got, err, c.kind)
		}
	}
}
