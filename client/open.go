package client

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"wardlight/internal/nhs"
	"wardlight/rbac"
)

// queryTimeout is the timeout of an opening that makes the hub ask a national service. The hub answers within it.
const queryTimeout = 15 * time.Second

// Open opens the alert and then reads the access history, unless the answer includes it. In a role of unscheduled care
// this is recorded in the access history, and the local authority of each plan is notified. In scheduled care
// neither happens. The plans are returned even if reading the access history failed (Opened.ListErr).
//
// again is "", or the RequestID of an opening of the same patient that failed with Error.Unsettled. The hub makes one
// record and one notification for all requests with the same id. Open never sends a request twice by itself.
//
// Errors are *Error. Unsettled is set if the opening may have been recorded.
func (a *Acting) Open(ctx context.Context, n nhs.Number, again string) (Opened, error) {
	unscheduled := rbac.Unscheduled(a.role)
	c := a.readCPIS("/CareTeam", n)
	c.silent, c.opening = !unscheduled, unscheduled
	if again != "" {
		c.requestID = again
	}
	if a.session.hub.openingAsks.Load() {
		c.timeout = max(a.session.hub.timeout, queryTimeout)
	}
	opened, err := a.openPlans(ctx, c, n)
	if err != nil {
		return Opened{}, err
	}
	opened.Notifies = unscheduled && len(opened.Plans) > 0
	if !opened.historyIncluded {
		opened.Accesses, opened.ListErr = a.Accesses(ctx, n)
	}
	return opened, nil
}

// openPlans makes the call that opens. After an answer of status 200, or a failure of the hub, the opening may have
// been recorded.
func (a *Acting) openPlans(ctx context.Context, c call, n nhs.Number) (Opened, error) {
	ans, err := a.ask(ctx, c)
	var opened Opened
	if err == nil {
		opened, err = readPlans(c, ans, n)
	}
	var failed *Error
	if errors.As(err, &failed) {
		failed.OutcomeUnknown = failed.OutcomeUnknown || c.opening && mayHaveBeenRecorded(failed)
		if failed.Kind == NotOffered {
			failed.Detail = strings.Replace(failed.Sentence(), "This", "Opening in "+settingWords(c.opening)+" care", 1)
		}
	}
	return opened, err
}

// settingWords returns the care setting in words.
func settingWords(unscheduled bool) string {
	if unscheduled {
		return "unscheduled"
	}
	return "scheduled"
}

// mayHaveBeenRecorded reports whether an opening that failed with e may have been recorded. That is possible if it
// succeeded and only the answer was malformed, if the hub failed or timed out at an unknown moment, or if something on
// the way, which may have received the hub's answer, refused.
func mayHaveBeenRecorded(e *Error) bool {
	if e.Kind.isNational() {
		return e.MayBeTold
	}
	return e.Status == http.StatusOK || e.Status == http.StatusRequestTimeout || e.Status >= 500 || e.Status != 0 &&
		e.Kind == Intercepted
}
