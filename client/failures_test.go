package client_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/fhir"
)

// raw returns a handler that answers with the content type and body unchanged, and the request's id.
func raw(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("X-Request-ID", r.Header.Get("X-Request-ID"))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// refuse returns a handler that answers with an OperationOutcome.
func refuse(status int, code, diagnostics string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { hubtest.Refuse(w, r, status, code, diagnostics) }
}

func TestEveryFailureIsToldApartAndIsNeverNoneRecorded(t *testing.T) {
	const empty = `{"resourceType":"Bundle","type":"searchset","timestamp":"2026-11-22T12:00:00Z","total":0}`
	set := func(resources ...any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			b := fhir.NewSearchset("2026-11-22T12:00:00Z")
			for _, x := range resources {
				_ = b.Match("", nil, x)
			}
			hubtest.Reply(w, r, 200, b)
		}
	}

	otherFlag := hubtest.Lamp(hubtest.WithAlert)
	otherFlag.Code.Coding[0].Code = "something-else"
	ended := hubtest.Lamp(hubtest.WithAlert)
	ended.Status = "inactive"
	nobody := hubtest.Lamp(hubtest.WithAlert)
	nobody.Subject.Identifier = nil

	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   client.Kind
	}{
		"hang up": {hangUp, client.Unreachable},
		"slow":    {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, client.TimedOut},
		"slow body": {func(w http.ResponseWriter, r *http.Request) {
			raw(200, fhir.MediaType, empty[:20])(w, r)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, client.TimedOut},
		"truncated body": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			raw(200, fhir.MediaType, empty)(w, r)
		}, client.Malformed},
		"endless body": {func(w http.ResponseWriter, r *http.Request) {
			raw(200, fhir.MediaType, "")(w, r)
			block := bytes.Repeat([]byte(" "), 1<<20)
			for i := 0; i < 6; i++ {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		}, client.Malformed},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}, client.Intercepted},
		"no status we know": {refuse(418, "", ""), client.Unexpected},
		"bad request":       {refuse(400, "INVALID_SEARCH_DATA", "x"), client.BadRequest},
		"signed out":        {refuse(401, "ACCESS_DENIED", "Invalid Access Token"), client.SignedOut},
		"not allowed":       {refuse(403, "ACCESS_DENIED", "x"), client.NotAllowed},
		"not found":         {refuse(404, "RESOURCE_NOT_FOUND", ""), client.NotFound},
		"invalidated":       {refuse(404, "INVALIDATED_RESOURCE", ""), client.Invalidated},
		"no outcome code":   {refuse(404, "", ""), client.Unexpected},
		"spine slow":        {refuse(408, "UNABLE_TO_CALL_SERVICE", ""), client.TimedOut},
		"rate limited":      {refuse(429, "TOO_MANY_REQUESTS", ""), client.Busy},
		"failing":           {refuse(500, "", ""), client.Failing},
		"bad gateway":       {raw(502, "text/html", "<h1>502</h1>"), client.Failing},
		"no store":          {refuse(503, "UNABLE_TO_CALL_SERVICE", ""), client.Failing},
		"gateway timeout":   {raw(504, "text/html", "<h1>504</h1>"), client.TimedOut},

		"empty answer":     {raw(200, fhir.MediaType, ""), client.Malformed},
		"nothing":          {raw(204, fhir.MediaType, ""), client.Unexpected},
		"a captive portal": {raw(200, "text/html", "<h1>Welcome to our wifi</h1>"), client.Malformed},
		"HTML called FHIR": {raw(200, fhir.MediaType, "<h1>Welcome</h1>"), client.Malformed},
		"JSON called text": {raw(200, "text/plain", empty), client.Malformed},
		"not FHIR by type": {raw(200, "application/json", empty), client.Malformed},
		"no type":          {raw(200, "", empty), client.Malformed},
		"half a Bundle":    {raw(200, fhir.MediaType, empty[:40]), client.Malformed},
		"two Bundles":      {raw(200, fhir.MediaType, empty+empty), client.Malformed},
		"null":             {raw(200, fhir.MediaType, "null"), client.Malformed},
		"a list":           {raw(200, fhir.MediaType, "[]"), client.Malformed},
		"an object":        {raw(200, fhir.MediaType, "{}"), client.Malformed},
		"another resource": {raw(200, fhir.MediaType, `{"resourceType":"Patient"}`), client.Malformed},
		"an outcome": {
			raw(200, fhir.MediaType, `{"resourceType":"OperationOutcome","issue":[]}`),
			client.Malformed,
		},
		"another bundle": {
			raw(200, fhir.MediaType, strings.Replace(empty, "searchset", "collection", 1)),
			client.Malformed,
		},
		"no total": {
			raw(200, fhir.MediaType, strings.Replace(empty, `,"total":0`, "", 1)),
			client.Malformed,
		},
		"total null": {
			raw(200, fhir.MediaType, strings.Replace(empty, `"total":0`, `"total":null`, 1)),
			client.Malformed,
		},
		"total one of none": {
			raw(200, fhir.MediaType, strings.Replace(empty, `"total":0`, `"total":1`, 1)),
			client.Malformed,
		},
		"total below": {
			raw(200, fhir.MediaType, strings.Replace(empty, `"total":0`, `"total":-1`, 1)),
			client.Malformed,
		},
		"total no number": {
			raw(200, fhir.MediaType, strings.Replace(empty, `"total":0`, `"total":"0"`, 1)),
			client.Malformed,
		},
		"no time": {raw(200, fhir.MediaType, strings.Replace(empty, `"timestamp":"2026-11-22T12:00:00Z",`,
			"", 1)), client.Malformed},
		"a day for a time": {
			raw(200, fhir.MediaType, strings.Replace(empty, "T12:00:00Z", "", 1)),
			client.Malformed,
		},
		"an empty entry": {raw(200, fhir.MediaType, strings.Replace(empty, `"total":0`, `"total":0,"entry":[{}]`,
			1)), client.Malformed},
		"an outcome inside": {
			raw(200, fhir.MediaType, strings.Replace(empty, `"total":0`,
				`"total":0,"entry":[{"search":{"mode":"outcome"},"resource":{"resourceType":"OperationOutcome"}}]`, 1)),
			client.Malformed,
		},
		"an include inside": {
			raw(200, fhir.MediaType, strings.Replace(empty, `"total":0`,
				`"total":0,"entry":[{"search":{"mode":"include"},"resource":{"resourceType":"Flag"}}]`, 1)),
			client.Malformed,
		},
		"another resource in": {set(hubtest.Patient(hubtest.WithAlert, "Tess")), client.Malformed},
		"another patient":     {set(hubtest.Lamp(hubtest.NoAlert)), client.Malformed},
		"one of two":          {set(hubtest.Lamp(hubtest.WithAlert), hubtest.Lamp(hubtest.NoAlert)), client.Malformed},
		"no patient":          {set(nobody), client.Malformed},
		"another flag":        {set(otherFlag), client.Malformed},
		"an ended flag":       {set(ended), client.Malformed},
		"another request": {func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("X-Request-ID", "9c8d0f0e-2f1c-4df6-8a3f-000000000000")
			raw(200, fhir.MediaType, empty)(w, r)
		}, client.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			hub := hubtest.New(t, at(noon))
			sessions := nurse(t, hub, func(cfg *client.Config) {
				if c.want == client.TimedOut {
					cfg.Timeout = 300 * time.Millisecond
				}
			})
			hub.Answer(hubtest.Flag, c.answer)
			lamp := sessions.Lamp(t.Context(), hubtest.WithAlert)
			if lamp.State != client.CouldNotCheck || client.KindOf(lamp.Err) != c.want || !lamp.AsOf.IsZero() {
				t.Errorf("Lamp = %+v (%v), want could not check, kind %v", lamp, lamp.Err, c.want)
			}
			if asked := hub.Requests(hubtest.Flag); lamp.RequestID == "" ||
				lamp.RequestID != asked[0].Header.Get("X-Request-ID") {
				t.Errorf("RequestID of the lamp: got %q, want the id sent", lamp.RequestID)
			}
		})
	}
}

