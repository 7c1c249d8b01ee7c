package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/internal/nhs"
)

// PutPatients adds or replaces patients in one transaction.
func (s *Store) PutPatients(ctx context.Context, patients []store.Patient) error {
	return s.people.writing(ctx, func(tx *sql.Tx) error {
		put := preparePut(tx, s.documents)
		defer put.close()
		for i := range patients {
			if err := put.patient(ctx, &patients[i]); err != nil {
				return fmt.Errorf("patient %d of %d: %w", i+1, len(patients), err)
			}
		}
		return nil
	})
}

// putting caches the prepared statements of one PutPatients by their text.
type putting struct {
	tx        *sql.Tx
	documents documents
	stmts     map[string]*sql.Stmt
	aside     func(insert string, values []any) error // if set, receives each row in place of the database; see Rows
}

func preparePut(tx *sql.Tx, d documents) *putting {
	return &putting{tx: tx, documents: d, stmts: make(map[string]*sql.Stmt)}
}

func (p *putting) close() {
	for _, s := range p.stmts {
		_ = s.Close()
	}
}

func (p *putting) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := p.stmts[query]; ok {
		return s, nil
	}
	s, err := p.tx.PrepareContext(ctx, query)
	if err == nil {
		p.stmts[query] = s
	}
	return s, err
}

