package api

import (
	"net/http"

	"wardlight/hub/identity"
	"wardlight/hub/national"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// person is the principal of a person with a session, with the role in the request once it is validated.
type person struct {
	*identity.Caller
	role store.Role
}

// authenticatePerson authenticates a person by the token and its proof.
func (a *API) authenticatePerson(c *call) (principal, error) {
	caller, err := a.Identity.Authenticate(c.ctx, c.request.Header.Values("Authorization"), a.proofRequest(c.request))
	if err != nil {
		return nil, err
	}
	c.person = &person{Caller: caller}
	return c.person, nil
}

// Key returns the person's UUID, so that all sessions and roles share a budget.
func (p *person) Key() string { return p.Person.UUID }

// Entry returns an entry that requires an active session, an unchanged person and an unused proof.
func (p *person) Entry() store.Entry {
	return store.Entry{Proof: &p.Proof, Touch: p.Session.ID, Version: p.Person.Version}
}

// Audit returns the person and the session.
func (p *person) Audit() store.AuditRecord {
	return store.AuditRecord{Session: p.Session.ID, Person: p.Person.UUID, URID: p.role.URID, OrgODS: p.role.OrgODS}
}

// Permit validates the role, and returns an error unless it permits the action, in the request's care setting if the
// route has one.
func (p *person) Permit(c *call, rt route) error {
	r := c.request
	urids := r.Header.Values(headerURID)
	if len(urids) != 1 {
		return rt.headers.invalid(headerURID, "")
	}

	role, ok := p.Role(urids[0])
	if !ok {
		return rt.headers.invalid(headerURID, urids[0])
	}

	p.role = role
	if !endUserOrgOK(r) {
		return rt.headers.invalid(headerEndUserOrg, r.Header.Get(headerEndUserOrg))
	}

	var err error
	if c.action, err = rt.choose(r, role.RoleProfile); err != nil {
		return err
	}

	d := rbac.Decide(role.RoleProfile, c.action)
	switch {
	case c.action == rbac.ReadFGM:
		d = rbac.DecideFGM(role.RoleProfile, rt.fgmCode)
	case rt.setting:
		unscheduled, err := unscheduledAsked(r)
		if err != nil {
			return err
		}
		d = rbac.DecideIn(role.RoleProfile, c.action, unscheduled)
	}

	if !d.Allowed {
		return forbidden(d)
	}

	return nil
}

// asker returns the person in the role of the request, for national services.
func (p *person) asker(requestID string, action rbac.Action) national.Caller {
	v := p.Viewer(p.role)
	return national.Caller{
		UUID: v.UUID, Name: v.Name, Title: p.Person.Title, Given: p.Person.Given, Family: p.Person.Family,
		URID: v.URID, JobCode: v.JobRole, JobName: v.JobName, OrgODS: v.OrgODS, OrgName: v.OrgName,
		Session: p.Session.ID, RequestID: requestID, Action: action,
	}
}

// proofRequest returns the request for which the proof must be valid.
func (a *API) proofRequest(r *http.Request) identity.Request {
	proof := ""
	if all := r.Header.Values("DPoP"); len(all) == 1 {
		proof = all[0]
	}
	id, _ := requestID(r)
	return identity.Request{Method: r.Method, Path: r.URL.EscapedPath(), Proof: proof, ID: id, Source: a.source(r)}
}

// watchPatients logs an alarm when a person has been answered about many patients within an hour. The session in it
// leads to the person in the audit.
func (a *API) watchPatients(c *call, about []nhs.Number) {
	numbers := make([]string, len(about))
	for i, n := range about {
		numbers[i] = n.Digits()
	}
	if a.Patients.Add(c.principal.Key(), numbers, c.now) {
		a.Observer.ManyPatients()
		a.Log.ErrorContext(c.ctx, "ALARM: a person received answers about more patients within an hour than "+
			"limits.patients_person allows.",
			"session", c.person.Session.ID, "request", c.requestID)
	}
}
