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

// attempt is a sign-in on its way.
type attempt struct {
	Request
	now      time.Time
	proof    *Proof
	card     *assertion
	cas      *holder.CAs             // that are trusted as the attempt is verified
	ways     [][]*x509.Certificate   // from the card to a CA of the bundle
	given    time.Time               // when its nonce was given
	name     store.CertificateName   // of its holder, as the card has it
	names    []store.CertificateName // and after it those by CAs further up
	nameless error                   // why there is no name
	lapsed   bool                    // the nonce was given too long ago
	bound    bool                    // the nonce's Once stands for the assertion's
	entry    *store.Entry            // what it will leave
}

// SignIn answers an assertion with a token that is bound to the proof's key. The error is a *Refusal, or the store's
// or the ledger's.
//
// A sign-in is proven once the card's certificate is of a trusted CA, its key has signed the assertion, the assertion
// vouches for the key of the proof, and neither was used before: then whatever comes of it is in the audit, and only
// a success spends anything of the person's. What is not proven spends of the source's budget. Past it, it is refused
// without a reason and without a record: somebody else's rubbish must fill no disk. A proven sign-in is never refused
// for what its source, or others, have spent.
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
	a.names, a.nameless = a.cas.Names(leaf, a.ways)
	a.name = a.names[0]
	a.entry = &store.Entry{Audit: store.AuditRecord{At: a.now, RequestID: r.ID, Action: audit.SignIn, Person: a.uuid(), Source: r.Source}}
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
	// The certificate is on record with each sign-in, so that a card that is lost can be revoked by it.
	a.entry.Audit.Outcome, a.entry.Audit.Reason = audit.Granted, Described(a.entry.Begin.Certificate)
	err = s.ledger.Write(ctx, a.entry)
	if err != nil {
		if replay := a.replay(err); replay != nil {
			return Grant{}, s.unproven(ctx, a, replay)
		}
		return Grant{}, err
	}
	if err := s.withdrawn(ctx, a); err != nil {
		return Grant{}, err
	}
	s.signIns.Take(a.entry.Begin.Person, a.now)
	return g, nil
}

// withdrawn ends the session of a sign-in that has just been stored and returns the refusal, where the certificate or
// its CA was revoked, or its CA withdrawn, while the sign-in was under way: whoever did that found no session to end.
// What comes after this look finds it.
func (s *Service) withdrawn(ctx context.Context, a *attempt) error {
	ways, refusal := Ways(a.card.chain, s.ca.Load(), a.now)
	if refusal == nil {
		revoked, err := s.revoked(ctx, a.entry.Begin.Certificate, ways)
		switch {
		case err != nil:
			return fmt.Errorf("revocation list: %w", err)
		case !revoked:
			return nil
		}
		refusal = refuse(CertificateRevoked, "the certificate, or that of its CA, was put on the list during the sign-in")
	}
	end := &store.Entry{Audit: a.refusal(refusal), End: a.entry.Begin.ID}
	end.Audit.Session = a.entry.Begin.ID
	if err := s.ledger.Write(ctx, end); err != nil {
		return err
	}
	return refusal
}

// verify does what costs the processor: three signatures at least. It fills the attempt. Nothing is verified with
// anybody's key before the nonce is known to be one of the hub's, which costs one hash. The card's own key is used only
// once its certificate is trusted.
func (s *Service) verify(ctx context.Context, a *attempt, compact string) (*Refusal, error) {
	var err error
	if a.card, err = parseAssertion(compact); err != nil {
		return refuse(AssertionInvalid, "%v", err), nil
	}
	key, err := s.nonceKey(ctx)
	if err != nil {
		return nil, err
	}
	// One that has lapsed is refused on record, once it is proven whose sign-in took so long.
	var ours bool
	if a.given, ours, a.lapsed = signed(key, a.card.claims.Nonce, a.now); !ours {
		return refuse(NonceUnknown, "the nonce was never given"), nil
	}
	_, behaved := s.rubbish.Room(a.Source, a.now)
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
	if a.ways, refusal = Ways(a.card.chain, a.cas, a.now); refusal != nil {
		return refusal, nil
	}
	if err := a.card.verify(); err != nil {
		return refuse(AssertionInvalid, "%v", err), nil
	}
	return nil, nil
}

