package doctor_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/checklist"
	"wardlight/internal/doctor"
	"wardlight/internal/session"
	"wardlight/rbac"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// well returns facts without any problem, after a sign-in.
func well() doctor.Facts {
	role := rbac.RoleProfile{
		URID: "999000000222", JobName: "Nurse Access Role", OrgName: "EXAMPLE",
		Activities: []rbac.ActivityCode{"B0107", "B0264"},
	}

	return doctor.Facts{
		At: noon,
		Readers: doctor.ReaderFacts{
			List: []cardreader.Reader{{Name: "A", Present: true, ATR: []byte{0x3B}}},
			Used: "A",
		},
		Card: doctor.CardFacts{Seen: session.Card{
			Reader: "A", Driver: "PIV", ATR: []byte{0x3B}, UUID: "999000000111", Issuer: "CA",
			NotAfter: noon.AddDate(1, 0, 0), Tries: 3, KeyKind: "RSA 2048",
			Fingerprint: [32]byte{1, 2, 3}, CertificateSerial: "1a2b", IssuerName: "CN=Lab CA,O=nhs",
		}},
		Hub: doctor.HubFacts{HasProbe: true, Probed: client.ProbeResult{
			Address: "https://hub.example", Host: "hub.example", Connected: true, HandshakeDone: true, TLS: "TLS 1.3",
			Answered: true, HasDate: true,
			Certificate: &x509.Certificate{NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(1, 0, 0)},
		}},
		SignIn: doctor.SignInFacts{Done: true, In: session.SignedIn{
			Person: client.Person{UUID: "999000000111"}, Roles: []rbac.RoleProfile{role},
			Usable: []rbac.RoleProfile{role},
		}},
	}
}

// failed returns a change to facts with a hub whose certificate isn't trusted because of cause.
func failed(cause error) func(*doctor.Facts) {
	return func(f *doctor.Facts) {
		f.SignIn = doctor.SignInFacts{}
		p := &f.Hub.Probed
		p.HandshakeDone, p.Answered, p.HasDate = false, false, false
		p.Err = &client.Error{Kind: client.Untrusted, Err: cause}
	}
}

