package cards

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"slices"
	"time"

	"wardlight/hub/holder"
	"wardlight/hub/store"
	"wardlight/internal/reread"
)

// Batch is the maximum number of entries in a transaction, so that a long list doesn't delay other writers.
const Batch = 100

// Store is the part of the store that a Keeper writes.
type Store interface {
	RevokeCertificates(ctx context.Context, all []store.Revocation) error
	EndSessions(ctx context.Context, issuer string, at time.Time) (int, error)
}

// Bundle is a file of CA certificates, and how certificates of these CAs name a person.
type Bundle struct {
	File   string
	Naming holder.Naming
}

// Config configures a Keeper. All fields except Lists are required.
type Config struct {
	CAs   []Bundle
	Lists []string // files of revocation lists
	Store Store
	Clock func() time.Time
	After func(time.Duration) <-chan time.Time // waits; replace it together with Clock
	Log   *slog.Logger
}

// Keeper reads the files, and reads them again when they change. An invalid file is logged as an alarm, at once and
// every minute, and changes nothing: the last valid bundle and the last valid list remain in use. It isn't safe for
// concurrent use.
type Keeper struct {
	Config
	bundles     []*bundle
	lists       []*lists
	trusted     []*x509.Certificate
	cas         *holder.CAs            // the trusted CAs
	pendingEnds []string               // removed or revoked CAs whose sessions must still be ended
	known       map[entryHash]struct{} // entries that are in the store
	waiting     []store.Revocation     // entries that must still be stored
	alarms      reread.Alarms
}

type bundle struct {
	reread.File
	naming holder.Naming
	cas    []*x509.Certificate // the last valid ones
}

type lists struct {
	reread.File
	text  []byte // an invalid list, which may become valid when the bundle contains its CA
	valid []*x509.RevocationList
}

// FileError is an error in a file without which the hub doesn't start.
type FileError struct {
	Name string
	List bool // a revocation list, not a bundle
	Err  error
}

// Error returns the file's name and the error.
func (e *FileError) Error() string { return fmt.Sprintf("%s: %s", e.Name, e.Err) }

// Unwrap returns the error without the name.
func (e *FileError) Unwrap() error { return e.Err }

// Open reads the files and stores the lists' entries. It returns a *[FileError] for an invalid bundle, and for a
// missing list, because its name is wrong. It logs an alarm for an existing but invalid list, because the store still
// contains the entries of the last valid one.
func Open(ctx context.Context, c Config) (*Keeper, error) {
	k := &Keeper{Config: c, known: make(map[entryHash]struct{}), alarms: reread.Alarms{Log: c.Log, Clock: c.Clock}}
	if err := k.open(c.CAs); err != nil {
		return nil, err
	}
	k.trusted = k.all()
	for _, name := range c.Lists {
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			return nil, &FileError{name, true, reread.WithoutPath(err)}
		}
		k.lists = append(k.lists, &lists{File: reread.File{Name: name}})
	}
	k.Reload(ctx)
	return k, nil
}

// open reads the bundles for the first time.
func (k *Keeper) open(bundles []Bundle) error {
	for _, ca := range bundles {
		b := &bundle{File: reread.File{Name: ca.File}, naming: ca.Naming}
		k.bundles = append(k.bundles, b)
		if err := k.lookAtBundle(b); err != nil {
			return &FileError{ca.File, false, reread.WithoutPath(err)}
		}
	}
	return nil
}

// CAs returns the trusted CAs.
func (k *Keeper) CAs() *holder.CAs { return k.cas }

// Run calls Look every two seconds until ctx ends, and calls trust when the bundle, or which CAs have a list, has
// changed.
func (k *Keeper) Run(ctx context.Context, trust func(*holder.CAs)) {
	reread.Run(ctx, k.After, func(ctx context.Context) {
		before := k.cas
		k.read(ctx)
		if k.cas != before {
			trust(k.cas)
		}
		k.updateStore(ctx)
	})
}

// Reload reads changed files, updates the store, and reports whether the bundle has changed.
func (k *Keeper) Reload(ctx context.Context) (changed bool) {
	changed = k.read(ctx)
	k.updateStore(ctx)
	return changed
}

// updateStore writes pending changes to the store.
func (k *Keeper) updateStore(ctx context.Context) {
	k.revoke(ctx)
	k.endSessions(ctx)
}

// read reads changed files, and reports whether the bundle has changed.
func (k *Keeper) read(ctx context.Context) (changed bool) {
	for _, b := range k.bundles {
		before := b.cas
		k.alarm(ctx, b.Name, k.lookAtBundle(b))
		changed = changed || len(before) != len(b.cas) || len(b.cas) > 0 && before[0] != b.cas[0]
	}
	if changed {
		after := k.all()
		k.pendingEnds = append(k.pendingEnds, removedCAs(k.trusted, after)...)
		k.trusted = after
		k.Log.InfoContext(ctx, "The CA bundle has changed.", "certificates", len(after))
	}
	for _, l := range k.lists {
		k.alarm(ctx, l.Name, k.lookAtList(l))
	}
	k.noteLists()
	return changed
}

// noteLists updates which CAs have a list.
func (k *Keeper) noteLists() {
	names := make(map[string]bool)
	for _, l := range k.lists {
		for _, list := range l.valid {
			names[string(list.RawIssuer)] = true
		}
	}
	if !maps.Equal(names, k.cas.Listed()) {
		k.cas = k.cas.Listing(names)
	}
}

