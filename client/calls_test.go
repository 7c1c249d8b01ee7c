package client_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

func textLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// nurse returns a session at the hub in a nurse's role.
func nurse(t testing.TB, hub *hubtest.Hub, change ...func(*client.Config)) *client.Acting {
	t.Helper()
	sessions, err := signIn(t, dial(t, hub, change...)).As("999000000222")
	if err != nil {
		t.Fatal(err)
	}
	return sessions
}

var birthday = nhs.Date{Year: 2016, Month: 3, Day: 4}

func TestSearch(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	sessions := nurse(t, hub)
	found, err := sessions.Search(t.Context(), client.Query{
		Family: "Example", Given: "Tess", Born: birthday,
		Postcode: "LS1 4AP", Wider: true,
	})
	if err != nil {
		t.Fatal(err)
	}

	if len(found.Rows) != 2 || found.Rows[0].DisplayName() != "EXAMPLE, Tess" ||
		found.Rows[1].DisplayName() != "EXAMPLE, Tom" {
		t.Errorf("Search = %+v, want EXAMPLE, Tess and EXAMPLE, Tom", found)
	}

	r := hub.Requests(hubtest.Search)[0]
	const query = "_fuzzy-match=true&address-postalcode=LS1+4AP&birthdate=eq2016-03-04&family=Example&given=Tess"
	if !strings.HasSuffix(r.URL, "?"+query) {
		t.Errorf("URL of the search: got %s, want the query %s", r.URL, query)
	}

	if got := r.Header.Get("NHSD-Session-URID"); got != "999000000222" {
		t.Errorf("NHSD-Session-URID: got %q, want 999000000222", got)
	}

	if r.Header.Get("Accept") != fhir.MediaType || r.Header.Get("User-Agent") != "wardlight/test" {
		t.Errorf("headers of the search: got %v, want Accept %s and User-Agent wardlight/test",
			r.Header, fhir.MediaType)
	}
}

