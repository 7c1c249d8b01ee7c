package metrics_test

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/hub/metrics"
	"wardlight/hub/store"
)

func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("GET /metrics: got status %d, body %s; want 200", w.Code, w.Body)
	}
	return w.Body.String()
}

func has(t *testing.T, scraped string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(scraped, line+"\n") {
			t.Errorf("no line %q in\n%s", line, ours(scraped))
		}
	}
}

// ours returns only the hub's own metrics.
func ours(scraped string) string {
	return strings.Join(regexp.MustCompile(`(?m)^wardlight_.*$`).FindAllString(scraped, -1), "\n")
}

func TestARequestIsCountedByItsRoute(t *testing.T) {
	m := metrics.New("v1")
	for range 3 {
		m.Started()
	}
	m.Answered("GET", "GET /Patient/{number}", 200, 3*time.Millisecond)
	m.Answered("other", "", 404, time.Minute)
	has(
		t, scrape(t, m),
		`wardlight_hub_requests_total{method="GET",route="/Patient/{number}",status="200"} 1`,
		`wardlight_hub_requests_total{method="other",route="none",status="404"} 1`,
		`wardlight_hub_request_duration_seconds_bucket{route="/Patient/{number}",le="0.0025"} 0`,
		`wardlight_hub_request_duration_seconds_bucket{route="/Patient/{number}",le="0.005"} 1`,
		`wardlight_hub_request_duration_seconds_bucket{route="none",le="10"} 0`,
		`wardlight_hub_request_duration_seconds_count{route="none"} 1`,
		`wardlight_hub_requests_in_flight 1`,
	)
	if !regexp.MustCompile(`wardlight_hub_build_info\{go="go[^"]+",version="v1"\} 1`).MatchString(scrape(t, m)) {
		t.Error("no metric with Go version and build version")
	}
}

func TestACommitIsCountedByItsSizeAndOutcome(t *testing.T) {
	m := metrics.New("v1")
	has(t, scrape(t, m), `wardlight_hub_audit_commits_total{outcome="failed"} 0`, `wardlight_hub_many_patients_total 0`)
	m.ManyPatients()
	m.AlertUnchecked()
	has(t, scrape(t, m), `wardlight_hub_many_patients_total 1`, `wardlight_hub_alerts_unchecked_total 1`)
	m.Committed(3, time.Millisecond, nil)
	m.Committed(200, time.Millisecond, errors.New("disk is full"))
	has(
		t, scrape(t, m),
		`wardlight_hub_audit_commits_total{outcome="stored"} 1`,
		`wardlight_hub_audit_commits_total{outcome="failed"} 1`,
		`wardlight_hub_audit_commit_entries_bucket{le="4"} 1`, `wardlight_hub_audit_commit_entries_sum 203`,
		`wardlight_hub_audit_commit_duration_seconds_count 2`,
	)
}

// storeStub is a store with fixed values.
type storeStub struct {
	backlog  store.Backlog
	alerts   store.Backlog
	sessions int
	err      error
}

func (b *storeStub) Backlog(context.Context) (store.Backlog, error) { return b.backlog, b.err }

func (b *storeStub) AlertBacklog(context.Context) (store.Backlog, error) { return b.alerts, b.err }

func (b *storeStub) CountSessions(context.Context, time.Time) (int, error) { return b.sessions, b.err }
func (b *storeStub) Ready(context.Context) error                           { return b.err }

func TestWhatTheBooksCannotTellIsNotNought(t *testing.T) {
	now := time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)
	b := &storeStub{
		backlog:  store.Backlog{Waiting: 2, Buried: 1, Undelivered: 3, Oldest: now.Add(-90 * time.Second)},
		alerts:   store.Backlog{Waiting: 4, Buried: 6, Oldest: now.Add(-70 * time.Second)},
		sessions: 5,
	}

	m := metrics.New("v1")
	m.Watch(b, func() time.Time { return now })
	has(
		t, scrape(t, m), "wardlight_hub_outbox_waiting 2", "wardlight_hub_outbox_dead 1",
		"wardlight_hub_outbox_undelivered 3", "wardlight_hub_outbox_oldest_seconds 90",
		"wardlight_hub_sessions_live 5", "wardlight_hub_store_ready 1", "wardlight_hub_privacy_alerts_waiting 4",
		"wardlight_hub_privacy_alerts_oldest_seconds 70", "wardlight_hub_privacy_alerts_abandoned 6",
	)

	b.backlog, b.alerts = store.Backlog{}, store.Backlog{}
	has(
		t, scrape(t, m), "wardlight_hub_outbox_waiting 0", "wardlight_hub_outbox_oldest_seconds 0",
		"wardlight_hub_privacy_alerts_oldest_seconds 0",
	)
	b.err = errors.New("disk is gone")
	got := scrape(t, m)
	has(t, got, "wardlight_hub_store_ready 0")

	for _, absent := range []string{
		"outbox_waiting ", "outbox_oldest_seconds ", "outbox_dead ", "outbox_undelivered ",
		"sessions_live ", "privacy_alerts_waiting ", "privacy_alerts_oldest_seconds ", "privacy_alerts_abandoned ",
	} {
		if strings.Contains(got, "wardlight_hub_"+absent) {
			t.Errorf("%s is in the scrape although the store can't be read", absent)
		}
	}
}

func TestCertificates(t *testing.T) {
	end := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	hub := metrics.Certificate{Setting: "tls.certificate_file", Certificate: &x509.Certificate{
		SerialNumber: big.NewInt(0x2a), Subject: pkix.Name{CommonName: "hub\u202e.example"}, NotAfter: end,
	}}
	ca := metrics.Certificate{Setting: "cards.ca_files", Certificate: hub.Certificate}
	m := metrics.New("v1")
	m.WatchCertificates(func() []metrics.Certificate { return []metrics.Certificate{hub, ca, hub} })
	lines := regexp.MustCompile(`(?m)^wardlight_hub_certificate_end_timestamp_seconds{.*$`).FindAllString(scrape(t, m),
		-1)
	want := []string{
		`wardlight_hub_certificate_end_timestamp_seconds{serial="2a",setting="cards.ca_files",subject="CN=hub�.example"} 1.798859045e+09`,
		`wardlight_hub_certificate_end_timestamp_seconds{serial="2a",setting="tls.certificate_file",subject="CN=hub�.example"} 1.798859045e+09`,
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got lines %q, want %q", lines, want)
	}
}
