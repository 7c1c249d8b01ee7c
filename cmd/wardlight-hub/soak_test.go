package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/store"
	"wardlight/hub/store/postgres"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/lab/labtest"
	labpg "wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
	"wardlight/internal/nhs"
)

// Environment variables of a soak: its duration, such as 30m, and the seed of its first round. `make soak` sets them.
const (
	soakEnv     = "WARDLIGHT_SOAK"
	soakSeedEnv = "WARDLIGHT_SOAK_SEED"
)

// Size of one round.
const (
	soakSeed        = 20260715 // of the round in `make test`
	soakTerminals   = 6
	soakSteps       = 220 // answered steps of each terminal
	soakDisruptions = 24
	soakChildren    = 12 // children with plans, and as many without
)

// soakBorn is the birth date of all children of a soak.
var soakBorn = nhs.Date{Year: 2018, Month: 3, Day: 4}

// disruption is a fault of a server, or a check while the hub runs. The test's goroutine makes one after another.
type disruption struct {
	name   string
	weight int
	engine string // "" for any
	do     func(*soak)
}

// disruptions are the disruptions of a round.
var disruptions = []disruption{
	{"hub killed", 6, "", func(s *soak) { s.kill() }},
	{"hub stopped", 1, "", func(s *soak) { s.hub.Stop(); s.startHub() }},
	{"PostgreSQL stopped at once", 3, "postgres", func(s *soak) { s.restartDatabase(syscall.SIGQUIT) }},
	{"PostgreSQL restarted", 2, "postgres", func(s *soak) { s.restartDatabase(syscall.SIGINT) }},
	{"authorities' system fails", 3, "", func(s *soak) { s.authority.Fail([]int{500, 503, 429}[s.random.IntN(3)]) }},
	{"audit verified", 2, "", func(s *soak) { s.verify() }},
}

// soak is one round: a hub in its own process, terminals that send random requests over faulty networks, and the
// expected contents of its ledger.
type soak struct {
	*hubProcess
	t        *testing.T
	engine   string
	random   *rand.Rand
	database *labpg.Server // nil on SQLite
	dsn      string
	operator string
	hub      *labtest.Process

	protected []protectedChild
	plain     []nhs.Number // children without a plan
	absent    []nhs.Number // valid numbers without a record
	terminals []*soakTerminal
	answered  atomic.Int64
	progress  chan struct{} // receives after an answered step
	idle      resources     // of the first hub after its start
	ended     resources     // of the last hub after the load
	children  int
	done      map[string]int
}

// protectedChild is a child whose plans do not change.
type protectedChild struct {
	number nhs.Number
	plans  int // each of another authority
}

// newSoak starts a hub with its people, children and plans.
func newSoak(t *testing.T, engine string, seed uint64) *soak {
	t.Helper()
	codes := make([]string, soakTerminals)
	for i := range codes {
		codes[i] = fmt.Sprintf("V9%02d", i)
	}

	s := &soak{
		hubProcess: emptyHubProcess(t, codes...), t: t, engine: engine, operator: labtest.Address(t),
		random: rand.New(rand.NewPCG(seed, 0)), progress: make(chan struct{}, 1), done: make(map[string]int),
	}
	s.args = append(s.args, "--operator-listen", s.operator)
	for _, limit := range []string{"TOKEN_SOURCE", "TOKEN_PERSON", "SEARCH_SOURCE", "SEARCH_PERSON", "REQUEST_PERSON"} {
		s.environ = append(s.environ, "WARDLIGHT_SERVER_LIMITS_"+limit+"=0")
	}

	if engine == "postgres" {
		s.database = postgrestest.Start(t, labpg.Options{Durable: true})
		s.dsn = postgrestest.Schema(t, s.database) + " pool_max_conns=8"
		s.environ = append(s.environ, "WARDLIGHT_SERVER_STORE_ENGINE=postgres",
			"WARDLIGHT_SERVER_STORE_DSN_FILE="+writeTemp(t, s.dsn+"\n"))
	}

	for i, code := range codes {
		s.terminals = append(s.terminals, newSoakTerminal(s, i, code, seed))
	}

	s.fillLedger()
	s.startHub()
	return s
}

