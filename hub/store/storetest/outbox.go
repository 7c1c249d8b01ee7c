package storetest

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"wardlight/hub/store"
)

// put stores an opening with a notification for each of the authorities, in order.
func (b *fixture) put(requestID string, authorities ...string) {
	b.t.Helper()
	o := opening(requestID)
	o.Notifications = nil
	for _, a := range authorities {
		must(b.t, b.PutAuthority(b.ctx, authority(a)))
		o.Notifications = append(o.Notifications, store.Notification{
			ID: requestID + a, Authority: a, Body: []byte("body"), Created: now, NextAttempt: now,
		})
	}
	must(b.t, b.commit(&store.Entry{Audit: record("open"), Opening: o}))
}

func (b *fixture) claim(at time.Time) []string {
	b.t.Helper()
	claimed, err := b.ClaimNotifications(b.ctx, at, time.Minute, 10)
	must(b.t, err)
	var ids []string
	for _, n := range claimed {
		ids = append(ids, n.ID)
	}
	return ids
}

func (b *fixture) claims(at time.Time, want ...string) {
	b.t.Helper()
	if got := b.claim(at); !slices.Equal(got, want) {
		b.t.Errorf("claimed %v, want %v", got, want)
	}
}

func outboxIsInOrder(t *testing.T, b *fixture) {
	b.put("1", "V1", "V2")
	b.put("2", "V1")
	b.put("3", "V2")
	b.claims(now.Add(-time.Second))
	b.claims(now, "1V1", "1V2")
	must(t, b.Delivered(b.ctx, "1V2", "", now))
	must(t, b.Failed(b.ctx, "1V1", now.Add(time.Hour), "down"))
	b.claims(now, "3V2") // V1 waits for its first one; V2 continues
	must(t, b.Delivered(b.ctx, "3V2", "", now))
	if due, waits, err := b.NextDue(b.ctx); err != nil || !waits || !due.Equal(now.Add(time.Hour)) {
		t.Errorf("NextDue = %v, %v, %v; want in an hour", due, waits, err)
	}

	b.claims(now.Add(time.Hour), "1V1")
	must(t, b.Delivered(b.ctx, "1V1", "", now))
	b.claims(now, "2V1")
	must(t, b.Delivered(b.ctx, "2V1", "", now))
	b.claims(now.Add(24 * time.Hour))
	if _, waits, err := b.NextDue(b.ctx); err != nil || waits {
		t.Errorf("NextDue reports a waiting notification, error %v; want none", err)
	}
}

func outboxIsClaimed(t *testing.T, b *fixture) {
	b.put("1", "V1")
	b.put("2", "V1")
	b.claims(now, "1V1")
	b.claims(now.Add(59 * time.Second))
	if due, waits, err := b.NextDue(b.ctx); err != nil || !waits || !due.Equal(now.Add(time.Minute)) {
		t.Errorf("NextDue = %v, %v, %v; want in a minute", due, waits, err)
	}
	b.restart() // the hub with the claim has crashed
	b.claims(now.Add(time.Minute), "1V1")
	must(t, b.Failed(b.ctx, "1V1", now, "down"))
	b.claims(now, "1V1") // released
}

// A hub's clock was a day ahead and has been set right.
func aClockThatWasAheadDelaysNothing(t *testing.T, b *fixture) {
	ahead := now.Add(24 * time.Hour)
	b.put("1", "V1", "V2", "V3")
	b.claims(ahead, "1V1", "1V2", "1V3")
	must(t, b.Failed(b.ctx, "1V1", ahead.Add(time.Minute), "down"))
	must(t, b.Delivered(b.ctx, "1V3", "", ahead))
	b.claims(now, "1V1", "1V2") // one with an attempt tomorrow, and one that is claimed until then
	b.claims(now.Add(-time.Minute))
	must(t, b.Failed(b.ctx, "1V1", now.Add(store.MaxWait), "down"))
	b.claims(now.Add(time.Second))
}

