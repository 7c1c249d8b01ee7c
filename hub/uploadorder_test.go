package hub_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// json uploads rows in the JSON form with that time of creation.
func (o *office) json(file, created string, rows ...string) response {
	o.b.t.Helper()
	return o.send(http.MethodPost, uploads, "application/json",
		fmt.Sprintf(`{"version":1,"file":%q,"created":%q,"rows":[%s]}`, file, created, strings.Join(rows, ",")))
}

func (o *office) sequenced(file, sequence string, rows ...string) response {
	o.b.t.Helper()
	return o.send(http.MethodPost, uploads+"?file="+file+"&sequence="+url.QueryEscape(sequence), "text/csv",
		sheet(rows...))
}

const olderRow = "This file was made before the file that last changed this plan. Nothing was changed: send the " +
	"current details in a new file."

// A file that was answered with 503 is sent again after a newer one has been accepted.
func TestUpload_AnOlderFileThatComesLaterChangesNothing(t *testing.T) {
	for name, send := range map[string]func(o *office, file string, made int, row string) response{
		"created": func(o *office, file string, made int, row string) response {
			member := strings.Split(row, ";")
			return o.json(file, fmt.Sprintf("2026-07-15T12:%02d:00Z", made), fmt.Sprintf(
				`{"action":%q,"kind":"CPP","nhsNumber":"9990000026","birthDate":"2016-03-04","family":"Example","given":"Tom","start":"2026-07-01","end":%q,"reference":"R-1"}`,
				member[0], member[7]))
		},
		"a sequence of numbers": func(o *office, file string, made int, row string) response {
			return o.sequenced(file, fmt.Sprint(made), row)
		},
		"a sequence of times": func(o *office, file string, made int, row string) response {
			return o.sequenced(file, fmt.Sprintf("2026-07-15T13:%02d:00+01:00", made), row)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := &without{}
			b := newFixture(t, between(w, &w.Store))
			o, x := b.office("V999"), b.signIn()
			plan := func(action, end string) string {
				return action + ";CPP;999 000 0026;04/03/2016;Example;Tom;01/07/2026;" + end + ";;R-1"
			}

			took := func(file string, made int, row string) {
				t.Helper()
				if r := send(o, file, made, row); r.status != 200 || !strings.Contains(r.body, `"CPF02"`) {
					t.Fatalf("upload %s: got status %d, body %s; want CPF02", file, r.status, r.body)
				}
			}

			older := func(file string, made int, row string) {
				t.Helper()
				if r := send(o, file, made, row); r.status != 200 || !strings.Contains(r.body, `"CPR07"`) ||
					!strings.Contains(r.body, olderRow) {
					t.Errorf("older upload %s: got status %d, body %s; want CPR07", file, r.status, r.body)
				}
			}

			took("1", 1, plan("add", ""))
			w.ledger = errors.New("disk full")
			if r := send(o, "2", 2, plan("delete", "")); r.status != 503 {
				t.Fatalf("upload with a failing store: got status %d, body %s; want 503", r.status, r.body)
			}

			w.ledger = nil
			took("3", 3, plan("add", "")) // adds the plan again
			older("2", 2, plan("delete", ""))
			older("4", 2, plan("end", "02/07/2026"))
			older("5", 2, plan("update", "02/07/2026"))
			if alert, teams := x.plans(plain); !alert || teams[0].Period.End != "" {
				t.Errorf("got alert %v, plans %+v; want an alert without an end", alert, teams)
			}

			took("6", 3, plan("delete", "")) // the same time of creation
			older("7", 2, plan("add", ""))
			if x.lit(plain) {
				t.Error("an older file restored a plan that a newer one deleted")
			}

			took("8", 4, plan("add", ""))
			o.took(o.csv("9", sheet(plan("end", "02/07/2026"))), "CPF02", "2 CPR06") // no sequence
			older("10", 3, plan("update", ""))
		})
	}
}

func TestUpload_WhatIsNoSequence(t *testing.T) {
	b := newFixture(t)
	o := b.office("V999")
	for _, sequence := range []string{
		"", "0", "-1", "1.5", "x", "1234567890123456", "2026-07-15",
		"2026-07-17T12:00:00Z",
	} {
		if r := o.sequenced("1", sequence, tomsRow); r.status != 400 || !strings.Contains(r.body, "CPF01") ||
			!strings.Contains(r.body, "sequence") {
			t.Errorf("sequence %q: got status %d, body %s; want 400 CPF01", sequence, r.status, r.body)
		}
	}

	if r := o.send(http.MethodPost, uploads+"?file=1&sequence=1&sequence=2", "text/csv",
		sheet(tomsRow)); r.status != 400 {
		t.Errorf("two sequences: got status %d, body %s; want 400", r.status, r.body)
	}

	if r := o.send(http.MethodPost, uploads+"?sequence=1", "application/json",
		`{"version":1,"file":"1","rows":[{}]}`); r.status != 400 || !strings.Contains(r.body, "created") {
		t.Errorf("sequence parameter with a JSON file: got status %d, body %s; want 400", r.status, r.body)
	}

	o.took(o.sequenced("1", "2026-07-15T13:00:00 01:00", tomsRow), "CPF02", "2 CPR06") // an unescaped plus sign
}
