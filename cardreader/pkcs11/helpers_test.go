//go:build cgo

package pkcs11_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/cardreader/pkcs11"
	"wardlight/cardreader/virtual/virtualtest"
)

// asHelper is the argument that makes the test binary a helper.
const asHelper = "module-helper"

// serveAsHelper runs the helper and exits, if this process was started as one. Otherwise it returns.
func serveAsHelper() {
	if len(os.Args) < 3 || os.Args[1] != asHelper {
		return
	}
	if err := pkcs11.Serve(context.Background(), os.Args[2:]); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// driver returns a driver with the test binary as its helper.
func driver(t *testing.T, environ []string, edit func(*pkcs11.Config), modules ...string) *pkcs11.Driver {
	t.Helper()
	environ = append(slices.Clone(environ), "GORACE=atexit_sleep_ms=0") // no sleep at exit by the race detector
	c := pkcs11.Config{
		Program: os.Args[0], Helper: []string{os.Args[0], asHelper}, Modules: pkcs11.Named(modules),
		Environ: environ,
	}
	if edit != nil {
		edit(&c)
	}
	d := pkcs11.New(c)
	t.Cleanup(d.Close)
	return d
}

// open opens the card. An error is fatal.
func open(t *testing.T, d *pkcs11.Driver) cardreader.Card {
	t.Helper()
	card, err := d.Open(t.Context(), nil, "Reader")
	if err != nil {
		t.Fatal(explain(err))
	}
	return card
}

// sign signs a message and returns the error.
func sign(t *testing.T, card cardreader.Card, passcode string) error {
	t.Helper()
	typed := virtualtest.Typed(passcode)
	digest := sha256.Sum256([]byte("a message"))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	signature, err := card.Sign(ctx, typed, digest[:], crypto.SHA256)
	if typed.Len() != 0 {
		t.Error("Sign did not wipe the passcode")
	}
	if err == nil && !virtualtest.Verifies(card.Info().Certificate, digest[:], signature) {
		t.Error("the signature does not match the certificate")
	}
	return err
}

// checkError checks the kind, code and sentence of an error.
func checkError(t *testing.T, err error, kind cardreader.Kind, code, says string) {
	t.Helper()
	e, ours := err.(*cardreader.Error) //nolint:errorlint // the documentation promises exactly this type
	if !ours {
		t.Fatalf("got error %T, %v, want *cardreader.Error", err, err)
	}
	if e.Kind != kind || e.Code() != code || !strings.Contains(e.Sentence(), says) || e.Advice() == "" {
		t.Errorf("got error %s, want %s: %s", explain(err), code, says)
	}
}

func explain(err error) string {
	if e, ours := err.(*cardreader.Error); ours { //nolint:errorlint // for reading only
		return fmt.Sprintf("%v: %v", e, e.Err)
	}
	return fmt.Sprint(err)
}
