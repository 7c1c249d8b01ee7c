package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
)

// ledgerWithNotifications creates a ledger with three notifications to two authorities: one delivered, one given up,
// one waiting.
func ledgerWithNotifications(t *testing.T) (folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "data")
	s, err := sqlite.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // the data was committed
	made := time.Date(2026, 7, 15, 13, 0, 0, 0, time.UTC)
	o := &store.Opening{Person: "s", RequestID: "r", Answer: []byte("{}")}
	for i, code := range []string{"V1", "V2", "V1"} {
		if err := s.PutAuthority(t.Context(), store.Authority{Code: code, Name: code}); err != nil {
			t.Fatal(err)
		}
		at := made.Add(time.Duration(i) * 24 * time.Hour)
		o.Notifications = append(o.Notifications, store.Notification{
			ID: "n" + string(rune('1'+i)), Authority: code,
			Body: []byte(`{"child":"9990000018"}`), Created: at, NextAttempt: at,
		})
	}

	if _, err := s.Commit(t.Context(), []*store.Entry{{Opening: o}}); err != nil {
		t.Fatal(err)
	}

	if err := s.Delivered(t.Context(), "n1", "", made.Add(time.Second)); err != nil {
		t.Fatal(err)
	}

	if err := s.Bury(t.Context(), "n2", made.Add(time.Hour), "the authority's system answered 422"); err != nil {
		t.Fatal(err)
	}

	return folder
}

// emptyLedger creates an empty ledger.
func emptyLedger(t *testing.T) (folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "data")
	s, err := sqlite.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return folder
}

// runForOutput runs the command and returns its output.
func runForOutput(t *testing.T, args ...string) (string, error) {
	t.Helper()
	out, _, err := runCommand(t, args...)
	return out, err
}

// runnerIn returns a function that runs a command with the data folder and returns its output. A failure is fatal.
func runnerIn(t *testing.T, data string) func(args ...string) string {
	return func(args ...string) string {
		t.Helper()
		out, err := runForOutput(t, append(args, "--data", data)...)
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return out
	}
}

func TestTheOutboxIsListedWithoutTheChild(t *testing.T) {
	data := ledgerWithNotifications(t)
	for name, c := range map[string]struct {
		args []string
		ids  string
	}{
		"all":              {nil, "n1 n2 n3"},
		"of one authority": {[]string{"--authority", "V1"}, "n1 n3"},
		"given up":         {[]string{"--state", "buried"}, "n2"},
		"waiting":          {[]string{"--state", "waiting"}, "n3"},
		"from a day on":    {[]string{"--from", "2026-07-16"}, "n2 n3"},
		"between moments":  {[]string{"--from", "2026-07-15T13:00:00Z", "--to", "2026-07-16T13:00:00Z"}, "n1"},
		"no more than one": {[]string{"--limit", "1"}, "n1"},
		"none":             {[]string{"--authority", "V9"}, ""},
	} {
		out, err := runForOutput(t, append([]string{"outbox", "list", "--json", "--data", data}, c.args...)...)
		var ids []string
		for line := range strings.Lines(out) {
			var n struct{ ID string }
			if json.Unmarshal([]byte(line), &n) != nil {
				t.Errorf("outbox list --json, %s: line is not JSON: %s", name, line)
			}
			ids = append(ids, n.ID)
		}

		if err != nil || strings.Join(ids, " ") != c.ids || strings.Contains(out, "9990000018") {
			t.Errorf("outbox list --json, %s: got %s, error %v, want the ids %s", name, out, err, c.ids)
		}

		if table, err := runForOutput(t, append([]string{"outbox", "list", "--data", data},
			c.args...)...); err != nil || c.ids == "" && !strings.Contains(table, "There is no such") ||
			strings.Count(table, "2026-07-1") != len(ids) || strings.Contains(table, "9990000018") {
			t.Errorf("outbox list, %s: got %s, error %v, want the ids %s", name, table, err, c.ids)
		}
	}

	if out, err := runForOutput(t, "outbox", "show", "n2", "--data", data); err != nil ||
		!strings.Contains(out, "answered 422") || strings.Contains(out, "9990000018") {
		t.Errorf("outbox show: got %s, error %v, want the error of the last attempt and no patient", out, err)
	}

	if out, err := runForOutput(t, "outbox", "show", "n2", "--body", "--data", data); err != nil ||
		out != `{"child":"9990000018"}`+"\n" {
		t.Errorf("outbox show --body: got %s, error %v, want the body", out, err)
	}
}

