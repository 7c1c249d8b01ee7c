package client_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/nhs"
	"wardlight/internal/prismtest"
)

func TestPDS_IndependentMock(t *testing.T) {
	mock := prismtest.Mock(t, "..")
	for name, test := range map[string]func(*testing.T, string){
		"every documented answer is understood": checkDocumentedAnswers,
		"what the client asks is allowed":       checkRequestsAllowed,
		"what is left out is not missed":        checkOptionalFields,
	} {
		t.Run(name, func(t *testing.T) { test(t, mock) })
	}
}

// mockRedirect is a transport that sends requests for an API of the NHS to a mock of it, and all others to next.
type mockRedirect struct {
	base   string // base path of the API, such as prismtest.Base
	mock   string
	prefer string // name of the example to answer with
	only   string // path of the requests that prefer is for; "" for all
	next   http.RoundTripper
	mirror bool                 // return the request's ID also where the document has no header for it
	refuse func(why string)     // called for a request that the document does not allow
	change func(map[string]any) // edits an answer; nil leaves it unchanged
}

// RoundTrip adds the request id and the test's time to the response, which a mock that returns examples doesn't have.
func (e mockRedirect) RoundTrip(r *http.Request) (*http.Response, error) {
	path, ok := strings.CutPrefix(r.URL.Path, e.base)
	if !ok {
		return e.next.RoundTrip(r)
	}

	by, err := url.Parse(e.mock + path + "?" + r.URL.RawQuery)
	if err != nil {
		return nil, err
	}

	r = r.Clone(r.Context())
	r.URL, r.Host = by, ""
	if e.prefer != "" && (e.only == "" || e.only == path) {
		r.Header.Set("Prefer", e.prefer)
	}

	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}

	// A violation of a response is one of the document's own example.
	if broken := resp.Header.Get("Sl-Violations"); strings.Contains(broken, `"request"`) {
		e.refuse(broken)
	}

	if e.change != nil {
		if err := rewrite(resp, e.change); err != nil {
			return nil, err
		}
	}

	resp.Header.Set("Date", noon.UTC().Format(http.TimeFormat))
	if e.mirror || resp.Header.Get("X-Request-Id") != "" {
		resp.Header.Set("X-Request-Id", r.Header.Get("X-Request-Id"))
	}

	return resp, nil
}

// rewrite changes the resource in a response.
func rewrite(resp *http.Response, change func(map[string]any)) error {
	defer resp.Body.Close()
	var resource map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&resource); err != nil {
		return err
	}
	change(resource)
	body, err := json.Marshal(resource)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return err
}

// clientFor returns a client of a server whose PDS answers are prepared for the outcome.
type clientFor func(t *testing.T, o outcome) *client.Acting

// outcome is a documented answer of PDS.
type outcome struct {
	status int
	code   string // Spine code; the mock uses the one of its example
}

// servers returns two servers: the stand-in hub of these tests, and a mock that answers from the NHS's own API
// document. The mock rejects requests that the document doesn't allow.
func servers(mock string) map[string]clientFor {
	return map[string]clientFor{
		"the stand-in hub": func(t *testing.T, o outcome) *client.Acting {
			hub := hubtest.New(t, at(noon))
			if o.status != http.StatusOK {
				hub.Answer(hubtest.Search, refuse(o.status, o.code, "x"))
				hub.Answer(hubtest.Record, refuse(o.status, o.code, "x"))
			}
			return nurse(t, hub)
		},
		"the mock": func(t *testing.T, o outcome) *client.Acting {
			return mocked(t, mock, fmt.Sprintf("code=%d", o.status), nil)
		},
	}
}

// mocked returns a client whose PDS is the mock.
func mocked(t *testing.T, mock, prefer string, change func(map[string]any)) *client.Acting {
	t.Helper()
	return nurse(t, hubtest.New(t, at(noon)), func(c *client.Config) {
		c.HTTP.Transport = mockRedirect{
			base: prismtest.Base, mock: mock, prefer: prefer, next: c.HTTP.Transport, change: change,
			refuse: func(why string) { t.Errorf("not a request that the document allows: %s", why) },
		}
	})
}

