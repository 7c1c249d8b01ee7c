package main

import (
	"io"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestImport_NamedPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "people.ndjson")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	root := newRoot(io.Discard, io.Discard)
	root.SetArgs([]string{"import", "--data", importFolder(t), pipe})
	if err := root.ExecuteContext(t.Context()); err == nil ||
		!strings.Contains(err.Error(), "is not a regular file: pipe it to standard input") {
		t.Errorf("import of a named pipe: got error %v, want \"is not a file\"", err)
	}
}
