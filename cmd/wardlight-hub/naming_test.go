package main

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/hub/identity"
	"wardlight/internal/certtest"
	"wardlight/internal/lab/pki"
	labpg "wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
)

// staffUUID is the UUID of the person in staffLines.
const staffUUID = "999000000111"

// twoCAs is a running hub that trusts two CAs, each with its own way of naming a person in certificates.
type twoCAs struct {
	files
	address    string
	nhs, other *cardCA
	otherFile  string // file of the second CA
}

// onBothStores runs a test with each store.
func onBothStores(t *testing.T, do func(t *testing.T)) {
	t.Run("SQLite", do)
	t.Run("PostgreSQL", func(t *testing.T) {
		dsn := writeTemp(t, postgrestest.Schema(t, postgrestest.Start(t, labpg.Options{Durable: true}))+"\n")
		t.Setenv("WARDLIGHT_SERVER_STORE_ENGINE", "postgres")
		t.Setenv("WARDLIGHT_SERVER_STORE_DSN_FILE", dsn)
		do(t)
	})
}

// newTwoCAs starts the hub. naming is how certificates of the second CA name a person. The hub's log is written to
// log.
func newTwoCAs(t *testing.T, naming string, log io.Writer) *twoCAs {
	t.Helper()
	w := &twoCAs{files: newFiles(t), nhs: newCardCA(t, "NHS Sub CA"), other: newCardCA(t, "Trust CA")}
	w.start(t, naming, log)
	return w
}

// start imports the staff and starts the hub.
func (w *twoCAs) start(t *testing.T, naming string, log io.Writer) {
	t.Helper()
	nhs, other := writeTemp(t, w.nhs.pem), writeTemp(t, w.other.pem)
	w.otherFile = other
	t.Setenv("WARDLIGHT_SERVER_CARDS_CA_FILES", nhs+"=uuid"+string(filepath.ListSeparator)+other+"="+naming)
	t.Setenv("WARDLIGHT_SERVER_HUB_DATA_FOLDER", filepath.Join(w.folder, "data"))
	if out, err := command(t, "import", writeTemp(t, staffLines)); err != nil {
		t.Fatalf("import: %v: %s", err, out)
	}
	address, end := runLogged(t, log, "serve", "--listen", "127.0.0.1:0", "--operator-listen", "off", "--stop-notice",
		"0s")
	t.Cleanup(func() { _ = end() })
	w.address = address
}

// cardCA is a CA that signs any certificate.
type cardCA struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

// newCardCA makes a CA that vouches for itself.
func newCardCA(t *testing.T, name string) *cardCA {
	t.Helper()
	return (*cardCA)(nil).below(t, name)
}

// below makes a CA that this one vouches for.
func (ca *cardCA) below(t *testing.T, name string) *cardCA {
	t.Helper()
	sub := &cardCA{key: certtest.P256(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"Test"}, CommonName: name},
		NotBefore: time.Now().Add(-time.Hour),
		NotAfter:  time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	parent, by := template, sub.key
	if ca != nil {
		parent, by = ca.cert, ca.key
	}
	sub.cert, sub.pem = sign(t, template, parent, sub.key, by)
	return sub
}

// issue issues a card. change may edit the certificate before it is signed.
func (ca *cardCA) issue(t *testing.T, commonName string, serial int64, change ...func(*x509.Certificate)) pki.Issued {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: commonName},
		NotBefore: time.Now().Add(-time.Hour),
		NotAfter:  time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	for _, c := range change {
		c(template)
	}
	key := certtest.P256(t)
	cert, _ := sign(t, template, ca.cert, key, ca.key)
	return pki.Issued{Key: key, Certificate: cert}
}

// signIn signs in and returns the code of the hub's refusal, or "" on success.
func (w *twoCAs) signIn(t *testing.T, card pki.Issued, above ...*x509.Certificate) (refused string) {
	t.Helper()
	if _, err := signInAt(t, w.address, card, above...); err != nil {
		var why *client.Error
		if !errors.As(err, &why) {
			t.Fatal(err)
		}
		return why.SpineCode
	}
	return ""
}