func TestOutboxReplay(t *testing.T) {
	for name, args := range map[string][]string{
		"by id": {"n2"}, "all": {"--all-buried"},
		"of one authority": {"--all-buried", "--authority", "V2"},
	} {
		data := ledgerWithNotifications(t)
		if out, err := runForOutput(t, append([]string{"outbox", "replay", "--data", data}, args...)...); err != nil ||
			out != "1 will be sent again.\n" {
			t.Errorf("outbox replay, %s: got %s, error %v, want 1 replayed", name, out, err)
		}
		if out, err := runForOutput(t, "outbox", "list", "--state", "waiting", "--data", data); err != nil ||
			!strings.Contains(out, "n2") {
			t.Errorf("outbox list after replay, %s: got %s, error %v, want n2 waiting", name, out, err)
		}
	}
}

func TestWhatTheOutboxCommandsRefuse(t *testing.T) {
	data := ledgerWithNotifications(t)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no books":              {[]string{"outbox", "list", "--data", data + "x"}, "there is no ledger in"},
		"a state that is none":  {[]string{"outbox", "list", "--state", "lost", "--data", data}, "--state"},
		"a day that is none":    {[]string{"outbox", "list", "--from", "15/7/2026", "--data", data}, "--from"},
		"one that is not there": {[]string{"outbox", "show", "n9", "--data", data}, "n9"},
		"one that was delivered": {
			[]string{"outbox", "replay", "n1", "n2", "--data", data},
			"n1 is neither buried nor undelivered",
		},
		"nothing to replay": {[]string{"outbox", "replay", "--data", data}, "no notifications given"},
		"ids and all": {
			[]string{"outbox", "replay", "n1", "--all-buried", "--data", data},
			"cannot be combined with",
		},
	} {
		if out, err := runForOutput(t, c.args...); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %s, error %v, want %q in the error", name, out, err, c.says)
		}
	}
}

func TestOutboxList_ControlCharacters(t *testing.T) {
	data := ledgerWithNotifications(t)
	db, err := sql.Open("sqlite", filepath.Join(data, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the change was committed
	if _, err := db.ExecContext(t.Context(), `UPDATE notification SET last_error = ?`,
		"x509: valid for \x1b]0;owned\a"); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"outbox", "list"}, {"outbox", "list", "--json"}, {"outbox", "show", "n2"}} {
		out, err := runForOutput(t, append(args, "--data", data)...)
		if err != nil || !strings.Contains(out, "owned") || strings.ContainsAny(out, "\x1b\a") ||
			strings.Contains(out, "u001b") {
			t.Errorf("%v: got %q, error %v, want the error text without control characters", args, out, err)
		}
	}
}

// If the body of a notification is no longer stored, the commands report that, and it cannot be sent again.
func TestOutbox_MessageThatIsNotKept(t *testing.T) {
	data := ledgerWithNotifications(t)
	s, err := sqlite.Open(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}

	err = errors.Join(s.Prune(t.Context(), time.Date(2026, 7, 17, 0, 0, 0, 0, time.UTC),
		store.Retention{Bodies: 24 * time.Hour}), s.Close())
	if err != nil {
		t.Fatal(err)
	}

	for _, args := range [][]string{{"outbox", "show", "--body", "n1"}, {"outbox", "replay", "n1"}} {
		if out, err := runForOutput(t, append(args, "--data", data)...); err == nil ||
			!strings.Contains(err.Error(), "has been deleted") {
			t.Errorf("%v without a body: got %s, error %v, want \"not kept any more\"", args, out, err)
		}
	}

	if out, err := runForOutput(t, "outbox", "show", "n1", "--data", data); err != nil ||
		!strings.Contains(out, `"state":"delivered"`) {
		t.Errorf("outbox show n1: got %s, error %v, want its state", out, err)
	}

	if out, err := runForOutput(t, "outbox", "replay", "n2", "--data", data); err != nil ||
		!strings.Contains(out, "1 will be sent again") {
		t.Errorf("outbox replay of a buried notification: got %s, error %v, want 1 replayed", out, err)
	}
}