// pages are refusals by something other than a hub: without an OperationOutcome, and without the "error" of OAuth 2.0.
var pages = map[string]http.HandlerFunc{
	"status 400": raw(400, "text/html", "<h1>Bad Request</h1>"),
	"status 401": raw(401, "text/html", "<h1>Sign in to the proxy</h1>"),
	"status 403": raw(403, "text/html", "<h1>This page is blocked</h1>"),
	"status 404": raw(404, "text/html", "<h1>Not Found</h1>"),
	"status 407": raw(407, "text/html", "<h1>Proxy Authentication Required</h1>"),
	"status 418": raw(418, "application/json", `{"resourceType":"Patient"}`),
	"status 451": raw(451, "", ""),
	"status 511": raw(511, "text/html", "<h1>Network Authentication Required</h1>"),
}

func TestARefusalThatIsNotTheHubsIsToldAsWhatItIs(t *testing.T) {
	for status, page := range pages {
		t.Run(status, func(t *testing.T) {
			hub := hubtest.New(t, at(noon))
			sessions := nurse(t, hub)
			hub.Answer(hubtest.Token, page)
			_, signIn := tryToSignIn(t, dial(t, hub), card(t))
			for _, route := range []string{hubtest.Record, hubtest.Flag, hubtest.CareTeam, hubtest.Challenge} {
				hub.Answer(route, page)
			}

			_, record := sessions.Retrieve(t.Context(), hubtest.WithAlert)
			_, opening := sessions.Open(t.Context(), hubtest.WithAlert, "")
			_, challenge := dial(t, hub).Challenge(t.Context())
			for what, err := range map[string]error{
				"record": record, "lamp": sessions.Lamp(t.Context(), hubtest.WithAlert).Err, "opening": opening,
				"challenge": challenge, "sign-in": signIn,
			} {
				var e *client.Error
				want := "Something between this computer and the hub refused the request, with " + status + "."
				if !errors.As(err, &e) || e.Kind != client.Intercepted || e.Sentence() != want ||
					e.Code() != "H17-"+status[len("status "):] {
					t.Errorf("%s: got error %v, want kind Intercepted and %q", what, err, want)
				}
				// Something that refuses an answer may have received the hub's answer before.
				if e.OutcomeUnknown != (what == "opening") {
					t.Errorf("%s: got Unsettled %t, want %t", what, e.OutcomeUnknown, what == "opening")
				}
			}
		})
	}
}

