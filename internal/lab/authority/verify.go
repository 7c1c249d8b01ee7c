package authority

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of Standard Webhooks 1.0.
const (
	headerID        = "webhook-id"
	headerTimestamp = "webhook-timestamp"
	headerSignature = "webhook-signature"
)

// Tolerance is the maximum difference between a message's timestamp and the receiver's clock. An older message may be
// a replay.
const Tolerance = 5 * time.Minute

// The errors for which a message is rejected.
var (
	ErrHeaders   = errors.New("a webhook header is missing or malformed")
	ErrTimestamp = errors.New("the timestamp is too far from now")
	ErrSignature = errors.New("no signature matches")
	ErrDown      = errors.New("told to fail")
)

// ParseSecret parses a secret in the format of Standard Webhooks: "whsec_" and base64 of 24 to 64 bytes.
func ParseSecret(s string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(s, "whsec_")
	if !ok {
		return nil, errors.New("a webhook secret begins with whsec_")
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("webhook secret: %w", err)
	}
	if len(key) < 24 || len(key) > 64 {
		return nil, fmt.Errorf("webhook secret: %d bytes, 24 to 64 are allowed", len(key))
	}
	return key, nil
}

// FormatSecret returns a secret in the format that ParseSecret accepts.
func FormatSecret(key []byte) string { return "whsec_" + base64.StdEncoding.EncodeToString(key) }

// verify validates one message by the specification, and returns its ID and time. It shares no code with the sender.
func verify(key []byte, h http.Header, body []byte, now time.Time) (id string, at time.Time, err error) {
	id = h.Get(headerID)
	seconds, err := strconv.ParseInt(h.Get(headerTimestamp), 10, 64)
	if id == "" || strings.Contains(id, ".") || err != nil {
		return "", time.Time{}, ErrHeaders
	}

	at = time.Unix(seconds, 0)
	if d := now.Sub(at); d > Tolerance || d < -Tolerance {
		return "", time.Time{}, ErrTimestamp
	}

	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.", id, seconds)
	mac.Write(body)
	want := mac.Sum(nil)

	// There may be several signatures while a secret is being replaced.
	for candidate := range strings.FieldsSeq(h.Get(headerSignature)) {
		version, encoded, _ := strings.Cut(candidate, ",")
		got, err := base64.StdEncoding.DecodeString(encoded)
		if version == "v1" && err == nil && hmac.Equal(got, want) {
			return id, at, nil
		}
	}

	return "", time.Time{}, ErrSignature
}
