// Package intake fills the hub's books from FHIR NDJSON: a resource a line.
//
// Lines are stored in batches, each kind in one transaction, and the place after each batch is kept, so that an
// intake that was cut short goes on where it was. Storing a line again changes nothing. A line that cannot be taken
// is reported by its number, without a word of what stands in it, and the others are taken.
package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"wardlight/internal/table"
)

// The bounds of an intake's memory.
const (
	batchLines = 500
	batchBytes = 8 << 20
	mostLine   = 1 << 20 // bytes; nothing that the hub keeps is near it
)

// Line is a line of a file.
type Line struct {
	Number int64 // from 1
	JSON   []byte
}

// Kind is how lines of one resource type are taken.
type Kind struct {
	// Take reads a line, and holds what it says until Flush or stores it. An error refuses this line alone, and quotes
	// nothing of it; a *StoreError ends the intake.
	Take func(ctx context.Context, line Line) error
	// Follows says that such a line belongs to the one before it: no batch ends between the two.
	Follows bool
}

// Taker takes some kinds of lines and stores them.
type Taker interface {
	// Kinds are the resource types that it takes.
	Kinds() map[string]Kind
	// Flush stores what is held, in the order of the lines: all of it or none, where the store can. What was flushed may
	// come again.
	Flush(ctx context.Context, lines Lines) error
}

// Lines are told what became of lines as they were stored. Nothing that they are told quotes anything of a line.
type Lines interface {
	// Note says of a line that was stored what whoever sent it may not expect of it, in a sentence.
	Note(line int64, sentence string)
	// Refuse says why a line was not stored, because of what is on file.
	Refuse(line int64, why error)
}

// StoreError is a store that failed at a line, which is not to blame.
type StoreError struct{ Err error }

// Error returns the store's own.
func (e *StoreError) Error() string { return e.Err.Error() }

// Unwrap returns the store's own error.
func (e *StoreError) Unwrap() error { return e.Err }

// Refused is a line that was not taken.
type Refused struct {
	File string
	Line int64
	Why  error // quotes nothing of the line
}

// Error returns the place and what is wrong.
func (r *Refused) Error() string { return fmt.Sprintf("%s:%d: %s", r.File, r.Line, r.Why) }

// Noted is a line that was taken, and what whoever sent it may not expect of it.
type Noted struct {
	File     string
	Line     int64
	Sentence string // quotes nothing of the line
}

// String returns the place and the sentence.
func (n Noted) String() string { return fmt.Sprintf("%s:%d: %s", n.File, n.Line, n.Sentence) }

// Place is how far an intake has come.
type Place struct {
	Offset  int64 `json:"offset"`  // bytes
	Lines   int64 `json:"lines"`   // up to there, empty ones too
	Taken   int64 `json:"taken"`   // of these
	Refused int64 `json:"refused"` // of these
}

// Intake takes one file.
type Intake struct {
	File   string // as it is told
	Takers []Taker
	Refuse func(*Refused)    // hears of each line that was not taken
	Note   func(Noted)       // hears of each line that was stored with a note
	Stored func(Place) error // hears of each batch once it is stored; an error ends the intake
}

// Run takes the lines of r, which begins at from, and gives the place after the last batch that was stored. When ctx
// ends it stops between two batches, with ctx's error. A last line without an end that does not read may still be
// being written: it is refused, and no place behind it is told to Stored.
func (i *Intake) Run(ctx context.Context, r io.Reader, from Place) (Place, error) {
	kinds := make(map[string]Kind)
	for _, t := range i.Takers {
		for name, k := range t.Kinds() {
			kinds[name] = k
		}
	}
	b := batch{intake: i, at: from, stored: from}
	lines := newLines(r)
	for {
		line, size, err := lines.next()
		switch {
		case errors.Is(err, io.EOF):
			return b.stored, b.flush(ctx)
		case err != nil && !errors.Is(err, errLongLine):
			return b.stored, errors.Join(fmt.Errorf("%s: %w", i.File, err), b.flush(ctx))
		}
		notUTF8 := !utf8.Valid(line)
		if notUTF8 {
			decoded, _ := table.DecodeLine(string(line))
			line = []byte(decoded)
		}
		var kind Kind
		if err == nil && len(line) > 0 {
			kind, err = kindOf(line, kinds)
		}
		if b.full(1) && kind.Take != nil && !kind.Follows || b.full(2) && kind.Take == nil {
			if err := b.flush(ctx); err != nil {
				return b.stored, err
			}
		}
		if err == nil && len(line) > 0 {
			err = kind.Take(ctx, Line{b.at.Lines + 1, line})
		}
		var failed *StoreError
		if errors.As(err, &failed) {
			return b.stored, fmt.Errorf("%s: line %d could not be stored: %w", i.File, b.at.Lines+1, failed.Err)
		}
		if err != nil && lines.unfinished {
			if stopped := b.flush(ctx); stopped != nil {
				return b.stored, stopped
			}
			b.add(size, false, err)
			return b.at, nil
		}
		b.add(size, len(line) == 0 && err == nil, err)
		if notUTF8 && err == nil {
			b.notUTF8 = append(b.notUTF8, b.at.Lines)
		}
	}
}

// noteNotUTF8 is the note of a line that JSON does not allow, and that is imported all the same (RFC 8259 section 8.1).
const noteNotUTF8 = "It is not UTF-8, and was read as Windows-1252: check its letters with accents."

// batch is what has been read and not been stored.
type batch struct {
	intake *Intake
	at     Place // of what was read
	stored Place

	notUTF8 []int64 // the lines that were read as Windows-1252
}

// full reports whether so many batches have been read and not been stored.
func (b *batch) full(batches int64) bool {
	return b.at.Lines-b.stored.Lines >= batches*batchLines || b.at.Offset-b.stored.Offset >= batches*batchBytes
}

// add counts a line.
func (b *batch) add(size int64, empty bool, err error) {
	b.at.Offset += size
	b.at.Lines++
	switch {
	case err != nil:
		b.at.Refused++
		b.intake.Refuse(&Refused{File: b.intake.File, Line: b.at.Lines, Why: err})
	case !empty:
		b.at.Taken++
	}
}

// Note reports a line that was stored.
func (b *batch) Note(line int64, sentence string) {
	b.intake.Note(Noted{File: b.intake.File, Line: line, Sentence: sentence})
}

// Refuse reports a line that had been taken to be stored, and was not.
func (b *batch) Refuse(line int64, why error) {
	b.at.Taken--
	b.at.Refused++
	b.intake.Refuse(&Refused{File: b.intake.File, Line: line, Why: why})
}

// flush stores what is held.
func (b *batch) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, t := range b.intake.Takers {
		if err := t.Flush(ctx, b); err != nil {
			return fmt.Errorf("%s: lines %d to %d could not be stored: %w", b.intake.File, b.stored.Lines+1, b.at.Lines, err)
		}
	}
	for _, line := range b.notUTF8 {
		b.Note(line, noteNotUTF8)
	}
	b.stored, b.notUTF8 = b.at, nil
	return b.intake.Stored(b.stored)
}
