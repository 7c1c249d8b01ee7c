package main

import (
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub"
	"wardlight/hub/national"
	"wardlight/hub/national/spine"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/demo"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/lab/people"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// spineSite is a site whose hub asks CP-IS on Spine, behind a stand-in of the MHS adaptor.
type spineSite struct {
	*testSite
	mhs *nationaltest.MHS

	mu     sync.Mutex
	answer func(nationaltest.MHSQuery) nationaltest.MHSReply
}

// newSpineSite returns a site whose adaptor answers with one plan and an earlier query.
func newSpineSite(t *testing.T) *spineSite {
	t.Helper()
	s := &spineSite{answer: spinePlan}
	s.mhs = nationaltest.NewMHS(func(q nationaltest.MHSQuery) nationaltest.MHSReply {
		s.mu.Lock()
		answer := s.answer
		s.mu.Unlock()
		return answer(q)
	})
	server := httptest.NewServer(s.mhs)
	t.Cleanup(server.Close)
	s.testSite, _ = newTestSiteOf(t, demo.Options{Configure: func(c *hub.Config) {
		c.Alerts = spine.New(national.New(national.Config{
			Service: national.Spine, BaseURL: server.URL, Timeout: 2 * time.Second, Clock: time.Now, After: time.After,
			NewID: uuid.NewString,
		}), spine.Systems{From: "200000000205", To: "928942012545"}, time.Now)
	}})
	return s
}

// answers sets what the adaptor answers.
func (s *spineSite) answers(answer func(nationaltest.MHSQuery) nationaltest.MHSReply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// asked fails the test unless the adaptor has received n queries, and returns them.
func (s *spineSite) asked(n int) []nationaltest.MHSQuery {
	s.t.Helper()
	all := s.mhs.Queries()
	if len(all) != n {
		s.t.Fatalf("queries: got %d, want %d", len(all), n)
	}
	return all
}

func spinePlan(q nationaltest.MHSQuery) nationaltest.MHSReply {
	return nationaltest.MHSReply{Body: q.Records([]nationaltest.CPISRecord{{
		Kind: "CPP", Start: "202602030000", Code: "V999", Name: "EXAMPLESHIRE COUNCIL", Office: "01632960101",
		Duty: "01632960102",
	}}, nationaltest.CPISView{
		ID: "5F0C0E64-6F1D-4A3A-9B0E-0A2F6F0B7F11", At: "20261120221400", Prefix: "Mrs", Given: "Bea",
		Family: "Specimen", JobCode: "R8000", JobName: "Midwife", OrgCode: "X98", Organisation: "OTHER HOSPITAL",
	})}
}

func TestSpine_Terminal(t *testing.T) {
	t.Parallel() // each test starts its own services
	s := newSpineSite(t)
	s.insert("nurse")
	term := s.startTerminal()
	term.Expect(Contains("Passcode"), Contains("Tries left"))
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))

	// The lamp asks nothing.
	term.Type(people.OnPlan.Digits()).Press("enter")
	term.Expect(Contains("EXAMPLE, Tess"), Contains("not checked"),
		Contains("Opening asks the national service, which tells the local authority."))
	s.asked(0)

	// The opening is the one query, and brings the plan and who has looked.
	term.PressUntil("o", Contains("RING NOW"))
	term.Expect(Contains("EXAMPLESHIRE COUNCIL"), Contains("01632 960"), Contains("Specimen"))
	s.asked(1)

	// Showing it again asks nothing.
	term.Press("esc")
	term.Expect(Contains("ALERT"), Contains("shows it again as it was opened"))
	term.PressUntil("o", Contains("RING NOW"))
	s.asked(1)
	s.notified(0) // by the hub

	// A child without a record.
	s.answers(func(q nationaltest.MHSQuery) nationaltest.MHSReply {
		return nationaltest.MHSReply{Body: q.NoRecords()}
	})
	term.Press("n")
	term.Expect(Contains("Find a patient"))
	term.Type(people.Nothing.Digits()).Press("enter")
	term.Expect(Contains(people.Nothing.String()), Contains("not checked"), Contains("Opening asks"))
	term.PressUntil("o", Contains("This does not prove that there is no plan"))
	s.asked(2)

	s.card.Pull()
	term.Expect(Contains("Card removed. Session ended."))
	term.Press("q").Wait()
}

