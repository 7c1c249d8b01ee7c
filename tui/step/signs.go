package step

import (
	"wardlight/client"
	"wardlight/tui/draw"
)

// Sign is an entry of the key card: a state with its sign, and what it means.
type Sign struct{ Shown, Means string }

// Signs returns the states of child protection and then the other flags, for the key card.
func Signs() []Sign {
	all := []Sign{
		{draw.SignAlert + " " + client.Alert.String(), "there is a child protection alert"},
		{
			draw.SignNoneRecorded + " " + client.NoneRecorded.String(),
			"nothing is on record, as of the time shown; that proves nothing",
		},
		{draw.SignNotChecked + " " + client.NotChecked.String(), "nobody has asked, or this hub or role does not ask"},
		{draw.SignFailed + " " + client.CouldNotCheck.String(), "there is no answer; the screen says why"},
	}
	for _, k := range client.FlagKinds() {
		f := client.FlagLamp{Kind: k, State: client.Alert}
		all = append(all, Sign{FlagSign(k) + " " + f.Words(), k.Words() + ": " + f.Means()})
	}
	return all
}
