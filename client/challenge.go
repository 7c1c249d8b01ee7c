package client

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"time"

	"wardlight/internal/text"
)

// Challenge is a nonce for one sign-in, and the audience of the assertion.
type Challenge struct {
	Nonce    string
	Audience string
	Expires  time.Time // expiry, by this computer's clock
}

// Limits for the fields of a challenge.
const (
	maxNonce             = 512
	maxChallengeLifetime = 3600 // seconds; a longer lifetime is rejected
)

// Challenge requests a nonce. It needs no session and sends nothing about the card. Errors are *Error.
func (h *Hub) Challenge(ctx context.Context) (Challenge, error) {
	c := challengeCall(h.newID())
	asked := h.clock()
	a, err := h.do(ctx, c)
	if err != nil {
		return Challenge{}, err
	}
	return challengeOf(c, a, asked, h.clock())
}

// challengeCall returns the request for a nonce.
func challengeCall(requestID string) call {
	return call{
		method: http.MethodPost, path: "/oauth2/challenge", route: "/oauth2/challenge",
		accept: jsonType, requestID: requestID,
	}
}

// challengeOf parses the answer. Errors are *Error.
func challengeOf(c call, a answer, asked, now time.Time) (Challenge, error) {
	if a.status != http.StatusOK {
		return Challenge{}, refusedSignIn(c, a, now)
	}

	var got struct {
		Nonce    string  `json:"nonce"`
		Expires  float64 `json:"expires_in"`
		Audience string  `json:"audience"`
	}

	switch {
	case !isType(a, jsonType):
		return Challenge{}, malformed(c, a, "challenge: not JSON by its content type")
	case json.Unmarshal(a.body, &got) != nil:
		return Challenge{}, malformed(c, a, "challenge: not JSON")
	case got.Nonce == "" || len(got.Nonce) > maxNonce || got.Nonce != text.Clean(got.Nonce, maxNonce):
		return Challenge{}, malformed(c, a, "challenge: no usable nonce")
	case got.Audience == "" || got.Expires <= 0 || got.Expires > maxChallengeLifetime:
		return Challenge{}, malformed(c, a, "challenge: no audience or no end")
	}

	return Challenge{
		Nonce: got.Nonce, Audience: got.Audience,
		Expires: asked.Add(time.Duration(got.Expires * float64(time.Second))),
	}, nil
}

// jsonType is the media type of everything but FHIR.
const jsonType = "application/json"

// isType reports whether the answer has the media type.
func isType(a answer, want string) bool {
	got, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	return err == nil && got == want
}
