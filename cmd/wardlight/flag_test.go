//go:build !windows

package main

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/lab/record"
	"wardlight/internal/nhs"
	"wardlight/internal/recordsystem"
	"wardlight/internal/secretstore"
	"wardlight/tui"
)

const recordToken = "a.token-for_the~record/system=="

// recordSystem adds a record system that accepts recordToken.
func (b *fixture) recordSystem(t *testing.T) *record.System {
	t.Helper()
	r := record.New(recordToken)
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	b.world.environ = append(b.world.environ, "WARDLIGHT_RECORD_URL="+server.URL+"/fhir",
		"WARDLIGHT_RECORD_NAME=Example records")
	return r
}

// setInput sets the text that is read from descriptor 0. The passcode stays on its own descriptor.
func (b *fixture) setInput(text string) {
	before := b.world.file
	b.world.file = func(fd int) io.ReadCloser {
		if fd == 0 {
			return io.NopCloser(strings.NewReader(text))
		}
		return before(fd)
	}
}

// onScreens calls use with the tui.Flags that the screens receive.
func (b *fixture) onScreens(t *testing.T, use func(tui.Flags)) {
	t.Helper()
	b.world.show = func(_ context.Context, cfg tui.Config) error { use(cfg.Flags); return nil }
	b.run(t, exitDone)
}

// leavePendingFlag sets a flag while the record system is down, which leaves it pending.
func (b *fixture) leavePendingFlag(t *testing.T, r *record.System) {
	t.Helper()
	r.Fail(record.Down)
	b.onScreens(t, func(f tui.Flags) {
		flag := recordsystem.Flag{
			Number: nhs.Number("9990000018"), AsOf: b.world.clock(),
			Author: recordsystem.Author{UUID: "999000000111"},
		}
		if a := f.Set(t.Context(), flag); a.Err == nil || a.StoredIn != recordsystem.OnDisk {
			t.Errorf("Set with the record system down = %+v, want an error and the flag saved on disk", a)
		}
	})
}

func TestAFlagThatFailedOnTheScreensIsWrittenByALaterCommand(t *testing.T) {
	b := setUp(t)
	r := b.recordSystem(t)
	b.setInput(recordToken + "\r\n")
	b.run(t, exitDone, "flag", "token", "--token-fd", "0")
	b.leavePendingFlag(t, r)

	d := b.json(t, exitDone, "flag", "pending")
	if at(t, d, "schema") != "wardlight.flag_pending/1" || at(t, d, "flags.0.code") != "R16-503" {
		t.Errorf("flag pending: got %v, want the code R16-503", d)
	}

	if out := b.out.String(); strings.Contains(out, "999000") {
		t.Errorf("flag pending without a sign-in shows the NHS number:\n%s", out)
	}

	if d := b.json(t, exitDone, "flag", "pending", "--who"); at(t, d, "flags.0.nhs_number") != "9990000018" {
		t.Errorf("flag pending --who: got %v, want the NHS number 9990000018", d)
	}

	if d := b.json(t, exitDone, "flag", "status"); at(t, d, "token") != true || at(t, d, "waiting") != 1.0 ||
		at(t, d, "name") != "Example records" {
		t.Errorf("flag status: got %v, want a token, 1 pending flag and the name of the record system", d)
	}

	r.Fail(record.CutAfter)
	b.json(t, exitRecord, "flag", "retry")
	if out := b.run(t, exitDone, "flag", "retry"); out != "All flags are written.\n" {
		t.Errorf("flag retry: got %q, want all flags written", out)
	}

	if n := len(r.Flags()); n != 1 {
		t.Errorf("flags received: got %d, want 1", n)
	}
}

func TestTheTokenIsStoredInTheKeyringAndNeverShown(t *testing.T) {
	b := setUp(t)
	b.recordSystem(t)
	if out := b.run(t, exitDone, "flag", "status"); !strings.Contains(out,
		"none; store one with 'wardlight flag token'") {
		t.Errorf("flag status without a token: got\n%s", out)
	}
	b.setInput(recordToken)
	said := b.run(t, exitDone, "flag", "token", "--token-fd", "0") + b.run(t, exitDone, "flag", "status")
	if !strings.Contains(said, "Token                stored in a keyring in memory") ||
		strings.Contains(said, recordToken) {
		t.Errorf("flag token and flag status: want the token's place and not the token in\n%s", said)
	}
	if b.memory.Len() != 1 {
		t.Errorf("secrets in the keyring: got %d, want 1", b.memory.Len())
	}
	b.run(t, exitDone, "flag", "token", "--remove")
	if b.memory.Len() != 0 {
		t.Errorf("secrets in the keyring after --remove: got %d, want 0", b.memory.Len())
	}
}

