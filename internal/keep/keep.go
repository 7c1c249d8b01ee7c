// Package keep is what outlasts a process and is worth stealing: secrets by name in the keyring of the operating
// system. Never the passcode.
//
// On Linux that is the Secret Service (GNOME Keyring, KWallet) over the session's D-Bus, on macOS the Keychain, on
// Windows the Credential Manager.
package keep

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

// Service is the name under which all of it stands in the keyring.
const Service = "wardlight"

// maxSecret bounds a secret that is read back, in bytes.
const maxSecret = 1 << 20

// Backend is where secrets are kept: go-keyring, or a stand-in in tests.
type Backend interface {
	Set(service, name, secret string) error
	Get(service, name string) (string, error)
	Delete(service, name string) error
}

// Ring is a keyring. Its methods may be called from any goroutine.
type Ring struct {
	// Silent is called when the keyring has not answered in time, once until it answers again; Waiting, when somebody is
	// given the time to unlock it. nil calls nobody. After makes timers; nil means time.After. All are set before the
	// first use.
	Silent, Waiting func()
	After           func(time.Duration) <-chan time.Time

	backend Backend
	absent  func() error // why there is none; nil when there may be one
	place   string
	unlocks bool // somebody is there to unlock it
	silence *silence
}

// OS returns the keyring of the operating system, for a process with the environment. It is not touched before it is
// used, and need not be there: then every use gives an *Error of kind Absent.
func OS(environ []string) *Ring {
	return &Ring{backend: system{}, absent: func() error { return reachable(environ) }, place: place, silence: new(silence)}
}

// Over returns a keyring over a backend of the caller's, called place in words.
func Over(backend Backend, place string) *Ring {
	return &Ring{backend: backend, absent: func() error { return nil }, place: place, silence: new(silence)}
}

// ForUnlocking returns the same keyring for somebody who has come for it, and is given a minute to unlock it.
func (r *Ring) ForUnlocking() *Ring {
	again := *r
	again.unlocks = true
	return &again
}

// Place returns the keyring in words, for people: "the Secret Service keyring (GNOME Keyring, KWallet)".
func (r *Ring) Place() string { return r.place }

// Get reads the named secret. Errors are *Error: Nothing when there is none, Absent, Locked, Damaged, Failed.
func (r *Ring) Get(ctx context.Context, name string) ([]byte, error) {
	packed, err := ask(ctx, r, func() (string, error) { return r.backend.Get(Service, name) })
	if err != nil {
		return nil, err
	}
	secret, err := unpack(packed)
	if err != nil {
		return nil, &Error{Kind: Damaged, Err: err}
	}
	return secret, nil
}

// Set stores the secret under the name, in place of what stood there. Errors are *Error: Absent, Locked, TooBig,
// Failed.
func (r *Ring) Set(ctx context.Context, name string, secret []byte) error {
	packed, err := pack(secret)
	if err != nil {
		return &Error{Kind: Failed, Err: err}
	}
	// Read back, because a prompt that its owner dismissed looks like success to go-keyring.
	back, err := ask(ctx, r, func() (string, error) {
		if err := r.backend.Set(Service, name, packed); err != nil {
			return "", err
		}
		return r.backend.Get(Service, name)
	})
	if KindOf(err) == Nothing || err == nil && back != packed {
		return &Error{Kind: Failed, Err: errors.New("what was stored is not there")}
	}
	return err
}

// Delete removes the named secret; one that is not there is no error. Errors are *Error: Absent, Locked, Failed.
func (r *Ring) Delete(ctx context.Context, name string) error {
	_, err := ask(ctx, r, func() (string, error) { return "", r.backend.Delete(Service, name) })
	if KindOf(err) == Nothing {
		return nil
	}
	return err
}

// pack makes a secret fit where little goes in (2560 bytes on Windows) and where only text does.
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

// system is go-keyring, whose functions are the package's own.
type system struct{}

func (system) Set(service, name, secret string) error   { return keyring.Set(service, name, secret) }
func (system) Get(service, name string) (string, error) { return keyring.Get(service, name) }
func (system) Delete(service, name string) error        { return keyring.Delete(service, name) }
