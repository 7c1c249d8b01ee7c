package mesh

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// window is the maximum difference between a token's time and the exchange's clock.
const window = 2 * time.Hour

// useToken reports whether an Authorization header is valid and unused, and marks its token as used. The format is
// "NHSMESH mailbox:nonce:count:yyyymmddHHMM:hmac" (MESH API, authentication). The caller must hold mu.
func (e *Exchange) useToken(mailbox, header string) bool {
	box, known := e.mailboxes[mailbox]
	token, ok := strings.CutPrefix(header, "NHSMESH ")
	parts := strings.Split(token, ":")
	if !known || !ok || len(parts) != 5 || parts[0] != mailbox || parts[1] == "" || parts[2] == "" {
		return false
	}

	at, err := time.Parse("200601021504", parts[3])
	if err != nil || e.clock().Sub(at).Abs() > window {
		return false
	}

	mac := hmac.New(sha256.New, e.key)
	mac.Write([]byte(strings.Join([]string{mailbox, parts[1], parts[2], box.Password, parts[3]}, ":")))
	if want, err := hex.DecodeString(parts[4]); err != nil || !hmac.Equal(want, mac.Sum(nil)) {
		return false
	}

	once := strings.Join(parts[:3], ":")
	if e.usedTokens[once] {
		return false
	}

	e.usedTokens[once] = true
	return true
}
