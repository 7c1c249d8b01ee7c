package recordsystem

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"wardlight/internal/nhs"
	"wardlight/internal/sealed"
	"wardlight/internal/text"
)

// File is where flags are kept on the disk: a *sealed.File.
type File interface {
	Load(ctx context.Context) ([]byte, error)
	Change(ctx context.Context, change func(held []byte) ([]byte, error)) error
	SetAside(ctx context.Context) (string, error)
}

// book is the flags that are not yet written. Several programs may have the same file.
type book struct {
	file File // nil keeps all in memory

	mu     sync.Mutex
	memory []Kept
}

// keep adds a flag, in place of an earlier one of the same patient, and says where it is kept, and why only in memory.
func (b *book) keep(ctx context.Context, k Kept) (Keeping, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	held := append(slices.Clone(b.memory), k)
	err := b.change(ctx, func(all []Kept) []Kept {
		for _, h := range held {
			all = with(all, h)
		}
		return all
	})
	if err != nil {
		b.memory = with(b.memory, k)
		return InMemory, err
	}
	clear(b.memory)
	b.memory = nil
	return OnDisk, nil
}

// failed writes down why a flag that is kept at the place was not written.
func (b *book) failed(ctx context.Context, n nhs.Number, place Keeping, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	note := func(all []Kept) []Kept {
		for i := range all {
			if all[i].Flag.Number == n {
				all[i].Reason, all[i].Code = reason(err)
			}
		}
		return all
	}
	note(b.memory)
	if place == OnDisk {
		_ = b.change(ctx, note) // the flag itself stays kept as it was
	}
}

// drop removes the flags that match and are kept at the place. For those in memory no keyring is waited for.
func (b *book) drop(ctx context.Context, place Keeping, match func(Kept) bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.memory = slices.DeleteFunc(b.memory, match)
	if place != OnDisk {
		return nil
	}
	return b.change(ctx, func(all []Kept) []Kept { return slices.DeleteFunc(all, match) })
}

// all returns what is not yet written, the oldest first.
func (b *book) all(ctx context.Context) Waiting {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := Waiting{Flags: slices.Clone(b.memory)}
	if b.file != nil {
		held, err := b.file.Load(ctx)
		defer clear(held)
		onDisk, err := parse(held, err)
		w.Flags, w.Err = append(w.Flags, onDisk...), err
	}
	slices.SortStableFunc(w.Flags, func(a, b Kept) int { return a.Since.Compare(b.Since) })
	return w
}

// change changes what is on the disk, where there is one.
func (b *book) change(ctx context.Context, change func([]Kept) []Kept) error {
	if b.file == nil {
		return &sealed.Error{Kind: sealed.NoKeyring}
	}
	return b.file.Change(context.WithoutCancel(ctx), func(held []byte) ([]byte, error) {
		all, err := parse(held, nil)
		if err != nil {
			return nil, err
		}
		if all = change(all); len(all) == 0 {
			return nil, nil
		}
		return write(all)
	})
}

// with returns the flags with one more, in place of an earlier one of the same patient.
func with(all []Kept, k Kept) []Kept {
	for i := range all {
		if all[i].Flag.Number == k.Flag.Number {
			k.ID, k.Since = all[i].ID, all[i].Since
			all[i] = k
			return all
		}
	}
	return append(all, k)
}

// reason returns why a flag was not written, for the list.
func reason(err error) (sentence, code string) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Kind: Unexpected}
	}
	return e.Sentence(), e.Code()
}

// document is the kept flags as they are stored.
type document struct {
	Version int    `json:"version"`
	Flags   []part `json:"flags"`
}

type part struct {
	ID     string    `json:"id"`
	Number string    `json:"nhs_number"`
	AsOf   time.Time `json:"as_of"`
	UUID   string    `json:"author_uuid"`
	Name   string    `json:"author_name"`
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"`
	Code   string    `json:"code"`
}

const version = 1

func write(all []Kept) ([]byte, error) {
	d := document{Version: version}
	for _, k := range all {
		d.Flags = append(d.Flags, part{
			ID: k.ID, Number: k.Flag.Number.Digits(), AsOf: k.Flag.AsOf, UUID: k.Flag.Author.UUID, Name: k.Flag.Author.Name,
			Since: k.Since, Reason: k.Reason, Code: k.Code,
		})
	}
	return json.Marshal(d)
}

// parse reads what write gave, and cleans its texts as whatever comes from outside; err is passed on. Errors are
// *sealed.Error.
func parse(held []byte, err error) ([]Kept, error) {
	if held == nil || err != nil {
		return nil, err
	}
	var d document
	if err := json.Unmarshal(held, &d); err != nil || d.Version != version {
		return nil, &sealed.Error{Kind: sealed.Damaged, Err: errors.New("this version cannot read the kept flags")}
	}
	var all []Kept
	for _, p := range d.Flags {
		n, err := nhs.ParseNumber(p.Number)
		if err != nil {
			return nil, &sealed.Error{Kind: sealed.Damaged, Err: errors.New("a kept flag has no NHS number")}
		}
		all = append(all, Kept{
			ID: text.Clean(p.ID, 0), Flag: Flag{Number: n, AsOf: p.AsOf, Author: Author{UUID: text.Clean(p.UUID, 0), Name: text.Clean(p.Name, 0)}},
			Since: p.Since, Place: OnDisk, Reason: text.Clean(p.Reason, 0), Code: text.Clean(p.Code, 0),
		})
	}
	return all, nil
}
