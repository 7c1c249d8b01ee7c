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

// storeAndLoad seals a session and converts it to bytes and back, as a keyring would.
func storeAndLoad(t *testing.T, s *client.Session) client.Sealed {
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

func TestResume(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	before := signIn(t, dial(t, hub))
	after, err := dial(t, hub).Resume(storeAndLoad(t, before))
	if err != nil {
		t.Fatal(err)
	}

	if after.Person() != before.Person() || !reflect.DeepEqual(after.Roles(), before.Roles()) ||
		!after.Ends().Equal(before.Ends()) {
		t.Errorf("Resume: got %+v with roles %+v until %v, want the original session's",
			after.Person(), after.Roles(), after.Ends())
	}

	as, err := after.As("999000000222")
	if err != nil {
		t.Fatal(err)
	}

	if lamp := as.Lamp(t.Context(), hubtest.WithAlert); lamp.State != client.Alert {
		t.Errorf("Lamp of the resumed session = %+v, want an alert", lamp)
	}

	if err := after.Revoke(t.Context()); err != nil || hub.LiveSessions() != 0 {
		t.Errorf("Revoke: got error %v and %d live sessions, want none", err, hub.LiveSessions())
	}
}

func TestResume_Refused(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	sealed := storeAndLoad(t, signIn(t, dial(t, hub)))
	if _, err := dial(t, hubtest.New(t, at(noon))).Resume(sealed); err == nil || len(hub.Requests("")) != 2 {
		t.Errorf("Resume at another hub: got error %v, want one, and no request", err)
	}
	late := func(c *client.Config) { c.Clock = at(noon.Add(8 * time.Hour)) }
	if _, err := dial(t, hub, late).Resume(sealed); err == nil {
		t.Error("Resume of an ended session succeeded, want an error")
	}
	if _, err := dial(t, hub).Resume(client.Sealed{}); err == nil {
		t.Error("Resume of a session without a key succeeded, want an error")
	}
	if err := new(client.Sealed).UnmarshalBinary([]byte(`{"token": 7`)); err == nil ||
		strings.Contains(err.Error(), "token") {
		t.Errorf("UnmarshalBinary of malformed bytes: got error %v, want one without their content", err)
	}
}

func TestASealedSessionShowsNothing(t *testing.T) {
	s := signIn(t, dial(t, hubtest.New(t, at(noon))))
	sealed := storeAndLoad(t, s)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb, sealed); got != "(sealed session)" {
			t.Errorf("Sprintf(%q, sealed) = %s, want (sealed session)", verb, got)
		}
	}
	if b, err := json.Marshal(map[string]any{"s": sealed}); err == nil {
		t.Errorf("json.Marshal of a sealed session = %s, want an error", b)
	}
}
