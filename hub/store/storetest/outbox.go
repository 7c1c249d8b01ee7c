package storetest

import (
	"slices"
	"testing"
	"time"

	"wardlight/hub/store"
)

// put stores an opening that notifies the authorities, one after another.
func (b *bench) put(requestID string, authorities ...string) {
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

func (b *bench) claim(at time.Time) []string {
	b.t.Helper()
	claimed, err := b.ClaimNotifications(b.ctx, at, time.Minute, 10)
	must(b.t, err)
	var ids []string
	for _, n := range claimed {
		ids = append(ids, n.ID)
	}
	return ids
}

func (b *bench) claims(at time.Time, want ...string) {
	b.t.Helper()
	if got := b.claim(at); !slices.Equal(got, want) {
		b.t.Errorf("claimed %v, want %v", got, want)
	}
}

func outboxKeepsOrder(t *testing.T, b *bench) {
	b.put("1", "V1", "V2")
	b.put("2", "V1")
	b.put("3", "V2")
	b.claims(now.Add(-time.Second))
	b.claims(now, "1V1", "1V2")
	must(t, b.Delivered(b.ctx, "1V2", now))
	must(t, b.Failed(b.ctx, "1V1", now.Add(time.Hour), "down"))
	b.claims(now, "3V2") // V1 waits for its first, V2 goes on
	must(t, b.Delivered(b.ctx, "3V2", now))
	if due, waits, err := b.NextDue(b.ctx); err != nil || !waits || !due.Equal(now.Add(time.Hour)) {
		t.Errorf("next due %v, %v, %v", due, waits, err)
	}
	b.claims(now.Add(time.Hour), "1V1")
	must(t, b.Delivered(b.ctx, "1V1", now))
	b.claims(now, "2V1")
	must(t, b.Delivered(b.ctx, "2V1", now))
	b.claims(now.Add(24 * time.Hour))
	if _, waits, err := b.NextDue(b.ctx); err != nil || waits {
		t.Errorf("something waits: %v", err)
	}
}

func outboxIsLeased(t *testing.T, b *bench) {
	b.put("1", "V1")
	b.put("2", "V1")
	b.claims(now, "1V1")
	b.claims(now.Add(59 * time.Second))
	if due, waits, err := b.NextDue(b.ctx); err != nil || !waits || !due.Equal(now.Add(time.Minute)) {
		t.Errorf("next due %v, %v, %v", due, waits, err)
	}
	b.restart() // whoever held it is gone
	b.claims(now.Add(time.Minute), "1V1")
	must(t, b.Failed(b.ctx, "1V1", now, "down"))
	b.claims(now, "1V1") // given back
}

func outboxForgetsNothing(t *testing.T, b *bench) {
	b.put("1", "V1")
	b.claims(now, "1V1")
	must(t, b.Failed(b.ctx, "1V1", now, "down"))
	b.claims(now, "1V1")
	all, err := b.Notifications(b.ctx)
	must(t, err)
	if n := all[0]; n.Attempts != 2 || n.LastError != "down" || !n.Delivered.IsZero() {
		t.Errorf("%+v", n)
	}
	must(t, b.Delivered(b.ctx, "1V1", now.Add(time.Second)))
	if all, err = b.Notifications(b.ctx); err != nil || !all[0].Delivered.Equal(now.Add(time.Second)) || all[0].LastError != "" {
		t.Errorf("%+v, %v", all, err)
	}
	mustBe(t, b.Delivered(b.ctx, "nobody", now), store.ErrNotFound)
	mustBe(t, b.Failed(b.ctx, "nobody", now, ""), store.ErrNotFound)
}
