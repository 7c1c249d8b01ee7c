package sealed

import (
	"errors"
	"fmt"

	"wardlight/internal/fault"
)

// Kind is what went wrong with a sealed file.
type Kind int

// The kinds. Their sentences, advice and support codes stand in one table, below.
const (
	Disk      Kind = iota // the file system refused
	NoKeyring             // there is no keyring, or it did not open: keep in memory and say so
	NoKey                 // there is a file, and the keyring holds no key for it
	OtherKey              // the file was sealed with another key
	Damaged               // somebody or something changed the file
	TooBig                // more than MaxSize
	Replaced              // another program of this user has put something else in the file
	Gone                  // another program of this user has removed the file
)

var table = fault.Table[Kind]{
	Disk:      fault.Row("The encrypted file could not be read or written.", "Tell support the code: the disk may be full, or the folder another user's.", "F01", "sealed_file"),
	NoKeyring: fault.Row("There is no keyring on this computer that opens, so nothing is kept on its disk.", "Unlock the keyring, or finish before you quit: what is not kept is gone then.", "F10", "sealed_file"),
	NoKey:     fault.Row("The key of the encrypted file is not in this computer's keyring.", "The file was left as it is. Tell support the code.", "F20", "sealed_file"),
	OtherKey:  fault.Row("The encrypted file was made with another key.", "The file was left as it is. Tell support the code.", "F21", "sealed_file"),
	Damaged:   fault.Row("The encrypted file was changed or is damaged.", "The file was left as it is. Tell support the code.", "F22", "sealed_file"),
	TooBig:    fault.Row("That is too much for one encrypted file.", "Finish some of it first.", "F30", "sealed_file"),
	Replaced:  fault.Row("Another Wardlight of yours keeps something else in this place, so this is only in memory.", "Finish it before you quit, or close the other one.", "F31", "sealed_file"),
	Gone:      fault.Row("Another Wardlight of yours has removed this from the disk, so it is only in memory.", "Finish it before you quit: what is not kept is gone then.", "F32", "sealed_file"),
}

// Kinds lists every kind in the order of its support code, for the runbook and for tests that leave none out.
func Kinds() []Kind { return table.Kinds() }

// Error is a failure of a sealed file.
type Error struct {
	Kind   Kind
	Detail string // replaces the table's sentence where more is known
	Err    error  // the cause, for support
}

// Error returns the user's sentence with the support code.
func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Sentence(), e.Code()) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Sentence returns what to tell the user.
func (e *Error) Sentence() string {
	if e.Detail != "" {
		return e.Detail
	}
	return table[e.Kind].Sentence
}

// Advice returns what the user can do now.
func (e *Error) Advice() string { return table[e.Kind].Advice }

// Name returns the name of all kinds in documents for programs.
func (e *Error) Name() string { return table[e.Kind].Name }

// Class returns the keyring's where that does not open.
func (e *Error) Class() fault.Class {
	if e.Kind == NoKeyring {
		return fault.Keyring
	}
	return fault.Other
}

// Code returns what support asks for.
func (e *Error) Code() string { return table[e.Kind].Code }

// KindOf returns the kind of a sealed file's error anywhere in err's chain, and Disk for any other error.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Disk
}

// Unreadable reports whether a file is there that this computer's key does not open: SetAside makes room for a new one.
func Unreadable(err error) bool {
	switch KindOf(err) {
	case NoKey, OtherKey, Damaged:
		return err != nil
	default:
		return false
	}
}
