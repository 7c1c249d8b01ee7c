package hub_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub"
	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

const (
	// soakEnv is the variable with the duration of a soak, such as 30m. `make soak` sets it.
	soakEnv = "WARDLIGHT_SOAK"
	// soakSteps is the number of steps of one round.
	soakSteps = 400
	// soakSeed is the seed of the round in `make test`.
	soakSeed = 20260715
)

// soakFault is how commits fail.
type soakFault int

const (
	noFault      soakFault = iota
	notStored              // the commit fails, and nothing is stored
	storedUnsure           // everything is stored, and the commit fails
)

var errSoak = errors.New("the commit failed")

// failingAtRandom is a store whose commits fail as the test says. Only the test's goroutine changes fault, between
// requests.
type failingAtRandom struct {
	store.Store
	fault *soakFault
}

// Commit stores the entries, fails, or both.
func (f failingAtRandom) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	switch *f.fault {
	case notStored:
		return nil, errSoak
	case storedUnsure:
		if _, err := f.Store.Commit(ctx, entries); err != nil {
			return nil, err
		}
		return nil, errSoak
	default:
		return f.Store.Commit(ctx, entries)
	}
}

// soak makes random requests and random faults, and knows what has to be stored in the end.
type soak struct {
	t      *testing.T
	random *rand.Rand
	b      *fixture
	x      *terminal
	la     *office
	fault  soakFault
	files  int
	lit    bool                  // the last answered file of the authority added a plan of plain, and did not delete it
	unsure bool                  // a file was not answered, so that lit is not known
	tried  map[string]nhs.Number // the patient of each opening, by its request ID
	answer map[string]string     // the answer to each opening that was answered
	done   map[string]int        // how often each step was made
}

// soakStep is a step with its weight.
type soakStep struct {
	name   string
	weight int
	do     func(*soak)
}

// soakActions are the steps of a soak, most of them requests.
var soakActions = []soakStep{
	{"open an alert", 20, func(s *soak) { s.open(uuid.NewString(), s.pick(tess, mother)) }},
	{"open again with the same id", 15, (*soak).openAgain},
	{"ask for a lamp", 25, (*soak).lamp},
	{"ask for a lamp that has no answer", 10, (*soak).unanswerable},
	{"search", 5, func(s *soak) { s.statusIs(s.x.search(nurse).status, http.StatusOK) }},
	{"upload", 8, (*soak).upload},
	{"sign in", 4, (*soak).signIn},
	{"let time pass", 8, func(s *soak) { s.b.clock.Add(time.Duration(s.random.IntN(120)) * time.Second) }},
	{"commits fail", 3, func(s *soak) { s.fault = notStored }},
	{"commits are stored and fail", 2, func(s *soak) { s.fault = storedUnsure }},
	{"commits work", 10, func(s *soak) { s.fault = noFault }},
	{"the hub starts again", 2, func(s *soak) { s.b.restart(s.options()...) }},
}

func newSoak(t *testing.T, seed uint64) *soak {
	s := &soak{
		t: t, random: rand.New(rand.NewPCG(seed, seed)), tried: make(map[string]nhs.Number),
		answer: make(map[string]string), done: make(map[string]int),
	}
	s.b = newFixture(t, s.options()...)
	s.la, s.x = s.b.office("V999"), s.b.signIn()
	return s
}

func (s *soak) options() []option {
	return []option{
		over(func(ledger store.Store) store.Store { return failingAtRandom{ledger, &s.fault} }),
		func(_ *fixture, c *hub.Config) { c.SessionIdle, c.SessionMax = 24*time.Hour, 30*24*time.Hour },
	}
}

// run makes the steps of a round.
func (s *soak) run() {
	sum := 0
	for _, step := range soakActions {
		sum += step.weight
	}

	for range soakSteps {
		at := s.random.IntN(sum)
		for _, step := range soakActions {
			if at -= step.weight; at < 0 {
				s.done[step.name]++
				step.do(s)
				break
			}
		}
	}
}

func (s *soak) pick(all ...nhs.Number) nhs.Number { return all[s.random.IntN(len(all))] }

// statusIs checks the status of an answer: 503 while commits fail, otherwise want.
func (s *soak) statusIs(got, want int) {
	s.t.Helper()
	if s.fault != noFault {
		want = http.StatusServiceUnavailable
	}
	if got != want {
		s.t.Errorf("with the fault %d got status %d, want %d", s.fault, got, want)
	}
}

func (s *soak) open(id string, n nhs.Number) {
	s.t.Helper()
	s.tried[id] = n
	r := s.x.get(nurse, careTeam, about(n), header("X-Request-ID", id))
	s.statusIs(r.status, http.StatusOK)
	if r.status != http.StatusOK {
		if strings.Contains(r.body, "V999") {
			s.t.Errorf("got a plan in an answer with status %d, want none: %s", r.status, r.body)
		}
		return
	}

	if before, again := s.answer[id]; again && before != r.body {
		s.t.Errorf("the same opening again: got %s, want %s", r.body, before)
	}
	s.answer[id] = r.body
}

func (s *soak) openAgain() {
	ids := slices.Sorted(func(yield func(string) bool) {
		for id := range s.tried {
			if !yield(id) {
				return
			}
		}
	})
	if len(ids) > 0 {
		id := ids[s.random.IntN(len(ids))]
		s.open(id, s.tried[id])
	}
}