func TestEachCheckHasItsStates(t *testing.T) {
	for name, c := range map[string]struct {
		check  doctor.Check
		change func(*doctor.Facts)
		want   string // state, code, family
		says   string
	}{
		"service": {doctor.Service, func(*doctor.Facts) {}, "pass D00 0", ""},
		"service asked": {doctor.Service, func(f *doctor.Facts) {
			f.Readers.Looking = true
		}, "not_reached D08 0", ""},
		"service refused": {doctor.Service, func(f *doctor.Facts) {
			f.Readers.Err = &cardreader.Error{Kind: cardreader.ServiceRefused}
		}, "fail C11 2", "not allowed"},
		"service, other": {doctor.Service, func(f *doctor.Facts) {
			f.Readers.Err = errors.New("\x1b[2J")
		}, "fail D98 2", "Something went wrong"},
		"two readers": {doctor.Readers, func(f *doctor.Facts) {
			f.Readers.List = append(f.Readers.List, cardreader.Reader{Name: "B\x1b"})
		}, "pass D10 0", "2 readers: A; B␛."},
		"two cards": {doctor.Card, func(f *doctor.Facts) {
			f.Readers.List = append(f.Readers.List, cardreader.Reader{Name: "B", Present: true})
			f.Readers.Several = []session.Card{f.Card.Seen, {Reader: "B\x1b"}}
		}, "warning D21 0", "Several cards can sign in: 999000000111 in A; not known in B␛. The first was looked at."},
		"another card passed over": {doctor.Card, func(f *doctor.Facts) {
			f.Readers.List = append(f.Readers.List, cardreader.Reader{Name: "B", Present: true})
			f.Readers.Passed = []session.CardResult{{
				Card: session.Card{Reader: "B\x1b"},
				Err:  &cardreader.Error{Kind: cardreader.NotPIV, SW: 0x6A82},
			}}
		}, "pass D20 0", "A card answers in A: ATR 3B. Passed over: B␛ (C30-6A82)."},
		"being chosen": {doctor.Card, func(f *doctor.Facts) {
			f.Readers.Used, f.Card = "", doctor.CardFacts{Reading: true}
		}, "not_reached D28 0", ""},
		"held by a program": {doctor.Card, func(f *doctor.Facts) {
			f.Readers.List[0].Exclusive, f.Readers.Others = true, []string{"scdaemon"}
		}, "fail C24 2", "scdaemon"},
		"busy": {doctor.Card, func(f *doctor.Facts) {
			f.Card.Err = &cardreader.Error{Kind: cardreader.Busy}
		}, "fail C25 2", ""},
		"being read": {doctor.Driver, func(f *doctor.Facts) {
			f.Card.Reading = true
		}, "not_reached D28 0", ""},
		"withdrawn": {doctor.Driver, withdrawn, "fail C30 2", "There is no driver"},
		"key of another kind": {doctor.Certificate, func(f *doctor.Facts) {
			f.Card.Err = &cardreader.Error{Kind: cardreader.KeyUnsupported}
		}, "fail C53 2", ""},
		"not yet": {doctor.Certificate, func(f *doctor.Facts) {
			f.Card.Err = &cardreader.Error{Kind: cardreader.CertificateNotYet}
		}, "fail C52 2", ""},
		"accepted by the hub": {
			doctor.Certificate, func(*doctor.Facts) {}, "pass D40 0",
			"the hub accepts it: chain checked; whether revocation was, it does not say.",
		},
		"a list at the hub": {doctor.Certificate, func(f *doctor.Facts) {
			f.SignIn.In.Lists = client.ListInForce
		}, "pass D40 0", "the hub accepts it: chain and revocation checked."},
		"no list at the hub": {
			doctor.Certificate, func(f *doctor.Facts) { f.SignIn.In.Lists = client.NoList }, "pass D40 0",
			"the hub accepts it: chain checked; revocation not by a list, as it has none of this CA.",
		},
		"tries not told": {doctor.Tries, func(f *doctor.Facts) { f.Card.Seen.Tries = -1 }, "warning D52 0", ""},
		"tries in use": {doctor.Tries, func(f *doctor.Facts) {
			f.Card.Seen.Tries, f.SignIn.Lasts = 1, true
		}, "pass D50 0", "The passcode was right"},
		"in use": {doctor.SignIn, func(f *doctor.Facts) {
			f.SignIn.Lasts = true
		}, "pass D80 0", "is signed in."},
		"fewer than usual": {doctor.Tries, func(f *doctor.Facts) {
			f.Card.Seen.Tries, f.Card.Seen.TriesLow = -1, true
		}, "warning D53 0", ""},
		"locked by now": {doctor.Tries, func(f *doctor.Facts) { f.Card.Seen.Tries = 0 }, "fail C42 2", ""},
		"30 s": {doctor.Clock, func(f *doctor.Facts) {
			f.Hub.Probed.Skew = -30 * time.Second
		}, "pass D60 0", "to 30 s"},
		"31 s": {doctor.Clock, func(f *doctor.Facts) {
			f.Hub.Probed.Skew = -31 * time.Second
		}, "warning D61 0", "31 s slow"},
		"120 s": {doctor.Clock, func(f *doctor.Facts) {
			f.Hub.Probed.Skew = 120 * time.Second
		}, "warning D61 0", "2 min fast"},
		"121 s": {doctor.Clock, func(f *doctor.Facts) {
			f.Hub.Probed.Skew = 121 * time.Second
		}, "fail H34 3", "2 min fast"},
		"5 hours": {doctor.Clock, func(f *doctor.Facts) {
			f.Hub.Probed.Skew = 5 * time.Hour
		}, "fail H34 3", "5 hours fast"},
		"3 days": {doctor.Clock, func(f *doctor.Facts) {
			f.Hub.Probed.Skew = 73 * time.Hour
		}, "fail H34 3", "3 days fast"},
		"no date": {doctor.Clock, func(f *doctor.Facts) { f.Hub.Probed.HasDate = false }, "warning D62 0", ""},
		"asking": {doctor.Address, func(f *doctor.Facts) {
			f.Hub = doctor.HubFacts{Probing: true}
		}, "not_reached D78 0", ""},
		"not asked": {doctor.Address, func(f *doctor.Facts) {
			f.Hub = doctor.HubFacts{}
		}, "not_reached D79 0", ""},
		"through a proxy": {doctor.Address, func(f *doctor.Facts) {
			f.Hub.Probed.Proxy = "proxy:3128"
		}, "pass D70 0", "https://hub.example answers, through the proxy proxy:3128."},
		"lost": {doctor.Address, func(f *doctor.Facts) {
			f.Hub.Probed.Proxy, f.Hub.Probed.ConnectionLost, f.Hub.Probed.Err = "proxy:3128", true,
				&client.Error{Kind: client.TimedOut}
		}, "fail H12 4", "The connection in use did not answer, and was given up: https://hub.example, through the " +
			"proxy proxy:3128. New ones work."},
		"proxy refuses": {doctor.Address, func(f *doctor.Facts) {
			f.Hub.Probed = client.ProbeResult{
				Address: "https://hub.example", Host: "hub.example", Proxy: "proxy:3128",
				Err: &client.Error{
					Kind: client.Intercepted, Detail: "The proxy between this computer and the hub refused the " +
						"connection, with status 407.",
				},
			}
		}, "fail H17 4", "The proxy between this computer and the hub refused the connection, with status 407: " +
			"https://hub.example, through the proxy proxy:3128."},
		"proxy refuses, TLS": {doctor.TLS, func(f *doctor.Facts) {
			f.Hub.Probed = client.ProbeResult{
				Address: "https://hub.example", Proxy: "proxy:3128",
				Err: &client.Error{Kind: client.Intercepted},
			}
		}, "not_reached D74 0", "comes first"},
		"proxy's name": {doctor.Address, func(f *doctor.Facts) {
			f.Hub.Probed = nameless()
			f.Hub.Probed.Proxy, f.Hub.Probed.ProxyUnreachable = "proxy\x1b.example:3128", true
		}, "fail D73 4", "The name proxy␛.example, of the proxy, is not known to this network."},
		"proxy is away": {doctor.Address, func(f *doctor.Facts) {
			f.Hub.Probed = client.ProbeResult{
				Address: "https://hub.example", Proxy: "proxy:3128",
				ProxyUnreachable: true, Err: &client.Error{Kind: client.Unreachable},
			}
		}, "fail H10 4", "The proxy proxy:3128 cannot be reached, and the hub only through it."},
		"certificate wanted": {doctor.TLS, wanted(true), "fail H18 4", "The hub wants a certificate of this computer"},
		"wanted, TLS 1.2":    {doctor.TLS, wanted(false), "fail H18 4", "The hub wants a certificate of this computer"},
		"wanted, address":    {doctor.Address, wanted(true), "pass D70 0", "https://hub.example answers."},
		"wanted, clock":      {doctor.Clock, wanted(true), "not_reached D69 0", "comes first"},
		"locked at sign-in": {doctor.Tries, func(f *doctor.Facts) {
			f.Card.Seen.Tries = 1
			signIn(&cardreader.Error{Kind: cardreader.Locked})(f)
		}, "fail C42 2", "locked"},
		"wrong at sign-in": {doctor.Tries, func(f *doctor.Facts) {
			f.Card.Seen.Tries = 2
			signIn(&cardreader.Error{Kind: cardreader.WrongPasscode, Tries: 1})(f)
		}, "warning D51 0", "1 try left"},
		"name": {doctor.Address, func(f *doctor.Facts) {
			f.Hub.Probed = nameless()
		}, "fail D73 4", "The name hub.example is not known"},
		"plain": {doctor.TLS, func(f *doctor.Facts) {
			f.Hub.Probed.Plaintext, f.Hub.Probed.HandshakeDone = true, false
		}, "warning D77 0", ""},
		"ends soon": {doctor.TLS, func(f *doctor.Facts) {
			f.Hub.Probed.Certificate.NotAfter = noon.AddDate(0, 0, 3)
		}, "warning D76 0", "25-Nov-2026"},
		"wrong name": {
			doctor.TLS,
			failed(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "hub.example"}), "fail H11 4",
			"not for the name hub.example",
		},
		"ended": {
			doctor.TLS, failed(x509.CertificateInvalidError{Reason: x509.Expired}), "fail H11 4",
			"ended on 22-Nov-2027",
		},
		"not TLS": {doctor.TLS, failed(tls.RecordHeaderError{}), "fail H11 4", "does not speak TLS"},
		"other":   {doctor.TLS, failed(errors.New("bad")), "fail H11 4", "could not be proved"},
		"refused": {
			doctor.SignIn, signIn(&client.Error{Kind: client.UnknownPerson}), "fail H43 3",
			"The certificate on the card: SHA-256 " +
				"0102030000000000000000000000000000000000000000000000000000000000, serial 1a2b, " +
				"issuer CN=Lab CA,O=nhs.",
		},
		"hub lost":       {doctor.SignIn, signIn(&client.Error{Kind: client.TimedOut}), "fail H12 4", ""},
		"wrong passcode": {doctor.SignIn, signIn(&cardreader.Error{Kind: cardreader.WrongPasscode}), "fail C41 2", ""},
		"signed in":      {doctor.SignIn, func(*doctor.Facts) {}, "pass D80 0", ""},
		"roles":          {doctor.Roles, func(*doctor.Facts) {}, "pass D90 0", "1 of 1 role can"},
		"no sign-in": {doctor.Roles, func(f *doctor.Facts) {
			f.SignIn = doctor.SignInFacts{}
		}, "not_reached D99 0", "at sign-in"},
	} {
		t.Run(name, func(t *testing.T) {
			f := well()
			c.change(&f)
			l := doctor.Judge(f)[c.check]
			got := fmt.Sprintf("%s %s %d", l.State.Name(), l.Code, l.Family)
			if l.Check != c.check || got != c.want || !strings.Contains(l.Sentence, c.says) {
				t.Errorf("line = %s: %q, want %s with %q", got, l.Sentence, c.want, c.says)
			}
			if l.Sentence == "" || l.Advice == "" {
				t.Error("sentence or advice is empty")
			}
		})
	}
}

