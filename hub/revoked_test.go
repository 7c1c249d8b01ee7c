package hub_test

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"wardlight/hub"
	"wardlight/hub/cards"
	"wardlight/hub/holder"
	"wardlight/hub/identity"
	"wardlight/hub/store"
	"wardlight/internal/certtest"
	"wardlight/internal/text"
)

// ticks is a timer that fires when the test does.
type ticks struct {
	asked chan time.Duration
	fire  chan time.Time
}

func (x ticks) After(d time.Duration) <-chan time.Time {
	x.asked <- d
	return x.fire
}

func TestARevokedCardIsWorthNothingAtTheNextLook(t *testing.T) {
	b := newFixture(t)
	signs := func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCRLSign }
	b.ca = newAuthority(t, "Sub CA", signs)
	folder := t.TempDir()
	bundle, crl := filepath.Join(folder, "ca.pem"), filepath.Join(folder, "ca.crl")
	put := func(name string, text []byte) {
		t.Helper()
		must(t, os.WriteFile(name+".new", text, 0o600))
		must(t, os.Rename(name+".new", name))
	}

	inPEM := func(all ...*authority) (text []byte) {
		for _, a := range all {
			text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})...)
		}
		return text
	}

	list := func(revoked ...*big.Int) []byte {
		l := &x509.RevocationList{
			Number: big.NewInt(1), ThisUpdate: b.clock.Now(),
			NextUpdate: b.clock.Now().Add(time.Hour),
		}
		for _, serial := range revoked {
			l.RevokedCertificateEntries = append(l.RevokedCertificateEntries,
				x509.RevocationListEntry{SerialNumber: serial, RevocationTime: start})
		}
		der, err := x509.CreateRevocationList(rand.Reader, l, b.ca.cert, b.ca.key)
		must(t, err)
		return der
	}

	put(bundle, inPEM(b.ca))
	put(crl, list())
	timer := ticks{make(chan time.Duration), make(chan time.Time)}
	keeper, err := cards.Open(t.Context(), cards.Config{
		CAs: []cards.Bundle{{File: bundle, Naming: holder.UUID}}, Lists: []string{crl}, Store: b.sqlite,
		Clock: b.clock.Now, After: timer.After, Log: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	b.restart(func(_ *fixture, c *hub.Config) { c.CA = keeper.CAs(); keeper.Store = c.Store })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		keeper.Run(ctx, b.hub.Trust)
	}()

	t.Cleanup(func() { stop(); <-ended })
	if wait := <-timer.asked; wait > 4*time.Second {
		t.Fatalf("the lists are read every %s, want at most every 4s", wait)
	}

	look := func() { // returns when the lists have been read
		timer.fire <- b.clock.Now()
		<-timer.asked
	}

	begin := func(c *card) *terminal {
		x := b.terminal()
		x.begin(x.try(c))
		return x
	}

	mine, theirs := b.card(), b.card()
	x, y := begin(mine), begin(theirs)
	look()
	if x.refused() != "" || y.refused() != "" {
		t.Fatal("a session was refused before the revocation")
	}

	put(crl, list(mine.cert.SerialNumber))
	look()
	if !strings.Contains(x.refused(), "ended") || y.refused() != "" {
		t.Errorf("after the revocation: revoked session got %q, other session got %q; want an end and \"\"",
			x.refused(), y.refused())
	}

	if _, _, why := reason(t, b.terminal().try(mine)); why != "certificate_revoked" {
		t.Errorf("sign-in with the revoked card: got %s, want certificate_revoked", why)
	}

	next := newAuthority(t, "Next CA", signs)
	new := next.issue(t, certtest.P256(t), jose.ES256, nurseUUID)
	if _, _, why := reason(t, b.terminal().try(new)); why != "certificate_untrusted" {
		t.Errorf("sign-in with an untrusted CA: got %s, want certificate_untrusted", why)
	}

	put(bundle, inPEM(b.ca, next))
	look()
	z := begin(new)
	put(bundle, inPEM(next))
	look()
	if y.refused() == "" || z.refused() != "" {
		t.Errorf("session of the removed CA got %q, of the other CA %q; want a refusal and \"\"", y.refused(),
			z.refused())
	}

	if _, _, why := reason(t, b.terminal().try(theirs)); why != "certificate_untrusted" {
		t.Errorf("sign-in with the removed CA: got %s, want certificate_untrusted", why)
	}
}

func TestACardOfARevokedCAIsRevoked(t *testing.T) {
	root := newAuthority(t, "Root CA")
	b := newFixture(t, func(b *fixture, c *hub.Config) {
		b.ca = root.below(b.t, "Sub CA")
		c.CA = holder.Only(root.cert, holder.UUID)
	})
	chain := func(c *card) func(header, _ map[string]any) {
		return inHeader("x5c", []string{inBase64(c.cert), inBase64(b.ca.cert)})
	}
	c := b.card()
	x := b.terminal()
	x.begin(x.try(c, chain(c)))
	must(t, b.sqlite.RevokeCertificates(t.Context(),
		[]store.Revocation{{Certificate: identity.CertificateOf(b.ca.cert), At: start}}))
	if _, _, why := reason(t, x.try(c, chain(c))); why != "certificate_revoked" {
		t.Errorf("sign-in with a revoked CA: got %s, want certificate_revoked", why)
	}
}

