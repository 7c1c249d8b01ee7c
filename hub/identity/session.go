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

// Caller is somebody whose session and proof are good. The proof still has to be spent, in the entry that the request
// leaves.
type Caller struct {
	Session store.Session
	Person  store.Person
	Proof   store.Once
}

// Role returns the caller's role with that URID; false when it is not theirs.
func (c *Caller) Role(urid string) (store.Role, bool) {
	for _, r := range c.Person.Roles {
		if r.URID == urid {
			return r, true
		}
	}
	return store.Role{}, false
}

// Viewer returns the caller in a role, as an access history shows them: "Ms Ada Sample".
func (c *Caller) Viewer(r store.Role) store.Viewer {
	p := c.Person
	return store.Viewer{
		UUID: p.UUID, URID: r.URID, Name: strings.TrimSpace(strings.Join([]string{p.Title, p.Given, p.Family}, " ")),
		JobRole: r.JobRoleCode(), JobName: r.JobName, OrgODS: r.OrgODS, OrgName: r.OrgName,
	}
}

// Authenticate knows a caller by the Authorization header and the proof that goes with it. The error is
// *Unauthenticated, a *Refusal for a source that has sent too much that nobody vouches for, or the store's.
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
		if err := s.Stranger(r.Source); err != nil {
			return nil, err
		}
	}
	return caller, err
}

// Spent returns the refusal of a request whose proof the ledger has seen before, or whose session ended meanwhile, and
// has it recorded; nil when err is neither. The error may be the ledger's.
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

// recordMisuse puts the refusal of a token that the hub gave on record, once a minute for each session: somebody may
// have stolen it, and must not fill the disk with it.
func (s *Service) recordMisuse(ctx context.Context, u *Unauthenticated, r Request) error {
	now := s.clock()
	if _, ok := s.misuse.Take(u.Session, now); !ok {
		return nil
	}
	u.Recorded = true
	return s.ledger.Write(ctx, &store.Entry{Audit: store.AuditRecord{
		At: now, RequestID: r.ID, Session: u.Session, Person: u.person, Action: audit.UseToken, Outcome: audit.Refused, Reason: u.Code, Source: r.Source,
	}})
}

// Stranger counts a request of somebody who is not known. It gives a *Refusal with RateLimited where its source has
// sent too many.
func (s *Service) Stranger(source string) error {
	if wait, ok := s.strangers.Take(source, s.clock()); !ok {
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
		} // nobody is refused for what is remembered of them: the session may have been used since
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

// caller holds a request against the session of its token.
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
		return nil, stolen("ath is not the token's")
	case !proof.fresh(now):
		return nil, badProof("iat is more than " + clockLeeway.String() + " off")
	}
	if k.person.UUID == "" {
		k.person, err = s.store.Person(ctx, session.Person)
		if errors.Is(err, store.ErrNotFound) {
			return nil, badToken("the person is no longer known")
		}
		if err != nil {
			return nil, fmt.Errorf("person: %w", err)
		}
		s.callers.put(tokenKey(session.TokenHash), k)
	}
	return &Caller{session, k.person, proof.once}, nil
}

// Outdated reports whether the ledger refused an entry because the caller it rests on is not as they were remembered:
// the session has ended, or the person has changed. Then nothing of the entry is stored. It forgets the caller, so
// that authenticating again finds out what is true now.
func (s *Service) Outdated(caller *Caller, err error) bool {
	if !errors.Is(err, store.ErrSessionOver) && !errors.Is(err, store.ErrPersonChanged) {
		return false
	}
	s.callers.forget(tokenKey(caller.Session.TokenHash))
	return true
}

// over says why the session is over; "" while it lasts.
func (s *Service) over(x store.Session, now time.Time) string {
	switch {
	case !x.Ended.IsZero():
		return "the session was ended"
	case !now.Before(x.Expires):
		return "the session has reached its end"
	case now.Sub(x.Seen) > s.idle:
		return "the session was idle too long"
	default:
		return ""
	}
}

// tokenOf reads the Authorization header; the diagnostics are those of the PDS API.
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

// stolen is badProof where only somebody who is not the token's holder makes such a request.
func stolen(what string) error {
	return &Unauthenticated{Diagnostics: "Invalid DPoP proof", Code: "invalid_dpop_proof", What: what, Stolen: true}
}

// SpentProof returns the refusal of a request whose proof the ledger has seen before, or whose session ended meanwhile;
// nil when err is neither.
func SpentProof(err error) error {
	switch {
	case errors.Is(err, store.ErrProofUsed):
		return badProof("the proof was used before")
	case errors.Is(err, store.ErrSessionOver):
		return badToken("the session was ended")
	default:
		return nil
	}
}

// Revoke ends the session of a token. A token that nobody holds is no error (RFC 7009 §2.2). Whoever has the token
// may end it, with a good proof or without: ending is the safe side, and a card that was pulled may leave no time for
// a second try. The audit says whether the proof was good. The error is the store's or the ledger's.
func (s *Service) Revoke(ctx context.Context, token string, r Request) error {
	key := tokenHash(token)
	session, err := s.store.SessionByToken(ctx, key[:])
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	if !session.Ended.IsZero() { // it is on record already
		return nil
	}
	reason := ""
	if proof, err := parseProof(r.Proof, r.Method, s.target(r)); err != nil || proof.Thumb != session.KeyThumb {
		reason = string(ProofInvalid)
	}
	return s.ledger.Write(ctx, &store.Entry{
		End: session.ID,
		Audit: store.AuditRecord{
			At: s.clock(), RequestID: r.ID, Session: session.ID, Person: session.Person, Action: audit.SignOut, Outcome: audit.Granted, Reason: reason,
			Source: r.Source,
		},
	})
}
