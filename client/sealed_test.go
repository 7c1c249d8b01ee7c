package client_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/client/hubtest"
)

// carry takes a session through bytes, as a keyring does.
func carry(t *testing.T, s *client.Session) client.Sealed {
	t.Helper()
	sealed, err := s.Seal()
	if err != nil {
		t.Fatal(err)
	}
	b, err := sealed.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var carried client.Sealed
	if err := carried.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	return carried
}

func TestASealedSessionGoesOnInAnotherProcess(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	before := signIn(t, dial(t, hub))
	after, err := dial(t, hub).Resume(carry(t, before))
	if err != nil {
		t.Fatal(err)
	}
	if after.Person() != before.Person() || !reflect.DeepEqual(after.Roles(), before.Roles()) || !after.Ends().Equal(before.Ends()) {
		t.Errorf("resumed as %+v with %+v until %v", after.Person(), after.Roles(), after.Ends())
	}
	as, err := after.As("999000000222")
	if err != nil {
		t.Fatal(err)
	}
	if lamp := as.Lamp(t.Context(), hubtest.WithAlert); lamp.State != client.Alert {
		t.Errorf("lamp is %+v", lamp)
	}
	if err := after.Revoke(t.Context()); err != nil || hub.Live() != 0 {
		t.Errorf("revoking gave %v, %d sessions live on", err, hub.Live())
	}
}

func TestASealedSessionIsForItsHubAndItsTimeAlone(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	sealed := carry(t, signIn(t, dial(t, hub)))
	if _, err := dial(t, hubtest.New(t, at(noon))).Resume(sealed); err == nil || len(hub.Requests("")) != 2 {
		t.Errorf("taken up by another hub: %v", err)
	}
	late := func(c *client.Config) { c.Clock = at(noon.Add(8 * time.Hour)) }
	if _, err := dial(t, hub, late).Resume(sealed); err == nil {
		t.Error("taken up after its end")
	}
	if _, err := dial(t, hub).Resume(client.Sealed{}); err == nil {
		t.Error("taken up without a key")
	}
	if err := new(client.Sealed).UnmarshalBinary([]byte(`{"token": 7`)); err == nil || strings.Contains(err.Error(), "token") {
		t.Errorf("rubbish gave %v", err)
	}
}

func TestASealedSessionShowsNothing(t *testing.T) {
	s := signIn(t, dial(t, hubtest.New(t, at(noon))))
	sealed := carry(t, s)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb, sealed); got != "(sealed session)" {
			t.Errorf("%s shows %s", verb, got)
		}
	}
	if b, err := json.Marshal(map[string]any{"s": sealed}); err == nil {
		t.Errorf("JSON shows %s", b)
	}
}
