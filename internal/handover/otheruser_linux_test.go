package handover

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"wardlight/internal/need"
)

// nobody is the ID of another user.
const nobody = 65534

// asNobody calls do in a thread of another user. The kernel stores user IDs for each thread, and reports to the peer
// of a socket those of the thread that connected or listened.
func asNobody(t *testing.T, do func() error) {
	t.Helper()
	if os.Geteuid() != 0 {
		need.Absent(t, "root, to be another user")
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked, so that the thread ends with the goroutine
		if _, _, failed := unix.RawSyscall(unix.SYS_SETRESUID, nobody, nobody, nobody); failed != 0 {
			done <- failed
			return
		}
		done <- do()
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestListen_AnotherUserWhoCanReachTheSocket(t *testing.T) {
	c := testConfig(t)
	handed := screens(t, c, nil)
	at := sockets(c.Folders[0])[0]
	for path, mode := range map[string]os.FileMode{filepath.Dir(c.Folders[0]): 0o755, c.Folders[0]: 0o755, at: 0o666} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}

	var heard []byte
	asNobody(t, func() error {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return err
		}
		f := os.NewFile(uintptr(fd), at)
		defer f.Close()
		if err := unix.Connect(fd, &unix.SockaddrUnix{Name: at}); err != nil {
			return err
		}
		_, _ = io.WriteString(f, "wardlight-show/1 9990000018\n") // may fail: the peer closes the connection
		heard, _ = io.ReadAll(f)
		return nil
	})

	if len(heard) > 0 || len(*handed) > 0 {
		t.Errorf("another user received %q, and the screens %v, want nothing", heard, *handed)
	}

	if err := os.Chmod(c.Folders[0], 0o700); err != nil {
		t.Fatal(err)
	}

	if err := Show(t.Context(), c, tess); err != nil || len(*handed) != 1 {
		t.Errorf("Show of the same user = %v, received %v, want one number", err, *handed)
	}
}

func TestShow_AnotherUserWhoListensAtTheUsersSocket(t *testing.T) {
	c := testConfig(t)
	if err := makeFolder(c.Folders[0]); err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(c.Folders[0], prefix()+"theirs"+nameSuffix)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: at}); err != nil {
		t.Fatal(err)
	}
	asNobody(t, func() error { return unix.Listen(fd, 1) })
	wants(t, c, OtherUser)
}

func TestShow_AnotherUsersFolder(t *testing.T) {
	c := testConfig(t)
	handed := screens(t, c, nil)
	if os.Geteuid() != 0 {
		need.Absent(t, "root, to give a folder to another user")
	}
	if err := os.Chown(c.Folders[0], nobody, nobody); err != nil {
		t.Fatal(err)
	}
	wants(t, c, OtherUser)
	if _, err := Listen(t.Context(), c); !errors.Is(err, &Error{Kind: OtherUser}) {
		t.Errorf("Listen error = %v, want kind OtherUser", err)
	}
	if len(*handed) > 0 {
		t.Errorf("received numbers = %v, want none", *handed)
	}
}

func TestSockets_AnotherUsersSocket(t *testing.T) {
	c := testConfig(t)
	path := killed(t, c)
	if os.Geteuid() != 0 {
		need.Absent(t, "root, to give a socket to another user")
	}
	if err := os.Chown(path, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	screens(t, c, nil)
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the other user's socket was removed: %v", err)
	}
	if all := sockets(c.Folders[0]); len(all) != 1 {
		t.Errorf("sockets = %v, want only this user's", all)
	}
}
