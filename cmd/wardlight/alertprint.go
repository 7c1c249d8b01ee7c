package main

import (
	"context"

	"wardlight/internal/cups"
	"wardlight/internal/paper"
)

// printAlertOn prints an opened alert, and gives the number of the job. Errors are *cups.Error.
func (a *app) printAlertOn(ctx context.Context, s *sitting, c checked, queue string) (job string, err error) {
	pages := paper.Lay(paper.Sheet{
		Patient: c.patient, Opened: *c.opened, Person: s.in.Person.Name, Role: c.role,
		Printed: a.clock(), Location: a.zone(), Office: s.config.Office.String(), Destroy: s.config.PrintDestroy,
	})
	return cups.New(cups.Config{Environ: a.environ}).Print(ctx, queue, pages.Bytes())
}
