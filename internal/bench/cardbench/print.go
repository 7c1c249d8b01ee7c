package cardbench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Table writes the report as aligned text.
func (r Report) Table(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s; %s; least, quartile and median of %d runs in turns\n\n", r.Machine,
		r.When.Format("2 January 2006"), r.Runs)
	for _, row := range r.rows() {
		if row == nil {
			fmt.Fprintln(t)
			continue
		}
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	for _, m := range r.Missing {
		fmt.Fprintf(t, "not here, so not measured: %s\n", m)
	}
	return t.Flush()
}

// Markdown writes the report for docs/performance.md.
func (r Report) Markdown(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s; %s; least, quartile and median of %d runs in turns.\n\n", r.Machine,
		r.When.Format("2 January 2006"), r.Runs)
	head := true
	for _, row := range r.rows() {
		if row == nil {
			b.WriteString("\n")
			head = true
			continue
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if head {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
			head = false
		}
	}

	for _, m := range r.Missing {
		fmt.Fprintf(&b, "\nNot measured, because it was not there: %s.\n", m)
	}

	_, err := io.WriteString(out, b.String())
	return err
}

// String returns the three values with one decimal, or "-" if the program doesn't report them.
func (s Spread) String() string {
	if s == (Spread{}) {
		return "-"
	}
	return fmt.Sprintf("%.1f %.1f %.1f", s.Min, s.Quartile, s.Median)
}

// rows returns both tables, each with a header and followed by an empty row.
func (r Report) rows() [][]string {
	rows := [][]string{{
		"card", "lengths", "Enter to signature", "insertion to forgotten passcode",
		"card seen before, until the passcode",
	}}

	for _, p := range r.Phases {
		rows = append(rows, []string{
			p.Card, p.Lengths, fmt.Sprint(p.Enter), fmt.Sprint(p.Whole),
			fmt.Sprint(p.Reinsert),
		})
	}

	delayed := fmt.Sprintf(", %g ms an exchange", r.DelayMS)
	rows = append(rows, nil, []string{
		"program", "card", "exchanges", "process ms", "inside ms", "from Enter ms",
		"process ms" + delayed, "inside ms" + delayed, "from Enter ms" + delayed, "",
	})

	for _, j := range r.Jobs {
		row := []string{j.Program, j.Card, fmt.Sprint(j.Exchanges)}
		for _, s := range []Spread{j.Fast.Wall, j.Fast.Inside, j.Fast.Enter, j.Slow.Wall, j.Slow.Inside, j.Slow.Enter} {
			row = append(row, s.String())
		}
		row = append(row, j.Note)
		if j.Error != "" {
			row = []string{j.Program, j.Card, "-", "-", "-", "-", "-", "-", "-", "failed: " + j.Error}
		}
		rows = append(rows, row)
	}

	return append(rows, nil)
}
