// Package fault defines the interface of errors that users see: what is wrong, what to do, the support code, and a
// name for programs. Every package whose errors reach a user has a [Table] of its kinds and an error type that
// implements [Fault]. Code that displays errors depends only on Fault.
package fault

import (
	"cmp"
	"errors"
	"maps"
	"slices"
)

// Fault is an error with texts for users.
type Fault interface {
	error
	Sentence() string // what is wrong
	Advice() string   // what the user can do; "" if nothing helps
	Code() string     // support code; "" if none is needed
	Name() string     // kind in machine-readable output, stable between versions: "card_locked"
	Class() Class     // subject, which determines a command's exit code
}

// Class is the subject of a fault, as scripts distinguish them by the exit code.
type Class int

// The classes.
const (
	Other    Class = iota // anything else
	Usage                 // arguments or settings
	Card                  // reader, card or passcode
	SignIn                // authentication and authorisation
	Hub                   // the hub
	NotFound              // unknown NHS number
	Keyring               // the keyring of the operating system
	Record                // the site's record system
	Printer               // printing
	Busy                  // running screens that can't be interrupted
)

// Words are the texts of a kind of fault. Name is that of [Fault].
type Words struct{ Sentence, Advice, Code, Name string }

// Row returns the texts of a kind, for a [Table].
func Row(sentence, advice, code, name string) Words { return Words{sentence, advice, code, name} }

// Table maps the kinds of one package to their texts.
type Table[K comparable] map[K]Words

// Of returns the texts of a kind, or those of other if the table doesn't contain k.
func (t Table[K]) Of(k, other K) Words {
	if w, known := t[k]; known {
		return w
	}
	return t[other]
}

// Kinds returns all kinds in the order of their codes, for the runbook and for tests.
func (t Table[K]) Kinds() []K {
	return slices.SortedFunc(maps.Keys(t), func(a, b K) int { return cmp.Compare(t[a].Code, t[b].Code) })
}

// Find returns the first Fault in err's chain, or nil.
func Find(err error) Fault {
	var f Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}
