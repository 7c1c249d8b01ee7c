package pkcs11

import (
	"crypto"
	"crypto/elliptic"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/virtual/virtualtest"
	"wardlight/internal/certtest"
)

func TestTheCertificateForSigningInIsChosenByWhatItSays(t *testing.T) {
	key := virtualtest.P256(t)
	make := func(id byte, label string, edit func(*x509.Certificate)) certificate {
		return certificate{ID: []byte{id}, Label: label, DER: virtualtest.Certificate(t, key, edit)}
	}

	usage := func(u x509.KeyUsage, ext ...x509.ExtKeyUsage) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.KeyUsage, c.ExtKeyUsage = u, ext }
	}

	signIn := make(1, "sign-in", nil)
	longer := make(2, "renewed", func(c *x509.Certificate) { c.NotAfter = c.NotAfter.Add(time.Hour) })
	general := make(3, "general", usage(x509.KeyUsageDigitalSignature))
	content := make(4, "content", usage(x509.KeyUsageContentCommitment))
	cipher := make(5, "cipher", usage(x509.KeyUsageKeyEncipherment, x509.ExtKeyUsageClientAuth))
	mail := make(6, "mail", usage(x509.KeyUsageDigitalSignature, x509.ExtKeyUsageEmailProtection))
	ca := make(7, "ca", func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true })
	nobody := signIn
	nobody.ID = nil
	logon := make(8, "logon", func(c *x509.Certificate) {
		c.ExtKeyUsage, c.UnknownExtKeyUsage = nil, append(c.UnknownExtKeyUsage, smartcardLogon)
	})

	junk := certificate{ID: []byte{9}, Label: "junk", DER: []byte("no certificate")}
	early := make(10, "early", func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = chosenAt.Add(time.Hour), c.NotAfter.AddDate(9, 0, 0)
	})

	earlier := make(11, "earlier", func(c *x509.Certificate) { c.NotBefore = chosenAt.Add(time.Hour) })
	shown := func(c certificate, private, public bool) certificate {
		c.Private, c.Public = private, public
		return c
	}

	odd := func(key crypto.Signer, label string) certificate {
		return certificate{ID: []byte{12}, Label: label, DER: virtualtest.Certificate(t, key, nil)}
	}

	p521, edwards := certtest.P521(t), certtest.Ed25519(t)
	const none, key53 = "This card has no sign-in certificate.",
		"This card's key is of a kind that cannot be used here."

	for name, c := range map[string]struct {
		all    []certificate
		wanted string
		want   string // label, or error sentence
	}{
		"none": {nil, "", none},
		"sign-in before the others": {
			[]certificate{general, mail, signIn, content, cipher},
			"",
			"sign-in",
		},
		"the one that holds longer":              {[]certificate{longer, signIn}, "", "renewed"},
		"general before mail":                    {[]certificate{mail, general}, "", "general"},
		"mail before none":                       {[]certificate{content, mail}, "", "mail"},
		"smartcard logon":                        {[]certificate{general, logon}, "", "logon"},
		"not for signatures":                     {[]certificate{content, cipher, ca}, "", none},
		"without a key to find":                  {[]certificate{nobody}, "", none},
		"no certificate":                         {[]certificate{junk}, "", none},
		"named by label":                         {[]certificate{signIn, content}, "CONTENT", "content"},
		"named by id":                            {[]certificate{signIn, content}, "04", "content"},
		"a renewal that is not valid yet":        {[]certificate{early, signIn}, "", "sign-in"},
		"nor before one for less":                {[]certificate{early, general}, "", "general"},
		"of two renewals the longer one":         {[]certificate{earlier, early}, "", "early"},
		"named, and a renewal":                   {[]certificate{early, shown(signIn, false, false)}, "01", "sign-in"},
		"its private key is shown":               {[]certificate{longer, shown(signIn, true, true)}, "", "sign-in"},
		"and before one for more":                {[]certificate{signIn, shown(general, true, false)}, "", "general"},
		"its public key is shown":                {[]certificate{longer, shown(signIn, false, true)}, "", "sign-in"},
		"which is no more than a hint":           {[]certificate{signIn, shown(general, false, true)}, "", "sign-in"},
		"P-521":                                  {[]certificate{odd(p521, "P-521"), mail, content}, "", "mail"},
		"P-521 alone":                            {[]certificate{odd(p521, "P-521"), content}, "", key53},
		"Ed25519 alone":                          {[]certificate{odd(edwards, "Ed25519")}, "", key53},
		"named, and of a kind that is not known": {[]certificate{odd(p521, "P-521"), signIn}, "P-521", key53},
		"named and not there": {
			[]certificate{signIn, content, {ID: []byte{0xB2}, Label: "odd\x1b[2J", DER: mail.DER}},
			"05",
			`The setting card.certificate names "05", and this card has no such certificate. It has "sign-in" (01), "content" (04), "odd␛[2J" (b2).`,
		},
		"named, on a card without any": {nil, "05", none},
		"named, and no certificate":    {[]certificate{junk}, "junk", none},
	} {
		got, err := choose(c.all, c.wanted, chosenAt)
		said := got.Label
		if err != nil {
			said = sentenceOf(err)
		}
		if said != c.want {
			t.Errorf("choose, %s = %q, want %q", name, said, c.want)
		}
	}
}

