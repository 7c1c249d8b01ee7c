package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/lab/labtest"
)

// scrape returns the metrics from an operator's listener.
func scrape(t *testing.T, address string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // the body is read next
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET /metrics: got status %d, error %v, want 200", resp.StatusCode, err)
	}
	return string(text)
}

// TestTLS_RenewalThatCannotBeRead replaces the certificate of a running hub without clients.
func TestTLS_RenewalThatCannotBeRead(t *testing.T) {
	w, f, operator := newHubProcess(t), newFiles(t), labtest.Address(t)
	w.args = append(w.args, "--operator-listen", operator, "--tls-cert", f.certificate, "--tls-key", f.key)
	hub := w.start(t)
	serial := func() int64 {
		t.Helper()
		state, err := getOverTLS(t, w.address, &tls.Config{})
		if err != nil {
			t.Fatal(err)
		}
		return state.PeerCertificates[0].SerialNumber.Int64()
	}

	inMetrics := func(serial int, setting, subject string) {
		t.Helper()
		line := fmt.Sprintf(`wardlight_hub_certificate_end_timestamp_seconds{serial="%x",setting=%q,subject=%q} `,
			serial, setting, subject)
		if scraped := scrape(t, operator); !strings.Contains(scraped, line) {
			t.Errorf("metrics: no line %s in\n%s", line, scraped)
		}
	}

	inMetrics(1, "tls.certificate_file", "CN=hub")
	if n := strings.Count(scrape(t, operator), `setting="cards.ca_files"`); n != len(certificatesIn(w.ca.PEM())) {
		t.Errorf("metrics for cards.ca_files: got %d, want %d", n, len(certificatesIn(w.ca.PEM())))
	}

	f.write(t, f.certificate, "rubbish")
	const alarm = "ALARM: the renewed certificate cannot be used"
	hub.Until(t, "an alarm", func() bool { return strings.Contains(w.log.String(), alarm) })
	if got := serial(); got != 1 {
		t.Errorf("serial number after a malformed renewal: got %d, want 1", got)
	}

	inMetrics(1, "tls.certificate_file", "CN=hub")

	f.renew(t, 2)
	hub.Until(t, "the renewal", func() bool {
		return strings.Contains(w.log.String(), "The renewed certificate is in use.")
	})

	if got := serial(); got != 2 {
		t.Errorf("serial number after the renewal: got %d, want 2", got)
	}

	inMetrics(2, "tls.certificate_file", "CN=hub")
}

// TestWebhookSecrets_ReadAgain opens an alert of an authority without a secret. It then adds the secret to the file,
// with the byte order mark and line endings of a Windows editor.
func TestWebhookSecrets_ReadAgain(t *testing.T) {
	w := newHubProcess(t)
	secrets := w.args[slices.Index(w.args, "--webhook-secrets")+1]
	f := files{}
	good := readFile(t, secrets)
	f.write(t, secrets, "V998 whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")
	hub := w.start(t)
	if said := w.log.String(); !strings.Contains(said,
		`An authority cannot be notified of accesses.","authority":"V999","why":"no webhook secret for this authority"`) {
		t.Errorf("no warning about the authority without a secret in the log: %s", said)
	}

	if w.open(t.Context(), t, w.signIn(t)) == "" {
		t.Fatal("the alert was not opened")
	}

	hub.Until(t, "the alarm of the dispatcher", func() bool {
		return strings.Contains(w.log.String(), "ALARM: an authority cannot be notified")
	})

	f.write(t, secrets, "\ufeffnot a line\n")
	hub.Until(t, "an alarm", func() bool {
		return strings.Contains(w.log.String(), "ALARM: the file of webhook secrets cannot be used; the previous "+
			"secrets stay in use.")
	})

	f.write(t, secrets, "\ufeff"+strings.ReplaceAll(good, "\n", "  \t\r\n"))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := w.authority.Await(ctx, 1); err != nil {
		t.Errorf("notification after the secret was added: %v: %s", err, w.log.String())
	}

	if refused := w.authority.Refused(); len(refused) > 0 {
		t.Errorf("notification rejected by the authority: %v", refused[0].Err)
	}
}
