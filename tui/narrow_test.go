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
	dead.Family, dead.Given = "Featherstonehaugh-Cholmondeley-Smythe", []string{
		"Maximiliana", "Alexandrina",
		"Wilhelmina",
	}
	dead.Died = nhs.Date{Year: 2025, Month: time.May, Day: 1}
	replaced := tessRecord()
	replaced.AskedFor = oldNum
	for name, c := range map[string]struct {
		get  func(b *modelTest)
		says []string
	}{
		"a number that was replaced": {func(b *modelTest) {
			b.flags()
			b.sessions.records[oldNum] = replaced
			b.toPatient(oldNum)
		}, []string{
			"NHS number 999 000 0034 was replaced. The number is now 999 000 0018.", "▲ ALERT", "flags it",
			"01632 960001",
		}},
		"an opening and a flag that failed": {func(b *modelTest) {
			b.flags().answer = failed(recordsystem.OnDisk)
			b.sessions.openErr = &client.Error{Kind: client.TimedOut, OutcomeUnknown: true}
			b.toOpened().wait(time.Second).Press("f").deliver()
		}, []string{
			"could not be opened", "then the local authority will be notified", "H12",
			"The flag was not set. The record system did not answer in time.",
		}},
		"a record that did not come": {func(b *modelTest) {
			b.flags()
			b.sessions.recordErr = &client.Error{Kind: client.TimedOut}
			b.toPatient(tess)
		}, []string{"▲ ALERT", "The record did not come.", "Code for support: H12"}},
		"a death": {func(b *modelTest) {
			b.sessions.records[tess] = dead
			b.toPatient(tess)
		}, []string{"Died 01-May-2025", "Age at Death 9y 1m", draw.SignDead, "Wilhelmina (Miss)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newFixtureSize(t, draw.MinCols, draw.MinRows)
			c.get(b)
			b.expect(c.says...)
		})
	}
}
