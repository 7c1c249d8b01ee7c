package identity

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/holder"
	"wardlight/hub/store"
)

// attempt is a sign-in in progress.
type attempt struct {
	Request
	now      time.Time
	proof    *Proof
	card     *assertion
	cas      *holder.CAs             // the trusted CAs when verification started
	paths    [][]*x509.Certificate   // paths from the card to a trusted CA
	issued   time.Time               // when its nonce was issued
	name     store.CertificateName   // the holder's name by the card
	names    []store.CertificateName // name, followed by those of CAs further up
	nameless error                   // why there is no name
	expired  bool                    // the nonce has expired
	bound    bool                    // the nonce is recorded in place of the assertion
	entry    *store.Entry            // the entry that the sign-in will write
}

// SignIn verifies an assertion and returns a token that is bound to the proof's key. The error is a *[Refusal], or the
// store's or the ledger's.
//
// A sign-in is proven if a trusted CA has issued the card's certificate, its key has signed the assertion, the
// assertion contains the thumbprint of the proof's key, and neither was used before. A proven sign-in is always
// recorded in the audit, and a successful one uses the person's budget. An unproven one uses the source's budget. When
// that is used up, it is refused without a reason and without an audit record, so that unauthenticated requests can't
// fill the disk. A proven sign-in is never refused because of the budget of its source or of others.
func (s *Service) SignIn(ctx context.Context, compact string, r Request) (Grant, error) {
	a := &attempt{Request: r, now: s.clock()}
	refusal, err := s.verify(ctx, a, compact)
	if err != nil {
		return Grant{}, err
	}
	if refusal != nil {
		return Grant{}, s.unproven(ctx, a, refusal)
	}

	leaf := a.card.chain[0]
	a.names, a.nameless = a.cas.Names(leaf, a.paths)
	a.name = a.names[0]
	a.entry = &store.Entry{Audit: store.AuditRecord{
		At: a.now, RequestID: r.ID, Action: audit.SignIn, Person: a.uuid(),
		Source: r.Source,
	}}

	if refusal := a.card.claims.check(leaf.Subject.CommonName, s.audience(), a.proof.Thumb); refusal != nil {
		return Grant{}, s.unproven(ctx, a, a.named(refusal))
	}

	g, refusal, err := s.admit(ctx, a)
	if err != nil {
		return Grant{}, err
	}
	if refusal != nil {
		return Grant{}, s.refused(ctx, a, a.named(refusal))
	}

	// The audit records the certificate of each sign-in, so that a lost card can be revoked by it.
	a.entry.Audit.Outcome, a.entry.Audit.Reason = audit.Granted, Described(a.entry.Begin.Certificate)
	err = s.ledger.Write(ctx, a.entry)
	if err != nil {
		if replay := a.replay(err); replay != nil {
			return Grant{}, s.unproven(ctx, a, replay)
		}
		return Grant{}, err
	}

	if err := s.recheck(ctx, a); err != nil {
		return Grant{}, err
	}

	s.signIns.Take(a.entry.Begin.Person, a.now)
	return g, nil
}

// recheck checks a stored sign-in again. If the certificate or its CA was revoked or removed during the sign-in, it
// ends the session and returns the refusal, because the revocation found no session to end. A later revocation finds
// it.
func (s *Service) recheck(ctx context.Context, a *attempt) error {
	ways, refusal := VerifiedPaths(a.card.chain, s.ca.Load(), a.now)
	if refusal == nil {
		revoked, err := s.revoked(ctx, a.entry.Begin.Certificate, ways)
		switch {
		case err != nil:
			return fmt.Errorf("revocation list: %w", err)
		case !revoked:
			return nil
		}
		refusal = refuse(CertificateRevoked, "the certificate, or that of its CA, was put on the list during the "+
			"sign-in")
	}
	end := &store.Entry{Audit: a.refusal(refusal), End: a.entry.Begin.ID}
	end.Audit.Session = a.entry.Begin.ID
	if err := s.ledger.Write(ctx, end); err != nil {
		return err
	}
	return refusal
}

