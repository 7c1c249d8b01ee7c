package sealed

import (
	"errors"
	"fmt"

	"wardlight/internal/fault"
)

// Kind is the kind of an error of a sealed file.
type Kind int

// The kinds. Their sentences, advice and support codes are in the table below.
const (
	Disk      Kind = iota // an error of the file system
	NoKeyring             // there is no keyring, or it can't be unlocked; the caller keeps the data in memory only
	NoKey                 // there is a file, but no key for it in the keyring
	OtherKey              // the file was encrypted with another key
	Damaged               // the file was changed
	TooBig                // larger than MaxSize
	Replaced              // another process of this user has replaced the contents of the file
	Removed               // another process of this user has removed the file
)

var table = fault.Table[Kind]{
	Disk: fault.Row("The encrypted file could not be read or written.", "Tell support the code: the disk may "+
		"be full, or the folder another user's.", "F01", "sealed_file"),
	NoKeyring: fault.Row("There is no keyring on this computer that opens, so nothing is kept on its disk.",
		"Unlock the keyring, or finish before you quit: what is not kept is gone then.", "F10", "sealed_file"),
	NoKey: fault.Row("The key of the encrypted file is not in this computer's keyring.",
		"The file was left as it is. Tell support the code.", "F20", "sealed_file"),
	OtherKey: fault.Row("The encrypted file was made with another key.",
		"The file was left as it is. Tell support the code.", "F21", "sealed_file"),
	Damaged: fault.Row("The encrypted file was changed or is damaged.",
		"The file was left as it is. Tell support the code.", "F22", "sealed_file"),
	TooBig: fault.Row("That is too much for one encrypted file.", "Finish some of it first.", "F30", "sealed_file"),
	Replaced: fault.Row("Another Wardlight of yours keeps something else in this place, so this is only in memory.",
		"Finish it before you quit, or close the other one.", "F31", "sealed_file"),
	Removed: fault.Row("Another Wardlight of yours has removed this from the disk, so it is only in memory.",
		"Finish it before you quit: what is not kept is gone then.", "F32", "sealed_file"),
}

// Kinds returns all kinds in the order of their support codes, for the runbook and for tests.
func Kinds() []Kind { return table.Kinds() }

// Error is an error of a sealed file.
type Error struct {
	Kind   Kind
	Detail string // replaces the sentence of the kind if more is known
	Err    error  // the cause, for support
}

// Error returns the sentence and the support code.
func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Sentence(), e.Code()) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Sentence returns the problem.
func (e *Error) Sentence() string {
	if e.Detail != "" {
		return e.Detail
	}
	return table[e.Kind].Sentence
}

// Advice returns what the user can do.
func (e *Error) Advice() string { return table[e.Kind].Advice }

// Name returns the name used in JSON output, which all kinds share.
func (e *Error) Name() string { return table[e.Kind].Name }

// Class returns fault.Keyring for NoKeyring, and fault.Other otherwise.
func (e *Error) Class() fault.Class {
	if e.Kind == NoKeyring {
		return fault.Keyring
	}
	return fault.Other
}

// Code returns the support code.
func (e *Error) Code() string { return table[e.Kind].Code }

// KindOf returns the kind of the first *[Error] in err's chain, or Disk if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Disk
}

// Unreadable reports whether err means that the file exists and can't be decrypted. Use RenameUnreadable to replace
// such a file.
func Unreadable(err error) bool {
	switch KindOf(err) {
	case NoKey, OtherKey, Damaged:
		return err != nil
	default:
		return false
	}
}
