package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// PutPatients adds or replaces patients in one transaction.
func (s *Store) PutPatients(ctx context.Context, patients []store.Patient) error {
	return s.people.writing(ctx, func(tx *sql.Tx) error {
		put, err := preparePut(ctx, tx)
		if err != nil {
			return err
		}
		defer put.close()
		for i := range patients {
			if err := put.patient(ctx, &patients[i]); err != nil {
				return fmt.Errorf("patient %d of %d: %w", i+1, len(patients), err)
			}
		}
		return nil
	})
}

// putting is the statements of one PutPatients.
type putting struct{ drop, patient_, name, sound, mark, related *sql.Stmt }

func preparePut(ctx context.Context, tx *sql.Tx) (*putting, error) {
	var p putting
	for _, q := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&p.drop, `DELETE FROM patient WHERE number = ?`},
		{&p.patient_, `INSERT INTO patient VALUES (?, ?, ?, ?, ?)`},
		{&p.name, `INSERT INTO name_key VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&p.sound, `INSERT INTO sound VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`},
		{&p.mark, `INSERT INTO mark VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET ends = max(ends, excluded.ends)`},
		{&p.related, `INSERT INTO related VALUES (?, ?, ?)`},
	} {
		s, err := tx.PrepareContext(ctx, q.text)
		if err != nil {
			p.close()
			return nil, err
		}
		*q.stmt = s
	}
	return &p, nil
}

func (p *putting) close() {
	for _, s := range []*sql.Stmt{p.drop, p.patient_, p.name, p.sound, p.mark, p.related} {
		if s != nil {
			_ = s.Close()
		}
	}
}

func (p *putting) patient(ctx context.Context, r *store.Patient) error {
	number, err := numberOf(r.Number)
	if err != nil {
		return err
	}
	var by sql.NullInt64
	if r.SupersededBy != "" {
		if by.Int64, err = numberOf(r.SupersededBy); err != nil {
			return err
		}
		by.Valid = true
	}
	if _, err := p.drop.ExecContext(ctx, number); err != nil {
		return err
	}
	if _, err := p.patient_.ExecContext(ctx, number, r.Confidential, r.Invalidated, by, r.Body); err != nil {
		return err
	}
	if r.Invalidated || by.Valid {
		return nil // never found by a search, so it has no keys
	}
	for i, body := range r.Related {
		if _, err := p.related.ExecContext(ctx, number, i, body); err != nil {
			return err
		}
	}
	return p.keys(ctx, number, r)
}

// keys stores what a patient is found by.
func (p *putting) keys(ctx context.Context, number int64, r *store.Patient) error {
	k := r.Keys
	for i, n := range k.Names {
		first := ""
		if len(n.Given) > 0 {
			first = n.Given[0]
		}
		given := " " + strings.Join(n.Given, " ") + " "
		if _, err := p.name.ExecContext(ctx, number, i, n.Family, first, given, k.Gender, day(k.Born), day(k.Died), lastDay(n.Ends), r.Confidential, n.Spelt); err != nil {
			return err
		}
		for _, s := range n.Sounds {
			if _, err := p.sound.ExecContext(ctx, s.Family, s.Given, day(k.Born), number); err != nil {
				return err
			}
		}
	}
	for _, m := range k.Marks {
		if _, err := p.mark.ExecContext(ctx, number, string(m.Kind), m.Value, lastDay(m.Ends)); err != nil {
			return err
		}
	}
	return nil
}

const patientColumns = `patient.number, confidential, invalidated, coalesce(superseded_by, 0), body`

// Patient is the record with that number.
func (s *Store) Patient(ctx context.Context, number nhs.Number) (store.Patient, error) {
	n, err := numberOf(number)
	if err != nil {
		return store.Patient{}, store.ErrNotFound
	}
	var p store.Patient
	var by int64
	err = s.people.row(ctx, `SELECT `+patientColumns+` FROM patient WHERE number = ?`, []any{n},
		&n, &p.Confidential, &p.Invalidated, &by, &p.Body)
	p.Number = digitsOf(n)
	if by != 0 {
		p.SupersededBy = digitsOf(by)
	}
	return p, found(err)
}

// Superseded lists the numbers that were superseded by this one.
func (s *Store) Superseded(ctx context.Context, number nhs.Number) ([]nhs.Number, error) {
	n, err := numberOf(number)
	if err != nil {
		return nil, err
	}
	return list(ctx, s.people.read, func(r *sql.Rows) (nhs.Number, error) {
		var n int64
		err := r.Scan(&n)
		return digitsOf(n), err
	}, `SELECT number FROM patient WHERE superseded_by = ? ORDER BY number`, n)
}

// RelatedPersons gives the documents put with the patient.
func (s *Store) RelatedPersons(ctx context.Context, number nhs.Number) ([][]byte, error) {
	n, err := numberOf(number)
	if err != nil {
		return nil, err
	}
	return list(ctx, s.people.read, func(r *sql.Rows) (body []byte, err error) {
		return body, r.Scan(&body)
	}, `SELECT body FROM related WHERE number = ? ORDER BY ordinal`, n)
}

// FindPatients gives those that match.
func (s *Store) FindPatients(ctx context.Context, q store.PatientQuery) ([]store.Patient, error) {
	query, args := searchSQL(q)
	stmt, err := s.people.reading(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // Err below tells
	var all []store.Patient
	for rows.Next() {
		var p store.Patient
		var n, by int64
		if err := rows.Scan(&n, &p.Confidential, &p.Invalidated, &by, &p.Body); err != nil {
			return nil, err
		}
		p.Number = digitsOf(n)
		all = append(all, p)
	}
	return all, rows.Err()
}
