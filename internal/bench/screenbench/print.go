package screenbench

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// programs returns the names of the programs in the report, Wardlight first.
func (r Report) programs() []string {
	names := []string{Wardlight}
	for _, a := range r.Actions {
		for name := range a.Bytes {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names[1:])
	return names
}

// Markdown writes the report for docs/performance.md.
func (r Report) Markdown(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s; %s; 80 x 24; the median of %d starts.\n\n", r.Machine, r.When.Format("2 January 2006"), r.Runs)
	programs := r.programs()
	fmt.Fprintf(&b, "| bytes written for | budget | %s |\n|---|--:|%s\n", strings.Join(programs, " | "),
		strings.Repeat("--:|", len(programs)))

	for _, a := range r.Actions {
		if a.What == "" {
			continue
		}

		cells := []string{a.What, "-"}
		if a.Budget > 0 {
			cells[1] = fmt.Sprint(a.Budget)
		}

		for _, p := range programs {
			cell := "-"
			if n, ok := a.Bytes[p]; ok {
				cell = fmt.Sprint(n)
			}
			cells = append(cells, cell)
		}

		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}

	if len(r.Starts) > 0 {
		b.WriteString("\n| first frame, ms from the start of the process | terminal that answers queries | one " +
			"that answers none |\n|---|--:|--:|\n")
		for _, s := range r.Starts {
			fmt.Fprintf(&b, "| %s | %.1f | %.1f |\n", s.Program, s.Answered, s.Mute)
		}
		first, last := r.Starts[0], r.Starts[len(r.Starts)-1]
		fmt.Fprintf(&b, "| ratio | %.2f | %.2f |\n", last.Answered/first.Answered, last.Mute/first.Mute)
	}

	if len(r.Idle) > 0 {
		b.WriteString("\n| wake-ups of an idle program | seconds | of its own | to ask the smartcard service | of " +
			"Go's runtime after these | system calls in all | thread switches | bytes " +
			"|\n|---|--:|--:|--:|--:|--:|--:|--:|\n")
		for _, i := range r.Idle {
			fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d | %d | %d |\n", i.State, i.Seconds, i.WakeUps, i.Watcher,
				i.Runtime, i.Calls, i.Switches, i.Wrote)
		}
	}

	for _, m := range r.Missing {
		fmt.Fprintf(&b, "\nNot measured, because it was not there: %s.\n", m)
	}

	_, err := io.WriteString(out, b.String())
	return err
}