func TestAProxyThatRefusesIsNotTheHub(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	for _, status := range []int{401, 403, 407, 502} {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
		}))

		t.Cleanup(proxy.Close)
		address, err := url.Parse(proxy.URL)
		if err != nil {
			t.Fatal(err)
		}

		h := dial(t, hub, func(c *client.Config) {
			c.HTTP.Transport.(*http.Transport).Proxy = http.ProxyURL(address)
		})

		_, err = h.Challenge(t.Context())
		var e *client.Error
		want := fmt.Sprintf("The proxy between this computer and the hub refused the connection, with status %d.",
			status)
		if !errors.As(err, &e) || e.Kind != client.Intercepted || e.Sentence() != want || e.Code() != "H17" {
			t.Errorf("proxy that refuses: got error %v, want %q", err, want)
		}
	}
}

func TestLamp_HubDown(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	sessions := nurse(t, hub)
	hub.Stop()
	if lamp := sessions.Lamp(t.Context(), hubtest.NoAlert); lamp.State != client.CouldNotCheck ||
		client.KindOf(lamp.Err) != client.Unreachable {
		t.Errorf("Lamp at a stopped hub = %+v, want kind Unreachable", lamp)
	}
	_, err := sessions.Open(t.Context(), hubtest.NoAlert, "")
	var e *client.Error
	if !errors.As(err, &e) || e.Kind != client.Unreachable || e.OutcomeUnknown {
		t.Errorf("Open at a stopped hub: got error %#v, want kind Unreachable, not unsettled: nothing was sent", err)
	}
	if strings.Contains(fmt.Sprintf("%v %v", err, errors.Unwrap(err)), hubtest.NoAlert) {
		t.Errorf("the error contains the NHS number: %v", errors.Unwrap(err))
	}
}

func TestAHubThatCannotProveItselfIsUntrusted(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	for why, change := range map[string]func(*client.Config){
		"unknown authority": func(c *client.Config) { c.HTTP = nil },
		"another name": func(c *client.Config) {
			c.BaseURL = strings.Replace(c.BaseURL, "127.0.0.1", "localhost", 1)
		},
		"no TLS at all": func(c *client.Config) { c.BaseURL = strings.Replace(plain.URL, "http:", "https:", 1) },
	} {
		if _, err := dial(t, hub, change).Challenge(t.Context()); client.KindOf(err) != client.Untrusted {
			t.Errorf("%s: got error %v (%v), want kind Untrusted", why, err, errors.Unwrap(err))
		}
	}
}

func TestAnOldProofAfterAClockStepIsAWrongClockNotALostSession(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	sessions := nurse(t, hub)
	hub.Answer(hubtest.Flag, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", noon.Add(-time.Hour).Format(http.TimeFormat))
		hubtest.Refuse(w, r, 401, "ACCESS_DENIED", "")
	})
	lamp := sessions.Lamp(t.Context(), hubtest.NoAlert)
	var e *client.Error
	if !errors.As(lamp.Err, &e) || e.Kind != client.ClockWrong ||
		e.Sentence() != "This computer's clock is 60 min fast." {
		t.Errorf("Lamp with a wrong clock = %+v, want kind ClockWrong, 60 min fast", lamp)
	}
}
