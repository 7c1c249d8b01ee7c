package nhs_test

import (
	"fmt"
	"time"

	"wardlight/internal/nhs"
)

// A birth date is read as people type it, day first, and shown and sent in one form each.
func ExampleParseTyped() {
	today := nhs.Date{Year: 2026, Month: time.November, Day: 22}
	for _, typed := range []string{"4/3/2016", "040316", "4 Mar 16", "2016-03-04", "31/2/2016", "March"} {
		d, err := nhs.ParseTyped(typed, today)
		if err != nil {
			fmt.Printf("%-12s %s\n", typed, err)
			continue
		}
		fmt.Printf("%-12s %s, sent as %s, %s old\n", typed, d, d.FHIR(), nhs.Age(d, today.Time(time.UTC)))
	}
	// Output:
	// 4/3/2016     04-Mar-2016, sent as 2016-03-04, 10y 8m old
	// 040316       04-Mar-2016, sent as 2016-03-04, 10y 8m old
	// 4 Mar 16     04-Mar-2016, sent as 2016-03-04, 10y 8m old
	// 2016-03-04   04-Mar-2016, sent as 2016-03-04, 10y 8m old
	// 31/2/2016    There is no such date: February 2016 has 29 days.
	// March        Type the birth date day first, as in 04-03-2016.
}
