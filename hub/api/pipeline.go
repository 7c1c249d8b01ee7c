package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/identity"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// maxTries is how often a request is worked out while others change what it rests on.
const maxTries = 5

// principal is who asks: a person with a session, or a local authority with a credential.
type principal interface {
	// Key returns whose budget its requests use.
	Key() string
	// Entry returns what a commit must still find for what it asks to count.
	Entry() store.Entry
	// Audit returns who it is, in which role and with which credential, as far as that is established.
	Audit() store.AuditRecord
	// Permit returns why the principal may not have what the call asks for, a *problem; nil where it may.
	Permit(c *call, rt route) error
}

// call is a request on its way through the pipeline.
type call struct {
	ctx       context.Context //nolint:containedctx // a call lives as long as its request
	request   *http.Request
	writer    http.ResponseWriter
	principal principal // nil until it is authenticated; one of the next two
	person    *person
	authority *authority
	action    rbac.Action // of a person's request
	requestID string      // "" where it has none that is valid
	query     url.Values
	now       time.Time
	today     nhs.Date // in the United Kingdom
	paid      bool     // from the principal's budget of requests
	counted   bool     // among the searches of the person

	// Of an upload:
	body     []byte   // once it is read
	working  bool     // it holds the place of the one upload that is worked on
	releases []func() // called after the answer is on record, the last first
}

// answer is what a call gives, and what it leaves in the ledger.
type answer struct {
	body      []byte
	mediaType string // "" is FHIR
	status    int    // 0 is 200
	etag      string
	patients  []nhs.Number // everyone whom the body is about
	outcome   string       // of the audit; "" is granted
	reason    string       // of the audit
	opening   *store.Opening
	upload    *store.Upload
}

// again is the reason of an answer from the record, in the audit.
const again = "again"

// serve returns the one way to an answer for whoever is not just anybody: who is it, have they asked too often, may
// they, what is the answer, is it on record; and only then the answer.
func (a *API) serve(rt route, authenticate func(*call) (principal, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &call{ctx: r.Context(), request: r, writer: w}
		c.requestID, _ = requestID(r)
		defer func() {
			for _, release := range slices.Backward(c.releases) {
				release()
			}
		}()
		got, err := a.try(c, rt, authenticate)
		for tries := 1; tries < maxTries && a.overtaken(c, err); tries++ {
			got, err = a.try(c, rt, authenticate)
		}
		if err != nil {
			a.refuse(w, r, a.over(c, rt, err))
			return
		}
		if got.etag != "" {
			w.Header().Set("ETag", got.etag)
		}
		write(w, cmp.Or(got.status, http.StatusOK), cmp.Or(got.mediaType, fhir.MediaType), got.body)
	}
}

// try answers a call once. An error is a problem to tell, or a failure; either way the ledger knows of the request, or
// the error says that it does not.
func (a *API) try(c *call, rt route, authenticate func(*call) (principal, error)) (*answer, error) {
	c.now = a.Clock()
	c.today, c.action = nhs.DateOf(c.now.In(a.UK)), 0
	var err error
	if c.principal, err = authenticate(c); err != nil {
		return nil, err
	}
	if err = a.spend(c, rt); err != nil {
		return nil, err
	}
	got, err := decided(func() (*answer, error) { return a.decide(c, rt) })
	if unwritten := a.record(c, rt, got, err); unwritten != nil {
		return nil, unwritten
	}
	return got, err
}

// overtaken reports whether something else was committed meanwhile on which the answer rests, so that nothing of it is
// stored: it has to be worked out anew.
func (a *API) overtaken(c *call, err error) bool {
	return errors.Is(err, store.ErrOpenedBefore) || errors.Is(err, store.ErrUploadedBefore) || errors.Is(err, store.ErrPlansChanged) ||
		c.principal != nil && c.person != nil && a.Identity.Outdated(c.person.Caller, err)
}

