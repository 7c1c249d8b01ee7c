package tui

import (
	"wardlight/client"
	"wardlight/internal/nhs"
)

// lampOf returns the lamp of patient n with a state of child protection and other flags.
func lampOf(n nhs.Number, s client.State, flags ...client.FlagLamp) client.Lamp {
	l := client.Lamp{Number: n, State: s, Flags: flags, RequestID: "r-lamp"}
	switch {
	case l.Answered():
		l.AsOf = start()
	case s == client.CouldNotCheck:
		l.Err = &client.Error{Kind: client.TimedOut}
	}
	return l
}

// flagged returns the lamp of a flag that is present, with what the role may see of it.
func flagged(k client.FlagKind, details ...string) client.FlagLamp {
	return client.FlagLamp{Kind: k, State: client.Alert, AsOf: start(), Details: details}
}
