package worklist

import (
	"slices"

	"wardlight/client"
)

// Flag is the state of a flag other than child protection. Its details are shown on the patient's own screen only.
type Flag struct {
	Kind  client.FlagKind
	State client.State
}

// Flags are the flags of a patient that are known to this version, in the order of [client.FlagKinds]. Those without a
// Kind are not presented. It is an array, so that answers can be compared.
type Flags [2]Flag

// flagsOf returns the states of the flags of a lamp.
func flagsOf(l client.Lamp) Flags {
	var flags Flags
	for i, k := range client.FlagKinds() {
		for _, f := range l.Flags {
			if f.Kind == k {
				flags[i] = Flag{Kind: k, State: f.State}
			}
		}
	}
	return flags
}

// All returns the flags that are presented.
func (f Flags) All() []Flag {
	return slices.DeleteFunc(slices.Clone(f[:]), func(f Flag) bool { return f.Kind == "" })
}

// Noted returns the flags that a row mentions: those that are present, and those that could not be checked.
func (f Flags) Noted() []Flag {
	return slices.DeleteFunc(f.All(), func(f Flag) bool {
		return f.State != client.Alert && f.State != client.CouldNotCheck
	})
}

// Lamp returns the flag as a lamp, for its words.
func (f Flag) Lamp() client.FlagLamp { return client.FlagLamp{Kind: f.Kind, State: f.State} }

// words returns the flag as a sentence.
func (f Flag) words() string { return f.Kind.Words() + ": " + f.Lamp().Words() + "." }

// savedFlag is a flag of a saved list.
type savedFlag struct {
	Kind  client.FlagKind `json:"kind"`
	State string          `json:"state"`
}

// save returns the flags for a saved list.
func (f Flags) save() []savedFlag {
	var saved []savedFlag
	for _, f := range f.All() {
		saved = append(saved, savedFlag{f.Kind, f.Lamp().Name()})
	}
	return saved
}

// readFlags returns the flags of a saved list. Flags and states that are not known are not checked.
func readFlags(saved []savedFlag) Flags {
	var lamp client.Lamp
	for _, f := range saved {
		l := client.FlagLamp{Kind: f.Kind}
		for _, s := range []client.State{client.Alert, client.NoneRecorded, client.CouldNotCheck} {
			if (client.FlagLamp{State: s}).Name() == f.State {
				l.State = s
			}
		}
		lamp.Flags = append(lamp.Flags, l)
	}
	return flagsOf(lamp)
}
