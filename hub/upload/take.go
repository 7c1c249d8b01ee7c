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

// ErrPDS is returned if the patient records can't be read. No row can be compared with a record then, so nothing of
// the file is stored (CPF05).
var ErrPDS = errors.New("the patients' records are not available")

// People reads the records with which rows are compared.
type People interface {
	Patient(ctx context.Context, number nhs.Number) (store.Patient, error)
	FindPatients(ctx context.Context, q store.PatientQuery) ([]store.Patient, error)
}

// Patients resolves NHS numbers to patients. It is implemented by [trace.Service].
type Patients interface {
	RecordStatus(ctx context.Context, number nhs.Number) (trace.RecordStatus, error)
	ShortForm(a, b string) bool
}

// Plans reads the plans on file.
type Plans interface {
	Plans(ctx context.Context, numbers []nhs.Number) ([]store.PlanWithAuthority, error)
	WithheldOf(ctx context.Context, authority string) ([]store.Withheld, error)
	PlansVersion(ctx context.Context, authority string) (int64, error)
	RemovedPlans(ctx context.Context, authority string, numbers []nhs.Number) ([]store.Plan, error)
}

// A Service computes the changes that a file requests. It stores nothing.
type Service struct {
	people   People
	patients Patients
	plans    Plans
	window   cpis.Window
	newID    func() string
}

// New returns a service that reads records and plans from its arguments. The window decides whether the answer to a
// row states that the plan is shown as an alert. newID returns IDs for new plans; they must be unguessable.
func New(people People, patients Patients, plans Plans, window cpis.Window, newID func() string) *Service {
	return &Service{people, patients, plans, window, newID}
}

// Result is the result of processing a file.
type Result struct {
	Code    FileCode
	Rows    []RowAnswer
	Refused int
	Plans   []store.Plan // plans to add, or to replace those with the same ID
	Deleted []string     // IDs of plans to delete
	// SentAgain lists the patients whose withheld rows have been sent again. SendAgain lists earlier rows of other
	// patients that would no longer be withheld.
	SentAgain []nhs.Number
	SendAgain []Earlier
	Removed   []store.Plan // former versions of plans that were deleted or changed
	Withheld  []store.Withheld
	Version   int64        // version of the authority's plans on which the result is based
	Patients  []nhs.Number // all patients that the rows name, without duplicates
	// Checks are the current numbers of the patients, where people come from a national service, without times.
	Checks []store.NumberCheck
}

// Process compares every row of a file, in order, with the records and the authority's plans on file. A row sees the
// changes of the rows before it. A row is refused if a file that was created later has changed its plan. The error is
// ErrPDS or an error of the store; nothing of the file may be stored then.
func (s *Service) Process(ctx context.Context, authority string, f *File, today nhs.Date) (*Result, error) {
	t := &Result{Rows: make([]RowAnswer, 0, len(f.Rows))}
	var err error

	// Read first, so that what is read later is at least as new.
	if t.Version, err = s.plans.PlansVersion(ctx, authority); err != nil {
		return nil, fmt.Errorf("plans: %w", err)
	}

	b := newPlanSet(authority, s, f.Made, today)
	withheld, err := s.plans.WithheldOf(ctx, authority)
	if err != nil {
		return nil, fmt.Errorf("plans: %w", err)
	}

	refusedNow := make(map[nhs.Number]int) // value: row number
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
	t.Checks = b.checks
	t.Removed = b.removed
	switch t.Refused {
	case 0:
		t.Code = AllAccepted
	case len(f.Rows):
		t.Code = NoneAccepted
	default:
		t.Code = PartlyAccepted
	}

	return t, nil
}

// maxSendAgain is the maximum number of earlier rows that an answer lists.
const maxSendAgain = 100

// sendAgain divides the patients whose rows were withheld before this file into those whose rows have now been
// accepted and those whose record is no longer restricted. The error is ErrPDS.
func (s *Service) sendAgain(ctx context.Context, t *Result, b *planSet, withheld []store.Withheld) error {
	for _, w := range withheld {
		if b.sent[w.Number] {
			t.SentAgain = append(t.SentAgain, w.Number)
			continue
		}
		if len(t.SendAgain) == maxSendAgain || slices.ContainsFunc(t.Withheld, func(now store.Withheld) bool {
			return now.Number == w.Number
		}) {
			continue
		}
		on, err := s.patients.RecordStatus(ctx, w.Number)
		switch {
		case err != nil:
			return errors.Join(ErrPDS, err)
		case on.Known && !on.Restricted && !on.Invalidated:
			t.SendAgain = append(t.SendAgain, Earlier{w.File, w.Row})
		}
	}
	return nil
}

// Sentence returns the answer to the file as a sentence.
func (t *Result) Sentence() string {
	switch t.Code {
	case AllAccepted:
		return "All rows were accepted."
	case NoneAccepted:
		return "No row was accepted. Correct the rows and send them in a file with a new id."
	default:
		return "Some rows were refused. Correct these and send them in a file with a new id."
	}
}

// patient reads the record of a number and the authority's plans under all numbers of that patient, ordered by ID. If
// the file states its creation time, it also reads the removed plans.
func (s *Service) patient(ctx context.Context, authority string, number nhs.Number, made int64) (*patient, error) {
	record, err := s.patients.RecordStatus(ctx, number)
	if err != nil {
		return nil, errors.Join(ErrPDS, err)
	}

	stored, err := s.plans.Plans(ctx, record.Numbers)
	if err != nil {
		return nil, fmt.Errorf("plans: %w", err)
	}

	p := &patient{RecordStatus: record}
	for _, h := range stored {
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
