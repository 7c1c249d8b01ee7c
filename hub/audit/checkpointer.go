package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"wardlight/hub/store"
)

// How often a Checkpointer looks for new records, how often it tries again after a failure, and how long the last
// checkpoint of a hub that stops may take.
const (
	lookEvery   = time.Second
	retryEvery  = 30 * time.Second
	lastTimeout = 10 * time.Second
)

// Log is what a Checkpointer reads (store.Store).
type Log interface {
	Trail
	AuditHead(ctx context.Context) (store.AuditRecord, error)
}

// Checkpoints is where checkpoints are kept (CheckpointFile).
type Checkpoints interface {
	Origin() string
	Last() (Checkpoint, bool, error)
	Append(c Checkpoint) error
}

// Checkpointer signs a checkpoint every so many records, and after some time where there is something new. It signs
// only what continues the last checkpoint: records that were changed or cut off since are an alarm, and nothing is
// signed any more. What stands before the last checkpoint it does not read again.
type Checkpointer struct {
	Log    Log
	To     Checkpoints
	Every  int64         // records
	Within time.Duration // the longest that a new record waits for a checkpoint
	Clock  func() time.Time
	After  func(time.Duration) <-chan time.Time
	Alarm  *slog.Logger

	last   Checkpoint
	known  bool // last has been read
	failed bool // the latest attempt did
}

// Run works until ctx ends, and then signs what is new. A failure is an alarm in the log, each time, and tried again:
// the audit itself is durable without.
func (c *Checkpointer) Run(ctx context.Context) {
	for {
		wait := lookEvery
		if !c.attempt(ctx, false) {
			wait = retryEvery
		}
		select {
		case <-c.After(wait):
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTimeout)
			defer cancel()
			c.attempt(last, true)
			return
		}
	}
}

// attempt looks once and says in the log what came of it.
func (c *Checkpointer) attempt(ctx context.Context, now bool) bool {
	err := c.look(ctx, now)
	switch {
	case err != nil && ctx.Err() != nil && !now:
		return true // the hub stops; the last attempt tells
	case err != nil:
		c.failed = true
		var (
			broken       *BrokenError
			contradicted *ContradictedError
		)
		if errors.As(err, &broken) || errors.As(err, &contradicted) {
			c.Alarm.ErrorContext(ctx, "ALARM: the audit was tampered with: it does not continue its last checkpoint. Nothing is signed any more.", "error", err)
		} else {
			c.Alarm.ErrorContext(ctx, "ALARM: no audit checkpoint could be written.", "error", err)
		}
		return false
	case c.failed:
		c.failed = false
		c.Alarm.InfoContext(ctx, "Audit checkpoints are written again.", "records", c.last.Records)
	}
	return true
}

// look signs a checkpoint when one is due, or when there is anything new and it must be now.
func (c *Checkpointer) look(ctx context.Context, now bool) error {
	if !c.known {
		last, _, err := c.To.Last()
		if err != nil {
			return err
		}
		c.last, c.known = last, true
	}
	newest, err := c.Log.AuditHead(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("audit: %w", err)
	}
	at := c.Clock()
	switch fresh := newest.Seq - c.last.Records; {
	case fresh < 0, fresh == 0 && !bytes.Equal(newest.Hash, c.last.Hash):
		return &ContradictedError{c.last, newest.Seq, 0}
	case fresh == 0, !now && fresh < c.Every && at.Sub(c.last.At).Abs() < c.Within: // the clock may have been ahead
		return nil
	}
	head, err := Check{From: Head{c.last.Records, c.last.Hash}}.Verify(ctx, c.Log)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	next := Checkpoint{Origin: c.To.Origin(), Records: head.Records, Hash: head.Hash, At: at}
	if err := c.To.Append(next); err != nil {
		return err
	}
	c.last = next
	return nil
}
