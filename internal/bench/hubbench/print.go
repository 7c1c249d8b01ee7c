package hubbench

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Reports are the results of the same measurement with SQLite and with PostgreSQL.
type Reports []Report

// Markdown writes the tables of docs/performance.md. For two reports it adds a comparison of their requests per
// second.
func (all Reports) Markdown(out io.Writer) error {
	for i, r := range all {
		if i > 0 {
			if _, err := io.WriteString(out, "\n"); err != nil {
				return err
			}
		}
		if err := r.Markdown(out); err != nil {
			return err
		}
	}

	if len(all) != 2 || len(all[0].Lines) == 0 || len(all[0].Lines) != len(all[1].Lines) {
		return nil
	}

	var b strings.Builder
	fmt.Fprintf(&b, "\n| requests a second | clients | %s | %s | ratio (goal: %.1f by 8 and 64 clients) "+
		"|\n|---|--:|--:|--:|--:|\n",
		all[0].Store, all[1].Store, goalRatio)

	for i, first := range all[0].Lines {
		second := all[1].Lines[i]
		fmt.Fprintf(&b, "| %s | %d | %.0f | %.0f | %.2f |\n", first.Kind, first.Clients, first.PerSecond,
			second.PerSecond,
			second.PerSecond/max(1, first.PerSecond))
	}

	_, err := io.WriteString(out, b.String())
	return err
}

// Goals for the measurements.
const (
	goalRatio = 0.7 // PostgreSQL's requests per second as a ratio of SQLite's
	// During any load, for the lamp's 95th percentile and the exact trace's 99th in the handler.
	goalBeside = 20 * time.Millisecond
)

// Markdown writes the tables of docs/performance.md.
func (r Report) Markdown(out io.Writer) error {
	var b strings.Builder
	if len(r.Beside) > 0 {
		fmt.Fprintf(&b, "%s, %d people, seed %d; %s, %s; %s; resident memory %s.\n", r.Store, r.People, r.Seed,
			r.Machine, r.Go,
			r.When.Format("2 January 2006"), mebibytes(r.Resident))
		markdownOf(&b, r.Beside)
		_, err := io.WriteString(out, b.String())
		return err
	}

	fmt.Fprintf(&b, "%s, %d people, seed %d, people.db %s; %d requests a line; %s, %s; %s; resident memory %s, the "+
		"clients in it, "+
		"and %s at any time, the filling of an empty folder in it.\n\n",
		r.Store, r.People, r.Seed, mebibytes(r.PeopleBytes), r.Requests, r.Machine, r.Go,
		r.When.Format("2 January 2006"), mebibytes(r.Resident), mebibytes(r.Peak))

	b.WriteString("| request | clients | inside, median | p99 | of it without the commit, median | p99 | outside, " +
		"median | p99 | requests a second |" +
		" bare read, median | inside ÷ bare | without the commit ÷ bare | constant, outside, median | failed |\n" +
		"|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")

	for _, l := range r.Lines {
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s | %s | %s | %s | %.0f | %s | %.1f | %.1f | %s | %d |\n", l.Kind,
			l.Clients,
			ms(l.Inside.Median), ms(l.Inside.P99), ms(l.Work.Median), ms(l.Work.P99), ms(l.Outside.Median),
			ms(l.Outside.P99), l.PerSecond,
			ms(l.Bare.Median), over(l.Inside.Median, l.Bare.Median), over(l.Work.Median, l.Bare.Median),
			ms(l.Constant.Median), l.Failures)
	}

	fmt.Fprintf(&b, "\nTimes in ms. %d clients, exact trace: %.0f requests a second with shared commits (%.1f to a "+
		"commit), %.0f with one commit each: %.1f times as many.\n",
		r.Group.Clients, r.Group.Shared, r.Group.Each, r.Group.Alone, r.Group.Shared/r.Group.Alone)

	_, err := io.WriteString(out, b.String())
	return err
}

func ms(d time.Duration) string { return fmt.Sprintf("%.3f", float64(d)/float64(time.Millisecond)) }

func over(a, b time.Duration) float64 { return float64(a) / float64(max(b, 1)) }

func mebibytes(n int64) string {
	if n == 0 {
		return "not known"
	}
	return fmt.Sprintf("%d MiB", n>>20)
}
