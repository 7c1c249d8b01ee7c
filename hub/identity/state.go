package identity

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"wardlight/hub/cis2"
	"wardlight/hub/store"
)

// browserState is what a sign-in by browser must remember between its two requests. It is the OAuth 2.0 state,
// encrypted with a key that all hubs of the store have.
type browserState struct {
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	Redirect string `json:"r"`
	Thumb    string `json:"k"` // of the key that signs proofs
	Expires  int64  `json:"e"` // seconds
}

func (b browserState) request() cis2.Request {
	return cis2.Request{Redirect: b.Redirect, Nonce: b.Nonce, Verifier: b.Verifier}
}

// stateCipher returns the cipher of states. Its key is derived from that of nonces.
func (s *Service) stateCipher(ctx context.Context) (cipher.AEAD, error) {
	key, err := s.nonceKey(ctx)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(mac(key, []byte("state of a sign-in by browser")))
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	return cipher.NewGCM(block)
}

// sealState returns the state as text.
func (s *Service) sealState(ctx context.Context, b browserState) (string, error) {
	aead, err := s.stateCipher(ctx)
	if err != nil {
		return "", err
	}
	plain, err := json.Marshal(b)
	if err != nil {
		return "", fmt.Errorf("state: %w", err)
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	if _, err := io.ReadFull(s.rand, nonce); err != nil {
		return "", fmt.Errorf("random bytes: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(aead.Seal(nonce, nonce, plain, nil)), nil
}

// openState returns the content of a state. It returns a refusal if the hub has not issued it or it has expired.
func (s *Service) openState(ctx context.Context, state string, now time.Time) (browserState, *Refusal, error) {
	aead, err := s.stateCipher(ctx)
	if err != nil {
		return browserState{}, nil, err
	}

	var b browserState
	unknown := refuse(StateUnknown, "the state was not issued by this hub")
	sealed, err := base64.RawURLEncoding.DecodeString(state)
	if err != nil || len(state) > maxState || len(sealed) < aead.NonceSize() {
		return b, unknown, nil
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], nil)
	if err != nil || json.Unmarshal(plain, &b) != nil {
		return b, unknown, nil
	}
	if now.After(time.Unix(b.Expires, 0)) {
		return b, refuse(StateUnknown, "the state has expired"), nil
	}
	return b, nil, nil
}

// onceOfState returns the record that makes a state valid only once. Its nonce identifies it, because base64 has other
// encodings of the same bytes.
func onceOfState(b browserState) *store.Once {
	return &store.Once{Hash: hash("state", b.Nonce), Expires: time.Unix(b.Expires, 0).Add(2 * clockLeeway)}
}

// idTokens has the provider's ID tokens of sessions, in memory only. The zero value is ready to use. It is safe for
// concurrent use.
type idTokens struct {
	mu  sync.Mutex
	all map[string]heldToken // by the ID of the session
}

type heldToken struct {
	token string
	ends  time.Time
}

// maxIDTokens is the maximum number of ID tokens in memory. Beyond it, expired ones are removed, and then any.
const maxIDTokens = MaxCallers

func (t *idTokens) put(session, token string, ends, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = make(map[string]heldToken)
	}
	if len(t.all) >= maxIDTokens {
		for id, held := range t.all {
			if !now.Before(held.ends) {
				delete(t.all, id)
			}
		}
	}
	for id := range t.all {
		if len(t.all) < maxIDTokens {
			break
		}
		delete(t.all, id)
	}
	t.all[session] = heldToken{token, ends}
}

// get returns the token of a session, or false if there is none or it has expired.
func (t *idTokens) get(session string, now time.Time) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	held, ok := t.all[session]
	return held.token, ok && now.Before(held.ends)
}

// remove removes and returns the token of a session.
func (t *idTokens) remove(session string) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	held, ok := t.all[session]
	delete(t.all, session)
	return held.token, ok
}
