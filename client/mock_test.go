package client_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/nhs"
	"wardlight/internal/prismtest"
)

// elsewhere sends what is for PDS to another server, and all else where it was to go.
type elsewhere struct {
	pds    string
	prefer string // of the document's answers, this one
	next   http.RoundTripper
}

// RoundTrip mirrors the request id, which a mock that answers with examples does not.
func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	path, ok := strings.CutPrefix(r.URL.Path, prismtest.Base)
	if !ok {
		return e.next.RoundTrip(r)
	}
	by, err := url.Parse(e.pds + path + "?" + r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.URL, r.Host = by, ""
	if e.prefer != "" {
		r.Header.Set("Prefer", e.prefer)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && resp.Header.Get("X-Request-Id") != "" {
		resp.Header.Set("X-Request-Id", r.Header.Get("X-Request-Id"))
	}
	return resp, err
}

// The mock answers from the NHS's own document: a PDS that nobody here wrote. It refuses a request that the document does
// not allow.
func TestAPDSThatNobodyHereWrote(t *testing.T) {
	mock := prismtest.Mock(t, "..")
	at := func(prefer string) *client.Acting {
		return nurse(t, hubtest.New(t, at(noon)), func(c *client.Config) {
			c.HTTP.Transport = elsewhere{mock, prefer, c.HTTP.Transport}
		})
	}
	const smith nhs.Number = "9000000009" // of the document's examples
	p, err := at("").Retrieve(t.Context(), smith)
	if err != nil || p.Number != smith || p.DisplayName() == "" || !p.Born.Complete() {
		t.Errorf("retrieved %+v, %v", p, err)
	}
	for _, q := range []client.Query{
		{Family: "Smith", Born: nhs.Date{Year: 2010, Month: 10, Day: 22}},
		{Family: "Smith", Given: "Jane", Gender: nhs.Female, Postcode: "LS1 6AE", Born: nhs.Date{Year: 2010, Month: 10, Day: 22}, Wider: true},
	} {
		found, err := at("").Search(t.Context(), q)
		if err != nil || len(found.Rows) != 1 || found.Rows[0].Number != smith || found.TooMany {
			t.Errorf("found %+v, %v", found, err)
		}
	}
	for prefer, kind := range map[string]client.Kind{"code=400": client.BadRequest, "code=403": client.NotAllowed} {
		if _, err := at(prefer).Retrieve(t.Context(), smith); client.KindOf(err) != kind {
			t.Errorf("%s: %v, want %v", prefer, err, kind)
		}
	}
}
