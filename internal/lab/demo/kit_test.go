package demo_test

import (
	"context"
	"os"
	"testing"
	"time"

	"wardlight/cardreader"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/demo"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
)

// soon is a timeout that is far longer than anything here takes.
const soon = time.Minute

// start returns a demo with few patients, which is closed when the test ends.
func start(t *testing.T, change ...func(*demo.Options)) *demo.Demo {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	o := demo.Options{Seed: 1, People: 20, Clock: time.Now}
	for _, c := range change {
		c(&o)
	}
	d, err := demo.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(d.Folder()); !o.KeepFolder && o.Folder == "" && !os.IsNotExist(err) {
			t.Errorf("Stat of the folder after Close = %v, want it removed", err)
		}
	})
	return d
}

func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	t.Cleanup(cancel)
	return ctx
}

func sessionsOf(t *testing.T, d *demo.Demo) *session.Manager {
	t.Helper()
	manager, err := d.SessionManager()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), soon)
		defer cancel()
		manager.End(ctx, session.Quit)
		manager.Wait(ctx)
	})
	return manager
}

// put inserts a card and returns the name of the reader in which it was detected.
func put(t *testing.T, d *demo.Demo, name string) (reader string) {
	t.Helper()
	if err := d.Insert(name); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	for e := range d.Events(ctx) {
		if e.Kind == cardreader.CardInserted {
			return e.Reader
		}
	}
	t.Fatalf("no card was detected: %v", ctx.Err())
	return ""
}

// passcode returns a passcode into which the digits were typed.
func passcode(digits string) *cardreader.Passcode {
	p := new(cardreader.Passcode)
	for _, b := range []byte(digits) {
		p.Append(b)
	}
	return p
}

// signIn inserts the card and signs in with it, in its first usable role.
func signIn(t *testing.T, d *demo.Demo, name string) *session.Manager {
	t.Helper()
	manager := sessionsOf(t, d)
	if _, err := manager.ReadAhead(bounded(t), in(put(t, d, name))); err != nil {
		t.Fatal(err)
	}
	in, err := manager.SignIn(bounded(t), passcode(cards.Passcode))
	if err != nil {
		t.Fatal(err)
	}
	if err := manager.Choose(in.Usable[0].URID); err != nil {
		t.Fatal(err)
	}
	return manager
}

// accesses returns the number of recorded accesses.
func accesses(t *testing.T, d *demo.Demo, n nhs.Number) int {
	t.Helper()
	list, err := d.Accesses(bounded(t), n)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// in returns a list with one reader, which has a card.
func in(reader string) []cardreader.Reader {
	return []cardreader.Reader{{Name: reader, Present: true}}
}
