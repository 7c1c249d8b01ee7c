package storetest

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/rbac"
)

func peopleComeWithTheirRoles(t *testing.T, b *fixture) {
	role := func(urid string, codes ...rbac.ActivityCode) store.Role {
		return store.Role{OrgID: "1", RoleName: "\"a\":\"b\"", RoleProfile: rbac.RoleProfile{
			URID: urid, JobRole: "S:G:R8001", JobName: "Nurse", OrgODS: "RX1", OrgName: "HOSPITAL", Activities: codes,
		}}
	}

	p := store.Person{
		UUID: "999000000111", Title: "Ms", Given: "Ada", Family: "Sample",
		Roles: []store.Role{role("2", rbac.Trace, rbac.ViewAlert), role("1")},
	}

	must(t, b.PutPerson(b.ctx, p))
	got, err := b.Person(b.ctx, p.UUID)
	must(t, err)
	first := got.Version
	p.Version = first
	if first == 0 || !reflect.DeepEqual(got, p) {
		t.Errorf("Person = %+v, want the stored one with a version", got)
	}

	p.Roles = p.Roles[1:]
	must(t, b.PutPerson(b.ctx, p))
	got, err = b.Person(b.ctx, p.UUID)
	must(t, err)
	p.Version = got.Version
	if got.Version == first || !reflect.DeepEqual(got, p) {
		t.Errorf("Person after a change = %+v, want it with another version than %d", got, first)
	}

	another := store.Person{UUID: "999000000112", Family: "Other", Roles: []store.Role{role("3"), role("1")}}
	mustBe(t, b.PutPerson(b.ctx, another), store.ErrRoleTaken)
	_, err = b.Person(b.ctx, another.UUID)
	mustBe(t, err, store.ErrNotFound)
}

func certificatesAreRevoked(t *testing.T, b *fixture) {
	for i, id := range []string{"a", "b", "c"} {
		must(t, b.commit(&store.Entry{Audit: record("sign in"), Begin: session(id)}))
		if i == 2 {
			break
		}
	}

	for range 2 { // the second time changes nothing
		must(t, b.RevokeCertificates(b.ctx, []store.Revocation{
			{Certificate: store.Certificate{Fingerprint: "fa"}, At: now},
			{Certificate: store.Certificate{Serial: "5b", Issuer: "CN=CA"}, At: now, Reason: "lost"},
			{Certificate: store.Certificate{Serial: "5c", Issuer: "CN=Another CA"}, At: now},
		}))
	}

	for id, want := range map[string]bool{"a": true, "b": true, "c": false} {
		got, err := b.CertificateRevoked(b.ctx, session(id).Certificate)
		must(t, err)
		s, err := b.SessionByToken(b.ctx, session(id).TokenHash)
		must(t, err)
		if got != want || s.Ended.IsZero() == want {
			t.Errorf("%s: got revoked %v, session ended at %v; want both or neither", id, got, s.Ended)
		}
	}

	if got, err := b.CertificateRevoked(b.ctx, store.Certificate{
		Fingerprint: "x", Issuer: "CN=CA",
		Serial: "5",
	}); err != nil || got {
		t.Errorf("CertificateRevoked of another certificate = %v, %v; want false", got, err)
	}
}