// store opens the hub's store.
func (s *soak) store() store.Store {
	s.t.Helper()
	if s.database == nil {
		return s.ledger(s.t)
	}
	opened, err := postgres.Open(s.t.Context(), postgres.Config{DSN: s.dsn})
	must(s.t, err)
	return opened
}

// soakNumber returns the nth valid NHS number of a soak.
func soakNumber(n int) nhs.Number {
	for base := 999_100_000 + 2*n; ; base++ {
		digits := fmt.Sprint(base)
		if check, ok := nhs.CheckDigit(digits); ok {
			return nhs.Number(digits + string(check))
		}
	}
}

// fillLedger stores all authorities, people, children and plans.
func (s *soak) fillLedger() {
	s.t.Helper()
	ctx, ledger := s.t.Context(), s.store()
	defer ledger.Close()

	for _, x := range s.terminals {
		secret := sha256.Sum256([]byte(x.secret))
		must(s.t, ledger.PutAuthority(ctx, store.Authority{
			Code: x.code, Name: "EXAMPLESHIRE COUNCIL", DutyPhone: "01632960102", Endpoint: s.authority.URL(x.code),
		}))
		must(s.t, ledger.PutCredential(ctx, store.Credential{
			Authority: x.code, Hash: secret[:], Label: "test", Created: time.Now(),
		}))
		must(s.t, ledger.PutPerson(ctx, x.person()))
		x.child = s.putChild(ledger)
	}

	for i := range soakChildren {
		child := protectedChild{s.putChild(ledger), 1 + i%2}
		for j := range child.plans {
			must(s.t, ledger.PutPlan(ctx, store.Plan{
				ID: uuid.NewString(), Number: child.number, Kind: store.ChildProtection,
				Start: nhs.DateOf(time.Now().AddDate(0, -1, 0)), Authority: s.terminals[(i+j)%soakTerminals].code,
			}))
		}
		s.protected = append(s.protected, child)
		s.plain = append(s.plain, s.putChild(ledger))
		s.absent = append(s.absent, soakNumber(900+i))
	}
}

// putChild stores another child and returns its number.
func (s *soak) putChild(ledger store.Store) nhs.Number {
	s.t.Helper()
	n := soakNumber(s.children)
	s.children++
	child, err := trace.Record(&fhir.Patient{
		ResourceType: "Patient", ID: n.Digits(), Gender: "female", BirthDate: "2018-03-04",
		Identifier: []fhir.Identifier{{System: fhir.SystemNHSNumber, Value: n.Digits()}},
		Name:       []fhir.HumanName{{Use: "usual", Family: familyOf(n), Given: []string{"Tess"}}},
	})
	must(s.t, err)
	must(s.t, ledger.PutPatients(s.t.Context(), []store.Patient{child}))
	return n
}

// familyOf returns the family name of a child, which no other child has.
func familyOf(n nhs.Number) string {
	return "Example" + strings.Map(func(digit rune) rune { return 'a' + digit - '0' }, n.Digits())
}

// startHub starts the hub and waits until it listens.
func (s *soak) startHub() { s.t.Helper(); s.hub = s.start(s.t) }

// kill kills the hub at any moment of the requests in progress.
func (s *soak) kill() {
	<-time.After(time.Duration(s.random.IntN(3000)) * time.Microsecond)
	s.hub.Kill()
	s.startHub()
}

// restartDatabase stops PostgreSQL, lets some requests fail, and starts it again. The hub must not end.
func (s *soak) restartDatabase(by syscall.Signal) {
	s.t.Helper()
	s.database.Halt(by)
	<-time.After(time.Duration(s.random.IntN(300)) * time.Millisecond)
	must(s.t, s.database.Resume(s.t.Context()))
}

