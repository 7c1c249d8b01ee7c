package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/client/hubtest"
	"wardlight/internal/schematest"
)

func TestCardReadersSaysWhatIsInEach(t *testing.T) {
	b := setUp(t)
	checkContains(t, b.run(t, exitDone, "card", "readers"),
		"Virtual Reader   a card, ATR 3B 87 01 80 31 C0 73 C0 21 C0 A5\n")
	checkMembers(t, b.json(t, exitDone, "card", "readers"), map[string]any{
		"schema": "wardlight.readers/1", "readers.0.name": "Virtual Reader", "readers.0.state": "card",
		"readers.0.shared": false,
		"readers.0.atr":    "3B87018031C073C021C0A5", "error": nil,
	})

	b.reader.SetExclusive(true)
	checkMembers(t, b.json(t, exitDone, "card", "readers"), map[string]any{"readers.0.state": "taken"})
	b.reader.SetExclusive(false)
	b.reader.InsertMute()
	checkContains(t, b.run(t, exitDone, "card", "readers"), "Virtual Reader   a card that does not answer\n")
	b.reader.Eject()
	checkContains(t, b.run(t, exitDone, "card", "readers"), "Virtual Reader   no card\n")
	b.reader.Unplug()
	b.run(t, exitCard, "card", "readers")
	checkContains(t, b.err.String(), "wardlight: No smartcard reader found. (C20)")
	checkMembers(t, b.json(t, exitCard, "card", "readers", "--reader", "wall"), map[string]any{
		"schema": "wardlight.readers/1", "error.kind": "no_reader",
		"error.sentence": `No smartcard reader is called "wall".`,
	})
}

// watching starts 'card watch' and returns its output. end interrupts the command and returns its exit code.
func (b *fixture) watching(t *testing.T, args ...string) (lines *bufio.Scanner, end func() int) {
	t.Helper()
	r, w := io.Pipe()
	b.world.out = w
	ctx, interrupt := context.WithCancel(t.Context())
	t.Cleanup(interrupt)
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"card", "watch"}, args...), b.world)
		w.Close()
	}()

	return bufio.NewScanner(r), func() int {
		interrupt()
		go io.Copy(io.Discard, r)
		select {
		case c := <-code:
			return c
		case <-time.After(time.Minute):
			t.Fatal("card watch did not end within a minute after the interrupt")
			return -1
		}
	}
}

func TestCardWatchTellsWhatHappensUntilItIsInterrupted(t *testing.T) {
	b := setUp(t)
	lines, end := b.watching(t)
	next := func(want string) {
		t.Helper()
		if !lines.Scan() || lines.Text() != want {
			t.Errorf("line of card watch: got %q, want %q", lines.Text(), want)
		}
	}

	next("12:00:00  readers: Virtual Reader")
	next("12:00:00  Virtual Reader: card in, ATR 3B 87 01 80 31 C0 73 C0 21 C0 A5")
	b.reader.Eject()
	next("12:00:00  Virtual Reader: card out")
	b.reader.InsertMute()
	next("12:00:00  Virtual Reader: The card is in but does not answer. (C22)")
	b.reader.Unplug()
	next("12:00:00  Virtual Reader: card out")
	next("12:00:00  readers: none")
	b.reader.Fail(&cardreader.Error{Kind: cardreader.ServiceDown, PCSC: 0x8010001D})
	next("12:00:00  The smartcard service on this computer is not running. (C10-8010001D)")
	if code := end(); code != exitDone {
		t.Errorf("exit code of card watch: got %d, want %d", code, exitDone)
	}
}

func TestCardWatchWritesADocumentALine(t *testing.T) {
	b := setUp(t)
	lines, end := b.watching(t, "--json")
	next := func(want map[string]any) {
		t.Helper()
		var d any
		if !lines.Scan() || json.Unmarshal(lines.Bytes(), &d) != nil {
			t.Fatalf("line of card watch --json is not a JSON document: %q", lines.Text())
		}
		schematest.Output(t, lines.Bytes())
		checkMembers(t, d, want)
	}

	next(map[string]any{
		"schema": "wardlight.card-event/1", "event": "readers_changed", "readers.0.state": "card",
		"at": "2026-11-22T12:00:00Z",
	})

	next(map[string]any{
		"event": "card_inserted", "reader": "Virtual Reader", "atr": "3B87018031C073C021C0A5",
		"error": nil, "readers": nil,
	})

	b.reader.Eject()
	next(map[string]any{"event": "card_removed", "reader": "Virtual Reader"})
	b.reader.InsertMute()
	next(map[string]any{"event": "card_unreadable", "error.code": "C22"})
	end()
}

