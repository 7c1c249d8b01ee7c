// Package cupstest gives tests a real CUPS of their own: package printer with a test around it.
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

// timeout bounds what a cupsd is waited for.
const timeout = 2 * time.Minute

// Server is a running cupsd that ends with its test.
type Server struct {
	*printer.Server
	tb testing.TB
}

// Start starts a cupsd without any queue.
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

// bounded returns a context for a while; a cleanup may wait, too.
func (s *Server) bounded() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(s.tb.Context()), timeout)
}

// Run starts the cupsd, anew after Stop.
func (s *Server) Run() {
	s.tb.Helper()
	ctx, cancel := s.bounded()
	defer cancel()
	if err := s.Server.Run(ctx); err != nil {
		s.tb.Fatal(err)
	}
}

// AddPDF makes a queue that prints into a PDF.
func (s *Server) AddPDF(name string) {
	s.tb.Helper()
	if err := s.Server.AddPDF(s.tb.Context(), name); err != nil {
		s.tb.Fatal(err)
	}
}

// AddOff makes a queue whose printer is switched off: it looks ready, takes jobs, and nothing answers at the
// printer's address.
func (s *Server) AddOff(name string) {
	s.tb.Helper()
	s.AddPDF(name)
	s.Do("lpadmin", "-p", name, "-v", "socket://127.0.0.1:1")
}

// Jobs returns how many jobs wait in all queues.
func (s *Server) Jobs() int {
	s.tb.Helper()
	return strings.Count(s.Do("lpstat", "-o"), "\n")
}

// Close makes a queue that looks well and refuses every job.
func (s *Server) Close(name string) {
	s.tb.Helper()
	s.Do("lpadmin", "-p", name, "-o", "printer-op-policy=closed")
}

// Do runs one of CUPS's own programs as the administrator.
func (s *Server) Do(program string, args ...string) string {
	s.tb.Helper()
	out, err := s.Server.Do(s.tb.Context(), program, args...)
	if err != nil {
		s.tb.Fatal(err)
	}
	return out
}

// Printed waits until nothing is left to print, and returns the text of each PDF, page by page.
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

// Kept returns the names and contents of all files that CUPS keeps, its logs among them, but for the PDFs themselves.
// Meanwhile cupsd does not run: it puts files in the place of others when nobody waits for it.
func (s *Server) Kept() map[string]string {
	s.tb.Helper()
	s.Stop()
	defer s.Run()
	kept := map[string]string{}
	err := filepath.WalkDir(s.Path(""), func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || filepath.Dir(path) == s.Path("pdf") {
			return err
		}
		b, err := os.ReadFile(path)
		kept[path] = string(b)
		return err
	})
	if err != nil {
		s.tb.Fatal(err)
	}
	return kept
}
