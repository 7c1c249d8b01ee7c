package cardfolder_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"wardlight/cardreader"
	"wardlight/cardreader/piv"
	"wardlight/cardreader/virtual"
	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/internal/lab/cardfolder"
)

// folder creates a folder with files.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func pemOf(kind string, der []byte) []byte {
	return append([]byte("Bag Attributes\n    localKeyID: 01\n"),
		pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})...)
}

func pkcs8(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func packed(t *testing.T, how *pkcs12.Encoder, password string, key crypto.Signer, der []byte) []byte {
	t.Helper()
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	data, err := how.Encode(key, certificate, nil, password)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// opened reads the folder and opens its card as the programs do.
func opened(t *testing.T, dir string) (*virtual.Card, cardreader.Card, error) {
	t.Helper()
	contents, err := cardfolder.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	contents.Config.Passcode = []byte(virtualtest.Passcode)
	plastic, err := virtual.New(contents.Config)
	if err != nil {
		t.Fatal(err)
	}
	reader := virtual.NewReader("")
	reader.Insert(plastic)
	card, err := piv.Open(t.Context(), reader, reader.Name())
	return plastic, card, err
}

func TestRead_EveryFormOfKeyAndCertificateSigns(t *testing.T) {
	key := virtualtest.P256(t)
	der := virtualtest.Certificate(t, key, nil)
	sec1, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}

	crt, private := pemOf("CERTIFICATE", der), pemOf("PRIVATE KEY", pkcs8(t, key))
	for name, files := range map[string]map[string][]byte{
		"PEM":     {"9A.crt": crt, "9A.key": private},
		"one PEM": {"9a-card.pem": append(slices.Clone(private), crt...)},
		"a chain in PEM": {
			"9A.pem": slices.Concat(crt, pemOf("CERTIFICATE", []byte("its CA"))),
			"9A.key": pemOf("EC PRIVATE KEY", sec1),
		},
		"DER":             {"9A.cer": der, "9A.key.der": pkcs8(t, key)},
		"modern PKCS #12": {"9A.p12": packed(t, pkcs12.Modern, "", key, der)},
		"old PKCS #12":    {"9A.pfx": packed(t, pkcs12.LegacyRC2, "", key, der)},
		"public test card": {
			"3 - ICAM_PIV_Auth_SP_800-73-4.crt": crt,
			"3 - ICAM_PIV_Auth_SP_800-73-4.p12": packed(t, pkcs12.LegacyDES, "", key, der),
		},
		"both its names": {
			"3 - ICAM_PIV_Auth_SP_800-73-4.crt":             crt,
			"3 - ICAM_Test_Card_PIV_Auth_SP_800-73-4_X.crt": crt, "9A.key": private,
		},
		"a raw object, a key": {"5FC105": rawCertificate(der), "9A.key": private},
		"a card of other keys": {
			"9A.p12":              packed(t, pkcs12.Modern, "", key, der),
			"4 - PIV_Dig_Sig.crt": pemOf("CERTIFICATE", virtualtest.Certificate(t, virtualtest.P256(t), nil)),
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, card, err := opened(t, folder(t, files))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(card.Info().Certificate.Raw, der) {
				t.Error("the card has another certificate than the folder")
			}
			digest := sha256.Sum256([]byte("sign in"))
			if _, err := card.Sign(t.Context(), virtualtest.Typed(virtualtest.Passcode), digest[:],
				crypto.SHA256); err != nil {
				t.Error(err)
			}
		})
	}
}

// rawCertificate returns container 9A (SP 800-73-4 part 1, table 10).
func rawCertificate(der []byte) []byte {
	inner := slices.Concat([]byte{0x70, 0x82, byte(len(der) >> 8), byte(len(der))}, der,
		[]byte{0x71, 0x01, 0x00, 0xFE, 0x00})
	return append([]byte{0x53, 0x82, byte(len(inner) >> 8), byte(len(inner))}, inner...)
}

