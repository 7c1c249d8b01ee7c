package secretstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/zalando/go-keyring"

	"wardlight/internal/secretstore"
	"wardlight/internal/secretstore/secretstoretest"
)

func TestASecretIsStoredReadAndRemovedByName(t *testing.T) {
	secrets, memory := secretstoretest.Keyring()
	aSecretIsStored(t, secrets)
	if memory.Len() != 0 {
		t.Errorf("%d secrets are left, want none", memory.Len())
	}
}

// aSecretIsStored sets, reads and deletes a device credential.
func aSecretIsStored(t *testing.T, secrets *secretstore.Keyring) {
	t.Helper()
	name, other := secretstore.HubCredential("https://hub.example"), secretstore.HubCredential("https://other.example")
	secret := []byte("a credential\x00 of any bytes \xFF")
	if _, err := secrets.Get(t.Context(), name); secretstore.KindOf(err) != secretstore.NotFound {
		t.Fatalf("Get before Set: error = %v, want kind Nothing", err)
	}

	for _, s := range [][]byte{[]byte("an older one"), secret} {
		if err := secrets.Set(t.Context(), name, s); err != nil {
			t.Fatal(err, errors.Unwrap(err))
		}
	}

	if got, err := secrets.Get(t.Context(), name); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("Get = %q, %v, want %q", got, err, secret)
	}

	if _, err := secrets.Get(t.Context(), other); secretstore.KindOf(err) != secretstore.NotFound {
		t.Errorf("Get of another hub's credential: error = %v, want kind Nothing", err)
	}

	for range 2 {
		if err := secrets.Delete(t.Context(), name); err != nil {
			t.Error(err)
		}
	}

	if _, err := secrets.Get(t.Context(), name); secretstore.KindOf(err) != secretstore.NotFound {
		t.Errorf("Get after Delete: error = %v, want kind Nothing", err)
	}
}

func TestEveryKindHasWordsACodeAndANameOfItsOwn(t *testing.T) {
	seen := make(map[string]bool)
	for _, k := range secretstore.Kinds() {
		e := &secretstore.Error{Kind: k}
		if e.Sentence() == "" || e.Advice() == "" || e.Code() == "" || k.String() == "" || seen[e.Code()] ||
			seen[k.String()] {
			t.Errorf("kind %d: sentence %q, advice %q, code %q, name %q, want all set and unique",
				k, e.Sentence(), e.Advice(), e.Code(), k)
		}
		seen[e.Code()], seen[k.String()] = true, true
	}
}

func TestTheKeyringsErrorsAreTold(t *testing.T) {
	for err, want := range map[error]secretstore.Kind{
		keyring.ErrNotFound:            secretstore.NotFound,
		keyring.ErrSetDataTooBig:       secretstore.TooLong,
		keyring.ErrUnsupportedPlatform: secretstore.Absent,
		errors.New(
			"failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'",
		): secretstore.Locked,
		errors.New(
			`exec: "dbus-launch": executable file not found in $PATH`,
		): secretstore.Absent,
		&net.OpError{
			Op: "write", Net: "unix",
			Err: os.NewSyscallError("write", syscall.EPIPE),
		}: secretstore.Absent,
		&net.OpError{
			Op: "read", Net: "unix",
			Err: os.NewSyscallError("read", syscall.ECONNRESET),
		}: secretstore.Absent,
		&net.OpError{
			Op: "write", Net: "unix",
			Err: net.ErrClosed,
		}: secretstore.Absent,
		&net.OpError{
			Op: "dial", Net: "unix",
			Err: os.NewSyscallError("connect", syscall.ECONNREFUSED),
		}: secretstore.Absent,
		&net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect", syscall.ENOENT)}: secretstore.Absent,
		io.EOF:                       secretstore.Absent,
		errors.New("something else"): secretstore.Failed,
	} {
		secrets, memory := secretstoretest.Keyring()
		memory.Fail(err)
		if _, got := secrets.Get(t.Context(), "x"); secretstore.KindOf(got) != want || !errors.Is(got, err) {
			t.Errorf("backend error %v: Get error = %v, want kind %v", err, got, want)
		}
	}

	secrets, memory := secretstoretest.Keyring()
	if err := memory.Set(secretstore.Service, "x", "rubbish"); err != nil {
		t.Fatal(err)
	}

	if _, err := secrets.Get(t.Context(), "x"); secretstore.KindOf(err) != secretstore.Damaged {
		t.Errorf("Get of a malformed value: error = %v, want kind Damaged", err)
	}
}

// stuck is a keyring whose Get never returns.
type stuck struct{ secretstore.Backend }

func (stuck) Get(string, string) (string, error) { select {} }

func TestAKeyringThatWaitsForItsOwnerDoesNotHoldUpACommand(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := secretstore.NewKeyring(stuck{}, "").Get(ctx, "x"); secretstore.KindOf(err) != secretstore.Locked {
		t.Errorf("Get with a cancelled context: error = %v, want kind Locked", err)
	}
}

func TestWithoutASessionBusThereIsNoKeyringAndNoneIsStarted(t *testing.T) {
	if _, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid())); err == nil {
		t.Skip("this user has a session bus, which is found without the environment: run it as another user")
	}
	for _, env := range [][]string{nil, {"DBUS_SESSION_BUS_ADDRESS="}, {"DBUS_SESSION_BUS_ADDRESS=autolaunch:"}} {
		_, err := secretstore.SystemKeyring(env).Get(t.Context(), "x")
		if secretstore.KindOf(err) != secretstore.Absent ||
			!strings.HasPrefix(err.Error(), "There is no keyring on this computer") {
			t.Errorf("Get with environment %v: error = %v, want kind Absent", env, err)
		}
	}
}