// smithNumber is the NHS number of the patient in the document's examples.
const smithNumber nhs.Number = "9000000009"

var smithsBirthday = nhs.Date{Year: 2010, Month: 10, Day: 22}

// Tests every documented answer to a search and a retrieval, from both servers.
func checkDocumentedAnswers(t *testing.T, mock string) {
	for name, server := range servers(mock) {
		for _, c := range []struct {
			outcome
			want client.Kind
		}{
			{outcome{400, "INVALID_VALUE"}, client.BadRequest},
			{outcome{400, "MISSING_VALUE"}, client.BadRequest},
			{outcome{400, "INVALID_SEARCH_DATA"}, client.BadRequest},
			{outcome{401, "ACCESS_DENIED"}, client.SignedOut},
			{outcome{403, "ACCESS_DENIED"}, client.NotAllowed},
			{outcome{408, "UNABLE_TO_CALL_SERVICE"}, client.TimedOut},
			{outcome{409, "RESOURCE_VERSION_MISMATCH"}, client.Unexpected},
			{outcome{412, "PRECONDITION_FAILED"}, client.Unexpected},
			{outcome{422, "INVALID_UPDATE"}, client.Unexpected},
			{outcome{429, "TOO_MANY_REQUESTS"}, client.Busy},
		} {
			t.Run(fmt.Sprint(name, " ", c.status, " ", c.code), func(t *testing.T) {
				sessions := server(t, c.outcome)
				p, failed := sessions.Retrieve(t.Context(), smithNumber)
				found, none := sessions.Search(t.Context(), client.Query{Family: "Smith", Born: smithsBirthday})
				for _, err := range []error{failed, none} {
					var e *client.Error
					if !errors.As(err, &e) || e.Kind != c.want || e.Status != c.status || e.SpineCode == "" ||
						e.Sentence() == "" || e.Advice() == "" {
						t.Errorf("got error %#v, want kind %v and status %d", err, c.want, c.status)
					}
				}
				if p.Number != "" || len(found.Rows) > 0 || found.TooMany {
					t.Errorf("results besides an error: got %+v and %+v, want none", p, found)
				}
			})
		}
	}
}

func checkRequestsAllowed(t *testing.T, mock string) {
	sessions := mocked(t, mock, "", nil)
	p, err := sessions.Retrieve(t.Context(), smithNumber)
	if err != nil || p.Number != smithNumber || p.AskedFor != "" || p.DisplayName() != "SMITH, Jane (Mrs)" ||
		p.Born != smithsBirthday || p.Gender != nhs.Female || p.Restricted {
		t.Errorf("Retrieve(%s) = %+v, %v", smithNumber.Digits(), p, err)
	}

	// The mock returns the same example for every number, so any other number seems superseded.
	if p, err := sessions.Retrieve(t.Context(), "9000000017"); err != nil || p.Number != smithNumber ||
		p.AskedFor != "9000000017" {
		t.Errorf("Retrieve(9000000017) = %+v, %v, want it superseded by %s", p, err, smithNumber.Digits())
	}

	// The document allows every query that a client can make.
	for _, given := range []string{"", "Jane", "Ja*", "John Paul"} {
		for _, gender := range []nhs.Gender{"", nhs.Male, nhs.Female, nhs.OtherGender, nhs.UnknownGender} {
			for _, postcode := range []string{"", "LS1 6AE", "LS*"} {
				for _, wider := range []bool{false, true} {
					q := client.Query{
						Family: "O’Smith-Núñez & Co", Given: given, Gender: gender, Postcode: postcode,
						Born: smithsBirthday, Wider: wider,
					}
					if q.Lacks() != client.LacksNothing { // not sent, because PDS would reject it
						continue
					}
					found, err := sessions.Search(t.Context(), q)
					if err != nil || len(found.Rows) != 1 || found.Rows[0].Number != smithNumber || found.TooMany {
						t.Errorf("Search(%+v) = %+v, %v, want one row", q, found, err)
					}
				}
			}
		}
	}
}