// TestACAThatIsTrustedForOthersCardsMakesNobodyAnNHSPerson uses a card of the second CA whose common name is another
// person's UUID.
func TestACAThatIsTrustedForOthersCardsMakesNobodyAnNHSPerson(t *testing.T) {
	onBothStores(t, func(t *testing.T) {
		w := newTwoCAs(t, "sha256", io.Discard)
		if refused := w.signIn(t, w.nhs.issue(t, staffUUID, 7)); refused != "" {
			t.Errorf("sign-in with the NHS card: got refusal %q, want none", refused)
		}
		if refused := w.signIn(t, w.other.issue(t, staffUUID, 8)); refused != "person_unknown" {
			t.Errorf("sign-in with another CA's card and the same common name: got refusal %q, want person_unknown",
				refused)
		}
	})
}

// TestSignIn_WhetherThereIsARevocationList tests a hub with a revocation list of one CA and none of the other.
func TestSignIn_WhetherThereIsARevocationList(t *testing.T) {
	onBothStores(t, func(t *testing.T) {
		w := &twoCAs{files: newFiles(t), nhs: newCardCA(t, "NHS Sub CA"), other: newCardCA(t, "Trust CA")}
		list, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
			Number: big.NewInt(1), ThisUpdate: time.Now().Add(-time.Minute), NextUpdate: time.Now().Add(time.Hour),
		}, w.nhs.cert, w.nhs.key)
		if err != nil {
			t.Fatal(err)
		}

		t.Setenv("WARDLIGHT_SERVER_CARDS_CRL_FILES", writeTemp(t, string(list)))
		w.start(t, "uuid", io.Discard)

		for _, c := range []struct {
			of   *cardCA
			want client.RevocationList
		}{{w.nhs, client.ListInForce}, {w.other, client.NoList}} {
			session, err := signInAt(t, w.address, c.of.issue(t, staffUUID, 7))
			if err != nil {
				t.Fatal(err)
			}
			if got := session.RevocationList(); got != c.want {
				t.Errorf("RevocationList for a card of %s = %v, want %v", c.of.cert.Subject, got, c.want)
			}
		}
	})
}

// principal returns a function that adds a user principal name to a certificate.
func principal(t *testing.T, name string) func(*x509.Certificate) {
	t.Helper()

	marshal := func(v any) []byte {
		t.Helper()
		der, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}

	tagged := func(inside []byte) asn1.RawValue {
		return asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: inside}
	}

	id := marshal(asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 20, 2, 3})
	value := marshal(tagged(marshal(asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte(name)})))
	return func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{
			Id:    asn1.ObjectIdentifier{2, 5, 29, 17},
			Value: marshal([]asn1.RawValue{tagged(append(id, value...))}),
		}}
	}
}

