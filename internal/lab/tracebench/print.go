package tracebench

import (
	"fmt"
	"io"
	"time"
)

// Markdown prints the table of docs/trace.md.
func (r Report) Markdown(out io.Writer) error {
	if _, err := fmt.Fprintf(out, "%d people, %d searches, seed %d.\n\n"+
		"| mistake | searches | first | in the first five | listed | too many | rows, mean | median | p99 |\n"+
		"|---|---:|---:|---:|---:|---:|---:|---:|---:|\n", r.People, r.All.Queries, r.Seed); err != nil {
		return err
	}
	for _, l := range append(r.Lines, r.All) {
		if l.Queries == 0 {
			continue
		}
		if _, err := fmt.Fprintf(out, "| %s | %d | %s | %s | %s | %d | %.1f | %s | %s |\n", l.Kind, l.Queries, l.share(l.First),
			l.share(l.FirstFive), l.share(l.Listed), l.TooMany, l.Rows, milliseconds(l.Median), milliseconds(l.P99)); err != nil {
			return err
		}
	}
	return nil
}

func (l Line) share(n int) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(l.Queries)) }

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000)
}
