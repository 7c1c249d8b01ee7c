package hub_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/hub/identity"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
)

const (
	pulled       = "/la/notifications"
	pullSecret   = "wlla_an-authoritys-secret"
	othersSecret = "wlla_another-authoritys-secret"
)

// pulling returns a bench with credentials for two authorities.
func pulling(t *testing.T) *fixture {
	t.Helper()
	b := newFixture(t)
	for code, secret := range map[string]string{"V999": pullSecret, "V998": othersSecret} {
		must(t, b.sqlite.PutCredential(t.Context(), store.Credential{
			Authority: code, Hash: identity.HashSecret(secret),
			Created: start,
		}))
	}
	return b
}

// pull requests an authority's notifications.
func (b *fixture) pull(code, secret string, query url.Values) response {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.server.URL+pulled+"?"+query.Encode(), nil)
	must(b.t, err)
	req.SetBasicAuth(code, secret)
	resp, err := http.DefaultClient.Do(req)
	must(b.t, err)
	defer resp.Body.Close() //nolint:errcheck // the body was only read
	body, err := io.ReadAll(resp.Body)
	must(b.t, err)
	return response{status: resp.StatusCode, header: resp.Header, body: string(body)}
}

func (b *fixture) pulledIDs(code, secret string, query url.Values) (ids []string, set fhir.Bundle) {
	b.t.Helper()
	r := b.pull(code, secret, query)
	if r.status != http.StatusOK {
		b.t.Fatalf("pull: got status %d, body %s; want 200", r.status, r.body)
	}
	must(b.t, json.Unmarshal([]byte(r.body), &set))
	for _, e := range set.Entry {
		var message fhir.Bundle
		must(b.t, json.Unmarshal(e.Resource, &message))
		if message.Type != "message" || e.FullURL != "urn:uuid:"+message.ID {
			b.t.Errorf("entry %s: got a bundle of type %s, want a message with that ID", e.FullURL, message.Type)
		}
		ids = append(ids, message.ID)
	}
	return ids, set
}

func TestAnAuthorityPullsItsOwnNotifications(t *testing.T) {
	b := pulling(t)
	if ids, set := b.pulledIDs("V999", pullSecret, nil); len(ids) != 0 || set.Total == nil || *set.Total != 0 {
		t.Fatalf("pull before any opening: got %v, want none", ids)
	}

	x := b.signIn()
	for range 5 {
		x.get(nurse, careTeam, about(tess)) // one notification each for V999 and V998
		b.clock.Add(time.Minute)
	}

	all, err := b.sqlite.Notifications(t.Context(), store.NotificationQuery{Authority: "V999"})
	must(t, err)
	want := make([]string, len(all))
	for i, n := range all {
		want[i] = n.ID
	}

	must(t, b.sqlite.Delivered(t.Context(), want[0], "", start)) // delivered notifications are listed as well

	ids, set := b.pulledIDs("V999", pullSecret, nil)
	if !slices.Equal(ids, want) || *set.Total != 5 {
		t.Errorf("pull: got %v, total %v; want %v, total 5", ids, *set.Total, want)
	}

	others, _ := b.pulledIDs("V998", othersSecret, nil)
	if len(others) != 5 || slices.ContainsFunc(others, func(id string) bool { return slices.Contains(want, id) }) {
		t.Errorf("pull of the other authority: got %v, want 5 notifications of its own", others)
	}

	moment := func(minutes int) string { return start.Add(time.Duration(minutes) * time.Minute).Format(time.RFC3339) }
	if ids, _ := b.pulledIDs("V999", pullSecret, url.Values{"from": {moment(1)}, "to": {moment(3)}}); !slices.Equal(ids,
		want[1:3]) {
		t.Errorf("pull from minute 1 to minute 3: got %v, want %v", ids, want[1:3])
	}

	if left, err := b.sqlite.Notifications(t.Context(), store.NotificationQuery{
		Authority: "V999",
		State:     store.Waiting,
	}); err != nil || len(left) != 4 {
		t.Errorf("got %d waiting notifications after the pull, error %v; want 4", len(left), err)
	}

	last := b.trail()[len(b.trail())-1]
	if last.Action != "read notifications" || last.OrgODS != "V999" || last.Outcome != "granted" ||
		!slices.Contains(last.Patients, tess) {
		t.Errorf("last audit record: got %+v, want a granted pull of V999 with the patient", last)
	}
}

