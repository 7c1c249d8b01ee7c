package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/patientflag"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// Limits of a flag.
const (
	maxFlagDetails = 100
	maxFlagText    = 500 // characters of a name or a note
)

// FlagStore reads stored flags.
type FlagStore interface {
	PatientFlags(ctx context.Context, numbers []nhs.Number, kinds []patientflag.Kind) ([]patientflag.Flag, error)
}

// Flags imports Flag lines: flags of patients besides child protection, with their details in the same line as
// contained resources.
type Flags struct {
	store  FlagStore
	record Recorder
	stored []patientflag.Flag
}

// NewFlags returns an Importer of flags, which it stores with record.
func NewFlags(ledger FlagStore, record Recorder) *Flags { return &Flags{store: ledger, record: record} }

// Kinds returns Flag.
func (f *Flags) Kinds() map[string]Kind { return map[string]Kind{"Flag": {Take: f.take}} }

func (f *Flags) take(_ context.Context, line Line) error {
	var r fhir.Flag
	if err := read(line.JSON, &r); err != nil {
		return err
	}
	flag, err := flagOf(&r)
	if err != nil {
		return err
	}
	f.stored = append(f.stored, flag)
	return nil
}

// Flush stores the new and changed flags, each with its audit record.
func (f *Flags) Flush(ctx context.Context, _ Lines) error {
	var entries []*store.Entry
	for i := range f.stored {
		is := &f.stored[i]
		was, err := f.store.PatientFlags(ctx, []nhs.Number{is.Number}, []patientflag.Kind{is.Kind})
		if err != nil {
			return fmt.Errorf("flags: %w", err)
		}
		if len(was) == 1 && sameFlag(was[0], *is) {
			continue
		}
		what := string(is.Kind)
		if !is.Active {
			what += ", removed"
		}
		e := f.record.entry(audit.ImportFlag, what, is.Number)
		e.Change = &store.Change{Flag: is}
		entries = append(entries, e)
	}

	if err := f.record.commit(ctx, entries...); err != nil {
		return err
	}
	f.stored = f.stored[:0]
	return nil
}

// sameFlag reports whether two flags are equal. The store doesn't distinguish no details from an empty list.
func sameFlag(a, b patientflag.Flag) bool {
	details := len(a.Details)+len(b.Details) == 0 || reflect.DeepEqual(a.Details, b.Details)
	recorded := a.Recorded.Equal(b.Recorded)
	a.Details, b.Details, a.Recorded, b.Recorded = nil, nil, time.Time{}, time.Time{}
	return details && recorded && reflect.DeepEqual(a, b)
}

// flagOf returns the flag of a patient in a Flag. Errors don't quote it.
func flagOf(r *fhir.Flag) (patientflag.Flag, error) {
	var flag patientflag.Flag
	for _, k := range r.Code.Coding {
		switch kind := patientflag.Kind(k.Code); {
		case k.System != fhir.SystemFlagCategory:
			flag.Details = addDetail(flag.Details, patientflag.Detail{Type: patientflag.Finding, Code: cleanCoding(k)})
		case k.Code == fhir.CodeCPISFlag:
			return flag, errors.New("a flag for child protection is not imported: import its plans as CareTeam")
		case kind.Display() == "" || flag.Kind != "" && flag.Kind != kind:
			return flag, errors.New("code is not that of one kind of flag in England-FlagCategoryPatient")
		default:
			flag.Kind = kind
		}
	}

	id := r.Subject.Identifier
	switch {
	case flag.Kind == "":
		return flag, errors.New("code is not that of one kind of flag in England-FlagCategoryPatient")
	case id == nil || id.System != fhir.SystemNHSNumber:
		return flag, errors.New("subject is not an NHS number")
	case r.Period != nil && r.Period.End != "":
		return flag, errors.New("period.end is not supported: the status of a flag that has ended is inactive")
	}

	var err error
	if flag.Number, err = nhs.ParseNumber(id.Value); err != nil {
		return flag, errors.New("subject is not a valid NHS number")
	}

	switch r.Status {
	case "active":
		flag.Active = true
	case "inactive", "entered-in-error":
		flag.Details = nil
		return flag, nil
	default:
		return flag, errors.New("status is not one of active, inactive, entered-in-error")
	}

	if r.Period != nil && r.Period.Start != "" {
		if flag.Recorded, err = instantOf(r.Period.Start); err != nil {
			return flag, errors.New("period.start is not a date or a time with its zone")
		}
	}
	flag.Details = addNotes(flag.Details, r.Extension)
	return flag, addContained(&flag, r.Contained)
}

