package main

import (
	"log/slog"
	"strings"
	"testing"

	"wardlight/hub"
)

func TestConnections_BelowTheOpenFiles(t *testing.T) {
	for _, c := range []struct {
		files, all int
		warns      bool
	}{
		{0, 4096, false},
		{65536, 4096, false},
		{1024, 512, true},
		{100, minConnections, true},
	} {
		var log strings.Builder
		s := &settings{connections: connections{hub.MaxConnections, hub.MaxSourceConnections}}
		s.limitConnections(nil, c.files, slog.New(slog.NewTextHandler(&log, nil)))
		if got := log.String(); strings.Contains(got, "limit of open files") != c.warns {
			t.Errorf("log with %d files: got %q, want a warning: %v", c.files, got, c.warns)
		}
		if got := s.maxConnections(c.files); got != c.all {
			t.Errorf("maxConnections(%d) = %d, want %d", c.files, got, c.all)
		}
	}

	if files := maxFiles(); files < 0 {
		t.Errorf("maxFiles() = %d, want 0 or more", files)
	}
}