// verify runs the operator's check of the audit, while the hub may be writing.
func (s *soak) verify() {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), s.program, "audit", "verify", "--data", s.folder)
	cmd.Env = append(os.Environ(), s.environ...)
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "The audit is valid") {
		s.t.Errorf("audit verify: got %q, error %v, want a valid audit", out, err)
	}
}

// run makes all terminals work, and disrupts the servers at random numbers of answered steps.
func (s *soak) run() {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	s.idle = s.hubResources()

	for _, x := range s.terminals {
		all.Go(func() { x.work(ctx) })
	}

	const steps = soakTerminals * soakSteps
	for i := range soakDisruptions {
		at := int64(steps * i / soakDisruptions)
		if at += s.random.Int64N(steps / soakDisruptions); !s.await(at) {
			return
		}
		s.disrupt()
	}

	s.authority.Fail(0)
	if s.await(steps) {
		all.Wait()
	}
}

// await waits until so many steps were answered. It reports whether the hub has not ended.
func (s *soak) await(steps int64) bool {
	s.t.Helper()
	for s.answered.Load() < steps {
		select {
		case <-s.progress:
		case <-s.hub.Done():
			s.t.Errorf("the hub ended, want it running: %s", s.log.String())
			return false
		case <-time.After(2 * time.Minute):
			s.t.Errorf("got %d answered steps and no more, want %d", s.answered.Load(), steps)
			return false
		}
	}
	return true
}

// disrupt makes one of the disruptions. A failure of the authorities' system ends before the next.
func (s *soak) disrupt() {
	s.t.Helper()
	s.authority.Fail(0)
	var possible []disruption
	for _, d := range disruptions {
		if d.engine == "" || d.engine == s.engine {
			possible = append(possible, slices.Repeat([]disruption{d}, d.weight)...)
		}
	}
	d := possible[s.random.IntN(len(possible))]
	s.done[d.name]++
	d.do(s)
}

// TestSoak makes one round with a fixed seed on both stores, or rounds with random seeds for the time in
// WARDLIGHT_SOAK. The seed determines requests, faults and disruptions; which of them meet depends on the computer. A
// failure names the seed of its round, and WARDLIGHT_SOAK_SEED repeats it.
func TestSoak(t *testing.T) {
	t.Parallel() // mostly waits
	seed, duration := soakSettings(t)
	t.Logf("The seed of the first round is %d.", seed)
	seeds := rand.New(rand.NewPCG(seed, 0))
	ends, rounds, total := time.Now().Add(duration), 0, newSoakSummary()

	for first := true; first || time.Now().Before(ends); first = false {
		var done []*soak
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			for _, engine := range []string{"sqlite", "postgres"} {
				s := newSoak(t, engine, seed)
				done = append(done, s)
				t.Run(engine, func(t *testing.T) {
					t.Parallel()
					s.t = t
					s.run()
					s.check()
				})
			}
		})
		for _, s := range done {
			total.add(s)
		}
		rounds, seed = rounds+1, seeds.Uint64()
	}

	t.Logf("%d rounds on each store, each with %d terminals and %d answered steps", rounds, soakTerminals,
		soakTerminals*soakSteps)
	total.log(t)
}

// soakSettings returns the seed of the first round and the duration of the soak.
func soakSettings(t *testing.T) (seed uint64, duration time.Duration) {
	t.Helper()
	seed = soakSeed
	if text := os.Getenv(soakEnv); text != "" {
		var err error
		duration, err = time.ParseDuration(text)
		must(t, err)
		seed = rand.Uint64()
	}
	if text := os.Getenv(soakSeedEnv); text != "" {
		if _, err := fmt.Sscan(text, &seed); err != nil {
			t.Fatalf("%s: %v", soakSeedEnv, err)
		}
	}
	return seed, duration
}
