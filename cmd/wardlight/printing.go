package main

import (
	"context"

	"github.com/spf13/cobra"

	"wardlight/client"
	"wardlight/internal/cups"
	"wardlight/internal/printout"
)

// printJob is a printout on its way to a printer. The zero value is one that was not requested.
type printJob struct {
	queue string
	job   string // id of the print job; "" if nothing was sent
	err   error  // why it was not printed, or is not known to be printed
}

// checkQueue returns an error if --print is given without the name of a queue, as by an empty variable of a script.
func checkQueue(cmd *cobra.Command, queue string) error {
	if cmd.Flags().Changed("print") && queue == "" {
		return &usageError{problem: "--print has no name of a print queue", hint: "'lpstat -e' lists the queues"}
	}
	return nil
}

// printAlertOn prints an opened alert.
func (a *app) printAlertOn(ctx context.Context, s *cardSession, c checkResult, queue string) printJob {
	sheet := a.sheet(s, c.patient)
	sheet.Opened, sheet.Flags = *c.opened, c.lamp.Flags
	return a.printOn(ctx, sheet, queue)
}

// printSummaryOn prints a summary that was viewed.
func (a *app) printSummaryOn(ctx context.Context, s *cardSession, v viewedSummary, queue string) printJob {
	sheet := a.sheet(s, v.patient)
	sheet.Summary, sheet.DestroyAfter = &v.Summary, s.config.SummaryDestroyAfter
	return a.printOn(ctx, sheet, queue)
}

// sheet returns what all printouts about a patient have.
func (a *app) sheet(s *cardSession, patient client.Patient) printout.Sheet {
	return printout.Sheet{
		Patient: patient, Person: s.in.Person.Name, Role: s.role, Printed: a.now(), Location: a.zone(),
		Office: s.config.Office.String(), Destroy: s.config.PrintDestroy,
	}
}

// printOn prints a sheet and waits some seconds for its pages. The errors are *cups.Error.
func (a *app) printOn(ctx context.Context, sheet printout.Sheet, queue string) printJob {
	printing := cups.New(cups.Config{Environ: a.environ, FollowTimeout: a.followPage})
	job, err := printing.Print(ctx, queue, printout.Layout(sheet).Bytes())
	if err != nil {
		return printJob{queue: queue, err: err}
	}
	return printJob{queue: queue, job: job, err: printing.Follow(ctx, job)}
}

// show writes what became of the printout, if it was requested.
func (p printJob) show(w *lines) {
	if p.queue == "" {
		return
	}
	w.text("")
	switch {
	case p.err == nil:
		w.text("Printed on %s as job %s.", p.queue, p.job)
	case p.job != "":
		w.text("Sent to the printer %s as job %s. It is not known to have come out.", p.queue, p.job)
	default:
		w.text("It was not printed.")
	}
}

// printPart describes a print job.
type printPart struct {
	Queue string `json:"queue"`
	Job   string `json:"job"`
	State string `json:"state"` // printed; waiting (may be printed later); given_up; or unknown
}

// part returns the part of a JSON document, or nil if nothing was sent to a printer.
func (p printJob) part() *printPart {
	if p.job == "" {
		return nil
	}
	return &printPart{Queue: p.queue, Job: p.job, State: pageState(p.err)}
}

// pageState returns the state of a print job whose tracking ended with err.
func pageState(err error) string {
	switch {
	case err == nil:
		return "printed"
	case cups.KindOf(err) == cups.Waiting:
		return "waiting"
	case cups.KindOf(err) == cups.Aborted:
		return "given_up"
	}
	return "unknown"
}
