package national_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"wardlight/hub/national"
	"wardlight/internal/lab/nationaltest"
)

func TestClient_Headers(t *testing.T) {
	f := newFixture(t)
	f.answered(t)
	f.answered(t)
	all := f.Requests(nationaltest.Patient)
	first, second := all[0].Header, all[1].Header
	if first.Get("X-Request-ID") == second.Get("X-Request-ID") {
		t.Errorf("X-Request-ID: got %q twice, want one for each request", first.Get("X-Request-ID"))
	}
	for name, want := range map[string]string{
		"X-Correlation-ID": caller.RequestID, "NHSD-End-User-Organisation-ODS": "RX1", "NHSD-Session-URID": "",
		"Accept": "application/fhir+json",
	} {
		if got := first.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestClient_Failures(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		kind   national.Kind
		wait   time.Duration
	}{
		"403 of the gateway":       {nationaltest.Gateway(403), national.Refused, 0},
		"403 of PDS":               {nationaltest.Outcome(403, "forbidden", "ACCESS_DENIED"), national.Refused, 0},
		"408":                      {nationaltest.Outcome(408, "timeout", ""), national.TimedOut, 0},
		"504":                      {nationaltest.Gateway(504), national.TimedOut, 0},
		"500":                      {nationaltest.Gateway(500), national.Unavailable, 0},
		"503":                      {nationaltest.Gateway(503), national.Unavailable, 0},
		"503 with a long wait":     {nationaltest.Wait(503, 60), national.Unavailable, time.Minute},
		"429 with a long wait":     {nationaltest.Wait(429, 60), national.Busy, time.Minute},
		"429 without a wait":       {nationaltest.Outcome(429, "throttled", "TOO_MANY_REQUESTS"), national.Busy, 0},
		"a redirect":               {redirect, national.Malformed, 0},
		"no answer":                {nationaltest.Drop, national.Unavailable, 0},
		"another request's answer": {otherRequest, national.Malformed, 0},
		"an endless answer":        {endless, national.Malformed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.Replace(nationaltest.Patient, c.answer)
			got := f.failure(t)
			if got.Service != national.PDS || got.Kind != c.kind || got.Wait != c.wait || got.MayBeTold {
				t.Errorf("failure: got %+v, want %v with wait %s", got, c.kind, c.wait)
			}
		})
	}
}

func redirect(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "https://other.example/", http.StatusFound)
}

func otherRequest(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Request-ID", "22222222-2222-4222-8222-222222222222")
}

func endless(w http.ResponseWriter, _ *http.Request) {
	for range 2 << 10 {
		if _, err := w.Write(make([]byte, 1<<10)); err != nil {
			return
		}
	}
}

func TestClient_TimeOut(t *testing.T) {
	f := newFixture(t, func(_ *national.TokensConfig, c *national.Config) { c.Timeout = 50 * time.Millisecond })
	for _, place := range []nationaltest.Place{nationaltest.Token, nationaltest.Patient} {
		f.Replace(place, nationaltest.Hang)
		if got := f.failure(t); got.Kind != national.TimedOut {
			t.Errorf("%s hangs: got %v, want %v", place, got, national.TimedOut)
		}
		f.Replace(place, nil)
	}
}

func TestClient_CallerGivesUp(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	f.Replace(nationaltest.Patient, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		nationaltest.Hang(w, r)
	})
	for range 9 { // it does not open the circuit
		if _, err := f.ask(ctx); err == nil {
			t.Fatal("a call of a caller who gave up: got an answer, want an error")
		}
	}
	f.Replace(nationaltest.Patient, nil)
	f.answered(t)
}

func TestClient_WaitsForTheLimit(t *testing.T) {
	f := newFixture(t)
	f.answered(t)
	f.Limit(0, 2)
	f.Replace(nationaltest.Patient, f.once(nationaltest.Wait(429, 2)))
	f.Limit(-1, 0)
	before := f.clock.Now()
	f.answered(t)
	if got := f.clock.Now().Sub(before); got != 2*time.Second {
		t.Errorf("waited %s, want the Retry-After of 2s", got)
	}

	f.Limit(0, 2)
	got := f.failure(t)
	if n := len(f.Requests(nationaltest.Patient)); got.Kind != national.Busy || n > 6 {
		t.Errorf("a limit that stays: got %v after %d requests, want %v after at most 3 more", got, n, national.Busy)
	}
}

// once returns a handler that answers once, and then lets the platform answer.
func (f *fixture) once(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f.Replace(nationaltest.Patient, nil)
		h(w, r)
	}
}

