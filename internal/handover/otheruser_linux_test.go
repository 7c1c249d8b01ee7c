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

// nobody is the user id of somebody else.
const nobody = 65534

// asNobody calls do in a thread that is another user's, which ends with it. The kernel keeps the user ids of each
// thread, and tells the other end of a socket those of the thread that connected or listened.
func asNobody(t *testing.T, do func() error) {
	t.Helper()
	if os.Geteuid() != 0 {
		need.Absent(t, "root, to be another user")
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
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
	c := place(t)
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
		_, _ = io.WriteString(f, "wardlight-show/1 9990000018\n") // refused: it may be closed before or after
		heard, _ = io.ReadAll(f)
		return nil
	})
	if len(heard) > 0 || len(*handed) > 0 {
		t.Errorf("another user hears %q, and the screens %v", heard, *handed)
	}
	if err := os.Chmod(c.Folders[0], 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Show(t.Context(), c, tess); err != nil || len(*handed) != 1 {
		t.Errorf("the user's own command: %v, handed over %v", err, *handed)
	}
}

func TestShow_AnotherUserWhoListensAtTheUsersSocket(t *testing.T) {
	c := place(t)
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
	c := place(t)
	handed := screens(t, c, nil)
	if os.Geteuid() != 0 {
		need.Absent(t, "root, to give a folder to another user")
	}
	if err := os.Chown(c.Folders[0], nobody, nobody); err != nil {
		t.Fatal(err)
	}
	wants(t, c, OtherUser)
	if _, err := Listen(t.Context(), c); !errors.Is(err, &Error{Kind: OtherUser}) {
		t.Errorf("listening there: %v", err)
	}
	if len(*handed) > 0 {
		t.Errorf("handed over %v", *handed)
	}
}

func TestSockets_AnotherUsersSocket(t *testing.T) {
	c := place(t)
	path := killed(t, c)
	if os.Geteuid() != 0 {
		need.Absent(t, "root, to give a socket to another user")
	}
	if err := os.Chown(path, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	screens(t, c, nil)
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("it was removed: %v", err)
	}
	if all := sockets(c.Folders[0]); len(all) != 1 {
		t.Errorf("sockets that are asked: %v", all)
	}
}
