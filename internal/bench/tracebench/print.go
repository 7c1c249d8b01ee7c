package tracebench

import (
	"fmt"
	"io"
	"time"
)

// Markdown writes the table of docs/trace.md.
func (r Report) Markdown(out io.Writer) error {
	if _, err := fmt.Fprintf(out, "%d people, %d searches, seed %d.\n\n"+
		"| mistake | searches | first | in the first five | listed | false first | too many | rows, mean | "+
		"compared, mean | p99 | median | p99 |\n"+
		"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n", r.People, r.All.Queries, r.Seed); err != nil {
		return err
	}
	for _, l := range append(r.Lines, r.All) {
		if l.Queries == 0 {
			continue
		}
		if _, err := fmt.Fprintf(out, "| %s | %d | %s | %s | %s | %d | %d | %.1f | %.0f | %d | %s | %s |\n", l.Kind,
			l.Queries, l.share(l.First),
			l.share(l.FirstFive), l.share(l.Listed), l.FalseFirst, l.TooMany, l.Rows, l.Compared, l.ComparedP99,
			milliseconds(l.Median), milliseconds(l.P99)); err != nil {
			return err
		}
	}
	return nil
}

// Markdown writes a table for each pass.
func (r OthersReport) Markdown(out io.Writer) error {
	_, err := fmt.Fprintf(out, "%d people among %d synthetic ones, seed %d. Rows not used: of people %s; of "+
		"queries %s.\n",
		r.People, r.Among, r.Seed, r.Skipped.People, r.Skipped.Queries)
	for _, p := range r.Passes {
		if err == nil {
			_, err = fmt.Fprintf(out, "\n| %s | searches | first | in the first five | others only | nobody | "+
				"false first | compared, mean | p99 | median | p99 |\n"+
				"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n", p.Name)
		}
		for _, l := range append(p.Lines, p.All) {
			if err == nil && l.Queries > 0 {
				_, err = fmt.Fprintf(out, "| %s | %d | %s | %s | %d | %d | %d | %.0f | %d | %s | %s |\n", l.Kind,
					l.Queries, l.share(l.First), l.share(l.FirstFive),
					l.OthersOnly, l.Nobody, l.FalseFirst, l.Compared, l.ComparedP99, milliseconds(l.Median),
					milliseconds(l.P99))
			}
		}
	}
	return err
}

func (l Line) share(n int) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(l.Queries)) }

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000)
}
