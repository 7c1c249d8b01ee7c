package audit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"wardlight/internal/translog"
)

// Limits: witnessTimeout is how long the witnesses have to answer; only the next checkpoint waits for them. maxTries is
// how often a witness is asked again with the size that it answered. Another hub of the database may send checkpoints
// at the same time.
const (
	witnessTimeout = 10 * time.Second
	maxTries       = 3
)

// Witness signs checkpoints of the tree; see package witness.
type Witness interface {
	Name() string
	Key() *translog.WitnessVerifier
	// Add asks for a signature. Errors are *translog.OldSizeError, translog.ErrInconsistent, and others.
	Add(ctx context.Context, a translog.Addition) ([]byte, error)
}

// witnessState is what is known about a witness.
type witnessState struct {
	size    int64 // of the last checkpoint that it has signed, as far as is known
	failing bool  // the latest request failed
}

// WitnessedMoreError means that a witness has signed a checkpoint of more records than there are.
type WitnessedMoreError struct{ Signed, Size int64 }

// Error returns the sizes.
func (e *WitnessedMoreError) Error() string {
	return fmt.Sprintf("the witness has signed a checkpoint of %d records, and there are %d", e.Signed, e.Size)
}

// cosign asks the witnesses that haven't signed the last checkpoint, all at the same time, and stores the checkpoint
// with their signatures. It asks once for each checkpoint, and again after retryEvery.
func (c *TreeCheckpointer) cosign(ctx context.Context, at time.Time) error {
	last, err := c.stored()
	if err != nil || last.N == 0 || len(c.Witnesses) == 0 ||
		last.N == c.asked && at.Sub(c.askedAt).Abs() < retryEvery {
		return err
	}
	c.asked, c.askedAt = last.N, at
	if c.states == nil {
		c.states = make([]witnessState, len(c.Witnesses))
	}

	next := last
	for i, answer := range c.askAll(ctx, last) {
		if answer == nil {
			continue
		}
		text, err := translog.AddCosignature(next.Text, answer, c.To.Verifier(), c.Witnesses[i].Key())
		if err != nil {
			return err
		}
		next.Text = text
	}
	if len(next.Text) == len(last.Text) {
		return nil
	}

	if err := c.append(ctx, next); err != nil {
		c.asked = 0 // the next attempt asks for the signatures again
		return err
	}
	return nil
}

// askAll asks the witnesses that haven't signed the checkpoint, and returns their answers in the order of Witnesses. An
// answer is nil if there is none with a valid signature.
func (c *TreeCheckpointer) askAll(ctx context.Context, last TreeNote) [][]byte {
	within, cancel := context.WithTimeout(ctx, witnessTimeout)
	defer cancel()
	answers := make([][]byte, len(c.Witnesses))
	var all sync.WaitGroup
	for i, w := range c.Witnesses {
		if _, by, err := translog.OpenCheckpoint(last.Text, c.To.Verifier(), w.Key()); err == nil && len(by) > 0 {
			continue
		}
		all.Go(func() {
			var err error
			answers[i], err = c.ask(within, w, &c.states[i], last)
			if ctx.Err() == nil { // otherwise the hub is stopping
				c.report(ctx, w, &c.states[i], err)
			}
		})
	}
	all.Wait()
	return answers
}

// ask asks a witness for a signature of the last checkpoint, and verifies it. It returns nil without an error if the
// witness has signed a later one, which another hub of the database sent.
func (c *TreeCheckpointer) ask(ctx context.Context, w Witness, s *witnessState, last TreeNote) ([]byte, error) {
	for tries := 0; ; tries++ {
		a := translog.Addition{Old: s.size, Checkpoint: last.Text}
		if s.size > 0 {
			var err error
			if a.Proof, err = TreeConsistency(ctx, c.Log, s.size, last.N); err != nil {
				return nil, fmt.Errorf("audit: %w", err)
			}
		}

		answer, err := w.Add(ctx, a)
		if err == nil {
			if _, err = translog.AddCosignature(last.Text, answer, c.To.Verifier(), w.Key()); err != nil {
				return nil, err
			}
			s.size = last.N
			return answer, nil
		}

		var other *translog.OldSizeError
		switch {
		case !errors.As(err, &other):
			return nil, err
		case other.Size == s.size && other.Size == last.N: // with another hash
			return nil, translog.ErrInconsistent
		case other.Size > last.N:
			end, err := c.Log.AuditTree(ctx)
			if err == nil && other.Size > end.Size {
				err = &WitnessedMoreError{other.Size, end.Size}
			}
			return nil, err
		case tries == maxTries:
			return nil, err
		}
		s.size = other.Size
	}
}

// report logs the error of a request to a witness: a contradiction each time, another failure once until it ends.
func (c *TreeCheckpointer) report(ctx context.Context, w Witness, s *witnessState, err error) {
	if c.Witnessed != nil {
		c.Witnessed(w.Name(), err)
	}
	switch {
	case errors.Is(err, translog.ErrInconsistent) || errors.As(err, new(*WitnessedMoreError)):
		c.Alarm.ErrorContext(ctx, "ALARM: a witness has signed checkpoints of another audit: the end of this one was "+
			"cut off, or it was rewritten.", "witness", w.Name(), "error", err)
	case err != nil && !s.failing:
		c.Alarm.WarnContext(ctx, "A witness did not sign the checkpoint of the audit's tree. The hub asks again.",
			"witness", w.Name(), "error", err)
	case err == nil && s.failing:
		c.Alarm.InfoContext(ctx, "The witness signs checkpoints of the audit's tree again.", "witness", w.Name())
	}
	s.failing = err != nil
}
