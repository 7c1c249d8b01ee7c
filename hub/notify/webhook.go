package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/certerror"
)

// secretPrefix is the prefix of a webhook secret (Standard Webhooks 1.0, "Symmetric signatures").
const secretPrefix = "whsec_"

// Limits of a webhook.
const (
	minSecret      = 24 // bytes (Standard Webhooks: 24 to 64)
	maxSecret      = 64
	newSecret      = 32 // bytes of a generated secret
	webhookTimeout = 15 * time.Second
	maxAnswerBytes = 64 << 10
)

// ParseSecret parses a webhook secret: "whsec_" and base64 of 24 to 64 bytes.
func ParseSecret(s string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(strings.TrimSpace(s), secretPrefix)
	if !ok {
		return nil, fmt.Errorf("webhook secret does not begin with %s", secretPrefix)
	}
	secret, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, errors.New("webhook secret is not base64")
	}
	if len(secret) < minSecret || len(secret) > maxSecret {
		return nil, fmt.Errorf("webhook secret has %d bytes, not %d to %d", len(secret), minSecret, maxSecret)
	}
	return secret, nil
}

// NewSecret returns a new webhook secret in the format of [ParseSecret], with 32 random bytes.
func NewSecret(random io.Reader) (string, error) {
	secret := make([]byte, newSecret)
	if _, err := io.ReadFull(random, secret); err != nil {
		return "", fmt.Errorf("webhook secret: %w", err)
	}
	return secretPrefix + base64.StdEncoding.EncodeToString(secret), nil
}

// Sign returns the webhook-signature header of a message (Standard Webhooks 1.0: HMAC-SHA256 of id.timestamp.body).
func Sign(secret []byte, id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Webhook sends each message with a signature to its authority's endpoint.
type Webhook struct {
	Client  *http.Client                    // nil means a default client; redirects are never followed
	Secrets func(authority string) [][]byte // returns the signing secrets, the newest first, or nil
	Clock   func() time.Time
}

// Deliver posts the message. Only a 2xx answer is a success. It doesn't follow redirects, because they could send a
// child's number to an address that nobody configured.
func (w *Webhook) Deliver(ctx context.Context, m Message) (receipt string, err error) {
	secrets, err := w.secretsOf(m.Authority, m.Endpoint)
	if err != nil {
		return "", err
	}

	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.Endpoint, bytes.NewReader(m.Body))
	if err != nil {
		return "", errors.New("webhook: the request could not be created")
	}

	at := w.Clock()
	req.Header.Set("Content-Type", m.ContentType)
	req.Header.Set("Webhook-Id", m.ID)
	req.Header.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	req.Header.Set("Webhook-Signature", signatures(secrets, m.ID, at, m.Body))
	resp, err := direct(w.Client).Do(req)
	if err != nil {
		return "", fmt.Errorf("webhook: %w", addressless(err))
	}
	defer resp.Body.Close()                                               //nolint:errcheck // the rest isn't needed
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswerBytes)) // so that the connection can be reused
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return "", &RefusedError{Status: resp.StatusCode, By: "the authority's system"} // the body may name the child
	}

	return "", nil
}

// secretsOf returns the signing secrets of an authority, or an error if nothing can be sent to the endpoint.
func (w *Webhook) secretsOf(authority, endpoint string) ([][]byte, error) {
	if err := checkEndpoint(endpoint); err != nil {
		return nil, err
	}
	secrets := w.Secrets(authority)
	if len(secrets) == 0 {
		return nil, setupError("no webhook secret for this authority")
	}
	return secrets, nil
}

// signatures returns one signature for each secret, separated by spaces (Standard Webhooks 1.0, "Zero downtime secret
// rotation"). A receiver with the old or the new secret accepts the message.
func signatures(secrets [][]byte, id string, at time.Time, body []byte) string {
	all := make([]string, len(secrets))
	for i, s := range secrets {
		all[i] = Sign(s, id, at, body)
	}
	return strings.Join(all, " ")
}

// direct returns a copy of the client that doesn't follow redirects.
func direct(client *http.Client) *http.Client {
	c := http.Client{}
	if client != nil {
		c = *client
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// addressless returns a client's error without the address, which may contain a secret, and without names in the
// server's certificate. The error is logged and stored.
func addressless(err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	return certerror.Nameless(err)
}

// checkEndpoint returns an error for http to another machine.
func checkEndpoint(endpoint string) error {
	if endpoint == "" {
		return errNoEndpoint
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return errNoURL
	}
	ip := net.ParseIP(u.Hostname())
	loopback := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Scheme == "https" || u.Scheme == "http" && loopback {
		return nil
	}
	return setupError("the authority's endpoint is not https")
}
