package notify_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"wardlight/hub/notify"
)

// The test vector of the Standard Webhooks implementations.
const (
	vectorSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vectorID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorBody      = `{"test": 2432232314}`
	vectorSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

var vectorTime = time.Unix(1614265330, 0)

func secret(t *testing.T) []byte {
	t.Helper()
	s, err := notify.ParseSecret(vectorSecret)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheSignatureIsThatOfStandardWebhooks(t *testing.T) {
	if got := notify.Sign(secret(t), vectorID, vectorTime, []byte(vectorBody)); got != vectorSignature {
		t.Errorf("Sign = %s, want %s", got, vectorSignature)
	}
}

// TestTheSignatureAsOpenSSLWorksItOut compares a signature with that of the openssl program.
func TestTheSignatureAsOpenSSLWorksItOut(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed (Debian: apt install openssl)")
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c",
		`openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf %s "$KEY" | base64 -d | od -An -tx1 -v | tr -d ' \n') -binary | base64`)
	cmd.Env = append(cmd.Environ(), "KEY="+strings.TrimPrefix(vectorSecret, "whsec_"))
	cmd.Stdin = strings.NewReader("m-1.1614265330.body with ünicode\n")
	want, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := notify.Sign(secret(t), "m-1", vectorTime, []byte("body with ünicode\n")); got != "v1,"+
		strings.TrimSpace(string(want)) {
		t.Errorf("Sign = %s, want %s", got, want)
	}
}

// deliver posts the vector's message to a server that answers with that status.
func deliver(t *testing.T, status int) (*http.Request, []byte, error) {
	t.Helper()
	var seen *http.Request
	var body []byte
	la := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	defer la.Close()
	w := &notify.Webhook{
		Secrets: func(string) [][]byte { return [][]byte{secret(t)} }, Clock: func() time.Time { return vectorTime },
	}
	_, err := w.Deliver(t.Context(), notify.Message{
		ID: vectorID, Authority: "V999", Endpoint: la.URL + "/cpis", ContentType: "application/fhir+json",
		Body: []byte(vectorBody),
	})
	return seen, body, err
}

func TestAWebhookIsPostedAndSigned(t *testing.T) {
	seen, body, err := deliver(t, 204)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"webhook-id": vectorID, "webhook-timestamp": "1614265330", "webhook-signature": vectorSignature,
		"content-type": "application/fhir+json",
	} {
		if got := seen.Header.Get(name); got != want {
			t.Errorf("header %s = %q, want %q", name, got, want)
		}
	}
	if seen.Method != http.MethodPost || seen.URL.Path != "/cpis" || string(body) != vectorBody {
		t.Errorf("got request %s %s %s, want POST /cpis with the message", seen.Method, seen.URL, body)
	}
}

func TestOnlyASuccessIsASuccess(t *testing.T) {
	for _, status := range []int{301, 307, 400, 404, 410, 429, 500, 503} {
		seen, _, err := deliver(t, status)
		var refused *notify.RefusedError
		if !errors.As(err, &refused) || refused.Status != status {
			t.Errorf("Deliver with status %d: got error %v, want a RefusedError", status, err)
		}
		if seen.URL.Path != "/cpis" {
			t.Errorf("status %d: the redirect was followed", status)
		}
		if strings.Contains(err.Error(), "2432232314") {
			t.Errorf("the error contains the body: %v", err)
		}
	}
}

func TestWhereAWebhookIsNotSent(t *testing.T) {
	known := func(string) [][]byte { return [][]byte{secret(t)} }
	sent := http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("Deliver sent a request, want none")
		return nil, errors.New("no")
	})}

	for name, c := range map[string]struct {
		endpoint string
		secrets  func(string) [][]byte
	}{
		"no endpoint":    {"", known},
		"in clear":       {"http://la.example/cpis", known},
		"another scheme": {"ftp://la.example/cpis", known},
		"no host":        {"https:///cpis", known},
		"no secret":      {"https://la.example/cpis", func(string) [][]byte { return nil }},
	} {
		w := &notify.Webhook{Client: &sent, Secrets: c.secrets, Clock: time.Now}
		if _, err := w.Deliver(t.Context(), notify.Message{ID: "1", Endpoint: c.endpoint}); err == nil {
			t.Errorf("Deliver to %s succeeded, want error", name)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestADeliveryEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	client := http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		cancel()
		<-r.Context().Done()
		return nil, r.Context().Err()
	})}
	w := &notify.Webhook{Client: &client, Secrets: func(string) [][]byte {
		return [][]byte{secret(t)}
	}, Clock: time.Now}
	if _, err := w.Deliver(ctx, notify.Message{ID: "1", Endpoint: "https://la.example/"}); !errors.Is(err,
		context.Canceled) {
		t.Errorf("Deliver: got error %v, want context.Canceled", err)
	}
}

