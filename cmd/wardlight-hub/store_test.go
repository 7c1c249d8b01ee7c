package main

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	labpg "wardlight/internal/lab/postgres"
	"wardlight/internal/lab/postgres/postgrestest"
)

func TestServeOverPostgreSQL(t *testing.T) {
	f := newFiles(t)
	dsn := filepath.Join(f.folder, "dsn")
	f.write(t, dsn, postgrestest.Schema(t, postgrestest.Start(t, labpg.Options{Durable: true}))+"\n")
	t.Setenv("WARDLIGHT_SERVER_STORE_ENGINE", "postgres")
	t.Setenv("WARDLIGHT_SERVER_STORE_DSN_FILE", dsn)

	for range 2 { // the second run uses the existing files
		address, end := run(t, "serve", "--listen", "127.0.0.1:0", "--operator-listen", "off", "--data",
			filepath.Join(f.folder, "data"), "--ca", f.ca+"=uuid")
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/readyz", nil)
		if err != nil {
			t.Fatal(err)
		}

		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}

		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("/readyz: got status %d, want 200", resp.StatusCode)
		}

		if err := end(); err != nil {
			t.Error(err)
		}
	}
}

func TestWhatServeRefusesOfPostgreSQL(t *testing.T) {
	f := newFiles(t)
	t.Setenv("WARDLIGHT_SERVER_STORE_ENGINE", "postgres")

	for name, c := range map[string]struct{ variable, value, says string }{
		"a DSN that cannot be parsed": {"WARDLIGHT_SERVER_STORE_DSN", "postgres://hub:hush@[/", "cannot be parsed"},
		"a file that is not there": {
			"WARDLIGHT_SERVER_STORE_DSN_FILE", filepath.Join(f.folder, "none"),
			"cannot be read",
		},
		"a server that is not there": {"WARDLIGHT_SERVER_STORE_DSN", "host=" + f.folder +
			" user=hub password=hush dbname=hub", "database"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(c.variable, c.value)
			root := newRoot(io.Discard, io.Discard)
			root.SetArgs([]string{
				"serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(f.folder, "data"), "--ca",
				f.ca + "=uuid",
			})
			if err := root.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), c.says) ||
				strings.Contains(err.Error(), "hush") {
				t.Errorf("serve: got error %v, want %q in it and no secret", err, c.says)
			}
		})
	}
}