func (p *putting) run(ctx context.Context, query string, args ...any) (int64, error) {
	if p.aside != nil {
		return 1, p.aside(query, args)
	}
	s, err := p.stmt(ctx, query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
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

	if p.aside == nil {
		if err := p.drop(ctx, number); err != nil {
			return err
		}
	}

	if _, err := p.run(ctx, `INSERT INTO patient (number, confidential, invalidated, superseded_by, body)
		VALUES (?, ?, ?, ?, ?)`, number, r.Confidential, r.Invalidated, by, p.documents.pack(r.Body)); err != nil {
		return err
	}
	if r.Invalidated {
		return nil // without keys, because no search may find the patient
	}

	for i, body := range r.Related {
		if _, err := p.run(ctx, `INSERT INTO related (number, ordinal, body)
			VALUES (?, ?, ?)`, number, i, p.documents.pack(body)); err != nil {
			return err
		}
	}

	if err := p.keys(ctx, number, r); err != nil {
		return err
	}

	return p.sought(ctx, number, r)
}

// keys writes the rows by which an exact search finds a patient.
func (p *putting) keys(ctx context.Context, number int64, r *store.Patient) error {
	k := r.Keys
	for i, n := range k.Names {
		first := ""
		if len(n.Given) > 0 {
			first = n.Given[0]
		}
		given := " " + strings.Join(n.Given, " ") + " "
		if _, err := p.run(ctx, `INSERT INTO name_key (number, ordinal, family, first_given, given, gender, born,
				died, ends, confidential)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			number, i, n.Family, first, given, k.Gender, day(k.Born), day(k.Died), lastDay(n.Ends),
			r.Confidential); err != nil {
			return err
		}
	}

	for i, m := range k.Marks {
		if slices.ContainsFunc(k.Marks[:i], m.Same) {
			continue
		}
		ends := lastDay(m.Ends)
		for _, o := range k.Marks[i+1:] {
			if m.Same(o) {
				ends = max(ends, lastDay(o.Ends))
			}
		}
		if _, err := p.run(ctx, `INSERT INTO mark (number, kind, value, ends)
			VALUES (?, ?, ?, ?)`, number, string(m.Kind), m.Value, ends); err != nil {
			return err
		}
	}

	return nil
}

// sought writes the rows by which a wider search finds a patient.
func (p *putting) sought(ctx context.Context, number int64, r *store.Patient) error {
	who, err := row.EncodeCandidate(r)
	if err != nil {
		return err
	}

	sounds, soundsText, err := soundsOf(r)
	if err != nil {
		return err
	}

	keys, err := keysText(r.Keys.Near)
	if err != nil {
		return err
	}

	born := day(r.Keys.Born)
	if _, err := p.run(ctx, `INSERT INTO sought (number, born, sounds, keys, who)
		VALUES (?, ?, ?, ?, ?)`, number, born, soundsText, keys, who); err != nil {
		return err
	}

	for _, k := range r.Keys.Near {
		if _, err := p.run(ctx, `INSERT INTO by_key (key, month_day, year, number, ends, who)
			VALUES (?, ?, ?, ?, ?, ?)`, k.Key, born%10000, born/10000, number, int64(k.Ends), who); err != nil {
			return err
		}
	}

	for _, s := range sounds {
		if _, err := p.run(ctx, `INSERT INTO by_names (family, year, given, number, born, who)
			VALUES (?, ?, ?, ?, ?, ?)`, s.Family, born/10000, s.Given, number, born, who); err != nil {
			return err
		}
	}

	for i, m := range r.Keys.Marks {
		if m.Kind != store.Postcode || slices.ContainsFunc(r.Keys.Marks[:i], m.Same) {
			continue
		}
		if _, err := p.run(ctx, `INSERT INTO by_postcode (postcode, number, born, who)
			VALUES (?, ?, ?, ?)`, m.Value, number, born, who); err != nil {
			return err
		}
	}

	return nil
}

// drop deletes a patient, if stored, with all rows that refer to it.
func (p *putting) drop(ctx context.Context, number int64) error {
	s, err := p.stmt(ctx, `SELECT born, sounds, keys FROM sought WHERE number = ?`)
	if err != nil {
		return err
	}
	var born int
	var sounds, keys string
	switch err := s.QueryRowContext(ctx, number).Scan(&born, &sounds, &keys); {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return err
	default:
		if err := p.unseek(ctx, number, born, readSounds(sounds), keys); err != nil {
			return err
		}
	}
	_, err = p.run(ctx, `DELETE FROM patient WHERE number = ?`, number)
	return err
}

func (p *putting) unseek(ctx context.Context, number int64, born int, sounds []store.Sound, keys string) error {
	for k := range strings.FieldsSeq(keys) {
		if _, err := p.run(ctx, `DELETE FROM by_key WHERE key = ? AND month_day = ? AND year = ? AND number = ?`,
			k, born%10000, born/10000, number); err != nil {
			return err
		}
	}
	for _, s := range sounds {
		if _, err := p.run(ctx, `DELETE FROM by_names WHERE family = ? AND year = ? AND given = ? AND number = ?`,
			s.Family, born/10000, s.Given, number); err != nil {
			return err
		}
	}
	if _, err := p.run(ctx, `DELETE FROM by_postcode WHERE number = ?1 AND postcode IN
		(SELECT value FROM mark WHERE number = ?1 AND kind = 'postcode')`, number); err != nil {
		return err
	}
	_, err := p.run(ctx, `DELETE FROM sought WHERE number = ?`, number)
	return err
}

const patientColumns = `patient.number, patient.confidential, invalidated, coalesce(superseded_by, 0), body`

// Patient returns the record with that number, or ErrNotFound.
func (s *Store) Patient(ctx context.Context, number nhs.Number) (store.Patient, error) {
	n, err := numberOf(number)
	if err != nil {
		return store.Patient{}, store.ErrNotFound
	}
	return first(ctx, s.people, func(r *sql.Row) (store.Patient, error) { return patientOf(r, s.documents) },
		`SELECT `+patientColumns+` FROM patient WHERE number = ?`, n)
}

const patientsSQL = `SELECT ` + patientColumns + ` FROM json_each(?) AS n CROSS JOIN patient WHERE number = n.value`

// Patients returns the records with these numbers, without those that don't exist.
func (s *Store) Patients(ctx context.Context, numbers []nhs.Number) (map[nhs.Number]store.Patient, error) {
	asked, err := numbersOf(numbers)
	if err != nil {
		return nil, err
	}
	if ctx, err = withoutCancel(ctx); err != nil {
		return nil, err
	}
	all := make(map[nhs.Number]store.Patient, len(numbers))
	for some := range slices.Chunk(asked, maxPerStatement) {
		found, err := list(ctx, s.people, func(r *sql.Rows) (store.Patient, error) { return patientOf(r, s.documents) },
			patientsSQL, jsonOf(some))
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			all[p.Number] = p
		}
	}
	return all, nil
}

// patientOf reads a row of patientColumns.
func patientOf(r row.Row, d documents) (p store.Patient, err error) {
	var number, by int64
	var stored []byte
	if err := r.Scan(&number, &p.Confidential, &p.Invalidated, &by, &stored); err != nil {
		return p, err
	}
	p.Number = digitsOf(number)
	if by != 0 {
		p.SupersededBy = digitsOf(by)
	}
	p.Body, err = d.open(stored)
	return p, err
}

// Superseded returns the numbers of the records that this one has superseded.
func (s *Store) Superseded(ctx context.Context, number nhs.Number) ([]nhs.Number, error) {
	n, err := numberOf(number)
	if err != nil {
		return nil, err
	}
	return list(ctx, s.people, func(r *sql.Rows) (nhs.Number, error) {
		var n int64
		err := r.Scan(&n)
		return digitsOf(n), err
	}, `SELECT number FROM patient WHERE superseded_by = ? ORDER BY number`, n)
}

// RelatedPersons returns the documents of the patient's related persons.
func (s *Store) RelatedPersons(ctx context.Context, number nhs.Number) ([][]byte, error) {
	n, err := numberOf(number)
	if err != nil {
		return nil, err
	}
	return list(ctx, s.people, func(r *sql.Rows) ([]byte, error) {
		var stored []byte
		if err := r.Scan(&stored); err != nil {
			return nil, err
		}
		return s.documents.open(stored)
	}, `SELECT body FROM related WHERE number = ? ORDER BY ordinal`, n)
}

// FindPatients returns the patients that match.
func (s *Store) FindPatients(ctx context.Context, q store.PatientQuery) ([]store.Patient, error) {
	if q.LooksUp() {
		ctx, err := withoutCancel(ctx)
		if err != nil {
			return nil, err
		}
		return s.findPatients(ctx, q)
	}
	var found []store.Patient
	err := s.scans.Do(ctx, func(ctx context.Context) (err error) {
		found, err = s.findPatients(ctx, q)
		return err
	})
	return found, err
}

func (s *Store) findPatients(ctx context.Context, q store.PatientQuery) ([]store.Patient, error) {
	// A row is a name, so a patient with several names may occur several times. Removing duplicates here is twice as
	// fast as DISTINCT in SQLite.
	for names := q.Limit; ; names *= 2 {
		query, args := searchSQL(q, names)
		if !q.LooksUp() {
			query = inOneStep(query)
		}

		found, err := list(ctx, s.people, func(r *sql.Rows) (store.Patient, error) {
			return patientOf(r, s.documents)
		}, query, args...)
		if err != nil {
			return nil, err
		}

		all := len(found) < names
		slices.SortFunc(found, func(a, b store.Patient) int { return cmp.Compare(a.Number, b.Number) })
		found = slices.CompactFunc(found, func(a, b store.Patient) bool { return a.Number == b.Number })
		if all || len(found) >= q.Limit {
			return found[:min(len(found), q.Limit)], nil
		}
	}
}
