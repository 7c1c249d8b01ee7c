package main

import (
	"context"

	"wardlight/internal/config"
	"wardlight/internal/config/wardlight"
	"wardlight/internal/keep"
	"wardlight/internal/training"
)

// joinTraining returns the program the clock and the keyring of the training that its environment names; without one
// it changes nothing. The context ends with the training. The error says that there is no such training.
func (w *world) joinTraining(ctx context.Context) (context.Context, error) {
	t, err := training.Join(ctx, w.environ)
	if t == nil || err != nil {
		return ctx, err
	}
	w.training, w.clock, w.ring = t, t.Now, keep.Over(t, "the training's keyring")
	ctx, end := context.WithCancel(ctx)
	go func() {
		<-t.Over()
		end()
	}()
	return ctx, nil
}

// checkTraining refuses settings that name another hub or record system than the training's: with a clock that is not
// the computer's the program asks about nobody real. Errors are *config.Error.
func (a *app) checkTraining(c *wardlight.Config) error {
	if a.training == nil {
		return nil
	}
	for _, s := range []struct{ key, set, training string }{
		{"hub.url", c.HubURL, a.training.Hub}, {"record.url", c.RecordURL, a.training.Records},
	} {
		if s.set != "" && s.set != s.training {
			return &config.Error{
				Where: c.Origin(s.key), Key: s.key, Hint: "leave it out",
				Problem: "this program takes part in a training (" + training.Variable + " is set), which has another one",
			}
		}
	}
	return nil
}