// admit decides about a card that is what it says it is, and fills the entry that its success will leave.
func (s *Service) admit(ctx context.Context, a *attempt) (Grant, *Refusal, error) {
	claims := a.card.claims
	a.entry.Proof, a.entry.Assertion = &a.proof.once, claims.once()
	certificate := CertificateOf(a.card.chain[0])
	revoked, err := s.revoked(ctx, certificate, a.ways)
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
		return Grant{}, refuse(ProofInvalid, "iat is more than %s off", clockLeeway), nil
	}
	if a.lapsed {
		return Grant{}, refuse(NonceUnknown, "the nonce has lapsed"), nil
	}
	// Whoever uses the nonce again uses the assertion again, or has the card sign another for a nonce that was spent.
	a.bound, a.entry.Assertion = true, onceOfNonce(claims.Nonce, a.given)
	person, refusal, err := s.person(ctx, a, certificate)
	if refusal != nil || err != nil {
		return Grant{}, refusal, err
	}
	a.entry.Audit.Person = person.UUID
	if wait, ok := s.signIns.Room(person.UUID, a.now); !ok {
		return Grant{}, limited(wait, "the person has signed in too often"), nil
	}
	token, err := s.secret()
	if err != nil {
		return Grant{}, nil, err
	}
	hashed := tokenHash(token)
	session := &store.Session{
		ID: s.newID(), TokenHash: hashed[:], Person: person.UUID, KeyThumb: a.proof.Thumb, Certificate: certificate,
		Begun: a.now, Seen: a.now, Expires: lasts(a.now, s.max, a.card.chain[0].NotAfter),
	}
	idToken, err := s.idToken(person, *session)
	if err != nil {
		return Grant{}, nil, err
	}
	a.entry.Begin, a.entry.Audit.Session = session, session.ID
	return Grant{token, session.Expires.Sub(a.now), idToken, session.ID, a.cas.HasList(a.card.chain[0])}, nil, nil
}

// revoked reports whether the card is on the list, or a CA on each of its ways to the bundle.
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

// person returns whose card it is: whose it was enrolled as, or else whom it names by the way of its CA. A person with
// enrolled cards is not reachable by the common name of another: their UUID may be one that the site made up, and somebody's
// NHS smartcard may have the same.
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
				return unknown("the person has enrolled certificates, and this is none of them")
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
		return unknown("the certificate is enrolled for nobody")
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

// named adds to a refusal which certificate it is about, where nobody is known who has it.
func (a *attempt) named(r *Refusal) *Refusal {
	if r.Reason == PersonUnknown || a.entry.Audit.Person == "" {
		r.Certificate = Described(CertificateOf(a.card.chain[0]))
	}
	return r
}

// uuid returns the UUID that the card has by the way of its CA; "" where it has none: the audit names nobody by what any
// other certificate says.
func (a *attempt) uuid() string {
	if holder.Naming(a.name.Kind) == holder.UUID {
		return a.name.Name
	}
	return ""
}

// replay returns the refusal of what was used before; nil when err is something else.
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

// refused puts the refusal of a proven sign-in into the audit before it is told, and spends proof and assertion: the
// same again is a replay, and no longer proven.
func (s *Service) refused(ctx context.Context, a *attempt, refusal *Refusal) error {
	if _, ok := s.refusals.Take(CertificateOf(a.card.chain[0]).Fingerprint, a.now); !ok {
		// Nothing of it serves for anything, and the card's refusals must fill no disk: it counts as unproven.
		if wait, ok := s.rubbish.Take(a.Source, a.now); !ok {
			return limited(wait, "the card has been refused too often; this time: "+string(refusal.Reason))
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

// unproven tells a refusal of what may be anybody's, for as long as its source has a budget.
func (s *Service) unproven(ctx context.Context, a *attempt, refusal *Refusal) error {
	if wait, ok := s.rubbish.Take(a.Source, a.now); !ok {
		return limited(wait, "the source has sent too many sign-ins that prove nothing; this one: "+string(refusal.Reason))
	}
	if a.entry != nil { // the certificate is good
		if err := s.ledger.Write(ctx, &store.Entry{Audit: a.refusal(refusal)}); err != nil {
			return err
		}
	}
	return refusal
}

// refusal returns the audit's line of a refusal.
func (a *attempt) refusal(r *Refusal) store.AuditRecord {
	line := a.entry.Audit
	line.Outcome, line.Reason, line.Session = audit.Refused, string(r.Reason), ""
	if r.Certificate != "" && r.Reason != CertificateUntrusted { // whose issuer nobody vouches for
		line.Reason += ": " + r.Certificate
	}
	return line
}
