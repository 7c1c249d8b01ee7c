// Package secretstore stores secrets that outlast a process, by name, in the keyring of the operating system. It never
// stores the passcode.
//
// On Linux the keyring is the Secret Service (GNOME Keyring, KWallet) on the session's D-Bus, on macOS the Keychain,
// on Windows the Credential Manager.
package secretstore

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"time"

	"github.com/zalando/go-keyring"
)

// Service is the service name of all secrets in the keyring.
const Service = "wardlight"

// maxSecret is the maximum size of a secret that is read, in bytes.
const maxSecret = 1 << 20

// A Backend stores secrets: go-keyring, or a substitute in tests.
type Backend interface {
	Set(service, name, secret string) error
	Get(service, name string) (string, error)
	Delete(service, name string) error
}

// A Ring is a keyring. Its methods are safe for concurrent use.
type Keyring struct {
	// OnTimeout is called when a call to the keyring has timed out, once until the keyring responds again. Waiting is
	// called when the user is given time to unlock the keyring. Both may be nil. After creates timers; nil means
	// time.After. All must be set before the first use.
	OnTimeout, OnUnlock func()
	After               func(time.Duration) <-chan time.Time

	backend Backend
	absent  func() error // returns why there is no keyring, or nil if there may be one
	name    string
	unlocks bool // use unlockTimeout
	silence *abandonedCalls
}

// SystemKeyring returns the keyring of the operating system for a process with the given environment. It does not
// access the keyring. If there is none, methods return an *Error of kind Absent.
func SystemKeyring(environ []string) *Keyring {
	return &Keyring{backend: system{}, absent: func() error {
		return reachable(environ)
	}, name: keyringName, silence: new(abandonedCalls)}
}

// NewKeyring returns a keyring that uses backend. place is its display name.
func NewKeyring(backend Backend, place string) *Keyring {
	return &Keyring{backend: backend, absent: func() error { return nil }, name: place, silence: new(abandonedCalls)}
}

// ForUnlocking returns the same keyring with a timeout of a minute, for operations during which the user may unlock
// it.
func (r *Keyring) ForUnlocking() *Keyring {
	again := *r
	again.unlocks = true
	return &again
}

// Name returns the display name of the keyring: "the Secret Service keyring (GNOME Keyring, KWallet)".
func (r *Keyring) Name() string { return r.name }

// Get returns the secret with the name. Errors are *Error: Nothing if there is none, Absent, Locked, NoAnswer,
// Damaged, Failed.
func (r *Keyring) Get(ctx context.Context, name string) ([]byte, error) {
	packed, err := callWithTimeout(ctx, r, func() (string, error) { return r.backend.Get(Service, name) })
	if err != nil {
		return nil, err
	}
	secret, err := unpack(packed)
	if err != nil {
		return nil, &Error{Kind: Damaged, Err: err}
	}
	return secret, nil
}

// Set stores the secret under the name, replacing an existing one. Errors are *Error: Absent, Locked, NoAnswer,
// TooLong, Failed.
func (r *Keyring) Set(ctx context.Context, name string, secret []byte) error {
	packed, err := pack(secret)
	if err != nil {
		return &Error{Kind: Failed, Err: err}
	}
	// Read the secret back: after a prompt that the user dismissed, go-keyring returns no error.
	back, err := callWithTimeout(ctx, r, func() (string, error) {
		if err := r.backend.Set(Service, name, packed); err != nil {
			return "", err
		}
		return r.backend.Get(Service, name)
	})
	if KindOf(err) == NotFound || err == nil && back != packed {
		return &Error{Kind: Failed, Err: errors.New("what was stored is not there")}
	}
	return err
}

// Delete removes the secret with the name. It succeeds if there is none. Errors are *Error: Absent, Locked, NoAnswer,
// Failed.
func (r *Keyring) Delete(ctx context.Context, name string) error {
	_, err := callWithTimeout(ctx, r, func() (string, error) { return "", r.backend.Delete(Service, name) })
	if KindOf(err) == NotFound {
		return nil
	}
	return err
}

// pack compresses a secret and encodes it as text, because some keyrings store only text, and 2560 bytes at most
// (Windows).
func pack(secret []byte) (string, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(secret)
	if err = errors.Join(err, z.Close()); err != nil {
		return "", err
	}
	return base64.RawStdEncoding.EncodeToString(b.Bytes()), nil
}

func unpack(packed string) ([]byte, error) {
	b, err := base64.RawStdEncoding.DecodeString(packed)
	if err != nil {
		return nil, errors.New("not in base64")
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	secret, err := io.ReadAll(io.LimitReader(z, maxSecret+1))
	if err == nil && len(secret) > maxSecret {
		err = errors.New("too long")
	}
	return secret, err
}

// system is the Backend of the operating system, go-keyring.
type system struct{}

func (system) Set(service, name, secret string) error   { return keyring.Set(service, name, secret) }
func (system) Get(service, name string) (string, error) { return keyring.Get(service, name) }
func (system) Delete(service, name string) error        { return keyring.Delete(service, name) }
