// Package growthbench measures how a ledger grows. It fills one through the store's own Commit with the entries of
// requests, and measures its size after pruning and sealing, and the time of a backup and a restore.
package growthbench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"wardlight/hub"
	"wardlight/hub/audit"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/bench/machine"
)

// Options configure a measurement.
type Options struct {
	Requests int    // number of requests; each makes one entry
	PerDay   int    // requests per day
	Folder   string // for ledger, backup and restored ledger, which are not removed
	Clock    func() time.Time
	Progress func(string)
}

// Report is the result of a measurement. Sizes are those of the compacted ledger in a backup.
type Report struct {
	Requests, PerDay int
	When             time.Time
	Machine, Go      string
	Fill             time.Duration
	Whole            int64         // bytes of everything that is stored for a year
	Old              int64         // after messages and answers to uploads are deleted
	Sealed           int64         // after the audit except its end is sealed, too
	Exported         int64         // bytes of the file with the sealed records
	Records          int64         // number of records in that file
	Seal             time.Duration // from the verification to the deletion of the last record
	Backup, Restore  time.Duration // of Whole
}

// Run fills a ledger and measures it.
func Run(ctx context.Context, o Options) (r Report, err error) {
	r = Report{Requests: o.Requests, PerDay: o.PerDay, When: o.Clock(), Machine: machine.Name(), Go: runtime.Version()}
	data := filepath.Join(o.Folder, "data")
	s, err := sqlite.Open(ctx, data)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	o.Progress("filling")
	started := o.Clock()
	end, err := fill(ctx, s, o)
	if err != nil {
		return r, err
	}

	r.Fill = o.Clock().Sub(started)

	o.Progress("backup and restore")
	retention := hub.StandardRetention()
	if err := s.Prune(ctx, end.Add(48*time.Hour), store.Retention{Sessions: retention.Sessions}); err != nil {
		return r, err
	}

	whole := filepath.Join(o.Folder, "whole")
	started = o.Clock()
	if r.Whole, err = backup(ctx, data, whole, o.Clock); err != nil {
		return r, err
	}

	r.Backup = o.Clock().Sub(started)
	started = o.Clock()
	if _, err := sqlite.Restore(ctx, whole, filepath.Join(o.Folder, "restored")); err != nil {
		return r, err
	}

	r.Restore = o.Clock().Sub(started)

	o.Progress("pruning")
	if err := s.Prune(ctx, end.Add(retention.Bodies+48*time.Hour), retention); err != nil {
		return r, err
	}
	if r.Old, err = backup(ctx, data, filepath.Join(o.Folder, "old"), o.Clock); err != nil {
		return r, err
	}

	o.Progress("sealing")
	file := filepath.Join(o.Folder, "sealed.ndjson")
	started = o.Clock()
	seal, err := audit.Segment{
		File: file, Before: end, Now: end.Add(48 * time.Hour), Source: "bench",
		Reason: func(what string) string { return what },
	}.Seal(ctx, s)
	if err != nil {
		return r, err
	}

	r.Seal, r.Records = o.Clock().Sub(started), seal.Last
	info, err := os.Stat(file)
	if err != nil {
		return r, err
	}

	r.Exported = info.Size()
	r.Sealed, err = backup(ctx, data, filepath.Join(o.Folder, "small"), o.Clock)
	return r, err
}

// backup makes a backup and returns the size of the ledger in it.
func backup(ctx context.Context, data, dest string, clock func() time.Time) (bytes int64, err error) {
	ledger, err := sqlite.OpenReadOnly(ctx, data)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, ledger.Close()) }()
	m, err := ledger.Backup(ctx, dest, "bench", clock)
	if err != nil {
		return 0, err
	}
	for _, f := range m.Files {
		if f.Name == "ledger.db" {
			return f.Bytes, nil
		}
	}
	return 0, fmt.Errorf("no ledger in %s", dest)
}
