package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/store"
)

// Caller is a person with a valid session and proof. The request's entry must record the proof as used.
type Caller struct {
	Session store.Session
	Person  store.Person
	Proof   store.Once
}

// Role returns the caller's role with that URID, or false if the caller doesn't have it.
func (c *Caller) Role(urid string) (store.Role, bool) {
	for _, r := range c.Person.Roles {
		if r.URID == urid {
			return r, true
		}
	}
	return store.Role{}, false
}

// Viewer returns the caller in a role for the access history: "Ms Ada Sample".
func (c *Caller) Viewer(r store.Role) store.Viewer {
	p := c.Person
	return store.Viewer{
		UUID: p.UUID, URID: r.URID, Name: strings.TrimSpace(strings.Join([]string{p.Title, p.Given, p.Family}, " ")),
		JobRole: r.JobRoleCode(), JobName: r.JobName, OrgODS: r.OrgODS, OrgName: r.OrgName,
	}
}

// Authenticate authenticates a caller by the Authorization header and its proof. The error is an *[Unauthenticated], a
// *[Refusal] of a source with too many unauthenticated requests, or the store's.
func (s *Service) Authenticate(ctx context.Context, authorization []string, r Request) (*Caller, error) {
	caller, err := s.authenticate(ctx, authorization, r)
	var u *Unauthenticated
	switch {
	case !errors.As(err, &u):
	case u.Known:
		if err := s.recordMisuse(ctx, u, r); err != nil {
			return nil, err
		}
	default:
		if err := s.CountUnauthenticated(r.Source); err != nil {
			return nil, err
		}
	}
	return caller, err
}

// Spent records and returns the refusal of a request whose proof was used before or whose session ended meanwhile,
// depending on the ledger's err. It returns nil for another err. The result may also be the ledger's error.
func (s *Service) Spent(ctx context.Context, caller *Caller, err error, r Request) error {
	spent := SpentProof(err)
	var u *Unauthenticated
	if !errors.As(spent, &u) {
		return nil
	}
	u.Known, u.Session, u.person = true, caller.Session.ID, caller.Session.Person
	if err := s.recordMisuse(ctx, u, r); err != nil {
		return err
	}
	return u
}

// recordMisuse records a refused request with a token that the hub has issued, which may be stolen. It records at most
// one a minute for each session, so that such requests can't fill the disk.
func (s *Service) recordMisuse(ctx context.Context, u *Unauthenticated, r Request) error {
	now := s.clock()
	if _, ok := s.misuse.Take(u.Session, now); !ok {
		return nil
	}
	u.Recorded = true
	return s.ledger.Write(ctx, &store.Entry{Audit: store.AuditRecord{
		At: now, RequestID: r.ID, Session: u.Session, Person: u.person, Action: audit.UseToken, Outcome: audit.Refused,
		Reason: u.Code, Source: r.Source,
	}})
}

// CountUnauthenticated counts an unauthenticated request. It returns a *[Refusal] with RateLimited if its source has
// sent too many.
func (s *Service) CountUnauthenticated(source string) error {
	if wait, ok := s.unauthenticated.Take(source, s.clock()); !ok {
		return limited(wait, "the source has sent too many requests without a session")
	}
	return nil
}

func (s *Service) authenticate(ctx context.Context, authorization []string, r Request) (*Caller, error) {
	token, err := tokenOf(authorization)
	if err != nil {
		return nil, err
	}

	now, key := s.clock(), tokenHash(token)
	if k, ok := s.callers.get(key, now); ok {
		if caller, err := s.caller(ctx, k, token, r, now); err == nil {
			return caller, nil
		} // don't refuse because of a cached session, which may have been used since
	}

	session, err := s.store.SessionByToken(ctx, key[:])
	if errors.Is(err, store.ErrNotFound) {
		return nil, badToken("no such session")
	}
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}

	caller, err := s.caller(ctx, known{session: session, read: now}, token, r, now)
	var u *Unauthenticated
	if errors.As(err, &u) {
		u.Known, u.Session, u.person = true, session.ID, session.Person
	}

	return caller, err
}

