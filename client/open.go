package client

import (
	"context"
	"errors"
	"net/http"

	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// Open opens the alert and then reads the list of accesses. In a role of unscheduled care that writes the access
// history and notifies the local authority of each plan; in scheduled care it does neither. The plans that came are
// given even when the list did not (Opened.ListErr).
//
// again is the RequestID of an opening of the same patient that failed with Error.Unsettled, and "" otherwise: the hub
// makes one record, and one notification, of all that carries one id. Nothing here sends an opening twice by itself.
//
// Errors are *Error. Unsettled is set where the opening may have been recorded.
func (a *Acting) Open(ctx context.Context, n nhs.Number, again string) (Opened, error) {
	unscheduled := rbac.Unscheduled(a.role)
	c := a.readCPIS("/CareTeam", n)
	c.silent, c.opening = !unscheduled, unscheduled
	if again != "" {
		c.requestID = again
	}
	opened, err := a.openPlans(ctx, c, n)
	if err != nil {
		return Opened{}, err
	}
	opened.Notifies = unscheduled && len(opened.Plans) > 0
	opened.Accesses, opened.ListErr = a.Accesses(ctx, n)
	return opened, nil
}

// openPlans makes the call that opens. What the hub answered with 200 or a failure of its own may have been recorded.
func (a *Acting) openPlans(ctx context.Context, c call, n nhs.Number) (Opened, error) {
	ans, err := a.ask(ctx, c)
	var opened Opened
	if err == nil {
		opened, err = readPlans(c, ans, n)
	}
	var failed *Error
	if errors.As(err, &failed) && c.opening && mayHaveCounted(failed) {
		failed.Unsettled = true
	}
	return opened, err
}

// mayHaveCounted reports whether an opening that was answered with this failure may have been recorded: it succeeded
// and only the answer was unusable, the hub failed or ran out of time at a moment that is not known, or something on
// the way refused, which may have looked at the hub's answer first.
func mayHaveCounted(e *Error) bool {
	return e.Status == http.StatusOK || e.Status == http.StatusRequestTimeout || e.Status >= 500 || e.Status != 0 && e.Kind == Intercepted
}
