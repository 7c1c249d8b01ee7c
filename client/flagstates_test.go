package client_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"wardlight/client"
)

// No flag is in any state described by the words of child protection.
func TestFlagLamp_WordsAreNotThoseOfChildProtection(t *testing.T) {
	for _, k := range append(client.FlagKinds(), "something-new") {
		for _, s := range []client.State{client.NotChecked, client.CouldNotCheck, client.NoneRecorded, client.Alert} {
			l := client.FlagLamp{Kind: k, State: s, Reason: "It is not held here."}
			all := k.Words() + " " + l.Words() + " " + l.Means() + " " + l.Name()
			if strings.Contains(strings.ToLower(all), "alert") || strings.Contains(strings.ToLower(all), "plan") {
				t.Errorf("%s, %v: %q, want no word of child protection", k, s, all)
			}
			if s != client.Alert && (l.Words() != s.String() || l.Name() != s.Name()) {
				t.Errorf("%s, %v: %q and %q, want the words of the state", k, s, l.Words(), l.Name())
			}
			if s == client.CouldNotCheck && strings.Contains(all, client.NoneRecorded.String()) {
				t.Errorf("%s: a failure reads %q", k, all)
			}
		}
	}
}

func TestLamp_After(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 11, 22, 14, minute, 0, 0, time.UTC) }
	flag := func(s client.State, minute int) client.FlagLamp {
		l := client.FlagLamp{Kind: client.ReasonableAdjustments, State: s}
		if s == client.Alert || s == client.NoneRecorded {
			l.AsOf = at(minute)
		}
		return l
	}
	lamp := func(s client.State, minute int, flags ...client.FlagLamp) client.Lamp {
		l := client.Lamp{State: s, Flags: flags}
		if l.Answered() {
			l.AsOf = at(minute)
		}
		return l
	}
	down := lamp(client.CouldNotCheck, 0)
	down.Err = errors.New("down")

	for name, c := range map[string]struct{ later, known, want client.Lamp }{
		"a flag's failure leaves child protection": {
			lamp(client.NoneRecorded, 2, flag(client.CouldNotCheck, 0)),
			lamp(client.Alert, 1, flag(client.NoneRecorded, 1)),
			lamp(client.NoneRecorded, 2, flag(client.CouldNotCheck, 0)),
		},
		"a failure of child protection leaves the flag": {
			lamp(client.CouldNotCheck, 0, flag(client.Alert, 2)), lamp(client.Alert, 1, flag(client.CouldNotCheck, 0)),
			lamp(client.Alert, 1, flag(client.Alert, 2)),
		},
		"a failure never replaces a flag": {
			lamp(client.Alert, 2, flag(client.CouldNotCheck, 0)), lamp(client.Alert, 1, flag(client.Alert, 1)),
			lamp(client.Alert, 2, flag(client.Alert, 1)),
		},
		"a failed request makes none recorded could not check": {
			down, lamp(client.NoneRecorded, 1, flag(client.NoneRecorded, 1)),
			client.Lamp{State: client.CouldNotCheck, Err: down.Err, Flags: []client.FlagLamp{{
				Kind: client.ReasonableAdjustments, State: client.CouldNotCheck, Err: down.Err,
			}}},
		},
		"a failed request leaves what is present": {
			down, lamp(client.Alert, 1, flag(client.Alert, 1)), lamp(client.Alert, 1, flag(client.Alert, 1)),
		},
		"a flag that is not presented any more": {
			lamp(client.NoneRecorded, 2), lamp(client.NoneRecorded, 1, flag(client.Alert, 1)),
			lamp(client.NoneRecorded, 2),
		},
		"an older answer": {
			lamp(client.NoneRecorded, 1, flag(client.NoneRecorded, 1)), lamp(client.Alert, 2, flag(client.Alert, 2)),
			lamp(client.Alert, 2, flag(client.Alert, 2)),
		},
		"not checked": {
			lamp(client.NotChecked, 0, flag(client.Alert, 2)), lamp(client.NotChecked, 0), lamp(client.NotChecked, 0,
				flag(client.Alert, 2)),
		},
	} {
		got := c.later.After(c.known)
		if got.State != c.want.State || !got.AsOf.Equal(c.want.AsOf) || len(got.Flags) != len(c.want.Flags) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
			continue
		}
		for i, f := range got.Flags {
			w := c.want.Flags[i]
			if f.Kind != w.Kind || f.State != w.State || !f.AsOf.Equal(w.AsOf) || !errors.Is(f.Err, w.Err) {
				t.Errorf("%s: flag %+v, want %+v", name, f, w)
			}
		}
	}
}
