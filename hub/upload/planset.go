package upload

import (
	"context"
	"slices"
	"strings"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
	"wardlight/internal/table"
)

// maxRunning is the maximum number of plans that one authority may have for one patient and that have not ended. It is
// far more than any child has, and low enough that a faulty export does not flood a screen. maxPlans is the maximum
// number including plans that have ended. It is higher because short breaks are many plans.
const (
	maxRunning = 50
	maxPlans   = 500
)

// planSet is the working copy of one authority's plans for the patients of one file. Rows change it one after another.
type planSet struct {
	authority  string
	service    *Service
	made       int64 // creation time of the file; 0 if the file does not state it
	today      nhs.Date
	patients   map[nhs.Number]*patient // key: each number by which the patient was looked up
	changedIDs []string                // IDs of changed plans, in order, without duplicates
	isChanged  map[string]bool         // set of the IDs in touched
	removed    []store.Plan            // former versions of plans that were deleted or changed
	checks     []store.NumberCheck     // of the patients
	sent       map[nhs.Number]bool     // all numbers of patients for whom a plan was added or updated
}

// patient is a patient that the file mentions, with the authority's plans under all of the patient's numbers.
type patient struct {
	trace.RecordStatus
	plans   []store.Plan
	removed []store.Plan // removed plans; read only if the file states its creation time
}

func newPlanSet(authority string, s *Service, made int64, today nhs.Date) *planSet {
	return &planSet{
		authority: authority, service: s, made: made, today: today, patients: make(map[nhs.Number]*patient),
		isChanged: make(map[string]bool), sent: make(map[nhs.Number]bool),
	}
}

// patient returns the patient with the number. Two numbers of one patient return the same value, so that their rows
// share the plans. The error is ErrPDS or an error of the store.
func (b *planSet) patient(ctx context.Context, number nhs.Number) (*patient, error) {
	if p, known := b.patients[number]; known {
		return p, nil
	}
	p, err := b.service.patient(ctx, b.authority, number, b.made)
	if err != nil {
		return nil, err
	}
	if p.National {
		b.checks = append(b.checks, store.NumberCheck{Number: number, Current: p.Current})
	}
	for _, n := range p.Numbers {
		if before, known := b.patients[n]; known {
			p = before
			break
		}
	}
	b.patients[number] = p
	return p, nil
}

// apply executes a row and returns a sentence that describes what was done. The error is a *refusal, ErrPDS or an
// error of the store.
func (b *planSet) apply(ctx context.Context, c change) (string, error) {
	if c.action.byReference() {
		return b.endOrDelete(ctx, c)
	}
	if err := b.service.match(ctx, c, b.today); err != nil {
		return "", err
	}
	answer, err := b.addOrUpdate(ctx, c)
	if err == nil {
		for _, n := range b.patients[c.number].Numbers {
			b.sent[n] = true
		}
	}
	return answer, err
}

// addOrUpdate executes a row that adds or updates a plan and returns a sentence that describes what was done. The
// error is a *refusal, ErrPDS or an error of the store.
func (b *planSet) addOrUpdate(ctx context.Context, c change) (string, error) {
	of, err := b.patient(ctx, c.number)
	if err != nil {
		return "", err
	}

	p := store.Plan{
		Number: c.number, Kind: c.kind, Start: c.start, End: c.end, Due: c.due, Authority: b.authority,
		Reference: c.reference,
		Made:      b.made,
	}

	at, err := c.plan(of.plans)
	switch {
	case err != nil:
		return "", err
	case at < 0 && slices.ContainsFunc(of.removed, func(gone store.Plan) bool {
		return sameIdentity(gone, p) && b.older(gone)
	}):
		return "", errOlder
	case at < 0:
		if err := b.checkLimits(p, of); err != nil {
			return "", err
		}
		p.ID = b.service.newID()
		of.plans = append(of.plans, p)
		b.markChanged(p.ID)
		return b.answer("Added.", p, of), nil
	}

	before := of.plans[at]
	if b.older(before) {
		return "", errOlder
	}

	visible := func(p store.Plan) bool { return b.service.window.Visible(p, of.Born, b.today) }
	if c.action == add && visible(before) && !visible(p) {
		return "", failure(Action, "this plan is an alert now, and an “add” row cannot remove an alert. Send it as "+
			"“update” or “end”.")
	}

	p.ID, p.Made = before.ID, max(before.Made, b.made)
	if !sameIdentity(before, p) {
		b.remove(before)
	}

	of.plans[at] = p
	b.markChanged(p.ID)
	return b.answer("Updated.", p, of), nil
}

