package people_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

func seeded(seed uint64, count int, today nhs.Date) []people.Person {
	return slices.Collect(people.Seeded(people.Options{Seed: seed, Count: count, Today: today}))
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTheSameSeedMakesTheSamePeople(t *testing.T) {
	today := nhs.DateOf(noon)
	first, second := seeded(7, 500, today), seeded(7, 500, today)
	if asJSON(t, first) != asJSON(t, second) {
		t.Error("the same seed generated different people")
	}
	if asJSON(t, first[:100]) != asJSON(t, seeded(7, 100, today)) {
		t.Error("the first hundred people depend on Count")
	}
	if asJSON(t, first) == asJSON(t, seeded(8, 500, today)) {
		t.Error("different seeds generated the same people")
	}
}

func TestPatientsStayTheSameAllYear(t *testing.T) {
	spring := seeded(7, 200, nhs.Date{Year: 2026, Month: time.April, Day: 1})
	autumn := seeded(7, 200, nhs.DateOf(noon))
	for i := range spring {
		if spring[i].Patient.BirthDate != autumn[i].Patient.BirthDate {
			t.Fatalf("person %d: born %s in spring, %s in autumn, want equal",
				i, spring[i].Patient.BirthDate, autumn[i].Patient.BirthDate)
		}
	}
}

func TestNumbersAreValidDistinctAndNeverIssued(t *testing.T) {
	seen := map[nhs.Number]bool{}
	all := append(people.Named(noon), seeded(1, 20_000, nhs.DateOf(noon))...)
	for _, p := range all {
		n, err := nhs.ParseNumber(p.Patient.ID)
		if err != nil {
			t.Fatalf("ParseNumber(%q): %v", p.Patient.ID, err)
		}
		if seen[n] {
			t.Fatalf("%s occurs twice", p.Patient.ID)
		}
		seen[n] = true
		if !strings.HasPrefix(p.Patient.ID, "9") {
			t.Fatalf("%s may be issued, want a number that begins with 9", p.Patient.ID)
		}
	}
	if len(seen) != len(all) || len(all) != 20_010 {
		t.Errorf("%d people with %d numbers, want 20010", len(all), len(seen))
	}
}

func TestPatientsHaveWhatASearchNeeds(t *testing.T) {
	today := nhs.DateOf(noon)
	children, planned := 0, 0
	for _, p := range seeded(1, 5000, today) {
		born, err := nhs.ParseDate(p.Patient.BirthDate)
		if err != nil || today.Before(born) {
			t.Fatalf("birth date %q: error %v, want a date in the past", p.Patient.BirthDate, err)
		}

		if n := p.Patient.Name[0]; n.Family == "" || len(n.Given) == 0 {
			t.Fatalf("name = %v, want family and given names", n)
		}

		if _, err := nhs.ParsePostcode(p.Patient.Address[0].PostalCode); err != nil {
			t.Fatalf("ParsePostcode(%q): %v", p.Patient.Address[0].PostalCode, err)
		}

		if today.Year-born.Year <= 18 {
			children++
		}

		planned += len(p.Plans)
		for _, plan := range p.Plans {
			if !plan.End.IsZero() && (plan.End.Before(plan.Start) || today.Before(plan.End)) {
				t.Errorf("plan from %s to %s, want an end after the start and not in the future", plan.Start, plan.End)
			}
		}
	}

	if children < 3000 || children > 4200 {
		t.Errorf("%d children among 5000, want 3000 to 4200", children)
	}

	if planned < 10 || planned > 100 {
		t.Errorf("%d plans among 5000, want 10 to 100", planned)
	}
}

func TestEveryPlanBelongsToAnAuthorityThatThereIs(t *testing.T) {
	known := map[string]bool{}
	for _, a := range people.Authorities() {
		known[a.ID] = a.Office != "" && a.Emergency != ""
	}
	for _, p := range append(people.Named(noon), seeded(1, 5000, nhs.DateOf(noon))...) {
		for _, plan := range p.Plans {
			if !known[plan.Authority] {
				t.Errorf("%s: unknown authority %q", p.Patient.ID, plan.Authority)
			}
		}
	}
}

func TestTheHostileChildCarriesEachAttack(t *testing.T) {
	var found string
	for _, p := range people.Named(noon) {
		if p.Number() == people.Hostile {
			n, a := p.Patient.Name[0], p.Patient.Address[0]
			found = n.Family + strings.Join(n.Given, " ") + strings.Join(a.Line, " ") + a.PostalCode
		}
	}
	for what, sequence := range map[string]string{
		"OSC 52": "\x1b]52;", "CSI 2J": "\x1b[2J", "SGR 8": "\x1b[8m", "U+009B": "\u009b",
		"bidi override": "\u202e", "zero width": "\u200b",
	} {
		if !strings.Contains(found, sequence) {
			t.Errorf("no person contains the sequence %s", what)
		}
	}
}

func TestNamedPeopleSayWhatTheyShow(t *testing.T) {
	for _, p := range people.Named(noon) {
		if p.Shows == "" {
			t.Errorf("%s: Shows is empty", p.Patient.ID)
		}
		for _, a := range p.Accesses {
			if a.When.After(noon) {
				t.Errorf("%s: access at %s is in the future", p.Patient.ID, a.When)
			}
		}
	}
}
