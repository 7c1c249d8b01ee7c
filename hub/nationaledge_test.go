package hub_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"wardlight/hub"
	"wardlight/internal/fhir"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/nhs"
)

// nationalEdge is a hub with a source that a test makes answer with anything, and the requests about a patient's alert.
type nationalEdge struct {
	name     string
	fixture  *fixture
	terminal *terminal
	answer   func(status int, media, body string) // sets the source's answer
	patient  nhs.Number
	// mayBeEmpty reports whether the source's answer may be read as "no alert of this patient".
	mayBeEmpty func(status int, media, body string) bool
}

// never returns false: the alert does not depend on the source, because the patient has a plan in the hub's book.
func never(int, string, string) bool { return false }

// longSessions makes a sign-in last for the whole test.
func longSessions(c *hub.Config) { c.SessionIdle, c.SessionMax = 1e6*time.Hour, 1e6*time.Hour }

// nationalEdges returns a hub for each source of people and alerts.
func nationalEdges(t testing.TB) []nationalEdge {
	replaced := func(p *nationaltest.Platform, places ...nationaltest.Place) func(int, string, string) {
		return func(status int, media, body string) {
			for _, place := range places {
				p.Replace(place, func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", media)
					w.Header().Set("X-Request-ID", r.Header.Get("X-Request-ID"))
					w.WriteHeader(status)
					_, _ = w.Write([]byte(body))
				})
			}
		}
	}

	onFlags := newFlagsFixture(t, func(_ *flagsFixture, c *hub.Config) { longSessions(c) })
	besidePDS := newFlagsFixture(t, peopleFromPDS, func(_ *flagsFixture, c *hub.Config) { longSessions(c) })
	besidePDS.hub.CheckNumbers(t.Context())
	besidePDS.service.Know(tess.Digits())
	onPDS := newNationalFixture(t, func(_ *fixture, c *hub.Config) { longSessions(c) })
	var reply nationaltest.MHSReply
	onSpine := newSpineHub(t, func(q nationaltest.MHSQuery) nationaltest.MHSReply {
		r := reply
		r.Body = strings.ReplaceAll(r.Body, "{id}", q.ID)
		return r
	}, func(_ *fixture, c *hub.Config) { longSessions(c) })

	return []nationalEdge{
		{
			"patient-flags", onFlags.fixture, onFlags.terminal, replaced(onFlags.platform, nationaltest.Flags), plain,
			provesNoFlag,
		},
		{
			"PDS with patient-flags", besidePDS.fixture, besidePDS.terminal,
			replaced(besidePDS.platform, nationaltest.Patient), tess, never,
		},
		{
			"PDS with the book", onPDS.fixture, onPDS.signIn(), replaced(onPDS.platform, nationaltest.Patient), tess,
			never,
		},
		{
			"spine", onSpine.fixture, onSpine.signIn(), func(status int, media, body string) {
				reply = nationaltest.MHSReply{Status: status, Type: media, Body: body}
			}, tess, provesNoRecord,
		},
	}
}

// provesNoFlag reports whether an answer may prove that the patient plain has no child protection flag.
func provesNoFlag(status int, media, body string) bool {
	var b map[string]any
	if status != http.StatusOK || !strings.Contains(media, "json") || json.Unmarshal([]byte(body), &b) != nil {
		return false
	}
	everything, err := json.Marshal(b) // without escapes
	return err == nil && strings.Contains(string(everything), `"searchset"`) &&
		strings.Contains(string(everything), plain.Digits()) && !strings.Contains(string(everything), fhir.CodeCPISFlag)
}

// provesNoRecord reports whether an answer may prove that CP-IS has no record of the patient.
func provesNoRecord(status int, media, body string) bool {
	return status == http.StatusOK && strings.Contains(media, "xml") && strings.Contains(body, "QUQI_IN010000UK14")
}

// check makes the source answer, requests the alert in each way, and fails if an answer reads "none recorded" although
// the source's doesn't prove it.
func (e nationalEdge) check(t *testing.T, status int, media, body string) {
	e.fixture.t = t
	e.fixture.clock.Add(time.Minute) // a circuit tries again
	e.answer(status, media, body)
	for _, call := range []struct {
		role, path string
		query      url.Values
		change     []func(*http.Request)
	}{
		{nurse, flag, about(e.patient), nil},
		{nurse, allFlags, flagsOf(e.patient), nil},
		{nurse, careTeam, about(e.patient), nil},
		{gp, careTeam, about(e.patient), []func(*http.Request){scheduled}},
		{gp, patientFlag, flagOf(e.patient, fhir.CodeCPISFlag), []func(*http.Request){scheduled}},
	} {
		r := e.terminal.get(call.role, call.path, call.query, call.change...)
		if r.readsNone(t) && !e.mayBeEmpty(status, media, body) {
			t.Errorf("%s, GET %s, role %s: got none recorded (%s) of an answer with status %d, type %q, body %q",
				e.name, call.path, call.role, r.body, status, media, body)
		}
	}
}

// readsNone reports whether a terminal reads an answer as "none recorded": a searchset without a flag, a plan, or an
// outcome about child protection.
func (r response) readsNone(t *testing.T) bool {
	t.Helper()
	if r.status != http.StatusOK {
		return false
	}
	var b fhir.Bundle
	r.into(t, &b)
	return b.Type == "searchset" && !strings.Contains(r.body, fhir.CodeCPISFlag) &&
		!strings.Contains(r.body, `"CareTeam"`) && !strings.Contains(r.body, `"CarePlan"`)
}

// FuzzNational makes each national service answer with anything. No failure reads "none recorded" at the hub's HTTP
// interface. Its seeds are failures of each kind.
func FuzzNational(f *testing.F) {
	empty := `{"resourceType":"Bundle","type":"searchset","total":0,
		"link":[{"relation":"self","url":"https://api.example/Flag?patient=` + plain.Digits() + `"}]}`
	outcome := `{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"not-found"}]}`
	for _, seed := range []struct {
		status      int
		media, body string
	}{
		{200, fhir.MediaType, empty},
		{200, fhir.MediaType, strings.Replace(empty, "searchset", "collection", 1)},
		{200, fhir.MediaType, strings.Replace(empty, plain.Digits(), tess.Digits(), 1)},
		{200, "text/html", empty},
		{201, fhir.MediaType, empty},
		{404, fhir.MediaType, empty},
		{200, fhir.MediaType, outcome},
		{404, fhir.MediaType, outcome},
		{403, "text/html", "<html>403</html>"},
		{200, fhir.MediaType, `{}`},
		{200, fhir.MediaType, `[]`},
		{200, fhir.MediaType, ``},
		{200, fhir.MediaType, `null`},
		{200, fhir.MediaType, `{"resourceType":"Patient","id":"` + plain.Digits() + `"}`},
		{200, fhir.MediaType, `{"resourceType":"Patient","id":"` + tess.Digits() + `"}`},
		{200, "text/xml", "<x/>"},
		{200, "text/xml", "No Records Found"},
		{500, "text/xml", "<x/>"},
		{202, "text/xml", ""},
		{429, fhir.MediaType, outcome},
		{503, "text/html", "<html>503</html>"},
		{204, "", ""},
	} {
		f.Add(seed.status, seed.media, seed.body)
	}

	edges := nationalEdges(f)
	f.Fuzz(func(t *testing.T, status int, media, body string) {
		if status < 200 || status > 599 || strings.ContainsAny(media, "\r\n\x00") {
			t.Skip("not an HTTP answer")
		}
		for _, e := range edges {
			e.check(t, status, media, body)
		}
	})
}