// verify does the expensive checks, with at least three signatures, and fills the attempt. It verifies no signature
// before it has checked with one MAC that the hub has issued the nonce, and uses the card's key only after its
// certificate is trusted.
func (s *Service) verify(ctx context.Context, a *attempt, compact string) (*Refusal, error) {
	var err error
	if a.card, err = parseAssertion(compact); err != nil {
		return refuse(AssertionInvalid, "%v", err), nil
	}

	key, err := s.nonceKey(ctx)
	if err != nil {
		return nil, err
	}

	// A sign-in with an expired nonce is refused after it is proven, so that the audit has the person's name.
	var ours bool
	if a.issued, ours, a.expired = signed(key, a.card.claims.Nonce, a.now); !ours {
		return refuse(NonceUnknown, "the nonce was not issued by this hub"), nil
	}

	_, behaved := s.unprovenSignIns.HasToken(a.Source, a.now)
	leave, err := s.lanes.Enter(ctx, !behaved)
	if err != nil {
		return nil, fmt.Errorf("sign-in: %w", err)
	}
	defer leave()
	if a.proof, err = parseProof(a.Proof, a.Method, s.target(a.Request)); err != nil {
		return refuse(ProofInvalid, "%v", err), nil
	}
	if err := a.card.parseHeader(); err != nil {
		return refuse(AssertionInvalid, "%v", err), nil
	}

	var refusal *Refusal
	a.cas = s.ca.Load()
	if a.paths, refusal = VerifiedPaths(a.card.chain, a.cas, a.now); refusal != nil {
		return refusal, nil
	}
	if err := a.card.verify(); err != nil {
		return refuse(AssertionInvalid, "%v", err), nil
	}

	return nil, nil
}

// admit decides whether a proven card may sign in, and fills the entry.
func (s *Service) admit(ctx context.Context, a *attempt) (Grant, *Refusal, error) {
	claims := a.card.claims
	a.entry.Proof, a.entry.Assertion = &a.proof.once, claims.once()
	certificate := CertificateOf(a.card.chain[0])
	revoked, err := s.revoked(ctx, certificate, a.paths)
	if err != nil {
		return Grant{}, nil, fmt.Errorf("revocation list: %w", err)
	}
	if revoked {
		return Grant{}, refuse(CertificateRevoked, "the certificate, or that of its CA, is on the list"), nil
	}
	if refusal := claims.checkTime(a.now); refusal != nil {
		return Grant{}, refusal, nil
	}
	if !a.proof.fresh(a.now) {
		return Grant{}, refuse(ProofInvalid, "iat differs from the hub's clock by more than %s", clockLeeway), nil
	}
	if a.expired {
		return Grant{}, refuse(NonceUnknown, "the nonce has expired"), nil
	}

	// Recording the nonce also prevents a second use of the assertion, and another assertion with the same nonce.
	a.bound, a.entry.Assertion = true, onceOfNonce(claims.Nonce, a.issued)
	person, refusal, err := s.person(ctx, a, certificate)
	if refusal != nil || err != nil {
		return Grant{}, refusal, err
	}

	a.entry.Audit.Person = person.UUID
	if wait, ok := s.signIns.HasToken(person.UUID, a.now); !ok {
		return Grant{}, limited(wait, "the person has signed in too often"), nil
	}

	session := &store.Session{
		KeyThumb: a.proof.Thumb, Certificate: certificate, Started: a.now,
		Expires: sessionEnd(a.now, s.max, a.card.chain[0].NotAfter),
	}
	g, err := s.start(a.entry, session, person, signedInBy{cardACR, []string{cardAMR}})
	g.Listed = a.cas.HasList(a.card.chain[0])
	return g, nil, err
}

// start completes a session of a person, adds it to the entry and returns the grant.
func (s *Service) start(e *store.Entry, session *store.Session, p store.Person, by signedInBy) (Grant, error) {
	token, err := s.secret()
	if err != nil {
		return Grant{}, err
	}

	hashed := tokenHash(token)
	session.ID, session.TokenHash, session.Person, session.Seen = s.newID(), hashed[:], p.UUID, session.Started
	idToken, err := s.idToken(p, *session, by)
	if err != nil {
		return Grant{}, err
	}

	e.Begin, e.Audit.Session = session, session.ID
	return Grant{
		AccessToken: token, ExpiresIn: session.Expires.Sub(session.Started), IDToken: idToken, Session: session.ID,
	}, nil
}

// revoked reports whether the card is revoked, or a CA on each of its paths to a trusted CA.
func (s *Service) revoked(ctx context.Context, card store.Certificate, ways [][]*x509.Certificate) (bool, error) {
	listed, err := s.store.CertificateRevoked(ctx, card)
	if listed || err != nil {
		return listed, err
	}
	for _, way := range ways {
		good := true
		for _, c := range way[1:] {
			if listed, err = s.store.CertificateRevoked(ctx, CertificateOf(c)); err != nil {
				return false, err
			}
			good = good && !listed
		}
		if good {
			return false, nil
		}
	}
	return true, nil
}

