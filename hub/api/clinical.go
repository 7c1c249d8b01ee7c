package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/identity"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// call is a request whose caller, role and right to ask are established.
type call struct {
	ctx       context.Context //nolint:containedctx // a call lives as long as its request
	caller    *identity.Caller
	role      store.Role
	action    rbac.Action
	requestID string
	query     url.Values
	number    string // of the path; "" where the path has none
	now       time.Time
	today     nhs.Date // in the United Kingdom
	counted   bool     // among the searches of the person
	paid      bool     // from the person's budget of requests
}

// answer is what a call gives, and what it leaves in the ledger.
type answer struct {
	body     []byte
	etag     string
	patients []nhs.Number // everyone whom the body is about
	opening  *store.Opening
	again    bool // an answer from the record

	// Of a call of an authority's alone:
	mediaType string // "" is FHIR
	status    int    // 0 is 200
	outcome   string // of the audit; "" is granted
	reason    string // of the audit
	upload    *store.Upload
}

// clinical serves a route that needs a session: who is it, in which role, may they, what is the answer, is it on
// record; and only then the answer.
func (a *API) clinical(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		c := &call{ctx: ctx, number: r.PathValue("number")}
		got, err := a.call(c, rt, r)
		// It rested on what is no longer so, and left nothing: whatever was worked out is thrown away.
		if c.caller != nil && a.Identity.Outdated(c.caller, err) {
			got, err = a.call(c, rt, r)
		}
		if c.caller != nil {
			if spent := a.Identity.Spent(ctx, c.caller, err, a.proofRequest(r)); spent != nil {
				err = spent
			}
		}
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		if got.etag != "" {
			w.Header().Set("ETag", got.etag)
		}
		writeFHIR(w, http.StatusOK, got.body)
	}
}

// call knows the caller and responds.
func (a *API) call(c *call, rt route, r *http.Request) (got *answer, err error) {
	if c.caller, err = a.Identity.Authenticate(c.ctx, r.Header.Values("Authorization"), a.proofRequest(r)); err != nil {
		return nil, err
	}
	c.role, c.action, c.now = store.Role{}, 0, a.Clock() // as if it were not the second time
	if !c.paid {
		c.paid = true
		if wait, ok := a.Requests.Take(c.caller.Person.UUID, c.now); !ok {
			return nil, a.overBudget(c, rt, r, wait)
		}
	}
	c.today = nhs.DateOf(c.now.In(a.UK))
	got, err = a.respond(c, rt, r)
	if errors.Is(err, store.ErrOpenedBefore) {
		got, err = a.respond(c, rt, r) // the same request was faster: now its answer is on record
	}
	return got, err
}

// respond works out the answer and puts what it leaves on record. An error is a problem to tell, or a failure; either
// way the ledger knows of the request, or the error says that it does not.
func (a *API) respond(c *call, rt route, r *http.Request) (*answer, error) {
	got, err := decided(func() (*answer, error) { return a.decide(c, rt, r) })
	e := &store.Entry{
		Proof:   &c.caller.Proof,
		Touch:   c.caller.Session.ID,
		Version: c.caller.Person.Version,
		Audit: store.AuditRecord{
			At: c.now, RequestID: c.requestID, Session: c.caller.Session.ID, Person: c.caller.Person.UUID,
			URID: c.role.URID, OrgODS: c.role.OrgODS, Action: name(rt, c.action), Outcome: audit.Granted,
			Source: a.source(r),
		},
	}
	switch p, told := asProblem(err); {
	case err == nil:
		e.Audit.Patients, e.Opening = got.patients, got.opening
		if got.again {
			e.Audit.Reason = "again"
		}
	case told:
		e.Audit.Outcome, e.Audit.Reason, e.Audit.Patients = audit.Refused, p.code, asked(c, r)
	default:
		e.Audit.Outcome, e.Audit.Patients = audit.Failed, asked(c, r)
	}
	if written := a.Ledger.Write(c.ctx, e); written != nil {
		return nil, written
	}
	if e.Opening != nil && len(e.Opening.Notifications) > 0 {
		a.Told()
	}
	if err == nil {
		a.watchPatients(c, got.patients)
	}
	return got, err
}

// overBudget refuses a request of a person who has sent too many. Such refusals are on record once a minute for each
// session: they must fill no disk.
func (a *API) overBudget(c *call, rt route, r *http.Request, wait time.Duration) error {
	refused := tooMany(wait)
	if _, ok := a.refusals.Take(c.caller.Session.ID, c.now); !ok {
		return refused
	}
	id, _ := requestID(r)
	err := a.Ledger.Write(c.ctx, &store.Entry{Audit: store.AuditRecord{
		At: c.now, RequestID: id, Session: c.caller.Session.ID, Person: c.caller.Person.UUID, Action: name(rt, 0),
		Outcome: audit.Refused, Reason: refused.code, Patients: asked(c, r),
		Source: a.source(r),
	}})
	if err != nil {
		return err
	}
	return refused
}

