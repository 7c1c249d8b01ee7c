package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/hub/national"
	"wardlight/hub/national/flags"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/demo"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/lab/people"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// newPatientFlagsSite returns a site whose hub has alerts from a stand-in of the Patient Flags API. One child has a
// plan there, and another none.
func newPatientFlagsSite(t *testing.T) (*testSite, *nationaltest.Platform) {
	t.Helper()
	platform := nationaltest.New(t, time.Now)
	service := nationaltest.NewPatientFlags(platform)
	service.AddPlan(people.OnPlan.Digits(), nationaltest.FlagPlan{
		Kind: fhir.SnomedChildPlan, Start: time.Now().AddDate(0, -2, 0).Format(time.RFC3339),
		Authority: "V997 - FARSHIRE COUNCIL", Office: "01632 960201", Duty: "01632 960202", Apart: true,
	})
	service.Know(people.Nothing.Digits())
	uk, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}

	w, _ := newTestSiteOf(t, demo.Options{Configure: func(c *hub.Config) {
		c.Alerts = flags.New(flags.Config{
			Client: platformClient(t, platform, national.Config{
				Service: national.PatientFlags, BaseURL: service.URL(),
			}),
			Records: trace.NewLogging(c.Store, c.Log), Clock: time.Now, UK: uk,
		})
	}})
	return w, platform
}

// toAlert starts the terminal, signs in with the card of that name and shows the patient with an alert.
func (w *testSite) toAlert(card string) *Terminal {
	w.t.Helper()
	term := w.startTerminal()
	w.insert(card)
	term.Expect(Contains("Tries left     3"))
	term.Type(cards.Passcode).Press("enter").Expect(Contains("Find a patient"))
	return term.Type(people.OnPlan.Digits()).Press("enter").Expect(Contains("EXAMPLE, Tess"), Contains("ALERT"))
}

// checkUntold fails if an access was recorded since there were so many, or an authority notified.
func (w *testSite) checkUntold(before int) {
	w.t.Helper()
	if n := w.accesses(people.OnPlan); n != before {
		w.t.Errorf("got %d accesses more, want none", n-before)
	}
	w.notified(0)
}

func TestPatientFlags_OpeningInScheduledCare(t *testing.T) {
	t.Parallel() // each test starts its own services
	w, platform := newPatientFlagsSite(t)
	untold := w.accesses(people.OnPlan)
	term := w.toAlert("gp")
	if n := len(platform.Requests(nationaltest.FlagDetail)); n != 0 {
		t.Errorf("got %d requests for details of the plan with a lamp, want none", n)
	}

	term.PressUntil("o", Contains("RING NOW"))
	term.Expect(Contains("Child Protection Plan"), Contains("FARSHIRE COUNCIL"), Contains("01632 96020"),
		Contains("not offered by this service"))
	w.checkUntold(untold)
	term.Press("ctrl+c")
}

func TestPatientFlags_OpeningInUnscheduledCare(t *testing.T) {
	t.Parallel() // each test starts its own services
	w, platform := newPatientFlagsSite(t)
	untold := w.accesses(people.OnPlan)
	term := w.toAlert("nurse")

	before := len(platform.Requests(nationaltest.Flags))
	term.PressUntil("o", Contains("Opening in unscheduled care is not offered by Patient Flags."))
	term.Expect(Contains("local procedure."), Contains("H56-501"), Contains("ALERT"))
	term.ExpectGone(Contains("Your name is recorded"), Contains("o open the alert"))
	if n := len(platform.Requests(nationaltest.Flags)); n != before {
		t.Errorf("got %d requests to the service with the opening, want none", n-before)
	}
	w.checkUntold(untold)
	term.Press("ctrl+c")
}

func TestPatientFlags_InLines(t *testing.T) {
	t.Parallel() // each test starts its own services
	w, _ := newPatientFlagsSite(t)
	untold := w.accesses(people.OnPlan)
	for _, x := range []struct {
		card string
		want []string
	}{
		{"gp", []string{"FARSHIRE COUNCIL", "The list of who has looked is not offered by this service."}},
		{"nurse", []string{"Opening in unscheduled care is not offered by Patient Flags.", "H56-501"}},
	} {
		term := w.startLinear()
		term.Expect(Contains("No smartcard in the reader."))
		w.insert(x.card)
		term.Expect(Regexp(`Passcode, .*Enter:\s*$`)).Type(cards.Passcode).Press("enter")
		term.Expect(Contains("NHS number, or family name:")).Type(people.OnPlan.Digits()).Press("enter")
		term.Expect(Contains("ALERT: Child protection alert, as of"), Regexp(`Command:\s*$`))
		term.TypeUntil(regexp.MustCompile(`open \d{4}`).FindString(term.Screen()), Contains(x.want[0]))
		for _, want := range x.want {
			term.Expect(Contains(want))
		}
		w.card.Pull()
		term.Expect(Contains("Card removed. Session ended."), Regexp(`Command:\s*$`)).Type("quit").Press("enter").Wait()
	}
	w.checkUntold(untold)
}

// TestPatientFlags_Commands checks the documents and exit codes of wardlight alert.
func TestPatientFlags_Commands(t *testing.T) {
	t.Parallel() // each test starts its own services
	w, platform := newPatientFlagsSite(t)
	state := func(out string) string {
		t.Helper()
		var d struct {
			State string `json:"state"`
		}
		if err := json.Unmarshal([]byte(out), &d); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return d.State
	}

	w.insertAndSee("nurse")
	tests := []struct {
		name  string
		fails http.HandlerFunc
		args  []string
		code  int
		state string
		says  string
	}{
		{"alert", nil, []string{"alert", people.OnPlan.Digits()}, exitDone, "alert", ""},
		{"none recorded", nil, []string{"alert", people.Nothing.Digits()}, exitDone, "none_recorded", ""},
		{
			"not known to the service", nil,
			[]string{"alert", people.Expecting.Digits()},
			exitHub, "could_not_check",
			"H59",
		},
		{
			"service down", nationaltest.Gateway(http.StatusBadGateway),
			[]string{"alert", people.Nothing.Digits()},
			exitHub, "could_not_check", "H50",
		},
		{
			"opening in unscheduled care", nil,
			[]string{"alert", people.OnPlan.Digits(), "--open"},
			exitHub, "alert",
			"H56",
		},
	}
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			platform.Replace(nationaltest.Flags, x.fails)
			code, out, errs := w.command(append(x.args, "--json")...)
			if code != x.code || state(out) != x.state {
				t.Errorf("got exit code %d, state %q; want %d, %q", code, state(out), x.code, x.state)
			}
			if !strings.Contains(out+errs, x.says) {
				t.Errorf("got %s%s, want %q in it", out, errs, x.says)
			}
		})
	}
}