// TestSignIn_TheCABetween uses cards of an intermediate CA below a trusted one. The intermediate certificate is sent
// by the card, or added to the hub's file later. A certificate sent by a card is not trusted itself, and doesn't
// change how a card names its holder.
func TestSignIn_TheCABetween(t *testing.T) {
	onBothStores(t, func(t *testing.T) {
		var log lockedLog
		w := newTwoCAs(t, "upn", &log)
		issuing := w.other.below(t, "Trust Issuing CA")
		ada := issuing.issue(t, "Ada", 20, principal(t, "ada@trust.example"))
		signs := func(what string, want string, card pki.Issued, above ...*x509.Certificate) {
			t.Helper()
			if got := w.signIn(t, card, above...); got != want {
				t.Errorf("sign-in, %s: got refusal %q, want %q", what, got, want)
			}
		}

		signs("without the CA between", "certificate_untrusted-unknown_ca", ada)
		log.waitUntil(t, "issuer CN=Trust Issuing CA,O=Test")
		signs("with the CA between, enrolled for nobody", "person_unknown", ada, issuing.cert)
		chain := writeTemp(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ada.DER()}))+issuing.pem)
		if out, err := command(t, "staff", "enrol", staffUUID, chain); err != nil {
			t.Fatal(out, err)
		}

		signs("enrolled", "", ada, issuing.cert)

		uuid := issuing.issue(t, staffUUID, 21)
		signs("a UUID as common name, with the NHS's CA sent along", "person_unknown", uuid, issuing.cert, w.nhs.cert)
		unknown := newCardCA(t, "Stranger CA")
		strangers := unknown.below(t, "NHS Sub CA")
		signs("a stranger's CA and root", "certificate_untrusted-unknown_ca", strangers.issue(t, staffUUID, 22),
			strangers.cert, unknown.cert)
		signs("a stranger's CA with the name of the NHS's", "certificate_untrusted-altered",
			strangers.issue(t, staffUUID, 22))

		if err := os.WriteFile(w.otherFile, []byte(w.other.pem+issuing.pem), 0o600); err != nil {
			t.Fatal(err)
		}

		for deadline := time.Now().Add(testTimeout); w.signIn(t,
			issuing.issue(t, "Eve", 23)) != "person_unknown"; <-time.After(200 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("the hub did not reload the CA file in time")
			}
		}

		signs("with the CA between in the hub's file", "", ada)
		signs("the same, sent along", "", ada, issuing.cert)
		signs("a UUID as common name", "person_unknown", uuid, w.nhs.cert)
		if out, err := command(t, "import",
			writeTemp(t, strings.ReplaceAll(strings.Split(staffLines, "\n")[0], staffUUID,
				"999000000113"))); err != nil {
			t.Fatal(out, err)
		}

		if out, err := command(t, "staff", "enrol", "999000000113", chain); !strings.Contains(fmt.Sprint(out, err),
			"is enrolled for another person; 'wardlight-hub staff enrol 999000000111") {
			t.Errorf("staff enrol of an enrolled certificate: got %s, error %v, want the command to remove it",
				out, err)
		}

		if out, err := command(t, "staff", "enrol", staffUUID, chain, "--remove"); err != nil {
			t.Error(out, err)
		}

		signs("released", "person_unknown", ada)
	})
}

// file writes a card's certificate, in PEM or in DER, and returns its path.
func file(t *testing.T, card pki.Issued, inPEM bool) string {
	t.Helper()
	text := string(card.DER())
	if inPEM {
		text = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: card.DER()}))
	}
	return writeTemp(t, text)
}