// plan returns the index of the plan on file that the row adds again or updates, or -1 if the row adds a new one. It
// looks for a plan with the row's number, kind, reference and start.
//
// If there is none, an update also matches a plan with the same kind and reference and another start, whose start it
// changes, or one under another number of the patient, which it moves to the row's number. A row that adds a plan does
// not: such a plan may be a sibling's, stored here while the two records were merged. The error is a *refusal.
func (c change) plan(on []store.Plan) (int, error) {
	under := func(p store.Plan) bool { return p.Number == c.number && c.matchesPlan(p) }
	same := func(p store.Plan) bool { return p.Start == c.start }
	if at := slices.IndexFunc(on, func(p store.Plan) bool { return under(p) && same(p) }); at >= 0 || c.action == add {
		return at, nil
	}
	for _, fits := range []func(store.Plan) bool{
		func(p store.Plan) bool { return c.matchesPlan(p) && same(p) }, under, c.matchesPlan,
	} {
		at := slices.IndexFunc(on, fits)
		if at < 0 {
			continue
		}
		if slices.ContainsFunc(on, func(p store.Plan) bool { return fits(p) && p.Start != on[at].Start }) {
			return -1, failure(Start, "more than one plan of this kind with this reference is on file, but none "+
				"starts on this date.")
		}
		return at, nil
	}
	return -1, c.notOnFile()
}

// checkLimits refuses a plan that exceeds maxRunning or maxPlans.
func (b *planSet) checkLimits(p store.Plan, of *patient) error {
	over := func(p store.Plan) bool {
		end, _ := cpis.EndOf(p, of.Born)
		return !end.IsZero() && end.Before(b.today)
	}
	running := 0
	for _, on := range of.plans {
		if !over(on) {
			running++
		}
	}
	switch {
	case len(of.plans) >= maxPlans:
		return failure(Reference, "this patient already has %d plans on file. Delete those that were added by mistake.",
			maxPlans)
	case running >= maxRunning && !over(p):
		return failure(Reference, "this patient already has %d plans on file that have not ended. Delete those "+
			"that were added by mistake.", maxRunning)
	}
	return nil
}

// endOrDelete executes a row that ends or deletes a plan and returns a sentence that describes what was done. The
// sentence discloses nothing about the patient. The error is a *refusal, ErrPDS or an error of the store.
//
// The plan is looked up by what its authority sent: the number, the kind, and the reference or the start. Plans under
// another number of the patient also match. They do not if the record is restricted, because the answer would disclose
// that the two numbers belong to one person. A plan that is on file under two numbers, because there were two records
// when it was sent, is ended under both.
func (b *planSet) endOrDelete(ctx context.Context, c change) (string, error) {
	of, err := b.patient(ctx, c.number)
	if err != nil {
		return "", err
	}

	means := func(p store.Plan) bool { return c.matchesPlan(p) && (p.Number == c.number || !of.Restricted) }
	at := slices.IndexFunc(of.plans, means)
	if at < 0 {
		return "", b.notFound(ctx, c, of)
	}

	ended := of.plans[at]
	start := ended.Start
	if slices.ContainsFunc(of.plans, func(p store.Plan) bool { return means(p) && p.Start != start }) {
		return "", failure(Start, "more than one plan of this kind with this reference is on file. Give the start "+
			"date of the one you mean.")
	}

	if c.action == end {
		if err := checkEnd(start, c.end); err != nil {
			return "", err
		}
	}

	if slices.ContainsFunc(of.plans, func(p store.Plan) bool { return means(p) && b.older(p) }) {
		return "", errOlder
	}

	for i := range of.plans {
		if p := &of.plans[i]; means(*p) {
			b.markChanged(p.ID)
			p.End, p.Made = c.end, max(p.Made, b.made)
			if c.action == remove {
				b.remove(*p)
			}
		}
	}

	if c.action == remove {
		of.plans = slices.DeleteFunc(of.plans, means)
		return "Deleted.", nil
	}

	ended.End = c.end
	return sentences("Ended.", b.service.window.Outlook(ended, nhs.Date{}, b.today).String()), nil
}