// addContained adds what the contained resources say: who recorded the flag and when, adjustments and impairments.
// Resources of other types are ignored.
func addContained(flag *patientflag.Flag, contained []json.RawMessage) error {
	for _, raw := range contained {
		switch fhir.TypeOf(raw) {
		case "Provenance":
			var p fhir.Provenance
			if json.Unmarshal(raw, &p) != nil {
				return errors.New("contained Provenance has the wrong type for FHIR")
			}
			at, err := instantOf(p.Recorded)
			if err != nil {
				return errors.New("contained Provenance: recorded is not a time with its zone")
			}
			flag.Recorded, flag.By = at, organisationOf(&p)
		case "Flag":
			var f fhir.Flag
			if json.Unmarshal(raw, &f) != nil || len(f.Code.Coding) == 0 {
				return errors.New("contained Flag has no code, or the wrong type for FHIR")
			}
			d := patientflag.Detail{
				Type: patientflag.Adjustment, Category: otherCategory(f.Category), Code: codingOf(f.Code),
			}
			if notes := addNotes(nil, f.Extension); len(notes) > 0 {
				d.Note = notes[0].Note
			}
			flag.Details = addDetail(flag.Details, d)
		case "Condition":
			var c fhir.Condition
			if json.Unmarshal(raw, &c) != nil || c.Code == nil || len(c.Code.Coding) == 0 {
				return errors.New("contained Condition has no code, or the wrong type for FHIR")
			}
			d := patientflag.Detail{
				Type: patientflag.Impairment, Category: otherCategory(c.Category), Code: codingOf(*c.Code),
			}
			if len(c.Note) > 0 {
				d.Note = text.Clean(c.Note[0].Text, maxFlagText)
			}
			flag.Details = addDetail(flag.Details, d)
		}
	}
	if len(flag.Details) > maxFlagDetails {
		return fmt.Errorf("it has more than %d details", maxFlagDetails)
	}
	return nil
}

// addDetail adds a detail unless it says nothing.
func addDetail(all []patientflag.Detail, d patientflag.Detail) []patientflag.Detail {
	if d.Code == (fhir.Coding{}) && d.Note == "" {
		return all
	}
	return append(all, d)
}

// addNotes adds the notes among extensions.
func addNotes(all []patientflag.Detail, extensions []fhir.Extension) []patientflag.Detail {
	for _, x := range extensions {
		if x.URL == fhir.ExtensionFlagNotes && x.ValueAnnotation != nil {
			note := text.Clean(strings.TrimSpace(x.ValueAnnotation.Text), maxFlagText)
			all = addDetail(all, patientflag.Detail{Type: patientflag.Note, Note: note})
		}
	}
	return all
}

// otherCategory returns the first category that isn't a kind of flag.
func otherCategory(all []fhir.CodeableConcept) fhir.Coding {
	for _, c := range all {
		for _, k := range c.Coding {
			if k.System != fhir.SystemFlagCategory {
				return cleanCoding(k)
			}
		}
	}
	return fhir.Coding{}
}

// codingOf returns the first coding of a concept, with the concept's text if it has no display.
func codingOf(c fhir.CodeableConcept) fhir.Coding {
	k := c.Coding[0]
	if k.Display == "" {
		k.Display = c.Text
	}
	return cleanCoding(k)
}

func cleanCoding(k fhir.Coding) fhir.Coding {
	clean := func(s string) string { return text.Clean(strings.TrimSpace(s), maxFlagText) }
	return fhir.Coding{System: clean(k.System), Code: clean(k.Code), Display: clean(k.Display)}
}

// organisationOf returns the organisation for which a flag was recorded, or "" if it isn't named.
func organisationOf(p *fhir.Provenance) string {
	for _, a := range p.Agent {
		o := a.OnBehalfOf
		switch {
		case o == nil:
			continue
		case o.Identifier != nil && o.Identifier.Value != "":
			return text.Clean(o.Identifier.Value, maxFlagText)
		case o.Display != "":
			return text.Clean(o.Display, maxFlagText)
		case o.Reference != "":
			return text.Clean(o.Reference[strings.LastIndex(o.Reference, "/")+1:], maxFlagText)
		}
	}
	return ""
}

// instantOf parses a FHIR dateTime or instant, in UTC and microseconds. A date is its first moment in UTC.
func instantOf(s string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		at, err = time.Parse(time.DateOnly, s)
	}
	return at.UTC().Truncate(time.Microsecond), err
}