func outboxForgetsNothing(t *testing.T, b *fixture) {
	b.put("1", "V1")
	b.claims(now, "1V1")
	must(t, b.Failed(b.ctx, "1V1", now, "down"))
	b.claims(now, "1V1")
	all, err := b.Notifications(b.ctx, store.NotificationQuery{})
	must(t, err)
	if n := all[0]; n.Attempts != 2 || n.LastError != "down" || !n.Delivered.IsZero() {
		t.Errorf("after a failure: got %+v, want 2 attempts and the error", n)
	}

	must(t, b.Delivered(b.ctx, "1V1", "", now.Add(time.Second)))
	if all, err = b.Notifications(b.ctx, store.NotificationQuery{}); err != nil ||
		!all[0].Delivered.Equal(now.Add(time.Second)) || all[0].LastError != "" {
		t.Errorf("after delivery: got %+v, error %v; want it delivered without an error", all, err)
	}

	b.put("2", "V2")
	n, err := b.Notification(b.ctx, "1V1")
	must(t, err)
	if !reflect.DeepEqual(n, all[0]) {
		t.Errorf("Notification = %+v, Notifications returned %+v; want the same", n, all[0])
	}

	for _, id := range []string{"nobody", "", "1V", "1V1\x00", "1v1"} {
		_, err = b.Notification(b.ctx, id)
		mustBe(t, err, store.ErrNotFound)
	}

	mustBe(t, b.Delivered(b.ctx, "nobody", "", now), store.ErrNotFound)
	mustBe(t, b.Failed(b.ctx, "nobody", now, ""), store.ErrNotFound)
}

func buriedDelaysNobody(t *testing.T, b *fixture) {
	b.put("1", "V1")
	b.put("2", "V1")
	b.put("3", "V1")
	b.claims(now, "1V1")
	must(t, b.Bury(b.ctx, "1V1", now.Add(time.Second), "gone"))
	mustBe(t, b.Bury(b.ctx, "1V1", now, "again"), store.ErrNotFound)
	b.backlog(store.Backlog{Waiting: 2, Buried: 1, Oldest: now})
	b.claims(now, "2V1")
	must(t, b.Delivered(b.ctx, "2V1", "", now))
	mustBe(t, b.Bury(b.ctx, "2V1", now, "delivered"), store.ErrNotFound)
	buried, err := b.Notifications(b.ctx, store.NotificationQuery{State: store.Buried})
	must(t, err)
	if len(buried) != 1 || buried[0].ID != "1V1" || !buried[0].Buried.Equal(now.Add(time.Second)) ||
		buried[0].LastError != "gone" || buried[0].State() != store.Buried {
		t.Errorf("buried notifications: got %+v, want 1V1 with the error", buried)
	}

	mustBe(t, b.Revive(b.ctx, "2V1", now), store.ErrNotFound)
	must(t, b.Revive(b.ctx, "1V1", now))
	b.claims(now, "1V1") // it is before the third again
	revived, err := b.Notifications(b.ctx, store.NotificationQuery{State: store.Waiting, Limit: 1})
	must(t, err)
	if len(revived) != 1 || revived[0].ID != "1V1" || revived[0].Attempts != 1 {
		t.Errorf("first waiting notification: got %+v, want 1V1 with one attempt", revived)
	}

	must(t, b.Delivered(b.ctx, "1V1", "", now))
	b.claims(now, "3V1")
	must(t, b.Delivered(b.ctx, "3V1", "", now))
	b.backlog(store.Backlog{})
}