func TestSpine_TerminalTimeout(t *testing.T) {
	t.Parallel() // each test starts its own services
	s := newSpineSite(t)
	s.answers(func(nationaltest.MHSQuery) nationaltest.MHSReply {
		return nationaltest.MHSReply{Wait: make(chan struct{})}
	})
	s.insert("nurse")
	term := s.startTerminal()
	term.Expect(Contains("Passcode"), Contains("Tries left"))
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	term.Type(people.OnPlan.Digits()).Press("enter")
	term.Expect(Contains("not checked"), Contains("Opening asks"))

	term.PressUntil("o", Contains("could not check"))
	term.Expect(Contains("The local authority may have been told."), Contains("H51"))
	first := s.asked(1)

	s.answers(spinePlan)
	term.PressUntil("o", Contains("RING NOW"))
	if again := s.asked(2); again[1].MessageID != first[0].MessageID {
		t.Errorf("message IDs: got %s and %s, want the same message", first[0].MessageID, again[1].MessageID)
	}

	s.card.Pull()
	term.Expect(Contains("Card removed. Session ended."))
	term.Press("q").Wait()
}

func TestSpine_AlertCommand(t *testing.T) {
	t.Parallel() // each test starts its own services
	s := newSpineSite(t)
	s.insertAndSee("nurse")
	child := people.OnPlan.Digits()
	for _, c := range []struct {
		name    string
		args    []string
		answer  func(nationaltest.MHSQuery) nationaltest.MHSReply
		code    int
		queries int
		has     []string
	}{
		{
			"check",
			[]string{"alert", child, "--json"},
			spinePlan, 5, 0,
			[]string{`"state": "not_checked"`, "H25", "opening_asks"},
		},
		{
			"check in text",
			[]string{"alert", child},
			spinePlan, 5, 0,
			[]string{"not checked", "Opening asks the national service", "--open opens it"},
		},
		{
			"open",
			[]string{"alert", child, "--open", "--json"},
			spinePlan, 0, 1,
			[]string{`"state": "alert"`, "EXAMPLESHIRE COUNCIL", "Mrs Bea Specimen"},
		},
		{
			"open without a record",
			[]string{"alert", child, "--open", "--json"},
			func(q nationaltest.MHSQuery) nationaltest.MHSReply { return nationaltest.MHSReply{Body: q.NoRecords()} },
			0, 2,
			[]string{`"state": "none_recorded"`},
		},
		{
			"open, refused",
			[]string{"alert", child, "--open", "--json"},
			func(q nationaltest.MHSQuery) nationaltest.MHSReply {
				return nationaltest.MHSReply{Body: q.Refusal("1712", "Mandatory data missing")}
			},
			5, 3,
			[]string{`"state": "could_not_check"`, "H53"},
		},
		{
			"open, failed",
			[]string{"alert", child, "--open"},
			func(nationaltest.MHSQuery) nationaltest.MHSReply { return nationaltest.MHSReply{Status: 500} },
			5, 4,
			[]string{"could not check", "may have been recorded, and the local authority notified"},
		},
	} {
		s.answers(c.answer)
		code, out, errs := s.command(c.args...)
		if code != c.code {
			t.Errorf("%s: exit code %d, want %d: %s%s", c.name, code, c.code, out, errs)
		}
		for _, words := range c.has {
			if !strings.Contains(out+errs, words) {
				t.Errorf("%s: got %s%s, want %q", c.name, out, errs, words)
			}
		}
		s.asked(c.queries)
	}
}