func withdrawn(f *doctor.Facts) {
	f.Card = doctor.CardFacts{
		Seen: session.Card{
			ATR:   []byte{0x3B, 0x6A, 0x00, 0xFF, 'J', 'C', 'O', 'P', '4', '1', 'V', '2', '2', '1'},
			Tries: -1,
		},
		Err: &cardreader.Error{Kind: cardreader.NotPIV},
	}
}

func nameless() client.ProbeResult {
	return client.ProbeResult{
		Address: "https://hub.example", Host: "hub.example",
		Err: &client.Error{Kind: client.Unreachable, Err: &net.DNSError{Err: "no such host", IsNotFound: true}},
	}
}

// wanted returns a change to facts with a hub that requires a client certificate. In TLS 1.2 it says so during the
// handshake.
func wanted(shaken bool) func(*doctor.Facts) {
	return func(f *doctor.Facts) {
		f.SignIn = doctor.SignInFacts{}
		p := &f.Hub.Probed
		p.HandshakeDone, p.Answered, p.HasDate, p.Err = shaken, false, false,
			&client.Error{Kind: client.ClientCertificateRequired}
	}
}

func signIn(err error) func(*doctor.Facts) {
	return func(f *doctor.Facts) { f.SignIn = doctor.SignInFacts{Done: true, Err: err} }
}

