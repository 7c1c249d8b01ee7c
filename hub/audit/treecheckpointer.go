package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"wardlight/hub/store"
	"wardlight/internal/translog"
)

// TreeCheckpoints stores checkpoints of the tree; see [TreeFile].
type TreeCheckpoints interface {
	Signer() note.Signer
	Verifier() note.Verifier
	Last() (TreeNote, bool, error)
	Append(n TreeNote) (afterIncomplete bool, err error)
}

// TreeCheckpointer signs checkpoints of the tree, by the same schedule as a [Checkpointer]. Before it signs, it
// verifies that the tree continues its last checkpoint, and that its new leaves are the audit's records. If they are
// not, or the tree doesn't end with the audit's last record, it logs an alarm and signs nothing more.
type TreeCheckpointer struct {
	Schedule
	Log       HeadedTree
	To        TreeCheckpoints
	Alarm     *slog.Logger
	Witnesses []Witness                    // asked to sign each checkpoint
	Witnessed func(name string, err error) // called after each request to a witness; may be nil

	failed  bool      // the latest attempt failed
	at      time.Time // of the last checkpoint; zero if it is not from this process
	asked   int64     // size of the checkpoint for which witnesses were asked last
	askedAt time.Time
	states  []witnessState // of Witnesses

	mu   sync.Mutex
	last *TreeNote // nil until it has been read; of size 0 if there is none
}

// HeadedTree is the part of store.Store that a TreeCheckpointer reads.
type HeadedTree interface {
	TreeLog
	AuditHead(ctx context.Context) (store.AuditRecord, error)
}

// TreeError means that the tree isn't that of the audit, or doesn't continue its last checkpoint.
type TreeError struct{ What string }

// Error returns the difference.
func (e *TreeError) Error() string { return "tree of the audit: " + e.What }

// Run signs checkpoints until ctx ends, and then a last one. Each failure is logged as an alarm and retried.
func (c *TreeCheckpointer) Run(ctx context.Context) { c.run(ctx, c.attempt) }

// attempt calls look once and logs its error. It reports whether it succeeded.
func (c *TreeCheckpointer) attempt(ctx context.Context, now bool) bool {
	err := c.look(ctx, now)
	switch {
	case err != nil && ctx.Err() != nil && !now:
		return true // the hub is stopping: the last attempt logs failures
	case err != nil:
		c.failed = true
		if errors.As(err, new(*TreeError)) || errors.As(err, new(*BrokenError)) {
			c.Alarm.ErrorContext(ctx, "ALARM: the audit was tampered with: its tree does not match it. The hub signs "+
				"no more checkpoints of the tree.", "error", err)
		} else {
			c.Alarm.ErrorContext(ctx, "ALARM: a checkpoint of the audit's tree could not be written.", "error", err)
		}
		return false
	case c.failed:
		c.failed = false
		c.Alarm.InfoContext(ctx, "Checkpoints of the audit's tree can be written again.")
	}
	return true
}

// look signs a checkpoint if one is due, or if now is set and there are new records.
func (c *TreeCheckpointer) look(ctx context.Context, now bool) error {
	last, err := c.stored()
	if err != nil {
		return err
	}
	end, err := c.end(ctx)
	if err != nil {
		return err
	}

	at := c.Clock()
	switch fresh := end.Size - last.N; {
	case fresh < 0:
		return &TreeError{fmt.Sprintf("it has %d records, and its last checkpoint %d", end.Size, last.N)}
	case !c.due(fresh, c.at, at, now):
		return c.cosign(ctx, at)
	}

	root, err := c.verified(ctx, last, end)
	if err != nil {
		return err
	}

	next := TreeNote{
		Checkpoint: translog.Checkpoint{Origin: c.To.Signer().Name(), Tree: tlog.Tree{N: end.Size, Hash: root}},
	}
	if next.Text, err = next.Sign(c.To.Signer()); err != nil {
		return err
	}
	if err := c.append(ctx, next); err != nil {
		return err
	}
	c.at = at
	c.Alarm.InfoContext(ctx, "A checkpoint of the audit's tree was signed.", "records", next.N, "checkpoint",
		string(next.Text))
	return c.cosign(ctx, at)
}

// append stores a checkpoint, which is then the last one.
func (c *TreeCheckpointer) append(ctx context.Context, next TreeNote) error {
	afterIncomplete, err := c.To.Append(next)
	if err != nil {
		return err
	}
	c.set(next)
	if afterIncomplete {
		warnIncomplete(ctx, c.Alarm, next.N)
	}
	return nil
}

// Receipt returns the receipt of a record. Its proof has the last stored checkpoint, with the signatures of witnesses,
// if that covers the record. Otherwise it has a checkpoint of the whole tree, which is signed now and not stored. Its
// errors are those of [SignReceipt].
func (c *TreeCheckpointer) Receipt(ctx context.Context, seq int64) (translog.Receipt, error) {
	if last := c.latest(); last != nil && last.N > 0 {
		if r, err := provenReceipt(ctx, c.Log, seq, last.Checkpoint, last.Text); err == nil {
			return r, nil
		}
	}
	return SignReceipt(ctx, c.Log, seq, c.To.Signer())
}

