package intake

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"wardlight/hub/audit"
	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// DueDate is the extension of a CareTeam with the date on which an unborn child is due.
const DueDate = "urn:wardlight:due-date"

// Store reads stored plans and authorities.
type Store interface {
	Plan(ctx context.Context, id string) (store.PlanWithAuthority, error)
	Authorities(ctx context.Context) ([]store.Authority, error)
}

// Records finds the patient of a number; see [trace.Service].
type Records interface {
	RecordStatus(ctx context.Context, number nhs.Number) (trace.RecordStatus, error)
}

// Plans imports CareTeam lines: plans in the format of the hub's answers.
type Plans struct {
	store   Store
	records Records
	record  Recorder
	window  cpis.Window
	today   func() nhs.Date
	known   map[string]bool // authorities by code
	stored  []pendingPlan
}

// pendingPlan is a plan that isn't stored yet.
type pendingPlan struct {
	store.Plan
	was  *store.Plan // the stored plan; nil for a new one
	line int64
}

// NewPlans returns an Importer of plans of the authorities in ledger, which it stores with record. The window and
// today's date in the United Kingdom determine the remarks about a plan's alert.
func NewPlans(ctx context.Context, ledger Store, records Records, record Recorder, window cpis.Window,
	today func() nhs.Date,
) (*Plans, error) {
	all, err := ledger.Authorities(ctx)
	if err != nil {
		return nil, fmt.Errorf("authorities: %w", err)
	}
	p := &Plans{
		store: ledger, records: records, record: record, window: window, today: today,
		known: make(map[string]bool),
	}
	for _, a := range all {
		p.known[a.Code] = true
	}
	return p, nil
}

// Kinds returns CareTeam.
func (p *Plans) Kinds() map[string]Kind { return map[string]Kind{"CareTeam": {Take: p.take}} }

// Flush stores the new and changed plans, each with its audit record. It adds remarks about those that aren't an alert
// today, or that the hub ends by itself.
func (p *Plans) Flush(ctx context.Context, lines Lines) error {
	var entries []*store.Entry
	for i := range p.stored {
		h := &p.stored[i]
		what := changesOf(h.was, &h.Plan)
		if what == "" {
			continue
		}
		about := []nhs.Number{h.Number}
		if h.was != nil && h.was.Number != h.Number {
			about = append(about, h.was.Number)
		}
		e := p.record.entry(audit.ImportPlan, what, about...)
		e.Audit.OrgODS, e.Change = h.Authority, &store.Change{Put: &h.Plan}
		entries = append(entries, e)
	}

	if err := p.record.commit(ctx, entries...); err != nil {
		return err
	}

	for _, h := range p.stored {
		patient, err := p.records.RecordStatus(ctx, h.Number)
		if err != nil {
			return err
		}
		if sentence := p.outlook(h.Plan, patient); sentence != "" {
			lines.Note(h.line, sentence)
		}
	}

	p.stored = p.stored[:0]
	return nil
}

// outlook returns sentences about when a plan is an alert, or "" if there is nothing to remark.
func (p *Plans) outlook(plan store.Plan, patient trace.RecordStatus) string {
	switch {
	case patient.Invalidated:
		return "No alert is shown: the patient's record was marked invalid."
	case patient.Restricted:
		return "No alert is shown: the patient's record is sensitive."
	}
	sentence := p.window.Outlook(plan, patient.Born, p.today()).String()
	if !patient.Known {
		sentence = strings.TrimSpace("No current patient record has this NHS number. " + sentence)
	}
	return sentence
}

// careTeam is a CareTeam with additional members that the hub stores and doesn't return.
type careTeam struct {
	fhir.CareTeam
	Identifier           []fhir.Identifier `json:"identifier"`           // the authority's reference
	ManagingOrganization []fhir.Reference  `json:"managingOrganization"` // the authority, if name lacks its code
	Extension            []struct {
		URL       string `json:"url"`
		ValueDate string `json:"valueDate"`
	} `json:"extension"`
}

// idForm matches a FHIR id.
var idForm = regexp.MustCompile(`^[A-Za-z0-9.-]{1,64}$`)

// planKinds are the kinds of plans by SNOMED CT code.
var planKinds = map[string]store.PlanKind{
	fhir.SnomedChildPlan: store.ChildProtection, fhir.SnomedLookedAfter: store.LookedAfter,
	fhir.SnomedUnbornPlan: store.UnbornChild,
}

func (p *Plans) take(ctx context.Context, line Line) error {
	var c careTeam
	if err := read(line.JSON, &c); err != nil {
		return err
	}
	plan, err := planOf(&c)
	if err != nil {
		return err
	}
	if !p.known[plan.Authority] {
		return errors.New("its authority is not on file")
	}
	was, err := p.replaces(ctx, plan)
	if err != nil {
		return err
	}
	p.stored = append(p.stored, pendingPlan{plan, was, line.Number})
	return nil
}

