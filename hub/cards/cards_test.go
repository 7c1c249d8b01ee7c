package cards_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/hub/cards"
	"wardlight/hub/holder"
	"wardlight/hub/store"
	"wardlight/internal/certtest"
)

var start = time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// authority is a CA that issues revocation lists.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t testing.TB, name string, change ...func(*x509.Certificate)) *authority {
	t.Helper()
	key := certtest.P256(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: start.AddDate(-1, 0, 0),
		NotAfter: start.AddDate(1, 0, 0),
		IsCA:     true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	for _, c := range change {
		c(template)
	}
	return &authority{key, (*certtest.Issuer)(nil).Sign(t, template, key)}
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// list returns a DER revocation list with the serial numbers.
func (a *authority) list(t testing.TB, at time.Time, serials []int64, change ...func(*x509.RevocationList)) []byte {
	t.Helper()
	l := &x509.RevocationList{Number: big.NewInt(at.Unix()), ThisUpdate: at, NextUpdate: at.Add(24 * time.Hour)}
	for _, s := range serials {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: big.NewInt(s), RevocationTime: at})
	}
	for _, c := range change {
		c(l)
	}
	der, err := x509.CreateRevocationList(rand.Reader, l, a.cert, a.key)
	must(t, err)
	return der
}

func inPEM(lists ...[]byte) []byte {
	var all []byte
	for _, l := range lists {
		all = append(all, pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: l})...)
	}
	return all
}

// storeStub is a store that records its calls.
type storeStub struct {
	revoked []string // issuer and serial number
	calls   []int
	ended   []string
	fails   error
}

func (b *storeStub) RevokeCertificates(_ context.Context, all []store.Revocation) error {
	if b.fails != nil {
		return b.fails
	}
	b.calls = append(b.calls, len(all))
	for _, r := range all {
		b.revoked = append(b.revoked, r.Issuer+" "+r.Serial)
	}
	return nil
}

func (b *storeStub) EndSessions(_ context.Context, issuer string, _ time.Time) (int, error) {
	if b.fails == nil {
		b.ended = append(b.ended, issuer)
	}
	return 1, b.fails
}

// fixture is a Keeper with its files.
type fixture struct {
	t      *testing.T
	ca     *authority
	now    time.Time
	log    strings.Builder
	store  storeStub
	bundle string
	crl    string
	*cards.Keeper
}

func (d *fixture) config() cards.Config {
	return cards.Config{
		CAs: []cards.Bundle{{File: d.bundle, Naming: holder.UUID}}, Lists: []string{d.crl}, Store: &d.store,
		Clock: func() time.Time {
			return d.now
		}, After: time.After,
		Log: slog.New(slog.NewTextHandler(&d.log, nil)),
	}
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	folder := t.TempDir()
	d := &fixture{
		t: t, ca: newAuthority(t, "CA"), now: start, bundle: filepath.Join(folder, "ca.pem"),
		crl: filepath.Join(folder, "ca.crl"),
	}
	d.put(d.bundle, d.ca.pem())
	d.put(d.crl, d.ca.list(t, start, []int64{0x10}))
	var err error
	d.Keeper, err = cards.Open(t.Context(), d.config())
	must(t, err)
	return d
}

// put replaces a file atomically.
func (d *fixture) put(name string, text []byte) {
	d.t.Helper()
	must(d.t, os.WriteFile(name+".new", text, 0o600))
	must(d.t, os.Rename(name+".new", name))
}

// alarms returns the number of alarms in the log that contain words.
func (d *fixture) alarms(words string) int {
	n := 0
	for line := range strings.Lines(d.log.String()) {
		if strings.Contains(line, "ALARM") && strings.Contains(line, words) {
			n++
		}
	}
	return n
}

func TestANewListIsTakenByItsDifference(t *testing.T) {
	d := newFixture(t)
	if !slices.Equal(d.store.revoked, []string{"CN=CA 10"}) {
		t.Fatalf("revoked at the start: got %v, want CN=CA 10", d.store.revoked)
	}
	d.Reload(t.Context())
	d.put(d.crl, inPEM(d.ca.list(t, start.Add(time.Hour), []int64{0x10, 0x20, 0xABC})))
	for range 3 {
		d.Reload(t.Context())
	}
	if want := []string{"CN=CA 10", "CN=CA 20", "CN=CA abc"}; !slices.Equal(d.store.revoked, want) {
		t.Errorf("revoked: got %v, want %v", d.store.revoked, want)
	}
	if n := d.alarms(""); n != 0 {
		t.Errorf("got %d alarms, want none: %s", n, d.log.String())
	}
}

