package printout

import (
	"fmt"
	"strings"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
	"wardlight/internal/worklist"
)

// List is a worklist to print. Its pages are not headed by a patient, because it is about several.
type List struct {
	Made    time.Time // when it was read
	Tally   worklist.Tally
	Entries []worklist.Entry
}

const titleList = "WORKLIST: CHILD PROTECTION ALERTS"

func listRead(at string) string {
	return "List of " + at + ". What has changed since is not on this paper."
}

func listTally(t worklist.Tally) string {
	return fmt.Sprintf("%d patients: %s.", t.All, t.Words(", "))
}

// Column widths of a patient's first line, in cells: the state and the number. The name fills the rest.
const (
	stateCells  = 17
	numberCells = 14
)

// list returns the parts of a worklist. Each patient's lines are one part.
func (s Sheet) list() [][]string {
	l := s.List
	top := append(s.wrap(listRead(nhs.Instant(l.Made, s.Location))), s.wrap(listTally(l.Tally))...)
	if l.Tally.NoneRecorded > 0 {
		top = append(top, s.wrap(client.NoneRecorded.String()+": "+client.WordsNoneRecorded)...)
	}

	out := [][]string{top}
	for _, e := range l.Entries {
		lead := text.Pad(e.State, stateCells) + text.Pad(text.Truncate(e.Number, numberCells-2), numberCells)
		who := fmt.Sprintf("%s (line %d)", strings.TrimSpace(e.Name+" "+e.Born), e.Line)
		entry := s.hangingIndent(lead, strings.TrimSpace(who))
		indent := strings.Repeat(" ", stateCells)
		if e.AsOf != "" {
			entry = append(entry, s.hangingIndent(indent, "as of "+e.AsOf)...)
		}
		if e.Opened != "" {
			entry = append(entry, s.hangingIndent(indent, "opened "+e.Opened)...)
		}
		if len(e.Remarks) > 0 {
			entry = append(entry, s.hangingIndent(indent, strings.Join(e.Remarks, " "))...)
		}
		out = append(out, entry)
	}

	return out
}
