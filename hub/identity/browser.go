package identity

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/cis2"
	"wardlight/hub/national"
	"wardlight/hub/store"
)

// Paths of the sign-in by browser.
const (
	BrowserPath = "/oauth2/browser"
	LogoutPath  = "/oauth2/backchannel_logout"
)

const (
	stateTimeout = 5 * time.Minute // for the person's sign-in in the browser
	maxCode      = 4 << 10         // length of an authorization code
	maxState     = 2 << 10
	// CallbackPath is the path of the terminal's redirect URI, which is on 127.0.0.1 or ::1 and any port.
	CallbackPath = "/callback"
)

// Provider is the OpenID provider of the sign-in by browser (hub/cis2). The errors are *[cis2.Error].
type Provider interface {
	AuthURL(ctx context.Context, state string, r cis2.Request) (string, error)
	Exchange(ctx context.Context, code string, r cis2.Request) (cis2.Identity, error)
	Logout(ctx context.Context, token string) (cis2.Logout, error)
}

// Authorization is a sign-in by browser that has begun.
type Authorization struct {
	URL       string // to open in the browser
	State     string // the redirect has the same
	ExpiresIn time.Duration
}

// BeginBrowser returns the address at which the person signs in with the browser. The request's proof names the key to
// which the session will be bound. Nothing is stored: the state contains what the hub has to know later, encrypted, so
// that a flood of requests writes nothing. The error is a *[Refusal], or the store's.
func (s *Service) BeginBrowser(ctx context.Context, redirect string, r Request) (Authorization, error) {
	if s.provider == nil {
		return Authorization{}, refuse(BrowserNotOffered, "identity.cis2.issuer is not set")
	}
	if !isLoopbackRedirect(redirect) {
		return Authorization{}, refuse(RequestMalformed, "redirect_uri is not http://127.0.0.1:PORT%s", CallbackPath)
	}

	now := s.clock()
	proof, refusal, err := s.browserProof(ctx, r, now)
	if err != nil {
		return Authorization{}, err
	}
	if refusal != nil {
		return Authorization{}, s.unproven(ctx, &attempt{Request: r, now: now}, refusal)
	}

	sealed := browserState{Redirect: redirect, Thumb: proof.Thumb, Expires: now.Add(stateTimeout).Unix()}
	for _, secret := range []*string{&sealed.Nonce, &sealed.Verifier} {
		if *secret, err = s.secret(); err != nil {
			return Authorization{}, err
		}
	}
	state, err := s.sealState(ctx, sealed)
	if err != nil {
		return Authorization{}, err
	}
	address, err := s.provider.AuthURL(ctx, state, sealed.request())
	if err != nil {
		return Authorization{}, providerRefusal(err)
	}
	return Authorization{address, state, stateTimeout}, nil
}

// isLoopbackRedirect reports whether a redirect URI is the terminal's (RFC 8252 §7.3).
func isLoopbackRedirect(redirect string) bool {
	u, err := url.Parse(redirect)
	if err != nil {
		return false
	}
	port, err := strconv.Atoi(u.Port())
	return err == nil && port > 0 && port <= 65535 && (u.Hostname() == "127.0.0.1" || u.Hostname() == "::1") &&
		redirect == "http://"+u.Host+CallbackPath
}

// browserProof verifies the proof of a request for a sign-in by browser.
func (s *Service) browserProof(ctx context.Context, r Request, now time.Time) (*Proof, *Refusal, error) {
	_, behaved := s.unprovenSignIns.HasToken(r.Source, now)
	leave, err := s.lanes.Enter(ctx, !behaved)
	if err != nil {
		return nil, nil, err
	}
	defer leave()
	proof, err := parseProof(r.Proof, r.Method, s.target(r))
	switch {
	case err != nil:
		return nil, refuse(ProofInvalid, "%v", err), nil
	case !proof.fresh(now):
		return nil, refuse(ProofInvalid, "iat differs from the hub's clock by more than %s", clockLeeway), nil
	}
	return proof, nil, nil
}

// SignInByBrowser exchanges the code and the state of the redirect for a token that is bound to the proof's key, which
// must be the one that began the sign-in. The person need not be stored: name and roles are those that the provider
// states, and belong to the session. The error is a *[Refusal], or the store's or the ledger's.
//
// A sign-in is proven if the provider has accepted the code and its ID token has passed the checks. An unproven one
// uses the source's budget. When that is used up, the provider isn't asked, so that a source can't flood it.
func (s *Service) SignInByBrowser(ctx context.Context, code, state string, r Request) (Grant, error) {
	a := &attempt{Request: r, now: s.clock()}
	if s.provider == nil {
		return Grant{}, refuse(BrowserNotOffered, "identity.cis2.issuer is not set")
	}
	if wait, ok := s.unprovenSignIns.HasToken(r.Source, a.now); !ok {
		return Grant{}, limited(wait, "the source has sent too many invalid sign-ins")
	}

	begun, refusal, err := s.openState(ctx, state, a.now)
	if err == nil && refusal == nil {
		a.proof, refusal, err = s.browserProof(ctx, r, a.now)
	}
	switch {
	case err != nil:
		return Grant{}, err
	case refusal != nil:
	case a.proof.Thumb != begun.Thumb:
		refusal = refuse(ProofInvalid, "the proof's key is not the one that began the sign-in")
	case code == "" || len(code) > maxCode:
		refusal = refuse(RequestMalformed, "code is missing or too long")
	}
	if refusal != nil {
		return Grant{}, s.unproven(ctx, a, refusal)
	}

	id, err := s.provider.Exchange(ctx, code, begun.request())
	if err != nil {
		return Grant{}, s.notExchanged(ctx, a, err)
	}
	return s.admitProvided(ctx, a, id, onceOfState(begun))
}