func TestAFileRewrittenInPlaceIsSeen(t *testing.T) {
	d := newFixture(t)
	must(t, os.WriteFile(d.crl, d.ca.list(t, start, []int64{0x10, 0x20}), 0o600))
	d.Reload(t.Context())
	if !slices.Contains(d.store.revoked, "CN=CA 20") {
		t.Errorf("revoked: got %v, want CN=CA 20 among them", d.store.revoked)
	}
}

func TestALongListIsTakenInPieces(t *testing.T) {
	d := newFixture(t)
	var serials []int64
	for i := range int64(1200) {
		serials = append(serials, 0x1000+i)
	}
	d.put(d.crl, d.ca.list(t, start, serials))
	d.Reload(t.Context())
	if want := append([]int{1}, slices.Repeat([]int{100}, 12)...); !slices.Equal(d.store.calls, want) {
		t.Errorf("sizes of transactions: got %v, want %v", d.store.calls, want)
	}
}

func TestWhatTheStoreDidNotTakeIsBroughtAgain(t *testing.T) {
	d := newFixture(t)
	d.store.fails = errors.New("disk full")
	d.put(d.crl, d.ca.list(t, start, []int64{0x20}))
	d.Reload(t.Context())
	if d.alarms("could not be stored") != 1 {
		t.Errorf("got log %s, want one alarm \"could not be stored\"", d.log.String())
	}
	d.store.fails = nil
	d.Reload(t.Context())
	if !slices.Contains(d.store.revoked, "CN=CA 20") {
		t.Errorf("revoked after the store's recovery: got %v, want CN=CA 20 among them", d.store.revoked)
	}
}

func TestAListThatCannotBeUsedIsAnAlarmAndForgetsNothing(t *testing.T) {
	unknown, twin := newAuthority(t, "Stranger"), newAuthority(t, "CA")
	serials := []int64{0x30}
	scope := func(der []byte) func(*x509.RevocationList) {
		return func(l *x509.RevocationList) {
			l.ExtraExtensions = append(l.ExtraExtensions, pkix.Extension{
				Id:       asn1.ObjectIdentifier{2, 5, 29, 28},
				Critical: true, Value: der,
			})
		}
	}

	for name, c := range map[string]struct {
		spoil func(d *fixture)
		says  string
	}{
		"rubbish": {func(d *fixture) { d.put(d.crl, []byte("rubbish")) }, "not a revocation list"},
		"nothing": {func(d *fixture) { d.put(d.crl, nil) }, "not a revocation list"},
		"half a list": {func(d *fixture) {
			text := inPEM(d.ca.list(t, start, serials))
			d.put(d.crl, text[:len(text)/2])
		}, "not a revocation list"},
		"a certificate": {func(d *fixture) { d.put(d.crl, d.ca.pem()) }, "which is not a revocation list"},
		"one and a half": {func(d *fixture) {
			l := inPEM(d.ca.list(t, start, serials))
			d.put(d.crl, append(l, l[:len(l)/2]...))
		}, "malformed or incomplete"},
		"one that does not read between two": {func(d *fixture) {
			l := inPEM(d.ca.list(t, start, serials))
			d.put(d.crl, slices.Concat(l, []byte("\ufeff"), l, l))
		}, "malformed or incomplete"},
		"of a stranger": {func(d *fixture) {
			d.put(d.crl, unknown.list(t, start, serials))
		}, "not signed by a CA of the bundle"},
		"of another key": {func(d *fixture) {
			d.put(d.crl, twin.list(t, start, serials))
		}, "the signature is not valid for CN=CA"},
		"good and bad": {func(d *fixture) {
			d.put(d.crl, inPEM(d.ca.list(t, start, serials), unknown.list(t, start, serials)))
		}, "not signed by a CA of the bundle"},
		"an older one": {func(d *fixture) {
			d.put(d.crl, d.ca.list(t, start.Add(-time.Hour), serials))
		}, "older than the previous one"},
		"gone": {func(d *fixture) { must(t, os.Remove(d.crl)) }, "no such file"},
		"a delta list": {func(d *fixture) {
			d.put(d.crl, d.ca.list(t, start, serials, func(l *x509.RevocationList) {
				l.ExtraExtensions = []pkix.Extension{{
					Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true,
					Value: []byte{2, 1, 1},
				}}
			}))
		}, "delta list"},
		"an indirect list": {func(d *fixture) {
			d.put(d.crl, d.ca.list(t, start, serials, scope([]byte{0x30, 3, 0x84, 1, 0xFF})))
		}, "other CAs"},
		"a strange scope": {func(d *fixture) {
			d.put(d.crl, d.ca.list(t, start, serials, scope([]byte{1, 2, 3})))
		}, "its scope (issuing distribution point) cannot be parsed"},
		"of others' cards": {func(d *fixture) {
			d.put(d.crl, d.ca.list(t, start, serials, func(l *x509.RevocationList) {
				l.RevokedCertificateEntries[0].ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{
					2, 5, 29,
					29,
				}, Critical: true, Value: []byte{0x30, 0}}}
			}))
		}, "other CAs"},
		"an outdated one": {func(d *fixture) {
			d.now = d.now.Add(25 * time.Hour)
		}, "should have been replaced by 2026-07-16T13:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newFixture(t)
			c.spoil(d)
			d.Reload(t.Context())
			d.Reload(t.Context())
			if n := d.alarms(c.says); n != 1 {
				t.Errorf("got %d alarms of %q at once, want 1: %s", n, c.says, d.log.String())
			}

			d.now = d.now.Add(time.Minute)
			d.Reload(t.Context())
			if n := d.alarms(c.says); n != 2 {
				t.Errorf("got %d alarms of %q after a minute, want 2: %s", n, c.says, d.log.String())
			}

			if !slices.Equal(d.store.revoked, []string{"CN=CA 10"}) {
				t.Errorf("revoked: got %v, want CN=CA 10 only", d.store.revoked)
			}

			d.put(d.crl, d.ca.list(t, d.now, []int64{0x10, 0x40}))
			d.Reload(t.Context())
			if !slices.Equal(d.store.revoked, []string{"CN=CA 10", "CN=CA 40"}) ||
				!strings.Contains(d.log.String(), "can be used again") {
				t.Errorf("with a valid list: got revoked %v, log %s; want CN=CA 40 and \"can be used again\"",
					d.store.revoked, d.log.String())
			}
		})
	}
}

