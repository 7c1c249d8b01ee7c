package hub_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub"
	"wardlight/hub/national"
	"wardlight/hub/national/spine"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/nhs"
)

// spineHub is a hub whose source of alerts is Spine, behind a stand-in of the MHS adaptor.
type spineHub struct {
	*fixture
	mhs    *nationaltest.MHS
	server *httptest.Server
}

// newSpineHub returns a hub with an adaptor that answers with answer.
func newSpineHub(t testing.TB, answer func(nationaltest.MHSQuery) nationaltest.MHSReply, options ...option) *spineHub {
	t.Helper()
	s := &spineHub{mhs: nationaltest.NewMHS(answer)}
	s.server = httptest.NewServer(s.mhs)
	t.Cleanup(s.server.Close)
	s.fixture = newFixture(t, append([]option{func(b *fixture, c *hub.Config) {
		c.Alerts = spine.New(national.New(national.Config{
			Service: national.Spine, BaseURL: s.server.URL, Timeout: 2 * time.Second, Clock: b.clock.Now,
			After: time.After, NewID: uuid.NewString, Log: slog.New(slog.NewJSONHandler(b.log, nil)),
		}), spine.Systems{From: "200000000205", To: "928942012545"}, b.clock.Now)
	}}, options...)...)
	return s
}

// planAnswer returns the answer with one plan and an earlier query by a midwife.
func planAnswer(q nationaltest.MHSQuery) nationaltest.MHSReply {
	return nationaltest.MHSReply{Body: q.Records([]nationaltest.CPISRecord{{
		Kind: "CPP", Start: "202602030000", Code: "V999", Name: "EXAMPLESHIRE COUNCIL", Office: "01632960101",
		Duty: "01632960102",
	}}, nationaltest.CPISView{
		ID: "5F0C0E64-6F1D-4A3A-9B0E-0A2F6F0B7F11", At: "20260714221400", Prefix: "Mrs", Given: "Bea",
		Family: "Specimen", JobCode: "R8000", JobName: "Midwife", OrgCode: "X98", Organisation: "OTHER HOSPITAL",
	})}
}

func noRecords(q nationaltest.MHSQuery) nationaltest.MHSReply {
	return nationaltest.MHSReply{Body: q.NoRecords()}
}

// failure returns the national failure in an answer, and whether the authority may have been notified. It fails the
// test if the answer is a searchset.
func failure(t *testing.T, r response) (code string, mayBeTold bool) {
	t.Helper()
	var o fhir.OperationOutcome
	r.into(t, &o)
	service, kind, issue, ok := o.NationalFailure()
	if !ok || strings.Contains(r.body, "searchset") {
		t.Fatalf("got status %d, body %s; want a failure of a national service", r.status, r.body)
	}
	x, has := issue.Extended(fhir.ExtensionMayBeTold)
	return service + "-" + kind, has && *x.ValueBoolean
}

// checkNothingWritten fails the test if the hub's own access history or outbox has an entry.
func (s *spineHub) checkNothingWritten(n nhs.Number) {
	s.t.Helper()
	if accesses, notifications := s.left(n); len(accesses)+len(notifications) != 0 {
		s.t.Errorf("got %d accesses and %d notifications of the hub, want none", len(accesses), len(notifications))
	}
}

func TestSpine_LampAsksNothing(t *testing.T) {
	s := newSpineHub(t, planAnswer)
	x := s.signIn()
	for _, c := range []struct {
		role, path, want string
		change           func(*http.Request)
	}{
		{nurse, flag, "spine-opening-asks", func(*http.Request) {}},
		{gp, flag, "spine-opening-asks", scheduled},
		{gp, careTeam, "spine-not-offered", scheduled},
		{nurse, events, "spine-not-offered", func(*http.Request) {}},
	} {
		r := x.get(c.role, c.path, about(tess), c.change)
		code, told := failure(t, r)
		if r.status != http.StatusNotImplemented || code != c.want || told {
			t.Errorf("GET %s, role %s: got status %d, %s, may be told %t; want 501, %s", c.path, c.role, r.status, code,
				told, c.want)
		}
	}
	if asked := s.mhs.Queries(); len(asked) != 0 {
		t.Errorf("got %d queries, want none", len(asked))
	}
	s.checkNothingWritten(tess)
}

