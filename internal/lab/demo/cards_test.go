package demo_test

import (
	"errors"
	"testing"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/lab/cards"
)

// expected is the outcome of using a card: an error of the card or the hub, or a sign-in.
type expected struct {
	card   cardreader.Kind // error of reading the card; 0 for none
	hub    client.Kind     // error of the sign-in; 0 for none
	roles  int
	usable []string // URIDs
}

func TestEachCardDoesWhatItsTableSays(t *testing.T) {
	want := map[string]expected{
		"nurse":     {roles: 1, usable: []string{"999000000201"}},
		"clerk":     {roles: 1, usable: []string{"999000000202"}},
		"doctor":    {roles: 1, usable: []string{"999000000215"}},
		"traceonly": {roles: 1},
		"viewonly":  {roles: 1},
		"gp":        {roles: 1, usable: []string{"999000000205"}},
		"norole":    {},
		"multi":     {roles: 3, usable: []string{"999000000208"}},
		"privacy":   {roles: 1, usable: []string{"999000000214"}},
		"expired":   {card: cardreader.CertificateEnded},
		"locked":    {card: cardreader.Locked},
		"revoked":   {hub: client.CertificateRevoked},
		"stranger":  {hub: client.CertificateUntrusted},
	}

	d := start(t)
	for _, row := range cards.All() {
		t.Run(row.Name, func(t *testing.T) {
			want, ok := want[row.Name]
			if !ok {
				t.Fatal("the test has no expectation for this card")
			}

			manager := sessionsOf(t, d)
			seen, err := manager.ReadAhead(bounded(t), in(put(t, d, row.Name)))
			if seen.UUID != row.UUID || seen.Tries != row.TriesLeft() {
				t.Errorf("ReadAhead = %+v, want holder %s and %d tries left", seen, row.UUID, row.TriesLeft())
			}

			if want.card != 0 {
				if !errors.Is(err, &cardreader.Error{Kind: want.card}) {
					t.Fatalf("ReadAhead error = %v, want kind %v", err, want.card)
				}
				return
			}

			if err != nil {
				t.Fatal(err)
			}

			in, err := manager.SignIn(bounded(t), passcode(cards.Passcode))
			if want.hub != 0 {
				if !errors.Is(err, &client.Error{Kind: want.hub}) {
					t.Fatalf("SignIn error = %v, want kind %v", err, want.hub)
				}
				return
			}

			if err != nil {
				t.Fatal(err)
			}

			if in.Person.UUID != row.UUID || len(in.Roles) != want.roles {
				t.Errorf("SignIn = %s with %d roles, want %s with %d",
					in.Person.UUID, len(in.Roles), row.UUID, want.roles)
			}

			var usable []string
			for _, r := range in.Usable {
				usable = append(usable, r.URID)
			}

			if len(usable) != len(want.usable) || len(usable) == 1 && usable[0] != want.usable[0] {
				t.Errorf("usable roles = %v, want %v", usable, want.usable)
			}
		})
	}
}

func TestTriesLeftOutlastPullingTheCard(t *testing.T) {
	d := start(t)
	manager := sessionsOf(t, d)
	for left := cards.Tries - 1; left >= 0; left-- {
		if _, err := manager.ReadAhead(bounded(t), in(put(t, d, "clerk"))); err != nil {
			t.Fatal(err)
		}
		if _, err := manager.SignIn(bounded(t), passcode("000000")); err == nil {
			t.Fatal("SignIn with a wrong passcode succeeded, want error")
		}
		if got := d.Status().TriesLeft; got != left {
			t.Errorf("tries left = %d, want %d", got, left)
		}
		d.Eject()
	}
	if _, err := manager.ReadAhead(bounded(t), in(put(t, d, "clerk"))); !errors.Is(err,
		&cardreader.Error{Kind: cardreader.Locked}) {
		t.Errorf("ReadAhead after three wrong passcodes: error = %v, want kind Locked", err)
	}
}
