package upload

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
)

// ErrPDS is a failure of the book of patients: no row can be held against any record, so nothing of the file is kept
// (CPF05).
var ErrPDS = errors.New("the patients' records do not answer")

// People is the records that rows are compared with.
type People interface {
	Patient(ctx context.Context, number nhs.Number) (store.Patient, error)
	FindPatients(ctx context.Context, q store.PatientQuery) ([]store.Patient, error)
}

// Patients knows who is who: [trace.Service].
type Patients interface {
	OnRecord(ctx context.Context, number nhs.Number) (trace.OnRecord, error)
	ShortForm(a, b string) bool
}

// Plans is what is on file.
type Plans interface {
	Plans(ctx context.Context, numbers []nhs.Number) ([]store.HeldPlan, error)
	WithheldOf(ctx context.Context, authority string) ([]store.Withheld, error)
	PlansVersion(ctx context.Context, authority string) (int64, error)
	RemovedPlans(ctx context.Context, authority string, numbers []nhs.Number) ([]store.Plan, error)
}

// Service works out what files change.
type Service struct {
	people   People
	patients Patients
	plans    Plans
	window   cpis.Window
	newID    func() string
}

// New works with what is on record and on file. The window decides what a row's answer says of its plan's alert;
// newID returns the ids of new plans, which nobody can guess.
func New(people People, patients Patients, plans Plans, window cpis.Window, newID func() string) *Service {
	return &Service{people, patients, plans, window, newID}
}

// Taken is what became of a file.
type Taken struct {
	Code    FileCode
	Rows    []RowAnswer
	Refused int
	Plans   []store.Plan // to be added, or to replace those with the same ID
	Deleted []string     // IDs of plans to be taken away
	// SentAgain is the patients of whom nothing is withheld any more, and SendAgain the earlier rows of others of whom
	// nothing would be.
	SentAgain []nhs.Number
	SendAgain []Earlier
	Removed   []store.Plan // what is no plan any more, by what it was known by
	Withheld  []store.Withheld
	Version   int64        // of the authority's plans that this rests on
	Patients  []nhs.Number // everyone whom a row asked about, once
}

// Take compares every row of a file with the records and with what is on file of this authority, in order: a row sees
// what the rows before it did. A row is refused where a file that was made later has changed its plan. ErrPDS, or a failure of the ledger; then nothing of the file may be kept.
func (s *Service) Take(ctx context.Context, authority string, f *File, today nhs.Date) (*Taken, error) {
	t := &Taken{Rows: make([]RowAnswer, 0, len(f.Rows))}
	var err error
	if t.Version, err = s.plans.PlansVersion(ctx, authority); err != nil { // first of all: what is read after it is at least as new
		return nil, fmt.Errorf("plans: %w", err)
	}
	b := newBook(authority, s, f.Made, today)
	withheld, err := s.plans.WithheldOf(ctx, authority)
	if err != nil {
		return nil, fmt.Errorf("plans: %w", err)
	}
	refusedNow := make(map[nhs.Number]int) // the row
	asked := make(map[nhs.Number]bool)
	for _, row := range f.Rows {
		c, err := row.read(today)
		done := ""
		if err == nil {
			if !asked[c.number] {
				asked[c.number] = true
				t.Patients = append(t.Patients, c.number)
			}
			done, err = b.apply(ctx, c)
			if r := (*refusal)(nil); errors.As(err, &r) && r.code == Sensitive {
				refusedNow[c.number] = row.Number
			}
		}
		var refused *refusal
		answer := RowAnswer{row.Number, Success, done}
		switch {
		case errors.As(err, &refused):
			t.Refused++
			answer.Code, answer.Sentence = refused.code, refused.sentence
		case err != nil:
			return nil, err
		}
		if row.Note != "" {
			answer.Sentence += " " + row.Note
		}
		t.Rows = append(t.Rows, answer)
	}
	for n, row := range refusedNow {
		t.Withheld = append(t.Withheld, store.Withheld{Authority: authority, Number: n, File: f.ID, Row: row})
	}
	if err := s.sendAgain(ctx, t, b, withheld); err != nil {
		return nil, err
	}
	t.Plans, t.Deleted = b.changed()
	t.Removed = b.removed
	switch t.Refused {
	case 0:
		t.Code = AllTaken
	case len(f.Rows):
		t.Code = NoneTaken
	default:
		t.Code = PartlyTaken
	}
	return t, nil
}

// maxSendAgain is how many earlier rows an answer lists.
const maxSendAgain = 100

// sendAgain sorts whom the authority had to send again before the file: those whose plan it has taken, and those whose
// record is restricted no longer. The error is ErrPDS.
func (s *Service) sendAgain(ctx context.Context, t *Taken, b *book, withheld []store.Withheld) error {
	for _, w := range withheld {
		if b.sent[w.Number] {
			t.SentAgain = append(t.SentAgain, w.Number)
			continue
		}
		if len(t.SendAgain) == maxSendAgain || slices.ContainsFunc(t.Withheld, func(now store.Withheld) bool { return now.Number == w.Number }) {
			continue
		}
		on, err := s.patients.OnRecord(ctx, w.Number)
		switch {
		case err != nil:
			return errors.Join(ErrPDS, err)
		case on.Known && !on.Restricted && !on.Invalidated:
			t.SendAgain = append(t.SendAgain, Earlier{w.File, w.Row})
		}
	}
	return nil
}

// Sentence returns the file's answer in words.
func (t *Taken) Sentence() string {
	switch t.Code {
	case AllTaken:
		return "Every row is taken."
	case NoneTaken:
		return "No row is taken. Mend the rows and send them in a file with another id."
	default:
		return "Some rows are refused. Mend these and send them in a file with another id."
	}
}

// patient reads who has the number, and this authority's plans of that patient, under whatever number, in the order
// of their ids. Where the file says when it was made, it reads what is no plan any more, too.
func (s *Service) patient(ctx context.Context, authority string, number nhs.Number, made int64) (*patient, error) {
	record, err := s.patients.OnRecord(ctx, number)
	if err != nil {
		return nil, errors.Join(ErrPDS, err)
	}
	held, err := s.plans.Plans(ctx, record.Numbers)
	if err != nil {
		return nil, fmt.Errorf("plans: %w", err)
	}
	p := &patient{OnRecord: record}
	for _, h := range held {
		if h.Authority == authority {
			p.plans = append(p.plans, h.Plan)
		}
	}
	if made != 0 {
		if p.removed, err = s.plans.RemovedPlans(ctx, authority, record.Numbers); err != nil {
			return nil, fmt.Errorf("plans: %w", err)
		}
	}
	slices.SortFunc(p.plans, func(a, b store.Plan) int { return cmp.Compare(a.ID, b.ID) })
	return p, nil
}
