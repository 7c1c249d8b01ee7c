package authority_test

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"wardlight/internal/lab/authority"
)

// The example in the Standard Webhooks specification, which its reference libraries use in their tests.
const (
	exampleSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	exampleID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	exampleTimestamp = 1614265330
	exampleBody      = `{"test": 2432232314}`
	exampleSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

type message struct {
	id, signature, body string
	timestamp           int64
}

func example() message {
	return message{id: exampleID, signature: exampleSignature, body: exampleBody, timestamp: exampleTimestamp}
}

func start(t *testing.T) *authority.Receiver {
	t.Helper()
	key, err := authority.ParseSecret(exampleSecret)
	if err != nil {
		t.Fatal(err)
	}
	r, err := authority.Start(t.Context(), authority.Options{
		Keys:  map[string][]byte{"V991": key},
		Clock: func() time.Time { return time.Unix(exampleTimestamp+20, 0) },
		Log:   slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func send(t *testing.T, url string, m message) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(m.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("webhook-id", m.id)
	req.Header.Set("webhook-timestamp", strconv.FormatInt(m.timestamp, 10))
	req.Header.Set("webhook-signature", m.signature)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func TestTheSpecificationsExampleIsTaken(t *testing.T) {
	r := start(t)
	if status := send(t, r.URL("V991"), example()); status != http.StatusNoContent {
		t.Fatalf("status = %d, want 204", status)
	}
	if err := r.Await(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if got := r.Received()[0]; got.ID != exampleID || got.Authority != "V991" || string(got.Body) != exampleBody {
		t.Errorf("received = %+v, want the example", got)
	}
}

func TestADifferentSecretsSignatureMayStandBeside(t *testing.T) {
	r := start(t)
	m := example()
	m.signature = "v1," + base64.StdEncoding.EncodeToString(make([]byte, 32)) + " v1a,xyz " + exampleSignature
	if status := send(t, r.URL("V991"), m); status != http.StatusNoContent {
		t.Fatalf("status with several signatures = %d, want 204", status)
	}
}

func TestARepetitionIsCountedNotKeptTwice(t *testing.T) {
	r := start(t)
	for range 3 {
		send(t, r.URL("V991"), example())
	}
	got := r.Received()
	if len(got) != 1 || got[0].Deliveries != 3 {
		t.Errorf("received = %+v, want one notification with 3 deliveries", got)
	}
}

func TestWhatIsNotGenuineIsRefused(t *testing.T) {
	cases := map[string]struct {
		spoil  func(*message)
		status int
		err    error
	}{
		"another body": {func(m *message) { m.body += " " }, http.StatusUnauthorized, authority.ErrSignature},
		"another id":   {func(m *message) { m.id += "x" }, http.StatusUnauthorized, authority.ErrSignature},
		"no signature": {func(m *message) { m.signature = "" }, http.StatusUnauthorized, authority.ErrSignature},
		"another version": {func(m *message) {
			m.signature = "v2" + m.signature[2:]
		}, http.StatusUnauthorized, authority.ErrSignature},
		"no id":             {func(m *message) { m.id = "" }, http.StatusBadRequest, authority.ErrHeaders},
		"an old timestamp":  {func(m *message) { m.timestamp -= 600 }, http.StatusBadRequest, authority.ErrTimestamp},
		"a time to come":    {func(m *message) { m.timestamp += 600 }, http.StatusBadRequest, authority.ErrTimestamp},
		"a timestamp moved": {func(m *message) { m.timestamp++ }, http.StatusUnauthorized, authority.ErrSignature},
	}

	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := start(t)
			m := example()
			c.spoil(&m)
			if status := send(t, r.URL("V991"), m); status != c.status {
				t.Errorf("status = %d, want %d", status, c.status)
			}
			refused := r.Refused()
			if len(refused) != 1 || !errors.Is(refused[0].Err, c.err) {
				t.Errorf("refused = %v, want %v", refused, c.err)
			}
			if n := len(r.Received()); n != 0 {
				t.Errorf("received %d notifications, want none", n)
			}
		})
	}
}

func TestWhileItFailsNothingIsReceived(t *testing.T) {
	r := start(t)
	r.Fail(http.StatusServiceUnavailable)
	if status := send(t, r.URL("V991"), example()); status != http.StatusServiceUnavailable {
		t.Fatalf("status while failing = %d, want 503", status)
	}
	r.Fail(0)
	if status := send(t, r.URL("V991"), example()); status != http.StatusNoContent {
		t.Fatalf("status after Fail(0) = %d, want 204", status)
	}
	if n := len(r.Received()); n != 1 {
		t.Errorf("received %d notifications, want 1", n)
	}
}

func TestAnAuthorityThatIsNotThereIsNotFound(t *testing.T) {
	r := start(t)
	if status := send(t, r.URL("V000"), example()); status != http.StatusNotFound {
		t.Errorf("status for an unknown authority = %d, want 404", status)
	}
}

func TestAwaitSaysHowManyCame(t *testing.T) {
	r := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Await(ctx, 1); err == nil || !strings.Contains(err.Error(), "0 of 1 notifications were received") {
		t.Errorf("Await with a cancelled context: error = %v, want the number received", err)
	}
}
