//go:build linux || darwin

package handover

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"wardlight/internal/nhs"
)

// place returns a folder in which the screens and the command meet. Its path is short: that of a socket is bounded.
func place(t *testing.T) Config {
	t.Helper()
	dir, err := os.MkdirTemp("", "show")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return Config{Folders: []string{filepath.Join(dir, "wardlight")}, Timeout: long}
}

// screens are some that reply always the same; they return what was handed over to them.
func screens(t *testing.T, c Config, reply *Error) *[]nhs.Number {
	t.Helper()
	l, err := Listen(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var handed []nhs.Number
	done := make(chan struct{})
	end := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case r := <-l.Requests():
				handed = append(handed, r.Number)
				r.Reply(reply)
			case <-end:
				return
			}
		}
	}()
	t.Cleanup(func() { l.Close(); close(end); <-done })
	return &handed
}

func wants(t *testing.T, c Config, want Kind) {
	t.Helper()
	if err := Show(t.Context(), c, tess); !errors.Is(err, &Error{Kind: want}) {
		t.Errorf("showing: %v, want %v", err, want)
	}
}

func TestShow(t *testing.T) {
	c := place(t)
	handed := screens(t, c, nil)
	if err := Show(t.Context(), c, tess); err != nil {
		t.Fatal(err)
	}
	if len(*handed) != 1 || (*handed)[0] != tess {
		t.Errorf("handed over %v", *handed)
	}
	folder, err := os.Lstat(c.Folders[0])
	if err != nil || folder.Mode() != os.ModeDir|0o700 {
		t.Errorf("the folder has mode %v, error %v", folder.Mode(), err)
	}
	all := sockets(c.Folders[0])
	if len(all) != 1 {
		t.Fatalf("there are %d sockets", len(all))
	}
	if socket, err := os.Lstat(all[0]); err != nil || socket.Mode() != os.ModeSocket|0o600 {
		t.Errorf("the socket has mode %v, error %v", socket.Mode(), err)
	}
}

func TestShow_NoSession(t *testing.T) {
	c := place(t)
	wants(t, c, NoSession)
	l, err := Listen(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	wants(t, c, NoSession)
	if left, err := os.ReadDir(c.Folders[0]); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, error %v", left, err)
	}
}

// killed leaves behind the socket of a program that was killed.
func killed(t *testing.T, c Config) (path string) {
	t.Helper()
	if err := makeFolder(c.Folders[0]); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(c.Folders[0], prefix()+"killed"+nameSuffix)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	return path
}

func TestShow_TheSocketOfAKilledProgram(t *testing.T) {
	c := place(t)
	path := killed(t, c)
	wants(t, c, NoSession)
	handed := screens(t, c, nil)
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the next program leaves it there: %v", err)
	}
	killed(t, c) // after that program was started
	if err := Show(t.Context(), c, tess); err != nil || len(*handed) != 1 {
		t.Errorf("beside it: %v, handed over %v", err, *handed)
	}
}

// A home folder may be that of several computers. A socket refuses connections on all of them but its own.
func TestListen_TheSocketOfAnotherComputerStays(t *testing.T) {
	c := place(t)
	theirs := filepath.Join(c.Folders[0], namePrefix+"00000000-theirs"+nameSuffix)
	if err := os.Rename(killed(t, c), theirs); err != nil {
		t.Fatal(err)
	}
	screens(t, c, nil)
	if _, err := os.Lstat(theirs); err != nil {
		t.Errorf("it was removed: %v", err)
	}
	if all := sockets(c.Folders[0]); len(all) != 1 || all[0] == theirs {
		t.Errorf("sockets that are asked: %v", all)
	}
}

func TestShow_OfSeveralScreensThoseThatWereStartedLastAndHaveSomebodySignedIn(t *testing.T) {
	c := place(t)
	started := make(map[string]bool)
	at := time.Date(2026, time.November, 22, 14, 0, 0, 0, time.UTC)
	start := func(reply *Error) *[]nhs.Number {
		handed := screens(t, c, reply)
		for _, path := range sockets(c.Folders[0]) {
			if started[path] {
				continue
			}
			started[path], at = true, at.Add(time.Minute)
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
		}
		return handed
	}
	first, second, locked := start(nil), start(nil), start(&Error{Kind: NotSignedIn})
	if err := Show(t.Context(), c, tess); err != nil {
		t.Fatal(err)
	}
	if len(*locked) != 1 || len(*second) != 1 || len(*first) != 0 {
		t.Errorf("asked: locked %v, second %v, first %v", *locked, *second, *first)
	}
	busy := start(&Error{Kind: Typed})
	wants(t, c, Typed)
	if len(*busy) != 1 || len(*second) != 1 {
		t.Errorf("busy screens handed the patient on to others: %v, %v", *busy, *second)
	}
}

