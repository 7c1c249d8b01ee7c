package tui

import (
	"testing"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/recordsystem"
	"wardlight/tui/draw"
)

// On the smallest screen, too, everything important about a patient is shown; only spacing is left out.
func TestOnTheSmallestScreenNothingThatCountsIsCutOff(t *testing.T) {
	dead := tessRecord()
	dead.Family, dead.Given = "Featherstonehaugh-Cholmondeley-Smythe", []string{"Maximiliana", "Alexandrina", "Wilhelmina"}
	dead.Died = nhs.Date{Year: 2025, Month: time.May, Day: 1}
	replaced := tessRecord()
	replaced.AskedFor = oldNum
	for name, c := range map[string]struct {
		get  func(b *bench)
		says []string
	}{
		"a number that was replaced": {func(b *bench) {
			b.flags()
			b.desk.records[oldNum] = replaced
			b.toPatient(oldNum)
		}, []string{"NHS number 999 000 0034 was replaced. The number is now 999 000 0018.", "▲ ALERT", "flags it", "01632 960001"}},
		"an opening and a flag that failed": {func(b *bench) {
			b.flags().answer = failed(recordsystem.OnDisk)
			b.desk.openErr = &client.Error{Kind: client.TimedOut, Unsettled: true}
			b.toOpened().wait(time.Second).Press("f").answer()
		}, []string{"could not be opened", "then the local authority will be notified", "H12", "The flag was not set. The record system did not answer in time."}},
		"a record that did not come": {func(b *bench) {
			b.flags()
			b.desk.recordErr = &client.Error{Kind: client.TimedOut}
			b.toPatient(tess)
		}, []string{"▲ ALERT", "The record did not come.", "Code for support: H12"}},
		"a death": {func(b *bench) {
			b.desk.records[tess] = dead
			b.toPatient(tess)
		}, []string{"Died 01-May-2025", "Age at Death 9y 1m", draw.SignDead, "Wilhelmina (Miss)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBenchSize(t, draw.LeastCols, draw.LeastRows)
			c.get(b)
			b.says(c.says...)
		})
	}
}
