package sqlledger

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
)

// names is the condition that a revocation names a certificate, by its fingerprint, or by its serial number and
// issuer.
const names = `(fingerprint <> '' AND fingerprint = ?1 OR serial <> '' AND serial = ?3 AND issuer IN ('', ?2))`

// ask returns the queries for a change's preconditions.
func (g *Preconditions) ask(c *store.Change) (all []Question) {
	there := func(query string, args ...any) {
		all = append(all, Question{statement(query, args...), func(row.Row) error {
			g.met[c] = true
			return nil
		}})
	}

	if p := c.Plan; p != nil {
		all = append(all, Question{statement(`SELECT id, authority FROM plan WHERE id = ?1`, p.ID), g.planExists})
	}

	if s := c.Seal; s != nil {
		all = append(all,
			Question{statement(`SELECT coalesce(max(last), 0), coalesce((SELECT hash FROM audit WHERE seq = ?1), ?2)
			FROM sealed`, s.Last, []byte{}), g.isSealed})
	}

	if a := c.Closing; a != nil {
		all = append(all, Question{statement(`SELECT id, closed FROM privacy_alert WHERE id = ?1`, a.ID), g.alertExists})
	}

	if d := c.Credential; d != nil && !d.Ended.IsZero() {
		there(`SELECT 1 FROM credential WHERE hash = ?1`, d.Hash)
	}

	if l := c.Lifted; l != nil {
		there(`SELECT 1 FROM revocation WHERE `+names, l.Fingerprint, l.Issuer, l.Serial)
	}

	if e := c.Enrolled; e != nil {
		there(`SELECT 1 FROM certificate_holder WHERE `+thatName+` AND person <> ?5`, e.Name.Kind, e.Name.CA,
			e.Name.Issuer, e.Name.Name, e.Person)
	}

	if n := c.Released; n != nil {
		there(`SELECT 1 FROM certificate_holder WHERE `+thatName, n.Kind, n.CA, n.Issuer, n.Name)
	}

	if p := c.Person; p != nil {
		for _, r := range p.Roles {
			there(`SELECT 1 FROM role WHERE urid = ?1 AND person <> ?2`, r.URID, p.UUID)
		}
	}

	return all
}

func (g *Preconditions) alertExists(r row.Row) error {
	var id string
	var closed int64
	err := r.Scan(&id, &closed)
	g.alerts[id] = closed != 0
	return err
}

func (g *Preconditions) isSealed(r row.Row) error { return r.Scan(&g.sealed, &g.toSeal) }

func (g *Preconditions) planExists(r row.Row) error {
	var id, authority string
	err := r.Scan(&id, &authority)
	g.plans[id] = authority
	return err
}

// refuses returns why a change is refused, or nil.
func (g *Preconditions) refuses(c *store.Change) error {
	ends := c.Credential != nil && !c.Credential.Ended.IsZero()
	switch {
	case c.Plan != nil && g.plans[g.text(c.Plan.ID)] == "":
		return store.ErrNoPlan
	case c.Closing != nil:
		closed, exists := g.alerts[g.text(c.Closing.ID)]
		switch {
		case !exists:
			return store.ErrNotFound
		case closed:
			return store.ErrAlertClosed
		}
	case (ends || c.Lifted != nil || c.Released != nil) && !g.met[c]:
		return store.ErrNotFound
	case c.Seal != nil && !g.fits(c.Seal):
		return store.ErrNotSealed
	case c.Enrolled != nil && g.met[c]:
		return store.ErrCertificateTaken
	case c.Person != nil && g.met[c]:
		return store.ErrRoleTaken
	}
	return nil
}

// fits reports whether a seal begins where the last one ended, and ends at an existing record.
func (g *Preconditions) fits(s *store.AuditSeal) bool {
	return s.First == g.sealed+1 && s.Last >= s.First && len(s.Hash) > 0 && bytes.Equal(s.Hash, g.toSeal)
}

// change applies the change to the ground.
func (g *Preconditions) change(c *store.Change) {
	if p := c.Plan; p != nil {
		g.versions[g.plans[g.text(p.ID)]]++
		if p.Remove {
			delete(g.plans, g.text(p.ID))
		}
	}
	if c.Put != nil {
		g.versions[c.Put.Authority]++
	}
	if c.Closing != nil {
		g.alerts[g.text(c.Closing.ID)] = true
	}
	if c.Seal != nil {
		g.sealed = c.Seal.Last
	}
}