func TestATokenThatIsNoneIsRefused(t *testing.T) {
	for name, given := range map[string]string{
		"empty": "\n", "with blanks": "two words\n",
		"far too long": strings.Repeat("x", 17<<10),
	} {
		b := setUp(t)
		b.recordSystem(t)
		b.setInput(given)
		b.run(t, exitUsage, "flag", "token", "--token-fd", "0")
		if b.memory.Len() != 0 {
			t.Errorf("token %s: stored, want it rejected", name)
		}
	}
	b := setUp(t)
	b.recordSystem(t)
	b.run(t, exitUsage, "flag", "token", "--token-fd", "1")
	checkContains(t, b.err.String(), "--token-fd 1 is where messages go")
}

func TestWithoutARecordSystemTheScreensFlagNothing(t *testing.T) {
	b := setUp(t)
	b.onScreens(t, func(f tui.Flags) {
		if f != nil {
			t.Error("the screens received flags without a record system, want nil")
		}
	})
	b.run(t, exitUsage, "flag", "status")
	b.world.environ = append(b.world.environ, "WARDLIGHT_RECORD_URL=http://records.example/fhir")
	b.run(t, exitUsage, "flag", "status")
	if !strings.Contains(b.err.String(), "record.url: the record system's address") {
		t.Errorf("record.url with http: got %q, want an error about record.url", b.err.String())
	}
}

func TestAFlagIsForgottenByItsID(t *testing.T) {
	b := setUp(t)
	r := b.recordSystem(t)
	b.setInput(recordToken)
	b.run(t, exitDone, "flag", "token", "--token-fd", "0")
	b.leavePendingFlag(t, r)
	id := at(t, b.json(t, exitDone, "flag", "pending"), "flags.0.id").(string)
	b.run(t, exitUsage, "flag", "forget")
	b.run(t, exitUsage, "flag", "forget", "another")
	b.run(t, exitDone, "flag", "forget", id)
	b.run(t, exitDone, "flag", "retry")
	if n := len(r.Flags()); n != 0 {
		t.Errorf("flags received: got %d, want 0", n)
	}
}

func TestAnUnreadableFileOfFlagsIsToldAndSetAside(t *testing.T) {
	b := setUp(t)
	r := b.recordSystem(t)
	b.setInput(recordToken)
	b.run(t, exitDone, "flag", "token", "--token-fd", "0")
	b.leavePendingFlag(t, r)
	if err := b.memory.Delete(secretstore.Service, "sealed-files-key"); err != nil {
		t.Fatal(err)
	}
	if d := b.json(t, exitFailed, "flag", "retry"); at(t, d, "error.code") != "F20" {
		t.Errorf("flag retry without the key: got %v, want the code F20", d)
	}
	b.run(t, exitDone, "flag", "forget", "--unreadable")
	if _, err := os.Stat(filepath.Join(b.world.sealedFolder, "flags.unreadable-1")); err != nil {
		t.Error(err)
	}
	b.run(t, exitDone, "flag", "retry")
}

func TestATokenIsTypedWithoutATrace(t *testing.T) {
	ty := atTerminal(t)
	type line struct {
		token []byte
		err   error
	}

	done := make(chan line, 1)
	types := func(keys string) {
		go func() {
			token, err := ty.app.askToken(t.Context(), -1, "Example records")
			done <- line{token, err}
		}()
		ty.waitUntil(t, "Token for Example records: ")
		if _, err := io.WriteString(ty.hand, keys); err != nil {
			t.Fatal(err)
		}
	}

	types("wrong\x15abd\x7fc.~1\r")
	if after := ty.waitUntil(t, "\n"); strings.Trim(after, "\r\n") != "" {
		t.Errorf("the terminal echoed %q", after)
	}

	if got := <-done; got.err != nil || string(got.token) != "abc.~1" {
		t.Errorf("token: got %q, %v, want \"abc.~1\"", got.token, got.err)
	}

	ty = atTerminal(t)
	types("abc\x03")
	if got := <-done; !errors.Is(got.err, errInterrupted) || len(got.token) != 0 {
		t.Errorf("token after Ctrl-C: got %q, %v, want %v", got.token, got.err, errInterrupted)
	}
}