func TestRead_ObjectsAreServedWhole(t *testing.T) {
	chuid := append([]byte{0x30, 0x19}, make([]byte, 200)...)
	plastic, _, err := opened(t, folder(t, map[string][]byte{
		"1 - Discovery Object": {0x7E, 0x00}, "8 - CHUID Object": chuid, "7 - CCC": {0xF0, 0x00},
		"5fc106.bin":          {0x53, 0x01, 0xBA},
		"2 - Security Object": {0x53, 0x01, 0xBA}, "10 - Face Object": {},
	}))
	if cardreader.KindOf(err) != cardreader.NoCertificate {
		t.Errorf("opening a card without a certificate: error = %v, want kind NoCertificate", err)
	}

	plastic.Process([]byte{0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08})

	for tag, want := range map[string]string{
		"7E":     "6A82",
		"5FC102": "5381CA" + strings.ToUpper(hex.EncodeToString(chuid)) + "9000",
		"5FC107": "5302F0009000",
		"5FC106": "5301BA9000",
		"5FC108": "6A82",
		"5FC105": "6A82",
	} {
		name, err := hex.DecodeString(tag)
		if err != nil {
			t.Fatal(err)
		}
		command := slices.Concat([]byte{0x00, 0xCB, 0x3F, 0xFF, byte(2 + len(name)), 0x5C, byte(len(name))}, name,
			[]byte{0x00})
		if got := strings.ToUpper(hex.EncodeToString(plastic.Process(command))); got != want {
			t.Errorf("GET DATA %s = %s, want %s", tag, got, want)
		}
	}
}

func TestRead_TheCardsOwnCertificateComesBeforeThatOfItsKey(t *testing.T) {
	key, other := virtualtest.P256(t), virtualtest.P256(t)
	der := virtualtest.Certificate(t, key, nil)
	_, card, err := opened(t, folder(t, map[string][]byte{
		"9A.crt": der, "9A.p12": packed(t, pkcs12.Modern, "", other, virtualtest.Certificate(t, other, nil)),
	}))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(card.Info().Certificate.Raw, der) {
		t.Error("the card has the certificate of the PKCS #12 file, want that of the separate file")
	}
	digest := sha256.Sum256([]byte("sign in"))
	_, err = card.Sign(t.Context(), virtualtest.Typed(virtualtest.Passcode), digest[:], crypto.SHA256)
	if cardreader.KindOf(err) != cardreader.KeyMismatch {
		t.Errorf("Sign with a key that doesn't fit the certificate: error = %v, want kind KeyMismatch", err)
	}
}

func TestRead_ACardWithoutAKeyIsReadAndCannotSign(t *testing.T) {
	_, card, err := opened(t,
		folder(t, map[string][]byte{"9A.crt": virtualtest.Certificate(t, virtualtest.P256(t), nil)}))
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("sign in"))
	_, err = card.Sign(t.Context(), virtualtest.Typed(virtualtest.Passcode), digest[:], crypto.SHA256)
	if err == nil || !strings.Contains(err.Error(), "6A88") {
		t.Errorf("Sign without a key: error = %v, want status word 6A88", err)
	}
}

