package keep_test

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

	"wardlight/internal/keep"
	"wardlight/internal/keep/keeptest"
)

func TestASecretIsStoredReadAndRemovedByName(t *testing.T) {
	ring, memory := keeptest.Ring()
	aSecretIsKept(t, ring)
	if memory.Len() != 0 {
		t.Errorf("%d secrets are left", memory.Len())
	}
}

// aSecretIsKept takes a ring through the life of a device credential.
func aSecretIsKept(t *testing.T, ring *keep.Ring) {
	t.Helper()
	name, other := keep.HubCredential("https://hub.example"), keep.HubCredential("https://other.example")
	secret := []byte("a credential\x00 of any bytes \xFF")
	if _, err := ring.Get(t.Context(), name); keep.KindOf(err) != keep.Nothing {
		t.Fatalf("before: error is %v", err)
	}
	for _, s := range [][]byte{[]byte("an older one"), secret} {
		if err := ring.Set(t.Context(), name, s); err != nil {
			t.Fatal(err, errors.Unwrap(err))
		}
	}
	if got, err := ring.Get(t.Context(), name); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("read %q, error %v", got, err)
	}
	if _, err := ring.Get(t.Context(), other); keep.KindOf(err) != keep.Nothing {
		t.Errorf("another hub's: error is %v", err)
	}
	for range 2 {
		if err := ring.Delete(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
	if _, err := ring.Get(t.Context(), name); keep.KindOf(err) != keep.Nothing {
		t.Errorf("after: error is %v", err)
	}
}

func TestEveryKindHasWordsACodeAndANameOfItsOwn(t *testing.T) {
	seen := make(map[string]bool)
	for _, k := range keep.Kinds() {
		e := &keep.Error{Kind: k}
		if e.Sentence() == "" || e.Advice() == "" || e.Code() == "" || k.String() == "" || seen[e.Code()] || seen[k.String()] {
			t.Errorf("kind %d says %q, %q, %q, %q", k, e.Sentence(), e.Advice(), e.Code(), k)
		}
		seen[e.Code()], seen[k.String()] = true, true
	}
}

func TestTheKeyringsErrorsAreTold(t *testing.T) {
	for err, want := range map[error]keep.Kind{
		keyring.ErrNotFound:            keep.Nothing,
		keyring.ErrSetDataTooBig:       keep.TooBig,
		keyring.ErrUnsupportedPlatform: keep.Absent,
		errors.New("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'"):    keep.Locked,
		errors.New(`exec: "dbus-launch": executable file not found in $PATH`):                           keep.Absent,
		&net.OpError{Op: "write", Net: "unix", Err: os.NewSyscallError("write", syscall.EPIPE)}:         keep.Absent,
		&net.OpError{Op: "read", Net: "unix", Err: os.NewSyscallError("read", syscall.ECONNRESET)}:      keep.Absent,
		&net.OpError{Op: "write", Net: "unix", Err: net.ErrClosed}:                                      keep.Absent,
		&net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}: keep.Absent,
		&net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect", syscall.ENOENT)}:       keep.Absent,
		io.EOF:                       keep.Absent,
		errors.New("something else"): keep.Failed,
	} {
		ring, memory := keeptest.Ring()
		memory.Fail(err)
		if _, got := ring.Get(t.Context(), "x"); keep.KindOf(got) != want || !errors.Is(got, err) {
			t.Errorf("%v became %v", err, got)
		}
	}
	ring, memory := keeptest.Ring()
	if err := memory.Set(keep.Service, "x", "rubbish"); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Get(t.Context(), "x"); keep.KindOf(err) != keep.Damaged {
		t.Errorf("rubbish became %v", err)
	}
}

// stuck is a keyring that waits for its owner.
type stuck struct{ keep.Backend }

func (stuck) Get(string, string) (string, error) { select {} }

func TestAKeyringThatWaitsForItsOwnerDoesNotHoldUpACommand(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := keep.Over(stuck{}, "").Get(ctx, "x"); keep.KindOf(err) != keep.Locked {
		t.Errorf("error is %v", err)
	}
}

func TestWithoutASessionBusThereIsNoKeyringAndNoneIsStarted(t *testing.T) {
	if _, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid())); err == nil {
		t.Skip("this user has a session bus, which is found without the environment: run it as another user")
	}
	for _, env := range [][]string{nil, {"DBUS_SESSION_BUS_ADDRESS="}, {"DBUS_SESSION_BUS_ADDRESS=autolaunch:"}} {
		_, err := keep.OS(env).Get(t.Context(), "x")
		if keep.KindOf(err) != keep.Absent || !strings.HasPrefix(err.Error(), "There is no keyring on this computer") {
			t.Errorf("%v: error is %v", env, err)
		}
	}
}
