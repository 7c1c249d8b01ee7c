package upload

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// mostPlans is how many plans one authority may have of one patient: far more than any child has, and few enough that a faulty
// export floods no screen.
const mostPlans = 50

// planSpace is the namespace of plan ids (RFC 9562, version 5).
var planSpace = uuid.MustParse("8f7a1f0e-6d0a-4f0c-9b53-2f6f4b1c7d21")

// planID is the id of a plan that is new. The NHS number is part of it: authorities give one reference to a family, and the plan
// of one child must never take the place of a sibling's.
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
	plans     map[nhs.Number][]store.Plan // by the current number
	born      map[nhs.Number]nhs.Date     // on the current record, by the same
	touched   []string                    // ids, in order, each once
	seen      map[string]bool             // those that are among them
}

func newBook(authority string, s *Service, today nhs.Date) *book {
	return &book{
		authority: authority, service: s, today: today,
		plans: make(map[nhs.Number][]store.Plan), born: make(map[nhs.Number]nhs.Date), seen: make(map[string]bool),
	}
}

// apply does what a row says and tells it in a sentence; or gives a *refusal, or a failure.
func (b *book) apply(ctx context.Context, c change) (string, error) {
	plans, known := b.plans[c.number]
	if !known {
		var err error
		if plans, b.born[c.number], err = b.service.ours(ctx, b.authority, c.number); err != nil {
			return "", err
		}
		slices.SortFunc(plans, func(a, b store.Plan) int { return cmp.Compare(a.ID, b.ID) })
		b.plans[c.number] = plans
	}
	at := slices.IndexFunc(plans, func(p store.Plan) bool { return c.means(p) })
	if at < 0 && c.action != add {
		return "", c.notOnFile()
	}
	switch c.action {
	case add, update:
		p := store.Plan{
			Number: c.number, Kind: c.kind, Start: c.start, End: c.end, Due: c.due, Authority: b.authority, Reference: c.reference,
		}
		if at < 0 && len(plans) >= mostPlans {
			return "", failure(Reference, "%d plans of this patient are on file already. Delete those that were added by mistake.", mostPlans)
		}
		if at < 0 {
			p.ID = planID(b.authority, c)
			b.plans[c.number] = append(plans, p)
			b.touch(p.ID)
			return b.answer("Added.", p), nil
		}
		p.ID = plans[at].ID
		plans[at] = p
		b.touch(p.ID)
		return b.answer("Updated.", p), nil
	case end:
		p := plans[at]
		if err := c.checkPlan(p.Start, c.end); err != nil {
			return "", err
		}
		p.End, p.Number = c.end, c.number
		plans[at] = p
		b.touch(p.ID)
		return "Ended.", nil
	default:
		b.touch(plans[at].ID)
		b.plans[c.number] = slices.Delete(plans, at, at+1)
		return "Deleted.", nil
	}
}

// answer returns what a row did, and what becomes of its plan where that is not to be expected. Only a row that fits the record
// gets it: it says when the 18th birthday on record is.
func (b *book) answer(did string, p store.Plan) string {
	if outlook := b.service.window.Outlook(p, b.born[p.Number], b.today).String(); outlook != "" {
		return did + " " + outlook
	}
	return did
}

// means reports whether the row is about the plan: the same reference, or without one the same start. A row that ends or
// deletes a plan by its reference and states a start must state the plan's.
func (c change) means(p store.Plan) bool {
	switch {
	case p.Kind != c.kind || p.Reference != c.reference:
		return false
	case c.reference == "":
		return p.Start == c.start
	default:
		return c.action < end || c.start.IsZero() || p.Start == c.start
	}
}

func (c change) notOnFile() error {
	if c.reference == "" {
		return failure(Start, "no plan of this kind without a reference and with this start is on file for this patient.")
	}
	return failure(Reference, "no plan of this kind with this reference, and this start where one is given, is on file for this patient.")
}

func (b *book) touch(id string) {
	if !b.seen[id] {
		b.seen[id] = true
		b.touched = append(b.touched, id)
	}
}

// changed is what the rows leave: the plans that are to stand, and the ids of those that are not.
func (b *book) changed() (plans []store.Plan, deleted []string) {
	stand := make(map[string]store.Plan)
	for _, of := range b.plans {
		for _, p := range of {
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
