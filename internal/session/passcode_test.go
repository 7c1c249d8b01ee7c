package session_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/client"
	"wardlight/client/hubtest"
	"wardlight/internal/session"
)

// recorder records the requests that it passes on, as they are before TLS.
type recorder struct {
	next http.RoundTripper
	mu   sync.Mutex
	sent [][]byte
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	dump, err := httputil.DumpRequestOut(req, true)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.sent = append(r.sent, dump)
	r.mu.Unlock()
	return r.next.RoundTrip(req)
}

// TestSignIn_PasscodeNotSent reads all that the program sends to the hub, from the sign-in to the end of the session,
// also what is encoded in tokens.
func TestSignIn_PasscodeNotSent(t *testing.T) {
	b := setUp(t, -1, 1)
	web := client.NewHTTP(b.hub.Roots)
	log := &recorder{next: web.Transport}
	web.Transport = log
	var err error
	if b.config.Hub, err = client.New(client.Config{
		BaseURL: b.hub.URL, HTTP: web, Clock: b.clock.Now, NewID: uuid.NewString, Timeout: time.Minute,
	}); err != nil {
		t.Fatal(err)
	}

	b.Manager = session.New(b.config)
	for _, digits := range []string{"999999", passcode} {
		if _, err := b.ReadAhead(t.Context(), in(reader)); err != nil {
			t.Fatal(err)
		}
		_, _ = b.SignIn(t.Context(), typed(digits)) // the first is wrong
	}
	if err := b.Choose(nurse); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Open(t.Context(), hubtest.WithAlert); err != nil {
		t.Fatal(err)
	}
	b.End(t.Context(), session.CardRemoved)
	b.settle(t)

	log.mu.Lock()
	defer log.mu.Unlock()
	if len(log.sent) < 4 {
		t.Fatalf("%d requests, want a challenge, a sign-in, an opening and an end at least", len(log.sent))
	}
	for _, request := range log.sent {
		text := decoded(request)
		for _, digits := range []string{passcode, "999999"} {
			for _, form := range []string{
				digits, hex.EncodeToString([]byte(digits)), base64.StdEncoding.EncodeToString([]byte(digits)),
			} {
				if strings.Contains(text, form) {
					t.Errorf("a request contains the passcode as %q:\n%s", form, request)
				}
			}
		}
	}
}

// decoded returns a request, and after it the decoded parts of each JWT in it.
func decoded(request []byte) string {
	var all bytes.Buffer
	all.Write(request)
	for _, word := range bytes.FieldsFunc(request, func(r rune) bool { return strings.ContainsRune(" \r\n=&.", r) }) {
		if part, err := base64.RawURLEncoding.DecodeString(string(word)); err == nil && len(word) > 20 {
			_, _ = io.WriteString(&all, "\n"+string(part)) // a bytes.Buffer returns no error
		}
	}
	return all.String()
}
