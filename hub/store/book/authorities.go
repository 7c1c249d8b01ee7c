package book

import (
	"context"
	"errors"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/column"
	"wardlight/hub/store/row"
	"wardlight/internal/nhs"
)

// PutAuthority adds or replaces an authority.
func (l Ledger) PutAuthority(ctx context.Context, a store.Authority) error {
	return l.write(ctx, statement(`INSERT INTO authority (code, name, office_phone, duty_phone, endpoint) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, office_phone = excluded.office_phone, duty_phone = excluded.duty_phone,
		endpoint = excluded.endpoint`, a.Code, a.Name, a.OfficePhone, a.DutyPhone, a.Endpoint))
}

// Authority returns the authority with that code.
func (l Ledger) Authority(ctx context.Context, code string) (store.Authority, error) {
	return first(ctx, l, row.Authority, row.SelectAuthorities+` WHERE code = ?1`, code)
}

// Authorities lists all of them by code.
func (l Ledger) Authorities(ctx context.Context) ([]store.Authority, error) {
	return list(ctx, l, row.Authority, row.SelectAuthorities+` ORDER BY code`)
}

// PutCredential adds a credential to those of its authority.
func (l Ledger) PutCredential(ctx context.Context, c store.Credential) error {
	return l.write(ctx, statement(`INSERT INTO credential (hash, authority, label, created, ended) VALUES (?1, ?2, ?3, ?4, ?5)`,
		c.Hash, c.Authority, c.Label, column.Instant(c.Created), column.Instant(c.Ended)))
}

// Credentials lists an authority's credentials.
func (l Ledger) Credentials(ctx context.Context, authority string) ([]store.Credential, error) {
	return list(ctx, l, row.Credential, row.SelectCredentials+` WHERE authority = ?1 ORDER BY created, hash`, authority)
}

// EndCredential ends a credential.
func (l Ledger) EndCredential(ctx context.Context, hash []byte, at time.Time) error {
	changed, err := l.Engine.Write(ctx, statement(`UPDATE credential SET ended = CASE ended WHEN 0 THEN ?1 ELSE ended END WHERE hash = ?2`,
		column.Instant(at), hash))
	if err == nil && changed[0] == 0 {
		err = store.ErrNotFound
	}
	return err
}

// AuthorityByCredential returns the authority that a credential in use belongs to.
func (l Ledger) AuthorityByCredential(ctx context.Context, hash []byte) (store.Authority, error) {
	return first(ctx, l, row.Authority, row.SelectAuthorities+` WHERE code = (SELECT authority FROM credential WHERE hash = ?1 AND ended = 0)`, hash)
}

// Upload returns an authority's upload by the hub's id.
func (l Ledger) Upload(ctx context.Context, authority, id string) (store.Upload, error) {
	return first(ctx, l, row.Upload, row.SelectUploads+` WHERE authority = ?1 AND id = ?2`, authority, id)
}

// UploadOfFile returns an authority's upload by its own id of the file.
func (l Ledger) UploadOfFile(ctx context.Context, authority, file string) (store.Upload, error) {
	return first(ctx, l, row.Upload, row.SelectUploads+` WHERE authority = ?1 AND file = ?2`, authority, file)
}

// Rare passes to add, in order, the statements of what few entries leave: an upload, and an operator's change of a
// plan or of who has to send again. The error is an NHS number that is none.
func Rare(e *store.Entry, add func(Statement)) error {
	if e.Upload != nil {
		if err := uploaded(e.Upload, add); err != nil {
			return err
		}
	}
	if s := e.Seal; s != nil {
		add(statement(insertSeal, s.First, s.Last, s.Hash, s.File, s.Digest, column.Instant(s.At)))
	}
	if e.Resend != nil {
		resends(e.Resend, add)
	}
	if c := e.Plan; c != nil {
		add(statement(planChanges, c.ID))
		if c.Remove {
			add(statement(deletePlan, c.ID))
		} else {
			add(statement(`UPDATE plan SET end_day = ?1 WHERE id = ?2`, column.Day(c.End), c.ID))
		}
	}
	return nil
}

// uploaded passes the statements of what an upload leaves.
func uploaded(u *store.Upload, add func(Statement)) error {
	var bad error
	number := func(digits nhs.Number) int64 {
		n, err := column.Number(digits)
		bad = errors.Join(bad, err)
		return n
	}
	add(statement(`INSERT INTO upload (authority, file, id, digest, made, at, answer) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
		u.Authority, u.File, u.ID, u.Digest, u.Made, column.Instant(u.At), u.Answer))
	add(statement(plansChange, u.Authority))
	for _, id := range u.Deleted {
		add(statement(deletePlan, id))
	}
	for _, p := range u.Plans {
		add(statement(insertPlan, planRow(p, number(p.Number))...))
	}
	for _, p := range u.Removed {
		add(statement(removePlan, p.Authority, number(p.Number), string(p.Kind), p.Reference, column.Day(p.Start), p.Made))
	}
	for _, n := range u.SentAgain {
		add(statement(`DELETE FROM withheld WHERE number = ?1 AND authority = ?2`, number(n), u.Authority))
	}
	for _, w := range u.Withheld {
		add(statement(withhold, number(w.Number), w.Authority, w.File, w.Row))
	}
	return bad
}
