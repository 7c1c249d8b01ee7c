package pki_test

import (
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"wardlight/internal/lab/pki"
)

var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func newCA(t *testing.T, name string) *pki.CA {
	t.Helper()
	ca, err := pki.New(name, clock)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func request(kind pki.KeyKind, from, to time.Time) pki.CardRequest {
	return pki.CardRequest{UUID: "999000000111", Serial: 111, Key: kind, NotBefore: from, NotAfter: to}
}

func verify(ca *pki.CA, cert *x509.Certificate) error {
	_, err := cert.Verify(x509.VerifyOptions{
		Roots: ca.Pool(), CurrentTime: noon, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return err
}

func TestCardCertificateNamesItsHolderAndSignsOnly(t *testing.T) {
	ca := newCA(t, "Lab CA")
	for _, kind := range []pki.KeyKind{pki.RSA2048, pki.P256, pki.P384} {
		got, err := ca.IssueCard(request(kind, noon.AddDate(-1, 0, 0), noon.AddDate(1, 0, 0)))
		if err != nil {
			t.Fatal(err)
		}
		c := got.Certificate
		if s := c.Subject.String(); s != "CN=999000000111,OU=people,O=nhs" {
			t.Errorf("%s: subject = %s, want CN=999000000111,OU=people,O=nhs", kind, s)
		}
		if c.KeyUsage != x509.KeyUsageDigitalSignature {
			t.Errorf("%s: key usage = %b, want only digital signature", kind, c.KeyUsage)
		}
		if err := verify(ca, c); err != nil {
			t.Errorf("%s: verify: %v", kind, err)
		}
	}
}

func TestStrangersCertificateIsNotTrusted(t *testing.T) {
	ours, theirs := newCA(t, "Lab CA"), newCA(t, "Stranger CA")
	got, err := theirs.IssueCard(request(pki.P256, noon.AddDate(-1, 0, 0), noon.AddDate(1, 0, 0)))
	if err != nil {
		t.Fatal(err)
	}
	if verify(ours, got.Certificate) == nil {
		t.Fatal("verify of another CA's certificate succeeded, want error")
	}
}

func TestEndedCertificateIsRefusedForItsDates(t *testing.T) {
	ca := newCA(t, "Lab CA")
	got, err := ca.IssueCard(request(pki.P256, noon.AddDate(-3, 0, 0), noon.AddDate(0, 0, -20)))
	if err != nil {
		t.Fatal(err)
	}
	var invalid x509.CertificateInvalidError
	if err := verify(ca, got.Certificate); !errors.As(err, &invalid) || invalid.Reason != x509.Expired {
		t.Fatalf("verify error = %v, want expired", err)
	}
}

func TestServerCertificateIsForThisComputer(t *testing.T) {
	ca := newCA(t, "Lab CA")
	got, err := ca.Server()
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "::1", "localhost"} {
		_, err := got.Leaf.Verify(x509.VerifyOptions{Roots: ca.Pool(), DNSName: host, CurrentTime: noon})
		if err != nil {
			t.Errorf("Verify for %s: %v", host, err)
		}
	}
	if _, err := got.Leaf.Verify(x509.VerifyOptions{
		Roots: ca.Pool(), DNSName: "hub.example",
		CurrentTime: noon,
	}); err == nil {
		t.Error("Verify for hub.example succeeded, want error")
	}
}

func TestRevocationListIsSignedAndNamesTheSerial(t *testing.T) {
	ca := newCA(t, "Lab CA")
	ca.Revoke(111, noon.AddDate(0, 0, -3))
	der, err := ca.RevocationList()
	if err != nil {
		t.Fatal(err)
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := list.CheckSignatureFrom(ca.Certificate()); err != nil {
		t.Error(err)
	}
	if n := len(list.RevokedCertificateEntries); n != 1 ||
		list.RevokedCertificateEntries[0].SerialNumber.Int64() != 111 {
		t.Errorf("revoked certificates = %v, want only 111", list.RevokedCertificateEntries)
	}
}
