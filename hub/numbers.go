package hub

import (
	"context"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

const (
	// checkNumbersEvery is the time between two calls of [Hub.CheckNumbers].
	checkNumbersEvery = time.Minute
	// checkNumberAfter is the age from which a check is repeated.
	checkNumberAfter = 24 * time.Hour
	// checkPause is the time between two requests, so that the checks use little of the service's limits.
	checkPause = 200 * time.Millisecond
	// maxChecks is the maximum number of checks of one call.
	maxChecks = 250
)

// CurrentNumbers finds the number that has superseded an NHS number, or the number itself, in a national service.
type CurrentNumbers interface {
	CurrentNumber(ctx context.Context, number nhs.Number) (nhs.Number, error)
}

// checkNumbers calls CheckNumbers every minute until ctx ends.
func (h *Hub) checkNumbers(ctx context.Context) {
	for {
		h.CheckNumbers(ctx)
		select {
		case <-ctx.Done():
			return
		case <-h.config.After(checkNumbersEvery):
		}
	}
}

// CheckNumbers checks whether numbers under which plans are stored have been superseded, if their last check is older
// than a day. [Hub.Run] calls it. It does nothing without Config.Numbers. It stops at the first failure, which it logs,
// because the service is then likely to fail for the others, too.
func (h *Hub) CheckNumbers(ctx context.Context) {
	c := h.config
	if c.Numbers == nil {
		return
	}

	due, err := c.Store.UncheckedNumbers(ctx, c.Clock().Add(-checkNumberAfter), maxChecks)
	for i := 0; err == nil && i < len(due); i++ {
		if err = h.checkNumber(ctx, due[i]); err != nil || i == len(due)-1 {
			break
		}
		select {
		case <-ctx.Done():
			return
		case <-c.After(checkPause):
		}
	}

	if err != nil && ctx.Err() == nil {
		c.Log.WarnContext(ctx, "It could not be checked whether NHS numbers of plans were superseded.", "error", err)
	}
}

func (h *Hub) checkNumber(ctx context.Context, number nhs.Number) error {
	current, err := h.config.Numbers.CurrentNumber(ctx, number)
	if err != nil {
		return err
	}
	return h.config.Store.PutNumberChecks(ctx, []store.NumberCheck{
		{Number: number, Current: current, At: h.config.Clock()},
	})
}