// changed calls add with the statements of a change at that time. It returns an error for an invalid NHS number.
func changed(c *store.Change, at int64, add func(Statement)) error {
	do := func(query string, args ...any) { add(statement(query, args...)) }
	if p := c.Plan; p != nil {
		do(planChanges, p.ID)
		if p.Remove {
			do(deletePlans, &Table{Key: 1, Rows: [][]any{{p.ID}}})
		} else {
			do(`UPDATE plan SET end_day = ?1 WHERE id = ?2`, row.Day(p.End), p.ID)
		}
	}

	if p := c.Put; p != nil {
		plans := Table{Key: 1}
		if err := plans.addPlan(*p); err != nil {
			return err
		}
		do(planChanges, p.ID)
		do(plansChange, p.Authority)
		do(insertPlans, &plans)
	}

	if f := c.Flag; f != nil {
		if err := flagPut(f, do); err != nil {
			return err
		}
	}

	if d := c.Summary; d != nil {
		if err := summaryPut(d, do); err != nil {
			return err
		}
	}

	if a := c.Alert; a != nil {
		if err := alertPut(a, do); err != nil {
			return err
		}
	}

	if k := c.Closing; k != nil {
		do(`UPDATE privacy_alert SET closed = ?1, closed_by = ?2, closed_name = ?3, note = ?4 WHERE id = ?5`,
			row.Instant(k.At), k.By, k.Name, k.Note, k.ID)
	}

	if s := c.Seal; s != nil {
		do(insertSeal, s.First, s.Last, s.Hash, s.File, s.Digest, row.Instant(s.At))
	}

	if c.Resend != nil {
		resends(c.Resend, add)
	}

	if a := c.Authority; a != nil {
		do(`INSERT INTO authority (code, name, office_phone, duty_phone, endpoint) VALUES (?1, ?2, ?3, ?4, ?5)
			ON CONFLICT (code) DO UPDATE SET name = excluded.name, office_phone = excluded.office_phone, duty_phone = excluded.duty_phone,
			endpoint = excluded.endpoint`, a.Code, a.Name, a.OfficePhone, a.DutyPhone, a.Endpoint)
	}

	if d := c.Credential; d != nil && d.Ended.IsZero() {
		do(`INSERT INTO credential (hash, authority, label, created, ended) VALUES (?1, ?2, ?3, ?4, 0)`, d.Hash,
			d.Authority, d.Label, row.Instant(d.Created))
	} else if d != nil {
		do(`UPDATE credential SET ended = ?1 WHERE hash = ?2 AND ended = 0`, row.Instant(d.Ended), d.Hash)
	}

	if r := c.Revoked; r != nil {
		do(
			`INSERT INTO revocation (fingerprint, issuer, serial, at, reason) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING`,
			r.Fingerprint, r.Issuer, r.Serial, row.Instant(r.At), r.Reason)
		if r.Fingerprint != "" {
			do(EndByFingerprint, row.Instant(r.At), r.Fingerprint)
		}
		if r.Serial != "" {
			do(EndBySerial, row.Instant(r.At), r.Serial, r.Issuer)
		}
	}

	if c.Distrusted != "" {
		do(EndByIssuer, at, c.Distrusted)
	}

	if l := c.Lifted; l != nil {
		do(`DELETE FROM revocation WHERE `+names, l.Fingerprint, l.Issuer, l.Serial)
	}

	if e := c.Enrolled; e != nil {
		do(putHolder, e.Name.Kind, e.Name.CA, e.Name.Issuer, e.Name.Name, e.Person)
	}

	if n := c.Released; n != nil {
		do(`UPDATE session SET ended = ?5 WHERE ended = 0 AND person IN (SELECT person FROM certificate_holder WHERE `+
			thatName+`)`,
			n.Kind, n.CA, n.Issuer, n.Name, at)
		do(`DELETE FROM certificate_holder WHERE `+thatName, n.Kind, n.CA, n.Issuer, n.Name)
	}

	if c.Person != nil {
		personChanged(c.Person, c.Theirs, do)
	}

	return nil
}

