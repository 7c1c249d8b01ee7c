package storetest

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

func authority(code string) store.Authority {
	return store.Authority{
		Code: code, Name: code + " COUNCIL", OfficePhone: "01", DutyPhone: "02",
		Endpoint: "https://la.example/" + code,
	}
}

func plansComeWithTheirAuthority(t *testing.T, b *fixture) {
	p := store.Plan{
		ID: "p1", Number: old, Kind: store.UnbornChild, Start: day(2026, 1, 2), End: day(2026, 8, 1),
		Due: day(2026, 9, 1), Authority: "V999", Reference: "R",
	}
	if b.PutPlan(b.ctx, p) == nil {
		t.Error("PutPlan with an unknown authority succeeded, want error")
	}

	must(t, b.PutAuthority(b.ctx, authority("V999")))
	must(t, b.PutPlan(b.ctx, p))
	open := store.Plan{ID: "p2", Number: tess, Kind: store.LookedAfter, Start: day(2026, 1, 2), Authority: "V999"}
	must(t, b.PutPlan(b.ctx, open))
	got, err := b.Plans(b.ctx, []nhs.Number{old})
	must(t, err)
	if !reflect.DeepEqual(got, []store.PlanWithAuthority{{Plan: p, By: authority("V999")}}) {
		t.Errorf("Plans = %+v, want the stored plan with its authority", got)
	}

	renamed := authority("V999")
	renamed.Name = "NEW NAME"
	must(t, b.PutAuthority(b.ctx, renamed))
	p.End = day(2026, 8, 2)
	must(t, b.PutPlan(b.ctx, p))
	got, err = b.Plans(b.ctx, []nhs.Number{old, tess, tom})
	must(t, err)
	slices.SortFunc(got, func(a, b store.PlanWithAuthority) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
	if !reflect.DeepEqual(got, []store.PlanWithAuthority{{Plan: p, By: renamed}, {Plan: open, By: renamed}}) {
		t.Errorf("Plans = %+v, want both plans with the changed authority", got)
	}

	if got, err := b.Plan(b.ctx, "p2"); err != nil ||
		!reflect.DeepEqual(got, store.PlanWithAuthority{Plan: open, By: renamed}) {
		t.Errorf("Plan = %+v, %v; want the stored plan", got, err)
	}

	must(t,
		b.commit(&store.Entry{
			Audit:  record("remove"),
			Change: &store.Change{Plan: &store.PlanChange{ID: "p1", Remove: true}},
		}))

	_, err = b.Plan(b.ctx, "p1")
	mustBe(t, err, store.ErrNotFound)
	for _, none := range [][]nhs.Number{{old}, nil} {
		if got, err := b.Plans(b.ctx, none); err != nil || len(got) != 0 {
			t.Errorf("Plans(%v) = %v, %v; want none", none, got, err)
		}
	}
}

func authoritiesAreListed(t *testing.T, b *fixture) {
	for _, code := range []string{"V2", "V10", "V1"} {
		must(t, b.PutAuthority(b.ctx, authority(code)))
	}
	all, err := b.Authorities(b.ctx)
	must(t, err)
	if !slices.Equal(all, []store.Authority{authority("V1"), authority("V10"), authority("V2")}) {
		t.Errorf("Authorities = %+v, want V1, V10, V2", all)
	}
	if got, err := b.Authority(b.ctx, "V10"); err != nil || got != authority("V10") {
		t.Errorf("Authority(V10) = %+v, %v; want the stored one", got, err)
	}
	_, err = b.Authority(b.ctx, "V3")
	mustBe(t, err, store.ErrNotFound)
}

func credentialsLetIn(t *testing.T, b *fixture) {
	credential := func(authority, secret string, after time.Duration) store.Credential {
		return store.Credential{
			Authority: authority, Hash: []byte(secret), Label: "of " + secret,
			Created: now.Add(after),
		}
	}
	if b.PutCredential(b.ctx, credential("V1", "s1", 0)) == nil {
		t.Error("PutCredential with an unknown authority succeeded, want error")
	}

	must(t, b.PutAuthority(b.ctx, authority("V1")))
	must(t, b.PutAuthority(b.ctx, authority("V2")))
	must(t, b.PutCredential(b.ctx, credential("V1", "s1", time.Hour)))
	must(t, b.PutCredential(b.ctx, credential("V1", "s2", 0)))
	must(t, b.PutCredential(b.ctx, credential("V2", "s3", 0)))
	if b.PutCredential(b.ctx, credential("V2", "s1", 0)) == nil {
		t.Error("PutCredential of a secret of another authority succeeded, want error")
	}

	for secret, want := range map[string]string{"s1": "V1", "s2": "V1", "s3": "V2"} {
		if got, err := b.AuthorityByCredential(b.ctx, []byte(secret)); err != nil || got != authority(want) {
			t.Errorf("AuthorityByCredential(%s) = %+v, %v; want %s", secret, got, err, want)
		}
	}

	end := func(secret string, at time.Time) error {
		return b.commit(&store.Entry{
			Audit:  record("end"),
			Change: &store.Change{Credential: &store.Credential{Hash: []byte(secret), Ended: at}},
		})
	}

	must(t, end("s1", now.Add(2*time.Hour)))
	must(t, end("s1", now.Add(3*time.Hour)))
	mustBe(t, end("nothing", now), store.ErrNotFound)
	for _, secret := range []string{"s1", "nothing"} {
		_, err := b.AuthorityByCredential(b.ctx, []byte(secret))
		mustBe(t, err, store.ErrNotFound)
	}

	ended := credential("V1", "s1", time.Hour)
	ended.Ended = now.Add(2 * time.Hour)
	got, err := b.Credentials(b.ctx, "V1")
	must(t, err)
	if !reflect.DeepEqual(got, []store.Credential{credential("V1", "s2", 0), ended}) {
		t.Errorf("Credentials(V1) = %+v, want one active and one ended", got)
	}
}

// uploadOf returns an upload of authority V1 that adds one plan and deletes another.
func uploadOf(id, file string) *store.Upload {
	return &store.Upload{
		ID: id, Authority: "V1", File: file, Digest: "d", At: now, Answer: []byte("answer " + id),
		Plans: []store.Plan{{
			ID: "new", Number: tess, Kind: store.ChildProtection, Start: day(2026, 2, 3),
			Authority: "V1", Reference: "R1",
		}},
		Deleted: []string{"old", "never there"},
	}
}

// credentialsAreLookedAtInTheCommit commits entries with an ended credential, which must be refused whichever hub
// ended it.
func credentialsAreLookedAtInTheCommit(t *testing.T, b *fixture) {
	must(t, b.PutAuthority(b.ctx, store.Authority{Code: "V1"}))
	for _, hash := range []string{"one", "two"} {
		must(t, b.PutCredential(b.ctx, store.Credential{Authority: "V1", Hash: []byte(hash), Created: now}))
	}

	beside := b.reopen()
	defer beside.Close() //nolint:errcheck // another hub's store
	refused, err := beside.Commit(b.ctx,
		[]*store.Entry{{Change: &store.Change{Credential: &store.Credential{Hash: []byte("one"), Ended: now}}}})
	must(t, errors.Join(append(refused, err)...))
	upload := func(hash, file string) *store.Entry {
		return &store.Entry{
			Audit: record("x"), Credential: []byte(hash),
			Upload: &store.Upload{ID: file, Authority: "V1", File: file, Answer: []byte("{}")},
		}
	}

	refused, err = b.Commit(b.ctx, []*store.Entry{upload("one", "a"), upload("two", "b"), upload("never given", "c")})
	must(t, err)
	for i, want := range []error{store.ErrCredentialEnded, nil, store.ErrCredentialEnded} {
		mustBe(t, refused[i], want)
	}

	_, err = b.Upload(b.ctx, "V1", "a")
	mustBe(t, err, store.ErrNotFound)
	if n := len(b.trail()); n != 2 {
		t.Errorf("got %d audit records, want 2", n)
	}
}

func uploadsAreStoredOnce(t *testing.T, b *fixture) {
	must(t, b.PutAuthority(b.ctx, authority("V1")))
	must(t, b.PutAuthority(b.ctx, authority("V2")))
	must(t, b.PutPlan(b.ctx, store.Plan{
		ID: "old", Number: tess, Kind: store.LookedAfter, Start: day(2025, 2, 3),
		Authority: "V1",
	}))

	must(t, b.commit(&store.Entry{Audit: record("upload"), Upload: uploadOf("u1", "1")}))
	again := uploadOf("u2", "1")
	again.Plans[0].ID = "another"
	mustBe(t, b.commit(&store.Entry{Audit: record("upload"), Upload: again}), store.ErrUploadedBefore)
	others := uploadOf("u3", "1")
	others.Authority, others.Plans, others.Deleted = "V2", nil, nil
	must(t, b.commit(&store.Entry{Audit: record("upload"), Upload: others}))
	plans, err := b.Plans(b.ctx, []nhs.Number{tess})
	must(t, err)
	if len(plans) != 1 || plans[0].Plan != uploadOf("u1", "1").Plans[0] {
		t.Errorf("Plans = %+v, want the plan of the upload", plans)
	}

	want := store.Upload{ID: "u1", Authority: "V1", File: "1", Digest: "d", At: now, Answer: []byte("answer u1")}
	for name, get := range map[string]func() (store.Upload, error){
		"by id":   func() (store.Upload, error) { return b.Upload(b.ctx, "V1", "u1") },
		"by file": func() (store.Upload, error) { return b.UploadOfFile(b.ctx, "V1", "1") },
	} {
		if got, err := get(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("upload %s: got %+v, %v; want the stored one", name, got, err)
		}
	}

	_, err = b.Upload(b.ctx, "V2", "u1") // of another authority
	mustBe(t, err, store.ErrNotFound)
	_, err = b.UploadOfFile(b.ctx, "V1", "2")
	mustBe(t, err, store.ErrNotFound)
	if n := len(b.trail()); n != 2 {
		t.Errorf("got %d audit records, want 2", n)
	}
}

func aFailingUploadChangesNoPlan(t *testing.T, b *fixture) {
	must(t, b.PutAuthority(b.ctx, authority("V1")))
	broken := uploadOf("u1", "1")
	broken.Plans = append(broken.Plans, store.Plan{
		ID: "p2", Number: tess, Kind: store.ChildProtection,
		Authority: "nobody",
	})
	if _, err := b.Commit(b.ctx, []*store.Entry{{Audit: record("upload"), Upload: broken}}); err == nil {
		t.Fatal("Commit of a plan of an unknown authority succeeded, want error")
	}
	plans, err := b.Plans(b.ctx, []nhs.Number{tess})
	must(t, err)
	_, uploaded := b.UploadOfFile(b.ctx, "V1", "1")
	mustBe(t, uploaded, store.ErrNotFound)
	if len(plans) != 0 || len(b.trail()) != 0 {
		t.Errorf("the failed Commit left plans %v and audit records %v, want none", plans, b.trail())
	}
}

// storeIsFilled checks Filled after each step: an upload counts, also after its plans have been deleted, but an
// authority without one doesn't.
func storeIsFilled(t *testing.T, b *fixture) {
	mustFill := func(after string, want bool) {
		t.Helper()
		if got, err := b.Filled(b.ctx); err != nil || got != want {
			t.Errorf("Filled after %s = %v, %v; want %v", after, got, err, want)
		}
	}

	must(t, b.PutAuthority(b.ctx, authority("V1")))
	mustFill("an authority", false)
	must(t, b.PutPlan(b.ctx, store.Plan{
		ID: "new", Number: tess, Kind: store.LookedAfter, Start: day(2025, 2, 3),
		Authority: "V1",
	}))

	mustFill("a plan", true)

	remove := func() {
		t.Helper()
		must(t,
			b.commit(&store.Entry{
				Audit:  record("remove"),
				Change: &store.Change{Plan: &store.PlanChange{ID: "new", Remove: true}},
			}))
	}

	remove()
	mustFill("its deletion", false)
	must(t, b.commit(&store.Entry{Audit: record("upload"), Upload: uploadOf("u1", "1")}))
	mustFill("an upload", true)
	b.restart()
	mustFill("a restart", true)
}
