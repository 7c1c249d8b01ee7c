package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/cli"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/control"
)

// call runs one command and returns its exit code and output.
func call(t testing.TB, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, environment{
		out: &stdout, err: &stderr, now: time.Now, getenv: func(string) string {
			return ""
		}, terminal: func() bool { return false },
	})
	return code, stdout.String(), stderr.String()
}

func TestCardsListsEveryCardWithThePasscode(t *testing.T) {
	code, out, _ := call(t, "cards")
	if code != 0 || !strings.Contains(out, cards.Passcode) {
		t.Fatalf("cards: exit code %d, want 0 and the passcode:\n%s", code, out)
	}
	for _, name := range cards.Names() {
		if !strings.Contains(out, "\n"+name+" ") {
			t.Errorf("cards: no row for %s:\n%s", name, out)
		}
	}
}

func TestPeopleListsNumbersAndNothingThatATerminalWouldObey(t *testing.T) {
	for _, args := range [][]string{{"people"}, {"people", "--json"}} {
		code, out, _ := call(t, args...)
		if code != 0 || !strings.Contains(strings.ReplaceAll(out, " ", ""), "9990000018") {
			t.Fatalf("%v: exit code %d, want 0 and the number 9990000018:\n%s", args, code, out)
		}
		for _, r := range out {
			if r == '\x1b' || r == '\u009b' || r == '\u202e' || r == '\u200b' {
				t.Errorf("%v: output contains the control character %U", args, r)
			}
		}
	}
}

func TestCardsAsJSONCanBeRead(t *testing.T) {
	_, out, _ := call(t, "cards", "--json")
	var rows []cardRow
	if err := json.Unmarshal([]byte(out), &rows); err != nil || len(rows) != len(cards.All()) {
		t.Errorf("cards --json: got %d rows, error %v, want %d", len(rows), err, len(cards.All()))
	}
}

func TestMistakesOnTheCommandLineAreNamed(t *testing.T) {
	none := filepath.Join(t.TempDir(), "s")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"dmeo"}, cli.ExitUsage, `no command "wardlight-lab dmeo"`},
		{[]string{"demo", "isnert", "nurse"}, cli.ExitUsage, `no command "wardlight-lab demo isnert"`},
		{[]string{"demo", "insert"}, cli.ExitUsage, "insert CARD"},
		{[]string{"demo", "--poeple", "3"}, cli.ExitUsage, "--poeple"},
		{[]string{"demo", "--people", "-3"}, cli.ExitUsage, "--people must be a number from 0"},
		{[]string{"demo", "--reader", "usb"}, cli.ExitUsage, "virtual or pcsc"},
		{[]string{"demo", "--json"}, cli.ExitUsage, "--no-tui"},
		{[]string{"demo", "--people", "0", "--socket", none}, cli.ExitFailed, "needs a terminal"},
		{
			[]string{"demo", "--card", "porter", "--no-tui", "--people", "0", "--socket", none},
			cli.ExitFailed,
			"the cards are nurse, clerk",
		},
		{[]string{"demo", "insert", "porter", "--socket", none}, cli.ExitFailed, "the cards are nurse, clerk"},
		{[]string{"demo", "insert", "nurse", "--socket", none}, cli.ExitFailed, "no demo is running"},
		{[]string{"demo", "eject", "--socket", none}, cli.ExitFailed, "no demo is running"},
		{[]string{"demo", "status", "--socket", none}, cli.ExitFailed, "no demo is running"},
	} {
		code, out, errs := call(t, c.args...)
		if code != c.code || !strings.Contains(errs, c.says) || out != "" {
			t.Errorf("%q: exit code %d, output %q, error output %q; want exit code %d and %q",
				c.args, code, out, errs, c.code, c.says)
		}
	}
}

