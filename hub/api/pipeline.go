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
	"wardlight/hub/national"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// maxTries is the maximum number of attempts if others change the data on which an answer is based.
const maxTries = 5

// principal is an authenticated caller: a person with a session, or a local authority with a credential.
type principal interface {
	// Key returns the key of the principal's budgets.
	Key() string
	// Entry returns an entry with the conditions that must still hold at the commit.
	Entry() store.Entry
	// Audit returns the known fields about the principal: role, organisation, session or credential.
	Audit() store.AuditRecord
	// Permit returns a *problem if the principal may not make the request, otherwise nil.
	Permit(c *call, rt route) error
}

// call is a request in the pipeline.
type call struct {
	ctx           context.Context //nolint:containedctx // a call ends with its request
	request       *http.Request
	writer        http.ResponseWriter
	principal     principal // nil before authentication; then person or authority
	person        *person
	authority     *authority
	action        rbac.Action // of a person's request
	requestID     string      // "" if it has no valid one
	query         url.Values
	now           time.Time
	today         nhs.Date // in the United Kingdom
	charged       bool     // the principal's budget of requests has been charged
	searchCharged bool     // the person's budget of searches has been charged
	queries       bool     // has the lock of an opening that queries a national service

	body  []byte     // of a POST, after it has been read
	about nhs.Number // the patient of a privacy alert, if the request names it in no other way

	// Of an upload:
	working  bool     // has the semaphore of processing
	releases []func() // called after the answer is recorded, in reverse order
}

// answer is the result of a call with what it writes to the ledger.
type answer struct {
	body      []byte
	mediaType string // "" means FHIR
	status    int    // 0 means 200
	etag      string
	patients  []nhs.Number // all patients in the body
	unchecked bool         // it could not be checked whether there is a child protection alert
	outcome   string       // for the audit; "" means granted
	reason    string       // for the audit
	opening   *store.Opening
	upload    *store.Upload
	change    *store.Change
}

// reasonRepeated is the audit's reason for a stored answer.
const reasonRepeated = "again"

// serve returns the handler of a route for authenticated callers. It sends the answer only after it is recorded.
func (a *API) serve(rt route, authenticate func(*call) (principal, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &call{ctx: national.WithMemo(r.Context()), request: r, writer: w}
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
			err = a.refusalAfterEnd(c, rt, err)
		}
		if c.aboutAlert() && uncheckedAlert(got, err) {
			a.Observer.AlertUnchecked()
		}
		if err != nil {
			a.refuse(w, r, err)
			return
		}

		if got.etag != "" {
			w.Header().Set("ETag", got.etag)
		}

		if rt.Authority == audit.UploadPlans {
			a.Observer.Uploaded(got.reason)
		}

		if len(got.body) == 0 {
			w.WriteHeader(cmp.Or(got.status, http.StatusOK))
			return
		}

		write(w, cmp.Or(got.status, http.StatusOK), cmp.Or(got.mediaType, fhir.MediaType), got.body)
	}
}

// aboutAlert reports whether the call asks whether there is a child protection alert, or opens one.
func (c *call) aboutAlert() bool {
	switch c.action {
	case rbac.SeeLamp, rbac.OpenAlert, rbac.OpenSilently:
		return true
	default:
		return false
	}
}

// uncheckedAlert reports whether an answer or an error says that an alert could not be checked.
func uncheckedAlert(got *answer, err error) bool {
	if err == nil {
		return got.unchecked
	}
	p, _ := asProblem(err)
	return p.fails()
}

// try answers a call once. The error is a *problem or a failure. In both cases the request has been recorded, unless
// the error is the ledger's.
func (a *API) try(c *call, rt route, authenticate func(*call) (principal, error)) (*answer, error) {
	c.now = a.Clock()
	c.today, c.action = nhs.DateOf(c.now.In(a.UK)), 0
	var err error
	if c.principal, err = authenticate(c); err != nil {
		return nil, err
	}
	if err = a.charge(c, rt); err != nil {
		return nil, err
	}
	got, err := decided(func() (*answer, error) { return a.decide(c, rt) })
	if unwritten := a.record(c, rt, got, err); unwritten != nil {
		return nil, unwritten
	}
	return got, err
}

// overtaken reports whether a concurrent commit has changed data on which the answer is based. Then nothing is stored,
// and the call must be repeated.
func (a *API) overtaken(c *call, err error) bool {
	return errors.Is(err, store.ErrOpenedBefore) || errors.Is(err, store.ErrUploadedBefore) ||
		errors.Is(err, store.ErrPlansChanged) || errors.Is(err, store.ErrAlertClosed) ||
		c.principal != nil && c.person != nil && a.Identity.Outdated(c.person.Caller, err)
}

// refusalAfterEnd records and returns the refusal of a principal whose proof was used before, or whose session or
// credential ended during the call. It returns any other err unchanged.
func (a *API) refusalAfterEnd(c *call, rt route, err error) error {
	switch {
	case c.principal == nil:
		return err
	case errors.Is(err, store.ErrCredentialEnded):
		return a.recordRefusal(c, rt, a.badCredential(c))
	case c.person != nil:
		if spent := a.Identity.Spent(c.ctx, c.person.Caller, err, a.proofRequest(c.request)); spent != nil {
			return spent
		}
	}
	return err
}

