package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/hub/metrics"
	"wardlight/hub/national"
	"wardlight/internal/config"
	"wardlight/internal/lab/nationaltest"
)

// pdsEnviron returns the settings of a hub whose people come from the stand-in of PDS, as environment variables.
func pdsEnviron(t *testing.T, p *nationaltest.Platform) []string {
	t.Helper()
	return append(platformEnviron(t, p, "PDS", p.PDSURL()), "WARDLIGHT_SERVER_PEOPLE_SOURCE=pds")
}

// scrEnviron returns the settings of a hub whose summaries come from the stand-in of the Summary Care Record API, as
// environment variables. The provider of the sign-in with CIS2 doesn't exist.
func scrEnviron(t *testing.T, p *nationaltest.Platform, s *nationaltest.SCR, access string) []string {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	return append(
		platformEnviron(t, p, "SCR", s.URL), "WARDLIGHT_SERVER_SUMMARY_SOURCE=scr-api",
		"WARDLIGHT_SERVER_SCR_ACCESS="+access, "WARDLIGHT_SERVER_SCR_ASID=200000001234",
		"WARDLIGHT_SERVER_IDENTITY_CIS2_ISSUER=https://cis2.invalid", "WARDLIGHT_SERVER_IDENTITY_CIS2_CLIENT_ID=hub",
		"WARDLIGHT_SERVER_IDENTITY_CIS2_CLIENT_SECRET_FILE="+secret,
	)
}

// platformEnviron returns the settings of an API of the stand-in of the NHS API platform, as environment variables.
func platformEnviron(t *testing.T, p *nationaltest.Platform, prefix, url string) []string {
	t.Helper()
	folder := t.TempDir()
	put := func(name string, text []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	prefix = "WARDLIGHT_SERVER_" + prefix
	return []string{
		prefix + "_URL=" + url, prefix + "_TOKEN_URL=" + p.TokenURL(),
		prefix + "_API_KEY_FILE=" + put("api-key", []byte(nationaltest.APIKey+"\n")),
		prefix + "_PRIVATE_KEY_FILE=" + put("api.key", p.KeyPEM()),
		prefix + "_KEY_ID=" + nationaltest.KeyID, prefix + "_CA_FILE=" + put("api-ca.pem", p.CAPEM()),
	}
}

func TestSettings_NationalServices(t *testing.T) {
	const whole = `[people]
source = "pds"
[pds]
url = "https://pds.example/personal-demographics/FHIR/R4"
token_url = "https://pds.example/oauth2/token"
api_key_file = "api-key"
private_key_file = "pds.key"
key_id = "hub-1"
`
	name, from := settingsIn(t, whole)
	s, err := loadFrom(from)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.sources; got.people != sourcePDS || got.alerts != sourceBook || got.pds.access != accessApplication ||
		got.pds.privateKeyFile != filepath.Join(filepath.Dir(name), "pds.key") || got.pds.timeout.String() != "4s" {
		t.Errorf("settings: got %+v", got)
	}

	for old, c := range map[string]struct{ with, says string }{
		`source = "pds"`:   {`source = "spine"`, `people.source: "spine" is none of book, pds`},
		`key_id = "hub-1"`: {"", "people.source: this source requires pds.key_id"},
		`"https://pds.example/personal-demographics/FHIR/R4"`: {
			`"http://pds.example"`, "pds.url: it is not an address",
		},
		`"https://pds.example/oauth2/token"`: {
			`"https://pds.example/oauth2/token/"`, "pds.token_url: it is not",
		},
		`api_key_file = "api-key"`: {
			"api_key_file = \"api-key\"\naccess = \"user\"", "pds.access: access for a person",
		},
		"[people]\nsource = \"pds\"\n": {"", "pds.url: people.source does not use it"},
		"[pds]\n": {
			"[alerts]\nsource = \"patient-flags\"\n[pds]\n", "alerts.source: this source requires patient_flags.url",
		},
	} {
		_, from := settingsIn(t, strings.Replace(whole, old, c.with, 1))
		if _, err := loadFrom(from); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s instead of %s: got error %v, want %q", c.with, old, err, c.says)
		}
	}
}

// summaryText is the text of a settings file with summaries from the Summary Care Record API.
const summaryText = `
[summary]
source = "scr-api"
[scr]
url = "https://scr.example/summary-care-record/FHIR/R4"
token_url = "https://scr.example/oauth2/token"
api_key_file = "api-key"
private_key_file = "scr.key"
key_id = "hub-1"
asid = "200000001234"
`

func TestSettings_Summaries(t *testing.T) {
	_, from := settingsIn(t, summaryText)
	s, err := loadFrom(from)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.sources.summary; got.source != sourceSCR || got.api.access != accessApplication ||
		got.asid != "200000001234" {
		t.Errorf("settings: got %+v", got)
	}

	for old, c := range map[string]struct{ with, says string }{
		`source = "scr-api"`:                {`source = "pds"`, `summary.source: "pds" is none of book, scr-api`},
		`key_id = "hub-1"`:                  {"", "summary.source: this source requires scr.key_id"},
		`asid = "200000001234"`:             {`asid = "RX1"`, "scr.asid: it is not an accredited system ID"},
		`[scr]`:                             {"[scr]\naccess = \"user\"", "scr.access: access for a person"},
		"[summary]\nsource = \"scr-api\"\n": {"", "scr.url: summary.source does not use it"},
	} {
		_, from := settingsIn(t, strings.Replace(summaryText, old, c.with, 1))
		if _, err := loadFrom(from); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s instead of %s: got error %v, want %q", c.with, old, err, c.says)
		}
	}
}

// TestUseSources_Summaries checks that access for a person requires a sign-in with CIS2 and an ASID, and that only then
// alerts are sent.
func TestUseSources_Summaries(t *testing.T) {
	p := nationaltest.New(t, time.Now)
	asUser := strings.Replace(summaryText, "[scr]", "[scr]\naccess = \"user\"", 1)
	for what, c := range map[string]struct{ text, rejected string }{
		"application": {summaryText, ""},
		"user":        {asUser + cis2Text(""), ""},
		"user without an ASID": {
			strings.Replace(asUser, `asid = "200000001234"`, "", 1) + cis2Text(""), "summary.source",
		},
		"user without CIS2": {asUser, "scr.access"},
	} {
		name, from := settingsIn(t, c.text)
		for file, text := range map[string][]byte{"api-key": []byte(nationaltest.APIKey), "scr.key": p.KeyPEM()} {
			if err := os.WriteFile(filepath.Join(filepath.Dir(name), file), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s, err := loadFrom(from)
		if c.rejected != "" {
			var rejected *config.Error
			if !errors.As(err, &rejected) || rejected.Key != c.rejected {
				t.Errorf("%s: got %v, want an error about %s", what, err, c.rejected)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}

		var ended []func(string)
		var hubs hub.Config
		parts := platform{
			settings: s, log: slog.New(slog.DiscardHandler), observer: metrics.New("v1"), ended: &ended,
			idToken: func(context.Context, national.Caller) (string, error) { return "id", nil },
		}
		if err := parts.useSources(&hubs); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if hubs.Summaries == nil || (hubs.SendAlert != nil) != (what == "user") || len(ended) != 1 {
			t.Errorf("%s: got summaries %T, sends alerts %t, %d tokens to forget; want alerts only for a user", what,
				hubs.Summaries, hubs.SendAlert != nil, len(ended))
		}
	}
}
