package api

import (
	"context"
	"sync"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// OpeningQuery is implemented by a source of alerts whose every query notifies the local authority. Only an opening in
// unscheduled care asks it, once for each request ID. Its Plans and History ask nothing.
type OpeningQuery interface {
	// Query asks about the patient on behalf of the caller in ctx. It returns the plans, and the access history with
	// this query. The same caller, request ID and patient always make the same message, so that the service recognises
	// a repetition. Errors are *[national.Failure].
	Query(ctx context.Context, patient trace.RecordStatus) (cpis.PatientPlans, []store.Access, error)
}

// reasonQuery is the audit's reason for an opening whose access the national service recorded, not the hub.
const reasonQuery = "national query"

// keyLocks are locks by key, so that concurrent repetitions of an opening wait for its answer.
type keyLocks struct {
	mu   sync.Mutex
	held map[string]chan struct{} // closed when released
}

// acquire acquires the lock of the key, and returns its release. The error is ctx's.
func (l *keyLocks) acquire(ctx context.Context, key string) (release func(), err error) {
	for {
		l.mu.Lock()
		busy := l.held[key]
		if busy == nil {
			mine := make(chan struct{})
			if l.held == nil {
				l.held = make(map[string]chan struct{})
			}
			l.held[key] = mine
			l.mu.Unlock()
			return func() {
				l.mu.Lock()
				delete(l.held, key)
				l.mu.Unlock()
				close(mine)
			}, nil
		}
		l.mu.Unlock()

		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// permittedPatient returns the patient, unless no alert about the patient may be shown, or no current record has the
// number. A service that a query notifies is not asked about such a patient.
func (a *API) permittedPatient(c *call, number nhs.Number) (trace.RecordStatus, error) {
	patient, err := a.Records.RecordStatus(c.ctx, number)
	switch {
	case err != nil:
		return trace.RecordStatus{}, err
	case !patient.Known:
		return trace.RecordStatus{}, trace.ErrNotFound
	}
	return patient, cpis.Permit(patient)
}

// openByQuery answers an opening in unscheduled care with one query to the source. A repetition gets the stored answer.
// The service records the access and notifies the authorities, so the hub writes neither; it stores the answer. The
// query goes on when the caller has gone, because its answer belongs to the repetition.
func (a *API) openByQuery(c *call, source OpeningQuery, number nhs.Number) (*answer, error) {
	if !c.queries {
		release, err := a.openings.acquire(c.ctx, c.person.Key()+c.requestID)
		if err != nil {
			return nil, err
		}
		c.releases = append(c.releases, release)
		c.queries, c.ctx = true, context.WithoutCancel(c.ctx)
	}

	patient, err := a.permittedPatient(c, number)
	if err != nil {
		return nil, err
	}
	digest := requestDigest(c, number)
	if before, err := a.openedBefore(c, number, digest); before != nil || err != nil {
		return before, err
	}

	found, history, err := source.Query(c.ctx, patient)
	if err != nil {
		return nil, err
	}

	b := fhir.NewSearchset(stamp(c.now))
	b.Meta = &fhir.BundleMeta{Tag: []fhir.Coding{{System: fhir.SystemAnswer, Code: fhir.HistoryIncluded}}}
	if err := a.addPlans(b, found, number, c.today); err != nil {
		return nil, err
	}
	if err := a.addHistory(b.Include, b.Include, history[:min(len(history), cpis.LatestAccesses)], number); err != nil {
		return nil, err
	}

	body, err := a.alertAnswer(b, found)
	if err != nil {
		return nil, err
	}

	return &answer{
		body: body, patients: []nhs.Number{number}, reason: reasonQuery,
		opening: &store.Opening{
			Person: c.person.Person.UUID, RequestID: c.requestID, Digest: digest, Answer: body,
			Expires: c.person.Session.Expires,
		},
	}, nil
}

// addPlans adds the visible plans to the bundle.
func (a *API) addPlans(b *fhir.Bundle, found cpis.PatientPlans, number nhs.Number, today nhs.Date) error {
	for _, p := range found.Visible {
		if err := b.Match(a.Issuer+cpisBase+"/CareTeam/"+p.ID, nil, cpis.CareTeam(p, number, today)); err != nil {
			return err
		}
	}
	return nil
}

// addResource adds a resource to a bundle.
type addResource func(fullURL string, resource any) error

// addHistory adds the access history with addEvent, and its viewers with addRole, unless that is nil.
func (a *API) addHistory(addEvent, addRole addResource, history []store.Access, number nhs.Number) error {
	roles := make(map[store.Viewer]string)
	var viewers []store.Viewer
	for _, x := range history {
		id, known := roles[x.Who]
		if !known {
			id = a.NewID()
			roles[x.Who] = id
			viewers = append(viewers, x.Who)
		}
		x.Number = number
		event := cpis.AuditEvent(x, "urn:uuid:"+id, fhir.Reference{Display: a.Issuer})
		if err := addEvent(a.Issuer+cpisBase+"/AuditEvent/"+x.ID, event); err != nil {
			return err
		}
	}

	if addRole == nil {
		return nil
	}
	for _, v := range viewers {
		if err := addRole("urn:uuid:"+roles[v], cpis.PractitionerRole(roles[v], v)); err != nil {
			return err
		}
	}
	return nil
}