// notExchanged returns the refusal of a code. A provider that can't be reached doesn't use the source's budget.
func (s *Service) notExchanged(ctx context.Context, a *attempt, err error) error {
	refusal := providerRefusal(err)
	if refusal.Reason == ProviderUnavailable {
		return refusal
	}
	return s.unproven(ctx, a, refusal)
}

// admitProvided starts the session of a person whom the provider has authenticated.
func (s *Service) admitProvided(ctx context.Context, a *attempt, id cis2.Identity, once *store.Once) (Grant, error) {
	now := s.clock() // the provider took some time
	a.entry = &store.Entry{
		Proof: &a.proof.once, Assertion: once,
		Audit: store.AuditRecord{
			At: now, RequestID: a.ID, Action: audit.SignIn, Person: id.Person.UUID, Source: a.Source,
			Outcome: audit.Granted, Reason: "CIS2 " + id.ACR,
		},
	}

	if wait, ok := s.signIns.HasToken(id.Person.UUID, now); !ok {
		refusal := limited(wait, "the person has signed in too often")
		a.entry.Audit.Outcome, a.entry.Audit.Reason = audit.Refused, string(refusal.Reason)
		if err := s.ledger.Write(ctx, a.entry); err != nil && a.replay(err) == nil {
			return Grant{}, err
		}
		return Grant{}, refusal
	}

	session := &store.Session{
		KeyThumb: a.proof.Thumb, Started: now, Expires: now.Add(s.max),
		Provided: &store.Provided{Subject: id.Subject, SID: id.SID, Person: id.Person},
	}
	g, err := s.start(a.entry, session, id.Person, signedInBy{id.ACR, id.AMR})
	if err != nil {
		return Grant{}, err
	}

	err = s.ledger.Write(ctx, a.entry)
	if replay := a.replay(err); replay != nil {
		if errors.Is(err, store.ErrAssertionUsed) {
			replay = refuse(StateUnknown, "the state was used before")
		}
		return Grant{}, s.unproven(ctx, &attempt{Request: a.Request, now: now}, replay)
	}
	if err != nil {
		return Grant{}, err
	}

	s.signIns.Take(id.Person.UUID, now)
	s.idTokens.put(session.ID, id.IDToken, id.IDTokenEnds, now)
	return g, nil
}

// EndByProvider ends the sessions that a logout token of the provider names (OpenID Connect Back-Channel Logout 1.0).
// That there is none isn't an error. A token that is sent again ends no session that has begun since it was issued. The
// error is a *[Refusal], or the store's or the ledger's.
func (s *Service) EndByProvider(ctx context.Context, token string, r Request) error {
	if s.provider == nil {
		return refuse(BrowserNotOffered, "identity.cis2.issuer is not set")
	}
	now := s.clock()
	if wait, ok := s.unprovenSignIns.HasToken(r.Source, now); !ok {
		return limited(wait, "the source has sent too many invalid sign-ins")
	}
	if token == "" || len(token) > maxJWT {
		return refuse(RequestMalformed, "logout_token is missing or too long")
	}

	out, err := s.provider.Logout(ctx, token)
	if err != nil {
		return s.notExchanged(ctx, &attempt{Request: r, now: now}, err)
	}
	sessions, err := s.store.SessionsOfProvider(ctx, out.Subject, out.SID)
	if err != nil {
		return err
	}

	for _, session := range sessions {
		if session.Started.After(out.Issued.Add(clockLeeway)) {
			continue // begun since: the token was sent again
		}
		if err := s.ledger.Write(ctx, &store.Entry{
			End: session.ID,
			Audit: store.AuditRecord{
				At: now, RequestID: r.ID, Session: session.ID, Person: session.Person, Action: audit.SignOut,
				Outcome: audit.Granted, Reason: "ended by CIS2", Source: r.Source,
			},
		}); err != nil {
			return err
		}
		s.ended(session)
	}
	return nil
}

// ended removes what the service has in memory of a session that was ended.
func (s *Service) ended(session store.Session) {
	s.callers.remove(tokenKey(session.TokenHash))
	if token, ok := s.idTokens.remove(session.ID); ok && s.onEnd != nil {
		s.onEnd(token)
	}
}

// IDToken returns the provider's ID token of the caller's session, for token exchange at a national service. It is in
// this hub's memory only. The error is a *[national.Failure] of kind SignInNeeded if the person signed in by card, at
// another hub of the store, or before the hub's start, or if the token has expired.
func (s *Service) IDToken(_ context.Context, c national.Caller) (string, error) {
	if token, ok := s.idTokens.get(c.Session, s.clock()); ok {
		return token, nil
	}
	return "", &national.Failure{Kind: national.SignInNeeded, Detail: "the session has no valid ID token of CIS2"}
}

// providerRefusal returns the refusal for an error of the provider.
func providerRefusal(err error) *Refusal {
	var e *cis2.Error
	if !errors.As(err, &e) {
		return refuse(ProviderUnavailable, "%v", err)
	}
	reason := map[cis2.Reason]Reason{
		cis2.Unavailable: ProviderUnavailable, cis2.Refused: ProviderRefused, cis2.Invalid: ProviderAnswerInvalid,
		cis2.TooOld: ProviderSignInOld, cis2.TooWeak: ProviderLevelLow,
	}[e.Reason]
	return refuse(reason, "%s", e.What)
}
