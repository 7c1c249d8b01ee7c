package printout_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/charmbracelet/x/exp/golden"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/printout"
	"wardlight/internal/text"
	"wardlight/rbac"
)

// tess is a synthetic patient; numbers from 999 are never issued.
const tess = nhs.Number("9990000018")

func opened() time.Time { return time.Date(2026, time.November, 22, 14, 6, 0, 0, time.UTC) }

// sheet returns an alert with a current plan, an ended plan and two accesses.
func sheet() printout.Sheet {
	return printout.Sheet{
		Patient: client.Patient{
			Number: tess, Family: "Example", Given: []string{"Tess", "Ann"}, Title: "Miss",
			Born: nhs.Date{Year: 2016, Month: time.March, Day: 4}, Gender: nhs.Female, Phone: "01632960001",
		},
		Opened: client.Opened{
			Number: tess, AsOf: opened(), Notifies: true, RequestID: "0f8fad5b-d9cb-469f-a165-70867728950e",
			Plans: []client.Plan{
				{
					Kind: client.ChildProtection, Start: nhs.Date{Year: 2026, Month: time.February, Day: 3},
					Authority: "V999 - EXAMPLESHIRE COUNCIL", OfficePhone: "01632960101", EmergencyPhone: "01632960102",
				},
				{
					Kind: client.LookedAfter, Start: nhs.Date{Year: 2024, Month: time.July, Day: 1},
					End:       nhs.Date{Year: 2026, Month: time.May, Day: 7},
					Authority: "V998 - SAMPLETON BOROUGH COUNCIL", OfficePhone: "02079460101",
				},
			},
			Accesses: []client.Access{
				{
					When: opened(), Who: "Ms Ada Sample", JobRole: "Nurse Access Role",
					Organisation: "EXAMPLE GENERAL HOSPITAL",
				},
				{
					When: opened().Add(-31 * time.Hour), Who: "Dr Bo Example",
					Organisation: "PLACEHOLDER AND SAMPLETON UNIVERSITY HOSPITALS",
				},
			},
		},
		Office: "Mon-Fri 09:00-17:00",
		Person: "SAMPLE, Ada (Ms)",
		Role: rbac.RoleProfile{
			URID: "555000000222", JobName: "Nurse Access Role", OrgODS: "RX1",
			OrgName: "Example General Hospital",
		},
		Printed: opened().Add(2 * time.Minute),
	}
}

// printed returns all pages as one text.
func printed(s printout.Sheet) string { return string(printout.Layout(s).Bytes()) }

func TestAnAlertOnPaper(t *testing.T) { golden.RequireEqual(t, []byte(printed(sheet()))) }

func TestAnAlertOfSeveralPagesOnPaper(t *testing.T) {
	s := sheet()
	for i := range 23 {
		a := s.Opened.Accesses[i%2]
		a.When = a.When.AddDate(0, 0, -i)
		s.Opened.Accesses = append(s.Opened.Accesses, a)
	}
	golden.RequireEqual(t, []byte(printed(s)))
}

func TestEveryPageSaysWhoseItIsWhoPrintedItAndWhatBecomesOfIt(t *testing.T) {
	s := sheet()
	s.Destroy = "Into the blue bin on ward 4."
	for range 12 {
		s.Opened.Plans = append(s.Opened.Plans, s.Opened.Plans[0])
	}

	pages := printout.Layout(s)
	if len(pages) < 3 {
		t.Fatalf("got %d pages, want at least 3", len(pages))
	}

	for i, page := range pages {
		all := strings.Join(page, "\n")
		for _, want := range []string{
			"EXAMPLE, Tess Ann (Miss)", "Born 04-Mar-2016 (10y 8m)", "Gender Female", "NHS No. 999 000 0018",
			"Printed 22-Nov-2026 14:08 by SAMPLE, Ada (Ms), Nurse Access Role,", "Example General Hospital (RX1)",
			"Request 0f8fad5b-d9cb-469f-a165-70867728950e",
			"Into the blue bin on ward 4.", fmt.Sprintf("Page %d of %d", i+1, len(pages)),
		} {
			if !strings.Contains(all, want) {
				t.Errorf("page %d does not contain %q:\n%s", i+1, want, all)
			}
		}
	}
}

func TestAPlanIsNeverPartedByTheEndOfAPage(t *testing.T) {
	for n := 1; n < 20; n++ {
		s := sheet()
		s.Opened.Plans = nil
		for range n {
			s.Opened.Plans = append(s.Opened.Plans, sheet().Opened.Plans[0])
		}
		for _, page := range printout.Layout(s) {
			all := strings.Join(page, "\n")
			if strings.Count(all, "PLAN") != strings.Count(all, "01632 960102") {
				t.Errorf("with %d plans, a plan is split between pages:\n%s", n, all)
			}
		}
	}
}

func TestBothNumbersStandWithTheirHours(t *testing.T) {
	s := sheet()
	says(t, printed(s), "Mon-Fri 09:00-17:00, not on bank holidays: ring the office 01632 960101",
		"At all other times: ring the emergency duty team 01632 960102", "ring the emergency duty team no number given")
	s.Opened.Plans[1].OfficePhone = ""
	says(t, printed(s), "The local authority gave no number. Use the local procedure.")
}