// charge charges the route's cost to the principal's budget, once for each call.
func (a *API) charge(c *call, rt route) error {
	if c.charged {
		return nil
	}
	budget := a.Requests
	if c.authority != nil {
		budget = a.CredentialRequests
	}
	if wait, ok := budget.TakeN(c.principal.Key(), rt.Cost, c.now); !ok {
		return a.recordRefusal(c, rt, tooMany(wait))
	}
	c.charged = true
	return nil
}

// recordRefusal records a refusal before authorisation, at most once a minute for each session and each credential, so
// that refusals can't fill the disk. It returns the refusal, or the error of recording it.
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

// decide authorises the call and returns its answer.
func (a *API) decide(c *call, rt route) (*answer, error) {
	if c.requestID == "" {
		_, given := requestID(c.request)
		if given == "" {
			return nil, rt.headers.missing(headerRequestID)
		}
		return nil, rt.headers.invalid(headerRequestID, given)
	}

	if name := identityHeader(c.request); name != "" {
		return nil, rt.headers.invalid(name, "")
	}

	if err := c.principal.Permit(c, rt); err != nil {
		return nil, err
	}

	if c.person != nil {
		c.ctx = national.WithCaller(c.ctx, c.person.asker(c.requestID, c.action))
	}

	if rt.searches && !c.searchCharged {
		if wait, ok := a.Searches.Take(c.principal.Key(), c.now); !ok {
			return nil, tooMany(wait)
		}
		c.searchCharged = true
	}

	// A malformed parameter is refused, because ignoring it could widen the search.
	var err error
	if c.query, err = url.ParseQuery(c.request.URL.RawQuery); err != nil {
		return nil, badRequest("INVALID_SEARCH_DATA", "Invalid search data provided - 'the query cannot be parsed'")
	}

	return rt.answer(c)
}

// record writes the entry of a call to the ledger, also for a refusal or failure. It returns the ledger's error.
func (a *API) record(c *call, rt route, got *answer, err error) error {
	e := c.principal.Entry()
	e.Audit = a.audit(c, rt, audit.Granted)
	switch p, notified := asProblem(err); {
	case err == nil:
		e.Audit.Outcome, e.Audit.Reason, e.Audit.Patients = cmp.Or(got.outcome, audit.Granted), got.reason, got.patients
		e.Opening, e.Upload, e.Change = got.opening, got.upload, got.change
	case notified:
		e.Audit.Outcome, e.Audit.Reason = p.recorded()
		e.Audit.Patients = asked(c)
	default:
		e.Audit.Outcome, e.Audit.Patients = audit.Failed, asked(c)
	}

	if err := a.Ledger.Write(c.ctx, &e); err != nil {
		return err
	}

	if e.Opening != nil && len(e.Opening.Notifications) > 0 {
		a.NotificationAdded()
	}
	if e.Change != nil && e.Change.Alert != nil && a.SendAlerts {
		a.AlertAdded()
	}

	if c.person != nil && err == nil {
		a.watchPatients(c, got.patients)
	}

	return nil
}

// audit returns the audit record of a call, without the patients.
func (a *API) audit(c *call, rt route, outcome string) store.AuditRecord {
	r := c.principal.Audit()
	r.At, r.RequestID, r.Action, r.Outcome, r.Source = c.now, c.requestID, rt.name(c.action), outcome,
		a.source(c.request)
	return r
}

// asked returns the patient of a request without an answer, if the request has a valid number.
func asked(c *call) []nhs.Number {
	if number, err := c.patient(); err == nil {
		return []nhs.Number{number}
	}
	if c.about != "" {
		return []nhs.Number{c.about}
	}

	for _, named := range []func(url.Values) (nhs.Number, error){patientNamed, flagPatientNamed, summaryPatientNamed} {
		if number, err := named(c.request.URL.Query()); err == nil {
			return []nhs.Number{number}
		}
	}
	return nil
}

// panicked is a panic during a call.
type panicked struct {
	value any
	stack []byte
}

// Error returns the value and the stack, for the log.
func (p *panicked) Error() string { return fmt.Sprintf("panicked: %v\n%s", p.value, p.stack) }

// decided calls decide and returns a panic as an error, so that the request is recorded.
func decided(decide func() (*answer, error)) (got *answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			got, err = nil, &panicked{p, debug.Stack()}
		}
	}()
	return decide()
}

// refuse writes a problem. For a failure it logs the cause and writes an answer without it.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	p, notified := asProblem(err)
	ctx, id, source := r.Context(), loggedID(w), a.source(r)
	var unknown *identity.Unauthenticated
	var refusal *identity.Refusal
	switch {
	case !notified:
		a.Log.ErrorContext(ctx, "A request failed because of an internal error.", "request", id, "error", err)
	case errors.As(err, &unknown):
		if unknown.Stolen && unknown.Recorded {
			a.Log.ErrorContext(ctx, "ALARM: a token was used without its key, so somebody other than its holder "+
				"has it. The request was refused. End the session, and find out where the request came from.",
				"request", id, "session", unknown.Session, "source", source)
		}
		a.Log.WarnContext(ctx, "A request was not authenticated.", "request", id, "what", unknown.What, "source",
			source)
	case errors.As(err, &refusal):
		a.Log.WarnContext(ctx, "A request was refused.", "request", id, "reason", refusal.Reason, "what", refusal.What,
			"source", source)
	}

	p.since = p.since.In(a.UK) // if it isn't known, it stays zero
	writeProblem(w, p)
}
