// Package cupstest provides a private CUPS for tests, with package printer. Only tests import it.
package cupstest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/internal/lab/printer"
	"wardlight/internal/need"
)

// timeout is the timeout for operations of cupsd.
const timeout = 2 * time.Minute

// Server is a running cupsd that is stopped at the end of its test.
type Server struct {
	*printer.Server
	tb testing.TB
}

// Start starts a cupsd without queues.
func Start(tb testing.TB) *Server {
	tb.Helper()
	if err := printer.Missing(); err != nil {
		need.Absent(tb, err.Error())
	}
	s, err := printer.Start(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return &Server{s, tb}
}

// bounded returns a context with the timeout. It isn't cancelled with the test, because a cleanup may wait, too.
func (s *Server) bounded() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(s.tb.Context()), timeout)
}

// Run starts the cupsd, or restarts it after Stop.
func (s *Server) Run() {
	s.tb.Helper()
	ctx, cancel := s.bounded()
	defer cancel()
	if err := s.Server.Run(ctx); err != nil {
		s.tb.Fatal(err)
	}
}

// AddPDF creates a queue that prints to PDF files.
func (s *Server) AddPDF(name string) {
	s.tb.Helper()
	if err := s.Server.AddPDF(s.tb.Context(), name); err != nil {
		s.tb.Fatal(err)
	}
}

// AddOff creates a queue whose printer is switched off: the queue accepts jobs, but nothing listens at the printer's
// address.
func (s *Server) AddOff(name string) {
	s.tb.Helper()
	s.AddPDF(name)
	s.Do("lpadmin", "-p", name, "-v", "socket://127.0.0.1:1")
}

// Jobs returns the number of waiting jobs in all queues.
func (s *Server) Jobs() int {
	s.tb.Helper()
	return strings.Count(s.Do("lpstat", "-o"), "\n")
}

// Close changes a queue so that it appears normal but rejects every job.
func (s *Server) Close(name string) {
	s.tb.Helper()
	s.Do("lpadmin", "-p", name, "-o", "printer-op-policy=closed")
}

// Do runs one of CUPS's programs as the administrator and returns its output.
func (s *Server) Do(program string, args ...string) string {
	s.tb.Helper()
	out, err := s.Server.Do(s.tb.Context(), program, args...)
	if err != nil {
		s.tb.Fatal(err)
	}
	return out
}

// Printed waits until printing is complete, and returns the text of each PDF by page.
func (s *Server) Printed() [][]string {
	s.tb.Helper()
	ctx, cancel := s.bounded()
	defer cancel()
	all, err := s.Server.Printed(ctx)
	if err != nil {
		s.tb.Fatal(err)
	}
	return all
}

// Files returns the names and contents of all files of CUPS, including its logs, except the PDFs. It stops cupsd
// meanwhile, because cupsd replaces files.
func (s *Server) Files() map[string]string {
	s.tb.Helper()
	s.Stop()
	defer s.Run()
	saved := map[string]string{}
	err := filepath.WalkDir(s.Path(""), func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || filepath.Dir(path) == s.Path("pdf") {
			return err
		}
		b, err := os.ReadFile(path)
		saved[path] = string(b)
		return err
	})
	if err != nil {
		s.tb.Fatal(err)
	}
	return saved
}
