// Package play implements the stage of scenarios. Each Stage has its own private smartcard service, hub, local
// authorities, record system and printer. The program wardlight runs on it as on a terminal of the hospital.
// cmd/wardlight-lab imports it.
package play

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wardlight/internal/lab/demo"
	"wardlight/internal/lab/pcscd"
	"wardlight/internal/lab/printer"
	"wardlight/internal/lab/record"
	"wardlight/internal/lab/scenario"
	"wardlight/internal/nhs"
	"wardlight/internal/secretstore"
)

// Options configure a Stage.
type Options struct {
	Program string            // path of the program wardlight
	Folder  string            // working directory: the scenario's folder
	Dataset *demo.InitialData // initial data of the hub; nil for the demo's people
	Start   time.Time         // initial time; zero for the computer's time
	Prints  bool              // start a printer
}

// maxYears is how far a world's time may be from the computer's time. Clients use the computer's time to verify the
// hub's certificate, and a CA of the lab is valid from fifty years before its creation to fifty years after.
const maxYears = 40

// checkDate returns an error if a time is too far from the computer's.
func checkDate(at time.Time) error {
	if far := time.Until(at).Abs(); far > maxYears*365*24*time.Hour {
		return fmt.Errorf("a date is at most %d years from today", maxYears)
	}
	return nil
}

// seeded is the number of generated patients besides the named ones.
const seeded = 100

// A Stage is a world in which a scenario is executed. It implements scenario.Stage.
type Stage struct {
	options Options
	folder  string
	clock   *clock
	service *pcscd.Daemon
	hub     *demo.Demo
	records *record.System
	printer *printer.Server // nil if nothing is printed
	also    trainingServer
	set     []string // the scenario's settings as environment variables
	ends    []func() error

	card    *pcscd.Plugged // nil if no card is inserted
	changed bool           // the service may not have noticed the last change of cards yet
}

var _ scenario.Stage = (*Stage)(nil)

// Open creates and starts a world, which ends on Close or when ctx is done. If Open fails, it removes everything that
// it created. The error names the software to install, or the part of the Dataset that is invalid.
func Open(ctx context.Context, o Options) (_ *Stage, err error) {
	if !o.Start.IsZero() {
		if err := checkDate(o.Start); err != nil {
			return nil, err
		}
	}

	if missing := pcscd.Missing(); missing != nil {
		return nil, fmt.Errorf("a scenario needs a smartcard service of its own: install %s",
			strings.Join(missing, " "))
	}

	s := &Stage{options: o, clock: newClock(o.Start)}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()

	if s.folder, err = os.MkdirTemp("", "wlplay"); err != nil {
		return nil, err
	}

	s.ends = append(s.ends, func() error { return os.RemoveAll(s.folder) })
	for _, step := range []func(context.Context) error{
		s.startHub, s.startService, s.startRecords, s.startPrinter,
		s.startComputer,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}

	return s, nil
}

// Close stops all parts of the world and removes its files.
func (s *Stage) Close() error {
	var errs []error
	for i := len(s.ends) - 1; i >= 0; i-- {
		errs = append(errs, s.ends[i]())
	}
	s.ends = nil
	return errors.Join(errs...)
}

func (s *Stage) path(name string) string { return filepath.Join(s.folder, name) }

func (s *Stage) startHub(ctx context.Context) (err error) {
	s.hub, err = demo.Start(ctx, demo.Options{
		Folder: s.path("hub"), Clock: s.clock.Now, Seed: 1, People: seeded,
		Data: s.options.Dataset,
	})
	if err == nil {
		s.ends = append(s.ends, s.hub.Close)
	}
	return err
}

func (s *Stage) startService(ctx context.Context) (err error) {
	if err := os.Mkdir(s.path("card"), 0o700); err != nil {
		return err
	}
	if s.service, err = pcscd.Start(ctx, s.path("card")); err == nil {
		s.ends = append(s.ends, func() error { s.service.Stop(); return nil })
	}
	return err
}

// recordToken is the token for the world's record system, which listens on the loopback interface only.
const recordToken = "training"

func (s *Stage) startRecords(ctx context.Context) error {
	s.records = record.New(recordToken)
	base, stop, err := s.records.Listen(ctx)
	if err == nil {
		s.also.records = base
		s.ends = append(s.ends, func() error { stop(); return nil })
	}
	return err
}

