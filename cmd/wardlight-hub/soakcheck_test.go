package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/internal/translog"
)

// resources are what a process of the hub uses.
type resources struct{ goroutines, files, memory int }

// Maximum growth of a hub between its start and the end of its load, without connections: goroutines, and files, of
// which the pools of database connections are most. The memory is that of a process with the race detector, in bytes.
const (
	maxGoroutineGrowth = 30
	maxFileGrowth      = 40
	maxMemory          = 1 << 30
)

// hubResources returns what the hub uses now.
func (s *soak) hubResources() resources {
	s.t.Helper()
	value := func(text, name string) int {
		for line := range strings.Lines(text) {
			if number, found := strings.CutPrefix(line, name+" "); found {
				v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
				must(s.t, err)
				return int(v)
			}
		}
		s.t.Fatalf("the metrics have no %s", name)
		return 0
	}
	text := scrape(s.t, s.operator)
	return resources{
		value(text, "go_goroutines"), value(text, "process_open_fds"), value(text, "process_resident_memory_bytes"),
	}
}

// check compares the ledger and the received notifications with the answers, after all terminals have ended.
func (s *soak) check() {
	s.t.Helper()
	s.checkResources()
	for _, words := range []string{"DATA RACE", "panic"} {
		if strings.Contains(s.log.String(), words) {
			s.t.Errorf("log of the hub: got %q in %s, want none", words, s.log)
		}
	}

	ledger := s.store()
	defer ledger.Close()

	head, err := audit.Verify(s.t.Context(), ledger)
	if err != nil {
		s.t.Errorf("audit.Verify: got error %v, want a valid chain", err)
	}
	s.done["audit records"] += int(head.Records)
	s.checkTree(ledger, head.Records)

	accesses := s.checkOpenings(ledger)
	s.checkAnswersOnRecord(ledger)
	s.checkNotifications(ledger, accesses)
	s.checkPlans(ledger)
}

// checkResources checks that the hub's goroutines and files do not grow, once its clients have gone.
func (s *soak) checkResources() {
	s.t.Helper()
	for _, x := range s.terminals {
		x.http.CloseIdleConnections()
		x.network.closeAbandoned()
	}

	s.hub.Until(s.t, fmt.Sprintf("resources as at the start, %+v", s.idle), func() bool {
		s.ended = s.hubResources()
		return s.ended.goroutines <= s.idle.goroutines+maxGoroutineGrowth &&
			s.ended.files <= s.idle.files+maxFileGrowth
	})
	if s.ended.memory > maxMemory {
		s.t.Errorf("memory of the hub: got %d bytes, want at most %d", s.ended.memory, maxMemory)
	}
}

// checkOpenings checks that each answered opening has one access, and that no access is of another request. It returns
// the number of plans of each access by its ID.
func (s *soak) checkOpenings(ledger store.Store) map[string]int {
	s.t.Helper()
	requests, recorded, plans := make(map[string]*soakOpening), make(map[string]int), make(map[string]int)
	var children []nhs.Number
	for _, x := range s.terminals {
		children = append(children, x.child)
		for id, o := range x.openings {
			requests[id] = o
		}
	}
	for _, child := range s.protected {
		children = append(children, child.number)
	}

	for _, n := range slices.Concat(children, s.plain, s.absent) {
		accesses, err := ledger.Accesses(s.t.Context(), []nhs.Number{n}, 1<<20)
		must(s.t, err)
		for _, a := range accesses {
			o := requests[a.RequestID]
			if o == nil || o.number != n || o.plans == 0 {
				s.t.Errorf("access of %s with the request %s: got %+v, want an opening of a plan", n, a.RequestID, o)
				continue
			}
			recorded[o.id]++
			plans[a.ID] = o.plans
		}
	}

	for id, o := range requests {
		got := recorded[id]
		switch {
		case got > 1, o.answered && o.plans > 0 && got != 1, o.refused && !o.answered && got > 0:
			s.t.Errorf("opening %+v: got %d accesses, want 1 if it was answered", *o, got)
		}
		if o.answered {
			s.done["answered openings"]++
		} else {
			s.done["openings without an answer"]++
		}
	}

	s.done["accesses"] += len(plans)
	return plans
}

