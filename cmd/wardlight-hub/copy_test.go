package main

import (
	"path/filepath"
	"strings"
	"testing"

	"wardlight/client"
	"wardlight/hub/store/sqlite"
	labpg "wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
)

// TestMovingToPostgreSQLKeepsTheAlert moves a hub as docs/stores.md says, with a session that goes on. Until the books
// were copied, no program takes the empty database for them.
func TestMovingToPostgreSQLKeepsTheAlert(t *testing.T) {
	w := newKilledWorld(t)
	hub := w.start(t)
	session := w.signIn(t)
	if lamp := session.Lamp(t.Context(), openedChild); lamp.State != client.Alert {
		t.Fatalf("before: %+v", lamp)
	}
	if w.open(t.Context(), t, session) == "" {
		t.Fatal("the alert is not opened")
	}
	hub.Stop()

	dsn := filepath.Join(t.TempDir(), "dsn")
	files{}.write(t, dsn, postgrestest.Schema(t, postgrestest.Start(t, labpg.Options{Durable: true}))+"\n")
	t.Setenv("WARDLIGHT_SERVER_STORE_ENGINE", "postgres")
	t.Setenv("WARDLIGHT_SERVER_STORE_DSN_FILE", dsn)
	file := filepath.Join(t.TempDir(), "empty.ndjson")
	files{}.write(t, file, "")
	for _, args := range [][]string{w.args, {"import", "--data", w.folder, file}, {"authority", "list", "--data", w.folder}} {
		if out, err := command(t, args...); err == nil || !strings.Contains(err.Error(), "the database is empty, and the data folder "+w.folder) {
			t.Fatalf("%s beside a ledger that was not copied: %v\n%s", args[0], err, out)
		}
	}

	out, err := command(t, "copy", "--to", "postgres", "--data", w.folder)
	if err != nil {
		t.Fatal(out, err)
	}
	for _, want := range []string{"plan: 1\n", "session: 1\n", "access: 1\n", "notification: 1\n", "patient: 1\n", "every row was compared"} {
		if !strings.Contains(out, want) {
			t.Errorf("the copy does not say %q:\n%s", want, out)
		}
	}
	if out, err := command(t, "copy", "--to", "postgres", "--data", w.folder); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a second copy: %v\n%s", err, out)
	}
	w.start(t)
	if lamp := session.Lamp(t.Context(), openedChild); lamp.State != client.Alert {
		t.Errorf("after: %+v", lamp)
	}
}

// TestCopy_BesideAHub leaves books alone that a hub has open, though it writes nothing: what it takes afterwards would
// not be in the database.
func TestCopy_BesideAHub(t *testing.T) {
	folder := t.TempDir()
	books, err := sqlite.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("WARDLIGHT_SERVER_STORE_ENGINE", "postgres")
	t.Setenv("WARDLIGHT_SERVER_STORE_DSN", "postgres://hub@127.0.0.1:1/hub?connect_timeout=1")
	copied := func() string {
		out, err := command(t, "copy", "--to", "postgres", "--data", folder)
		if err == nil {
			t.Fatalf("it was copied to nowhere: %s", out)
		}
		return err.Error()
	}
	const inUse = "a hub or another command has the books open"
	if got := copied(); !strings.Contains(got, inUse) {
		t.Errorf("beside a hub: %s", got)
	}
	if err := books.Close(); err != nil {
		t.Fatal(err)
	}
	if got := copied(); strings.Contains(got, inUse) {
		t.Errorf("without a hub: %s", got)
	}
}

func TestCopy_Refused(t *testing.T) {
	empty := t.TempDir()
	for name, c := range map[string]struct {
		engine, to, says string
	}{
		"another engine":            {"postgres", "oracle", `"oracle" is not an engine`},
		"no database in settings":   {"sqlite", "postgres", "which database"},
		"a folder without any book": {"postgres", "postgres", "there are no books in " + empty},
	} {
		t.Run(name, func(t *testing.T) {
			if c.engine == "postgres" {
				t.Setenv("WARDLIGHT_SERVER_STORE_ENGINE", "postgres")
				t.Setenv("WARDLIGHT_SERVER_STORE_DSN", "postgres://hub@db.example/hub")
			}
			if out, err := command(t, "copy", "--to", c.to, "--data", empty); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %q\n%s", err, c.says, out)
			}
		})
	}
}