// printQueue is the name of the print queue.
const printQueue = "ward"

func (s *Stage) startPrinter(ctx context.Context) (err error) {
	if !s.options.Prints {
		return nil
	}
	if s.printer, err = printer.Start(ctx); err != nil {
		return err
	}
	s.ends = append(s.ends, s.printer.Close)
	return s.printer.AddPDF(ctx, printQueue)
}

// startComputer serves the clock, and a keyring that contains the token for the record system.
func (s *Stage) startComputer(ctx context.Context) error {
	s.also.clock, s.also.hub, s.also.keyring = s.clock, s.hub.HubURL(), make(map[string]string)
	if err := s.also.serve(ctx, s.path("training")); err != nil {
		return err
	}
	s.ends = append(s.ends, func() error { s.also.close(); return nil })
	return secretstore.NewKeyring(&s.also, "the training's keyring").Set(ctx, secretstore.RecordToken(s.also.records),
		[]byte(recordToken))
}

// SetDate sets the clock of hub and programs to a later time.
func (s *Stage) SetDate(at time.Time) error {
	if err := checkDate(at); err != nil {
		return err
	}
	return s.clock.set(at)
}

// StopHub stops the hub abruptly, as if its process had been killed.
func (s *Stage) StopHub() error { return s.hub.StopHub() }

// StartHub restarts the hub.
func (s *Stage) StartHub(ctx context.Context) error { return s.hub.StartHub(ctx) }

// AnswerHub makes a proxy in front of the hub answer every request with the status; 0 removes the proxy.
func (s *Stage) AnswerHub(status int) error { s.hub.AnswerWith(status); return nil }

// Import adds people and plans to the hub's store.
func (s *Stage) Import(ctx context.Context, file string) error { return s.hub.Import(ctx, file) }

// Upload sends a file on behalf of the authority.
func (s *Stage) Upload(ctx context.Context, authority, file string) (scenario.UploadAnswer, error) {
	status, body, err := s.hub.Upload(ctx, authority, file)
	if err != nil {
		return scenario.UploadAnswer{}, err
	}
	var a scenario.UploadAnswer
	if err := json.Unmarshal(body, &a); err != nil || a.Code == "" {
		return a, fmt.Errorf("the hub answered %d: %s", status, body)
	}
	return a, nil
}

// Notifications waits until the authority, or all authorities if it is "", have been notified of n openings and no
// notification is waiting. It returns the number of openings.
func (s *Stage) Notifications(ctx context.Context, authority string, n int) (int, error) {
	count := func() int {
		got := 0
		for _, received := range s.hub.Notifications() {
			if authority == "" || received.Authority == authority {
				got++
			}
		}
		return got
	}

	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()

	for {
		waiting, err := s.hub.Undelivered(ctx)
		if got := count(); err == nil && waiting == 0 && got >= n || ctx.Err() != nil {
			return got, nil
		}
		select {
		case <-look.C:
		case <-ctx.Done():
		}
	}
}

// Accesses returns how many accesses were added to a patient's access history.
func (s *Stage) Accesses(ctx context.Context, patient nhs.Number) (int, error) {
	all, err := s.hub.AccessHistory(ctx, patient)
	n := 0
	for _, a := range all {
		if a.Session != demo.LoadedSession {
			n++
		}
	}
	return n, err
}

// FailRecords makes the record system reject the next flag.
func (s *Stage) FailRecords() error { s.records.Fail(record.Down); return nil }

// CutRecords makes the record system store the next flag and break the connection before its response.
func (s *Stage) CutRecords() error { s.records.Fail(record.CutAfter); return nil }

// Flagged returns how many flags the record system has.
func (s *Stage) Flagged() (int, error) { return len(s.records.Flags()), nil }

// Printed waits until printing is complete. It returns the text of each printout with single spaces between words.
func (s *Stage) Printed(ctx context.Context) ([]string, error) {
	printed, err := s.printer.Printed(ctx)
	var all []string
	for _, pages := range printed {
		all = append(all, strings.Join(strings.Fields(strings.Join(pages, " ")), " "))
	}
	return all, err
}
