package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// maxRelated is the maximum number of related persons of a patient.
const maxRelated = 100

// Patients imports Patient lines, each followed by the RelatedPerson lines of the patient. A patient is stored as PDS
// returns it, a related person only with the members that the hub uses (internal/fhir).
type Patients struct {
	people store.People
	record Recorder
	stored []pendingPatient
	refuse bool // the previous patient was refused, so its related persons are too
}

// pendingPatient is a patient that isn't stored yet.
type pendingPatient struct {
	store.Patient
	meta    meta
	line    int64
	related []int64 // lines of the related persons
}

// NewPatients returns an Importer that stores patients in people, and audit records of replaced patients with record.
func NewPatients(people store.People, record Recorder) *Patients {
	return &Patients{people: people, record: record}
}

// Kinds returns Patient and RelatedPerson.
func (p *Patients) Kinds() map[string]Kind {
	return map[string]Kind{"Patient": {Take: p.patient}, "RelatedPerson": {Take: p.related, Follows: true}}
}

// errPatientRefused is the reason for refusing a related person of a refused patient.
var errPatientRefused = errors.New("its patient was refused")

// Flush stores the patients with their related persons in one transaction, and refuses those older than the stored
// record. It first writes audit records of those that will be replaced, because patients and audit are in different
// databases.
func (p *Patients) Flush(ctx context.Context, lines Lines) error {
	if len(p.stored) == 0 {
		return nil
	}

	numbers := make([]nhs.Number, len(p.stored))
	for i, h := range p.stored {
		numbers[i] = h.Number
	}

	before, err := p.people.Patients(ctx, numbers)
	if err != nil {
		return err
	}

	known := make(map[nhs.Number]storedVersion, len(before))
	for n, on := range before {
		m, err := metaOf(on.Body)
		if err != nil {
			return err
		}
		known[n] = storedVersion{m, on.Confidential}
	}

	put := make([]store.Patient, 0, len(p.stored))
	var changed []nhs.Number
	for _, h := range p.stored {
		if on, there := known[h.Number]; there {
			if why := on.checkReplace(h); why != nil {
				lines.Refuse(h.line, why)
				for _, line := range h.related {
					lines.Refuse(line, errPatientRefused)
				}
				continue
			}
		}
		known[h.Number] = storedVersion{h.meta, h.Confidential}
		put = append(put, h.Patient)
		if on, there := before[h.Number]; there && replaced(on, h.Patient) && !slices.Contains(changed, h.Number) {
			changed = append(changed, h.Number)
		}
	}

	if len(changed) > 0 {
		if err := p.record.commit(ctx, p.record.entry(audit.ReplacePatients,
			fmt.Sprint(len(changed), " of the lines up to ", p.stored[len(p.stored)-1].line), changed...)); err != nil {
			return err
		}
	}

	if err := p.people.PutPatients(ctx, put); err != nil {
		return err
	}

	p.stored = p.stored[:0]
	return nil
}

// replaced reports whether a record differs from the stored one.
func replaced(on, by store.Patient) bool {
	return !bytes.Equal(on.Body, by.Body) || on.SupersededBy != by.SupersededBy || on.Invalidated != by.Invalidated ||
		on.Confidential != by.Confidential
}

// meta contains a record's version and confidentiality.
type meta struct {
	version  string
	labelled bool
}

// metaOf returns the meta of a record. Errors don't quote the record.
func metaOf(body []byte) (meta, error) {
	var p fhir.Patient
	if json.Unmarshal(body, &p) != nil {
		return meta{}, errors.New("a record on file cannot be parsed")
	}
	return metaOfPatient(&p), nil
}

func metaOfPatient(p *fhir.Patient) meta {
	m := meta{labelled: p.Confidentiality() != ""}
	if p.Meta != nil {
		m.version = p.Meta.VersionID
	}
	return m
}

// storedVersion contains what decides whether a stored record is replaced.
type storedVersion struct {
	meta
	restricted bool
}

// checkReplace returns why a stored record must not be replaced by other, or nil. It must not be if other is older, or
// if it would remove the restriction without a label or without being newer. Versions that aren't both numbers can't
// be compared.
func (on storedVersion) checkReplace(other pendingPatient) error {
	was, errWas := strconv.ParseUint(on.version, 10, 63)
	is, errIs := strconv.ParseUint(other.meta.version, 10, 63)
	lifts := on.restricted && !other.Confidential
	switch comparable := errWas == nil && errIs == nil; {
	case comparable && is < was:
		return errors.New("its meta.versionId is older than that of the record on file")
	case lifts && !other.meta.labelled:
		return errors.New("it has no security label, and the record on file is restricted")
	case lifts && on.version != "" && (!comparable || is == was):
		return errors.New("its meta.versionId is not newer than that of the record on file, which is restricted")
	}
	return nil
}

// superseding is a patient whose number was superseded. FHIR has it as a link.
type superseding struct {
	fhir.Patient
	Link []struct {
		Other fhir.Reference `json:"other"`
		Type  string         `json:"type"`
	} `json:"link"`
}

func (p *Patients) patient(_ context.Context, line Line) error {
	p.refuse = true
	var given superseding
	if err := read(line.JSON, &given); err != nil {
		return err
	}

	switch given.Gender {
	case "", "male", "female", "other", "unknown":
	default:
		return errors.New("gender is not one of male, female, other, unknown")
	}

	record, err := trace.Document(line.JSON)
	if err != nil {
		return err
	}

	for _, l := range given.Link {
		if l.Type != "replaced-by" {
			continue
		}
		if record.SupersededBy != "" || l.Other.Identifier == nil {
			return errors.New("link replaced-by must name exactly one NHS number")
		}
		by, err := nhs.ParseNumber(l.Other.Identifier.Value)
		if err != nil || by == record.Number {
			return errors.New("link replaced-by must name another valid NHS number")
		}
		record.SupersededBy = by
	}

	if record.SupersededBy != "" {
		record.Invalidated = false // a search returns the current record (PDS FHIR R4 API, invalidated patients)
	}

	p.stored, p.refuse = append(p.stored, pendingPatient{
		Patient: record, meta: metaOfPatient(&given.Patient),
		line: line.Number,
	}), false
	return nil
}

func (p *Patients) related(_ context.Context, line Line) error {
	switch {
	case p.refuse:
		return errPatientRefused
	case len(p.stored) == 0:
		return errors.New("it is not directly after its patient")
	}

	patient := &p.stored[len(p.stored)-1]
	var r fhir.RelatedPerson
	if err := read(line.JSON, &r); err != nil {
		return err
	}
	if r.Patient.Identifier == nil || r.Patient.Identifier.Value != patient.Number.Digits() {
		return errors.New("it is not directly after its patient")
	}
	if len(patient.Related) == maxRelated {
		return fmt.Errorf("its patient already has %d related persons", maxRelated)
	}

	documents, err := trace.Relatives(patient.Number, []fhir.RelatedPerson{r})
	if err != nil {
		return errors.New("it has no relationship")
	}

	patient.Related = append(patient.Related, documents...)
	patient.related = append(patient.related, line.Number)
	return nil
}