func TestAByteOrderMarkHidesNoListAndNoCA(t *testing.T) {
	a, b := newAuthority(t, "A"), newAuthority(t, "B")
	lists, err := cards.ParseLists(append([]byte("\ufeff"), inPEM(a.list(t, start, []int64{1}),
		b.list(t, start, []int64{2}))...))
	if err != nil || len(lists) != 2 {
		t.Errorf("ParseLists returned %d lists, error %v; want 2", len(lists), err)
	}
	bundle, err := cards.ParseBundle(slices.Concat([]byte("\ufeff"), a.pem(), b.pem()))
	if err != nil || len(bundle) != 2 {
		t.Errorf("ParseBundle returned %d CAs, error %v; want 2", len(bundle), err)
	}
	if all, err := cards.ParseBundle(slices.Concat(a.pem(), []byte("\ufeff"), b.pem(), a.pem())); err == nil {
		t.Errorf("ParseBundle with a byte order mark inside returned %d CAs, want error", len(all))
	}
}

func TestACardOnHoldIsRevokedAndOneRemovedFromTheListIsNot(t *testing.T) {
	d := newFixture(t)
	d.put(d.crl, d.ca.list(t, start, []int64{0x50, 0x60}, func(l *x509.RevocationList) {
		l.RevokedCertificateEntries[0].ReasonCode, l.RevokedCertificateEntries[1].ReasonCode = 6, 8
	}))
	d.Reload(t.Context())
	if !slices.Equal(d.store.revoked, []string{"CN=CA 10", "CN=CA 50"}) {
		t.Errorf("revoked: got %v, want CN=CA 10 and CN=CA 50", d.store.revoked)
	}
}