func sentenceOf(err error) string {
	var e *cardreader.Error
	if errors.As(err, &e) {
		return e.Sentence()
	}
	return err.Error()
}

// chosenAt is the time for choose at which the certificates of virtualtest are valid.
var chosenAt = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestASlotIsTheReadersByItsName(t *testing.T) {
	token := &Token{}
	long := strings.Repeat("Reader of a very long name ", 4)
	accents := "x" + strings.Repeat("é", 40)
	for name, c := range map[string]struct {
		slots  []Slot
		reader string
		want   []uint
	}{
		"by name":             {[]Slot{{1, "A", token}, {2, "B", token}}, "B", []uint{2}},
		"two for one reader":  {[]Slot{{1, "A", token}, {2, "A", token}}, "A", []uint{1, 2}},
		"named and empty":     {[]Slot{{1, "A", nil}, {2, "B", token}}, "A", nil},
		"cut off":             {[]Slot{{1, long[:64], token}, {2, "B", token}}, long, []uint{1}},
		"cut in a letter":     {[]Slot{{1, string([]rune(accents[:64])), token}, {2, "B", token}}, accents, []uint{1}},
		"named otherwise":     {[]Slot{{1, "SoftHSM slot 1", token}, {2, "SoftHSM slot 2", nil}}, "A", []uint{1}},
		"named without blank": {[]Slot{{1, "", token}}, "", []uint{1}},
	} {
		var got []uint
		for _, s := range slotsOf(c.slots, c.reader) {
			got = append(got, s.ID)
		}
		if len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
			t.Errorf("slotsFor, %s = %v, want %v", name, got, c.want)
		}
	}
}

func TestTriesIn(t *testing.T) {
	for flags, want := range map[uint]struct {
		left int
		low  bool
	}{
		0:                                 {-1, false},
		flagPINCountLow:                   {-1, true},
		flagPINCountLow | flagPINFinalTry: {1, true},
		flagPINLocked | flagPINFinalTry:   {0, true},
	} {
		if left, low := triesIn(flags); left != want.left || low != want.low {
			t.Errorf("triesIn(%x) = %d, %v, want %d, %v", flags, left, low, want.left, want.low)
		}
		e := &cardreader.Error{Kind: cardreader.WrongPasscode}
		wrongPasscode(e, flags)
		locked := e.Kind == cardreader.Locked
		if e.Tries != want.left || locked != (want.left == 0) || want.low &&
			!strings.HasPrefix(e.Sentence(), "Passcode not correct. ") {
			t.Errorf("wrongPasscode with flags %x: got %+v, want %d tries", flags, e, want.left)
		}
	}
}

func TestDERSignature(t *testing.T) {
	size := coordinateSize(&virtualtest.P256(t).PublicKey)
	if size != 32 || elliptic.P256().Params().BitSize != 256 {
		t.Fatal(size)
	}
	for _, n := range []int{0, 1, 63, 66, 128} {
		if _, err := derSignature(make([]byte, n), size); err == nil {
			t.Errorf("derSignature of %d bytes succeeded, want an error", n)
		}
	}
	der, err := derSignature([]byte{0x81, 0x02}, size)
	if err != nil || string(der) != "\x30\x07\x02\x02\x00\x81\x02\x01\x02" {
		t.Errorf("derSignature(81 02) = %x, %v", der, err)
	}
}

func TestHelperEnviron(t *testing.T) {
	got := strings.Join(helperEnviron([]string{"HOME=/h", "OPENSC_DEBUG=9", "GOTRACEBACK=crash"}), " ")
	if got != "HOME=/h GOTRACEBACK=none" {
		t.Error(got)
	}
}

func TestEverySystemHasModulesToLookFor(t *testing.T) {
	for _, system := range []string{"linux", "darwin", "windows"} {
		known := Known(system, func(name string) string { return "/" + name })
		if len(known) < 4 || known[len(known)-1].Vendor != vendorOpenSC {
			t.Errorf("Known(%q) = %v, want at least 4 modules with OpenSC last", system, known)
		}
	}
}