func TestAnEndedPlanLooksEnded(t *testing.T) {
	says(t, printed(sheet()), "PLAN 1 of 2: Child Protection Plan Start 03-Feb-2026 End none: it ran when this was "+
		"printed",
		"PLAN 2 of 2: Looked After Child ENDED 07-May-2026")
}

func TestThePaperSaysAsOfWhenAndWhetherAnybodyWasNotified(t *testing.T) {
	s := sheet()
	says(t, printed(s), "As it was when it was opened: 22-Nov-2026 14:06.", "the local authority will be notified")
	s.Opened.Notifies = false
	says(t, printed(s), "opened silently: nobody was notified")
	s.Opened.Plans = nil
	says(t, printed(s), "There is no plan to show any more.")
	if strings.Contains(printed(s), "none recorded") {
		t.Error("the printout says “none recorded” for a plan that was removed")
	}
}

func TestAListThatCouldNotBeHadIsNotAnEmptyOne(t *testing.T) {
	s := sheet()
	s.Opened.Accesses = nil
	says(t, printed(s), "Nobody has looked in unscheduled care.")
	s.Opened.ListErr = &client.Error{Kind: client.Failing}
	says(t, printed(s), "did not come")
	if strings.Contains(printed(s), "Nobody has looked") {
		t.Error("the printout says that nobody has looked, although the list could not be read")
	}
}

func TestWithoutWordsOfItsOwnThePaperHasTheUsualOnes(t *testing.T) {
	says(t, printed(sheet()), printout.DefaultDestroy)
}

func TestTheDeadAreSaidToBeDead(t *testing.T) {
	s := sheet()
	s.Patient.Died = nhs.Date{Year: 2026, Month: time.October, Day: 2}
	says(t, printed(s), "Died 02-Oct-2026")
}

// says checks that the text contains the words, however it is wrapped.
func says(t *testing.T, all string, words ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(all), " ")
	for _, w := range words {
		if !strings.Contains(flat, w) {
			t.Errorf("text does not contain %q:\n%s", w, all)
		}
	}
}

func FuzzAnyNameStaysOnThePage(f *testing.F) {
	f.Add("Featherstonehaugh-Cholmondeley", "V997 - BOURNEMOUTH, CHRISTCHURCH AND POOLE", "Dr 李小龍", uint8(3), uint8(25))
	f.Add("\x1b[2J\f\n", strings.Repeat("w", 5000), "👨‍👩‍👧‍👦 e\u0301\u202e", uint8(30), uint8(200))
	f.Add("", "", "", uint8(0), uint8(0))

	f.Fuzz(func(t *testing.T, name, authority, who string, plans, accesses uint8) {
		name, authority, who = text.Clean(name, 0), text.Clean(authority, 0), text.Clean(who, 0)
		s := sheet()
		s.Patient.Family, s.Person, s.Role.OrgName, s.Destroy, s.Office, s.Opened.RequestID = name, who, authority,
			authority, authority, who
		s.Opened.Plans, s.Opened.Accesses = nil, nil
		for range plans {
			s.Opened.Plans = append(s.Opened.Plans, client.Plan{
				Authority: authority, OfficePhone: who,
				EmergencyPhone: "01632960102",
			})
		}

		for range accesses {
			s.Opened.Accesses = append(s.Opened.Accesses, client.Access{Who: who, Organisation: name})
		}

		pages := printout.Layout(s)
		if len(pages) == 0 {
			t.Fatal("Lay returned no page")
		}

		for i, page := range pages {
			if len(page) != printout.Rows {
				t.Errorf("page %d has %d lines, want %d", i+1, len(page), printout.Rows)
			}
			for _, l := range page {
				if text.Width(l) > printout.Columns || strings.IndexFunc(l, unicode.IsControl) >= 0 {
					t.Errorf("line %q has %d cells, want at most %d without control characters",
						l, text.Width(l), printout.Columns)
				}
			}
			if all := strings.Join(page, " "); !strings.Contains(all, tess.String()) ||
				!strings.Contains(all, fmt.Sprintf("Page %d of %d", i+1, len(pages))) {
				t.Errorf("page %d lacks the NHS number or the page number", i+1)
			}
		}

		if got := strings.Count(printed(s), "01632 960102"); got != int(plans) {
			t.Errorf("got %d plans, want %d", got, plans)
		}
	})
}

// Statements must contain everything that is printed.
func TestTheStatementsOfAPaperAreThePaperWithoutItsLayout(t *testing.T) {
	s := sheet()
	s.Patient.Died = nhs.Date{Year: 2026, Month: time.November, Day: 1}
	described := printout.Statements(s)
	said := strings.NewReplacer(" ", "", ",", "", "\n", "").Replace(strings.Join(described, ""))
	page := printout.Layout(s)[0]
	for _, line := range page[:len(page)-1] { // without the page number
		if line = strings.NewReplacer(" ", "", ",", "").Replace(line); !strings.Contains(said,
			strings.Trim(line, "-")) {
			t.Errorf("%q is missing in the statements:\n%s", line, strings.Join(described, "\n"))
		}
	}

	for _, line := range described {
		if strings.Contains(line, "  ") || strings.Contains(line, "--") || line != strings.TrimSpace(line) ||
			line == "" {
			t.Errorf("statement %q contains layout", line)
		}
	}

	want := "Born 04-Mar-2016, Gender Female, NHS No. 999 000 0018, Died 01-Nov-2026"
	if described[1] != want {
		t.Errorf("statement = %q, want %q", described[1], want)
	}
}
