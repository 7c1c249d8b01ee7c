package main

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/lab/mesh"
)

// TestWhatMESHDoesNotDeliverIsListedAndSentAgain: a running hub reads a non-delivery report from its inbox, the outbox
// lists the notification, and a replay sends it again.
func TestWhatMESHDoesNotDeliverIsListedAndSentAgain(t *testing.T) {
	exchange := mesh.NewExchange([]byte("k"), time.Now, mesh.Mailbox{ID: "X26HC001", Password: "p"},
		mesh.Mailbox{ID: "V999OT001"})
	server := httptest.NewServer(exchange)
	t.Cleanup(server.Close)
	data := emptyLedger(t)
	ledger, err := sqlite.Open(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { _ = ledger.Close() })
	putNotification(t, ledger, "n1")
	ours := &notify.MESH{
		URL: server.URL, Mailbox: "X26HC001", Password: []byte("p"), Key: []byte("k"), Clock: time.Now,
		NewID: uuid.NewString, Log: slog.New(slog.DiscardHandler),
	}

	receipt, err := ours.Deliver(t.Context(), notify.Message{ID: "n1", Endpoint: "mesh:V999OT001", Body: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}

	if err := ledger.Delivered(t.Context(), "n1", receipt, time.Now()); err != nil {
		t.Fatal(err)
	}

	if err := exchange.Report(receipt, mesh.NotCollected); err != nil {
		t.Fatal(err)
	}

	f := newFiles(t)
	secrets, settings := filepath.Join(f.folder, "mesh"), filepath.Join(f.folder, "config.toml")
	f.write(t, secrets, "password p\nshared_key k\n")
	f.write(t, settings, fmt.Sprintf("[mesh]\nmailbox = \"X26HC001\"\nurl = %q\nsecrets_file = %q\n", server.URL,
		secrets))
	serve := func() (end func() error) {
		_, end = run(t, "serve", "--config", settings, "--listen", "127.0.0.1:0", "--operator-listen", "off",
			"--stop-notice", "0s", "--data", data, "--ca", f.ca+"=uuid")
		return end
	}

	end := serve()
	until(t, "the report is acknowledged", func() bool {
		all := exchange.Messages()
		return len(all) == 2 && all[1].Acknowledged
	})

	if err := end(); err != nil {
		t.Error(err)
	}

	if out, _, err := runCommand(t, "outbox", "list", "--state", "undelivered", "--data", data); err != nil ||
		!strings.Contains(out, "n1") || !strings.Contains(out, "14 Message not collected by recipient after 5 days") {
		t.Errorf("outbox list --state undelivered: got %s, error %v", out, err)
	}

	if out, _, err := runCommand(t, "outbox", "show", "n1", "--data", data); err != nil ||
		!strings.Contains(out, `"state":"undelivered"`) || !strings.Contains(out, `"receipt":"`+receipt) {
		t.Errorf("outbox show: got %s, error %v", out, err)
	}

	if out, _, err := runCommand(t, "outbox", "replay", "n1", "--data", data); err != nil ||
		out != "1 will be sent again.\n" {
		t.Errorf("outbox replay: got %s, error %v", out, err)
	}

	end = serve()
	until(t, "it is delivered again", func() bool {
		n, err := ledger.Notification(t.Context(), "n1")
		return err == nil && n.State() == store.Delivered && n.Receipt != receipt
	})

	if err := end(); err != nil {
		t.Error(err)
	}

	if all := exchange.Messages(); len(all) != 3 || all[2].LocalID != "n1" || all[2].To != "V999OT001" {
		t.Errorf("messages: got %+v, want a third one, with the local id n1", all)
	}
}

// TestOutboxReplay_Undelivered replays notifications selected by their state.
func TestOutboxReplay_Undelivered(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string // states of u1, n1 and n2 afterwards
	}{
		"by id":           {[]string{"u1"}, "waiting delivered buried"},
		"all undelivered": {[]string{"--all-undelivered"}, "waiting delivered buried"},
		"all buried":      {[]string{"--all-buried"}, "undelivered delivered waiting"},
		"both":            {[]string{"--all-buried", "--all-undelivered"}, "waiting delivered waiting"},
		"all undelivered of an authority": {
			[]string{"--all-undelivered", "--authority", "V2"},
			"undelivered delivered buried",
		},
	} {
		data := ledgerWithNotifications(t) // n1 is delivered, n2 is buried
		ledger, err := sqlite.Open(t.Context(), data)
		if err != nil {
			t.Fatal(err)
		}

		putNotification(t, ledger, "u1")
		if err := ledger.Delivered(t.Context(), "u1", "M1", time.Now()); err != nil {
			t.Fatal(err)
		}

		if err := ledger.Undelivered(t.Context(), "u1", "M1", time.Now(), "MESH reports: 14"); err != nil {
			t.Fatal(err)
		}

		if _, _, err := runCommand(t, append([]string{"outbox", "replay", "--data", data}, c.args...)...); err != nil {
			t.Errorf("outbox replay, %s: %v", name, err)
		}

		var got []string
		for _, id := range []string{"u1", "n1", "n2"} {
			n, err := ledger.Notification(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(n.State()))
		}

		if err := ledger.Close(); err != nil {
			t.Error(err)
		}

		if strings.Join(got, " ") != c.want {
			t.Errorf("states after outbox replay, %s: got %v, want %s", name, got, c.want)
		}
	}
}

// putNotification adds a notification for V999 to the outbox.
func putNotification(t *testing.T, ledger *sqlite.Store, id string) {
	t.Helper()
	if err := ledger.PutAuthority(t.Context(), store.Authority{
		Code: "V999", Name: "EXAMPLESHIRE COUNCIL",
		Endpoint: "mesh:V999OT001",
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Commit(t.Context(), []*store.Entry{{Opening: &store.Opening{
		Person: "s", RequestID: id, Answer: []byte("{}"),
		Notifications: []store.Notification{{
			ID: id, Authority: "V999", Body: []byte("{}"), Created: time.Now(),
			NextAttempt: time.Now(),
		}},
	}}}); err != nil {
		t.Fatal(err)
	}
}

// until waits until done returns true, and fails the test after a minute.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("timeout waiting until " + what)
		}
	}
}