func TestASearchThatTheHubWouldRefuseIsNotSent(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	sessions := nurse(t, hub)
	day := func(n int) nhs.Date { return birthday.AddDays(n) }
	for _, c := range []struct {
		query client.Query
		lacks client.Lack
	}{
		{client.Query{Born: birthday}, client.LacksFamily},
		{client.Query{Given: "Tess", Born: birthday, Gender: nhs.Female, Postcode: "LS1 4AP"}, client.LacksFamily},
		{client.Query{Family: "Example"}, client.LacksBorn},
		{client.Query{Family: "Example", Born: nhs.Date{Year: 2016}}, client.LacksBorn},
		{client.Query{Family: "Example", Born: birthday, BornTo: nhs.Date{Year: 2016}}, client.LacksBorn},
		{client.Query{Family: "Example", Born: birthday, BornTo: day(-1)}, client.LacksOrder},
		{client.Query{Family: "Example", Born: birthday, Died: nhs.Date{Year: 2020}}, client.LacksDied},
		{client.Query{Family: "Example", Born: birthday, Died: day(3), DiedTo: nhs.Date{Year: 2020}}, client.LacksDied},
		{client.Query{Family: "Example", Born: birthday, DiedTo: day(3)}, client.LacksDied},
		{client.Query{Family: "Example", Born: birthday, Died: day(3), DiedTo: day(2)}, client.LacksDiedOrder},
		{client.Query{Family: "Example", Born: birthday, Died: day(-1)}, client.LacksDiedLater},
		{
			client.Query{Family: "Example", Born: birthday, BornTo: day(9), Died: day(-9), DiedTo: day(-1)},
			client.LacksDiedLater,
		},
		{
			client.Query{Family: "Example", Given: "Tess", Born: birthday, Died: day(-1), Wider: true},
			client.LacksDiedLater,
		},
		{client.Query{Born: birthday, Died: day(1)}, client.LacksFamily},
		{client.Query{Family: "Ex*", Given: "Tess", Born: birthday, Wider: true}, client.HasWildcard},
		{client.Query{Family: "Example", Given: "Te*", Born: birthday, Wider: true}, client.HasWildcard},
		{
			client.Query{Family: "Example", Born: birthday, Gender: nhs.Female, Postcode: "LS*", Wider: true},
			client.HasWildcard,
		},
		{client.Query{Family: "Example", Born: birthday, Wider: true}, client.LacksMore},
		{client.Query{Family: "Example", Born: birthday, Postcode: "LS1 4AP", Wider: true}, client.LacksMore},
		{client.Query{Born: birthday, Gender: nhs.Female, Postcode: "LS1 4AP", Wider: true}, client.LacksMore},
	} {
		if got := c.query.Lacks(); got != c.lacks {
			t.Errorf("%+v: Lacks() = %d, want %d", c.query, got, c.lacks)
		}
		if _, err := sessions.Search(t.Context(), c.query); client.KindOf(err) != client.BadRequest {
			t.Errorf("Search(%+v): got error %v, want kind BadRequest", c.query, err)
		}
	}

	for _, q := range []client.Query{
		{Family: "Ex*", Born: birthday, BornTo: birthday},
		{Family: "Example", Born: birthday, Died: birthday},
		{Family: "Example", Born: birthday, BornTo: day(9), Died: day(-9), DiedTo: day(1)},
		{Family: "Example", Given: "Tess", Born: birthday, BornTo: day(7), Wider: true},
		{Family: "Example", Born: birthday, Gender: nhs.Female, Postcode: "LS1 4AP", Wider: true},
		{Given: "Tess", Born: birthday, Gender: nhs.Female, Postcode: "LS1 4AP", Wider: true},
	} {
		if got := q.Lacks(); got != client.LacksNothing {
			t.Errorf("%+v: Lacks() = %d, want LacksNothing", q, got)
		}
	}

	if n := len(hub.Requests(hubtest.Search)); n != 0 {
		t.Errorf("searches sent to the hub: got %d, want 0", n)
	}
}

func TestARangeOfBirthDatesIsSentByItsEnds(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	sessions := nurse(t, hub)
	for _, to := range []nhs.Date{birthday.AddDays(27), birthday} {
		if _, err := sessions.Search(t.Context(), client.Query{Family: "Ex*", Born: birthday, BornTo: to}); err != nil {
			t.Fatal(err)
		}
	}
	sent := hub.Requests(hubtest.Search)
	for i, want := range []string{
		"birthdate=ge2016-03-04&birthdate=le2016-03-31&family=Ex%2A",
		"birthdate=eq2016-03-04&family=Ex%2A",
	} {
		if !strings.HasSuffix(sent[i].URL, "?"+want) {
			t.Errorf("URL of search %d: got %s, want the query %s", i, sent[i].URL, want)
		}
	}
}

func TestADateOfDeathIsSentAsItIsAskedFor(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	sessions := nurse(t, hub)
	died := birthday.AddDays(1)
	for _, q := range []client.Query{
		{Family: "Example", Born: birthday},
		{Family: "Example", Born: birthday, Died: died},
		{Family: "Example", Born: birthday, Died: died, DiedTo: died},
		{Family: "Example", Born: birthday, Died: died, DiedTo: died.AddDays(26)},
	} {
		if _, err := sessions.Search(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}

	sent := hub.Requests(hubtest.Search)
	for i, want := range []string{
		"", "&death-date=eq2016-03-05", "&death-date=eq2016-03-05",
		"&death-date=ge2016-03-05&death-date=le2016-03-31",
	} {
		if want = "?birthdate=eq2016-03-04" + want + "&family=Example"; !strings.HasSuffix(sent[i].URL, want) {
			t.Errorf("URL of search %d: got %s, want the query %s", i, sent[i].URL, want)
		}
	}
}

func TestTooManyMatchesIsAnAnswerWithoutRows(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	hub.Answer(hubtest.Search, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Reply(w, r, 200, fhir.NewOutcome("information", "multiple-matches", "TOO_MANY_MATCHES",
			"Too Many Matches", ""))
	})
	found, err := nurse(t, hub).Search(t.Context(), client.Query{Family: "Example", Born: birthday})
	if err != nil || !found.TooMany || len(found.Rows) != 0 {
		t.Errorf("Search with too many matches = %+v, %v, want TooMany and no rows", found, err)
	}
}

