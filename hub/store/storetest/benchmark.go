package storetest

import (
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"wardlight/hub/store"
)

// OldRecords is the number of records that the stores of [BenchmarkTree] have before. A tree of that size has as many
// subtrees on its edge as one of a few million records has on average.
const OldRecords = 0x55555

// BenchmarkTree commits groups of records in turns to a store with a tree, and to one whose tree doesn't grow. It
// reports the shortest and the median time of a commit to each, and the mean of the processor time that used returns.
// Each record has a proof of possession, as a request's. Then it reads proofs from the tree.
func BenchmarkTree(b *testing.B, with, without store.Store, used func() time.Duration) {
	for _, n := range []int{1, 23, 135, 256} {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			names := map[store.Store]string{with: "tree", without: "none"}
			stores := []store.Store{with, without}
			m := make(meter)
			for range b.N {
				slices.Reverse(stores)
				for _, s := range stores {
					entries := Records(n)
					for _, e := range entries {
						e.Proof = &store.Once{Hash: []byte(rand.Text()), Expires: now}
					}
					m.measure(b, names[s], used, func() error {
						_, err := s.Commit(b.Context(), entries)
						return err
					})
				}
			}
			m.report(b)
		})
	}

	b.Run("proof", func(b *testing.B) {
		m := make(meter)
		end, err := with.AuditTree(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		for range b.N {
			m.measure(b, "read", used, func() error {
				_, err := tlog.ProveRecord(end.Size, mathrand.Int64N(end.Size), tlog.HashReaderFunc(
					func(ids []int64) ([]tlog.Hash, error) { return with.TreeHashes(b.Context(), ids) }))
				return err
			})
		}
		m.report(b)
	})
}

// meter has the measured times by what was measured.
type meter map[string]*measured

type measured struct {
	took []time.Duration
	used time.Duration // processor time, of all
}

// measure runs f and measures it.
func (m meter) measure(b *testing.B, name string, used func() time.Duration, f func() error) {
	b.Helper()
	idle := used()
	before, start := used(), time.Now()
	err := f()
	took, after := time.Since(start), used()
	if err != nil {
		b.Fatal(err)
	}

	if m[name] == nil {
		m[name] = new(measured)
	}
	m[name].took = append(m[name].took, took)
	m[name].used += after - before - (before - idle) // without that of used itself
}

// report reports the shortest and the median time of each, and the mean processor time.
func (m meter) report(b *testing.B) {
	for name, all := range m {
		slices.Sort(all.took)
		for what, d := range map[string]time.Duration{
			"min": all.took[0], "median": all.took[len(all.took)/2], "cpu": all.used / time.Duration(len(all.took)),
		} {
			b.ReportMetric(d.Seconds()*1000, name+"-"+what+"-ms")
		}
	}
	b.ReportMetric(0, "ns/op") // the mean of all, which says nothing
}

// ProcessorTime returns for how long the threads of these processes have run, as Linux counts it. It is hardly
// affected by other work on the machine.
func ProcessorTime(pids ...int) (total time.Duration) {
	for _, pid := range pids {
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		for _, task := range tasks {
			var ran time.Duration
			if text, err := os.ReadFile(task); err == nil {
				_, _ = fmt.Sscan(string(text), &ran)
			}
			total += ran
		}
	}
	return total
}