func undeliveredStays(t *testing.T, b *fixture) {
	b.put("1", "V1")
	b.put("2", "V1")
	mustBe(t, b.Undelivered(b.ctx, "1V1", "", now, "it waits"), store.ErrNotFound)
	b.claims(now, "1V1")
	must(t, b.Delivered(b.ctx, "1V1", "first", now))
	mustBe(t, b.Undelivered(b.ctx, "nobody", "first", now, ""), store.ErrNotFound)
	mustBe(t, b.Undelivered(b.ctx, "1V1", "another", now, "of another sending"), store.ErrNotFound)
	reported := now.Add(5 * 24 * time.Hour)
	must(t, b.Undelivered(b.ctx, "1V1", "first", reported, "14: not collected"))
	mustBe(t, b.Undelivered(b.ctx, "1V1", "first", reported.Add(time.Second), "again"), store.ErrNotFound)
	mustBe(t, b.Bury(b.ctx, "1V1", now, "undelivered"), store.ErrNotFound)
	b.backlog(store.Backlog{Waiting: 1, Undelivered: 1, Oldest: now})
	b.restart()
	listed, err := b.Notifications(b.ctx, store.NotificationQuery{State: store.Undelivered})
	must(t, err)
	if len(listed) != 1 {
		t.Fatalf("got %d undelivered notifications, want 1", len(listed))
	}

	if n := listed[0]; n.ID != "1V1" || n.State() != store.Undelivered || !n.Undelivered.Equal(reported) ||
		n.Receipt != "first" ||
		n.LastError != "14: not collected" || !n.Delivered.Equal(now) {
		t.Errorf("got undelivered notification %+v, want 1V1 with the report", n)
	}

	for receipt, want := range map[string]int{"first": 1, "another": 0, "First": 0} {
		if listed, err = b.Notifications(b.ctx, store.NotificationQuery{Receipt: receipt}); err != nil ||
			len(listed) != want {
			t.Errorf("receipt %s: got %+v, error %v; want %d notifications", receipt, listed, err, want)
		}
	}

	for _, state := range []store.NotificationState{store.Delivered, store.Buried} {
		if listed, err = b.Notifications(b.ctx, store.NotificationQuery{State: state}); err != nil || len(listed) != 0 {
			t.Errorf("state %s: got %+v, error %v; want none", state, listed, err)
		}
	}

	b.claims(reported, "2V1") // it doesn't delay later ones
	must(t, b.Delivered(b.ctx, "2V1", "second", reported))

	must(t, b.Revive(b.ctx, "1V1", reported))
	mustBe(t, b.Revive(b.ctx, "1V1", reported), store.ErrNotFound)
	mustBe(t, b.Undelivered(b.ctx, "1V1", "first", reported, "the report again"), store.ErrNotFound)
	b.backlog(store.Backlog{Waiting: 1, Oldest: now})
	b.claims(reported, "1V1")
	must(t, b.Delivered(b.ctx, "1V1", "third", reported))
	mustBe(t, b.Undelivered(b.ctx, "1V1", "first", reported, "of the sending before"), store.ErrNotFound)
	n, err := b.Notification(b.ctx, "1V1")
	must(t, err)
	if n.State() != store.Delivered || n.Receipt != "third" || n.LastError != "" || n.Attempts != 1 {
		t.Errorf("got %+v, want it delivered with receipt \"third\"", n)
	}

	b.backlog(store.Backlog{})
}

func (b *fixture) backlog(want store.Backlog) {
	b.t.Helper()
	if got, err := b.Backlog(b.ctx); err != nil || got.Waiting != want.Waiting || got.Buried != want.Buried ||
		got.Undelivered != want.Undelivered || !got.Oldest.Equal(want.Oldest) {
		b.t.Errorf("Backlog = %+v, %v; want %+v", got, err, want)
	}
}

func notificationsAreListed(t *testing.T, b *fixture) {
	for i, id := range []string{"1", "2", "3", "4"} {
		o := opening(id)
		code := []string{"V1", "V2"}[i%2]
		must(t, b.PutAuthority(b.ctx, authority(code)))
		o.Notifications = []store.Notification{{
			ID: id, Authority: code, Body: []byte("body"),
			Created: now.Add(time.Duration(i) * time.Hour), NextAttempt: now,
		}}
		must(t, b.commit(&store.Entry{Audit: record("open"), Opening: o}))
	}

	must(t, b.Delivered(b.ctx, "1", "", now))
	all, err := b.Notifications(b.ctx, store.NotificationQuery{})
	must(t, err)

	for name, c := range map[string]struct {
		q    store.NotificationQuery
		want []string
	}{
		"all":               {store.NotificationQuery{}, []string{"1", "2", "3", "4"}},
		"of one authority":  {store.NotificationQuery{Authority: "V1"}, []string{"1", "3"}},
		"of none":           {store.NotificationQuery{Authority: "V3"}, nil},
		"waiting":           {store.NotificationQuery{State: store.Waiting}, []string{"2", "3", "4"}},
		"delivered":         {store.NotificationQuery{State: store.Delivered}, []string{"1"}},
		"from, included":    {store.NotificationQuery{From: now.Add(2 * time.Hour)}, []string{"3", "4"}},
		"to, not included":  {store.NotificationQuery{To: now.Add(2 * time.Hour)}, []string{"1", "2"}},
		"a page":            {store.NotificationQuery{Limit: 2}, []string{"1", "2"}},
		"the page after it": {store.NotificationQuery{After: all[1].Ordinal, Limit: 2}, []string{"3", "4"}},
		"all at once": {store.NotificationQuery{
			Authority: "V2", State: store.Waiting, From: now,
			To: now.Add(2 * time.Hour), Limit: 5,
		}, []string{"2"}},
	} {
		got, err := b.Notifications(b.ctx, c.q)
		must(t, err)
		var ids []string
		for _, n := range got {
			ids = append(ids, n.ID)
		}
		if !slices.Equal(ids, c.want) {
			t.Errorf("%s: got %v, want %v", name, ids, c.want)
		}
	}
}
