package storetest

import (
	"errors"
	"slices"
	"testing"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// findPlan stores and returns a plan of V999.
func onFile(b *fixture, id string, n nhs.Number) store.Plan {
	b.t.Helper()
	p := store.Plan{
		ID: id, Number: n, Kind: store.ChildProtection, Start: day(2026, 1, 2), Authority: "V999",
		Reference: "R" + id,
	}
	must(b.t, b.PutPlan(b.ctx, p))
	return p
}

func plansOfAnAuthorityAreListed(t *testing.T, b *fixture) {
	must(t, b.PutAuthority(b.ctx, authority("V998")))
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	one, two := onFile(b, "1", tess), onFile(b, "2", tom)
	must(t, b.PutPlan(b.ctx, store.Plan{
		ID: "3", Number: tess, Kind: store.LookedAfter, Start: day(2026, 1, 2),
		Authority: "V998",
	}))

	got, err := b.PlansOf(b.ctx, "V999")
	must(t, err)
	slices.SortFunc(got, func(a, b store.PlanWithAuthority) int { return int(a.ID[0]) - int(b.ID[0]) })
	if !slices.Equal(got, []store.PlanWithAuthority{
		{Plan: one, By: authority("V999")},
		{Plan: two, By: authority("V999")},
	}) {
		t.Errorf("PlansOf = %+v, want both plans", got)
	}

	for _, none := range []string{"V9", ""} {
		if got, err := b.PlansOf(b.ctx, none); err != nil || len(got) != 0 {
			t.Errorf("PlansOf(%q) = %+v, %v; want none", none, got, err)
		}
	}
}

// aChangeIsOnRecordOrNotMade checks that each change is stored together with its audit record, or neither.
func aChangeIsOnRecordOrNotMade(t *testing.T, b *fixture) {
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	for _, id := range []string{"a", "b", "c"} {
		must(t, b.commit(&store.Entry{Audit: record("sign in"), Begin: session(id)}))
	}

	ada := store.Person{
		UUID: "555254240100", Family: "SAMPLE",
		Roles: []store.Role{{RoleProfile: rbac.RoleProfile{URID: "r1"}}},
	}

	bob := store.Person{UUID: "555254240199", Family: "OTHER", Roles: ada.Roles}
	plan := store.Plan{ID: "p", Number: tess, Kind: store.LookedAfter, Start: day(2026, 1, 2), Authority: "V999"}
	credential := store.Credential{Authority: "V999", Hash: []byte("s"), Created: now}
	ended := credential
	ended.Ended = now
	f1, f2 := store.BySHA256("f1"), store.BySHA256("f2")
	lives := func(id string) bool { return b.commit(&store.Entry{Audit: record("look"), Touch: id}) == nil }
	for _, c := range []struct {
		name   string
		change store.Change
		want   error
		made   func() bool
	}{
		{"authority", store.Change{Authority: &store.Authority{Code: "V1", Name: "N"}}, nil, func() bool {
			a, err := b.Authority(b.ctx, "V1")
			return err == nil && a.Name == "N"
		}},
		{"credential", store.Change{Credential: &credential}, nil, func() bool {
			_, err := b.AuthorityByCredential(b.ctx, credential.Hash)
			return err == nil
		}},
		{"end of a credential", store.Change{Credential: &ended}, nil, func() bool {
			_, err := b.AuthorityByCredential(b.ctx, credential.Hash)
			return errors.Is(err, store.ErrNotFound)
		}},
		{
			"end of nobody's credential",
			store.Change{Credential: &store.Credential{Hash: []byte("none"), Ended: now}},
			store.ErrNotFound, nil,
		},
		{"plan", store.Change{Put: &plan}, nil, func() bool {
			got, err := b.Plan(b.ctx, "p")
			return err == nil && got.Plan == plan
		}},
		{
			"revocation by fingerprint",
			store.Change{Revoked: &store.Revocation{Certificate: store.Certificate{Fingerprint: "fa"}, At: now}},
			nil,
			func() bool { return !lives("a") && lives("b") },
		},
		{
			"revocation by serial",
			store.Change{Revoked: &store.Revocation{Certificate: store.Certificate{Serial: "5b"}, At: now}},
			nil,
			func() bool { return !lives("b") && lives("c") },
		},
		{"lift", store.Change{Lifted: &store.Certificate{Fingerprint: "fa"}}, nil, func() bool {
			on, err := b.CertificateRevoked(b.ctx, store.Certificate{Fingerprint: "fa"})
			return err == nil && !on
		}},
		{
			"lift of what is not listed",
			store.Change{Lifted: &store.Certificate{Fingerprint: "fa"}},
			store.ErrNotFound,
			nil,
		},
		{"CA", store.Change{Distrusted: "CN=CA"}, nil, func() bool { return !lives("c") }},
		{"person", store.Change{Person: &ada, Theirs: []store.CertificateName{f1}}, nil, func() bool {
			p, err := b.Person(b.ctx, ada.UUID)
			whose, unknown := b.PersonOfCertificate(b.ctx, f1)
			return err == nil && len(p.Roles) == 1 && p.Roles[0].URID == "r1" && unknown == nil && whose == ada.UUID
		}},
		{"enrolment", store.Change{Enrolled: &store.Enrolment{Name: f2, Person: ada.UUID}}, nil, func() bool {
			whose, err := b.PersonOfCertificate(b.ctx, f2)
			return err == nil && whose == ada.UUID
		}},
		{
			"enrolment of what is enrolled",
			store.Change{Enrolled: &store.Enrolment{Name: f2, Person: ada.UUID}},
			nil,
			func() bool {
				return true
			},
		},
		{
			"enrolment of another's",
			store.Change{Enrolled: &store.Enrolment{Name: f2, Person: bob.UUID}},
			store.ErrCertificateTaken, func() bool {
				whose, err := b.PersonOfCertificate(b.ctx, f2)
				return err == nil && whose == ada.UUID
			},
		},
		{"session of ada", store.Change{}, nil, func() bool {
			s := session("ada")
			s.Person = ada.UUID
			must(t, b.commit(&store.Entry{Audit: record("sign in"), Begin: s}))
			return lives("ada")
		}},
		{"release of a certificate", store.Change{Released: &f1}, nil, func() bool {
			_, err := b.PersonOfCertificate(b.ctx, f1)
			return errors.Is(err, store.ErrNotFound) && !lives("ada")
		}},
		{"release of nobody's certificate", store.Change{Released: &f1}, store.ErrNotFound, nil},
		{"person with another's role", store.Change{Person: &bob}, store.ErrRoleTaken, func() bool {
			_, err := b.Person(b.ctx, bob.UUID)
			return errors.Is(err, store.ErrNotFound)
		}},
	} {
		before := len(b.trail())
		mustBe(t, b.commit(&store.Entry{Audit: record(c.name), Change: &c.change}), c.want)
		trail := b.trail()
		if want := before + 1; c.want == nil && (len(trail) != want || trail[before].Action != c.name) {
			t.Errorf("%s: got %d audit records, want %d", c.name, len(trail), want)
		}
		if c.want != nil && len(trail) != before {
			t.Errorf("%s: the refused change has an audit record", c.name)
		}
		if c.made != nil && !c.made() {
			t.Errorf("%s: the stored data isn't as expected", c.name)
		}
	}
}

// anOperatorChangesAPlan checks that a plan's change is stored together with its audit record, or neither.
func anOperatorChangesAPlan(t *testing.T, b *fixture) {
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	ended, removed := onFile(b, "ended", tess), onFile(b, "removed", tess)
	entry := func(c store.PlanChange) *store.Entry {
		return &store.Entry{Audit: record("change"), Change: &store.Change{Plan: &c}}
	}

	must(t, b.commit(entry(store.PlanChange{ID: "ended", End: day(2026, 7, 1)})))
	ended.End = day(2026, 7, 1)
	if got, err := b.Plan(b.ctx, "ended"); err != nil || got.Plan != ended {
		t.Errorf("Plan = %+v, %v; want %+v", got.Plan, err, ended)
	}

	refused, err := b.Commit(b.ctx, []*store.Entry{
		entry(store.PlanChange{ID: "removed", Remove: true}), entry(store.PlanChange{ID: "removed", Remove: true}),
		entry(store.PlanChange{ID: "nobody's", Remove: true}),
		entry(store.PlanChange{ID: "removed", End: day(2026, 7, 1)}),
		entry(store.PlanChange{ID: "nobody's\x00\xff", End: day(2026, 7, 1)}),
	})
	must(t, err)
	for i, want := range []error{nil, store.ErrNoPlan, store.ErrNoPlan, store.ErrNoPlan, store.ErrNoPlan} {
		mustBe(t, refused[i], want)
	}

	_, err = b.Plan(b.ctx, removed.ID)
	mustBe(t, err, store.ErrNotFound)
	if n := len(b.trail()); n != 2 {
		t.Errorf("got %d audit records, want 2", n)
	}
}
