package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/hub/metrics"
	"wardlight/hub/national/flags"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/lab/nationaltest"
)

// TestUseSources_PatientFlags checks that one source answers about alerts and about the other flags, and that starting
// makes no request.
func TestUseSources_PatientFlags(t *testing.T) {
	p := nationaltest.New(t, time.Now)
	service := nationaltest.NewPatientFlags(p)
	name, from := settingsIn(t, `[alerts]
source = "patient-flags"
[patient_flags]
url = "`+service.URL()+`"
token_url = "`+p.TokenURL()+`"
api_key_file = "api-key"
private_key_file = "flags.key"
key_id = "`+nationaltest.KeyID+`"
`)
	folder := filepath.Dir(name)
	for file, text := range map[string][]byte{"api-key": []byte(nationaltest.APIKey), "flags.key": p.KeyPEM()} {
		if err := os.WriteFile(filepath.Join(folder, file), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := loadFrom(from)
	if err != nil {
		t.Fatal(err)
	}

	ledger, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ledger.Close() })
	c := hub.Config{Store: ledger}
	parts := platform{settings: s, log: slog.New(slog.DiscardHandler), observer: metrics.New("v1")}
	if err := parts.useSources(&c); err != nil {
		t.Fatal(err)
	}
	source, ok := c.Alerts.(*flags.Source)
	if !ok || c.Flags != source || c.People != nil || c.Records != nil {
		t.Errorf("got alerts %T, flags %T, people %T; want one source of alerts and flags, and the book's people",
			c.Alerts, c.Flags, c.People)
	}
	if n := len(p.Requests(nationaltest.Token)) + len(p.Requests(nationaltest.Flags)); n != 0 {
		t.Errorf("got %d requests at the start, want none", n)
	}
}