// watchPatients raises an alarm once a person has been answered about many patients within an hour. The audit says who,
// by the session.
func (a *API) watchPatients(c *call, about []nhs.Number) {
	numbers := make([]string, len(about))
	for i, n := range about {
		numbers[i] = n.Digits()
	}
	if a.Patients.Add(c.caller.Person.UUID, numbers, c.now) {
		a.Observer.ManyPatients()
		a.Log.ErrorContext(c.ctx, "ALARM: a person was answered about more patients within an hour than limits.patients_person.",
			"session", c.caller.Session.ID, "request", c.requestID)
	}
}

// panicked is a fault in the program, met while an answer was worked out.
type panicked struct {
	value any
	stack []byte
}

// Error has all of it, for the log.
func (p *panicked) Error() string { return fmt.Sprintf("panicked: %v\n%s", p.value, p.stack) }

// decided decides, with a panic as an error: a request that met a fault in the program is on record too.
func decided(decide func() (*answer, error)) (got *answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			got, err = nil, &panicked{p, debug.Stack()}
		}
	}()
	return decide()
}

// asked returns whom a request was about that got no answer, where it names somebody by a valid number.
func asked(c *call, r *http.Request) []nhs.Number {
	if number, err := c.patient(); err == nil {
		return []nhs.Number{number}
	}
	if number, err := patientNamed(r.URL.Query()); err == nil {
		return []nhs.Number{number}
	}
	return nil
}

// decide returns everything between the caller and the answer.
func (a *API) decide(c *call, rt route, r *http.Request) (*answer, error) {
	id, given := requestID(r)
	switch {
	case given == "":
		return nil, rt.headers.missing(headerRequestID)
	case id == "":
		return nil, rt.headers.invalid(headerRequestID, given)
	}
	c.requestID = id
	urids := r.Header.Values(headerURID)
	if len(urids) != 1 {
		return nil, rt.headers.invalid(headerURID, "")
	}
	role, ok := c.caller.Role(urids[0])
	if !ok {
		return nil, rt.headers.invalid(headerURID, urids[0])
	}
	c.role = role
	if !endUserOrgOK(r) {
		return nil, rt.headers.invalid(headerEndUserOrg, r.Header.Get(headerEndUserOrg))
	}
	action, err := rt.choose(r)
	if err != nil {
		return nil, err
	}
	c.action = action
	d, err := rt.decision(r, role.RoleProfile, action)
	switch {
	case err != nil:
		return nil, err
	case !d.Allowed:
		return nil, forbidden(d)
	}
	if rt.searches && !c.counted {
		c.counted = true
		if wait, ok := a.Searches.Take(c.caller.Person.UUID, c.now); !ok {
			return nil, tooMany(wait)
		}
	}
	// A pair that does not read is refused, not skipped: it may be the one that narrows the search.
	if c.query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		return nil, badRequest("INVALID_SEARCH_DATA", "Invalid search data provided - 'the query does not read'")
	}
	return rt.answer(c)
}

// decision returns whether the role may do the action, in the care setting of the request where the route has one.
// The error is a header that does not read.
func (rt route) decision(r *http.Request, role rbac.RoleProfile, action rbac.Action) (rbac.Decision, error) {
	if !rt.setting {
		return rbac.Decide(role, action), nil
	}
	unscheduled, err := unscheduledAsked(r)
	if err != nil {
		return rbac.Decision{}, err
	}
	return rbac.DecideIn(role, action, unscheduled), nil
}

// refuse tells a problem; a failure is told without its cause, which goes to the log.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p, told := asProblem(err)
	ctx, id, source := r.Context(), loggedID(w), a.source(r)
	var unknown *identity.Unauthenticated
	var refusal *identity.Refusal
	switch {
	case !told:
		a.Log.ErrorContext(ctx, "A request could not be answered.", "request", id, "error", err)
	case errors.As(err, &unknown):
		if unknown.Stolen && unknown.Recorded {
			a.Log.ErrorContext(ctx, "ALARM: somebody else than its holder uses a token. It serves nobody without its key; end the session, and look where it came from.",
				"request", id, "session", unknown.Session, "source", source)
		}
		a.Log.WarnContext(ctx, "A request was not authenticated.", "request", id, "what", unknown.What, "source", source)
	case errors.As(err, &refusal):
		a.Log.WarnContext(ctx, "A request was refused.", "request", id, "reason", refusal.Reason, "what", refusal.What, "source", source)
	}
	writeProblem(w, p)
}

// name returns what the audit calls a request.
func name(rt route, action rbac.Action) string {
	if rt.Audited != "" {
		return rt.Audited
	}
	if action == 0 && len(rt.Actions) > 0 {
		action = rt.Actions[0]
	}
	return action.String()
}

// proofRequest returns where the request's proof must be for.
func (a *API) proofRequest(r *http.Request) identity.Request {
	proof := ""
	if all := r.Header.Values("DPoP"); len(all) == 1 {
		proof = all[0]
	}
	id, _ := requestID(r)
	return identity.Request{Method: r.Method, Path: r.URL.EscapedPath(), Proof: proof, ID: id, Source: a.source(r)}
}
