package hubbench

import (
	"context"
	"sync/atomic"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// splitStore is a hub's store whose people are in one folder and everything else in another, which may be on another
// disk.
type splitStore struct {
	store.Store // everything but the people
	people      store.People
	commits     *atomic.Int64
}

var _ store.Store = splitStore{}

// Commit counts the call and forwards it to the ledger.
func (b splitStore) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	b.commits.Add(1)
	return b.Store.Commit(ctx, entries)
}

// PutPatients forwards to the people's store.
func (b splitStore) PutPatients(ctx context.Context, patients []store.Patient) error {
	return b.people.PutPatients(ctx, patients)
}

// Patient forwards to the people's store.
func (b splitStore) Patient(ctx context.Context, number nhs.Number) (store.Patient, error) {
	return b.people.Patient(ctx, number)
}

// Patients forwards to the people's store.
func (b splitStore) Patients(ctx context.Context, numbers []nhs.Number) (map[nhs.Number]store.Patient, error) {
	return b.people.Patients(ctx, numbers)
}

// FindPatients forwards to the people's store.
func (b splitStore) FindPatients(ctx context.Context, q store.PatientQuery) ([]store.Patient, error) {
	return b.people.FindPatients(ctx, q)
}

// Candidates forwards to the people's store.
func (b splitStore) Candidates(ctx context.Context, blocks []store.Block, limit int) ([]store.Candidate, error) {
	return b.people.Candidates(ctx, blocks, limit)
}

// Marks forwards to the people's store.
func (b splitStore) Marks(ctx context.Context, numbers []nhs.Number,
	kinds []store.MarkKind,
) (map[nhs.Number][]store.Mark, error) {
	return b.people.Marks(ctx, numbers, kinds)
}

// RelatedPersons forwards to the people's store.
func (b splitStore) RelatedPersons(ctx context.Context, number nhs.Number) ([][]byte, error) {
	return b.people.RelatedPersons(ctx, number)
}

// Superseded forwards to the people's store.
func (b splitStore) Superseded(ctx context.Context, number nhs.Number) ([]nhs.Number, error) {
	return b.people.Superseded(ctx, number)
}
