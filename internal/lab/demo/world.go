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

// World is what a hub begins with.
type World struct {
	Authorities []people.Authority
	Files       []string // FHIR NDJSON: people and plans, in the order in which they are imported
	Settings    Settings

	demo bool // the demo's own people
}

// Settings are the hub's settings that a world can have. The zero value is the hub's defaults.
type Settings struct {
	SessionIdle, SessionMax time.Duration
	Window                  cpis.Window
	Limits                  *limit.Config
}

// maxRefused is how many refused lines of a file an error names.
const maxRefused = 10

// RefusedError is a file of which lines were not imported.
type RefusedError struct {
	Lines []string // the position of each and what is wrong, of the first ten
	Count int
}

// Error returns the refused lines, one below the other.
func (e *RefusedError) Error() string {
	said := strings.Join(e.Lines, "\n")
	if more := e.Count - len(e.Lines); more > 0 {
		said += fmt.Sprintf("\nand %d more lines are not imported", more)
	}
	return said
}

// Import adds the people and plans in a file to the hub's store, as wardlight-hub import does. The error is a
// *RefusedError where lines are not imported, that of the file, or that of the store.
func (d *Demo) Import(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	takers, err := intake.Takers(ctx, d.store, cmp.Or(d.options.World.Settings.Window, cpis.Standard()), d.options.Clock, "the lab")
	if err != nil {
		return err
	}
	refused := &RefusedError{}
	in := intake.Intake{
		File: path, Takers: takers, Stored: func(intake.Place) error { return nil }, Note: func(intake.Noted) {},
		Refuse: func(r *intake.Refused) {
			if refused.Count++; refused.Count <= maxRefused {
				refused.Lines = append(refused.Lines, r.Error())
			}
		},
	}
	_, err = in.Run(ctx, io.Reader(f), intake.Place{})
	if err == nil && refused.Count > 0 {
		return refused
	}
	return err
}

// importAll imports the files of a world.
func (d *Demo) importAll(ctx context.Context, files []string) error {
	for _, path := range files {
		if err := d.Import(ctx, path); err != nil {
			return err
		}
	}
	return nil
}
