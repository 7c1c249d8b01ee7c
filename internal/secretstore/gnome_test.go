//go:build linux

package secretstore_test

import (
	"os"
	"testing"

	"wardlight/internal/secretstore"
	"wardlight/internal/secretstore/secretstoretest"
)

func TestTheRealGnomeKeyringKeepsSecrets(t *testing.T) {
	gnome := secretstoretest.Start(t)
	gnome.Use(t)
	secrets := secretstore.SystemKeyring(os.Environ())
	aSecretIsStored(t, secrets)

	name := secretstore.HubCredential("https://hub.example")
	if err := secrets.Set(t.Context(), name, []byte("kept")); err != nil {
		t.Fatal(err)
	}

	gnome.Lock()
	if got, err := secrets.Get(t.Context(), name); secretstore.KindOf(err) != secretstore.Locked {
		t.Errorf("Get from a locked keyring = %q, error %v, %v, want kind Locked", got, err, unwrapped(err))
	}

	if err := secrets.Set(t.Context(), name, []byte("new")); secretstore.KindOf(err) != secretstore.Locked {
		t.Errorf("Set in a locked keyring: error = %v, %v, want kind Locked", err, unwrapped(err))
	}

	gnome.Kill()
	for _, connection := range []string{"the kept connection", "a new connection"} {
		if _, err := secrets.Get(t.Context(), name); secretstore.KindOf(err) != secretstore.Absent {
			t.Errorf("Get after the end of the session, over %s: error = %v, %v, want kind Absent",
				connection, err, unwrapped(err))
		}
	}
}

func TestASessionWithoutAKeyringSaysSo(t *testing.T) {
	secretstoretest.Bus(t).Use(t)
	if err := secretstore.SystemKeyring(os.Environ()).Set(t.Context(), "x", nil); secretstore.KindOf(
		err,
	) != secretstore.Absent {
		t.Errorf("Set without a keyring: error = %v, %v, want kind Absent", err, unwrapped(err))
	}
}

func unwrapped(err error) error {
	if u, ok := err.(interface{ Unwrap() error }); ok {
		return u.Unwrap()
	}
	return err
}