// answer returns a sentence that describes what a row did, and whether the plan is shown as an alert if that is not
// obvious. Call it only for a row that matches the record, because the sentence may state the 18th birthday on record.
func (b *planSet) answer(did string, p store.Plan, of *patient) string {
	other := ""
	if slices.ContainsFunc(of.plans, func(q store.Plan) bool {
		number := q.Number
		q.Number = p.Number
		return number != p.Number && sameIdentity(q, p)
	}) {
		other = "The same plan is still on file under another number of this patient."
	}
	return sentences(did, b.service.window.Outlook(p, of.Born, b.today).String(), other)
}

// sameIdentity reports whether two plans of one authority have the same NHS number, kind, reference and start.
func sameIdentity(a, b store.Plan) bool {
	return a.Number == b.Number && a.Kind == b.Kind && a.Start == b.Start &&
		table.Cell(a.Reference) == table.Cell(b.Reference)
}

// errOlder refuses a row of a file that was created before the file that last changed the plan.
var errOlder = &refusal{
	Failure, "This file was made before the file that last changed this plan. Nothing was changed: send the " +
		"current details in a new file.",
}

// older reports whether the file was created before the file that last changed the plan.
func (b *planSet) older(than store.Plan) bool { return b.made != 0 && b.made < than.Made }

// remove records a former version of a plan, so that an older file that arrives later does not add it again.
func (b *planSet) remove(p store.Plan) {
	if p.Made = max(p.Made, b.made); p.Made != 0 {
		p.Reference = table.Cell(p.Reference)
		b.removed = append(b.removed, p)
	}
}

// sentences joins the sentences that are not empty.
func sentences(all ...string) string {
	return strings.Join(slices.DeleteFunc(all, func(s string) bool { return s == "" }), " ")
}

// matchesPlan reports whether the row is about the plan: kind and reference must be equal, and without a reference the
// start too. If a row ends or deletes a plan by its reference and states a start, that start must be the plan's.
// References are compared in the form that [table.Cell] returns, because an imported one may contain invisible
// characters.
func (c change) matchesPlan(p store.Plan) bool {
	switch {
	case p.Kind != c.kind || table.Cell(p.Reference) != c.reference:
		return false
	case c.reference == "":
		return p.Start == c.start
	default:
		return !c.action.byReference() || c.start.IsZero() || p.Start == c.start
	}
}

// notFound returns the error for a row whose plan is not on file. If the authority has no plan under the number, and
// the row has a birth date and names, they are compared with the record first, because the number may be wrong.
func (b *planSet) notFound(ctx context.Context, c change, of *patient) error {
	if !c.born.IsZero() && !slices.ContainsFunc(of.plans, func(p store.Plan) bool { return p.Number == c.number }) {
		if err := b.service.match(ctx, c, b.today); err != nil {
			return err
		}
	}
	return c.notOnFile()
}

func (c change) notOnFile() error {
	if c.reference == "" {
		return failure(Start, "you have no plan of this kind with this start and without a reference on file under "+
			"this NHS number.")
	}
	return failure(Reference, "you have no plan of this kind with this reference (and this start, if given) on "+
		"file under this NHS number.")
}

func (b *planSet) markChanged(id string) {
	if !b.isChanged[id] {
		b.isChanged[id] = true
		b.changedIDs = append(b.changedIDs, id)
	}
}

// changed returns the plans that were added or changed, and the IDs of those that were deleted.
func (b *planSet) changed() (plans []store.Plan, deleted []string) {
	stand := make(map[string]store.Plan)
	for _, of := range b.patients {
		for _, p := range of.plans {
			stand[p.ID] = p
		}
	}
	for _, id := range b.changedIDs {
		if p, ok := stand[id]; ok {
			plans = append(plans, p)
		} else {
			deleted = append(deleted, id)
		}
	}
	return plans, deleted
}