// lamp asks about patients whose alerts the test knows.
func (s *soak) lamp() {
	s.t.Helper()
	n := s.pick(tess, plain, mother)
	r := s.x.get(nurse, flag, about(n))
	s.statusIs(r.status, http.StatusOK)
	if r.status != http.StatusOK || n == plain && s.unsure {
		return
	}

	var bundle struct{ Total *int }
	r.into(s.t, &bundle)
	want := n != plain || s.lit
	if bundle.Total == nil || (*bundle.Total > 0) != want {
		s.t.Errorf("lamp of %s: got %s, want alert %v", n, r.body, want)
	}
}

// unanswerable asks about patients of whom the hub can say nothing. No answer may be a list without an alert.
func (s *soak) unanswerable() {
	s.t.Helper()
	n := s.pick(absent, invalid, hidden)
	r := s.x.get(nurse, flag, about(n))
	want := http.StatusNotFound
	if n == hidden {
		want = http.StatusForbidden
	}
	s.statusIs(r.status, want)
	if strings.Contains(r.body, "searchset") {
		s.t.Errorf("lamp of %s: got %s, want no list", n, r.body)
	}
}

// upload sends a file that adds a plan of plain, or deletes it.
func (s *soak) upload() {
	s.t.Helper()
	s.files++
	row, lit := tomsRow, true
	if s.random.IntN(2) == 0 {
		row, lit = strings.Replace(tomsRow, "add", "delete", 1), false
	}

	r := s.la.csv(fmt.Sprint("soak-", s.files), sheet(row))
	s.statusIs(r.status, http.StatusOK)
	switch {
	case r.status == http.StatusOK:
		s.lit, s.unsure = lit, false
	case s.fault == storedUnsure:
		s.unsure = true
	}
}

func (s *soak) signIn() {
	if s.fault == noFault {
		s.x = s.b.signIn()
	}
}

// check compares the store with what was answered: each answered opening is stored once, with its notifications, and
// nothing is stored that nobody requested.
func (s *soak) check() {
	s.t.Helper()
	s.fault = noFault
	s.b.restart(s.options()...)

	stored := make(map[string]int)
	for _, n := range []nhs.Number{tess, mother} {
		accesses, err := s.b.sqlite.Accesses(s.t.Context(), []nhs.Number{n}, 1<<20)
		must(s.t, err)
		for _, a := range accesses {
			stored[a.RequestID]++
			if s.tried[a.RequestID] != n {
				s.t.Errorf("got an access of %s with the request %s, which nobody made", n, a.RequestID)
			}
		}
	}

	for id, n := range s.tried {
		if _, answered := s.answer[id]; stored[id] > 1 || answered && stored[id] != 1 {
			s.t.Errorf("opening %s of %s: got %d accesses, want 1 if it was answered (%v)", id, n, stored[id], answered)
		}
	}

	want := 0
	for id, times := range stored {
		if want += times; s.tried[id] == tess {
			want += times // two authorities have plans of tess
		}
	}
	_, notifications := s.b.left(tess)
	if len(notifications) != want {
		s.t.Errorf("got %d notifications of %d openings, want %d", len(notifications), len(stored), want)
	}

	if _, err := audit.Verify(s.t.Context(), s.b.sqlite); err != nil {
		s.t.Errorf("audit: got %v, want a valid chain", err)
	}
}

// TestSoak makes one round with a fixed seed, or rounds with random seeds for a tenth of the time in WARDLIGHT_SOAK. A
// failure names its seed, and WARDLIGHT_SOAK_SEED repeats it. TestSoak of cmd/wardlight-hub does the same with a hub in
// its own process; only here the clock is the test's and commits fail.
func TestSoak(t *testing.T) {
	round := func(seed uint64) (s *soak) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			s = newSoak(t, seed)
			s.run()
			s.check()
		})
		return s
	}

	seed, duration := uint64(soakSeed), time.Duration(0)
	if text := os.Getenv(soakEnv); text != "" {
		var err error
		if duration, err = time.ParseDuration(text); err != nil {
			t.Fatalf("%s: %v", soakEnv, err)
		}
		seed = rand.Uint64()
	}

	if text := os.Getenv(soakEnv + "_SEED"); text != "" {
		if _, err := fmt.Sscan(text, &seed); err != nil {
			t.Fatalf("%s_SEED: %v", soakEnv, err)
		}
	}

	t.Logf("The seed of the first round is %d.", seed)
	seeds := rand.New(rand.NewPCG(seed, seed))
	ends := time.Now().Add(duration / 10) // most of the time is for the hub in its own process
	rounds, openings, answered, done := 0, 0, 0, make(map[string]int)
	for first := true; first || time.Now().Before(ends); first = false {
		s := round(seed)
		rounds, openings, answered = rounds+1, openings+len(s.tried), answered+len(s.answer)
		for name, times := range s.done {
			done[name] += times
		}
		seed = seeds.Uint64()
	}

	if answered == 0 {
		t.Errorf("got none of %d openings answered, want some", openings)
	}

	t.Logf("%d rounds of %d steps, %d openings, %d of them answered", rounds, soakSteps, openings, answered)
	for _, step := range soakActions {
		t.Logf("%6d  %s", done[step.name], step.name)
	}
}
