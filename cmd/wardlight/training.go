package main

import (
	"context"

	"wardlight/internal/config"
	"wardlight/internal/config/wardlight"
	"wardlight/internal/secretstore"
	"wardlight/internal/training"
)

// joinTraining sets the program's clock and keyring to those of the training session named in the environment. Without
// one it changes nothing. The returned context ends with the training. The error is that there is no such training.
func (w *environment) joinTraining(ctx context.Context) (context.Context, error) {
	t, err := training.Join(ctx, w.environ)
	if t == nil || err != nil {
		return ctx, err
	}
	w.training, w.clock, w.keyring = t, t.Now, secretstore.NewKeyring(t, "the training's keyring")
	ctx, end := context.WithCancel(ctx)
	go func() {
		<-t.Done()
		end()
	}()
	return ctx, nil
}

// checkTraining rejects settings with a hub or record system other than the training's. The training clock differs
// from the real one, so the program must not query real patients. Errors are *config.Error.
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
				Problem: "this program takes part in a training (" + training.Variable +
					" is set), which has another one",
			}
		}
	}
	return nil
}
