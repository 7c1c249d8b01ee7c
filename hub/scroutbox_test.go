package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/hub/national"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/hub/summary"
	"wardlight/internal/lab/nationaltest"
)

// runUntil runs the hubs until the condition is met.
func (s *scrSource) runUntil(t *testing.T, met func() bool, hubs ...*hub.Hub) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	var all sync.WaitGroup
	for _, h := range hubs {
		all.Go(func() { _ = h.Run(ctx) })
	}
	defer all.Wait()
	defer cancel()

	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !met() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("got alerts %+v in time, want another state", s.alerts())
		}
	}
}

// sent returns the state of the only alert, after the hub's sender has tried to send it.
func (s *scrSource) sent(t *testing.T, until func(summary.Sending) bool) summary.Sending {
	t.Helper()
	return s.sentBy(t, s.hub, until)
}

// sentBy returns the state of the only alert, after the sender of h has tried to send it.
func (s *scrSource) sentBy(t *testing.T, h *hub.Hub, until func(summary.Sending) bool) (last summary.Sending) {
	t.Helper()
	s.runUntil(t, func() bool {
		all := s.alerts()
		if len(all) == 1 {
			last = all[0].Sending
		}
		return len(all) == 1 && until(last)
	}, h)
	return last
}

// TestSCR_AlertIsSent checks that an alert waits until the service accepts it, and is then one alert there.
func TestSCR_AlertIsSent(t *testing.T) {
	s := newSCRSource(t)
	s.platform.Replace(nationaltest.Alert, nationaltest.Gateway(503))
	r := s.x.get(emergencyMD, scrBundle, viewOf(tess, summaryOf(tess, start).ID), emergency)
	if r.status != 200 {
		t.Fatalf("got %d %s, want the summary", r.status, r.body)
	}
	if state := s.alerts()[0].Sending.State(); state != summary.Waiting {
		t.Errorf("before it was sent: got %s, want waiting", state)
	}
	failed := s.sent(t, func(a summary.Sending) bool { return a.LastError != "" })
	if failed.State() != summary.Waiting || failed.Attempts != 1 {
		t.Errorf("after a failure: got %+v, want waiting", failed)
	}

	s.platform.Replace(nationaltest.Alert, nil)
	s.clock.Add(time.Hour)
	ok := s.sent(t, func(a summary.Sending) bool { return a.State() != summary.Waiting })
	if ok.State() != summary.Sent || ok.LastError != "" {
		t.Errorf("got %+v, want sent", ok)
	}

	alerts := s.Alerts()
	if len(alerts) != 1 {
		t.Fatalf("the service got %d alerts, want one", len(alerts))
	}
	var event struct {
		ID      string
		Type    struct{ Code string }
		Subtype []struct{ Code string }
		Agent   []struct {
			Who struct {
				Identifier struct{ Value string }
			}
		}
		OutcomeDesc string
	}
	must(t, json.Unmarshal([]byte(alerts[0]), &event))
	if event.Type.Code != "2" || event.Subtype[0].Code != "5" || event.Agent[0].Who.Identifier.Value != tess.Digits() ||
		event.Agent[1].Who.Identifier.Value != "RX1" ||
		event.Agent[2].Who.Identifier.Value != nurseUUID ||
		!strings.HasPrefix(event.OutcomeDesc, "Unconscious") ||
		event.ID != s.alerts()[0].ID {
		t.Errorf("got the alert %s, want that of the view", alerts[0])
	}
}