func TestSpine_OpeningIsOneQuery(t *testing.T) {
	s := newSpineHub(t, planAnswer)
	x := s.signIn()
	id := uuid.NewString()
	r := x.get(nurse, careTeam, about(tess), header("X-Request-ID", id))
	var b fhir.Bundle
	r.into(t, &b)
	if r.status != 200 || *b.Total != 1 || !b.Tagged(fhir.HistoryIncluded) {
		t.Fatalf("got status %d, body %s; want a plan with the access history", r.status, r.body)
	}

	types := make(map[string]int)
	for _, e := range b.Entry {
		types[fhir.TypeOf(e.Resource)+" "+e.Search.Mode]++
	}
	want := map[string]int{"CareTeam match": 1, "AuditEvent include": 2, "PractitionerRole include": 2}
	for kind, n := range want {
		if types[kind] != n {
			t.Errorf("entries: got %v, want %v", types, want)
		}
	}

	var team fhir.CareTeam
	must(t, json.Unmarshal(b.Entry[0].Resource, &team))
	if team.Name != "V999 - EXAMPLESHIRE COUNCIL" || team.Telecom[1].Value != "01632960102" ||
		team.Category[0].Coding[0].Code != fhir.SnomedChildPlan || team.Period.Start != "2026-02-03" {
		t.Errorf("got %+v, want the plan of the service", team)
	}

	asked := s.mhs.Queries()
	if len(asked) != 1 {
		t.Fatalf("got %d queries, want 1", len(asked))
	}
	q := asked[0]
	if q.Number != tess.Digits() || q.Family != "Sample" || q.Given != "Ada" || q.Prefix != "Ms" ||
		q.Organisation != "EXAMPLE GENERAL HOSPITAL" || q.OrgCode != "RX1" || q.JobCode != "R8001" ||
		q.Correlation != id || q.ID != q.MessageID || q.At != "20260715130000" {
		t.Errorf("got query %+v, want one by the nurse", q)
	}

	s.checkNothingWritten(tess)
	last := s.trail()[len(s.trail())-1]
	if last.Outcome != "granted" || last.Reason != "national query" || last.RequestID != id ||
		len(last.Patients) != 1 || last.Patients[0] != tess {
		t.Errorf("last audit record: got %+v, want the opening", last)
	}
}

func TestSpine_SameRequestAgainIsNoSecondQuery(t *testing.T) {
	s := newSpineHub(t, planAnswer)
	x := s.signIn()
	id := header("X-Request-ID", uuid.NewString())
	first := x.get(nurse, careTeam, about(tess), id)
	s.clock.Add(time.Minute)
	again := x.get(nurse, careTeam, about(tess), id)
	later := s.signIn().get(nurse, careTeam, about(tess), id)
	if first.status != 200 || again.body != first.body || later.body != first.body {
		t.Errorf("got %d %s\nthen %d %s\nthen %d %s", first.status, first.body, again.status, again.body, later.status,
			later.body)
	}
	if other := x.get(nurse, careTeam, about(plain), id); other.status != 400 {
		t.Errorf("another child with the same request ID: got status %d, want 400", other.status)
	}
	if asked := s.mhs.Queries(); len(asked) != 1 {
		t.Errorf("got %d queries, want 1", len(asked))
	}

	x.get(nurse, careTeam, about(tess))
	if asked := s.mhs.Queries(); len(asked) != 2 || asked[1].MessageID == asked[0].MessageID {
		t.Errorf("after another opening: got %d queries, want 2 with message IDs of their own", len(asked))
	}
}

func TestSpine_SameRequestManyTimesAtOnceIsOneQuery(t *testing.T) {
	release := make(chan struct{})
	var once sync.Once
	s := newSpineHub(t, func(q nationaltest.MHSQuery) nationaltest.MHSReply {
		reply := planAnswer(q)
		reply.Wait = release
		return reply
	})
	x := s.signIn()
	id := header("X-Request-ID", uuid.NewString())
	var all sync.WaitGroup
	bodies := make([]string, 6)
	for i := range bodies {
		req := x.request(nurse, careTeam, about(tess), id)
		all.Go(func() {
			if i == len(bodies)-1 {
				once.Do(func() { close(release) })
			}
			resp, err := s.fixture.server.Client().Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			bodies[i] = string(body)
		})
	}
	all.Wait()
	for i, body := range bodies {
		if body != bodies[0] || !strings.Contains(body, "CareTeam") {
			t.Errorf("request %d: got %s\nwant %s", i, body, bodies[0])
		}
	}
	if asked := s.mhs.Queries(); len(asked) != 1 {
		t.Errorf("got %d queries, want 1", len(asked))
	}
}

func TestSpine_NoRecordsIsNoneRecorded(t *testing.T) {
	s := newSpineHub(t, noRecords)
	x := s.signIn()
	id := header("X-Request-ID", uuid.NewString())
	r := x.get(nurse, careTeam, about(tess), id)
	var b fhir.Bundle
	r.into(t, &b)
	if r.status != 200 || *b.Total != 0 || len(b.Entry) != 0 || !b.Tagged(fhir.HistoryIncluded) {
		t.Errorf("got status %d, body %s; want an empty searchset", r.status, r.body)
	}
	if again := x.get(nurse, careTeam, about(tess), id); again.body != r.body || len(s.mhs.Queries()) != 1 {
		t.Errorf("again: got %s and %d queries, want the stored answer", again.body, len(s.mhs.Queries()))
	}
}

