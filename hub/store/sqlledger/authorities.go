package sqlledger

import (
	"context"
	"errors"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/internal/nhs"
)

// PutAuthority adds or replaces an authority.
func (l Ledger) PutAuthority(ctx context.Context, a store.Authority) error {
	return l.apply(ctx, store.Change{Authority: &a})
}

// Authority returns the authority with that code, or ErrNotFound.
func (l Ledger) Authority(ctx context.Context, code string) (store.Authority, error) {
	return first(ctx, l, row.Authority, row.SelectAuthorities+` WHERE code = ?1`, code)
}

// Authorities returns all authorities, ordered by code.
func (l Ledger) Authorities(ctx context.Context) ([]store.Authority, error) {
	return list(ctx, l, row.Authority, row.SelectAuthorities+` ORDER BY code`)
}

// PutCredential adds a credential to its authority.
func (l Ledger) PutCredential(ctx context.Context, c store.Credential) error {
	return l.apply(ctx, store.Change{Credential: &c})
}

// Credentials returns an authority's credentials.
func (l Ledger) Credentials(ctx context.Context, authority string) ([]store.Credential, error) {
	return list(ctx, l, row.Credential, row.SelectCredentials+` WHERE authority = ?1 ORDER BY created, hash`, authority)
}

// AuthorityByCredential returns the authority of an active credential, or ErrNotFound.
func (l Ledger) AuthorityByCredential(ctx context.Context, hash []byte) (store.Authority, error) {
	return first(ctx, l, row.Authority, row.SelectAuthorities+
		` WHERE code = (SELECT authority FROM credential WHERE hash = ?1 AND ended = 0)`, hash)
}

// Upload returns an authority's upload with the hub's ID.
func (l Ledger) Upload(ctx context.Context, authority, id string) (store.Upload, error) {
	return first(ctx, l, row.Upload, row.SelectUploads+` WHERE authority = ?1 AND id = ?2`, authority, id)
}

// UploadOfFile returns an authority's upload with the authority's ID of the file.
func (l Ledger) UploadOfFile(ctx context.Context, authority, file string) (store.Upload, error) {
	return first(ctx, l, row.Upload, row.SelectUploads+` WHERE authority = ?1 AND file = ?2`, authority, file)
}

// OptionalStatements calls add, in order, with the statements of parts that few entries have: an upload, and a change.
// It returns an error for an invalid NHS number.
func OptionalStatements(e *store.Entry, add func(Statement)) error {
	if e.Upload != nil {
		if err := uploaded(e.Upload, add); err != nil {
			return err
		}
	}
	if e.Change != nil {
		return changed(e.Change, row.Instant(e.Audit.At), add)
	}
	return nil
}

// uploaded calls add with the statements of an upload. Their number doesn't depend on the number of rows.
func uploaded(u *store.Upload, add func(Statement)) error {
	var bad error
	number := func(digits nhs.Number) int64 {
		n, err := row.Number(digits)
		bad = errors.Join(bad, err)
		return n
	}

	deleted, plans, sentAgain := Table{Key: 1}, Table{Key: 1}, Table{Key: 1}
	removed, withheld := Table{Key: 5}, Table{Key: 2}
	for _, id := range u.Deleted {
		deleted.add(id)
	}

	for _, p := range u.Plans {
		bad = errors.Join(bad, plans.addPlan(p))
	}

	for _, p := range u.Removed {
		removed.add(p.Authority, number(p.Number), string(p.Kind), p.Reference, row.Day(p.Start), p.Made)
	}

	for _, n := range u.SentAgain {
		sentAgain.add(number(n))
	}

	for _, w := range u.Withheld {
		withheld.add(w.Authority, number(w.Number), w.File, w.Row)
	}

	add(
		statement(
			`INSERT INTO upload (authority, file, id, digest, made, at, answer) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
			u.Authority, u.File, u.ID, u.Digest, u.Made, row.Instant(u.At), u.Answer))

	add(statement(plansChange, u.Authority))
	rows := func(t *Table, query string, args ...any) {
		if len(t.Rows) > 0 {
			add(statement(query, append(args, t)...))
		}
	}

	rows(&deleted, deletePlans)
	rows(&plans, insertPlans)
	rows(&removed, insertRemoved)
	rows(&sentAgain, deleteWithheld, u.Authority)
	rows(&withheld, insertWithheld)
	checks, err := checksTable(u.Checks)
	if err != nil {
		return errors.Join(bad, err)
	}
	rows(checks, insertChecks)
	return bad
}