func TestClient_RetryAfterAsDate(t *testing.T) {
	f := newFixture(t)
	f.Replace(nationaltest.Patient, f.once(func(w http.ResponseWriter, r *http.Request) {
		// The service's clock is an hour ahead of the hub's.
		now := f.clock.Now().Add(time.Hour)
		w.Header().Set("Date", now.Format(http.TimeFormat))
		w.Header().Set("Retry-After", now.Add(3*time.Second).Format(http.TimeFormat))
		nationaltest.Gateway(503)(w, r)
	}))
	before := f.clock.Now()
	f.answered(t)
	if got := f.clock.Now().Sub(before); got != 3*time.Second {
		t.Errorf("waited %s, want 3s", got)
	}
}

func TestClient_CircuitOpens(t *testing.T) {
	results := &counts{}
	f := newFixture(t, func(_ *national.TokensConfig, c *national.Config) { c.Observer = results })
	f.answered(t)
	f.Replace(nationaltest.Patient, nationaltest.Gateway(503))
	down := f.clock.Now()
	for range 5 {
		if got := f.failure(t); got.Kind != national.Unavailable || !got.Since.Equal(down) {
			t.Fatalf("failure: got %+v, want %v since %s", got, national.Unavailable, down)
		}
		f.clock.Add(time.Second)
	}

	sent := len(f.Requests(nationaltest.Patient))
	if got := f.failure(t); got.Kind != national.Unavailable || !got.Since.Equal(down) || got.Wait <= 0 {
		t.Errorf("open circuit: got %+v, want since %s and the time of the next trial", got, down)
	}
	if n := len(f.Requests(nationaltest.Patient)); n != sent {
		t.Errorf("open circuit: got %d requests, want none", n-sent)
	}

	f.clock.Add(10 * time.Second)
	f.failure(t)
	if n := len(f.Requests(nationaltest.Patient)); n != sent+1 {
		t.Errorf("after the pause: got %d requests, want one trial", n-sent)
	}

	f.Replace(nationaltest.Patient, nil)
	f.clock.Add(10 * time.Second)
	f.answered(t)
	f.answered(t)
	if got := results.all; got[0] != "answered" || got[1] != "unavailable" || got[len(got)-1] != "answered" {
		t.Errorf("results: got %v, want answered, unavailable and answered", got)
	}
}

func TestClient_OneRequestThatNotifies(t *testing.T) {
	f := newFixture(t)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		told   bool
	}{
		"no answer": {nationaltest.Drop, true},
		"a failure": {nationaltest.Gateway(500), true},
		"a refusal": {nationaltest.Gateway(403), false},
		"a limit":   {nationaltest.Wait(429, 1), false},
	} {
		f.Replace(nationaltest.Patient, c.answer)
		before := len(f.Requests(nationaltest.Patient))
		_, err := f.client.Do(t.Context(), national.Request{
			Method: http.MethodPost, Path: "/Patient/9990000018", Once: true,
		})
		var failed *national.Failure
		if !errors.As(err, &failed) || failed.MayBeTold != c.told {
			t.Errorf("%s: got %+v, want a failure with MayBeTold %t", name, err, c.told)
		}
		if n := len(f.Requests(nationaltest.Patient)) - before; n != 1 {
			t.Errorf("%s: got %d requests, want 1", name, n)
		}
	}

	f = newFixture(t) // without an idle connection, which could have carried the request
	f.Stop()
	_, err := f.client.Do(t.Context(), national.Request{Method: http.MethodPost, Path: "/Patient/1", Once: true})
	var failed *national.Failure
	if !errors.As(err, &failed) || failed.Kind != national.Unavailable || failed.MayBeTold {
		t.Errorf("no connection: got %+v, want %v, and nobody told", err, national.Unavailable)
	}
}

func TestRemember(t *testing.T) {
	asked := 0
	ask := func() (int, error) { asked++; return asked, nil }
	ctx := national.WithMemo(t.Context())
	for range 2 {
		if got, err := national.Remember(ctx, "a", ask); got != 1 || err != nil {
			t.Errorf("Remember: got %d, %v; want the first answer", got, err)
		}
	}
	fails := func() (int, error) { return 0, errors.New("failed") }
	if _, err := national.Remember(ctx, "b", fails); err == nil {
		t.Error("Remember: got no error, want that of the call")
	}
	if got, _ := national.Remember(ctx, "b", ask); got != 2 {
		t.Errorf("Remember after an error: got %d, want a new answer", got)
	}
	for i := range 100 {
		_, _ = national.Remember(ctx, i, ask)
	}
	if got, _ := national.Remember(ctx, "a", ask); got == 1 {
		t.Error("Remember after a hundred others: got the first answer, want it dropped")
	}
}