func certificatesBelongToPeople(t *testing.T, b *fixture) {
	const ada, eve = "999000000111", "999000000112"
	if b.PutCertificate(b.ctx, store.BySHA256("f1"), ada) == nil {
		t.Error("PutCertificate with an unknown person succeeded, want error")
	}

	for _, uuid := range []string{ada, eve} {
		must(t, b.PutPerson(b.ctx, store.Person{UUID: uuid}))
	}

	must(t, b.PutCertificate(b.ctx, store.BySHA256("f1"), ada))
	must(t, b.PutCertificate(b.ctx, store.BySHA256("f2"), ada))
	must(t, b.PutCertificate(b.ctx, store.BySHA256("f2"), eve))
	must(t, b.PutPerson(b.ctx, store.Person{UUID: ada, Family: "Renamed"})) // the certificate remains this person's
	for fingerprint, want := range map[string]string{"f1": ada, "f2": eve} {
		if got, err := b.PersonOfCertificate(b.ctx, store.BySHA256(fingerprint)); err != nil || got != want {
			t.Errorf("PersonOfCertificate(%s) = %s, %v; want %s", fingerprint, got, err, want)
		}
	}

	_, err := b.PersonOfCertificate(b.ctx, store.BySHA256("f3"))
	mustBe(t, err, store.ErrNotFound)

	named := store.CertificateName{Kind: "upn", CA: "CN=Root", Issuer: "CN=CA", Name: "eve@trust.example"}
	must(t, b.PutCertificate(b.ctx, named, eve))

	for _, other := range []store.CertificateName{
		{Kind: "subject", CA: named.CA, Issuer: named.Issuer, Name: named.Name},
		{Kind: named.Kind, CA: "CN=Another root", Issuer: named.Issuer, Name: named.Name},
		{Kind: named.Kind, CA: named.CA, Issuer: "CN=Another CA", Name: named.Name},
		{Kind: named.Kind, CA: named.CA, Issuer: named.Issuer, Name: "Eve@trust.example"},
		store.BySHA256(named.Name),
	} {
		_, err := b.PersonOfCertificate(b.ctx, other)
		mustBe(t, err, store.ErrNotFound)
	}

	got, err := b.CertificatesOf(b.ctx, eve)
	must(t, err)
	if want := []store.CertificateName{store.BySHA256("f2"), named}; !reflect.DeepEqual(got, want) {
		t.Errorf("CertificatesOf = %+v, want %+v", got, want)
	}

	if got, err := b.CertificatesOf(b.ctx, "999000000113"); err != nil || len(got) > 0 {
		t.Errorf("CertificatesOf an unknown person = %+v, %v; want none", got, err)
	}
}

func sessionsAreCounted(t *testing.T, b *fixture) {
	for _, id := range []string{"a", "b", "c"} {
		must(t, b.commit(&store.Entry{Audit: record("sign in"), Begin: session(id)}))
	}
	must(t, b.commit(&store.Entry{Audit: record("sign out"), End: "b"}))
	for at, want := range map[int]int{0: 2, 59: 2, 60: 0} {
		if n, err := b.CountSessions(b.ctx, now.Add(time.Duration(at)*time.Minute)); err != nil || n != want {
			t.Errorf("CountSessions after %d minutes = %d, %v; want %d", at, n, err, want)
		}
	}
}

func peopleAreListed(t *testing.T, b *fixture) {
	for _, uuid := range []string{"999000000113", "999000000111", "999000000112"} {
		must(t,
			b.PutPerson(b.ctx, store.Person{
				UUID: uuid, Family: "F" + uuid,
				Roles: []store.Role{{RoleProfile: rbac.RoleProfile{URID: uuid}}},
			}))
	}

	for after, want := range map[string][]string{
		"": {"999000000111", "999000000112"}, "999000000111": {"999000000112", "999000000113"},
		"999000000112": {"999000000113"}, "999000000113": nil,
	} {
		all, err := b.Persons(b.ctx, after, 2)
		must(t, err)
		var got []string
		for _, p := range all {
			if p.Family != "F"+p.UUID || len(p.Roles) != 1 || p.Roles[0].URID != p.UUID {
				t.Errorf("got person %+v, want family name and role as stored", p)
			}
			got = append(got, p.UUID)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("Persons after %q: got %v, want %v", after, got, want)
		}
	}
}

func aRevocationIsLifted(t *testing.T, b *fixture) {
	list := []store.Certificate{
		{Fingerprint: "fa"},
		{Serial: "5b", Issuer: "CN=CA"},
		{Serial: "5c"},
		{Serial: "5d", Issuer: "CN=CA"},
		{Serial: "5e", Issuer: "CN=Another CA"},
	}

	for _, c := range list {
		must(t, b.RevokeCertificates(b.ctx, []store.Revocation{{Certificate: c, At: now}}))
	}

	lift := func(id string) error {
		c := session(id).Certificate
		return b.commit(&store.Entry{Audit: record("lift"), Change: &store.Change{Lifted: &c}})
	}

	for _, id := range []string{"a", "b", "c"} {
		must(t, lift(id))
	}

	mustBe(t, lift("a"), store.ErrNotFound)
	mustBe(t, lift("e"), store.ErrNotFound)

	for serial, want := range map[string][]store.Revocation{
		"5e": {{Certificate: list[4], At: now}}, "5b": nil, "": nil, "99": nil,
	} {
		if got, err := b.RevocationsOf(b.ctx, serial); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("RevocationsOf(%q) = %+v, %v; want %+v", serial, got, err, want)
		}
	}

	for id, want := range map[string]bool{"a": false, "b": false, "c": false, "d": true} {
		if got, err := b.CertificateRevoked(b.ctx, session(id).Certificate); err != nil || got != want {
			t.Errorf("CertificateRevoked of %s = %v, %v; want %v", id, got, err, want)
		}
	}
}