func TestTheBundleIsRenewed(t *testing.T) {
	d := newFixture(t)
	next := newAuthority(t, "Next CA")
	d.put(d.bundle, append(d.ca.pem(), next.pem()...))
	if !d.Reload(t.Context()) || d.Reload(t.Context()) {
		t.Error("Look with an added CA must return true once")
	}
	d.put(d.crl, inPEM(d.ca.list(t, start, nil), next.list(t, start, []int64{0x70})))
	d.Reload(t.Context())
	if !slices.Contains(d.store.revoked, "CN=Next CA 70") {
		t.Errorf("revoked: got %v, want the new CA's entry; log: %s", d.store.revoked, d.log.String())
	}
	d.put(d.bundle, next.pem())
	if !d.Reload(t.Context()) || !slices.Equal(d.store.ended, []string{"CN=CA"}) {
		t.Errorf("sessions ended after a CA was removed: got %v, want CN=CA", d.store.ended)
	}
	d.put(d.bundle, []byte("rubbish"))
	if d.Reload(t.Context()) || d.alarms("no certificate") != 1 || d.CAs().Pool().Equal(x509.NewCertPool()) {
		t.Errorf("Look with a malformed bundle: got log %s, want one alarm and the previous CAs", d.log.String())
	}
}

// Look must report a list that is added later, and keep the last valid list.
func TestWhichCAsHaveAList(t *testing.T) {
	d := newFixture(t)
	next := newAuthority(t, "Next CA")
	of := func(a *authority) *x509.Certificate { return &x509.Certificate{RawIssuer: a.cert.RawSubject} }
	d.put(d.bundle, append(d.ca.pem(), next.pem()...))
	d.Reload(t.Context())
	if !d.CAs().HasList(of(d.ca)) || d.CAs().HasList(of(next)) {
		t.Error("HasList at the start: want true for the first CA only")
	}

	before := d.CAs()
	d.put(d.crl, inPEM(d.ca.list(t, start, nil), next.list(t, start, nil)))
	d.Reload(t.Context())
	if !d.CAs().HasList(of(next)) || before.HasList(of(next)) {
		t.Error("HasList of the new CA must be true with its list, and not in the earlier CAs")
	}

	before = d.CAs()
	d.put(d.crl, []byte("rubbish"))
	d.Reload(t.Context())
	if d.CAs() != before || !d.CAs().HasList(of(d.ca)) {
		t.Error("a malformed list replaced the last valid one")
	}
}

func TestACAThatIsInTwoFilesWithTwoWays(t *testing.T) {
	d := newFixture(t)
	other := newAuthority(t, "Other CA")
	second := d.bundle + ".other"
	d.put(second, other.pem())
	config := d.config()
	config.CAs = append(config.CAs, cards.Bundle{File: second, Naming: holder.SHA256})
	k, err := cards.Open(t.Context(), config)
	must(t, err)
	before := k.CAs()
	d.put(second, append(other.pem(), newAuthority(t, "CA").pem()...)) // another key with the name of the first
	if k.Reload(t.Context()) || k.CAs() != before || d.alarms("by uuid and by sha256") != 1 {
		t.Errorf("Look with conflicting CAs: want the previous CAs and one alarm, got log %s", d.log.String())
	}
	d.put(second, append(other.pem(), newAuthority(t, "Third CA").pem()...))
	if !k.Reload(t.Context()) || k.CAs() == before {
		t.Errorf("Look with a valid bundle must return true; log: %s", d.log.String())
	}
}

func TestAListWaitsForItsCA(t *testing.T) {
	d := newFixture(t)
	next := newAuthority(t, "Next CA")
	d.put(d.crl, next.list(t, start, []int64{0x70}))
	d.Reload(t.Context())
	d.put(d.bundle, append(d.ca.pem(), next.pem()...))
	d.Reload(t.Context())
	if !slices.Contains(d.store.revoked, "CN=Next CA 70") {
		t.Errorf("revoked: got %v, want the new CA's entry; log: %s", d.store.revoked, d.log.String())
	}
}