func TestAnOutcomeThatIsNotTooManyMatchesIsNotAnEmptyResult(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	hub.Answer(hubtest.Search, func(w http.ResponseWriter, r *http.Request) { // as the PDS sandbox does
		hubtest.Reply(w, r, 200, map[string]any{
			"resourceType": "OperationOutcome",
			"issue":        []map[string]string{{"severity": "warning", "code": "not-supported"}},
		})
	})
	if _, err := nurse(t, hub).Search(t.Context(), client.Query{Family: "Example", Born: birthday}); client.KindOf(
		err,
	) != client.Malformed {
		t.Errorf("Search answered with an OperationOutcome: got error %v, want kind Rubbish", err)
	}
}

func TestRetrieve_Superseded(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	p, err := nurse(t, hub).Retrieve(t.Context(), hubtest.Superseded)
	if err != nil {
		t.Fatal(err)
	}
	if p.Number != hubtest.NoAlert || p.AskedFor != hubtest.Superseded {
		t.Errorf("Retrieve of a superseded number: got Number %s, AskedFor %s", p.Number.Digits(), p.AskedFor.Digits())
	}
	p, err = nurse(t, hub).Retrieve(t.Context(), hubtest.NoAlert)
	if err != nil || p.AskedFor != "" {
		t.Errorf("Retrieve of a current number: got AskedFor %q, error %v, want \"\" and none",
			p.AskedFor.Digits(), err)
	}
}

func TestTheLampTellsAlertFromNoneRecorded(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	sessions := nurse(t, hub)
	for number, want := range map[nhs.Number]client.State{
		hubtest.WithAlert: client.Alert,
		hubtest.NoAlert:   client.NoneRecorded,
	} {
		lamp := sessions.Lamp(t.Context(), number)
		if lamp.State != want || lamp.Number != number || !lamp.AsOf.Equal(noon) || lamp.Err != nil {
			t.Errorf("Lamp(%s) = %+v, want state %v", number.Digits(), lamp, want)
		}
	}
	if asked := len(hub.Requests(hubtest.CareTeam)); asked != 0 {
		t.Errorf("openings after the lamps: got %d, want 0", asked)
	}
}

func TestOpeningGivesPlansAndAccessesAndNotifiesOnce(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	opened, err := nurse(t, hub).Open(t.Context(), hubtest.WithAlert, "")
	if err != nil {
		t.Fatal(err)
	}

	want := client.Plan{
		Kind: client.ChildProtection, Start: nhs.Date{Year: 2026, Month: 2, Day: 3},
		Authority:   "V999 - EXAMPLESHIRE COUNCIL",
		OfficePhone: "01632960101", EmergencyPhone: "01632960102",
	}
	if len(opened.Plans) != 1 || opened.Plans[0] != want {
		t.Errorf("plans: got %+v, want %+v", opened.Plans, want)
	}

	who := client.Access{
		When: noon, Who: "Ms Ada Sample", JobRole: "Nurse Access Role",
		Organisation: "EXAMPLE GENERAL HOSPITAL",
	}
	if len(opened.Accesses) != 1 || !opened.Accesses[0].When.Equal(noon) || opened.Accesses[0].Who != who.Who ||
		opened.Accesses[0].JobRole != who.JobRole || opened.Accesses[0].Organisation != who.Organisation {
		t.Errorf("accesses: got %+v, want %+v", opened.Accesses, who)
	}

	requests := hub.Requests(hubtest.CareTeam)
	if len(requests) != 1 || !opened.Notifies || opened.RequestID != requests[0].Header.Get("X-Request-ID") {
		t.Errorf("Open = %+v with %d requests, want one request, its id, and Notifies", opened, len(requests))
	}
}