// person returns the person to whom the card is enrolled, or otherwise the person with the UUID that the CA's naming
// finds in it. A person with enrolled cards can't sign in with a common name, because the site may have made up the
// UUID, and somebody's NHS smartcard may have the same one.
func (s *Service) person(ctx context.Context, a *attempt, card store.Certificate) (store.Person, *Refusal, error) {
	unknown := func(why string) (store.Person, *Refusal, error) {
		return store.Person{}, refuse(PersonUnknown, "%s", why), nil
	}

	uuid, err := s.store.PersonOfCertificate(ctx, store.BySHA256(card.Fingerprint))
	if errors.Is(err, store.ErrNotFound) {
		switch {
		case a.nameless != nil:
			return unknown(a.nameless.Error())
		case a.uuid() != "":
			uuid, err = a.uuid(), nil
			enrolled, listErr := s.store.CertificatesOf(ctx, uuid)
			if listErr != nil {
				return store.Person{}, nil, fmt.Errorf("certificates: %w", listErr)
			}
			if len(enrolled) > 0 {
				return unknown("the person has enrolled certificates, and this is not one of them")
			}
		case holder.Naming(a.name.Kind) != holder.SHA256:
			for _, name := range a.names {
				if uuid, err = s.store.PersonOfCertificate(ctx, name); !errors.Is(err, store.ErrNotFound) {
					break
				}
			}
		}
	}

	if errors.Is(err, store.ErrNotFound) {
		return unknown("the certificate is not enrolled for any person")
	}
	if err != nil {
		return store.Person{}, nil, fmt.Errorf("certificate: %w", err)
	}

	p, err := s.store.Person(ctx, uuid)
	if errors.Is(err, store.ErrNotFound) {
		return unknown("the hub has no such person")
	}
	if err != nil {
		return store.Person{}, nil, fmt.Errorf("person: %w", err)
	}

	return p, nil, nil
}

// named adds the certificate to a refusal if no person is known for it.
func (a *attempt) named(r *Refusal) *Refusal {
	if r.Reason == PersonUnknown || a.entry.Audit.Person == "" {
		r.Certificate = Described(CertificateOf(a.card.chain[0]))
	}
	return r
}

// uuid returns the UUID in the card by its CA's naming, or "". Names in other certificates are not used in the audit.
func (a *attempt) uuid() string {
	if holder.Naming(a.name.Kind) == holder.UUID {
		return a.name.Name
	}
	return ""
}

// replay returns the refusal of a proof or assertion that was used before, or nil for another err.
func (a *attempt) replay(err error) *Refusal {
	switch {
	case errors.Is(err, store.ErrProofUsed):
		return refuse(ProofInvalid, "the proof was used before")
	case errors.Is(err, store.ErrAssertionUsed) && a.bound:
		return refuse(NonceUnknown, "the nonce was used")
	case errors.Is(err, store.ErrAssertionUsed):
		return refuse(AssertionInvalid, "the assertion was used before")
	default:
		return nil
	}
}

// refused records the refusal of a proven sign-in in the audit before it is returned. It also records proof and
// assertion as used, so a repetition is a replay and not proven.
func (s *Service) refused(ctx context.Context, a *attempt, refusal *Refusal) error {
	if _, ok := s.refusals.Take(CertificateOf(a.card.chain[0]).Fingerprint, a.now); !ok {
		// The card can't sign in, and its refusals must not fill the disk, so it counts as unproven.
		if wait, ok := s.unprovenSignIns.Take(a.Source, a.now); !ok {
			return limited(wait, "the card has been refused too often; reason of this refusal: "+string(refusal.Reason))
		}
		return refusal
	}
	e := &store.Entry{Audit: a.refusal(refusal), Proof: a.entry.Proof, Assertion: a.entry.Assertion}
	err := s.ledger.Write(ctx, e)
	if replay := a.replay(err); replay != nil {
		return s.unproven(ctx, a, replay)
	}
	if err != nil {
		return err
	}
	return refusal
}

// unproven returns the refusal of an unproven sign-in while its source has a budget, and then RateLimited.
func (s *Service) unproven(ctx context.Context, a *attempt, refusal *Refusal) error {
	if wait, ok := s.unprovenSignIns.Take(a.Source, a.now); !ok {
		return limited(wait, "the source has sent too many invalid sign-ins; reason of this refusal: "+
			string(refusal.Reason))
	}
	if a.entry != nil { // the certificate is valid
		if err := s.ledger.Write(ctx, &store.Entry{Audit: a.refusal(refusal)}); err != nil {
			return err
		}
	}
	return refusal
}

// refusal returns the audit record of a refusal.
func (a *attempt) refusal(r *Refusal) store.AuditRecord {
	line := a.entry.Audit
	line.Outcome, line.Reason, line.Session = audit.Refused, string(r.Reason), ""
	if r.Certificate != "" && r.Reason != CertificateUntrusted { // an untrusted card's issuer is unverified
		line.Reason += ": " + r.Certificate
	}
	return line
}
