package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub/cpis"
	"wardlight/hub/intake"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
)

// maxShownLines is the maximum number of rejected lines of a file that are shown one by one, and of imported lines
// with a note.
const maxShownLines = 1000

func newImport(log io.Writer) *cobra.Command {
	restart := false
	c := &cobra.Command{
		Use:   "import FILE...",
		Short: "Import patients, plans, flags and staff from FHIR NDJSON",
		Long: `Import FHIR NDJSON, one resource per line: Patient, with its RelatedPerson lines directly after it; plans as CareTeam, whose
authority must be on file; other flags of patients as Flag (reasonable adjustments, FGM); and people who may sign in as
Practitioner, with their PractitionerRole lines anywhere after it. "-" is standard input.

An interrupted import continues when it is run again, and so does an import of a file that has grown. --restart starts from
the first line. Records that are on file already are replaced. The hub may be running.

For a line that is refused, the command prints its number and the error, but none of its content. It imports the other lines
and exits with code 1. A plan that is not an alert today, or that the hub ends by rule, is imported and reported the same way.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			s, err := load(c)
			if err != nil {
				return err
			}
			return importFiles(c.Context(), s, files, restart, c.InOrStdin(), log)
		},
	}

	c.Flags().BoolVar(&restart, "restart", false, "begin again, whatever was imported before")
	return c
}

// importFiles imports the files one after the other. Rejected lines don't stop it.
func importFiles(ctx context.Context, s *settings, files []string, restart bool, stdin io.Reader, log io.Writer) error {
	if err := s.checkNotRoot(); err != nil {
		return err
	}

	bookmarks, err := s.bookmarksFolder()
	if err != nil {
		return err
	}

	ledger, err := openStore(ctx, s)
	if err != nil {
		return err
	}
	defer ledger.Close() //nolint:errcheck // batches are durable once stored
	var refused int64
	for _, name := range files {
		m := &importing{
			name: name, store: ledger, window: s.window, folder: bookmarks, restart: restart,
			shown: newProgress(log, name, time.Now),
		}
		at, err := m.run(ctx, stdin)
		refused += at.Refused
		if err != nil {
			return err
		}
	}

	if refused > 0 {
		return fmt.Errorf("%d lines were not imported", refused)
	}

	return nil
}

// bookmarksFolder returns the folder of the bookmarks for this ledger. Another database has its own. If there is no
// ledger yet, bookmarks of an earlier one are removed.
func (s *settings) bookmarksFolder() (string, error) {
	folder := s.importsFolder()
	if s.engine == "sqlite" {
		if sqlite.Whole(s.data) {
			return folder, nil
		}
		return folder, os.RemoveAll(folder)
	}
	at, err := s.postgres()
	sum := sha256.Sum256([]byte(at.DSN))
	return filepath.Join(folder, hex.EncodeToString(sum[:8])), err
}

func (s *settings) importsFolder() string { return filepath.Join(s.data, "imports") }

// importing is the import of one file.
type importing struct {
	name    string // "-" for standard input
	store   store.Store
	window  cpis.Window
	folder  string // folder of the bookmarks
	restart bool
	shown   *progress
	refused int
	noted   int
}

func (m *importing) run(ctx context.Context, stdin io.Reader) (intake.Position, error) {
	takers, err := intake.Importers(ctx, m.store, m.window, time.Now, operatorReason())
	if err != nil {
		return intake.Position{}, err
	}

	in := intake.Intake{File: m.name, Takers: takers, Refuse: m.refuse, Note: m.note, Stored: m.shown.stored}
	if m.name == "-" {
		in.File = "standard input"
		return m.finish(in.Run(ctx, stdin, intake.Position{}))
	}

	// Opening a named pipe blocks until a writer opens it.
	about, err := os.Stat(m.name)
	switch {
	case err != nil:
		return intake.Position{}, err
	case !about.Mode().IsRegular():
		return intake.Position{}, fmt.Errorf("%s is not a regular file: pipe it to standard input, and use - as "+
			"its name", m.name)
	}

	f, err := os.Open(m.name)
	if err != nil {
		return intake.Position{}, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	mark, from, err := m.begin(f)
	if err != nil {
		return intake.Position{}, err
	}

	in.Stored = func(at intake.Position) error {
		if err := mark.Save(at); err != nil {
			return err
		}
		return m.shown.stored(at)
	}

	return m.finish(in.Run(ctx, f, from))
}

// begin reads the bookmark of a file and seeks to its position.
func (m *importing) begin(f *os.File) (*intake.Bookmark, intake.Position, error) {
	about, err := f.Stat()
	if err != nil {
		return nil, intake.Position{}, err
	}

	mark, err := intake.NewBookmark(m.folder, f)
	if err != nil {
		return nil, intake.Position{}, err
	}

	if m.restart {
		if err := mark.Remove(); err != nil {
			return nil, intake.Position{}, err
		}
	}

	from, changed, err := mark.Position()
	if err != nil {
		return nil, intake.Position{}, err
	}

	switch {
	case changed:
		m.shown.printMessage("the file has changed: starting from the first line")
	case from.Offset > 0:
		m.shown.printMessage(fmt.Sprintf("continuing after line %d", from.Lines))
	}

	if _, err := f.Seek(from.Offset, io.SeekStart); err != nil {
		return nil, intake.Position{}, err
	}

	m.shown.begin(from, about.Size())
	return mark, from, nil
}

// refuse shows a rejected line.
func (m *importing) refuse(r *intake.Refused) {
	m.refused++
	m.show(m.refused, r.Error(), "more lines were refused; they are only counted from here on")
}

// note shows a line that was imported with a note, such as that its plan is no alert today.
func (m *importing) note(n intake.Noted) {
	m.noted++
	m.show(m.noted, n.String(), "more lines were imported with a note; further notes are not shown")
}

// show shows a line while count is within maxShownLines. At the first line after that it shows more instead.
func (m *importing) show(count int, line, more string) {
	switch {
	case count <= maxShownLines:
		m.shown.printLine(line)
	case count == maxShownLines+1:
		m.shown.printLine(more)
	}
}

// finish shows the result of the import.
func (m *importing) finish(at intake.Position, err error) (intake.Position, error) {
	m.shown.end()
	if errors.Is(err, context.Canceled) {
		return at, fmt.Errorf("%s: interrupted after line %d; run the command again to continue", m.name, at.Lines)
	}
	if err == nil {
		m.shown.printMessage(fmt.Sprintf("%d lines: %d imported, %d refused", at.Lines, at.Taken, at.Refused))
	}
	return at, err
}