func TestNotificationsComeInPages(t *testing.T) {
	b := pulling(t)
	x := b.signIn()
	for range 5 {
		x.get(nurse, careTeam, about(tess))
	}

	var got []string
	query := url.Values{"_count": {"2"}, "from": {start.Add(-time.Hour).Format(time.RFC3339)}}
	for pages := 1; ; pages++ {
		ids, set := b.pulledIDs("V999", pullSecret, query)
		got = append(got, ids...)
		if set.Total != nil {
			t.Errorf("page %d has a total, want none", pages)
		}

		if len(set.Link) == 0 {
			if pages != 3 || len(ids) != 1 {
				t.Errorf("last page: got page %d with %d notifications, want page 3 with 1", pages, len(ids))
			}
			break
		}

		next, err := url.Parse(set.Link[0].URL)
		must(t, err)
		if len(ids) != 2 || set.Link[0].Relation != "next" || next.Path != pulled || next.Query().Get("from") == "" {
			t.Fatalf("page %d: got %d notifications and links %+v, want 2 and a next link", pages, len(ids), set.Link)
		}

		query = next.Query()
	}

	slices.Sort(got)
	if len(slices.Compact(got)) != 5 {
		t.Errorf("all pages: got %v, want 5 different notifications", got)
	}
}

func TestWhatAPullRefuses(t *testing.T) {
	b := pulling(t)
	for name, c := range map[string]struct {
		code, secret, query string
		status              int
	}{
		"another's secret":   {"V999", othersSecret, "", 401},
		"no secret":          {"V999", "", "", 401},
		"a day for a moment": {"V999", pullSecret, "from=2026-07-15", 400},
		"twice":              {"V999", pullSecret, "from=2026-07-15T13:00:00Z&from=2026-07-15T13:00:00Z", 400},
		"backwards":          {"V999", pullSecret, "from=2026-07-15T13:00:00Z&to=2026-07-14T13:00:00Z", 400},
		"a page of nothing":  {"V999", pullSecret, "_count=0", 400},
		"a page of all":      {"V999", pullSecret, "_count=501", 400},
		"a place before all": {"V999", pullSecret, "after=-1", 400},
		"somebody else's":    {"V999", pullSecret, "authority=V998", 400},
	} {
		query, err := url.ParseQuery(c.query)
		must(t, err)
		if r := b.pull(c.code, c.secret, query); r.status != c.status {
			t.Errorf("%s: got status %d, body %s; want %d", name, r.status, r.body, c.status)
		}
	}
}

// A store's failure must not return an empty list.
func TestAPullThatFailsIsNoEmptyAnswer(t *testing.T) {
	b := newFixture(t, over(func(s store.Store) store.Store { return blockedOutbox{s} }))
	must(t, b.sqlite.PutCredential(t.Context(), store.Credential{
		Authority: "V999",
		Hash:      identity.HashSecret(pullSecret), Created: start,
	}))
	if r := b.pull("V999", pullSecret, nil); r.status != http.StatusServiceUnavailable {
		t.Errorf("pull with a failing store: got status %d, body %s; want 503", r.status, r.body)
	}
}

// A panic is answered without its reason, and is recorded in the audit.
func TestAPullThatMeetsAFaultIsOnRecord(t *testing.T) {
	b := newFixture(t, over(func(s store.Store) store.Store { return brokenOutbox{s} }))
	must(t, b.sqlite.PutCredential(t.Context(), store.Credential{
		Authority: "V999",
		Hash:      identity.HashSecret(pullSecret), Created: start,
	}))
	if r := b.pull("V999", pullSecret, nil); r.status != http.StatusInternalServerError ||
		strings.Contains(r.body, "a fault") {
		t.Errorf("pull with a panicking store: got status %d, body %s; want 500 without the reason", r.status, r.body)
	}
	all := b.trail()
	if len(all) != 1 || all[0].Action != "read notifications" || all[0].Outcome != "failed" || all[0].OrgODS != "V999" {
		t.Errorf("got audit records %+v, want one with outcome failed", all)
	}
}

type brokenOutbox struct{ store.Store }

func (brokenOutbox) Notifications(context.Context, store.NotificationQuery) ([]store.Notification, error) {
	panic("a fault")
}

type blockedOutbox struct{ store.Store }

func (blockedOutbox) Notifications(context.Context, store.NotificationQuery) ([]store.Notification, error) {
	return nil, fmt.Errorf("no answer")
}