func TestWhatTheHubDoesNotStartWithout(t *testing.T) {
	d := newFixture(t)
	for name, c := range map[string]struct {
		change func(*cards.Config)
		list   bool
	}{
		"a bundle that is not there": {func(c *cards.Config) {
			c.CAs = []cards.Bundle{{File: d.bundle + "x", Naming: holder.UUID}}
		}, false},
		"a bundle of no CA": {func(c *cards.Config) {
			leaf := newAuthority(t, "Leaf", func(c *x509.Certificate) { c.IsCA = false })
			d.put(d.bundle+"y", leaf.pem())
			c.CAs = append(c.CAs, cards.Bundle{File: d.bundle + "y", Naming: holder.UUID})
		}, false},
		"a CA that names a person in two ways": {func(c *cards.Config) {
			d.put(d.bundle+"z", d.ca.pem())
			c.CAs = append(c.CAs, cards.Bundle{File: d.bundle + "z", Naming: holder.SHA256})
		}, false},
		"a list that is not there": {func(c *cards.Config) { c.Lists = []string{d.crl + "x"} }, true},
	} {
		t.Run(name, func(t *testing.T) {
			config := d.config()
			c.change(&config)
			var at *cards.FileError
			if _, err := cards.Open(t.Context(), config); !errors.As(err, &at) || at.List != c.list {
				t.Errorf("Open: got error %v, want a FileError", err)
			}
		})
	}

	d.put(d.crl, []byte("rubbish"))
	if _, err := cards.Open(t.Context(), d.config()); err != nil || d.alarms("not a revocation list") != 1 {
		t.Errorf("Open with a malformed list: got error %v, want an alarm; log: %s", err, d.log.String())
	}
}

func FuzzLists(f *testing.F) {
	ca := newAuthority(f, "CA")
	l := ca.list(f, start, []int64{1, 2})
	f.Add(l)
	f.Add(inPEM(l, l))
	f.Add([]byte("-----BEGIN X509 CRL-----\nMA==\n-----END X509 CRL-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if all, err := cards.ParseLists(text); (err == nil) != (len(all) > 0) {
			t.Errorf("ParseLists returned %d lists and error %v", len(all), err)
		}
	})
}

func FuzzBundle(f *testing.F) {
	f.Add(newAuthority(f, "CA").pem())
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if all, err := cards.ParseBundle(text); (err == nil) != (len(all) > 0) {
			t.Errorf("ParseBundle returned %d certificates and error %v", len(all), err)
		}
	})
}

func TestTheSessionsOfARevokedCAEnd(t *testing.T) {
	d := newFixture(t)
	const sub = 0x20
	below := func(serial int64) []byte { // the same CA with another certificate
		template := &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "Sub CA"},
			NotBefore: start.AddDate(-1, 0, 0), NotAfter: start.AddDate(1, 0, 0),
			IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		}
		der, err := x509.CreateCertificate(rand.Reader, template, d.ca.cert, &newAuthority(t, "Sub CA").key.PublicKey,
			d.ca.key)
		must(t, err)
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	}

	d.put(d.bundle, slices.Concat(d.ca.pem(), below(sub), below(sub+1)))
	d.Reload(t.Context())
	d.put(d.crl, d.ca.list(t, start.Add(time.Minute), []int64{0x10, sub}))
	d.Reload(t.Context())
	if len(d.store.ended) > 0 {
		t.Errorf("one of a CA's two certificates is revoked: got sessions of %v ended, want none", d.store.ended)
	}

	d.put(d.crl, d.ca.list(t, start.Add(2*time.Minute), []int64{0x10, sub, sub + 1}))
	d.Reload(t.Context())
	if !slices.Equal(d.store.ended, []string{"CN=Sub CA"}) || !slices.Contains(d.store.revoked, "CN=CA 21") {
		t.Errorf("both certificates of a CA are revoked: got sessions of %v ended, revoked %v; want CN=Sub CA",
			d.store.ended, d.store.revoked)
	}

	d.Reload(t.Context())
	if len(d.store.ended) != 1 {
		t.Errorf("sessions ended after another Look: got %v, want one call", d.store.ended)
	}
}

// A sign-in between the two would otherwise leave an active session.
func TestACAIsTrustedNoMoreBeforeItsSessionsEnd(t *testing.T) {
	d := newFixture(t)
	looks := make(chan time.Time)
	d.After = func(time.Duration) <-chan time.Time { return looks }
	d.put(d.bundle, newAuthority(t, "Next CA").pem())
	ctx, stop := context.WithCancel(t.Context())
	ended := -1
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.Run(ctx, func(*holder.CAs) { ended = len(d.store.ended) })
	}()
	looks <- d.now
	stop()
	<-done
	if ended != 0 || len(d.store.ended) != 1 {
		t.Errorf("got %d sessions ended before the CAs were replaced and %d afterwards, want 0 and 1", ended,
			len(d.store.ended))
	}
}