// caller checks a request against the session of its token.
func (s *Service) caller(ctx context.Context, k known, token string, r Request, now time.Time) (*Caller, error) {
	session := k.session
	if over := s.over(session, now); over != "" {
		return nil, badToken(over)
	}

	proof, err := parseProof(r.Proof, r.Method, s.target(r))
	switch {
	case r.Proof == "":
		return nil, stolen("no proof")
	case err != nil:
		return nil, badProof(err.Error())
	case proof.Thumb != session.KeyThumb:
		return nil, stolen("the proof's key is not the one that the token is bound to")
	case !proof.covers(token):
		return nil, stolen("ath does not match the token")
	case !proof.fresh(now):
		return nil, badProof("iat is more than " + clockLeeway.String() + " off")
	}

	if k.person.UUID == "" && session.Provided != nil {
		k.person = session.Provided.Person
		s.callers.put(tokenKey(session.TokenHash), k)
	}
	if k.person.UUID == "" {
		k.person, err = s.store.Person(ctx, session.Person)
		if errors.Is(err, store.ErrNotFound) {
			return nil, badToken("the person is no longer on file")
		}
		if err != nil {
			return nil, fmt.Errorf("person: %w", err)
		}
		s.callers.put(tokenKey(session.TokenHash), k)
	}

	return &Caller{session, k.person, proof.once}, nil
}

// Outdated reports whether the ledger refused an entry because the cached caller is outdated: the session has ended,
// or the person has changed. Nothing of the entry is stored then. It removes the caller from the cache, so that the
// next authentication reads the current data.
func (s *Service) Outdated(caller *Caller, err error) bool {
	if !errors.Is(err, store.ErrSessionEnded) && !errors.Is(err, store.ErrPersonChanged) {
		return false
	}
	s.callers.remove(tokenKey(caller.Session.TokenHash))
	return true
}

// over returns why the session has ended, or "" if it is active.
func (s *Service) over(x store.Session, now time.Time) string {
	switch {
	case !x.Ended.IsZero():
		return "the session was ended"
	case !now.Before(x.Expires):
		return "the session has expired"
	case now.Sub(x.Seen) > s.idle:
		return "the session was idle for too long"
	default:
		return ""
	}
}

// tokenOf parses the Authorization header. The diagnostics in errors are those of the PDS API.
func tokenOf(headers []string) (string, error) {
	if len(headers) == 0 {
		return "", &Unauthenticated{Diagnostics: "Missing Authorization header", What: "no header"}
	}
	if len(headers) > 1 {
		return "", badToken("more than one Authorization header")
	}
	scheme, token, _ := strings.Cut(strings.TrimSpace(headers[0]), " ")
	token = strings.TrimSpace(token)
	switch {
	case scheme == "":
		return "", &Unauthenticated{Diagnostics: "Empty Authorization header", What: "empty header"}
	case token == "":
		return "", &Unauthenticated{Diagnostics: "Missing access token", What: "no token"}
	case !strings.EqualFold(scheme, "DPoP"):
		return "", badToken("the scheme is not DPoP")
	}
	return token, nil
}

func badToken(what string) error {
	return &Unauthenticated{Diagnostics: "Invalid Access Token", Code: "invalid_token", What: what}
}

func badProof(what string) error {
	return &Unauthenticated{Diagnostics: "Invalid DPoP proof", Code: "invalid_dpop_proof", What: what}
}

// stolen returns the same as badProof, for errors that show that the token is used by somebody other than its holder.
func stolen(what string) error {
	return &Unauthenticated{Diagnostics: "Invalid DPoP proof", Code: "invalid_dpop_proof", What: what, Stolen: true}
}

// SpentProof returns the refusal of a request whose proof was used before or whose session ended meanwhile, depending
// on the ledger's err. It returns nil for another err.
func SpentProof(err error) error {
	switch {
	case errors.Is(err, store.ErrProofUsed):
		return badProof("the proof was used before")
	case errors.Is(err, store.ErrSessionEnded):
		return badToken("the session was ended")
	default:
		return nil
	}
}

// Revoke ends the session of a token. An unknown token isn't an error (RFC 7009 §2.2). A client with the token may end
// the session even without a valid proof: ending it is safe, and a card that was pulled leaves no time for a second
// attempt. The audit records whether the proof was valid. The error is the store's or the ledger's.
func (s *Service) Revoke(ctx context.Context, token string, r Request) error {
	key := tokenHash(token)
	session, err := s.store.SessionByToken(ctx, key[:])
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	if !session.Ended.IsZero() { // the end has been recorded
		return nil
	}

	reason := ""
	if proof, err := parseProof(r.Proof, r.Method, s.target(r)); err != nil || proof.Thumb != session.KeyThumb {
		reason = string(ProofInvalid)
	}

	err = s.ledger.Write(ctx, &store.Entry{
		End: session.ID,
		Audit: store.AuditRecord{
			At: s.clock(), RequestID: r.ID, Session: session.ID, Person: session.Person, Action: audit.SignOut,
			Outcome: audit.Granted, Reason: reason,
			Source: r.Source,
		},
	})
	if err == nil {
		s.ended(session)
	}
	return err
}