func TestStaffEnrol(t *testing.T) {
	onBothStores(t, func(t *testing.T) {
		w := newTwoCAs(t, "upn", io.Discard)
		enrol := func(says, uuid, name string, more ...string) {
			t.Helper()
			if out, err := command(t, append([]string{"staff", "enrol", uuid, name}, more...)...); !strings.Contains(
				fmt.Sprint(out, err), says,
			) {
				t.Errorf("staff enrol: got %s, error %v, want %q", out, err, says)
			}
		}

		signs := func(what string, card pki.Issued, want string) {
			t.Helper()
			if got := w.signIn(t, card); got != want {
				t.Errorf("sign-in, %s: got refusal %q, want %q", what, got, want)
			}
		}

		ada := principal(t, "ada@trust.example")
		first, renewed := w.other.issue(t, "Ada", 10, ada), w.other.issue(t, "Ada Sample", 11, ada)
		nhs := w.nhs.issue(t, staffUUID, 7)

		signs("before it is enrolled", first, "person_unknown")
		signs("the NHS card before", nhs, "")
		enrol("999000000112", "999000000112", file(t, first, true))
		enrol("is enrolled for 999000000111 Ms Ada Sample by upn ada@trust.example", staffUUID, file(t, first, true))
		signs("enrolled", first, "")
		signs("renewed", renewed, "")
		signs("of another name", w.other.issue(t, "Ada", 12, principal(t, "Ada@trust.example")), "person_unknown")
		signs("without a name", w.other.issue(t, "Ada", 13), "person_unknown")
		signs("with the UUID as its common name", w.other.issue(t, staffUUID, 14), "person_unknown")

		signs("the NHS card of somebody with an enrolled card", nhs, "person_unknown")
		enrol("by SHA-256 ", staffUUID, file(t, nhs, false))
		signs("the NHS card once it is enrolled", nhs, "")
		signs("another NHS card", w.nhs.issue(t, staffUUID, 8), "person_unknown")

		if out, err := command(t, "import",
			writeTemp(t, strings.ReplaceAll(strings.Split(staffLines, "\n")[0], staffUUID,
				"999000000113"))); err != nil {
			t.Fatal(out, err)
		}

		enrol("is enrolled for another person; 'wardlight-hub staff enrol 999000000111 FILE --remove'", "999000000113",
			file(t, renewed, true))
		enrol("the certificate is not enrolled for 999000000113", "999000000113", file(t, renewed, true), "--remove")
		if out, err := command(t, "staff", "show", staffUUID); err != nil ||
			!strings.Contains(out,
				"certificate upn ada@trust.example, issuer CN=Trust CA,O=Test, CA CN=Trust CA,O=Test") {
			t.Errorf("staff show: got %s, error %v, want the enrolled certificate", out, err)
		}

		enrol("is no longer enrolled for 999000000111", staffUUID, file(t, renewed, true), "--remove")
		signs("released", first, "person_unknown")

		enrol("it cannot be used to sign in: the certificate is of an unknown authority", staffUUID,
			file(t, newCardCA(t, "No CA of ours").issue(t, "Ada", 3, ada), true))
		enrol("the certificate has no user principal name", staffUUID, file(t, w.other.issue(t, "Ada", 15), true))
		enrol("is not a certificate", staffUUID, writeTemp(t, "rubbish"))

		checkEnrolmentsOnRecord(t, first, nhs)
	})
}

// checkEnrolmentsOnRecord checks the audit records of TestStaffEnrol. They must contain no person's name, and no UUID
// if the card identified nobody.
func checkEnrolmentsOnRecord(t *testing.T, first, nhs pki.Issued) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "audit.ndjson")
	if out, code := perform(t, "audit", "export", "--out", name); code != 0 {
		t.Fatalf("audit export: exit code %d, want 0: %s", code, out)
	}

	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}

	trail := string(text)
	sha256Of := func(card pki.Issued) string {
		return "certificate SHA-256 " + identity.CertificateOf(card.Certificate).Fingerprint
	}

	for want, n := range map[string]int{
		"999000000111: by upn: " + sha256Of(first) + ", serial a, issuer CN=Trust CA,O=Test":    1,
		"999000000111: by sha256: " + sha256Of(nhs) + ", serial 7, issuer CN=NHS Sub CA,O=Test": 1,
		"person_unknown: " + sha256Of(first) + ", serial a, issuer CN=Trust CA,O=Test":          2,
		"ada@trust.example": 0,
	} {
		if got := strings.Count(trail, want); got != n {
			t.Errorf("occurrences of %q in the audit: got %d, want %d", want, got, n)
		}
	}

	for line := range strings.Lines(trail) {
		if strings.Contains(line, "person_unknown") && strings.Contains(line, "issuer CN=Trust CA") &&
			strings.Contains(line, staffUUID) {
			t.Errorf("audit record of a card that names nobody contains a UUID: %s", line)
		}
	}
}

// lockedLog is the log of a running hub. It is safe for concurrent use.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// waitUntil waits until the log contains words, because a line may be logged after the response was sent.
func (l *lockedLog) waitUntil(t *testing.T, words string) {
	t.Helper()
	for deadline := time.Now().Add(testTimeout); ; <-time.After(10 * time.Millisecond) {
		l.mu.Lock()
		said := l.text.String()
		l.mu.Unlock()
		switch {
		case strings.Contains(said, words):
			return
		case time.Now().After(deadline):
			t.Fatalf("timeout waiting for %q in the log: %s", words, said)
		}
	}
}
