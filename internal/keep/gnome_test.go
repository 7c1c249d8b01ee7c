//go:build linux

package keep_test

import (
	"os"
	"testing"

	"wardlight/internal/keep"
	"wardlight/internal/keep/keeptest"
)

func TestTheRealGnomeKeyringKeepsSecrets(t *testing.T) {
	gnome := keeptest.Start(t)
	gnome.Use(t)
	secrets := keep.SystemKeyring(os.Environ())
	aSecretIsStored(t, secrets)

	name := keep.HubCredential("https://hub.example")
	if err := secrets.Set(t.Context(), name, []byte("kept")); err != nil {
		t.Fatal(err)
	}
	gnome.Lock()
	if got, err := secrets.Get(t.Context(), name); keep.KindOf(err) != keep.Locked {
		t.Errorf("Get from a locked keyring = %q, error %v, %v, want kind Locked", got, err, unwrapped(err))
	}
	if err := secrets.Set(t.Context(), name, []byte("new")); keep.KindOf(err) != keep.Locked {
		t.Errorf("Set in a locked keyring: error = %v, %v, want kind Locked", err, unwrapped(err))
	}
	gnome.Kill()
	for _, connection := range []string{"the kept connection", "a new connection"} {
		if _, err := secrets.Get(t.Context(), name); keep.KindOf(err) != keep.Absent {
			t.Errorf("Get after the end of the session, over %s: error = %v, %v, want kind Absent",
				connection, err, unwrapped(err))
		}
	}
}

func TestASessionWithoutAKeyringSaysSo(t *testing.T) {
	keeptest.Bus(t).Use(t)
	if err := keep.SystemKeyring(os.Environ()).Set(t.Context(), "x", nil); keep.KindOf(err) != keep.Absent {
		t.Errorf("Set without a keyring: error = %v, %v, want kind Absent", err, unwrapped(err))
	}
}

func unwrapped(err error) error {
	if u, ok := err.(interface{ Unwrap() error }); ok {
		return u.Unwrap()
	}
	return err
}
