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

// TestCopy_ToPostgreSQL moves a hub as docs/stores.md describes, with a session that continues. Until
// the ledger has been copied, every command rejects the empty database.
func TestCopy_ToPostgreSQL(t *testing.T) {
	w := newHubProcess(t)
	hub := w.start(t)
	session := w.signIn(t)
	if lamp := session.Lamp(t.Context(), openedChild); lamp.State != client.Alert {
		t.Fatalf("lamp before the move: got %+v, want an alert", lamp)
	}

	if w.open(t.Context(), t, session) == "" {
		t.Fatal("the alert was not opened")
	}

	hub.Stop()

	dsn := filepath.Join(t.TempDir(), "dsn")
	files{}.write(t, dsn, postgrestest.Schema(t, postgrestest.Start(t, labpg.Options{Durable: true}))+"\n")
	t.Setenv("WARDLIGHT_SERVER_STORE_ENGINE", "postgres")
	t.Setenv("WARDLIGHT_SERVER_STORE_DSN_FILE", dsn)
	file := filepath.Join(t.TempDir(), "empty.ndjson")
	files{}.write(t, file, "")

	for _, args := range [][]string{
		w.args,
		{"import", "--data", w.folder, file},
		{"authority", "list", "--data", w.folder},
	} {
		if out, err := command(t, args...); err == nil ||
			!strings.Contains(err.Error(), "the database is empty, and the data folder "+w.folder) {
			t.Fatalf("%s with an empty database beside a ledger: got error %v\n%s", args[0], err, out)
		}
	}

	out, err := command(t, "copy", "--to", "postgres", "--data", w.folder)
	if err != nil {
		t.Fatal(out, err)
	}

	for _, want := range []string{
		"plan: 1\n", "session: 1\n", "access: 1\n", "notification: 1\n", "patient: 1\n",
		"every row was compared",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("copy: no %q in\n%s", want, out)
		}
	}

	if out, err := command(t, "copy", "--to", "postgres", "--data", w.folder); err == nil ||
		!strings.Contains(err.Error(), "not empty") {
		t.Errorf("second copy: got error %v, want \"not empty\"\n%s", err, out)
	}

	w.start(t)
	if lamp := session.Lamp(t.Context(), openedChild); lamp.State != client.Alert {
		t.Errorf("lamp after the move: got %+v, want an alert", lamp)
	}
}

// TestCopy_BesideAHub checks that copy fails while a hub has the ledger open, even an idle one. What the hub stored
// afterwards would be missing from the database.
func TestCopy_BesideAHub(t *testing.T) {
	folder := t.TempDir()
	ledger, err := sqlite.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}

	t.Setenv("WARDLIGHT_SERVER_STORE_ENGINE", "postgres")
	t.Setenv("WARDLIGHT_SERVER_STORE_DSN", "postgres://hub@127.0.0.1:1/hub?connect_timeout=1")

	copied := func() string {
		out, err := command(t, "copy", "--to", "postgres", "--data", folder)
		if err == nil {
			t.Fatalf("copy to an unreachable database succeeded: %s", out)
		}
		return err.Error()
	}

	const inUse = "a hub or another command has the databases open"
	if got := copied(); !strings.Contains(got, inUse) {
		t.Errorf("copy beside a hub: got %s, want %q in it", got, inUse)
	}

	if err := ledger.Close(); err != nil {
		t.Fatal(err)
	}

	if got := copied(); strings.Contains(got, inUse) {
		t.Errorf("copy without a hub: got %s, want no %q", got, inUse)
	}
}

func TestCopy_Refused(t *testing.T) {
	empty := t.TempDir()
	for name, c := range map[string]struct {
		engine, to, says string
	}{
		"another engine":            {"postgres", "oracle", `"oracle" is not a supported engine`},
		"no database in settings":   {"sqlite", "postgres", "target database"},
		"a folder without any book": {"postgres", "postgres", "there is no ledger in " + empty},
	} {
		t.Run(name, func(t *testing.T) {
			if c.engine == "postgres" {
				t.Setenv("WARDLIGHT_SERVER_STORE_ENGINE", "postgres")
				t.Setenv("WARDLIGHT_SERVER_STORE_DSN", "postgres://hub@db.example/hub")
			}
			if out, err := command(t, "copy", "--to", c.to, "--data", empty); err == nil ||
				!strings.Contains(err.Error(), c.says) {
				t.Errorf("copy: got error %v, want %q in it\n%s", err, c.says, out)
			}
		})
	}
}
