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

// Tolerance is how far a message's timestamp may be from the receiver's clock, either way: an older one may be a
// replay.
const Tolerance = 5 * time.Minute

// The reasons for which a message is refused.
var (
	ErrHeaders   = errors.New("a webhook header is missing or malformed")
	ErrTimestamp = errors.New("the timestamp is too far from now")
	ErrSignature = errors.New("no signature fits")
	ErrDown      = errors.New("told to fail")
)

// ParseSecret reads a secret as Standard Webhooks writes it: "whsec_" and base64 of 24 to 64 bytes.
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

// FormatSecret writes a secret in that form.
func FormatSecret(key []byte) string { return "whsec_" + base64.StdEncoding.EncodeToString(key) }

// verify checks one message as the specification has it, and gives its id and time. It shares no code with the sender.
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
	// Several signatures may stand side by side while a secret is being changed.
	for candidate := range strings.FieldsSeq(h.Get(headerSignature)) {
		version, encoded, _ := strings.Cut(candidate, ",")
		got, err := base64.StdEncoding.DecodeString(encoded)
		if version == "v1" && err == nil && hmac.Equal(got, want) {
			return id, at, nil
		}
	}
	return "", time.Time{}, ErrSignature
}
