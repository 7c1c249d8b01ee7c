package demo

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"wardlight/hub/cpis"
	"wardlight/hub/intake"
	"wardlight/hub/limit"
	"wardlight/internal/lab/people"
)

// InitialData is the initial data and the settings of a hub.
type InitialData struct {
	Authorities []people.Authority
	Files       []string // FHIR NDJSON files with people and plans, in the order of import
	Settings    Settings

	demo bool // add the demo's own people
}

// Settings are the hub settings that a world may change. A zero field means the hub's default.
type Settings struct {
	SessionIdle, SessionMax time.Duration
	Window                  cpis.Window
	Limits                  *limit.Config
}

// maxRefused is the maximum number of refused lines that an error lists.
const maxRefused = 10

// RefusedError is returned for a file of which some lines were not imported.
type RefusedError struct {
	Lines []string // position and error of the first ten refused lines
	Count int
}

// Error returns the refused lines, separated by newlines.
func (e *RefusedError) Error() string {
	said := strings.Join(e.Lines, "\n")
	if more := e.Count - len(e.Lines); more > 0 {
		said += fmt.Sprintf("\nand %d more lines were not imported", more)
	}
	return said
}

// Import adds the people and plans in a file to the hub's store, as "wardlight-hub import" does. The error is a
// *RefusedError if some lines were refused, or an error of the file or the store.
func (d *Demo) Import(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read from
	takers, err := intake.Importers(ctx, d.store, cmp.Or(d.options.Data.Settings.Window, cpis.Standard()),
		d.options.Clock, "the lab")
	if err != nil {
		return err
	}

	refused := &RefusedError{}
	in := intake.Intake{
		File: path, Takers: takers, Stored: func(intake.Position) error { return nil }, Note: func(intake.Noted) {},
		Refuse: func(r *intake.Refused) {
			if refused.Count++; refused.Count <= maxRefused {
				refused.Lines = append(refused.Lines, r.Error())
			}
		},
	}

	_, err = in.Run(ctx, io.Reader(f), intake.Position{})
	if err == nil && refused.Count > 0 {
		return refused
	}

	return err
}

// importAll imports the files in order.
func (d *Demo) importAll(ctx context.Context, files []string) error {
	for _, path := range files {
		if err := d.Import(ctx, path); err != nil {
			return err
		}
	}
	return nil
}