// startDemo starts a demo without screens. end stops it and returns the exit code.
func startDemo(t *testing.T, args ...string) (socket string, status control.Status, end func() int) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "s")
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	var stderr bytes.Buffer
	done := make(chan int, 1)
	go func() {
		args = append([]string{"demo", "--no-tui", "--json", "--people", "20", "--socket", socket}, args...)
		code := run(ctx, args, environment{
			out: w, err: &stderr, getenv: os.Getenv, now: time.Now, terminal: func() bool { return false },
		})
		w.Close()
		done <- code
	}()

	if err := json.NewDecoder(r).Decode(&status); err != nil {
		cancel()
		<-done
		t.Fatalf("reading the demo's status: %v: %s", err, &stderr)
	}

	go io.Copy(io.Discard, r) //nolint:errcheck // ends when the demo does
	ended := false
	end = func() int {
		ended = true
		cancel()
		return <-done
	}

	t.Cleanup(func() {
		if !ended {
			end()
		}
	})

	return socket, status, end
}

func TestTheCardOfARunningDemoIsChangedFromElsewhere(t *testing.T) {
	socket, status, _ := startDemo(t)
	if status.Card != "nurse" || !status.HubRuns || status.People != 30 {
		t.Errorf("status at the start: got %+v, want the nurse's card, a running hub and 30 people", status)
	}

	if code, out, errs := call(t, "demo", "insert", "clerk", "--socket", socket); code != 0 ||
		out != "clerk is in, 3 tries left; the passcode is 246813.\n" {
		t.Errorf("demo insert clerk: exit code %d, want 0: %s%s", code, out, errs)
	}

	if code, out, _ := call(t, "demo", "status", "--socket", socket); code != 0 ||
		!strings.Contains(out, "clerk, 3 tries left") {
		t.Errorf("demo status: exit code %d, want 0 and the clerk's card: %s", code, out)
	}

	if code, out, _ := call(t, "demo", "eject", "--socket", socket); code != 0 || out != "The reader is empty.\n" {
		t.Errorf("demo eject: exit code %d, want 0 and an empty reader: %s", code, out)
	}

	if code, out, _ := call(t, "demo", "status", "--json", "--socket", socket); code != 0 ||
		!strings.Contains(out, `"card": ""`) {
		t.Errorf("demo status --json: exit code %d, want 0 and no card: %s", code, out)
	}

	if code, _, errs := call(t, "demo", "--no-tui", "--people", "0", "--socket", socket); code != cli.ExitFailed ||
		!strings.Contains(errs, "running already") {
		t.Errorf("second demo: exit code %d, want %d and the reason: %s", code, cli.ExitFailed, errs)
	}
}

func TestNothingStaysWhenADemoEnds(t *testing.T) {
	socket, status, end := startDemo(t)
	if _, err := os.Stat(status.Config); err != nil {
		t.Fatal(err)
	}
	if code := end(); code != 0 {
		t.Errorf("exit code of the demo: got %d, want 0", code)
	}
	for _, path := range []string{status.Folder, socket} {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s still exists after the demo: %v", path, err)
		}
	}
}

func TestKeepLeavesTheFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "kept")
	_, status, end := startDemo(t, "--keep", "--folder", folder)
	if status.Folder != folder {
		t.Errorf("folder of the demo: got %s, want %s", status.Folder, folder)
	}
	end()
	if _, err := os.Stat(status.Log); err != nil {
		t.Error(err)
	}
}

func TestVersionIsNotEmpty(t *testing.T) {
	for _, arg := range []string{"version", "--version"} {
		if code, out, _ := call(t, arg); code != 0 || strings.TrimSpace(out) == "" {
			t.Errorf("%s: exit code %d, output %q, want 0 and the version", arg, code, out)
		}
	}
}

func TestWithoutASmartcardServiceTheDemoSaysWhatToInstall(t *testing.T) {
	t.Setenv("PCSCLITE_CSOCK_NAME", filepath.Join(t.TempDir(), "nobody"))
	code, out, errs := call(t, "demo", "--no-tui", "--people", "0", "--reader", "pcsc", "--vpcd", "127.0.0.1:1",
		"--socket", filepath.Join(t.TempDir(), "s"))
	if code != cli.ExitFailed || out != "" || !strings.Contains(errs, "127.0.0.1:1") ||
		!strings.Contains(errs, "apt install pcscd vsmartcard-vpcd") {
		t.Errorf("demo without a smartcard service: exit code %d, want %d and advice: %s%s",
			code, cli.ExitFailed, out, errs)
	}
}
