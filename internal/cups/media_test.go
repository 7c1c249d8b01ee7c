package cups_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/internal/cups"
	"wardlight/internal/cups/cupstest"
	"wardlight/internal/nhs"
	"wardlight/internal/printout"
	"wardlight/rbac"
)

// The printed pages must have exactly the lines that were laid out: the same pages, no line broken, none lost.
func TestThePaperComesOutAsItWasLaidOut(t *testing.T) {
	s := cupstest.Start(t)
	s.AddPDF("ward")
	opened := time.Date(2026, time.November, 22, 14, 6, 0, 0, time.UTC)
	sheet := printout.Sheet{
		Patient: client.Patient{
			Family: "Ünsal-Featherstonehaugh", Given: []string{"Zoë", "Tess"},
			Born: nhs.Date{Year: 2016, Month: time.March, Day: 4}, Gender: nhs.Female,
		},
		Opened: client.Opened{
			Number: nhs.Number("9990000018"), AsOf: opened, Notifies: true,
			RequestID: "0f8fad5b-d9cb-469f-a165-70867728950e",
			Plans: []client.Plan{{
				Kind: client.ChildProtection, Start: nhs.Date{Year: 2026, Month: time.February, Day: 3},
				Authority:   "V997 - BOURNEMOUTH, CHRISTCHURCH AND POOLE EXAMPLE COUNCIL, CHILDREN AND FAMILIES",
				OfficePhone: "01632960101", EmergencyPhone: "01632960102",
			}},
		},
		Office: "Mon-Fri 09:00-17:00", Person: "SAMPLE, Ada (Ms)", Role: rbac.RoleProfile{
			JobName: "Nurse Access Role",
			OrgName: "Example General Hospital", OrgODS: "RX1",
		}, Printed: opened,
	}

	for i := range 25 {
		sheet.Opened.Accesses = append(sheet.Opened.Accesses, client.Access{
			When: opened.AddDate(0, 0, -i), Who: "Dr Bo Placeholder-Example",
			JobRole: "Health Professional Access Role", Organisation: "SAMPLETON UNIVERSITY HOSPITALS",
		})
	}

	pages := printout.Layout(sheet)
	if _, err := cups.New(cups.Config{Environ: s.Env}).Print(t.Context(), "ward", pages.Bytes()); err != nil {
		t.Fatal(err)
	}

	printed := s.Printed()
	if len(printed) != 1 || len(printed[0]) != len(pages) || len(pages) < 2 {
		t.Fatalf("%d pages were printed as %q", len(pages), printed)
	}

	for i, page := range pages {
		if got, want := words(strings.Split(printed[0][i], "\n")), words(page); got != want {
			t.Errorf("page %d was printed as\n%s\nwant\n%s", i+1, got, want)
		}
	}
}

// words returns the lines that are not empty, with single spaces, because pdftotext changes the number of spaces.
func words(lines []string) string {
	var out []string
	for _, l := range lines {
		if f := strings.Fields(l); len(f) > 0 {
			out = append(out, strings.Join(f, " "))
		}
	}
	return strings.Join(out, "\n")
}