func TestShow_Locked(t *testing.T) {
	c := place(t)
	screens(t, c, &Error{Kind: NotSignedIn})
	wants(t, c, NotSignedIn)
}

func TestShow_AFolderOpenToOthers(t *testing.T) {
	c := place(t)
	handed := screens(t, c, nil)
	if err := os.Chmod(c.Folders[0], 0o770); err != nil {
		t.Fatal(err)
	}
	wants(t, c, Open)
	if len(*handed) > 0 {
		t.Errorf("handed over %v", *handed)
	}
	if l, err := Listen(t.Context(), c); !errors.Is(err, &Error{Kind: Open}) {
		t.Errorf("listening there: %v, %v", l, err)
	}
}

func TestShow_ALinkIsNotFollowed(t *testing.T) {
	real, c := place(t), place(t)
	handed := screens(t, real, nil)
	if err := os.Symlink(real.Folders[0], c.Folders[0]); err != nil {
		t.Fatal(err)
	}
	wants(t, c, OtherUser)
	if l, err := Listen(t.Context(), c); !errors.Is(err, &Error{Kind: OtherUser}) {
		t.Errorf("listening there: %v, %v", l, err)
	}
	c = place(t)
	if err := makeFolder(c.Folders[0]); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(c.Folders[0], prefix()+"link"+nameSuffix)
	if err := os.Symlink(sockets(real.Folders[0])[0], link); err != nil {
		t.Fatal(err)
	}
	wants(t, c, NoSession)
	if len(*handed) > 0 {
		t.Errorf("handed over %v", *handed)
	}
	own := screens(t, c, nil)
	if err := Show(t.Context(), c, tess); err != nil || len(*own) != 1 {
		t.Errorf("beside the link: %v, handed over %v", err, *own)
	}
	if _, err := os.Lstat(link); err != nil {
		t.Errorf("a file that is not a socket was removed: %v", err)
	}
}

func TestListen_TheNextFolderWhereTheFirstCannotBeUsed(t *testing.T) {
	closed, c := place(t), place(t)
	if err := makeFolder(closed.Folders[0]); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(closed.Folders[0], 0o755); err != nil {
		t.Fatal(err)
	}
	c.Folders = []string{closed.Folders[0], c.Folders[0]}
	handed := screens(t, c, nil)
	if err := Show(t.Context(), c, tess); err != nil || len(*handed) != 1 {
		t.Errorf("%v, handed over %v", err, *handed)
	}
	c.Folders = []string{filepath.Join(c.Folders[1], "a name that is too long for the path of a socket, which has room for one hundred letters and a few")}
	if _, err := Listen(t.Context(), c); !errors.Is(err, &Error{Kind: NoFolder}) {
		t.Errorf("a path that is too long: %v", err)
	}
}

func TestListen_ManyConnectionsThatSayNothing(t *testing.T) {
	c := place(t)
	c.Timeout = brief
	handed := screens(t, c, nil)
	at := sockets(c.Folders[0])[0]
	for range 10 * maxOpen {
		idle, err := net.Dial("unix", at)
		if err != nil {
			t.Fatal(err)
		}
		defer idle.Close()
		if _, err := io.WriteString(idle, "wardlight-show/1 99"); err != nil {
			t.Fatal(err)
		}
	}
	if err := Show(t.Context(), Config{Folders: c.Folders, Timeout: long}, tess); err != nil || len(*handed) != 1 {
		t.Errorf("behind them: %v, handed over %v", err, *handed)
	}
}

func TestFolders(t *testing.T) {
	for name, c := range map[string]struct {
		environ []string
		want    string
	}{
		"both":        {[]string{"A=b", "XDG_RUNTIME_DIR=/run/user/1000"}, "/run/user/1000/wardlight:/state/show"},
		"not set":     {nil, "/state/show"},
		"set to none": {[]string{"XDG_RUNTIME_DIR="}, "/state/show"},
		"relative":    {[]string{"XDG_RUNTIME_DIR=run"}, "/state/show"},
	} {
		got := ""
		for _, folder := range Folders(c.environ, "/state") {
			got += ":" + folder
		}
		if got != ":"+c.want {
			t.Errorf("%s: %s, want %s", name, got[1:], c.want)
		}
	}
}