// TestSCR_AlertWaits checks that an alert waits after each failure that another attempt may end, and is not sent: also
// after a page with status 200 of a proxy.
func TestSCR_AlertWaits(t *testing.T) {
	for what, c := range map[string]struct {
		place   nationaltest.Place
		answer  http.HandlerFunc
		failure string
	}{
		"200 in HTML":       {nationaltest.Alert, nationaltest.Gateway(200), "malformed"},
		"200 without FHIR":  {nationaltest.Alert, nationaltest.Body("application/fhir+json", "{}"), "malformed"},
		"202":               {nationaltest.Alert, nationaltest.Gateway(202), "malformed"},
		"401":               {nationaltest.Alert, nationaltest.SCROutcome(401, "forbidden", "no"), "refused"},
		"403 of a gateway":  {nationaltest.Alert, nationaltest.Gateway(403), "refused"},
		"404 of a gateway":  {nationaltest.Alert, nationaltest.Gateway(404), "malformed"},
		"413 of a proxy":    {nationaltest.Alert, nationaltest.Gateway(413), "refused"},
		"429":               {nationaltest.Alert, nationaltest.Wait(429, 60), "busy"},
		"500":               {nationaltest.Alert, nationaltest.SCROutcome(500, "unknown", "no"), "unavailable"},
		"504":               {nationaltest.Alert, nationaltest.Gateway(504), "timed-out"},
		"a lost connection": {nationaltest.Alert, nationaltest.Drop, "unavailable"},
		"no answer in time": {nationaltest.Alert, nationaltest.Hang, "timed-out"},
		"no token":          {nationaltest.Token, nationaltest.Refusal(401, "invalid_client"), "refused"},
	} {
		t.Run(what, func(t *testing.T) {
			s := newSCRSource(t, func(c *national.Config) {
				if what == "no answer in time" {
					c.Timeout = 300 * time.Millisecond
				}
			})
			s.x.get(emergencyMD, scrBundle, viewOf(tess, summaryOf(tess, start).ID), emergency)
			s.platform.EndTokens()
			s.platform.Replace(c.place, c.answer)
			got := s.sent(t, func(a summary.Sending) bool { return a.LastError != "" || a.State() != summary.Waiting })
			if got.State() != summary.Waiting || !strings.Contains(got.LastError, c.failure) {
				t.Errorf("got %+v, want waiting with %s", got, c.failure)
			}
			if !strings.Contains(s.log.String(), `"failure":"`+c.failure) {
				t.Errorf("the log lacks the failure %s: %s", c.failure, s.log)
			}
		})
	}
}

// TestSCR_AlertIsAbandoned checks alerts that the service can't get: they stay in the privacy officer's list.
func TestSCR_AlertIsAbandoned(t *testing.T) {
	for what, prepare := range map[string]func(*scrSource){
		"the sign-in has ended": func(s *scrSource) {
			s.signOut()
			s.clock.Add(time.Hour)
		},
		"refused": func(s *scrSource) {
			s.platform.Replace(nationaltest.Alert, nationaltest.SCROutcome(400, "invalid", "NHS number missing"))
		},
		"too long": func(s *scrSource) {
			s.platform.Replace(nationaltest.Alert, nationaltest.SCROutcome(413, "invalid", "Content too large"))
		},
		"another media type": func(s *scrSource) {
			s.platform.Replace(nationaltest.Alert, nationaltest.SCROutcome(415, "not-supported", "Content type"))
		},
		"a week": func(s *scrSource) {
			s.platform.Replace(nationaltest.Alert, nationaltest.Gateway(503))
			s.clock.Add(8 * 24 * time.Hour)
		},
	} {
		t.Run(what, func(t *testing.T) {
			s := newSCRSource(t)
			s.x.get(emergencyMD, scrBundle, viewOf(tess, summaryOf(tess, start).ID), emergency)
			prepare(s)
			got := s.sent(t, func(a summary.Sending) bool { return a.State() != summary.Waiting })
			if got.State() != summary.Abandoned || got.LastError == "" ||
				!strings.Contains(s.log.String(), "ALARM: a privacy alert") {
				t.Errorf("got %+v, want abandoned with an alarm", got)
			}
			if len(s.Alerts()) != 0 {
				t.Error("the service has the alert, want none")
			}
			if strings.Contains(s.log.String(), tess.Digits()) {
				t.Errorf("the log has the patient: %s", s.log)
			}
		})
	}
}