func TestSignIn_RevokedMeanwhile(t *testing.T) {
	onEachStore(t, func(t *testing.T, open func() store.Store) {
		fillStore(t, open())

		for name, c := range map[string]struct {
			takeAway func(b *fixture, c *card, s store.Store)
			want     string
		}{
			"the certificate is revoked": {func(_ *fixture, c *card, s store.Store) {
				must(t,
					s.RevokeCertificates(t.Context(),
						[]store.Revocation{{Certificate: identity.CertificateOf(c.cert), At: start}}))
			}, "certificate_revoked"},
			"its CA is revoked": {func(b *fixture, _ *card, s store.Store) {
				must(t,
					s.RevokeCertificates(t.Context(),
						[]store.Revocation{{Certificate: identity.CertificateOf(b.ca.cert), At: start}}))
			}, "certificate_revoked"},
			"its CA is withdrawn": {func(b *fixture, c *card, s store.Store) {
				b.hub.Trust(newAuthority(t, "Another CA").cas())
				if n, err := s.EndSessions(t.Context(), c.cert.Issuer.String(), start); n != 0 || err != nil {
					t.Fatalf("EndSessions = %d, %v; want 0, nil", n, err)
				}
			}, "certificate_untrusted"},
		} {
			t.Run(name, func(t *testing.T) {
				root := newAuthority(t, "Root CA where "+name)
				ca := root.below(t, "Sub CA where "+name)
				pool := x509.NewCertPool()
				pool.AddCert(root.cert)
				late := &revokesLate{Store: open()}
				b := besides(t, late, &authority{key: ca.key, cert: ca.cert, pool: pool}, &clock{now: start}, silence{})
				mine := b.card()
				late.revoke = func() { c.takeAway(b, mine, late.Store) }
				x := b.terminal()
				r := x.try(mine, inHeader("x5c", []string{inBase64(mine.cert), inBase64(ca.cert)}))
				if status, _, why := reason(t, r); status != http.StatusBadRequest || why != c.want {
					t.Errorf("sign-in: got status %d, body %s; want 400 %s", status, r.body, c.want)
				}

				if n, err := late.CountSessions(t.Context(), start); n != 0 || err != nil {
					t.Errorf("got %d sessions, error %v; want none", n, err)
				}

				head, err := late.AuditHead(t.Context())
				must(t, err)
				if head.Action != "sign in" || head.Outcome != "refused" || head.Reason != c.want ||
					head.Person != nurseUUID || head.Session == "" {
					t.Errorf("last audit record: got %+v, want a refused sign-in with a session", head)
				}
			})
		}
	})
}

// revokesLate revokes the card after the hub has checked the revocations and before it stores the session.
type revokesLate struct {
	store.Store
	revoke func()
}

func (s *revokesLate) Commit(ctx context.Context, entries []*store.Entry) ([]error, error) {
	for _, e := range entries {
		if e.Begin != nil {
			s.revoke()
		}
	}
	return s.Store.Commit(ctx, entries)
}

func TestWhoseACardIsThatDoesNotSayIt(t *testing.T) {
	b := newFixture(t)
	c := b.ca.issue(t, certtest.P256(t), jose.ES256, "Ada Sample")
	x := b.terminal()
	if _, _, why := reason(t, x.try(c, of("Ada Sample"))); why != "person_unknown" {
		t.Errorf("sign-in before the certificate is assigned: got %s, want person_unknown", why)
	}
	must(t, b.sqlite.PutCertificate(t.Context(), store.BySHA256(identity.CertificateOf(c.cert).Fingerprint), nurseUUID))
	if _, _, why := reason(t, x.try(c, of(otherUUID))); why != "assertion_invalid" {
		t.Errorf("sign-in with another person's UUID: got %s, want assertion_invalid", why)
	}
	x.begin(x.try(c, of("Ada Sample")))
	if r := x.get(nurse, flag, about(tess)); r.status != http.StatusOK {
		t.Errorf("lamp: got status %d, body %s; want 200", r.status, r.body)
	}
	trail := b.trail()
	if last := trail[len(trail)-1]; last.Person != nurseUUID {
		t.Errorf("last audit record: got %+v, want the nurse's", last)
	}
}

// TestWhatIsOnRecordOfAnUnknownPersonsCard signs in with an intermediate CA whose name has terminal escapes.
func TestWhatIsOnRecordOfAnUnknownPersonsCard(t *testing.T) {
	root := newAuthority(t, "Root CA")
	b := newFixture(t, func(b *fixture, c *hub.Config) {
		b.ca = root.below(b.t, "Sub\x1b[2J\u202e CA")
		c.CA = holder.Only(root.cert, holder.SHA256)
	})

	c := b.ca.issue(t, certtest.P256(t), jose.ES256, nurseUUID)
	if _, _, why := reason(t,
		b.terminal().try(c,
			inHeader("x5c", []string{inBase64(c.cert), inBase64(b.ca.cert)}))); why != "person_unknown" {
		t.Fatalf("sign-in: got %s, want person_unknown", why)
	}

	want := "certificate SHA-256 " + identity.CertificateOf(c.cert).Fingerprint + ", serial " +
		c.cert.SerialNumber.Text(16) + ", issuer CN=Sub␛[2J" + string(text.Replacement) + " CA,O=nhs"
	trail := b.trail()
	if last := trail[len(trail)-1]; last.Person != "" || last.Reason != "person_unknown: "+want {
		t.Errorf("last audit record: got %+v, want no person and %q", last, want)
	}

	if log := b.log.String(); !strings.Contains(log, `"certificate":"`+want+`"`) {
		t.Errorf("got log %s, want %q in it", log, want)
	}
}