func TestSpine_PatientsOfWhomNothingIsAsked(t *testing.T) {
	s := newSpineHub(t, planAnswer)
	x := s.signIn()
	for n, status := range map[nhs.Number]int{hidden: 403, invalid: 404, absent: 404} {
		for _, path := range []string{flag, careTeam} {
			if r := x.get(nurse, path, about(n)); r.status != status || strings.Contains(r.body, "searchset") {
				t.Errorf("GET %s of %s: got status %d, body %s; want %d", path, n.Digits(), r.status, r.body, status)
			}
		}
	}
	if asked := s.mhs.Queries(); len(asked) != 0 {
		t.Errorf("got %d queries, want none", len(asked))
	}
}

func TestSpine_SupersededNumber(t *testing.T) {
	s := newSpineHub(t, planAnswer)
	r := s.signIn().get(nurse, careTeam, about(merged))
	_, teams := entries[fhir.CareTeam](t, r)
	asked := s.mhs.Queries()
	if len(asked) != 1 || asked[0].Number != tess.Digits() || teams[0].Subject.Identifier.Value != merged.Digits() {
		t.Errorf("got queries %+v and %+v, want one under the current number", asked, teams)
	}
}

func TestSpine_AuthorWithoutNames(t *testing.T) {
	for name, change := range map[string]func(*store.Person){
		"no organisation name": func(p *store.Person) { p.Roles[0].OrgName = "" },
		"no family name":       func(p *store.Person) { p.Family = "" },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSpineHub(t, planAnswer)
			ada, err := s.store.Person(t.Context(), nurseUUID)
			must(t, err)
			change(&ada)
			must(t, s.store.PutPerson(t.Context(), ada))
			r := s.signIn().get(nurse, careTeam, about(tess))
			if code, told := failure(t, r); code != "spine-author-missing" || told || r.status != 503 {
				t.Errorf("got status %d, %s, may be told %t; want 503, spine-author-missing", r.status, code, told)
			}
			if asked := s.mhs.Queries(); len(asked) != 0 {
				t.Errorf("got %d queries, want none", len(asked))
			}
		})
	}
}