// personChanged calls do with the statements that store a person with roles in order.
func personChanged(p *store.Person, certificates []store.CertificateName, do func(query string, args ...any)) {
	do(`INSERT INTO person (uuid, title, given, family) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (uuid) DO UPDATE SET
		title = excluded.title, given = excluded.given, family = excluded.family, version = person.version + 1`, p.UUID, p.Title, p.Given, p.Family)
	do(`DELETE FROM role WHERE person = ?1`, p.UUID)
	for i, r := range p.Roles {
		codes := make([]string, len(r.Activities))
		for j, c := range r.Activities {
			codes[j] = string(c)
		}
		do(
			`INSERT INTO role (person, ordinal, urid, job_role, job_name, role_name, org_id, org_ods, org_name, activities)
			VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)`,
			p.UUID, i, r.URID, r.JobRole, r.JobName, r.RoleName, r.OrgID, r.OrgODS, r.OrgName, strings.Join(codes, " "))
	}
	for _, n := range certificates {
		do(putHolder, n.Kind, n.CA, n.Issuer, n.Name, p.UUID)
	}
}

// apply makes a change without an audit record.
func (l Ledger) apply(ctx context.Context, c store.Change) error {
	g := Preconditions{
		plans: make(map[string]string), met: make(map[*store.Change]bool), alerts: make(map[string]bool),
		text: func(text string) string {
			return text
		},
	}

	for _, q := range g.ask(&c) {
		err := l.Engine.Read(ctx, q.Query, q.Args, func(rows Rows) error {
			for rows.Next() {
				if err := q.Answer(rows); err != nil {
					return err
				}
			}
			return rows.Err()
		})
		if err != nil {
			return err
		}
	}

	if err := g.refuses(&c); err != nil {
		return err
	}

	var all []Statement
	if err := changed(&c, 0, func(s Statement) { all = append(all, s) }); err != nil {
		return err
	}

	return l.write(ctx, all...)
}

// PutPerson adds or replaces a person with roles.
func (l Ledger) PutPerson(ctx context.Context, p store.Person) error {
	return l.apply(ctx, store.Change{Person: &p})
}

const (
	putHolder = `INSERT INTO certificate_holder (kind, ca, issuer, name, person) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT (kind, ca, issuer, name) DO UPDATE SET person = excluded.person`
	thatName = `kind = ?1 AND ca = ?2 AND issuer = ?3 AND name = ?4`
)

// PutCertificate assigns the certificates with a name to a person.
func (l Ledger) PutCertificate(ctx context.Context, n store.CertificateName, uuid string) error {
	return l.write(ctx, statement(putHolder, n.Kind, n.CA, n.Issuer, n.Name, uuid))
}

// PersonOfCertificate returns the UUID of the person to whom the name is assigned, or ErrNotFound.
func (l Ledger) PersonOfCertificate(ctx context.Context, n store.CertificateName) (string, error) {
	return first(ctx, l, scanOne[string], `SELECT person FROM certificate_holder WHERE `+thatName, n.Kind, n.CA,
		n.Issuer, n.Name)
}

// CertificatesOf returns the names of a person's certificates.
func (l Ledger) CertificatesOf(ctx context.Context, uuid string) ([]store.CertificateName, error) {
	return list(ctx, l, func(r row.Row) (n store.CertificateName, err error) {
		return n, r.Scan(&n.Kind, &n.CA, &n.Issuer, &n.Name)
	}, `SELECT kind, ca, issuer, name FROM certificate_holder WHERE person = ?1 ORDER BY kind, ca, issuer, name`, uuid)
}

// CertificateRevoked reports whether the certificate is revoked.
func (l Ledger) CertificateRevoked(ctx context.Context, c store.Certificate) (bool, error) {
	_, err := first(ctx, l, scanOne[int], `SELECT 1 FROM revocation WHERE `+names+` LIMIT 1`, c.Fingerprint, c.Issuer,
		c.Serial)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// RevocationsOf returns the revocations with a serial number.
func (l Ledger) RevocationsOf(ctx context.Context, serial string) ([]store.Revocation, error) {
	return list(ctx, l, func(r row.Row) (v store.Revocation, err error) {
		var at int64
		err = r.Scan(&v.Fingerprint, &v.Issuer, &v.Serial, &at, &v.Reason)
		v.At = row.Time(at)
		return v, err
	},
		`SELECT fingerprint, issuer, serial, at, reason FROM revocation WHERE serial = ?1 AND serial <> '' ORDER BY issuer, fingerprint`, serial)
}

func scanOne[T any](r row.Row) (t T, err error) {
	err = r.Scan(&t)
	return t, err
}