// replaces returns the stored plan with the same ID, or nil if there is none. It returns an error if that is a plan of
// another authority or patient, whose alert would be lost. A plan of the same patient under another number is the same
// plan.
func (p *Plans) replaces(ctx context.Context, plan store.Plan) (*store.Plan, error) {
	var before store.Plan
	stored := false
	for _, h := range p.stored {
		if h.ID == plan.ID {
			before, stored = h.Plan, true
		}
	}

	if !stored {
		on, err := p.store.Plan(ctx, plan.ID)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return nil, nil //nolint:nilnil // no stored plan
		case err != nil:
			return nil, &StoreError{err}
		}
		before = on.Plan
	}

	same := before.Number == plan.Number
	if !same && before.Authority == plan.Authority {
		patient, err := p.records.RecordStatus(ctx, plan.Number)
		if err != nil {
			return nil, &StoreError{err}
		}
		same = slices.Contains(patient.Numbers, before.Number)
	}

	if !same || before.Authority != plan.Authority {
		return nil, errors.New("its id belongs to a plan of another authority or of another patient")
	}

	return &before, nil
}

// changesOf describes an import's change of a plan for the audit, without the patient and the authority's reference.
// was is nil for a new plan. It returns "" if nothing changes.
func changesOf(was, is *store.Plan) string {
	of := fmt.Sprintf("plan %s, %s from %s", is.ID, is.Kind, is.Start.FHIR())
	if was == nil {
		return of + ", new, end " + dayOf(is.End)
	}

	words := of
	for _, f := range []struct{ name, was, is string }{
		{"kind", string(was.Kind), string(is.Kind)},
		{"start", dayOf(was.Start), dayOf(is.Start)},
		{"end", dayOf(was.End), dayOf(is.End)},
		{"due date", dayOf(was.Due), dayOf(is.Due)},
	} {
		if f.was != f.is {
			words += ", " + f.name + " " + f.was + " to " + f.is
		}
	}

	if was.Number != is.Number {
		words += ", NHS number"
	}

	if was.Reference != is.Reference {
		words += ", reference"
	}

	if words == of {
		return ""
	}

	return words
}

func dayOf(d nhs.Date) string {
	if d.IsZero() {
		return "none"
	}
	return d.FHIR()
}

// planOf returns the plan in a CareTeam.
func planOf(c *careTeam) (store.Plan, error) {
	plan := store.Plan{ID: c.ID, Authority: authorityOf(c)}
	switch {
	case !idForm.MatchString(c.ID):
		return plan, errors.New("id is not a valid FHIR id")
	case plan.Authority == "":
		return plan, errors.New("neither managingOrganization nor name has the authority's code")
	case c.Subject == nil || c.Subject.Identifier == nil || c.Subject.Identifier.System != fhir.SystemNHSNumber:
		return plan, errors.New("subject is not an NHS number")
	case c.Period == nil:
		return plan, errors.New("period is missing")
	}

	var err error
	if plan.Number, err = nhs.ParseNumber(c.Subject.Identifier.Value); err != nil {
		return plan, errors.New("subject is not a valid NHS number")
	}

	for _, concept := range c.Category {
		for _, code := range concept.Coding {
			kind := planKinds[code.Code]
			if code.System != fhir.SystemSNOMED || kind == "" {
				continue
			}
			if plan.Kind != "" && plan.Kind != kind {
				return plan, errors.New("category has two kinds of plan: give each its own line")
			}
			plan.Kind = kind
		}
	}

	if plan.Kind == "" {
		return plan, errors.New("category is not a kind of plan in SNOMED CT")
	}

	if len(c.Identifier) > 0 {
		plan.Reference = c.Identifier[0].Value
	}

	if err := statusOf(c); err != nil {
		return plan, err
	}

	return plan, datesOf(&plan, c)
}

// statusOf returns an error for a CareTeam that isn't a plan, and for one that has ended without an end date, because
// it would remain an alert for ever.
func statusOf(c *careTeam) error {
	switch c.Status {
	case "", "active", "suspended":
		return nil
	case "inactive":
		if c.Period.End == "" {
			return errors.New("status is inactive, but there is no period.end")
		}
		return nil
	case "entered-in-error", "proposed":
		return errors.New("its status means that it is not a plan: " + c.Status)
	default:
		return errors.New("status is not one of active, inactive, suspended")
	}
}

func datesOf(plan *store.Plan, c *careTeam) error {
	for _, d := range []struct {
		what, text string
		into       *nhs.Date
	}{
		{"period.start", c.Period.Start, &plan.Start},
		{"period.end", c.Period.End, &plan.End},
		{"the due date", dueOf(c), &plan.Due},
	} {
		if d.text == "" && d.what != "period.start" {
			continue
		}
		day, err := nhs.ParseDate(d.text)
		if err != nil || !day.Complete() {
			return errors.New(d.what + " is not a date of the form 2016-03-04")
		}
		*d.into = day
	}

	if !plan.End.IsZero() && plan.End.Before(plan.Start) {
		return errors.New("period.end is before period.start")
	}
	if !plan.Due.IsZero() && plan.Kind != store.UnbornChild {
		return errors.New("only an unborn child's plan has a due date")
	}

	return nil
}

func dueOf(c *careTeam) string {
	for _, e := range c.Extension {
		if e.URL == DueDate {
			return e.ValueDate
		}
	}
	return ""
}

// authorityOf returns the code of the authority: from managingOrganization, or the text before the dash in "V999 -
// EXAMPLESHIRE COUNCIL".
func authorityOf(c *careTeam) string {
	if len(c.ManagingOrganization) > 0 {
		if id := c.ManagingOrganization[0].Identifier; id != nil {
			return strings.TrimSpace(id.Value)
		}
	}
	code, _, found := strings.Cut(c.Name, " - ")
	if !found {
		return ""
	}
	return strings.TrimSpace(code)
}
