package upload

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
	"wardlight/internal/table"
)

// mostPlans is how many plans one authority may have of one patient: far more than any child has, and few enough that
// a faulty export floods no screen.
const mostPlans = 50

// planSpace is the namespace of plan ids (RFC 9562, version 5).
var planSpace = uuid.MustParse("8f7a1f0e-6d0a-4f0c-9b53-2f6f4b1c7d21")

// planID returns the id of a plan that is new. The NHS number is part of it: authorities give one reference to a
// family, and the plan of one child must never take the place of a sibling's.
func planID(authority string, c change) string {
	key := []string{authority, string(c.kind), c.number.Digits(), "reference", c.reference}
	if c.reference == "" {
		key = []string{authority, string(c.kind), c.number.Digits(), "start", c.start.FHIR()}
	}
	return uuid.NewSHA1(planSpace, []byte(strings.Join(key, "\n"))).String()
}

// book is one authority's plans of the patients of one file, as its rows leave them.
type book struct {
	authority string
	service   *Service
	today     nhs.Date
	patients  map[nhs.Number]*patient // by every number that they have been asked for by
	touched   []string                // ids of plans, in order, each once
	seen      map[string]bool         // those that are among them
}

// patient is one patient of a file, and the authority's plans under all of the patient's numbers.
type patient struct {
	trace.OnRecord
	plans []store.Plan
}

func newBook(authority string, s *Service, today nhs.Date) *book {
	return &book{authority: authority, service: s, today: today, patients: make(map[nhs.Number]*patient), seen: make(map[string]bool)}
}

// patient returns the patient with the number. Rows that give different numbers of one patient share the plans. The
// error is ErrPDS, or the ledger's.
func (b *book) patient(ctx context.Context, number nhs.Number) (*patient, error) {
	if p, known := b.patients[number]; known {
		return p, nil
	}
	p, err := b.service.patient(ctx, b.authority, number)
	if err != nil {
		return nil, err
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

// apply does what a row says, and returns its answer in a sentence. The error is a *refusal or a failure.
func (b *book) apply(ctx context.Context, c change) (string, error) {
	if c.action.byReference() {
		return b.endOrDelete(ctx, c)
	}
	if err := b.service.match(ctx, c, b.today); err != nil {
		return "", err
	}
	return b.put(ctx, c)
}

// put does what a row says that adds or updates a plan, and returns its answer in a sentence. The error is a *refusal
// or a failure.
func (b *book) put(ctx context.Context, c change) (string, error) {
	of, err := b.patient(ctx, c.number)
	if err != nil {
		return "", err
	}
	p := store.Plan{
		Number: c.number, Kind: c.kind, Start: c.start, End: c.end, Due: c.due, Authority: b.authority, Reference: c.reference,
	}
	at := slices.IndexFunc(of.plans, c.means)
	switch {
	case at >= 0:
		p.ID = of.plans[at].ID
		of.plans[at] = p
		b.touch(p.ID)
		return b.answer("Updated.", p, of), nil
	case c.action != add:
		return "", c.notOnFile()
	case len(of.plans) >= mostPlans:
		return "", failure(Reference, "%d plans of this patient are on file already. Delete those that were added by mistake.", mostPlans)
	}
	p.ID = planID(b.authority, c)
	of.plans = append(of.plans, p)
	b.touch(p.ID)
	return b.answer("Added.", p, of), nil
}

// endOrDelete does what a row says that ends or deletes a plan, and returns its answer in a sentence, which says
// nothing of the patient. The error is a *refusal or a failure.
//
// The plan is found by what its authority gave: the number, the kind, and the reference or the start. It is found
// under another number of the patient, too; not where the record is restricted, as the answer would say that the two
// numbers are one person's. A plan that is on file under two numbers, because there were two records when it was
// sent, is ended under both.
func (b *book) endOrDelete(ctx context.Context, c change) (string, error) {
	of, err := b.patient(ctx, c.number)
	if err != nil {
		return "", err
	}
	means := func(p store.Plan) bool { return c.means(p) && (p.Number == c.number || !of.Restricted) }
	at := slices.IndexFunc(of.plans, means)
	if at < 0 {
		return "", b.notFound(ctx, c, of)
	}
	start := of.plans[at].Start
	if slices.ContainsFunc(of.plans, func(p store.Plan) bool { return means(p) && p.Start != start }) {
		return "", failure(Start, "more than one plan of this kind with this reference is on file. Say which by its start.")
	}
	if c.action == end {
		if err := checkEnd(start, c.end); err != nil {
			return "", err
		}
	}

	for i := range of.plans {
		if means(of.plans[i]) {
			b.touch(of.plans[i].ID)
			of.plans[i].End = c.end
		}
	}
	if c.action == remove {
		of.plans = slices.DeleteFunc(of.plans, means)
		return "Deleted.", nil
	}
	return "Ended.", nil
}

// answer returns what a row did, and what becomes of its plan where that is not to be expected. Only a row that fits
// the record gets it: it says when the 18th birthday on record is.
func (b *book) answer(did string, p store.Plan, of *patient) string {
	if outlook := b.service.window.Outlook(p, of.Born, b.today).String(); outlook != "" {
		return did + " " + outlook
	}
	return did
}

// means reports whether the row is about the plan: the same reference, or without one the same start. A row that ends
// or deletes a plan by its reference and states a start must state the plan's. References are compared as cells read:
// an imported one may have a character in it that prints nothing.
func (c change) means(p store.Plan) bool {
	switch {
	case p.Kind != c.kind || table.Cell(p.Reference) != c.reference:
		return false
	case c.reference == "":
		return p.Start == c.start
	default:
		return !c.action.byReference() || c.start.IsZero() || p.Start == c.start
	}
}

// notFound returns why a row is refused whose plan is not on file. Where the authority has no plan under the number,
// a row with the patient's birth date and names is compared with the record, as one that adds is: the number may be
// wrong.
func (b *book) notFound(ctx context.Context, c change, of *patient) error {
	if !c.born.IsZero() && !slices.ContainsFunc(of.plans, func(p store.Plan) bool { return p.Number == c.number }) {
		if err := b.service.match(ctx, c, b.today); err != nil {
			return err
		}
	}
	return c.notOnFile()
}

func (c change) notOnFile() error {
	if c.reference == "" {
		return failure(Start, "no plan of yours of this kind without a reference and with this start is on file under this NHS number.")
	}
	return failure(Reference, "no plan of yours of this kind with this reference, and this start where one is given, is on file under this NHS number.")
}

func (b *book) touch(id string) {
	if !b.seen[id] {
		b.seen[id] = true
		b.touched = append(b.touched, id)
	}
}

// changed returns what the rows leave: the plans that are to stand, and the ids of those that are not.
func (b *book) changed() (plans []store.Plan, deleted []string) {
	stand := make(map[string]store.Plan)
	for _, of := range b.patients {
		for _, p := range of.plans {
			stand[p.ID] = p
		}
	}
	for _, id := range b.touched {
		if p, ok := stand[id]; ok {
			plans = append(plans, p)
		} else {
			deleted = append(deleted, id)
		}
	}
	return plans, deleted
}