// lookAtBundle reads the bundle's file if it has changed. It returns an error also if its CAs conflict with those of
// other files.
func (k *Keeper) lookAtBundle(b *bundle) error {
	text, err := b.Changed()
	if text == nil || err != nil {
		return err
	}
	before := b.cas
	if b.cas, err = ParseBundle(text); err == nil {
		err = k.name()
	}
	if err != nil {
		b.cas = before
		b.Forget() // read it, and report the error, again
	}
	return err
}

// name sets how the certificates of the CAs name a person. It returns an error if a CA is in two files with different
// namings.
func (k *Keeper) name() error {
	var all []holder.CA
	for _, b := range k.bundles {
		for _, c := range b.cas {
			all = append(all, holder.CA{Certificate: c, Naming: b.naming})
		}
	}
	cas, err := holder.NewCAs(all)
	if err == nil {
		k.cas = cas
	}
	return err
}

// all returns the certificates of all files.
func (k *Keeper) all() []*x509.Certificate {
	var all []*x509.Certificate
	for _, b := range k.bundles {
		all = append(all, b.cas...)
	}
	return all
}

// lookAtList reads a file of lists if it has changed, and adds its new entries.
func (k *Keeper) lookAtList(l *lists) error {
	text, err := l.Changed()
	if err != nil {
		return err
	}

	if text != nil {
		l.text = text
	}

	if l.text != nil {
		read, err := k.usable(l.text, l.valid)
		if err != nil {
			return err
		}
		l.valid, l.text = read, nil
		for _, list := range read {
			k.addPending(revocations(list, k.Clock()))
		}
	}

	var stale error
	for _, list := range l.valid {
		stale = errors.Join(stale, current(list, k.Clock()))
	}

	return stale
}

// usable parses lists. Each must be signed, and none may be older than its predecessor.
func (k *Keeper) usable(text []byte, before []*x509.RevocationList) ([]*x509.RevocationList, error) {
	read, err := ParseLists(text)
	if err != nil {
		return nil, err
	}
	for _, l := range read {
		if err := signed(l, k.trusted); err != nil {
			return nil, err
		}
		for _, old := range before {
			if old.Issuer.String() == l.Issuer.String() && l.ThisUpdate.Before(old.ThisUpdate) {
				return nil, fmt.Errorf("the list of %s is older than the previous one", l.Issuer)
			}
		}
	}
	return read, nil
}

// addPending adds the entries that aren't in the store.
func (k *Keeper) addPending(all []store.Revocation) {
	for _, r := range all {
		m := entryHashOf(r.Certificate)
		if _, have := k.known[m]; !have {
			k.known[m] = struct{}{}
			k.waiting = append(k.waiting, r)
			k.pendingEnds = append(k.pendingEnds, k.revokedCAs(r)...)
		}
	}
}

// revokedCAs returns the CAs of the bundle whose certificate the entry revokes, except those with another valid
// certificate in it.
func (k *Keeper) revokedCAs(r store.Revocation) []string {
	named := func(c *x509.Certificate) store.Certificate {
		return store.Certificate{Issuer: c.Issuer.String(), Serial: c.SerialNumber.Text(16)}
	}
	var all []string
	for _, ca := range k.trusted {
		if named(ca) != r.Certificate {
			continue
		}
		subject := ca.Subject.String()
		good := slices.ContainsFunc(k.trusted, func(c *x509.Certificate) bool {
			_, revoked := k.known[entryHashOf(named(c))]
			return c.Subject.String() == subject && !revoked
		})
		if !good {
			all = append(all, subject)
		}
	}
	return all
}

// revoke stores the pending entries. After an error, the next Look tries again.
func (k *Keeper) revoke(ctx context.Context) {
	done := 0
	for len(k.waiting) > 0 {
		n := min(Batch, len(k.waiting))
		if err := k.Store.RevokeCertificates(ctx, k.waiting[:n]); err != nil {
			k.Log.ErrorContext(ctx, "ALARM: revoked certificates could not be stored.", "waiting", len(k.waiting),
				"error", err)
			break
		}
		k.waiting, done = k.waiting[n:], done+n
	}
	if done > 0 {
		k.Log.InfoContext(ctx, "Revoked certificates were added from the revocation lists.", "entries", done)
	}
}

// endSessions ends the sessions of removed CAs. After an error, the next Look tries again.
func (k *Keeper) endSessions(ctx context.Context) {
	for len(k.pendingEnds) > 0 {
		n, err := k.Store.EndSessions(ctx, k.pendingEnds[0], k.Clock())
		if err != nil {
			k.Log.ErrorContext(ctx, "ALARM: the sessions of a CA that was withdrawn or revoked could not be ended.",
				"ca", k.pendingEnds[0], "error", err)
			return
		}
		k.Log.WarnContext(ctx, "A CA was withdrawn or revoked.", "ca", k.pendingEnds[0], "sessions", n)
		k.pendingEnds = k.pendingEnds[1:]
	}
}

// alarm logs the error in a file, or that it is valid again.
func (k *Keeper) alarm(ctx context.Context, name string, err error) {
	k.alarms.Report(ctx, name, err, "a CA file or revocation list cannot be used; the last valid one stays in use.")
}