// checkTree checks that the leaves of the audit's tree are the records of its chain.
func (s *soak) checkTree(ledger store.Store, records int64) {
	s.t.Helper()
	var want translog.Edge
	must(s.t, ledger.AuditTrail(s.t.Context(), 1, func(r store.AuditRecord) error {
		want.Append(translog.Leaf(r.Hash))
		return nil
	}))
	got, err := audit.TreeCheckpoint(s.t.Context(), ledger, "hub", records)
	if err != nil || got.Hash != want.Root() {
		s.t.Errorf("root of the audit's tree: got %v, error %v, want %v", got.Hash, err, want.Root())
	}
}

// checkAnswersOnRecord checks that the audit has a record of each answered lamp and opening.
func (s *soak) checkAnswersOnRecord(ledger store.Store) {
	s.t.Helper()
	granted := make(map[string][]nhs.Number) // patients by request ID
	must(s.t, ledger.AuditTrail(s.t.Context(), 1, func(r store.AuditRecord) error {
		if r.Outcome == audit.Granted {
			granted[r.RequestID] = append(granted[r.RequestID], r.Patients...)
		}
		return nil
	}))

	for _, x := range s.terminals {
		for id, n := range x.lamps {
			s.done["answered lamps"]++
			if !slices.Contains(granted[id], n) {
				s.t.Errorf("lamp %s of %s: got no record of it, want one", id, n)
			}
		}
		for id, o := range x.openings {
			if o.answered && !slices.Contains(granted[id], o.number) {
				s.t.Errorf("opening %s of %s: got no record of it, want one", id, o.number)
			}
		}
	}
}

// checkNotifications waits until the hub has delivered its outbox, and checks that the authorities received one
// notification of each plan of each access.
func (s *soak) checkNotifications(ledger store.Store, plans map[string]int) {
	s.t.Helper()
	stored, err := ledger.Notifications(s.t.Context(), store.NotificationQuery{})
	must(s.t, err)
	for have := -1; len(s.authority.Received()) < len(stored); { // fails if no further one arrives within two minutes
		s.hub.Until(s.t, "another notification", func() bool { return len(s.authority.Received()) > have })
		have = len(s.authority.Received())
	}

	received := make(map[string]int) // by access ID
	for _, n := range s.authority.Received() {
		received[accessOf(n.Body)]++
	}

	for id, want := range plans {
		if received[id] != want {
			s.t.Errorf("notifications of the access %s: got %d, want %d", id, received[id], want)
		}
	}
	for id := range received {
		if plans[id] == 0 {
			s.t.Errorf("got notifications of the access %q, which is not recorded", id)
		}
	}
	if got := len(s.authority.Received()); got != len(stored) {
		s.t.Errorf("received notifications: got %d, want %d", got, len(stored))
	}
	s.done["notifications received"] += len(stored)
}

// accessOf returns the ID of the access of a notification.
func accessOf(body []byte) string {
	var bundle fhir.Bundle
	var header fhir.MessageHeader
	if json.Unmarshal(body, &bundle) != nil || len(bundle.Entry) == 0 ||
		json.Unmarshal(bundle.Entry[0].Resource, &header) != nil || len(header.Focus) != 1 {
		return ""
	}
	return strings.TrimPrefix(header.Focus[0].Reference, "urn:uuid:")
}

// checkPlans checks that the plan of each terminal's child is as after its last upload.
func (s *soak) checkPlans(ledger store.Store) {
	s.t.Helper()
	for _, x := range s.terminals {
		got, err := ledger.Plans(s.t.Context(), []nhs.Number{x.child})
		must(s.t, err)
		if x.plan == unknownPlan || len(got) != int(x.plan) {
			s.t.Errorf("plans of %s after %d uploads: got %d, want %d", x.child, x.files, len(got), x.plan)
		}
		s.done["uploads answered"] += x.files
	}
}
