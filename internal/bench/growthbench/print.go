package growthbench

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Parameters of the extrapolation: five years. If the audit is sealed, records of at most half a year are not yet
// sealed.
const (
	years        = 5
	daysOfYear   = 365
	unsealedDays = 182
)

// Bytes is the size of one request in the ledger over time.
type Bytes struct {
	Year   float64 // with messages and answers, which are stored for a year
	Old    float64 // afterwards
	Sealed float64 // after its record is sealed
	File   float64 // of its record in the file with sealed records
}

// PerRequest returns the size of one request.
func (r Report) PerRequest() Bytes {
	n := float64(max(r.Requests, 1))
	return Bytes{
		Year: float64(r.Whole) / n, Old: float64(r.Old) / n, Sealed: float64(r.Sealed) / n,
		File: float64(r.Exported) / float64(max(r.Records, 1)),
	}
}

// RestoreOf returns the time to restore a number of bytes.
func (r Report) RestoreOf(bytes float64) time.Duration {
	return time.Duration(float64(r.Restore) / float64(max(r.Whole, 1)) * bytes)
}

// After returns the size of the ledger after five years: if it is never sealed, if it is sealed, and of the files with
// the sealed records.
func (r Report) After() (never, sealed, files float64) {
	b, day := r.PerRequest(), float64(r.PerDay)
	all, year, open := day*years*daysOfYear, day*daysOfYear, day*unsealedDays
	bodies := year * (b.Year - b.Old)
	return all*b.Old + bodies, all*b.Sealed + open*(b.Old-b.Sealed) + bodies, (all - open) * b.File
}

// Markdown writes the tables of docs/stores.md.
func (r Report) Markdown(out io.Writer) error {
	b := r.PerRequest()
	never, sealed, files := r.After()
	var s strings.Builder
	fmt.Fprintf(&s, "%d requests, %d a day; %s, %s; %s. ", r.Requests, r.PerDay, r.Machine, r.Go,
		r.When.Format("2 January 2006"))
	fmt.Fprintf(&s, "Filled in %s; sealed (%d records) in %s; ", short(r.Fill), r.Records, short(r.Seal))
	fmt.Fprintf(&s, "backed up in %s and restored in %s: %s for each GB.\n\n", short(r.Backup), short(r.Restore),
		short(r.RestoreOf(1e9)))
	fmt.Fprintf(&s, "| one request leaves | bytes |\n|---|--:|\n| for a year | %.0f |\n", b.Year)
	fmt.Fprintf(&s, "| without messages and answers to uploads | %.0f |\n| once its record is sealed | %.0f |\n", b.Old,
		b.Sealed)
	fmt.Fprintf(&s, "| in the file that it is sealed in | %.0f |\n\n", b.File)
	fmt.Fprintf(&s, "| after %d years of %d requests a day | the ledger | restored in | files of seals |\n", years,
		r.PerDay)
	fmt.Fprintf(&s, "|---|--:|--:|--:|\n| never sealed | %.1f GB | %s | |\n", never/1e9, short(r.RestoreOf(never)))
	fmt.Fprintf(&s, "| sealed, but for the last %d days | %.1f GB | %s | %.1f GB |\n", unsealedDays, sealed/1e9,
		short(r.RestoreOf(sealed)), files/1e9)
	_, err := io.WriteString(out, s.String())
	return err
}

// short formats a duration in seconds, or in minutes if it is more than two.
func short(d time.Duration) string {
	if d > 2*time.Minute {
		return fmt.Sprintf("%.1f min", d.Minutes())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
