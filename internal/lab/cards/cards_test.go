package cards_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"wardlight/internal/lab/cards"
	"wardlight/rbac"
)

func TestNamesPeopleAndRolesAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	once := func(what string) {
		t.Helper()
		if seen[what] {
			t.Errorf("%s occurs twice", what)
		}
		seen[what] = true
	}

	for _, c := range cards.All() {
		once(c.Name)
		once(c.UUID)
		if len(c.UUID) != 12 {
			t.Errorf("%s: UUID = %s, want 12 digits", c.Name, c.UUID)
		}
		if c.Shows == "" {
			t.Errorf("%s: Shows is empty", c.Name)
		}
		for _, r := range c.Roles {
			once(r.URID)
		}
	}
}

func TestUsableRolesOfEachCard(t *testing.T) {
	want := map[string]int{
		"nurse": 1, "clerk": 1, "doctor": 1, "traceonly": 0, "viewonly": 0, "gp": 1, "norole": 0, "multi": 1,
		"privacy": 1, "expired": 1, "revoked": 1, "locked": 1, "stranger": 1,
	}
	if len(want) != len(cards.All()) {
		t.Fatalf("got %d cards, want %d", len(cards.All()), len(want))
	}
	for _, c := range cards.All() {
		usable := 0
		for _, r := range c.Roles {
			if rbac.Usable(r) {
				usable++
			}
		}
		if usable != want[c.Name] {
			t.Errorf("%s: %d usable roles, want %d", c.Name, usable, want[c.Name])
		}
	}
}

func TestOnlyTheExpiredCardHasEnded(t *testing.T) {
	now := time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range cards.All() {
		from, to := c.Validity(now)
		if from.After(now) {
			t.Errorf("%s: valid from %s, want not in the future", c.Name, from)
		}
		if to.Before(now) != (c.Name == "expired") {
			t.Errorf("%s: valid until %s, want expired only for the card “expired”", c.Name, to)
		}
	}
}

func TestUnknownCardNamesTheCardsThereAre(t *testing.T) {
	_, err := cards.Find("porter")
	var unknown *cards.UnknownError
	if !errors.As(err, &unknown) || unknown.Name != "porter" {
		t.Fatalf("Find(%q) error = %v, want *UnknownError", "porter", err)
	}
	for _, name := range cards.Names() {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("error %q does not name %s", err, name)
		}
	}
}