// TestSpine_Failures tests that no failure reads "none recorded", that each says whether the authority may have been
// notified, and that the next attempt of the same request sends the same message.
func TestSpine_Failures(t *testing.T) {
	text := func(status int, body string) func(nationaltest.MHSQuery) nationaltest.MHSReply {
		return func(nationaltest.MHSQuery) nationaltest.MHSReply {
			return nationaltest.MHSReply{Status: status, Type: "text/plain", Body: body}
		}
	}
	for name, c := range map[string]struct {
		answer func(nationaltest.MHSQuery) nationaltest.MHSReply
		want   string
		told   bool
	}{
		"time-out": {func(nationaltest.MHSQuery) nationaltest.MHSReply {
			return nationaltest.MHSReply{Wait: make(chan struct{})}
		}, "spine-timed-out", true},
		"connection cut": {func(nationaltest.MHSQuery) nationaltest.MHSReply {
			return nationaltest.MHSReply{Cut: true}
		}, "spine-unavailable", true},
		"500":                   {text(500, "Error(s) received from Spine."), "spine-unavailable", true},
		"503":                   {text(503, "busy"), "spine-unavailable", true},
		"504":                   {text(504, "no answer of Spine"), "spine-timed-out", true},
		"429":                   {text(429, "slow down"), "spine-busy", false},
		"400":                   {text(400, "JSON payload is invalid"), "spine-refused", false},
		"403 of a gateway":      {text(403, "<html>forbidden</html>"), "spine-refused", false},
		"404":                   {text(404, "Unknown interaction ID"), "spine-refused", false},
		"redirect":              {text(302, ""), "spine-malformed", true},
		"202 without an answer": {text(202, ""), "spine-malformed", true},
		"no XML":                {text(200, "No Records Found"), "spine-malformed", true},
		"HTML": {func(nationaltest.MHSQuery) nationaltest.MHSReply {
			return nationaltest.MHSReply{Body: "<html><body>No Records Found</body></html>"}
		}, "spine-malformed", true},
		"empty": {func(nationaltest.MHSQuery) nationaltest.MHSReply {
			return nationaltest.MHSReply{}
		}, "spine-malformed", true},
		"only acknowledged": {func(q nationaltest.MHSQuery) nationaltest.MHSReply {
			return nationaltest.MHSReply{Body: nationaltest.CPISAcknowledgement(q.ID, "AA", "")}
		}, "spine-malformed", true},
		"refused by Spine": {func(q nationaltest.MHSQuery) nationaltest.MHSReply {
			return nationaltest.MHSReply{Body: q.Refusal("1712", "Mandatory data missing")}
		}, "spine-refused", false},
		"no records of another message": {func(q nationaltest.MHSQuery) nationaltest.MHSReply {
			q.ID = q.Event
			return noRecords(q)
		}, "spine-malformed", true},
		"another patient": {func(q nationaltest.MHSQuery) nationaltest.MHSReply {
			q.Number = plain.Digits()
			return planAnswer(q)
		}, "spine-other-patient", true},
		"an answer without end": {func(nationaltest.MHSQuery) nationaltest.MHSReply {
			return nationaltest.MHSReply{Body: strings.Repeat("<a>", 1<<20)}
		}, "spine-malformed", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			answer := c.answer
			s := newSpineHub(t, func(q nationaltest.MHSQuery) nationaltest.MHSReply {
				mu.Lock()
				defer mu.Unlock()
				return answer(q)
			})
			x := s.signIn()
			id := header("X-Request-ID", uuid.NewString())
			r := x.get(nurse, careTeam, about(tess), id)
			code, told := failure(t, r)
			if r.status != 503 || code != c.want || told != c.told {
				t.Errorf("got status %d, %s, may be told %t; want 503, %s, %t", r.status, code, told, c.want, c.told)
			}

			last := s.trail()[len(s.trail())-1]
			if last.Outcome != "failed" || last.Reason != c.want || len(last.Patients) != 1 {
				t.Errorf("last audit record: got %+v, want a failure %s", last, c.want)
			}
			if log := s.log.String(); strings.Contains(log, tess.Digits()) || strings.Contains(log, "Mandatory data") {
				t.Errorf("the log has patient data or the service's text: %s", log)
			}

			mu.Lock()
			answer = planAnswer
			mu.Unlock()
			if again := x.get(nurse, careTeam, about(tess), id); again.status != 200 {
				t.Errorf("again: got status %d, body %s; want 200", again.status, again.body)
			}
			asked := s.mhs.Queries()
			if len(asked) != 2 || asked[0].MessageID != asked[1].MessageID || asked[0].Event != asked[1].Event {
				t.Errorf("got queries %+v, want the same message twice", asked)
			}
			s.checkNothingWritten(tess)
		})
	}
}

func TestSpine_AdaptorDown(t *testing.T) {
	s := newSpineHub(t, planAnswer)
	s.server.Close()
	x := s.signIn()
	for range 6 {
		r := x.get(nurse, careTeam, about(tess))
		if code, told := failure(t, r); code != "spine-unavailable" || told {
			t.Errorf("got %s, may be told %t; want spine-unavailable without a query", code, told)
		}
	}
}

// TestSpine_CallerGone tests that the answer to a query is stored if the terminal has disconnected meanwhile.
func TestSpine_CallerGone(t *testing.T) {
	release, arrived := make(chan struct{}), make(chan struct{}, 2)
	s := newSpineHub(t, func(q nationaltest.MHSQuery) nationaltest.MHSReply {
		arrived <- struct{}{}
		reply := planAnswer(q)
		reply.Wait = release
		return reply
	})
	x := s.signIn()
	id := header("X-Request-ID", uuid.NewString())
	ctx, leave := context.WithCancel(t.Context())
	req := x.request(nurse, careTeam, about(tess), id).WithContext(ctx)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if resp, err := s.fixture.server.Client().Do(req); err == nil {
			resp.Body.Close()
		}
	}()
	<-arrived
	leave()
	<-gone
	close(release)
	again := x.get(nurse, careTeam, about(tess), id)
	if again.status != 200 || len(s.mhs.Queries()) != 1 {
		t.Errorf("again: got status %d, body %s, %d queries; want the answer to the first", again.status, again.body,
			len(s.mhs.Queries()))
	}
}

// TestUploads_OtherSourceOfAlerts sends plans to a hub that would show them to nobody.
func TestUploads_OtherSourceOfAlerts(t *testing.T) {
	b := newSpineHub(t, noRecords)
	r := b.office("V999").csv("2026-29", sheet(tomsRow))
	if r.status != http.StatusNotImplemented || !strings.Contains(r.body, "takes no plans") {
		t.Errorf("upload: got status %d, body %s; want 501", r.status, r.body)
	}
	if got := b.mhs.Queries(); len(got) != 0 {
		t.Errorf("Spine: got %d queries, want none", len(got))
	}
}
