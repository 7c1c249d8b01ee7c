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

// File stores the pending flags on disk. It is implemented by [sealed.File].
type File interface {
	Load(ctx context.Context) ([]byte, error)
	Change(ctx context.Context, change func(stored []byte) ([]byte, error)) error
	RenameUnreadable(ctx context.Context) (string, error)
}

// pendingStore stores the flags that have not been written yet. Several processes may use the same file.
type pendingStore struct {
	file File // nil stores everything in memory

	mu     sync.Mutex
	memory []PendingFlag
}

// save stores a flag, replacing an earlier one of the same patient. It returns where the flag is stored, and the error
// if it could only be stored in memory.
func (b *pendingStore) save(ctx context.Context, k PendingFlag) (Storage, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	stored := append(slices.Clone(b.memory), k)
	err := b.change(ctx, func(all []PendingFlag) []PendingFlag {
		for _, h := range stored {
			all = withFlag(all, h)
		}
		return all
	})
	if err != nil {
		b.memory = withFlag(b.memory, k)
		return InMemory, err
	}
	clear(b.memory)
	b.memory = nil
	return OnDisk, nil
}

// failed records the reason why a pending flag was not written.
func (b *pendingStore) failed(ctx context.Context, n nhs.Number, place Storage, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	note := func(all []PendingFlag) []PendingFlag {
		for i := range all {
			if all[i].Flag.Number == n {
				all[i].Reason, all[i].Code = reason(err)
			}
		}
		return all
	}
	note(b.memory)
	if place == OnDisk {
		_ = b.change(ctx, note) // on an error, the flag stays stored without the reason
	}
}

// drop removes the matching flags that are stored at place. It accesses the file, and thereby the keyring, only if
// place is OnDisk.
func (b *pendingStore) drop(ctx context.Context, place Storage, match func(PendingFlag) bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.memory = slices.DeleteFunc(b.memory, match)
	if place != OnDisk {
		return nil
	}
	return b.change(ctx, func(all []PendingFlag) []PendingFlag { return slices.DeleteFunc(all, match) })
}

// all returns the pending flags, oldest first.
func (b *pendingStore) all(ctx context.Context) PendingFlags {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := PendingFlags{Flags: slices.Clone(b.memory)}
	if b.file != nil {
		stored, err := b.file.Load(ctx)
		defer clear(stored)
		onDisk, err := parse(stored, err)
		w.Flags, w.Err = append(w.Flags, onDisk...), err
	}
	slices.SortStableFunc(w.Flags, func(a, b PendingFlag) int { return a.Since.Compare(b.Since) })
	return w
}

// change replaces the flags in the file by the result of the function. The error is *sealed.Error, of kind NoKeyring
// if there is no file.
func (b *pendingStore) change(ctx context.Context, change func([]PendingFlag) []PendingFlag) error {
	if b.file == nil {
		return &sealed.Error{Kind: sealed.NoKeyring}
	}
	return b.file.Change(context.WithoutCancel(ctx), func(stored []byte) ([]byte, error) {
		all, err := parse(stored, nil)
		if err != nil {
			return nil, err
		}
		if all = change(all); len(all) == 0 {
			return nil, nil
		}
		return write(all)
	})
}

// withFlag returns the flags with k added, replacing an earlier one of the same patient.
func withFlag(all []PendingFlag, k PendingFlag) []PendingFlag {
	for i := range all {
		if all[i].Flag.Number == k.Flag.Number {
			k.ID, k.Since = all[i].ID, all[i].Since
			all[i] = k
			return all
		}
	}
	return append(all, k)
}

// reason returns the sentence and the support code of an error.
func reason(err error) (sentence, code string) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Kind: Unexpected}
	}
	return e.Sentence(), e.Code()
}

// document is the stored form of the pending flags.
type document struct {
	Version int          `json:"version"`
	Flags   []storedFlag `json:"flags"`
}

type storedFlag struct {
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

func write(all []PendingFlag) ([]byte, error) {
	d := document{Version: version}
	for _, k := range all {
		d.Flags = append(d.Flags, storedFlag{
			ID: k.ID, Number: k.Flag.Number.Digits(), AsOf: k.Flag.AsOf, UUID: k.Flag.Author.UUID,
			Name:  k.Flag.Author.Name,
			Since: k.Since, Reason: k.Reason, Code: k.Code,
		})
	}
	return json.Marshal(d)
}

// parse decodes stored flags and sanitises their texts. If err isn't nil, it returns err. Other errors are
// *sealed.Error.
func parse(stored []byte, err error) ([]PendingFlag, error) {
	if stored == nil || err != nil {
		return nil, err
	}

	var d document
	if err := json.Unmarshal(stored, &d); err != nil || d.Version != version {
		return nil, &sealed.Error{Kind: sealed.Damaged, Err: errors.New("this version cannot read the kept flags")}
	}

	var all []PendingFlag
	for _, p := range d.Flags {
		n, err := nhs.ParseNumber(p.Number)
		if err != nil {
			return nil, &sealed.Error{Kind: sealed.Damaged, Err: errors.New("a kept flag has no NHS number")}
		}
		all = append(all, PendingFlag{
			ID: text.Clean(p.ID, 0), Flag: Flag{Number: n, AsOf: p.AsOf, Author: Author{
				UUID: text.Clean(p.UUID, 0),
				Name: text.Clean(p.Name, 0),
			}},
			Since: p.Since, Storage: OnDisk, Reason: text.Clean(p.Reason, 0), Code: text.Clean(p.Code, 0),
		})
	}

	return all, nil
}