func TestCardTestSignsWithoutTheHub(t *testing.T) {
	for name, make := range map[string]func(*testing.T) *fixture{
		"P-256": benchWithCard,
		"RSA": func(t *testing.T) *fixture {
			b := setUp(t)
			b.insert(t, hubtest.RSA(t, noon.AddDate(-1, 0, 0), noon.AddDate(2, 0, 0)))
			return b
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := make(t)
			checkContains(t, b.run(t, exitDone, "card", "test"),
				"The card signed, and the signature fits its certificate.\n", "Passcode tries left  3\n")
			checkMembers(t, b.json(t, exitDone, "card", "test"), map[string]any{
				"schema": "wardlight.card-test/1", "passed": true, "uuid": hubtest.UUID, "tries_left": float64(3),
				"error": nil,
			})
			if n := len(b.hub.Requests("")); n != 0 {
				t.Errorf("requests to the hub: got %d, want 0", n)
			}
		})
	}
}

func TestCardTestSaysWhyACardDoesNotPass(t *testing.T) {
	b := benchWithCard(t)
	b.world.file = typedAs("000000")
	checkContains(t, b.run(t, exitCard, "card", "test"), "The card did not pass.\n", "Passcode tries left  2\n")
	checkContains(t, b.err.String(), "Passcode not correct. 2 tries left. (C41-63C2)")
	checkMembers(t, b.json(t, exitCard, "card", "test"), map[string]any{
		"passed": false, "tries_left": float64(1),
		"error.kind": "passcode_wrong",
	})

	checkMembers(t, b.json(t, exitCard, "card", "test"), map[string]any{
		"passed": false, "tries_left": float64(0),
		"error.kind": "card_locked",
	})

	b.world.file = nil // panics if the passcode of a locked card is read
	checkMembers(t, b.json(t, exitCard, "card", "test"), map[string]any{
		"passed": false, "error.kind": "card_locked",
		"uuid": hubtest.UUID,
	})

	b.reader.Eject()
	checkMembers(t, b.json(t, exitCard, "card", "test"), map[string]any{
		"schema":     "wardlight.error/1",
		"error.kind": "no_card",
	})

	// The key of this card doesn't match its certificate.
	b = benchWithCard(t)
	ours, other := hubtest.RSA(t, noon, noon.AddDate(1, 0, 0)), hubtest.RSA(t, noon, noon.AddDate(1, 0, 0))
	ours.Key = other.Key
	b.insert(t, ours)
	b.run(t, exitCard, "card", "test")
	checkContains(t, b.err.String(), "The key on this card is not the one of its certificate. (C54)")
}

func TestRoleListSaysAllThatEachCanDo(t *testing.T) {
	b := setUp(t)
	gp := hubtest.Nurse("999000000333")
	gp.Codes = []string{"B0170", "B0825"}
	b.hub.Person.Roles = append(b.hub.Person.Roles, gp)
	out := b.run(t, exitDone, "role", "list")
	checkContains(t, out, "999000000222   Nurse Access Role (R8001) at EXAMPLE GENERAL HOSPITAL (X99)",
		"  may open an alert\n",
		"  may not open an alert in scheduled care: lacks B0170 (View CP-IS Flag without Notification)\n",
		"999000000333", "codes: B0170 (View CP-IS Flag without Notification), B0825 (Amend Patient Demographics)\n",
		"  may not trace a patient: lacks B0264")

	d := b.json(t, exitDone, "role", "list")
	checkMembers(t, d, map[string]any{
		"schema": "wardlight.roles/1", "roles.0.actions.2.allowed": true,
		"roles.1.actions.0.missing.0": "B0264", "roles.1.usable": false,
		"roles.0.actions.7.allowed": false, "roles.0.actions.7.missing_job_roles.0": "R0001",
	})

	if n := len(at(t, d, "roles.0.actions").([]any)); n != 12 {
		t.Errorf("actions of a role: got %d, want 12", n)
	}

	checkContains(t, b.run(t, exitDone, "role", "list", "--role", "999000000333"), "999000000333")
	if out := b.out.String(); strings.Contains(out, "999000000222") {
		t.Errorf("role list --role 999000000333 lists another role, too:\n%s", out)
	}

	b.hub.Person.Roles = nil
	checkContains(t, b.run(t, exitDone, "role", "list"), "You have no role at all.")
}
