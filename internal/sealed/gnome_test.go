//go:build linux

package sealed_test

import (
	"errors"
	"os"
	"testing"

	"wardlight/internal/sealed"
	"wardlight/internal/secretstore"
	"wardlight/internal/secretstore/secretstoretest"
)

func TestTheKeyLivesInTheRealGnomeKeyring(t *testing.T) {
	gnome := secretstoretest.Start(t)
	gnome.Use(t)
	folder := t.TempDir()
	if err := sealed.Open(secretstore.SystemKeyring(os.Environ()), folder, "flags").Save(t.Context(),
		[]byte(secret)); err != nil {
		t.Fatal(err, errors.Unwrap(err))
	}

	f := sealed.Open(secretstore.SystemKeyring(os.Environ()), folder, "flags") // as in another process
	if got, err := f.Load(t.Context()); err != nil || string(got) != secret {
		t.Errorf("Load = %q, %v, want %q", got, err, secret)
	}

	gnome.Lock()
	if got, err := f.Load(t.Context()); got != nil || sealed.KindOf(err) != sealed.NoKeyring ||
		secretstore.KindOf(err) != secretstore.Locked {
		t.Errorf("Load with a locked keyring = %q, %v, want NoKeyring", got, err)
	}

	gnome.Kill()
	if err := f.Save(t.Context(), nil); sealed.KindOf(err) != sealed.NoKeyring {
		t.Errorf("Save without a keyring: error %v, want NoKeyring", err)
	}
}