func TestRead_TheAnswerToResetAndTheDiscoveryObjectSayHowTheCardWorks(t *testing.T) {
	const t1, t0 = "3B 87 01 80 31 C0 73 C0 21 C0 A5", "3B:07:80:31:C0:73:C0:21:80\n"
	crt := virtualtest.Certificate(t, virtualtest.P256(t), nil)
	discovery := func(policy ...byte) []byte {
		return slices.Concat([]byte{0x7E, 0x12, 0x4F, 0x0B, 0xA0, 0, 0, 3, 8, 0, 0, 0x10, 0, 1, 0, 0x5F, 0x2F, 0x02},
			policy)
	}

	for name, c := range map[string]struct {
		files map[string][]byte
		want  virtual.Quirks
	}{
		"T=1":                    {map[string][]byte{"ATR": []byte(t1)}, 0},
		"T=0":                    {map[string][]byte{"atr.txt": []byte(t0)}, virtual.OverT0},
		"T=0 and T=1":            {map[string][]byte{"ATR": []byte("3B80800101")}, 0},
		"T=0, with TA1":          {map[string][]byte{"ATR": []byte("3B1011")}, virtual.OverT0},
		"T=0, and cut off":       {map[string][]byte{"ATR": []byte("3B80")}, virtual.OverT0},
		"the PIV passcode":       {map[string][]byte{"7E": discovery(0x40, 0x00)}, 0},
		"the PIV passcode first": {map[string][]byte{"1 - Discovery Object": discovery(0x60, 0x10)}, 0},
		"the global one first": {
			map[string][]byte{"1 - Discovery Object": discovery(0x60, 0x20)},
			virtual.GlobalPrimary,
		},
	} {
		c.files["9A.crt"] = crt
		contents, err := cardfolder.Read(folder(t, c.files))
		if err != nil || contents.Config.Quirks != c.want {
			t.Errorf("%s: quirks = %v, %v, want %v", name, contents.Config.Quirks, err, c.want)
		}
	}
}

func TestRead_WhatIsNothingOfACardIsNamed(t *testing.T) {
	dir := folder(t, map[string][]byte{
		"9A.crt": virtualtest.Certificate(t, virtualtest.P256(t), nil), "README.md": nil, "9B.crt": nil,
		"14 - ICAM_PIV_Key_Hist2_SP_800-73-4.p12": nil,
	})
	if err := os.Mkdir(filepath.Join(dir, "CA"), 0o700); err != nil {
		t.Fatal(err)
	}
	contents, err := cardfolder.Read(dir)
	if want := []string{"14 - ICAM_PIV_Key_Hist2_SP_800-73-4.p12", "9B.crt", "CA", "README.md"}; err != nil ||
		!slices.Equal(contents.Unused, want) {
		t.Errorf("Unused = %q, %v, want %q", contents.Unused, err, want)
	}
}

func TestRead_WhatCannotBeReadIsNamed(t *testing.T) {
	key := virtualtest.P256(t)
	der := virtualtest.Certificate(t, key, nil)
	for says, files := range map[string]map[string][]byte{
		"has no files of a card":                           {"README.md": nil},
		"9A.p12: its password is not the empty one":        {"9A.p12": packed(t, pkcs12.Modern, "secret", key, der)},
		"9A.p12: PKCS #12":                                 {"9A.p12": []byte("0")},
		"9A.crt: neither a certificate nor a private key":  {"9A.crt": []byte("hello")},
		"9A.pem: the encrypted private key cannot be read": {"9A.pem": pemOf("ENCRYPTED PRIVATE KEY", []byte{1})},
		"9A.pem: no certificate and no private key":        {"9A.pem": pemOf("X509 CRL", []byte{1})},
		"9A.der: another certificate than in 9A.crt": {"9A.crt": der, "9A.der": virtualtest.Certificate(t,
			virtualtest.P256(t), nil)},
		"9A-2.key: neither a certificate nor a private key": {"9A-2.key": {}},
		"CHUID Object: another object than in 5FC102": {
			"5FC102":       {0x53, 0x01, 0x01},
			"CHUID Object": {0x53, 0x01, 0x02},
		},
		"ATR: not an answer to reset":   {"ATR": []byte("3B zz"), "9A.crt": der},
		"9C.crt: more than 65536 bytes": {"9C.crt": make([]byte, 1<<17)},
	} {
		if _, err := cardfolder.Read(folder(t, files)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("Read error = %v, want %q", err, says)
		}
	}

	if _, err := cardfolder.Read(filepath.Join(t.TempDir(), "none")); !os.IsNotExist(err) {
		t.Errorf("Read of a missing folder: error = %v, want not exist", err)
	}
}
