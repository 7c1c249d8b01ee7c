package main

import (
	"context"

	"wardlight/internal/cups"
	"wardlight/internal/printout"
)

// printAlertOn prints an opened alert, waits some seconds for the page, and returns the id of the print job, or "" if
// nothing was sent. Errors are *cups.Error.
func (a *app) printAlertOn(ctx context.Context, s *cardSession, c checkResult, queue string) (job string, err error) {
	pages := printout.Layout(printout.Sheet{
		Patient: c.patient, Opened: *c.opened, Flags: c.lamp.Flags, Person: s.in.Person.Name, Role: c.role,
		Printed: a.now(), Location: a.zone(), Office: s.config.Office.String(), Destroy: s.config.PrintDestroy,
	})
	printing := cups.New(cups.Config{Environ: a.environ, FollowTimeout: a.followPage})
	if job, err = printing.Print(ctx, queue, pages.Bytes()); err != nil {
		return "", err
	}
	return job, printing.Follow(ctx, job)
}