// Some systems have a password in their address.
func TestAnErrorHoldsNoAddress(t *testing.T) {
	down := http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("connection refused")
	})}

	for name, transport := range map[string]notify.Transport{
		"webhook": &notify.Webhook{Client: &down, Secrets: func(string) [][]byte {
			return [][]byte{secret(t)}
		}, Clock: time.Now},
		"MESH": &notify.MESH{URL: "https://mesh.example?hush", Client: &down, Clock: time.Now, NewID: func() string {
			return "1"
		}},
	} {
		endpoint := map[string]string{
			"webhook": "https://user:hush@la.example/hook?key=hush",
			"MESH":    "mesh:V999OT001",
		}[name]
		_, err := transport.Deliver(t.Context(), notify.Message{ID: "1", Endpoint: endpoint})
		if err == nil || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "connection refused") {
			t.Errorf("%s: got error %v, want \"connection refused\" without the address", name, err)
		}
	}
}

func TestARefusalSaysWhoseItIs(t *testing.T) {
	no := http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusForbidden, Body: http.NoBody}, nil
	})}

	for says, c := range map[string]struct {
		transport notify.Transport
		endpoint  string
	}{
		"the authority's system answered 403": {&notify.Webhook{Client: &no, Secrets: func(string) [][]byte {
			return [][]byte{secret(t)}
		}, Clock: time.Now}, "https://la.example/"},
		"MESH answered 403": {&notify.MESH{
			URL: "https://mesh.example", Client: &no, Clock: time.Now,
			NewID: func() string {
				return "1"
			},
		}, "mesh:V999OT001"},
	} {
		_, err := c.transport.Deliver(t.Context(), notify.Message{ID: "1", Endpoint: c.endpoint})
		var refused *notify.RefusedError
		if !errors.As(err, &refused) || err.Error() != says {
			t.Errorf("got error %v, want %s", err, says)
		}
	}
}

func TestSecrets(t *testing.T) {
	other := "whsec_" + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	s, err := notify.ReadSecrets(strings.NewReader("# webhook secrets\n\nV999 " + vectorSecret + "\n  " + other + "\n"))
	if err != nil {
		t.Fatal(err)
	}

	own, rest := s.For("V999"), s.For("V998")
	if !reflect.DeepEqual(own, [][]byte{secret(t)}) || !reflect.DeepEqual(rest, [][]byte{make([]byte, 24)}) {
		t.Errorf("For(V999) = %x, For(V998) = %x; want its own secret and the shared one", own, rest)
	}

	if changing, err := notify.ReadSecrets(strings.NewReader("V999 " + other + " " + vectorSecret)); err != nil ||
		!reflect.DeepEqual(changing.For("V999"), [][]byte{make([]byte, 24), secret(t)}) {
		t.Errorf("secrets during a change: got %x, %v; want the new one and the old one", changing.For("V999"), err)
	}

	only, err := notify.ReadSecrets(strings.NewReader("V999 " + vectorSecret))
	if err != nil {
		t.Fatal(err)
	}

	if only.For("V998") != nil {
		t.Error("For(V998) returned a secret, want none")
	}

	for name, text := range map[string]string{
		"none": "# nothing\n", "no prefix": "V999 AAAA", "not base64": "V999 whsec_!", "short": "whsec_AAAA",
		"twice": vectorSecret + "\n" + other, "two codes": "V999 V998 " + vectorSecret, "a code alone": "V999",
		"three secrets": "V999 " + vectorSecret + " " + vectorSecret + " " + vectorSecret,
	} {
		_, err := notify.ReadSecrets(strings.NewReader(text))
		if err == nil || strings.Contains(err.Error(), "AAAA") || strings.Contains(err.Error(), "MfKQ") {
			t.Errorf("ReadSecrets with %s: got error %v, want one without the secret", name, err)
		}
	}
}

