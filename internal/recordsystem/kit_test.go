package recordsystem_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/fhirtest"
	"wardlight/internal/lab/record"
	"wardlight/internal/nhs"
	"wardlight/internal/recordsystem"
	"wardlight/internal/sealed"
	"wardlight/internal/secretstore"
	"wardlight/internal/secretstore/secretstoretest"
)

const (
	tess  = nhs.Number("9990000018")
	sam   = nhs.Number("9990000026")
	token = "only.for-this_test~0+/=="
)

var seen = fhirtest.NewSet()

func TestMain(m *testing.M) {
	if os.Getenv(victimURL) != "" {
		killedProcess()
		return
	}
	os.Exit(seen.Main(m))
}

func now() time.Time { return time.Date(2026, time.November, 22, 9, 42, 0, 0, time.UTC) }

// flagTimeout returns a flag for the patient, set by a clerk.
func flagTimeout(n nhs.Number) recordsystem.Flag {
	return recordsystem.Flag{
		Number: n, AsOf: now().Add(-time.Minute), Author: recordsystem.Author{
			UUID: "555000000111",
			Name: "SAMPLE, Ada (Ms)",
		},
	}
}

// site is a record system behind real HTTP, with a keyring and a folder that its terminals share.
type site struct {
	t       *testing.T
	records *record.System
	url     string
	keyring *secretstore.Keyring
	memory  *secretstoretest.Memory
	folder  string
	ids     atomic.Int64
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, records: record.New(token), folder: filepath.Join(t.TempDir(), "wardlight")}
	s.keyring, s.memory = secretstoretest.Keyring()
	server := httptest.NewServer(s.records)
	t.Cleanup(server.Close)
	s.url = server.URL + "/fhir"
	return s
}

// system returns the client of one terminal. A timeout of 0 means the default.
func (s *site) system(timeout time.Duration) *recordsystem.System {
	s.t.Helper()
	sys, err := recordsystem.NewSystem(recordsystem.Config{
		BaseURL: s.url, Token: func(context.Context) ([]byte, error) { return []byte(token), nil }, Timeout: timeout,
		NewID: func() string { return fmt.Sprintf("id-%d", s.ids.Add(1)) },
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return sys
}

// terminal returns the Flags of a terminal that has just been started.
func (s *site) terminal(timeout time.Duration) *recordsystem.Flags {
	s.t.Helper()
	file := sealed.Open(s.keyring, s.folder, "flags")
	return recordsystem.NewFlags(s.system(timeout), "Example records", file, now, func() string {
		return fmt.Sprintf("kept-%d", s.ids.Add(1))
	})
}

// expectFlags checks that the record system has exactly one valid flag for each of these patients, and no other.
func (s *site) expectFlags(want ...nhs.Number) {
	s.t.Helper()
	flags := s.records.Flags()
	if len(flags) != len(want) {
		s.t.Errorf("got %d flags, want %d", len(flags), len(want))
	}

	for _, n := range want {
		found := 0
		for _, raw := range flags {
			seen.Check(s.t, raw)
			var f struct {
				Subject struct {
					Identifier struct{ System, Value string }
				}
			}
			if err := json.Unmarshal(raw, &f); err != nil {
				s.t.Fatal(err)
			}
			if f.Subject.Identifier.Value == n.Digits() &&
				f.Subject.Identifier.System == "https://fhir.nhs.uk/Id/nhs-number" {
				found++
			}
		}

		if found != 1 {
			s.t.Errorf("got %d flags for %s, want 1", found, n)
		}
	}
}

// expectPending checks the pending flags.
func expectPending(t *testing.T, w recordsystem.PendingFlags, where recordsystem.Storage, want ...nhs.Number) {
	t.Helper()
	if w.Err != nil {
		t.Errorf("reading the pending flags: %v", w.Err)
	}
	if len(w.Flags) != len(want) {
		t.Fatalf("got %d pending flags, want %d", len(w.Flags), len(want))
	}
	for i, n := range want {
		if k := w.Flags[i]; k.Flag.Number != n || k.Storage != where || k.ID == "" || !k.Since.Equal(now()) {
			t.Errorf("pending flag %d = %+v, want %s at place %d", i, k, n, where)
		}
	}
}

// until waits until a condition is true.
func (s *site) until(what string, holds func() bool) {
	s.t.Helper()
	deadline := time.After(time.Minute)
	for !holds() {
		select {
		case <-deadline:
			s.t.Fatalf("timeout waiting for %s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
