package audit

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"wardlight/hub/store"
)

// Interval between looks for new records, wait after a failure, and timeout of the last checkpoint when the hub stops.
const (
	lookEvery   = time.Second
	retryEvery  = 30 * time.Second
	lastTimeout = 10 * time.Second
)

// Log is the part of store.Store that a Checkpointer reads.
type Log interface {
	Trail
	AuditHead(ctx context.Context) (store.AuditRecord, error)
}

// Checkpoints stores checkpoints; see [CheckpointFile].
type Checkpoints interface {
	Origin() string
	Last() (Checkpoint, bool, error)
	Append(c Checkpoint) (SignedCheckpoint, error)
}

// Checkpointer signs a checkpoint after a number of records, and after some time if there are new ones. It verifies
// that the new records continue the last checkpoint. If records have been changed or cut off since, it logs an alarm
// and signs nothing more. It doesn't read the records before the last checkpoint again.
type Checkpointer struct {
	Schedule
	Log   Log
	To    Checkpoints
	Alarm *slog.Logger

	last   Checkpoint
	known  bool // last has been read
	failed bool // the latest attempt failed
}

// Schedule determines when checkpoints are signed: those of the chain, and those of the tree.
type Schedule struct {
	Every  int64         // maximum number of records between checkpoints
	Within time.Duration // maximum time from a new record to its checkpoint
	Clock  func() time.Time
	After  func(time.Duration) <-chan time.Time
}

// run calls attempt until ctx ends, and then a last time with now set. attempt reports whether it succeeded.
func (s Schedule) run(ctx context.Context, attempt func(ctx context.Context, now bool) bool) {
	for {
		wait := lookEvery
		if !attempt(ctx, false) {
			wait = retryEvery
		}
		select {
		case <-s.After(wait):
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTimeout)
			defer cancel()
			attempt(last, true)
			return
		}
	}
}

// due reports whether a checkpoint is due at a time: the last one was signed at last, and there are that many records
// since. now requires one for any new record.
func (s Schedule) due(fresh int64, last, at time.Time, now bool) bool {
	// Abs: the clock may be set back
	return fresh > 0 && (now || fresh >= s.Every || at.Sub(last).Abs() >= s.Within)
}

// Run signs checkpoints until ctx ends, and then a last one. Each failure is logged as an alarm and retried. The audit
// is durable without checkpoints.
func (c *Checkpointer) Run(ctx context.Context) { c.run(ctx, c.attempt) }

// attempt calls look once and logs its error. It reports whether it succeeded.
func (c *Checkpointer) attempt(ctx context.Context, now bool) bool {
	err := c.look(ctx, now)
	switch {
	case err != nil && ctx.Err() != nil && !now:
		return true // the hub is stopping: the last attempt logs failures
	case err != nil:
		c.failed = true
		var (
			broken       *BrokenError
			contradicted *ContradictedError
		)
		if errors.As(err, &broken) || errors.As(err, &contradicted) {
			c.Alarm.ErrorContext(ctx, "ALARM: the audit was tampered with: it does not match its last checkpoint. "+
				"The hub signs no more checkpoints.", "error", err)
		} else {
			c.Alarm.ErrorContext(ctx, "ALARM: an audit checkpoint could not be written.", "error", err)
		}
		return false
	case c.failed:
		c.failed = false
		c.Alarm.InfoContext(ctx, "Audit checkpoints can be written again.", "records", c.last.Records)
	}

	return true
}

// look signs a checkpoint if one is due, or if now is set and there are new records.
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
	case !c.due(fresh, c.last.At, at, now):
		return nil
	}

	head, err := Check{From: Head{c.last.Records, c.last.Hash}}.Verify(ctx, c.Log)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}

	next := Checkpoint{Origin: c.To.Origin(), Records: head.Records, Hash: head.Hash, At: at}
	signed, err := c.To.Append(next)
	if err != nil {
		return err
	}

	c.last = next
	c.report(ctx, signed)
	return nil
}

// report logs a checkpoint with all its fields, so that whoever stores the log has it, too.
func (c *Checkpointer) report(ctx context.Context, s SignedCheckpoint) {
	if s.AfterIncomplete {
		warnIncomplete(ctx, c.Alarm, s.Records)
	}
	c.Alarm.InfoContext(ctx, "An audit checkpoint was signed.", "log", s.Origin, "records", s.Records,
		"hash", base64.StdEncoding.EncodeToString(s.Hash), "signed", stamp(s.At), "checkpoint", s.Note)
}

// warnIncomplete logs that the text before a checkpoint of that many records is incomplete.
func warnIncomplete(ctx context.Context, log *slog.Logger, records int64) {
	log.WarnContext(ctx, "An earlier audit checkpoint was not written completely. The file still has its "+
		"beginning, and the next checkpoint follows it.", "records", records)
}
