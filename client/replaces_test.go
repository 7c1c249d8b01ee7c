package client_test

import (
	"testing"
	"time"

	"wardlight/client"
)

func TestReplaces(t *testing.T) {
	at := func(s client.State, minute int) client.Lamp {
		return client.Lamp{State: s, AsOf: time.Unix(int64(60*minute), 0)}
	}

	failed := client.Lamp{State: client.CouldNotCheck}
	for _, c := range []struct {
		name        string
		lamp, known client.Lamp
		want        bool
	}{
		{"the first", at(client.NoneRecorded, 1), client.Lamp{}, true},
		{"a failure, first", failed, client.Lamp{}, true},
		{"an answer after a failure", at(client.NoneRecorded, 1), failed, true},
		{"a failure after a failure", failed, failed, true},
		{"a failure after none recorded", failed, at(client.NoneRecorded, 1), true},
		{"a failure after an alert", failed, at(client.Alert, 1), false},
		{"nothing after an alert", client.Lamp{}, at(client.Alert, 1), false},
		{"newer", at(client.NoneRecorded, 2), at(client.Alert, 1), true},
		{"older", at(client.NoneRecorded, 1), at(client.Alert, 2), false},
		{"an older alert", at(client.Alert, 1), at(client.NoneRecorded, 2), false},
		{"of the same time, an alert is known", at(client.NoneRecorded, 1), at(client.Alert, 1), false},
		{"an alert of the same time", at(client.Alert, 1), at(client.NoneRecorded, 1), true},
	} {
		if got := c.lamp.Supersedes(c.known); got != c.want {
			t.Errorf("%s: Replaces() = %v, want %v", c.name, got, c.want)
		}
	}
}
