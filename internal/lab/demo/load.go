package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/store"
	"wardlight/hub/summary"
	"wardlight/hub/trace"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/people"
	"wardlight/internal/lab/pki"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// LoadedSession is the session ID of the accesses that are loaded at the start of a demo.
const LoadedSession = "lab"

// batch is how many patients are stored in one transaction. It saves commits and limits the memory, so that millions
// can be loaded.
const batch = 2000

// A loader fills a hub's store with the synthetic people.
type loader struct {
	store store.Store
	now   time.Time
}

// authorities stores the stand-in authorities. url returns the address for an authority's notifications.
func (l loader) authorities(ctx context.Context, all []people.Authority, url func(code string) string) error {
	for _, a := range all {
		err := l.store.PutAuthority(ctx, store.Authority{
			Code: a.ID, Name: a.Name, OfficePhone: a.Office, DutyPhone: a.Emergency, Endpoint: url(a.ID),
		})
		if err != nil {
			return fmt.Errorf("loading authorities: %w", err)
		}
	}
	return nil
}

// staff stores the holders of the cards and the list of revoked cards.
func (l loader) staff(ctx context.Context, ca *pki.CA) error {
	for _, c := range cards.All() {
		p := store.Person{UUID: c.UUID, Title: c.Title, Given: c.Given, Family: c.Family}
		for _, r := range c.Roles {
			p.Roles = append(p.Roles, store.Role{RoleProfile: r, OrgID: orgIDs[r.OrgODS]})
		}

		if err := l.store.PutPerson(ctx, p); err != nil {
			return fmt.Errorf("loading staff: %w", err)
		}
		if c.Condition != cards.Revoked {
			continue
		}

		err := l.store.RevokeCertificates(ctx, []store.Revocation{{
			Certificate: store.Certificate{
				Issuer: ca.Certificate().Subject.String(), Serial: fmt.Sprintf("%x", c.Serial()),
			},
			At: l.now.AddDate(0, 0, -revokedDays), Reason: "keyCompromise",
		}})
		if err != nil {
			return fmt.Errorf("loading the revocation list: %w", err)
		}
	}

	return nil
}

// orgIDs maps the organisations' ODS codes to the values of person_orgid.
var orgIDs = map[string]string{"X99": "999000000509", "X98": "999000000508", "X97": "999000000507"}

// patients stores the named and the generated people with their plans and accesses, and returns their number.
func (l loader) patients(ctx context.Context, seed uint64, count int) (int, error) {
	var accesses []store.Access
	var waiting []store.Patient
	total := 0
	flush := func() error {
		total += len(waiting)
		err := l.store.PutPatients(ctx, waiting)
		waiting = waiting[:0]
		return err
	}

	add := func(p people.Person) error {
		row, err := trace.Record(&p.Patient)
		if err != nil {
			return err
		}
		row.SupersededBy = p.SupersededBy
		if row.Related, err = trace.Relatives(p.Number(), p.Related); err != nil {
			return err
		}
		if waiting = append(waiting, row); len(waiting) == batch {
			if err := flush(); err != nil {
				return err
			}
		}
		accesses = append(accesses, accessesOf(p)...)
		if err := l.summary(ctx, p); err != nil {
			return err
		}
		for _, f := range p.Flags {
			if err := l.store.PutFlag(ctx, f); err != nil {
				return err
			}
		}
		return l.plans(ctx, p)
	}

	named := people.Named(l.now)

	// The newer number must be stored first.
	slices.SortStableFunc(named, func(a, b people.Person) int { return len(a.SupersededBy) - len(b.SupersededBy) })
	for _, p := range named {
		if err := add(p); err != nil {
			return 0, fmt.Errorf("loading %s: %w", p.Shows, err)
		}
	}

	generated := 0
	for p := range people.Seeded(people.Options{Seed: seed, Count: count, Today: nhs.DateOf(l.now)}) {
		if generated++; generated <= maxSummaries {
			p.Summary = people.SeededSummary(p, seed, l.now)
		}
		if err := add(p); err != nil {
			return 0, fmt.Errorf("loading people: %w", err)
		}
	}

	if err := flush(); err != nil {
		return 0, fmt.Errorf("loading people: %w", err)
	}

	return total, l.history(ctx, accesses)
}

// maxSummaries is how many generated people have a Summary Care Record. Those of millions would take long to load.
const maxSummaries = 200

func (l loader) summary(ctx context.Context, p people.Person) error {
	s := p.Summary
	if s == nil {
		return nil
	}
	d := summary.Document{Number: p.Number(), ID: s.ID, Made: s.Made, Body: s.Bundle}
	if s.OptedOut {
		d.Sharing = summary.No
	}
	return l.store.PutSummary(ctx, d)
}

func (l loader) plans(ctx context.Context, p people.Person) error {
	for i, plan := range p.Plans {
		err := l.store.PutPlan(ctx, store.Plan{
			ID: fmt.Sprintf("lab-%s-%d", p.Patient.ID, i+1), Number: p.Number(), Kind: store.PlanKind(plan.Kind),
			Start: plan.Start, End: plan.End, Due: plan.Due,
			Authority: plan.Authority, Reference: fmt.Sprintf("%s/%s/%d", plan.Authority, p.Patient.ID[5:], i+1),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func accessesOf(p people.Person) []store.Access {
	var all []store.Access
	for i, a := range p.Accesses {
		id := uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "wardlight-lab/%s/%d", p.Patient.ID, i)).String()
		all = append(all, store.Access{
			ID: id, Number: p.Number(), At: a.When, Session: LoadedSession, RequestID: id,
			Who: store.Viewer{
				UUID: a.UUID, URID: a.URID, Name: a.Name, JobRole: rbac.RoleProfile{JobRole: a.Role}.JobRoleCode(),
				JobName: a.RoleName, OrgODS: a.ODS, OrgName: a.OrgName,
			},
		})
	}
	return all
}

// history stores the past accesses, oldest first, together with their audit records, as the hub does. It queues no
// notifications.
func (l loader) history(ctx context.Context, accesses []store.Access) error {
	slices.SortStableFunc(accesses, func(a, b store.Access) int { return a.At.Compare(b.At) })
	var entries []*store.Entry
	for _, a := range accesses {
		entries = append(entries, &store.Entry{
			Audit: store.AuditRecord{
				At: a.At, RequestID: a.RequestID, Session: a.Session, Person: a.Who.UUID, URID: a.Who.URID,
				OrgODS: a.Who.OrgODS,
				Action: "open alert", Outcome: "granted", Patients: []nhs.Number{a.Number},
			},
			Opening: &store.Opening{
				Person: a.Who.UUID, RequestID: a.RequestID, Answer: []byte("{}"), Expires: a.At, Access: &a,
			},
		})
	}

	refused, err := l.store.Commit(ctx, entries)
	for _, r := range refused {
		if err == nil {
			err = r
		}
	}

	if err != nil {
		return fmt.Errorf("loading the access history: %w", err)
	}

	return nil
}
