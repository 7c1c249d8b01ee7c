package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub"
	"wardlight/hub/national"
	"wardlight/hub/national/pds"
	"wardlight/hub/store"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/demo"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/lab/people"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// newPDSSite returns a test site whose hub finds people in a stand-in of PDS.
func newPDSSite(t *testing.T) (*testSite, *nationaltest.Platform) {
	t.Helper()
	platform := nationaltest.New(t, time.Now)
	for _, p := range people.Named(time.Now()) {
		patient := p.Patient
		if len(patient.Name) > 0 {
			patient.Name[0].Family += "-Pds" // the hub's own book has the name without it
		}
		platform.PutPatient(patient, p.Related...)
	}

	w, _ := newTestSiteOf(t, demo.Options{Configure: func(c *hub.Config) {
		client := platformClient(t, platform, national.Config{
			Service: national.PDS, BaseURL: platform.PDSURL(), Timeout: time.Second, Log: c.Log,
		})
		records := pds.New(client, pds.NewLinks(c.Store, time.Now))
		c.People, c.Records, c.Rows, c.Numbers = records, records, records, records
		checkAllNumbers(t, c.Store)
	}})
	return w, platform
}

// platformClient returns a client of the platform's service in c, with a token of the platform.
func platformClient(t *testing.T, platform *nationaltest.Platform, c national.Config) *national.Client {
	t.Helper()
	c.HTTP = national.NewHTTP(platform.Roots())
	var err error
	c.Tokens, err = national.NewTokens(national.TokensConfig{
		URL: platform.TokenURL(), APIKey: nationaltest.APIKey, KeyID: nationaltest.KeyID, Key: platform.Key(),
		HTTP: c.HTTP, Clock: time.Now, NewID: uuid.NewString,
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Clock, c.After, c.NewID = time.Now, time.After, uuid.NewString
	return national.New(c)
}

// checkAllNumbers stores that no number with plans has been superseded, as if the hub had run for some time.
func checkAllNumbers(t *testing.T, checks store.NumberChecks) {
	t.Helper()
	now := time.Now()
	all, err := checks.UncheckedNumbers(t.Context(), now, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	results := make([]store.NumberCheck, len(all))
	for i, n := range all {
		results[i] = store.NumberCheck{Number: n, Current: n, At: now}
	}
	if err := checks.PutNumberChecks(t.Context(), results); err != nil {
		t.Fatal(err)
	}
}

func TestNationalPDS_FromCardToAlert(t *testing.T) {
	t.Parallel() // each test starts its own services
	w, platform := newPDSSite(t)
	w.insert("nurse")
	term := w.startTerminal()
	term.Expect(Contains("Passcode"), Contains("Tries left"))
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	before := w.accesses(people.OnPlan)
	family, born := identity(t, people.OnPlan)
	term.Press("tab").Type(family + "-Pds").Press("tab").Type(born).Press("enter")
	term.Expect(Contains("EXAMPLE-PDS, Tess"))
	term.Press("enter")
	term.Expect(Contains("ALERT"))
	w.notified(0)

	term.PressUntil("o", Contains("RING NOW"))
	term.Expect(Contains("Child Protection Plan"), Contains("EXAMPLESHIRE COUNCIL"))
	w.notified(1)
	if n := w.accesses(people.OnPlan); n != before+1 {
		t.Errorf("accesses after one opening: got %d more, want 1", n-before)
	}

	for _, r := range platform.Requests(nationaltest.Patient) {
		if r.Header.Get("NHSD-Session-URID") != "" || !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
			t.Errorf("request to PDS: got headers %v, want a token and no role", r.Header)
		}
	}

	w.card.Pull()
	term.Expect(Contains("Card removed. Session ended."))
	term.Press("q").Wait()
}

func TestNationalPDS_Failures(t *testing.T) {
	t.Parallel() // each test starts its own services
	w, platform := newPDSSite(t)
	w.insertAndSee("nurse")
	if code, out, errs := w.command("alert", people.Nothing.Digits(), "--json"); code != 0 ||
		!strings.Contains(out, `"none_recorded"`) {
		t.Fatalf("alert: exit code %d, want none recorded: %s%s", code, out, errs)
	}

	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		says   string
		code   string
	}{
		{"refused by the gateway", nationaltest.Gateway(403), "PDS refused the hub's request.", "H53-503"},
		{"a page of a gateway", nationaltest.Gateway(404), "The answer of PDS could not be understood.", "H54-503"},
		{"a limit", nationaltest.Wait(429, 60), "PDS is busy.", "H52-503"},
		{"a time-out", nationaltest.Hang, "PDS did not answer in time.", "H51-503"},
		{"a failure", nationaltest.Gateway(503), "PDS cannot be reached since ", "H50-503"},
	} {
		platform.Replace(nationaltest.Patient, c.answer)
		code, out, errs := w.command("alert", people.Nothing.Digits(), "--json")
		if code != exitHub || strings.Contains(out, "none_recorded") || strings.Contains(out, "not_checked") ||
			!strings.Contains(out+errs, c.says) || !strings.Contains(out+errs, c.code) {
			t.Errorf("%s: exit code %d, want %d with %q and %s: %s%s", c.name, code, exitHub, c.says, c.code, out, errs)
		}
	}

	platform.Replace(nationaltest.Patient, nil)
	if code, out, errs := w.command("alert", people.Nothing.Digits(), "--json"); code != 0 ||
		!strings.Contains(out, `"none_recorded"`) {
		t.Errorf("alert afterwards: exit code %d, want none recorded: %s%s", code, out, errs)
	}
}
