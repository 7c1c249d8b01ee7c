package client_test

import (
	"context"
	"crypto"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/rbac"
)

// noon is the time of all tests of this package.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// dial returns a client of the stand-in hub. change may edit its configuration.
func dial(t testing.TB, hub *hubtest.Hub, change ...func(*client.Config)) *client.Hub {
	t.Helper()
	c := client.Config{
		BaseURL: hub.URL, HTTP: client.NewHTTP(hub.Roots), Clock: at(noon), NewID: uuid.NewString,
		Timeout: 10 * time.Second, Agent: "wardlight/test",
	}
	for _, f := range change {
		f(&c)
	}
	h, err := client.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// card returns a holder whose certificate is valid at noon.
func card(t testing.TB) hubtest.Holder {
	t.Helper()
	return hubtest.EC(t, elliptic.P256(), noon.AddDate(-1, 0, 0), noon.AddDate(1, 0, 0))
}

// tryToSignIn performs all steps of a sign-in.
func tryToSignIn(t testing.TB, h *client.Hub, who hubtest.Holder) (*client.Session, error) {
	t.Helper()
	c, err := h.Challenge(t.Context())
	if err != nil {
		return nil, err
	}
	key, err := client.NewProofKey()
	if err != nil {
		t.Fatal(err)
	}
	signed, err := c.Assert(who.Chain(), key, noon, uuid.NewString(), who.Sign)
	if err != nil {
		return nil, err
	}
	return h.SignIn(t.Context(), c, signed)
}

func signIn(t testing.TB, h *client.Hub) *client.Session {
	t.Helper()
	s, err := tryToSignIn(t, h, card(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestACardSignsInWithItsKey(t *testing.T) {
	until := noon.AddDate(1, 0, 0)
	for kind, who := range map[string]hubtest.Holder{
		"RSA 2048": hubtest.RSA(t, noon, until),
		"P-256":    hubtest.EC(t, elliptic.P256(), noon, until),
		"P-384":    hubtest.EC(t, elliptic.P384(), noon, until),
	} {
		t.Run(kind, func(t *testing.T) {
			hub := hubtest.New(t, at(noon))
			s, err := tryToSignIn(t, dial(t, hub), who)
			if err != nil {
				t.Fatal(err)
			}
			if want := (client.Person{UUID: hubtest.UUID, Name: "SAMPLE, Ada (Ms)"}); s.Person() != want {
				t.Errorf("Person() = %+v, want %+v", s.Person(), want)
			}
			roles := s.Roles()
			if len(roles) != 1 {
				t.Fatalf("Roles(): got %d, want 1", len(roles))
			}
			if r := roles[0]; r.JobName != "Nurse Access Role" || r.OrgName != "EXAMPLE GENERAL HOSPITAL" ||
				r.JobRoleCode() != "R8001" || !rbac.Usable(r) {
				t.Errorf("role: got %+v, want the nurse's", r)
			}
			if want := noon.Add(8 * time.Hour); !s.Ends().Equal(want) {
				t.Errorf("Ends() = %v, want %v", s.Ends(), want)
			}
		})
	}
}

func TestAPersonWithoutARoleSignsIn(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	hub.Person.Roles, hub.Person.Orgs = nil, nil
	if roles := signIn(t, dial(t, hub)).Roles(); len(roles) != 0 {
		t.Errorf("Roles() = %v, want none", roles)
	}
}

func TestAKeyThatNoAssertionTakesIsNamedBeforeTheCardSigns(t *testing.T) {
	who := hubtest.EC(t, elliptic.P521(), noon, noon.AddDate(1, 0, 0))
	key, err := client.NewProofKey()
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Challenge{Nonce: "n", Audience: "a"}.Assert(who.Chain(), key, noon, "id",
		func([]byte, crypto.Hash) ([]byte, error) { t.Error("the card was asked to sign"); return nil, nil })
	if !errors.Is(err, client.ErrKeyKind) {
		t.Errorf("Assert with another kind of key: got error %v, want ErrKeyKind", err)
	}
}

func TestTheCardsOwnErrorComesThroughUnchanged(t *testing.T) {
	wrong := errors.New("passcode not correct")
	for kind, who := range map[string]hubtest.Holder{
		"P-256": card(t), "P-384": hubtest.EC(t, elliptic.P384(), noon, noon.AddDate(1, 0, 0)),
		"RSA": hubtest.RSA(t, noon, noon.AddDate(1, 0, 0)),
	} {
		key, _ := client.NewProofKey()
		c := client.Challenge{Nonce: "n", Audience: "a"}
		_, err := c.Assert(who.Chain(), key, noon, "id", func([]byte, crypto.Hash) ([]byte, error) {
			return nil, wrong
		})
		if !errors.Is(err, wrong) {
			t.Errorf("Assert, %s: got error %v, want that of sign", kind, err)
		}
		_, err = c.Assert(who.Chain(), key, noon, "id", func(message []byte, h crypto.Hash) ([]byte, error) {
			return card(t).Sign(message, h) // another card
		})
		if !errors.Is(err, client.ErrBadSignature) {
			t.Errorf("Assert, %s: got error %v, want ErrBadSignature", kind, err)
		}
	}
}

func TestRefusedSignInsKeepTheirReason(t *testing.T) {
	for _, c := range []struct {
		status       int
		code, reason string
		want         client.Kind
		support      string
	}{
		{400, "invalid_grant", "nonce_unknown", client.NonceExpired, "H32-400-nonce_unknown"},
		{400, "invalid_grant", "assertion_invalid", client.SignInRefused, "H33-400-assertion_invalid"},
		{400, "invalid_grant", "clock_skew", client.ClockWrong, "H34-400-clock_skew"},
		{400, "invalid_grant", "certificate_untrusted", client.CertificateUntrusted, "H40-400-certificate_untrusted"},
		{400, "invalid_grant", "certificate_ended", client.CertificateExpired, "H41-400-certificate_ended"},
		{400, "invalid_grant", "certificate_revoked", client.CertificateRevoked, "H42-400-certificate_revoked"},
		{400, "invalid_grant", "person_unknown", client.UnknownPerson, "H43-400-person_unknown"},
		{400, "invalid_dpop_proof", "proof_invalid", client.SignInRefused, "H33-400-proof_invalid"},
		{400, "invalid_request", "request_malformed", client.SignInRefused, "H33-400-request_malformed"},
		{400, "unsupported_grant_type", "grant_unsupported", client.SignInRefused, "H33-400-grant_unsupported"},
		{400, "invalid_grant", "\x1b[2Jgone", client.SignInRefused, "H33-400"},
		{429, "temporarily_unavailable", "rate_limited", client.Busy, "H15-429-rate_limited"},
		{503, "temporarily_unavailable", "store_unavailable", client.Failing, "H16-503-store_unavailable"},
		{404, "", "", client.Intercepted, "H17-404"},
		{404, "not_found", "", client.Unexpected, "H01-404-not_found"},
	} {
		t.Run(fmt.Sprint(c.status, c.reason), func(t *testing.T) {
			hub := hubtest.New(t, at(noon))
			hub.Answer(hubtest.Token, func(w http.ResponseWriter, r *http.Request) {
				hubtest.RefuseSignIn(w, r, c.status, c.code, c.reason)
			})
			_, err := tryToSignIn(t, dial(t, hub), card(t))
			var e *client.Error
			if !errors.As(err, &e) || e.Kind != c.want || e.Code() != c.support {
				t.Errorf("SignIn: got error %v, want kind %v, code %s", err, c.want, c.support)
			}
		})
	}
}

func TestAWrongClockIsMeasured(t *testing.T) {
	hub := hubtest.New(t, at(noon.Add(7*time.Minute)))
	hub.Answer(hubtest.Token, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", noon.Add(7*time.Minute).Format(http.TimeFormat))
		hubtest.RefuseSignIn(w, r, 400, "invalid_grant", "clock_skew")
	})
	_, err := tryToSignIn(t, dial(t, hub), card(t))
	var e *client.Error
	if !errors.As(err, &e) || e.Sentence() != "This computer's clock is 7 min slow." {
		t.Errorf("SignIn with a slow clock: got error %v", err)
	}
}

func TestAnIDTokenThatIsNotForThisSignInIsRubbish(t *testing.T) {
	for why, claims := range map[string]map[string]any{
		"another subject": {"sub": "999000000999"},
		"another user":    {"nhsid_useruid": "999000000999"},
		"another issuer":  {"iss": "https://elsewhere.example"},
		"no audience":     {"aud": []string{}},
		"another client":  {"aud": "somebody else"},
		"ended":           {"exp": noon.Add(-time.Hour).Unix()},
		"no role id":      {"nhsid_nrbac_roles": []map[string]string{{"person_roleid": "x\r\ny"}}},
		"the same role twice": {"nhsid_nrbac_roles": []map[string]string{
			{"person_roleid": "1"}, {"person_roleid": "1"},
		}},
		"roles of another shape": {"nhsid_nrbac_roles": "all of them"},
	} {
		t.Run(why, func(t *testing.T) {
			hub := hubtest.New(t, at(noon))
			hub.Answer(hubtest.Token, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = fmt.Fprintf(w, `{"access_token":"t","token_type":"DPoP","expires_in":60,"id_token":%q}`,
					hub.IDToken(hubtest.UUID, claims))
			})
			if _, err := tryToSignIn(t, dial(t, hub), card(t)); client.KindOf(err) != client.Malformed {
				t.Errorf("SignIn with a wrong id_token: got error %v, want kind Rubbish", err)
			}
		})
	}
}

func TestATokenThatAnybodyCouldUseIsRefused(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	for _, kind := range []string{"Bearer", ""} {
		hub.Answer(hubtest.Token, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"access_token":"t","token_type":%q,"expires_in":60,"id_token":%q}`, kind,
				hub.IDToken(hubtest.UUID, nil))
		})
		if _, err := tryToSignIn(t, dial(t, hub), card(t)); client.KindOf(err) != client.Malformed {
			t.Errorf("SignIn with token type %q: got error %v, want kind Rubbish", kind, err)
		}
	}
}

func TestRevokingEndsTheSessionAtTheHub(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	s := signIn(t, dial(t, hub))
	if err := s.Revoke(t.Context()); err != nil {
		t.Fatal(err)
	}
	if hub.LiveSessions() != 0 {
		t.Error("the session is still live after Revoke")
	}
	sessions, err := s.As("999000000222")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sessions.Retrieve(t.Context(), hubtest.WithAlert); client.KindOf(err) != client.SignedOut {
		t.Errorf("Retrieve after Revoke: got error %v, want kind SignedOut", err)
	}
}

func TestNothingSecretIsPrinted(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	var log strings.Builder
	h := dial(t, hub, func(c *client.Config) { c.Log = textLog(&log) })
	s := signIn(t, h)
	sessions, err := s.As("999000000222")
	if err != nil {
		t.Fatal(err)
	}

	sessions.Lamp(t.Context(), hubtest.WithAlert)
	_, _ = sessions.Retrieve(t.Context(), hubtest.WithAlert)
	token := strings.TrimPrefix(hub.Requests(hubtest.Flag)[0].Header.Get("Authorization"), "DPoP ")
	out := log.String() + fmt.Sprintf("%v %+v %#v %s", s, s, s, s)
	for _, secret := range []string{token, hubtest.WithAlert, "Tess"} {
		if strings.Contains(out, secret) {
			t.Errorf("log or printed session contains %q: %s", secret, out)
		}
	}

	if !strings.Contains(out, "request_id=") {
		t.Errorf("the log contains no request id: %s", out)
	}
}

func TestTheHubsAddressIsCheckedBeforeAnythingIsSent(t *testing.T) {
	for address, good := range map[string]bool{
		"https://hub.example":         true,
		"https://hub.example/base/":   true,
		"http://127.0.0.1:8443":       true,
		"http://[::1]:8443":           true,
		"http://localhost":            true,
		"http://hub.example":          false,
		"http://127.0.0.1.example":    false,
		"ftp://hub.example":           false,
		"hub.example":                 false,
		"https://me:pw@hub.example":   false,
		"https://hub.example/?x=1":    false,
		"":                            false,
		"https://":                    false,
		"https://hub.example/\x1b[2J": false,
	} {
		_, err := client.New(client.Config{BaseURL: address, Clock: at(noon), NewID: uuid.NewString})
		if (err == nil) != good {
			t.Errorf("New with BaseURL %q: got error %v, want it accepted: %v", address, err, good)
		}
	}
}

func TestACancelledSignInIsCancelled(t *testing.T) {
	hub := hubtest.New(t, at(noon))
	ctx, cancel := context.WithCancel(t.Context())
	hub.Answer(hubtest.Challenge, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if _, err := dial(t, hub).Challenge(ctx); client.KindOf(err) != client.Cancelled {
		t.Errorf("Challenge with a cancelled context: got error %v, want kind Cancelled", err)
	}
}

func TestACardThatIsNotTrustedIsToldWhy(t *testing.T) {
	for fault, want := range map[string][2]string{
		"ca_ended": {
			"The hub does not trust this smartcard: the certificate of its CA has ended.",
			"H40-400-certificate_untrusted-ca_ended",
		},
		"altered": {
			"The hub does not trust this smartcard: the certificate's signature does not verify: it was altered, " +
				"or is of another CA with the same name.",
			"H40-400-certificate_untrusted-altered",
		},
		"\x1b[2J": {"The hub does not trust this smartcard.", "H40-400-certificate_untrusted"},
	} {
		hub := hubtest.New(t, at(noon))
		hub.Answer(hubtest.Token, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			_ = json.NewEncoder(w).Encode(map[string]string{
				"error": "invalid_grant", "reason": "certificate_untrusted",
				"certificate_fault": fault,
			})
		})
		_, err := tryToSignIn(t, dial(t, hub), card(t))
		var e *client.Error
		if !errors.As(err, &e) || e.Sentence() != want[0] || e.Code() != want[1] {
			t.Errorf("certificate fault %s: got error %v, want %q", fault, err, want)
		}
	}
}