// stored returns the last stored checkpoint, or one of size 0 if there is none.
func (c *TreeCheckpointer) stored() (TreeNote, error) {
	if last := c.latest(); last != nil {
		return *last, nil
	}
	last, _, err := c.To.Last()
	if err != nil {
		return TreeNote{}, err
	}
	c.set(last)
	return last, nil
}

// latest returns the last checkpoint, or nil until Run has read it. Its size is 0 if there is none.
func (c *TreeCheckpointer) latest() *TreeNote {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

func (c *TreeCheckpointer) set(last TreeNote) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = &last
}

// end returns the end of the tree, or a *[TreeError] if it isn't the audit's last record. Records may be added
// meanwhile.
func (c *TreeCheckpointer) end(ctx context.Context) (store.AuditTree, error) {
	before, err := c.head(ctx)
	if err != nil {
		return store.AuditTree{}, err
	}
	end, err := c.Log.AuditTree(ctx)
	if err != nil {
		return end, fmt.Errorf("audit: %w", err)
	}
	after, err := c.head(ctx)
	if err != nil {
		return end, err
	}
	if end.Seq < before || end.Seq > after {
		return end, &TreeError{fmt.Sprintf("it ends with record %d, and the audit with record %d", end.Seq, after)}
	}
	return end, nil
}

// head returns the number of the audit's last record, or 0 if there is none.
func (c *TreeCheckpointer) head(ctx context.Context) (int64, error) {
	newest, err := c.Log.AuditHead(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, fmt.Errorf("audit: %w", err)
	}
	return newest.Seq, nil
}

// verified returns the root of the tree with that end. It computes it from the records since the last checkpoint, or
// since the last seal, and compares it with the stored tree. Its errors are a *[TreeError], a *[BrokenError], and those
// of the store.
func (c *TreeCheckpointer) verified(ctx context.Context, last TreeNote, end store.AuditTree) (root tlog.Hash,
	err error,
) {
	t := storedTree{ctx: ctx, log: c.Log}
	if last.N > 0 {
		if root, err = t.root(last.N); err != nil {
			return root, err
		}
		if root != last.Hash {
			return root, &TreeError{"it does not continue its last checkpoint"}
		}
	}

	sealed, _, err := base(ctx, c.Log)
	if err != nil {
		return root, fmt.Errorf("audit: %w", err)
	}
	before := end.Seq - end.Size // records from before the tree
	size := max(last.N, sealed.Records-before, 0)
	edge, leaf, err := t.edge(size)
	if err != nil {
		return root, err
	}

	head := Head{Records: before + size}
	err = c.Log.AuditTrail(ctx, head.Records+1, func(r store.AuditRecord) error {
		if r.Seq > end.Seq {
			return errEnough
		}
		if head.Hash == nil {
			if head.Hash = r.Prev; size > 0 && translog.Leaf(r.Prev) != leaf {
				return &TreeError{fmt.Sprintf("record %d does not follow the record before it in the tree", r.Seq)}
			}
		}
		var broken error
		head, broken = head.follow(r)
		edge.Append(translog.Leaf(r.Hash))
		return broken
	})
	if err != nil && !errors.Is(err, errEnough) {
		return root, fmt.Errorf("audit: %w", err)
	}

	if root, err = t.root(end.Size); err == nil && (edge.Size() != end.Size || edge.Root() != root) {
		err = &TreeError{fmt.Sprintf("records %d to %d are not those in it", before+size+1, end.Seq)}
	}
	return root, err
}

// storedTree reads the stored tree. A hash that is missing is a *[TreeError].
type storedTree struct {
	ctx context.Context //nolint:containedctx // of one call
	log TreeLog
}

// ReadHashes implements tlog.HashReader.
func (t *storedTree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	return t.log.TreeHashes(t.ctx, indexes)
}

// root returns the hash of the tree with that number of leaves.
func (t *storedTree) root(size int64) (tlog.Hash, error) {
	root, err := tlog.TreeHash(size, t)
	return root, treeError(err)
}

// edge returns the edge of the tree of that size, and the hash of its last leaf, if it has one.
func (t *storedTree) edge(size int64) (edge translog.Edge, leaf tlog.Hash, err error) {
	edge, err = translog.NewEdge(size, t)
	if err != nil || size == 0 {
		return edge, leaf, treeError(err)
	}
	hashes, err := t.ReadHashes([]int64{tlog.StoredHashIndex(0, size-1)})
	if err != nil {
		return edge, leaf, treeError(err)
	}
	return edge, hashes[0], nil
}

// treeError returns err as a *[TreeError] if it means that the tree lacks a hash.
func treeError(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return &TreeError{err.Error()}
	}
	return err
}
