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

// testConfig returns a Config with a temporary folder. Its path is short, because the path of a socket is limited.
func testConfig(t *testing.T) Config {
	t.Helper()
	dir, err := os.MkdirTemp("", "show")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return Config{Folders: []string{filepath.Join(dir, "wardlight")}, Timeout: long}
}

// screens starts screens that always give the same reply. It returns the numbers that they receive.
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
		t.Errorf("Show error = %v, want kind %v", err, want)
	}
}

func TestShow(t *testing.T) {
	c := testConfig(t)
	handed := screens(t, c, nil)
	if err := Show(t.Context(), c, tess); err != nil {
		t.Fatal(err)
	}
	if len(*handed) != 1 || (*handed)[0] != tess {
		t.Errorf("received numbers = %v, want %s", *handed, tess)
	}
	folder, err := os.Lstat(c.Folders[0])
	if err != nil || folder.Mode() != os.ModeDir|0o700 {
		t.Errorf("mode of the folder = %v, %v, want 0700", folder.Mode(), err)
	}
	all := sockets(c.Folders[0])
	if len(all) != 1 {
		t.Fatalf("got %d sockets, want 1", len(all))
	}
	if socket, err := os.Lstat(all[0]); err != nil || socket.Mode() != os.ModeSocket|0o600 {
		t.Errorf("mode of the socket = %v, %v, want 0600", socket.Mode(), err)
	}
}

func TestShow_NoSession(t *testing.T) {
	c := testConfig(t)
	wants(t, c, NoSession)
	l, err := Listen(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	wants(t, c, NoSession)
	if left, err := os.ReadDir(c.Folders[0]); err != nil || len(left) > 0 {
		t.Errorf("files after Close = %v, %v, want none", left, err)
	}
}

// killed creates a socket like that of a program that was killed, and returns its path.
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
	c := testConfig(t)
	path := killed(t, c)
	wants(t, c, NoSession)
	handed := screens(t, c, nil)
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Stat of the stale socket after Listen = %v, want it removed", err)
	}
	killed(t, c) // after Listen
	if err := Show(t.Context(), c, tess); err != nil || len(*handed) != 1 {
		t.Errorf("Show with a stale socket = %v, received %v, want one number", err, *handed)
	}
}

// Several computers may share a home folder. A socket refuses connections on every computer but its own.
func TestListen_TheSocketOfAnotherComputerStays(t *testing.T) {
	c := testConfig(t)
	theirs := filepath.Join(c.Folders[0], namePrefix+"00000000-theirs"+nameSuffix)
	if err := os.Rename(killed(t, c), theirs); err != nil {
		t.Fatal(err)
	}
	screens(t, c, nil)
	if _, err := os.Lstat(theirs); err != nil {
		t.Errorf("the other computer's socket was removed: %v", err)
	}
	if all := sockets(c.Folders[0]); len(all) != 1 || all[0] == theirs {
		t.Errorf("sockets = %v, want only this computer's", all)
	}
}

func TestShow_OfSeveralScreensThoseThatWereStartedLastAndHaveSomebodySignedIn(t *testing.T) {
	c := testConfig(t)
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
		t.Errorf("requests to locked screens %v, second %v, first %v, want 1, 1 and 0", *locked, *second, *first)
	}

	busy := start(&Error{Kind: Typed})
	wants(t, c, Typed)
	if len(*busy) != 1 || len(*second) != 1 {
		t.Errorf("requests to busy screens %v, second %v, want 1 and still 1", *busy, *second)
	}
}

func TestShow_Locked(t *testing.T) {
	c := testConfig(t)
	screens(t, c, &Error{Kind: NotSignedIn})
	wants(t, c, NotSignedIn)
}

func TestShow_AFolderOpenToOthers(t *testing.T) {
	c := testConfig(t)
	handed := screens(t, c, nil)
	if err := os.Chmod(c.Folders[0], 0o770); err != nil {
		t.Fatal(err)
	}
	wants(t, c, Open)
	if len(*handed) > 0 {
		t.Errorf("received numbers = %v, want none", *handed)
	}
	if l, err := Listen(t.Context(), c); !errors.Is(err, &Error{Kind: Open}) {
		t.Errorf("Listen = %v, %v, want kind Open", l, err)
	}
}

func TestShow_ALinkIsNotFollowed(t *testing.T) {
	real, c := testConfig(t), testConfig(t)
	handed := screens(t, real, nil)
	if err := os.Symlink(real.Folders[0], c.Folders[0]); err != nil {
		t.Fatal(err)
	}

	wants(t, c, OtherUser)
	if l, err := Listen(t.Context(), c); !errors.Is(err, &Error{Kind: OtherUser}) {
		t.Errorf("Listen = %v, %v, want kind OtherUser", l, err)
	}

	c = testConfig(t)
	if err := makeFolder(c.Folders[0]); err != nil {
		t.Fatal(err)
	}

	link := filepath.Join(c.Folders[0], prefix()+"link"+nameSuffix)
	if err := os.Symlink(sockets(real.Folders[0])[0], link); err != nil {
		t.Fatal(err)
	}

	wants(t, c, NoSession)
	if len(*handed) > 0 {
		t.Errorf("received numbers = %v, want none", *handed)
	}

	own := screens(t, c, nil)
	if err := Show(t.Context(), c, tess); err != nil || len(*own) != 1 {
		t.Errorf("Show with a symbolic link in the folder = %v, received %v, want one number", err, *own)
	}

	if _, err := os.Lstat(link); err != nil {
		t.Errorf("a file that is not a socket was removed: %v", err)
	}
}

func TestListen_TheNextFolderWhereTheFirstCannotBeUsed(t *testing.T) {
	closed, c := testConfig(t), testConfig(t)
	if err := makeFolder(closed.Folders[0]); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(closed.Folders[0], 0o755); err != nil {
		t.Fatal(err)
	}
	c.Folders = []string{closed.Folders[0], c.Folders[0]}
	handed := screens(t, c, nil)
	if err := Show(t.Context(), c, tess); err != nil || len(*handed) != 1 {
		t.Errorf("Show = %v, received %v, want one number", err, *handed)
	}
	c.Folders = []string{filepath.Join(c.Folders[1], "a name that is too long for the path of a socket, which has "+
		"room for one hundred letters and a few")}
	if _, err := Listen(t.Context(), c); !errors.Is(err, &Error{Kind: NoFolder}) {
		t.Errorf("Listen with a path that is too long: error = %v, want kind NoFolder", err)
	}
}

func TestListen_ManyConnectionsThatSayNothing(t *testing.T) {
	c := testConfig(t)
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
		t.Errorf("Show while other connections are open = %v, received %v, want one number", err, *handed)
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
			t.Errorf("%s: Folders = %s, want %s", name, got[1:], c.want)
		}
	}
}