func TestSecrets_Shared(t *testing.T) {
	const one, other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
	for name, c := range map[string]struct {
		text    string
		shared  bool
		refused string // the error with version 2
	}{
		"one of its own each":       {"V998 " + one + "\nV999 " + other + "\n", false, ""},
		"the new one and the old":   {"V998 " + one + " " + other + "\n", false, ""},
		"one for all others":        {"V998 " + one + "\n" + other + "\n", true, "line 3"},
		"the same for two":          {"V998 " + one + "\nV999 " + other + " " + one + "\n", true, "line 3"},
		"one for all others, first": {"# all\n" + other + "\nV998 " + one + "\n", true, "line 3"},
	} {
		s, err := notify.ReadSecrets(strings.NewReader(c.text))
		if err != nil || s.Shared() != c.shared {
			t.Errorf("%s: got error %v, shared %v; want %v", name, err, s.Shared(), c.shared)
		}
		_, err = notify.ReadSecrets(strings.NewReader("version 2\n" + c.text))
		if (err != nil) != (c.refused != "") || err != nil && (!strings.Contains(err.Error(), c.refused) ||
			strings.Contains(err.Error(), "AAAA")) {
			t.Errorf("%s, version 2: got error %v, want %q", name, err, c.refused)
		}
	}

	if _, err := notify.ReadSecrets(strings.NewReader("V998 " + one + "\nversion 2\n")); err == nil {
		t.Error("a version line after the first line was accepted, want error")
	}
}

// During a change, receivers with the old secret and with the new one accept the message.
func TestWhileASecretChangesBothSign(t *testing.T) {
	old, fresh := secret(t), make([]byte, 24)
	var seen string
	client := http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		seen = r.Header.Get("Webhook-Signature")
		return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
	})}
	w := &notify.Webhook{Client: &client, Secrets: func(string) [][]byte {
		return [][]byte{fresh, old}
	}, Clock: func() time.Time { return vectorTime }}
	m := notify.Message{ID: "1", Endpoint: "https://la.example/", Body: []byte("{}")}
	if _, err := w.Deliver(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if want := notify.Sign(fresh, "1", vectorTime, m.Body) + " " + notify.Sign(old, "1", vectorTime,
		m.Body); seen != want {
		t.Errorf("webhook-signature = %q, want %q", seen, want)
	}
}

func FuzzSecretsAreTakenOrRefused(f *testing.F) {
	f.Add("V999 " + vectorSecret + "\n# none\n" + vectorSecret)
	f.Fuzz(func(t *testing.T, text string) {
		secrets, err := notify.ReadSecrets(strings.NewReader(text))
		if (err == nil) == (len(secrets) == 0) {
			t.Errorf("ReadSecrets returned %d secrets and error %v", len(secrets), err)
		}
		for code, all := range secrets {
			if len(all) == 0 || len(all) > 2 {
				t.Errorf("%q has %d secrets, want 1 or 2", code, len(all))
			}
		}
	})
}

func TestTheSecretsOfAMailbox(t *testing.T) {
	password, key, err := notify.ReadMESHSecrets(strings.NewReader("# ours\n\nshared_key k\n password p \n"))
	if err != nil || string(password) != "p" || string(key) != "k" {
		t.Errorf("ReadMESHSecrets = %s, %s, %v; want p, k", password, key, err)
	}
	for name, text := range map[string]string{
		"nothing": "", "half": "password hush", "twice": "password hush\npassword hush\nshared_key k",
		"two words":    "password hush hush\nshared_key k",
		"another word": "passcode hush\nshared_key k",
	} {
		if _, _, err := notify.ReadMESHSecrets(strings.NewReader(text)); err == nil ||
			strings.Contains(err.Error(), "hush") {
			t.Errorf("ReadMESHSecrets with %s: got error %v, want one without the secret", name, err)
		}
	}
}

func TestReadSecrets_Codes(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		good bool
	}{
		"line ends of Windows and spaces behind": {"V998 " + vectorSecret + " \t\r\n\r\n", true},
		"a byte order mark before a second file": {
			"V998 " + vectorSecret + "\n\ufeffV999 " + vectorSecret + "\n",
			false,
		},
		"a code with a sign that nobody sees": {"V9\u200b99 " + vectorSecret + "\n", false},
	} {
		secrets, err := notify.ReadSecrets(strings.NewReader(c.text))
		if (err == nil) != c.good || c.good && len(secrets.For("V998")) != 1 {
			t.Errorf("%s: got error %v, want success: %v", name, err, c.good)
		}
		if err != nil && strings.Contains(err.Error(), vectorSecret) {
			t.Errorf("%s: the error contains the secret: %v", name, err)
		}
	}
}
