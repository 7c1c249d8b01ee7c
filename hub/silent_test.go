package hub_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/hub/metrics"
	"wardlight/hub/notify"
	"wardlight/hub/store"
)

// TestNeitherLogNorMetricsKnowAPatient makes all requests from sign-in to opening, and many invalid ones, and checks
// that neither the log nor the metrics contain patient data.
func TestNeitherLogNorMetricsKnowAPatient(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 64<<10)
		n, _ := r.Body.Read(body)
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write(body[:n]) // the receiver returns what it got
	}))
	defer refusing.Close()
	m := metrics.New("v1")
	b := newFixture(t, func(b *fixture, c *hub.Config) {
		c.Observer = m
		c.Transport = &notify.Webhook{Secrets: func(string) [][]byte {
			return [][]byte{make([]byte, 32)}
		}, Clock: b.clock.Now}
		m.Watch(c.Store, b.clock.Now)
	})

	for _, code := range []string{"V998", "V999"} {
		must(t, b.sqlite.PutAuthority(t.Context(), store.Authority{
			Code: code, Name: "SOMEWHERE COUNCIL",
			Endpoint: refusing.URL,
		}))
	}

	x := b.signIn()
	search := url.Values{
		"family": {"Example"}, "given": {"Tess"}, "birthdate": {"2016-03-04"},
		"address-postalcode": {"LS1 4AP"},
	}

	opened := x.get(nurse, careTeam, about(tess))
	for _, r := range []response{
		x.get(nurse, patients, search), x.get(nurse, patients+"/"+tess.Digits(), nil),
		x.get(nurse, patients+"/"+tess.Digits()+"/RelatedPerson", nil),
		x.get(nurse, flag, about(tess)), opened, x.get(nurse, events, about(tess)),
	} {
		if r.status != 200 {
			t.Errorf("got status %d, body %s; want 200", r.status, r.body)
		}
	}

	wrong := url.Values{"family": {"Example"}, "birthdate": {"04/03/2016"}, tess.Digits(): {"LS1 4AP"}}
	x.get(nurse, patients, wrong)
	x.get(clerk, careTeam, about(tess))
	x.get(tess.Digits(), flag, about(tess))
	x.get(nurse, patients+"/Tess Example", nil)
	x.get(nurse, patients+"/"+tess.Digits()+"/"+tess.Digits(), nil)
	x.get(nurse, patients+"/"+tess.Digits(), nil, header("X-Request-ID", tess.Digits()))
	x.get(nurse, patients+"/"+tess.Digits(), nil, header("Authorization", "DPoP "+tess.Digits()))
	x.get(nurse, patients+"/"+tess.Digits(), nil, header("DPoP", "Tess.Example.2016-03-04"))
	b.post("/oauth2/token", url.Values{"grant_type": {tess.Digits()}, "assertion": {"Tess Example"}}, "LS1 4AP")

	for _, path := range []string{
		"/" + tess.Digits(), "/cpis/../" + patients + "/" + tess.Digits(),
		"//" + tess.Digits() + "?family=Example",
	} {
		stray(t, b, "GET", path)
		stray(t, b, "EXAMPLE-"+tess.Digits(), path)
	}

	_, notices := b.left(tess)
	if len(notices) != 2 {
		t.Fatalf("got %d notifications, want 2", len(notices))
	}

	deliverOnce(t, b)

	// The store fails after the patient has been read.
	b.exec(`DROP TABLE access`)
	if r := x.get(nurse, careTeam, about(tess)); r.status != 503 {
		t.Errorf("opening without the table of accesses: got status %d, want 503", r.status)
	}

	scraped := httptest.NewRecorder()
	m.Handler().ServeHTTP(scraped, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))

	for what, text := range map[string]string{"the log": b.log.String(), "the metrics": scraped.Body.String()} {
		if !strings.Contains(text, "/cpis/FHIR/R4/CareTeam") {
			t.Errorf("%s lacks the path of the opening:\n%s", what, text)
		}
		for _, of := range []string{
			tess.Digits(), "Tess", "Example", "2016-03-04", "04/03/2016", "20160304", "LS1",
			"01632960587", "Made Up Row", "Ada",
		} {
			if i := strings.Index(text, of); i >= 0 {
				t.Errorf("%s contains %q: …%s", what, of, text[max(0, i-200):min(len(text), i+50)])
			}
		}
	}

	for _, line := range []string{
		"because of an internal error", "cannot be notified of accesses",
		"was not authenticated", "A sign-in was refused",
	} {
		if !strings.Contains(b.log.String(), line) {
			t.Errorf("the log lacks %q", line)
		}
	}
}

// stray sends a request that no terminal sends, and accepts any answer.
func stray(t *testing.T, b *fixture, method, path string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.server.URL, nil)
	must(t, err)
	req.URL.Opaque = path
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	must(t, err)
	must(t, resp.Body.Close())
}

// deliverOnce runs the hub until an authority has refused a delivery.
func deliverOnce(t *testing.T, b *fixture) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- b.hub.Run(ctx) }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(b.log.String(), "cannot be notified of accesses") {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("timeout waiting for a refused delivery")
		}
	}
	stop()
	must(t, <-ended)
}
