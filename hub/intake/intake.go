// Package intake imports FHIR NDJSON, with one resource a line, into the hub's store.
//
// Lines are stored in batches, each kind of them in one transaction, and the position after each batch is saved, so
// that an interrupted import can be continued. Storing a line again changes nothing. A line that can't be imported is
// reported by its number, without its contents, and the import continues.
package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"wardlight/internal/table"
)

// Limits of an import's memory.
const (
	batchLines   = 500
	batchBytes   = 8 << 20
	maxLineBytes = 1 << 20 // bytes; longer than any valid resource
)

// Line is a line of a file.
type Line struct {
	Number int64 // from 1
	JSON   []byte
}

// Kind defines how lines of one resource type are imported.
type Kind struct {
	// Take decodes a line, and stores its contents or keeps them until Flush. An error refuses only this line and must
	// not quote it. A *[StoreError] ends the import.
	Take func(ctx context.Context, line Line) error
	// Follows reports that such a line belongs to the one before it. No batch ends between the two.
	Follows bool
}

// Importer imports some kinds of lines.
type Importer interface {
	// Kinds returns the resource types that it imports.
	Kinds() map[string]Kind
	// Flush stores the pending contents in the order of the lines, all or none if the store supports it. The same
	// contents may be stored again.
	Flush(ctx context.Context, lines Lines) error
}

// Lines receives the results of lines as they are stored. Texts must not quote the line.
type Lines interface {
	// Note reports a remark about a stored line, in a sentence.
	Note(line int64, sentence string)
	// Refuse reports that a line was not stored, because of data in the store.
	Refuse(line int64, why error)
}

// StoreError is a failure of the store. It is no error in the line.
type StoreError struct{ Err error }

// Error returns the store's error.
func (e *StoreError) Error() string { return e.Err.Error() }

// Unwrap returns the store's error.
func (e *StoreError) Unwrap() error { return e.Err }

// Refused is a line that was not imported.
type Refused struct {
	File string
	Line int64
	Why  error // doesn't quote the line
}

// Error returns the file, the line and the reason.
func (r *Refused) Error() string { return fmt.Sprintf("%s:%d: %s", r.File, r.Line, r.Why) }

// Noted is a remark about an imported line.
type Noted struct {
	File     string
	Line     int64
	Sentence string // doesn't quote the line
}

// String returns the file, the line and the sentence.
func (n Noted) String() string { return fmt.Sprintf("%s:%d: %s", n.File, n.Line, n.Sentence) }

// Position is a position in a file, with the counts of lines up to it.
type Position struct {
	Offset  int64 `json:"offset"`  // in bytes
	Lines   int64 `json:"lines"`   // all lines, including empty ones
	Taken   int64 `json:"taken"`   // imported lines
	Refused int64 `json:"refused"` // refused lines
}

// Intake imports one file.
type Intake struct {
	File   string // the file's name in messages
	Takers []Importer
	Refuse func(*Refused)       // is called for each refused line
	Note   func(Noted)          // is called for each stored line with a remark
	Stored func(Position) error // is called after each stored batch; an error ends the import
}

// Run imports the lines of r, which starts at from, and returns the position after the last stored batch. When ctx
// ends, it stops between two batches and returns ctx's error. If the last line has no line end and is malformed, it
// may still be in the process of being written: it is refused, and the position passed to Stored is before it.
func (i *Intake) Run(ctx context.Context, r io.Reader, from Position) (Position, error) {
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

// noteNotUTF8 is the remark for a line that isn't UTF-8. JSON requires it (RFC 8259 section 8.1), but the line is
// imported.
const noteNotUTF8 = "It is not UTF-8 and was read as Windows-1252: check its accented letters."

// batch is what has been read and not yet stored.
type batch struct {
	intake *Intake
	at     Position // the position after what was read
	stored Position

	notUTF8 []int64 // lines that were read as Windows-1252
}

// full reports whether at least that many batches have been read and not yet stored.
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

// Note reports a remark about a stored line.
func (b *batch) Note(line int64, sentence string) {
	b.intake.Note(Noted{File: b.intake.File, Line: line, Sentence: sentence})
}

// Refuse reports a line that was decoded but not stored.
func (b *batch) Refuse(line int64, why error) {
	b.at.Taken--
	b.at.Refused++
	b.intake.Refuse(&Refused{File: b.intake.File, Line: line, Why: why})
}

// flush stores the pending lines.
func (b *batch) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, t := range b.intake.Takers {
		if err := t.Flush(ctx, b); err != nil {
			return fmt.Errorf("%s: lines %d to %d could not be stored: %w", b.intake.File, b.stored.Lines+1, b.at.Lines,
				err)
		}
	}
	for _, line := range b.notUTF8 {
		b.Note(line, noteNotUTF8)
	}
	b.stored, b.notUTF8 = b.at, nil
	return b.intake.Stored(b.stored)
}