// Optional fields of a record or search are removed from the document's examples.
func checkOptionalFields(t *testing.T, mock string) {
	sessions := func(change func(map[string]any)) *client.Acting { return mocked(t, mock, "", change) }
	without := func(names ...string) func(map[string]any) {
		return func(r map[string]any) {
			for _, name := range names {
				delete(r, name)
			}
		}
	}

	withheld := func(r map[string]any) {
		r["meta"].(map[string]any)["security"] = []any{map[string]any{"code": "R", "display": "restricted"}}
	}

	for name, c := range map[string]struct {
		change func(map[string]any)
		want   func(client.Patient) bool
	}{
		"minimal": {
			without("name", "gender", "birthDate", "multipleBirthInteger", "deceasedDateTime", "generalPractitioner",
				"managingOrganization", "extension", "address", "telecom", "contact"),
			func(p client.Patient) bool {
				return p.DisplayName() == nhs.NotKnown && p.Born.IsZero() && p.Gender == "" && p.Died.IsZero() &&
					!p.Restricted
			},
		},
		"without any metadata": {without("meta"), func(p client.Patient) bool {
			return !p.Restricted && p.Family == "Smith"
		}},
		"restricted": {func(r map[string]any) {
			withheld(r)
			without("address", "telecom", "contact", "generalPractitioner")(r)
		}, func(p client.Patient) bool { return p.Restricted && p.Family == "Smith" && p.Address == nil }},
		"restricted by name only": {withheld, func(p client.Patient) bool {
			return p.Restricted && p.Address == nil && p.Postcode == "" && p.Phone == ""
		}},
		"born some time in 2010": {func(r map[string]any) {
			r["birthDate"] = "2010"
		}, func(p client.Patient) bool { return p.Born == nhs.Date{Year: 2010} }},
	} {
		p, err := sessions(c.change).Retrieve(t.Context(), smithNumber)
		if err != nil || p.Number != smithNumber || !c.want(p) {
			t.Errorf("%s: Retrieve = %+v, %v", name, p, err)
		}
		found, err := sessions(func(b map[string]any) {
			c.change(b["entry"].([]any)[0].(map[string]any)["resource"].(map[string]any))
		}).Search(t.Context(), client.Query{Family: "Smith", Born: smithsBirthday})
		if err != nil || len(found.Rows) != 1 || found.Rows[0].Number != smithNumber || !c.want(found.Rows[0]) {
			t.Errorf("%s: Search = %+v, %v", name, found, err)
		}
	}

	for name, change := range map[string]func(map[string]any){
		"no entry":   func(b map[string]any) { delete(b, "entry"); b["total"] = 0 },
		"no entries": func(b map[string]any) { b["entry"], b["total"] = []any{}, 0 },
	} {
		found, err := sessions(change).Search(t.Context(), client.Query{Family: "Smith", Born: smithsBirthday})
		if err != nil || len(found.Rows) != 0 || found.TooMany {
			t.Errorf("%s: Search = %+v, %v, want no rows", name, found, err)
		}
	}

	for name, change := range map[string]func(map[string]any){
		"no number":                 without("id"),
		"a total that does not fit": func(b map[string]any) { b["total"] = 2 },
		"rows without their total":  without("total"),
		"an outcome that is no error": func(b map[string]any) {
			clear(b)
			b["resourceType"], b["issue"] = "OperationOutcome", []any{}
		},
	} {
		var err error
		if name == "no number" {
			_, err = sessions(change).Retrieve(t.Context(), smithNumber)
		} else {
			_, err = sessions(change).Search(t.Context(), client.Query{Family: "Smith", Born: smithsBirthday})
		}
		if client.KindOf(err) != client.Malformed {
			t.Errorf("%s: got error %v, want kind Rubbish", name, err)
		}
	}
}
