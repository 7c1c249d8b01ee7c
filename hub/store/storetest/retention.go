package storetest

import (
	"fmt"
	"testing"
	"time"

	"wardlight/hub/store"
)

// oldBodiesAndAnswersAreDeleted prunes bodies of notifications and answers to uploads, more than one transaction
// changes. Those delivered or received before the retention period are deleted; the rest of the notification or upload
// remains.
func oldBodiesAndAnswersAreDeleted(t *testing.T, b *fixture) {
	const many = 1500
	retention := store.Retention{Bodies: 24 * time.Hour, Answers: 48 * time.Hour}
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	var entries []*store.Entry
	for i := range many {
		o := opening(fmt.Sprint(i))
		o.Access = nil
		for j := range o.Notifications {
			o.Notifications[j].ID = fmt.Sprintf("n%d", i)
		}
		entries = append(entries, &store.Entry{Audit: record("open"), Opening: o}, &store.Entry{
			Audit: record("upload"),
			Upload: &store.Upload{
				ID: fmt.Sprint("u", i), Authority: "V999", File: fmt.Sprint("f", i), Digest: "d", At: now,
				Answer: []byte("{}"),
			},
		})
	}

	_, err := b.Commit(b.ctx, entries)
	must(t, err)

	for i := range many {
		switch id := fmt.Sprintf("n%d", i); i {
		case 0: // not delivered
		case 1:
			must(t, b.Bury(b.ctx, id, now, "refused"))
		case 2:
			must(t, b.Delivered(b.ctx, id, "r", now))
			must(t, b.Undelivered(b.ctx, id, "r", now, "not collected"))
		case 3:
			must(t, b.Delivered(b.ctx, id, "", now.Add(time.Minute)))
		default:
			must(t, b.Delivered(b.ctx, id, "", now))
		}
	}

	check := func(after time.Duration, bodies, answers int) {
		t.Helper()
		all, err := b.Notifications(b.ctx, store.NotificationQuery{})
		must(t, err)
		got := 0
		for _, n := range all {
			if len(n.Body) > 0 {
				got++
			}
		}

		if got != bodies || len(all) != many {
			t.Errorf("%s later: got %d bodies of %d notifications, want %d of %d", after, got, len(all), bodies, many)
		}

		got = 0
		for i := range many {
			u, err := b.UploadOfFile(b.ctx, "V999", fmt.Sprint("f", i))
			must(t, err)
			if u.Digest != "d" || u.ID != fmt.Sprint("u", i) {
				t.Errorf("upload without its answer: got %+v, want the other fields unchanged", u)
			}
			if len(u.Answer) > 0 {
				got++
			}
		}

		if got != answers {
			t.Errorf("%s later: got %d answers, want %d", after, got, answers)
		}
	}

	for _, c := range []struct {
		after           time.Duration
		r               store.Retention
		bodies, answers int
	}{
		{1000 * time.Hour, store.Retention{}, many, many},
		{24 * time.Hour, retention, many, many},
		{24*time.Hour + time.Microsecond, retention, 4, many},
		{48 * time.Hour, retention, 3, many},
		{48*time.Hour + time.Microsecond, retention, 3, 0},
	} {
		must(t, b.Prune(b.ctx, now.Add(c.after), c.r))
		check(c.after, c.bodies, c.answers)
	}

	for _, id := range []string{"n1", "n2"} { // with their bodies
		must(t, b.Revive(b.ctx, id, now))
	}

	mustBe(t, b.Undelivered(b.ctx, "n9", "", now, "late"), nil)
	mustBe(t, b.Revive(b.ctx, "n9", now), store.ErrNotFound) // its body has been deleted
	mustBe(t,
		b.commit(&store.Entry{Audit: record("upload"), Upload: &store.Upload{
			ID: "x", Authority: "V999", File: "f7",
			Digest: "d", At: now, Answer: []byte("{}"),
		}}),
		store.ErrUploadedBefore)

	if filled, err := b.Filled(b.ctx); err != nil || !filled {
		t.Errorf("Filled after the answers were deleted = false, error %v; want true", err)
	}
}