// over returns the refusal of a principal whose proof was used before, or whose session or credential was ended while
// the answer was worked out, and has it recorded; any other err as it is.
func (a *API) over(c *call, rt route, err error) error {
	switch {
	case c.principal == nil:
		return err
	case errors.Is(err, store.ErrCredentialOver):
		return a.recordRefusal(c, rt, a.badCredential(c))
	case c.person != nil:
		if spent := a.Identity.Spent(c.ctx, c.person.Caller, err, a.proofRequest(c.request)); spent != nil {
			return spent
		}
	}
	return err
}

// spend takes what the route costs from the principal's budget, once for a call.
func (a *API) spend(c *call, rt route) error {
	if c.paid {
		return nil
	}
	budget := a.Requests
	if c.authority != nil {
		budget = a.CredentialRequests
	}
	if wait, ok := budget.TakeN(c.principal.Key(), rt.Cost, c.now); !ok {
		return a.recordRefusal(c, rt, tooMany(wait))
	}
	c.paid = true
	return nil
}

// recordRefusal puts the refusal of a call that was not decided on record, once a minute for each session and each
// credential: such refusals must fill no disk. It returns the refusal, or why it could not be recorded.
func (a *API) recordRefusal(c *call, rt route, refused *problem) error {
	who := c.principal.Audit()
	if _, ok := a.refusals.Take(c.principal.Key()+who.Session, c.now); !ok {
		return refused
	}
	e := &store.Entry{Audit: a.audit(c, rt, audit.Refused)}
	e.Audit.Reason, e.Audit.Patients = refused.code, asked(c)
	if err := a.Ledger.Write(c.ctx, e); err != nil {
		return err
	}
	return refused
}

// decide returns everything between the principal and the answer.
func (a *API) decide(c *call, rt route) (*answer, error) {
	if c.requestID == "" {
		_, given := requestID(c.request)
		if given == "" {
			return nil, rt.headers.missing(headerRequestID)
		}
		return nil, rt.headers.invalid(headerRequestID, given)
	}
	if err := c.principal.Permit(c, rt); err != nil {
		return nil, err
	}
	if rt.searches && !c.counted {
		if wait, ok := a.Searches.Take(c.principal.Key(), c.now); !ok {
			return nil, tooMany(wait)
		}
		c.counted = true
	}
	// A pair that does not read is refused, not skipped: it may be the one that narrows the search.
	var err error
	if c.query, err = url.ParseQuery(c.request.URL.RawQuery); err != nil {
		return nil, badRequest("INVALID_SEARCH_DATA", "Invalid search data provided - 'the query does not read'")
	}
	return rt.answer(c)
}

// record puts what a decided call leaves on record, refusals and failures too. The error is the ledger's.
func (a *API) record(c *call, rt route, got *answer, err error) error {
	e := c.principal.Entry()
	e.Audit = a.audit(c, rt, audit.Granted)
	switch p, told := asProblem(err); {
	case err == nil:
		e.Audit.Outcome, e.Audit.Reason, e.Audit.Patients = cmp.Or(got.outcome, audit.Granted), got.reason, got.patients
		e.Opening, e.Upload = got.opening, got.upload
	case told:
		e.Audit.Outcome, e.Audit.Reason, e.Audit.Patients = audit.Refused, p.code, asked(c)
	default:
		e.Audit.Outcome, e.Audit.Patients = audit.Failed, asked(c)
	}
	if err := a.Ledger.Write(c.ctx, &e); err != nil {
		return err
	}
	if e.Opening != nil && len(e.Opening.Notifications) > 0 {
		a.Told()
	}
	if c.person != nil && err == nil {
		a.watchPatients(c, got.patients)
	}
	return nil
}

// audit returns the record of a call, without what it was about.
func (a *API) audit(c *call, rt route, outcome string) store.AuditRecord {
	r := c.principal.Audit()
	r.At, r.RequestID, r.Action, r.Outcome, r.Source = c.now, c.requestID, rt.name(c.action), outcome, a.source(c.request)
	return r
}

// asked returns whom a request was about that got no answer, where it names somebody by a valid number.
func asked(c *call) []nhs.Number {
	if number, err := c.patient(); err == nil {
		return []nhs.Number{number}
	}
	if number, err := patientNamed(c.request.URL.Query()); err == nil {
		return []nhs.Number{number}
	}
	return nil
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
