package recordsystem_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"

	"wardlight/internal/fhir"
	"wardlight/internal/lab/medplumtest"
	"wardlight/internal/recordsystem"
)

func TestMedplumKeepsToTheContract(t *testing.T) {
	meetsTheContract(t, medplumtest.Start(t), token)
}

// lossy forwards requests to a record system. It breaks the connection of the first ones after they were executed.
type lossy struct {
	behind http.Handler
	lose   atomic.Int32
}

func (l *lossy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if l.lose.Add(-1) < 0 {
		l.behind.ServeHTTP(w, r)
		return
	}
	answer := httptest.NewRecorder()
	l.behind.ServeHTTP(answer, r)
	if answer.Code == http.StatusCreated || answer.Code == http.StatusOK {
		panic(http.ErrAbortHandler)
	}
	http.Error(w, "it was not carried out", http.StatusNotImplemented)
}

func TestMedplumHasAFlagOnceWhoseAnswersWereLost(t *testing.T) {
	base := medplumtest.Start(t)
	address, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}

	between := &lossy{behind: httputil.NewSingleHostReverseProxy(&url.URL{Scheme: address.Scheme, Host: address.Host})}
	between.lose.Store(2)
	server := httptest.NewServer(between)
	defer server.Close()
	s := newSite(t)
	s.url = server.URL + address.Path

	a := s.terminal(0).Set(t.Context(), flagTimeout(tess))
	if recordsystem.KindOf(a.Err) != recordsystem.Unreachable || a.StoredIn != recordsystem.OnDisk {
		t.Fatalf("Set = %+v, want Unreachable and the flag on disk", a)
	}

	expectPending(t, s.terminal(0).Retry(t.Context()), recordsystem.OnDisk, tess) // restarted; connection breaks again
	expectPending(t, s.terminal(0).Retry(t.Context()), recordsystem.OnDisk)
	if a := s.terminal(0).Set(t.Context(), flagTimeout(sam)); a.Err != nil || a.Existed {
		t.Fatalf("Set for another patient = %+v, want a new flag", a)
	}

	got, err := http.Get(base + "/Flag") //nolint:noctx // to a process of this test
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close() //nolint:errcheck // only read from
	var all fhir.Bundle
	if err := json.NewDecoder(got.Body).Decode(&all); err != nil {
		t.Fatal(err)
	}

	of := make(map[string]int)
	for _, e := range all.Entry {
		var f fhir.Flag
		if err := json.Unmarshal(e.Resource, &f); err != nil {
			t.Fatal(err)
		}
		of[f.Subject.Identifier.Value]++
	}

	if len(of) != 2 || of[tess.Digits()] != 1 || of[sam.Digits()] != 1 {
		t.Errorf("flags in Medplum = %v, want one for each patient", of)
	}
}
