package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"wardlight/hub/store"
	"wardlight/hub/store/row"
	"wardlight/internal/nhs"
)

// PutPatients adds or replaces patients in one transaction, with a fixed number of statements.
func (s *Store) PutPatients(ctx context.Context, patients []store.Patient) error {
	p := patientRows{last: make(map[int64]int)}
	for i := range patients {
		n, err := numberOf(patients[i].Number)
		if err != nil {
			return fmt.Errorf("patient %d of %d: %w", i+1, len(patients), err)
		}
		p.last[n] = i
	}
	for i := range patients {
		if err := p.patient(i, &patients[i]); err != nil {
			return fmt.Errorf("patient %d of %d: %w", i+1, len(patients), err)
		}
	}
	if len(patients) == 0 {
		return nil
	}
	return s.writing(ctx, p.queue)
}

// patientRows collects the rows of patients by table.
type patientRows struct {
	last    map[int64]int // index of the last occurrence of a patient, which replaces earlier ones
	numbers []int64

	patients, names, whos, near, sounds, marks, related rows
}

func (p *patientRows) patient(i int, r *store.Patient) error {
	number, err := numberOf(r.Number)
	if err != nil || p.last[number] != i {
		return err
	}

	var by int64
	if r.SupersededBy != "" {
		if by, err = numberOf(r.SupersededBy); err != nil {
			return err
		}
	}

	p.numbers = append(p.numbers, number)
	p.patients.add(number, flag(r.Confidential), flag(r.Invalidated), by, r.Body)
	if r.Invalidated {
		return nil // without keys, because no search may find the patient
	}

	for i, body := range r.Related {
		p.related.add(number, int64(i), body)
	}

	p.keys(number, r)
	return p.sought(number, r)
}

// sought adds the rows by which a wider search finds a patient.
func (p *patientRows) sought(number int64, r *store.Patient) error {
	who, err := row.EncodeCandidate(r)
	if err != nil {
		return err
	}
	born := int64(day(r.Keys.Born))
	p.whos.add(number, born, who)
	for _, k := range r.Keys.Near {
		p.near.add(born, k.Key, int64(k.Ends), number)
	}
	sounds := make(map[store.Sound]bool)
	for _, n := range r.Keys.Names {
		for _, s := range n.Sounds {
			if !sounds[s] {
				sounds[s] = true
				p.sounds.add(s.Family, s.Given, born, number)
			}
		}
	}
	return nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// keys adds the rows by which an exact search finds a patient.
func (p *patientRows) keys(number int64, r *store.Patient) {
	k := r.Keys
	for i, n := range k.Names {
		first := ""
		if len(n.Given) > 0 {
			first = n.Given[0]
		}
		given := " " + strings.Join(n.Given, " ") + " "
		p.names.add(number, int64(i), n.Family, first, given, k.Gender, int64(day(k.Born)), int64(day(k.Died)),
			int64(lastDay(n.Ends)),
			flag(r.Confidential))
	}

	type mark struct{ kind, value string }
	ends := make(map[mark]int64)
	for _, m := range k.Marks {
		one := mark{string(m.Kind), m.Value}
		ends[one] = max(ends[one], int64(lastDay(m.Ends)))
	}

	for m, end := range ends {
		p.marks.add(number, m.kind, m.value, end)
	}
}

// queue queues the statements. The first one locks the patients in order of number, so that concurrent imports don't
// deadlock.
func (p *patientRows) queue(b *pgx.Batch) {
	b.Queue(`INSERT INTO patient (number, confidential, invalidated, superseded_by, body)
		SELECT number, confidential <> 0, invalidated <> 0, nullif(superseded_by, 0), body
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[])
		AS put (number, confidential, invalidated, superseded_by, body) ORDER BY number
		ON CONFLICT (number) DO UPDATE SET confidential = excluded.confidential, invalidated = excluded.invalidated,
		superseded_by = excluded.superseded_by, body = excluded.body`, p.patients...)

	for _, table := range []string{"name_key", "sought", "near_key", "sound", "mark", "related"} {
		b.Queue(`DELETE FROM `+table+` WHERE number = ANY($1)`, p.numbers)
	}

	insert := func(r rows, query string) {
		if r != nil {
			b.Queue(query, r...)
		}
	}

	insert(p.names, `INSERT INTO name_key (number, ordinal, family, first_given, given, gender, born, died, ends,
			confidential)
		SELECT number, ordinal, family, first_given, given, gender, born, died, ends, confidential <> 0
		FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[],
		$10::bigint[]) AS put (number, ordinal, family, first_given, given, gender, born, died, ends, confidential)`)

	insert(p.whos, `INSERT INTO sought (number, born, who)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[])`)
	insert(p.near, `INSERT INTO near_key (born, key, ends, number)
		SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[])`)
	insert(p.sounds, `INSERT INTO sound (family, given, born, number)
		SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[])`)
	insert(p.marks, `INSERT INTO mark (number, kind, value, ends)
		SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[])`)
	insert(p.related, `INSERT INTO related (number, ordinal, body)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])`)
}

const patientColumns = `number, confidential, invalidated, coalesce(superseded_by, 0), body`

func scanPatient(row pgx.Row) (p store.Patient, err error) {
	var n, by int64
	err = row.Scan(&n, &p.Confidential, &p.Invalidated, &by, &p.Body)
	p.Number = digitsOf(n)
	if by != 0 {
		p.SupersededBy = digitsOf(by)
	}
	return p, err
}

// Patient returns the record with that number, or ErrNotFound.
func (s *Store) Patient(ctx context.Context, number nhs.Number) (store.Patient, error) {
	n, err := numberOf(number)
	if err != nil {
		return store.Patient{}, store.ErrNotFound
	}
	var p store.Patient
	err = s.reading(ctx, func(ctx context.Context) error {
		var err error
		p, err = scanPatient(s.pool.QueryRow(ctx, `SELECT `+patientColumns+` FROM patient WHERE number = $1`, n))
		return err
	})
	return p, found(err)
}

// Patients returns the records with these numbers, without those that don't exist.
func (s *Store) Patients(ctx context.Context, numbers []nhs.Number) (map[nhs.Number]store.Patient, error) {
	among, err := numbersOf(numbers)
	if err != nil {
		return nil, err
	}
	found, err := list(ctx, s, scanPatient, `SELECT `+patientColumns+` FROM patient WHERE number = ANY($1)`, among)
	if err != nil {
		return nil, err
	}
	all := make(map[nhs.Number]store.Patient, len(found))
	for _, p := range found {
		all[p.Number] = p
	}
	return all, nil
}

// Superseded returns the numbers of the records that this one has superseded.
func (s *Store) Superseded(ctx context.Context, number nhs.Number) ([]nhs.Number, error) {
	n, err := numberOf(number)
	if err != nil {
		return nil, err
	}
	return list(ctx, s, func(r pgx.Row) (nhs.Number, error) {
		var n int64
		err := r.Scan(&n)
		return digitsOf(n), err
	}, `SELECT number FROM patient WHERE superseded_by = $1 ORDER BY number`, n)
}

// RelatedPersons returns the documents of the patient's related persons.
func (s *Store) RelatedPersons(ctx context.Context, number nhs.Number) ([][]byte, error) {
	n, err := numberOf(number)
	if err != nil {
		return nil, err
	}
	return list(ctx, s, func(r pgx.Row) (body []byte, err error) {
		err = r.Scan(&body)
		return body, err
	}, `SELECT body FROM related WHERE number = $1 ORDER BY ordinal`, n)
}