// besides returns another hub on the same store, with its own log. The person has no sign-in with CIS2 there, unless
// signedIn is set.
func (s *scrSource) besides(t *testing.T, signedIn bool) (*hub.Hub, *lockedBuffer) {
	t.Helper()
	ledger, err := sqlite.Open(t.Context(), s.folder)
	must(t, err)
	t.Cleanup(func() { must(t, ledger.Close()) })
	idToken := s.idToken
	if !signedIn {
		idToken = func(context.Context, national.Caller) (string, error) { return "", errors.New("no sign-in here") }
	}
	source, log := scrService(t, s.platform, s.SCR, s.clock.Now, idToken), &lockedBuffer{}
	h, err := hub.New(hub.Config{
		Store: ledger, CA: s.ca.cas(), Issuer: issuer, Clock: s.clock.Now, Transport: silence{},
		Log: slog.New(slog.NewJSONHandler(log, nil)), Summaries: source, SendAlert: source.Send,
	})
	must(t, err)
	return h, log
}

// TestSCR_AlertOfAnotherHub checks that a hub at which the person hasn't signed in leaves the alert to the other one.
func TestSCR_AlertOfAnotherHub(t *testing.T) {
	s := newSCRSource(t)
	s.x.get(emergencyMD, scrBundle, viewOf(tess, summaryOf(tess, start).ID), emergency)
	other, log := s.besides(t, false)

	claimed := s.alerts()[0].Sending.Next
	left := s.sentBy(t, other, func(a summary.Sending) bool { return a.Attempts == 0 && a.Next.After(claimed) })
	if left.State() != summary.Waiting || left.LastError != "" || strings.Contains(log.String(), "ALARM") ||
		len(s.platform.Requests(nationaltest.Alert)) != 0 {
		t.Errorf("other hub: got %+v, want it waiting without a request and without an alarm; log %s", left, log)
	}

	s.clock.Add(time.Minute)
	ok := s.sent(t, func(a summary.Sending) bool { return a.State() != summary.Waiting })
	if ok.State() != summary.Sent || ok.Attempts != 1 || len(s.Alerts()) != 1 {
		t.Errorf("hub of the sign-in: got %+v and %d alerts, want one sent at the first attempt", ok, len(s.Alerts()))
	}
}

// TestSCR_AlertsOfTwoHubs checks that of two hubs on one store one sends each alert, or gives it up.
func TestSCR_AlertsOfTwoHubs(t *testing.T) {
	for what, signedIn := range map[string]bool{"sent": true, "given up": false} {
		t.Run(what, func(t *testing.T) {
			s := newSCRSource(t)
			const views = 7
			for range views {
				s.x.get(emergencyMD, scrBundle, viewOf(tess, summaryOf(tess, start).ID), emergency)
			}
			if !signedIn {
				s.signOut()
				s.clock.Add(time.Hour)
			}
			other, log := s.besides(t, signedIn)
			s.runUntil(t, func() bool { return s.backlog(t).Waiting == 0 }, s.hub, other)

			alarms := strings.Count(s.log.String()+log.String(), "ALARM: a privacy alert was not sent")
			requests, backlog := len(s.platform.Requests(nationaltest.Alert)), s.backlog(t)
			if signedIn && (requests != views || len(s.Alerts()) != views || alarms != 0 || backlog.Buried != 0) {
				t.Errorf("got %d requests, %d alerts, %d alarms and %+v; want %d sent once each", requests,
					len(s.Alerts()), alarms, backlog, views)
			}
			if !signedIn && (requests != 0 || alarms != views || backlog.Buried != views) {
				t.Errorf("got %d requests, %d alarms and %+v; want %d alarms", requests, alarms, backlog, views)
			}
		})
	}
}

// backlog returns the summary of the alerts that the service does not have.
func (s *scrSource) backlog(t *testing.T) store.Backlog {
	t.Helper()
	b, err := s.store.AlertBacklog(t.Context())
	must(t, err)
	return b
}
