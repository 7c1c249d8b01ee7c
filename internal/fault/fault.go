// Package fault is the one contract of an error that a user sees: what is wrong, what to do now, the code for support,
// and a name for programs. Every package whose errors reach a user has a [Table] of its kinds, and a type that is a
// [Fault]; whoever shows an error asks for a Fault, and knows none of those packages.
package fault

import (
	"cmp"
	"errors"
	"maps"
	"slices"
)

// Fault is an error in the words of its user.
type Fault interface {
	error
	Sentence() string // what is wrong
	Advice() string   // what to do now; "" where nothing helps
	Code() string     // to be read out to support; "" where support needs none
	Name() string     // its kind in documents for programs, which stays from version to version: "card_locked"
	Class() Class     // what it is about, for the exit code of a command
}

// Class is what a fault is about, as far as a script tells faults apart.
type Class int

// The classes.
const (
	Other    Class = iota // anything else
	Usage                 // what was typed, or set
	Card                  // reader, card or passcode
	SignIn                // who may do what
	Hub                   // the hub
	NotFound              // nobody has the NHS number
	Keyring               // the keyring of the operating system
	Record                // the site's record system
	Printer               // printing
	Busy                  // screens that run and cannot be interrupted now
)

// Words are a kind of fault in words. Name is as in [Fault].
type Words struct{ Sentence, Advice, Code, Name string }

// Row returns the words of a kind, for a [Table].
func Row(sentence, advice, code, name string) Words { return Words{sentence, advice, code, name} }

// Table has the words of the kinds of one package.
type Table[K comparable] map[K]Words

// Of returns the words of a kind, and those of other where the table does not have it.
func (t Table[K]) Of(k, other K) Words {
	if w, known := t[k]; known {
		return w
	}
	return t[other]
}

// Kinds returns every kind in the order of its code, for the runbook and for tests that leave none out.
func (t Table[K]) Kinds() []K {
	return slices.SortedFunc(maps.Keys(t), func(a, b K) int { return cmp.Compare(t[a].Code, t[b].Code) })
}

// Find returns the fault in err's chain; nil where there is none.
func Find(err error) Fault {
	var f Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}
