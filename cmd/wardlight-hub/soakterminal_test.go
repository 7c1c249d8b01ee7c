package main

import (
	"context"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"wardlight/client"
	"wardlight/hub/store"
	"wardlight/internal/lab/pki"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// soakTerminal is a terminal with its user, and the system of a local authority, both on one faulty network. It makes
// one step after another, and knows what the hub's ledger must contain of them. Only its goroutine uses it.
type soakTerminal struct {
	s       *soak
	index   int
	random  *mathrand.Rand
	network *faultyNetwork
	http    *http.Client
	hub     *client.Hub
	card    pki.Issued

	uuid, nurseURID, clinicURID string
	nurse, clinic               *client.Acting // roles of unscheduled and scheduled care; nil when not signed in
	session                     *client.Session
	ended                       *client.Acting // of a session that the hub has confirmed to be ended; may be nil

	code, secret string     // authority
	child        nhs.Number // its plans are changed by this authority only
	plan         planState  // of child
	files        int
	resend       string // table of an upload without an answer; "" for none

	openings map[string]*soakOpening // by request ID
	pending  *soakOpening            // one without an answer, which is opened again; may be nil
	lamps    map[string]nhs.Number   // answered lamps by request ID
	counts   soakSummary
}

// planState is what the test knows of the plan of a child.
type planState int

const (
	withoutPlan planState = iota
	withPlan
	unknownPlan // an upload was not answered
)

// soakOpening is an opening and what the ledger must contain of it.
type soakOpening struct {
	id       string
	number   nhs.Number
	plans    int  // number of plans when it was first requested
	answered bool // the access must be recorded, otherwise it may be
	refused  bool // no request can have reached the hub: no access may be recorded
}

// soakStep is a kind of step with its weight.
type soakStep struct {
	name   string
	weight int
	do     func(*soakTerminal, context.Context) error
}

// soakActions are the steps. They return the error of a step that was not answered.
var soakActions = []soakStep{
	{"open an alert", 20, (*soakTerminal).open},
	{"open again with an answered id", 8, (*soakTerminal).openAnswered},
	{"open in scheduled care", 4, (*soakTerminal).openSilently},
	{"lamp of a child with a plan", 12, (*soakTerminal).lampOn},
	{"lamp of a child without a plan", 10, (*soakTerminal).lampOff},
	{"lamp of a child whose plan changes", 8, (*soakTerminal).lampOfChild},
	{"lamp without a record", 4, (*soakTerminal).lampAbsent},
	{"search", 6, (*soakTerminal).search},
	{"retrieve", 4, (*soakTerminal).retrieve},
	{"access history", 4, (*soakTerminal).history},
	{"upload", 8, (*soakTerminal).upload},
	{"sign in", 2, (*soakTerminal).signIn},
	{"sign out", 2, (*soakTerminal).signOut},
	{"lamp after signing out", 2, (*soakTerminal).lampSignedOut},
}

func newSoakTerminal(s *soak, index int, code string, seed uint64) *soakTerminal {
	s.t.Helper()
	x := &soakTerminal{
		s: s, index: index, random: mathrand.New(mathrand.NewPCG(seed, uint64(2*index+1))), code: code,
		secret: "wlla_" + code + "-secret", uuid: fmt.Sprintf("9990000001%02d", index),
		nurseURID: fmt.Sprintf("9990000002%02d", index), clinicURID: fmt.Sprintf("9990000003%02d", index),
		openings: make(map[string]*soakOpening), lamps: make(map[string]nhs.Number), counts: newSoakSummary(),
	}

	x.network = &faultyNetwork{random: mathrand.New(mathrand.NewPCG(seed, uint64(2*index+2)))}
	x.http, x.card = x.network.client(), x.issueCard()
	s.t.Cleanup(func() { x.network.closeAbandoned() })
	hub, err := client.New(client.Config{
		BaseURL: "http://" + s.address, HTTP: x.http, Clock: time.Now, NewID: uuid.NewString, Timeout: time.Minute,
	})
	must(s.t, err)
	x.hub = hub
	return x
}

// person returns the user of the terminal, with a role of unscheduled and one of scheduled care.
func (x *soakTerminal) person() store.Person {
	role := func(urid string, view rbac.ActivityCode) store.Role {
		return store.Role{RoleProfile: rbac.RoleProfile{
			URID: urid, JobRole: "S8000:G8000:R8001", JobName: "Nurse Access Role", OrgODS: "RX1",
			OrgName: "EXAMPLE GENERAL HOSPITAL", Activities: []rbac.ActivityCode{rbac.Trace, view},
		}}
	}
	return store.Person{
		UUID: x.uuid, Given: "Ada", Family: "Sample" + string(rune('a'+x.index)),
		Roles: []store.Role{role(x.nurseURID, rbac.ViewAlert), role(x.clinicURID, rbac.ViewAlertSilently)},
	}
}

// issueCard returns the user's smartcard.
func (x *soakTerminal) issueCard() pki.Issued {
	x.s.t.Helper()
	now := time.Now()
	card, err := x.s.ca.IssueCard(pki.CardRequest{
		UUID: x.uuid, Serial: int64(7 + x.index), Key: pki.P256, NotBefore: now.Add(-time.Hour),
		NotAfter: now.Add(24 * time.Hour),
	})
	must(x.s.t, err)
	return card
}

// Timeouts: of a call on a half-open connection, and before the next step after a failed one.
const (
	halfOpenTimeout = 300 * time.Millisecond
	retryPause      = 20 * time.Millisecond
)

// work makes steps until so many were answered or ctx is done. Then it repeats what was not answered.
func (x *soakTerminal) work(ctx context.Context) {
	weights := 0
	for _, step := range soakActions {
		weights += step.weight
	}

	for answered := 0; answered < soakSteps && ctx.Err() == nil; {
		at := x.random.IntN(weights)
		i := slices.IndexFunc(soakActions, func(step soakStep) bool { at -= step.weight; return at < 0 })
		if x.step(ctx, soakActions[i]) {
			answered++
			x.s.answered.Add(1)
			select {
			case x.s.progress <- struct{}{}:
			default:
			}
		}
	}

	for (x.pending != nil || x.resend != "") && ctx.Err() == nil {
		if x.pending != nil {
			x.attempt(ctx, soakActions[0].name, (*soakTerminal).open)
		} else {
			x.attempt(ctx, "upload", (*soakTerminal).upload)
		}
	}
}

// step makes one step, some with a fault of the network. It reports whether the hub answered.
func (x *soakTerminal) step(ctx context.Context, step soakStep) bool {
	if x.random.IntN(8) > 0 {
		return x.attempt(ctx, step.name, step.do)
	}

	fault := networkFault(1 + x.random.IntN(int(networkFaults)-1))
	x.counts[soakNetworkSection][fault.String()]++
	x.network.set(fault)
	defer x.network.set(noFault)
	if fault.halfOpen() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, halfOpenTimeout)
		defer cancel()
	}

	return x.attempt(ctx, step.name, step.do)
}

// attempt calls do, in a session if there is none yet, and counts the outcome.
func (x *soakTerminal) attempt(ctx context.Context, name string, do func(*soakTerminal, context.Context) error) bool {
	var err error
	if x.nurse == nil {
		name = "sign in"
		err = x.signIn(ctx)
	} else {
		err = do(x, ctx)
	}

	if err == nil {
		x.counts[soakStepSection][name+": answered"]++
		return true
	}

	x.counts[soakStepSection][name+": "+x.failure(ctx, name, err)]++
	timer := time.NewTimer(retryPause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// failure returns the kind of a failed step, and checks that it is one of a hub that cannot be reached or that fails.
func (x *soakTerminal) failure(ctx context.Context, name string, err error) string {
	var failed *client.Error
	if !errors.As(err, &failed) {
		x.s.t.Errorf("%s: got error %v, want a *client.Error", name, err)
		return "error"
	}
	switch failed.Kind {
	case client.Unreachable, client.TimedOut, client.Cancelled, client.Failing, client.Malformed:
	default:
		if ctx.Err() == nil {
			x.s.t.Errorf("%s: got error %v (%v), want one of a hub that cannot be reached or fails", name, err,
				failed.Err)
		}
	}
	return failed.Kind.String()
}