func TestAWithdrawnCardIsToldApartByAHintAlone(t *testing.T) {
	f := well()
	withdrawn(&f)
	if advice := doctor.Judge(f)[doctor.Driver].Advice; !strings.Contains(advice, "series 4 to 6") {
		t.Errorf("advice = %q, want it to name series 4 to 6", advice)
	}
	good := well()
	good.Card.Seen.ATR = f.Card.Seen.ATR
	if l := doctor.Judge(good)[doctor.Driver]; l.State != doctor.Pass {
		t.Errorf("a working card with a withdrawn ATR: line = %+v, want pass", l)
	}
}

// If a check fails, no check that depends on it passes; all of them wait for a check that failed.
func TestNothingPassesOnGroundThatFailed(t *testing.T) {
	rests := map[doctor.Check][]doctor.Check{
		doctor.Service: {doctor.Readers, doctor.Card, doctor.Driver, doctor.Certificate, doctor.Tries},
		doctor.Readers: {doctor.Card, doctor.Driver, doctor.Certificate, doctor.Tries},
		doctor.Card:    {doctor.Driver, doctor.Certificate, doctor.Tries},
		doctor.Driver:  {doctor.Certificate, doctor.Tries},
		doctor.Address: {doctor.TLS, doctor.Clock},
	}

	breaks := map[doctor.Check]func(*doctor.Facts){
		doctor.Service: func(f *doctor.Facts) { f.Readers.Err = &cardreader.Error{Kind: cardreader.ServiceDown} },
		doctor.Readers: func(f *doctor.Facts) { f.Readers.List = nil },
		doctor.Card:    func(f *doctor.Facts) { f.Readers.List[0].Present = false },
		doctor.Driver: func(f *doctor.Facts) {
			f.Card = doctor.CardFacts{Err: &cardreader.Error{Kind: cardreader.NotPIV}}
		},
		doctor.Address: func(f *doctor.Facts) { f.Hub.Probed = nameless() },
	}

	for ground, change := range breaks {
		f := well()
		f.SignIn = doctor.SignInFacts{}
		change(&f)
		lines := doctor.Judge(f)
		for _, c := range append(rests[ground], doctor.SignIn, doctor.Roles) {
			if l := lines[c]; l.State != doctor.NotReached || !l.Blocked {
				t.Errorf("%s failed: %s = %s: %s, want not reached and waiting", ground, c, l.State, l.Sentence)
			}
		}
		if first, failed := doctor.FirstFailed(lines); !failed || first.Check != ground ||
			checklist.Worst(doctor.Rows(lines)) != doctor.Fail || doctor.ReadyToSignIn(lines) {
			t.Errorf("%s failed: first failed line = %s, want %s", ground, first.Check, ground)
		}
	}

	lines := doctor.Judge(well())
	if _, failed := doctor.FirstFailed(lines); failed || checklist.Worst(doctor.Rows(lines)) != doctor.Pass ||
		!doctor.ReadyToSignIn(lines) {
		t.Error("a check failed although there is no problem")
	}
}

func TestEveryCodeIsTheDoctorsOwn(t *testing.T) {
	var codes []string
	for _, w := range doctor.Entries() {
		if len(w.Code()) != 3 || w.Code()[0] != 'D' || slices.Contains(codes, w.Code()) {
			t.Errorf("code = %q, want D and two digits, unique", w.Code())
		}
		if w.Sentence() == "" || w.Advice() == "" {
			t.Errorf("%s: sentence or advice is empty", w.Code())
		}
		codes = append(codes, w.Code())
	}
	if !slices.IsSorted(codes) {
		t.Errorf("codes = %v, want ascending order", codes)
	}
}

func TestSpell(t *testing.T) {
	for code, want := range map[string]string{
		"C21": "Charlie 2 1", "C10-8010001D": "Charlie 1 0, dash, 8 0 1 0 0 0 1 Delta",
		"H42-400-certificate_revoked": "Hotel 4 2, dash, 4 0 0, dash, certificate revoked", "": "",
	} {
		if got := doctor.Spell(code); got != want {
			t.Errorf("Spell(%q) = %q, want %q", code, got, want)
		}
	}
}
