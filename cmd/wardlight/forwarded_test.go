//go:build linux

package main

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/pcscd"
	"wardlight/internal/lab/pcscd/pcscdtest"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// forwarded starts a forwarder of the ward's pcscd socket with that round trip time, as between a thin terminal and a
// server, and makes programs use it.
func (w *testSite) forwarded(tb testing.TB, roundTrip time.Duration) *pcscd.Forward {
	tb.Helper()
	dir, remove, err := pcscdtest.Dir()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(remove)
	w.forwardedSocket = filepath.Join(dir, "far")
	f, err := pcscd.NewForward(tb.Context(), w.forwardedSocket, w.service.Socket(), roundTrip)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(f.Close)
	return f
}

// ofCards returns the commands that the program waited for, without those that poll the readers: these occur at any
// time, also at the beginning of a transaction.
func ofCards(all []pcscd.Message) []string {
	var out []string
	for _, m := range all {
		switch m.Command {
		case "GET_READERS_STATE", "WAIT_READER_STATE_CHANGE", "STOP_WAITING", "RELEASE_CONTEXT":
		default:
			out = append(out, m.Command)
		}
	}
	return out
}

// atPasscode starts the screens and waits for the passcode prompt for the RSA card, over the forwarded service. It
// returns the number of messages until the program released the card.
func (w *testSite) atPasscode(tb testing.TB, f *pcscd.Forward) (*Terminal, int) {
	tb.Helper()
	term := w.startTerminal()
	term.Expect(Contains("No smartcard in the reader"))
	w.insert("nurse")
	term.Expect(Contains("Passcode"), Contains("Tries left     3"))
	for deadline := time.Now().Add(time.Minute); ; {
		if sent := ofCards(f.Messages()); slices.Contains(sent, "DISCONNECT") {
			return term, len(sent)
		}
		if time.Now().After(deadline) {
			tb.Fatal("the program did not release the card within a minute")
		}
	}
}

// TestMessagesOfASignIn counts the messages between passcode and signature. Over a forwarded socket each message costs
// the user a round trip.
func TestMessagesOfASignIn(t *testing.T) {
	t.Parallel() // each test starts its own services
	w := newTestSite(t)
	f := w.forwarded(t, 0)
	term, before := w.atPasscode(t, f)
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	sent := ofCards(f.Messages())[before:]
	last := len(sent) - 1
	for ; last >= 0 && sent[last] != "TRANSMIT"; last-- {
	}
	want := []string{
		"CONNECT", "BEGIN_TRANSACTION",
		"TRANSMIT", "TRANSMIT", "TRANSMIT", "TRANSMIT", "TRANSMIT", // SELECT, VERIFY, and three to sign
	}
	if got := sent[:last+1]; !slices.Equal(got, want) {
		t.Errorf("%d messages from Enter to the signature: %v, want %d: %v", len(got), got, len(want), want)
	}
}

// BenchmarkForwarded measures the waiting time over a forwarded socket with a round trip of 50 ms: from Enter to the
// search screen, and for all of 'card test', in milliseconds and messages.
func BenchmarkForwarded(b *testing.B) {
	const roundTrip = 50 * time.Millisecond
	b.Run("Enter", func(b *testing.B) {
		w := newTestSite(b)
		f := w.forwarded(b, roundTrip)
		var took time.Duration
		messages := 0
		for b.Loop() {
			b.StopTimer()
			term, before := w.atPasscode(b, f)
			began := time.Now()
			term.Type(cards.Passcode).Press("enter")
			term.Expect(Contains("Find a patient"))
			took += time.Since(began)
			messages += len(ofCards(f.Messages())) - before
			w.card.Pull()
			term.Expect(Contains("Card removed."))
			term.Press("q").Wait()
			b.StartTimer()
		}
		report(b, took, messages)
	})

	b.Run("card test", func(b *testing.B) {
		w := newTestSite(b)
		w.insertAndSee("nurse")
		f := w.forwarded(b, roundTrip)
		var took time.Duration
		for b.Loop() {
			began := time.Now()
			if code, out, errs := w.command("card", "test"); code != exitDone {
				b.Fatalf("card test: exit code %d, want %d: %s%s", code, exitDone, out, errs)
			}
			took += time.Since(began)
		}
		report(b, took, len(f.Messages()))
	})
}

func report(b *testing.B, took time.Duration, messages int) {
	b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms")
	b.ReportMetric(float64(messages)/float64(b.N), "messages")
	b.ReportMetric(0, "ns/op")
}
