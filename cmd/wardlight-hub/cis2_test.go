package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/config"
)

// cis2Text returns the text of a settings file with the sign-in by browser and more lines of its table.
func cis2Text(more string) string {
	return "[identity.cis2]\nissuer = \"https://cis2.example/realms/Healthcare\"\nclient_id = \"hub\"\n" +
		"client_secret_file = \"secret\"\n" + more
}

func TestCIS2Settings(t *testing.T) {
	name, from := settingsIn(t, cis2Text("max_age = \"10m\"\nauthentication_level = 2\norganisations = \"RX1 RX2\"\n"))
	secret := filepath.Join(filepath.Dir(name), "secret")
	if err := os.WriteFile(secret, []byte(" the client secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := loadFrom(from)
	if err != nil {
		t.Fatal(err)
	}
	c := s.cis2.config("x")
	if c.MaxAge != 10*time.Minute || c.MinAuthentication != 2 || c.MinIdentity != 3 ||
		strings.Join(c.Organisations, ",") != "RX1,RX2" || len(c.Scopes) != 5 {
		t.Errorf("got %+v, want the settings of the file", c)
	}
	if p, err := s.provider(newMonitor(nil)); err != nil || p == nil {
		t.Errorf("provider = %v, %v; want one", p, err)
	}

	if err := os.WriteFile(secret, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var rejected *config.Error
	if _, err := s.provider(newMonitor(nil)); !errors.As(err, &rejected) || rejected.Key != cis2ClientSecret {
		t.Errorf("with an empty secret: got %v, want an error about %s", err, cis2ClientSecret)
	}
	if s, err := loadFrom(config.Sources{}); err != nil || s.cis2.issuer != "" {
		t.Errorf("by default: got %v, %v; want no sign-in by browser", s.cis2, err)
	} else if p, err := s.provider(newMonitor(nil)); p != nil || err != nil {
		t.Errorf("by default: provider = %v, %v; want none", p, err)
	}
}

func TestCIS2Settings_Refusals(t *testing.T) {
	for name, c := range map[string]struct{ text, key string }{
		"no client ID": {
			"[identity.cis2]\nissuer = \"https://x.example\"\nclient_secret_file = \"s\"\n",
			cis2Issuer,
		},
		"no secret":         {"[identity.cis2]\nissuer = \"https://x.example\"\nclient_id = \"c\"\n", cis2Issuer},
		"no issuer":         {"[identity.cis2]\nclient_id = \"c\"\n", cis2ClientID},
		"only a CA":         {"[identity.cis2]\nca_file = \"c.pem\"\n", cis2CA},
		"http":              {strings.Replace(cis2Text(""), "https:", "http:", 1), cis2Issuer},
		"no openid":         {cis2Text("scopes = \"profile\"\n"), cis2Issuer},
		"a level of 4":      {cis2Text("authentication_level = 4\n"), cis2Level},
		"a long max_age":    {cis2Text("max_age = \"48h\"\n"), cis2MaxAge},
		"access for a user": {platformText("user"), "pds.access"},
	} {
		_, from := settingsIn(t, c.text)
		var rejected *config.Error
		if _, err := loadFrom(from); !errors.As(err, &rejected) || rejected.Key != c.key {
			t.Errorf("%s: got %v, want an error about %s", name, err, c.key)
		}
	}

	_, from := settingsIn(t, platformText("user")+cis2Text(""))
	if _, err := loadFrom(from); err != nil {
		t.Errorf("access for a person with a sign-in by browser: got %v, want no error", err)
	}
}

// platformText returns the text of a settings file with people from PDS.
func platformText(access string) string {
	return "[people]\nsource = \"pds\"\n[pds]\nurl = \"https://api.example/pds\"\n" +
		"token_url = \"https://api.example/token\"\n" +
		"api_key_file = \"k\"\nprivate_key_file = \"p\"\nkey_id = \"1\"\naccess = \"" + access + "\"\n"
}