func theKeyOfNoncesIsOne(t *testing.T, b *fixture) {
	first, err := b.NonceKey(b.ctx, []byte("fresh"))
	must(t, err)
	beside := b.reopen()
	defer beside.Close() //nolint:errcheck // another hub's store
	again, err := beside.NonceKey(b.ctx, []byte("another"))
	must(t, err)
	if string(first) != "fresh" || string(again) != "fresh" {
		t.Errorf("NonceKey returned %q and %q, want \"fresh\" twice", first, again)
	}
}

func sessionsOfACAEnd(t *testing.T, b *fixture) {
	other := session("c")
	other.Certificate.Issuer = "CN=Another CA"
	for _, s := range []*store.Session{session("a"), session("b"), other} {
		must(t, b.commit(&store.Entry{Audit: record("sign in"), Begin: s}))
	}
	for _, want := range []int{2, 0} {
		if n, err := b.EndSessions(b.ctx, "CN=CA", now); err != nil || n != want {
			t.Errorf("EndSessions = %d, %v; want %d", n, err, want)
		}
	}
	for id, want := range map[string]bool{"a": true, "b": true, "c": false} {
		s, err := b.SessionByToken(b.ctx, session(id).TokenHash)
		must(t, err)
		if s.Ended.IsZero() == want {
			t.Errorf("session %s: got Ended %v, want active: %v", id, s.Ended, want)
		}
	}
}

// sessionsOfAProvider finds the active sessions of an OpenID provider by its session and by its subject.
func sessionsOfAProvider(t *testing.T, b *fixture) {
	provided := func(id, subject, sid string) *store.Session {
		s := session(id)
		s.Certificate = store.Certificate{}
		s.Provided = &store.Provided{Subject: subject, SID: sid, Person: store.Person{
			UUID: s.Person, Given: "Ada", Family: "Sample",
			Roles: []store.Role{{RoleProfile: rbac.RoleProfile{
				URID: "555000000222", OrgODS: "RX1", Activities: []rbac.ActivityCode{rbac.Trace},
			}}},
		}}
		return s
	}

	all := []*store.Session{
		session("card"), provided("a", "sub1", "sid1"), provided("b", "sub1", "sid2"), provided("c", "sub2", "sid3"),
		provided("d", "sub2", ""),
	}
	for _, s := range all {
		must(t, b.commit(&store.Entry{Audit: record("sign in"), Begin: s}))
		if got, err := b.SessionByToken(b.ctx, s.TokenHash); err != nil || !reflect.DeepEqual(got, *s) {
			t.Errorf("SessionByToken = %+v, %v; want %+v", got, err, *s)
		}
	}
	must(t, b.commit(&store.Entry{Audit: record("sign out"), End: "c"}))

	for _, c := range []struct{ subject, sid, want string }{
		{"sub1", "sid1", "a"},
		{"", "sid2", "b"},
		{"sub1", "", "a b"},
		{"sub2", "sid1", ""},
		{"sub2", "", "d"},
		{"", "sid3", ""},
		{"", "", ""},
		{"other", "", ""},
	} {
		found, err := b.SessionsOfProvider(b.ctx, c.subject, c.sid)
		must(t, err)
		var ids []string
		for _, s := range found {
			ids = append(ids, s.ID)
		}
		slices.Sort(ids)
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("SessionsOfProvider(%q, %q) = %q, want %q", c.subject, c.sid, got, c.want)
		}
	}

	if n, err := b.EndSessions(b.ctx, "", now); err != nil || n != 0 {
		t.Errorf("EndSessions without an issuer = %d, %v; want 0", n, err)
	}
}