// Each request about an alert has the care setting of the role in a header. Requests of the trace don't.
func TestTheCareSettingIsOnEveryCallAboutAnAlert(t *testing.T) {
	for want, codes := range map[string][]string{"true": {"B0107", "B0264"}, "false": {"B0170", "B0264"}} {
		hub := hubtest.New(t, at(noon))
		hub.Person.Roles[0].Codes = codes
		sessions := nurse(t, hub)
		if lamp := sessions.Lamp(t.Context(), hubtest.WithAlert); lamp.State != client.Alert {
			t.Errorf("Lamp = %+v, want an alert", lamp)
		}

		if _, err := sessions.Open(t.Context(), hubtest.WithAlert, ""); err != nil {
			t.Error(err)
		}

		if _, err := sessions.Retrieve(t.Context(), hubtest.WithAlert); err != nil {
			t.Error(err)
		}

		for route, headers := range map[string][]string{
			hubtest.Flag: {want}, hubtest.CareTeam: {want},
			hubtest.Audit: {want}, hubtest.Record: nil,
		} {
			requests := hub.Requests(route)
			if len(requests) != 1 || !slices.Equal(requests[0].Header.Values("IsUnscheduledAccessEvent"), headers) {
				t.Errorf("role with %v, %s: got %+v, want the header IsUnscheduledAccessEvent %v",
					codes, route, requests, headers)
			}
		}
	}
}

func TestScheduledCareOpensSilently(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	hub.Person.Roles[0].Codes = []string{"B0170", "B0264"}
	opened, err := nurse(t, hub).Open(t.Context(), hubtest.WithAlert, "")
	if err != nil || opened.Notifies {
		t.Errorf("Open in scheduled care = %+v, %v, want Notifies false", opened, err)
	}
}

func TestThePlansAreGivenWhenTheListOfAccessesFails(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	hub.Answer(hubtest.Audit, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Refuse(w, r, 503, "UNABLE_TO_CALL_SERVICE", "")
	})
	opened, err := nurse(t, hub).Open(t.Context(), hubtest.WithAlert, "")
	if err != nil || len(opened.Plans) != 1 || client.KindOf(opened.ListErr) != client.Failing {
		t.Errorf("Open without an access list = %+v, %v, want one plan and ListErr of kind Failing", opened, err)
	}
}

// hangUp closes the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func TestOpen_LostAnswer(t *testing.T) {
	for name, broken := range map[string]http.HandlerFunc{
		"hang up": hangUp,
		"500":     func(w http.ResponseWriter, r *http.Request) { hubtest.Refuse(w, r, 500, "X", "") },
		"rubbish": func(w http.ResponseWriter, r *http.Request) { hubtest.Reply(w, r, 200, "hello") },
	} {
		for _, http2 := range []bool{true, false} {
			t.Run(fmt.Sprint(name, " http2 ", http2), func(t *testing.T) {
				hub := hubtest.New(t, at(noon))
				sessions := nurse(t, hub, protocol(hub, http2)) // so that the opening uses an idle connection
				hub.Answer(hubtest.CareTeam, broken)
				_, err := sessions.Open(t.Context(), hubtest.WithAlert, "")
				var e *client.Error
				if !errors.As(err, &e) || !e.OutcomeUnknown ||
					!strings.Contains(e.Advice(), "notifies nobody a second time") {
					t.Fatalf("Open with a lost answer: got error %#v, want an unsettled *Error", err)
				}

				if n := len(hub.Requests(hubtest.CareTeam)); n != 1 {
					t.Fatalf("openings sent: got %d, want 1", n)
				}

				hub.Answer(hubtest.CareTeam, nil)
				if _, err := sessions.Open(t.Context(), hubtest.WithAlert, e.RequestID); err != nil {
					t.Fatal(err)
				}

				both := hub.Requests(hubtest.CareTeam)
				if first, second := both[0].Header,
					both[1].Header; first.Get("X-Request-ID") != second.Get("X-Request-ID") ||
					first.Get("DPoP") == second.Get("DPoP") {
					t.Error("second opening: want the request id of the first and a new proof")
				}
			})
		}
	}
}

