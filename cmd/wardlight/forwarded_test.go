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
	. "wardlight/internal/testterm" // the words of the scenario
)

// forwarded returns the ward's smartcard service as a far terminal has it, whose socket programs then use.
func (w *ward) forwarded(tb testing.TB, roundTrip time.Duration) *pcscd.Forward {
	tb.Helper()
	dir, remove, err := pcscdtest.Dir()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(remove)
	w.far = filepath.Join(dir, "far")
	f, err := pcscd.NewForward(tb.Context(), w.far, w.service.Socket(), roundTrip)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(f.Close)
	return f
}

// ofCards returns what was asked of the service and waited for, but for looks at the readers: those go on all the time, and
// one of them beside the beginning of each transaction.
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

// atPasscode has the screens ask for the passcode of the RSA card, over the far service, and returns how many messages that
// took. The program has let go of the card by then.
func (w *ward) atPasscode(tb testing.TB, f *pcscd.Forward) (*Terminal, int) {
	tb.Helper()
	term := w.sit()
	term.Expect(Contains("No smartcard in the reader"))
	w.insert("nurse")
	term.Expect(Contains("Passcode"), Contains("Tries left     3"))
	for deadline := time.Now().Add(time.Minute); ; {
		if sent := ofCards(f.Messages()); slices.Contains(sent, "DISCONNECT") {
			return term, len(sent)
		}
		if time.Now().After(deadline) {
			tb.Fatal("the program never lets go of the card")
		}
	}
}

// TestMessagesOfASignIn: where the service's socket is forwarded to a far terminal each message takes a round trip, and the
// user waits for those up to the signature.
func TestMessagesOfASignIn(t *testing.T) {
	t.Parallel() // a ward of its own
	w := newWard(t)
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
		"TRANSMIT", "TRANSMIT", "TRANSMIT", "TRANSMIT", "TRANSMIT", // SELECT, VERIFY, and the signature in three
	}
	if got := sent[:last+1]; !slices.Equal(got, want) {
		t.Errorf("%d messages from Enter to the signature: %v, want %d: %v", len(got), got, len(want), want)
	}
}

// BenchmarkForwarded is what a far terminal waits for, with 50 ms a round trip: from Enter until patients can be looked for,
// and for 'card test' as a whole, in milliseconds and messages.
func BenchmarkForwarded(b *testing.B) {
	const roundTrip = 50 * time.Millisecond
	b.Run("Enter", func(b *testing.B) {
		w := newWard(b)
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
		w := newWard(b)
		w.insertAndSee("nurse")
		f := w.forwarded(b, roundTrip)
		var took time.Duration
		for b.Loop() {
			began := time.Now()
			if code, out, errs := w.command("card", "test"); code != exitDone {
				b.Fatalf("exit %d: %s%s", code, out, errs)
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
