package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/client"
	"wardlight/internal/lab/pki"
	labpg "wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
)

// staffUUID is the person of staffLines.
const staffUUID = "999000000111"

// twoCAs is a running hub that trusts two CAs, whose certificates name a person each in its own way.
type twoCAs struct {
	files
	address    string
	nhs, other *cardCA
}

// onBothStores runs a test with a data folder and the settings of each store.
func onBothStores(t *testing.T, do func(t *testing.T)) {
	t.Run("SQLite", do)
	t.Run("PostgreSQL", func(t *testing.T) {
		dsn := writeTemp(t, postgrestest.Schema(t, postgrestest.Start(t, labpg.Options{Durable: true}))+"\n")
		t.Setenv("WARDLIGHT_SERVER_STORE_ENGINE", "postgres")
		t.Setenv("WARDLIGHT_SERVER_STORE_DSN_FILE", dsn)
		do(t)
	})
}

// newTwoCAs starts the hub, with the way in which certificates of the second CA name a person. What it logs goes to log.
func newTwoCAs(t *testing.T, naming string, log io.Writer) *twoCAs {
	t.Helper()
	w := &twoCAs{files: newFiles(t), nhs: newCardCA(t, "NHS Sub CA"), other: newCardCA(t, "Trust CA")}
	nhs, other := writeTemp(t, w.nhs.pem), writeTemp(t, w.other.pem)
	t.Setenv("WARDLIGHT_SERVER_CARDS_CA_FILES", nhs+"=uuid"+string(filepath.ListSeparator)+other+"="+naming)
	t.Setenv("WARDLIGHT_SERVER_HUB_DATA_FOLDER", filepath.Join(w.folder, "data"))
	if out, err := command(t, "import", writeTemp(t, staffLines)); err != nil {
		t.Fatalf("%s, %v", out, err)
	}
	address, end := runLogged(t, log, "serve", "--listen", "127.0.0.1:0", "--operator-listen", "off", "--stop-notice", "0s")
	t.Cleanup(func() { _ = end() })
	w.address = address
	return w
}

// cardCA is a CA that signs whatever the test says.
type cardCA struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

func newCardCA(t *testing.T, name string) *cardCA {
	t.Helper()
	ca := &cardCA{key: newKey(t)}
	ca.cert, ca.pem = sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"Test"}, CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, ca.key, ca.key)
	return ca
}

// issue makes a card; change changes the certificate before it is signed.
func (ca *cardCA) issue(t *testing.T, commonName string, serial int64, change ...func(*x509.Certificate)) pki.Issued {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: commonName}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	for _, c := range change {
		c(template)
	}
	key := newKey(t)
	cert, _ := sign(t, template, ca.cert, key, ca.key)
	return pki.Issued{Key: key, Certificate: cert}
}

// signIn signs in, and returns why the hub refuses it; "" where it does not.
func (w *twoCAs) signIn(t *testing.T, card pki.Issued) (refused string) {
	t.Helper()
	hub, err := client.New(client.Config{BaseURL: "http://" + w.address, Clock: time.Now, NewID: uuid.NewString, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	challenge, err := hub.Challenge(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key, err := client.NewProofKey()
	if err != nil {
		t.Fatal(err)
	}
	assertion, err := challenge.Assert([]*x509.Certificate{card.Certificate}, key, time.Now(), uuid.NewString(), func(message []byte, hash crypto.Hash) ([]byte, error) {
		h := hash.New()
		h.Write(message)
		return card.Key.Sign(rand.Reader, h.Sum(nil), hash)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = hub.SignIn(t.Context(), challenge, assertion); err != nil {
		var why *client.Error
		if !errors.As(err, &why) {
			t.Fatal(err)
		}
		return why.SpineCode
	}
	return ""
}

// TestACAThatIsTrustedForOthersCardsMakesNobodyAnNHSPerson has a card of the second CA with the 12 digits of somebody else.
func TestACAThatIsTrustedForOthersCardsMakesNobodyAnNHSPerson(t *testing.T) {
	onBothStores(t, func(t *testing.T) {
		w := newTwoCAs(t, "sha256", io.Discard)
		if refused := w.signIn(t, w.nhs.issue(t, staffUUID, 7)); refused != "" {
			t.Errorf("the NHS card is refused: %s", refused)
		}
		if refused := w.signIn(t, w.other.issue(t, staffUUID, 8)); refused != "person_unknown" {
			t.Errorf("a card of another CA with the same common name: got %q, want person_unknown", refused)
		}
	})
}