// protocol returns a change that makes the client use HTTP/2 or only HTTP/1.1.
func protocol(hub *hubtest.Hub, http2 bool) func(*client.Config) {
	return func(c *client.Config) {
		c.HTTP = client.NewHTTP(hub.Roots)
		c.HTTP.Transport.(*http.Transport).ForceAttemptHTTP2 = http2
	}
}

func TestARefusedOpeningDidNotCount(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	hub.Answer(hubtest.CareTeam, func(w http.ResponseWriter, r *http.Request) {
		hubtest.Refuse(w, r, 403, "ACCESS_DENIED", "B0107 is missing")
	})
	_, err := nurse(t, hub).Open(t.Context(), hubtest.WithAlert, "")
	var e *client.Error
	if !errors.As(err, &e) || e.OutcomeUnknown || !slices.Equal(e.Missing, []string{"B0107"}) ||
		e.Sentence() != "The hub says that this role lacks B0107 (View Child Protection Plan)." {
		t.Errorf("refused Open: got error %#v, want the missing code B0107, not unsettled", err)
	}
}

func TestLamp_DeadIdleConnection(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	sessions := nurse(t, hub, protocol(hub, false))
	hub.Answer(hubtest.Flag, func(w http.ResponseWriter, r *http.Request) {
		hub.Answer(hubtest.Flag, nil)
		hangUp(w, r)
	})
	if lamp := sessions.Lamp(t.Context(), hubtest.WithAlert); lamp.State != client.Alert {
		t.Fatalf("Lamp after a dead connection = %+v, want an alert", lamp)
	}
	both := hub.Requests(hubtest.Flag)
	if len(both) != 2 || both[0].Header.Get("X-Request-ID") != both[1].Header.Get("X-Request-ID") ||
		both[0].Header.Get("DPoP") == both[1].Header.Get("DPoP") {
		t.Errorf("lamp requests: got %d, %v, want 2 with the same id and different proofs", len(both), both)
	}
}

func TestARowThatIsOnlyLikelySaysWhatIsAnother(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	codes := []string{"", "family", "given", "birthdate", "shoe-size"}
	hub.Answer(hubtest.Search, func(w http.ResponseWriter, r *http.Request) {
		b := fhir.NewSearchset("2026-07-15T12:00:00Z")
		for _, code := range codes {
			if err := b.Match("", nil, fhir.Patient{ResourceType: "Patient", ID: "9990000018"}); err != nil {
				t.Error(err)
			}
			search := b.Entry[len(b.Entry)-1].Search
			search.Extension = []fhir.Extension{{URL: "urn:example:other", ValueCode: "family"}}
			if code != "" {
				search.Extension = append(search.Extension, fhir.Extension{
					URL:       fhir.ExtensionSearchOther,
					ValueCode: code,
				})
			}
		}
		hubtest.Reply(w, r, 200, b)
	})

	found, err := nurse(t, hub).Search(t.Context(), client.Query{
		Family: "Example", Given: "Tess", Born: birthday,
		Wider: true,
	})
	if err != nil || len(found.Rows) != len(codes) {
		t.Fatalf("Search = %+v, %v, want %d rows", found, err, len(codes))
	}

	for i, want := range []client.Other{
		"", client.OtherFamily, client.OtherGiven, client.OtherBirth,
		client.OtherUnknown,
	} {
		if got := found.Rows[i].Other; got != want || (got.Words() == "") != (want == "") {
			t.Errorf("Other of code %q: got %q, words %q, want %q", codes[i], got, got.Words(), want)
		}
	}
}
