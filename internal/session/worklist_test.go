package session_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
	"wardlight/internal/worklist"
)

// listed returns a row of a list.
func listed(number, name, born string) worklist.Patient {
	return worklist.Patient{Number: nhs.Number(number), Name: name, Born: born}
}

func TestCheckPatient_RecordAndLampAtTheSameTime(t *testing.T) {
	b := setUp(t, -1, 1)
	b.sitNurse(t)
	var both sync.WaitGroup // each request waits for the other
	both.Add(2)
	for _, route := range []string{hubtest.Record, hubtest.Flag} {
		b.hub.Answer(route, func(w http.ResponseWriter, r *http.Request) {
			both.Done()
			both.Wait()
			b.hub.DefaultHandler(route)(w, r)
		})
	}
	r := b.CheckPatient(t.Context(), listed(hubtest.WithAlert, "Example, Tess", "04-Mar-2016"))
	if r.Lamp.State != client.Alert || r.Name != worklist.Same || r.Born != worklist.Same {
		t.Errorf("CheckPatient = %+v, want an alert with the same name and birth date", r)
	}
	if n := len(b.hub.Requests(hubtest.CareTeam)); n != 0 {
		t.Errorf("%d alerts were opened, want 0", n)
	}
}

func TestCheckPatient_WhatTheHubSays(t *testing.T) {
	b := setUp(t, -1, 1)
	b.sitNurse(t)
	const nobody = "9990000042"
	for name, c := range map[string]struct {
		line  worklist.Patient
		state client.State
		code  string // support code of the lamp's error
		lamps int
	}{
		"the patient of the list": {listed(hubtest.NoAlert, "EXAMPLE Tom", "4/3/2016"), client.NoneRecorded, "", 1},
		"somebody else, alert":    {listed(hubtest.WithAlert, "Sample, Sam", ""), client.CouldNotCheck, "W11", 1},
		"somebody else, none":     {listed(hubtest.NoAlert, "", "5/3/2016"), client.CouldNotCheck, "W11", 1},
		"nobody": {
			listed(nobody, "Sample, Sam", ""), client.CouldNotCheck,
			"H21-404-RESOURCE_NOT_FOUND", 1,
		},
		"a plan without a record": {listed(hubtest.NoRecord, "Sample, Sam", ""), client.Alert, "", 1},
		"superseded": {
			listed(hubtest.Superseded, "Example, Tom", "4/3/2016"), client.NoneRecorded, "",
			2,
		},
		"superseded, another name": {
			listed(hubtest.Superseded, "Sample, Tom", "4/3/2016"), client.CouldNotCheck, "W11",
			2,
		},
	} {
		before := len(b.hub.Requests(hubtest.Flag))
		r := b.CheckPatient(t.Context(), c.line)
		code := ""
		if coded, ok := r.Lamp.Err.(interface{ Code() string }); ok {
			code = coded.Code()
		}
		if n := len(b.hub.Requests(hubtest.Flag)) - before; r.Lamp.State != c.state || code != c.code || n != c.lamps ||
			r.Lamp.Number != c.line.Number {
			t.Errorf("%s: CheckPatient = %+v, code %q, %d lamp requests, want %s, %q, %d",
				name, r, code, n, c.state, c.code, c.lamps)
		}
	}

	// This hub answers with "none recorded" about a number without a record.
	b.hub.Answer(hubtest.Flag, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Reply(w, r, http.StatusOK, b.hub.Searchset())
	})

	if r := b.CheckPatient(t.Context(), listed(nobody, "", "")); r.Lamp.State != client.CouldNotCheck ||
		client.KindOf(r.Lamp.Err) != client.NotFound {
		t.Errorf("CheckPatient = %+v, want could not check: not found", r)
	}

	b.End(t.Context(), session.Locked)
	if r := b.CheckPatient(t.Context(), listed(hubtest.NoAlert, "Example, Tom", "")); client.KindOf(
		r.Lamp.Err,
	) != client.SignedOut {
		t.Errorf("CheckPatient without a session = %+v, want signed out", r)
	}
}

func TestWorklistRun(t *testing.T) {
	b := setUp(t, -1, 1)
	b.sitNurse(t)
	list := worklist.NewCheck([]worklist.Patient{
		listed(hubtest.WithAlert, "Tess Example", ""), listed(hubtest.NoAlert, "Example, Tom", "05-Mar-2016"),
		listed("", "No Number", ""),
	}, 0)

	changes := 0
	w := &session.Worklist{List: list, Checker: b.Manager}
	run := session.ListRun{
		Clock: b.clock.Now, HubTimeout: time.Minute, OnChange: func() { changes++ },
		OnHubDown: func(*worklist.Reason) { t.Error("HubDown was called, although the hub answers") },
	}

	if err := w.Run(t.Context(), run); err != nil {
		t.Fatal(err)
	}

	if got, want := list.Tally(),
		(worklist.Tally{All: 3, Alerts: 1, CouldNotCheck: 1, NotChecked: 1, Faulty: 1}); got != want || changes == 0 {
		t.Errorf("Tally = %+v after %d changes, want %+v", got, changes, want)
	}

	if why := list.Answer(1).Why; why == nil || !strings.Contains(why.Sentence, "another birth date") {
		t.Errorf("reason = %+v, want another birth date", why)
	}
}
