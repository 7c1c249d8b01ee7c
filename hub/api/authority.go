package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/identity"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

// authorityChallenge asks for a credential of an authority (RFC 7617).
const authorityChallenge = `Basic realm="Wardlight hub, local authorities", charset="UTF-8"`

// maxTries is how often an authority's request is worked out while others change what it rests on.
const maxTries = 5

// authorityCall is a request of an authority whose credential is established.
type authorityCall struct {
	ctx       context.Context //nolint:containedctx // a call lives as long as its request
	authority store.Authority
	// credential is the hash of the credential that the request came with. The commit looks whether it is still in use.
	credential []byte
	requestID  string
	request    *http.Request // headers, path values and body
	writer     http.ResponseWriter
	query      url.Values
	now        time.Time
	today      nhs.Date // in the United Kingdom
	body       []byte   // once it is read
	working    bool     // it holds the place of the one upload that is worked on
	releases   []func() // called after the answer is on record, the last first
}

// forAuthority serves a route for authorities as clinical does one for people: which authority is it, what is the
// answer, is it on record; and only then the answer.
func (a *API) forAuthority(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		who, credential, err := a.authenticateAuthority(ctx, w, r)
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		c := &authorityCall{ctx: ctx, authority: who, credential: credential, request: r, writer: w, now: a.Clock()}
		c.today = nhs.DateOf(c.now.In(a.UK))
		if r.Header.Get(headerRequestID) == "" { // an authority's system may be a line of curl
			c.requestID = a.NewID()
			w.Header().Set(headerRequestID, c.requestID)
		}
		defer func() {
			for _, release := range slices.Backward(c.releases) {
				release()
			}
		}()
		got, err := a.respondAuthority(c, rt)
		// The same file was faster, and its answer is on record now; or what the answer rests on has changed meanwhile.
		for try := 1; try < maxTries && (errors.Is(err, store.ErrUploadedBefore) || errors.Is(err, store.ErrPlansChanged)); try++ {
			got, err = a.respondAuthority(c, rt)
		}
		if errors.Is(err, store.ErrCredentialOver) { // it was ended while the answer was worked out, of which nothing is stored
			err = badCredential()
		}
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		status := got.status
		if status == 0 {
			status = http.StatusOK
		}
		if got.mediaType == "" {
			writeFHIR(w, status, got.body)
			return
		}
		w.Header().Set("Content-Type", got.mediaType)
		w.WriteHeader(status)
		_, _ = w.Write(got.body) // whoever asked has gone
	}
}

// badCredential refuses a request whose code and secret are not good.
func badCredential() *problem {
	return &problem{
		status: http.StatusUnauthorized, code: "ACCESS_DENIED", challenge: authorityChallenge,
		diagnostics: "The authority's code and secret are not good",
	}
}

// authenticateAuthority returns whose system is asking, and the hash of its credential: its code is the user name, its
// secret the password.
func (a *API) authenticateAuthority(ctx context.Context, w http.ResponseWriter, r *http.Request) (store.Authority, []byte, error) {
	refused := badCredential()
	unknown := func() (store.Authority, []byte, error) {
		if err := a.Identity.Stranger(a.source(r)); err != nil {
			return store.Authority{}, nil, err
		}
		return store.Authority{}, nil, refused
	}
	code, secret, ok := r.BasicAuth()
	if !ok || len(r.Header.Values("Authorization")) != 1 {
		refused.diagnostics = "Missing Authorization header of the form Basic, with the authority's code and secret"
		return unknown()
	}
	hash := identity.HashSecret(secret)
	who, err := a.Authorities.AuthorityByCredential(ctx, hash)
	switch {
	case errors.Is(err, store.ErrNotFound) || err == nil && who.Code != code:
		a.Log.WarnContext(ctx, "A credential of an authority was refused.", "request", loggedID(w), "source", a.source(r))
		return unknown()
	case err != nil:
		return store.Authority{}, nil, fmt.Errorf("credential: %w", err)
	}
	return who, hash, nil
}

// respondAuthority works out the answer and puts what it leaves on record, refusals and failures too.
func (a *API) respondAuthority(c *authorityCall, rt route) (*answer, error) {
	got, err := decided(func() (*answer, error) { return decideAuthority(c, rt) })
	e := &store.Entry{Credential: c.credential, Audit: store.AuditRecord{
		At: c.now, RequestID: c.requestID, OrgODS: c.authority.Code, Action: rt.Authority, Outcome: audit.Granted,
		Source: a.source(c.request),
	}}
	switch p, told := asProblem(err); {
	case err == nil:
		e.Audit.Patients, e.Upload = got.patients, got.upload
		if got.outcome != "" {
			e.Audit.Outcome = got.outcome
		}
		e.Audit.Reason = got.reason
		if got.again {
			e.Audit.Reason = "again"
		}
	case told:
		e.Audit.Outcome, e.Audit.Reason = audit.Refused, p.code
	default:
		e.Audit.Outcome = audit.Failed
	}
	if written := a.Ledger.Write(c.ctx, e); written != nil {
		return nil, written
	}
	return got, err
}

// decideAuthority returns everything between the authority and the answer.
func decideAuthority(c *authorityCall, rt route) (*answer, error) {
	if c.requestID == "" {
		id, given := requestID(c.request)
		if id == "" {
			return nil, cpisHeaders.invalid(headerRequestID, given)
		}
		c.requestID = id
	}
	var err error
	if c.query, err = url.ParseQuery(c.request.URL.RawQuery); err != nil {
		return nil, badRequest("INVALID_SEARCH_DATA", "Invalid search data provided - 'the query does not read'")
	}
	return rt.theirs(c)
}
