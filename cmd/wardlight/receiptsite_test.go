package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/demo"
	"wardlight/internal/lab/people"
	. "wardlight/internal/testterm" // Start, Contains, Regexp and others
)

// verified checks a receipt with the command, which needs no hub, and returns the action and the request id.
func (w *testSite) verified(file string) (action, requestID string) {
	w.t.Helper()
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		w.t.Errorf("%s: got %v, error %v; want mode 0600", file, info, err)
	}
	code, out, errs := w.command("receipt", "verify", file, "--key", w.hub.ReceiptKeyFile(), "--json")
	if code != exitDone {
		w.t.Fatalf("receipt verify: exit code %d, want %d: %s%s", code, exitDone, out, errs)
	}

	var d receiptDocument
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		w.t.Fatalf("receipt verify: %v: %s", err, out)
	}
	if want := []string{people.OnPlan.Digits()}; !slices.Equal(d.Record.Patients, want) ||
		d.Record.Outcome != "granted" {
		w.t.Errorf("%s: got the patients %q, outcome %s; want %q, granted", file, d.Record.Patients, d.Record.Outcome,
			want)
	}
	return d.Record.Action, d.Record.RequestID
}

// Receipts of a check and of an opening are saved by the screens and by the commands, and checked without the hub.
func TestReceipt_OverTheRealService(t *testing.T) {
	t.Parallel() // each test starts its own services
	w, _ := newTestSiteOf(t, demo.Options{Receipts: true})
	home := t.TempDir()
	w.insert("nurse")
	term := w.startTerminal("HOME=" + home)
	term.Expect(Contains("Passcode"), Contains("Tries left"))
	term.Type(cards.Passcode).Press("enter")
	term.Expect(Contains("Find a patient"))
	term.Type(people.OnPlan.Digits()).Press("enter")
	term.Expect(Contains("EXAMPLE, Tess"), Contains("ALERT"), Contains("Usual address"))

	save := func() {
		t.Helper()
		term.Press("c")
		term.Expect(Contains("Receipt of the check"), Contains("CP-IS: ALERT"))
		term.PressUntil("e", Contains("The receipt is saved"))
		term.Press("esc")
		term.ExpectGone(Contains("The receipt is saved"))
	}
	save()
	term.PressUntil("o", Contains("RING NOW"))
	save()
	w.notified(1) // a receipt notifies nobody

	w.card.Pull()
	term.Expect(Contains("Card removed. Session ended."))
	term.ExpectGone(Contains("Tess"), Contains("wardlight-receipts"))
	term.Press("q").Wait()

	files, err := filepath.Glob(filepath.Join(home, "wardlight-receipts", "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("files of the screens: got %q, error %v; want two", files, err)
	}
	var actions []string
	for _, file := range files {
		action, id := w.verified(file)
		if actions = append(actions, action); filepath.Base(file) != id+".json" {
			t.Errorf("receipt of request %s: got the file %s", id, file)
		}
	}
	slices.Sort(actions)
	if want := []string{"open an alert", "see whether there is an alert"}; !slices.Equal(actions, want) {
		t.Errorf("receipts of the screens: got %q, want %q", actions, want)
	}

	w.insertAndSee("nurse")
	saved := filepath.Join(home, "of-the-command.json")
	code, out, errs := w.command("alert", people.OnPlan.Digits(), "--receipt", saved)
	if code != exitDone || !strings.Contains(out, saved+" has the receipt.") {
		t.Fatalf("alert --receipt: exit code %d, want %d: %s%s", code, exitDone, out, errs)
	}
	action, id := w.verified(saved)
	if action != "see whether there is an alert" {
		t.Errorf("alert --receipt: got the receipt of %q, want that of the check", action)
	}

	again := filepath.Join(home, "again.json")
	if code, out, errs = w.command("receipt", "get", id, "--out", again); code != exitDone {
		t.Fatalf("receipt get: exit code %d, want %d: %s%s", code, exitDone, out, errs)
	}
	if _, got := w.verified(again); got != id {
		t.Errorf("receipt get: got the request %s, want %s", got, id)
	}
}

// A hub without checkpoints makes no receipts. The answer of the check is shown all the same.
func TestReceipt_HubMakesNone(t *testing.T) {
	t.Parallel() // each test starts its own services
	w := newTestSite(t)
	w.insertAndSee("nurse")
	file := filepath.Join(t.TempDir(), "receipt.json")
	code, out, errs := w.command("alert", people.OnPlan.Digits(), "--receipt", file)
	if code != exitFailed || !strings.Contains(out, "ALERT") || !strings.Contains(out+errs,
		"This hub makes no receipts.") || !strings.Contains(out+errs, "A10") {
		t.Errorf("alert --receipt: exit code %d, want %d, the alert and A10: %s%s", code, exitFailed, out, errs)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a file was written, want none")
	}
}
