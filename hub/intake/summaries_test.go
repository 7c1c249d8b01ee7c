package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/hub/intake"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/hub/summary"
	"wardlight/internal/lab/people"
	"wardlight/internal/nhs"
)

// takeSummaries imports lines and returns the refusals.
func takeSummaries(t *testing.T, s *sqlite.Store, lines ...string) (refused []string) {
	t.Helper()
	in := intake.Intake{
		File: "f", Takers: []intake.Importer{intake.NewSummaries(s, recorder(s))},
		Refuse: func(r *intake.Refused) { refused = append(refused, r.Error()) },
		Note:   func(intake.Noted) {}, Stored: func(intake.Position) error { return nil },
	}
	if _, err := in.Run(
		t.Context(),
		strings.NewReader(strings.Join(lines, "\n")+"\n"),
		intake.Position{},
	); err != nil {
		t.Fatal(err)
	}
	return refused
}

func TestSummaries(t *testing.T) {
	s := books(t)
	const number = nhs.Number("9990000018")
	at := now().AddDate(0, -1, 0)
	line := func(made time.Time) string {
		return string(people.NewSummary(number, made, people.Allergies()).Bundle)
	}
	sharing := func(code string) string {
		return fmt.Sprintf(
			`{"resourceType":"DocumentReference","subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number",`+
				`"value":"9990000018"}},"securityLabel":[{"coding":[{"system":"https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission",`+
				`"code":%q}]}]}`,
			code,
		)
	}
	stored := func() summary.Document {
		t.Helper()
		all, err := s.Summaries(t.Context(), []nhs.Number{number})
		if err != nil || len(all) != 1 {
			t.Fatalf("got %v, %v; want one summary", all, err)
		}
		return all[0]
	}

	if refused := takeSummaries(
		t,
		s,
		line(at),
		line(at.AddDate(0, 0, 1)),
		line(at),
		sharing("No"),
		sharing("No"),
	); len(refused) != 1 ||
		!strings.HasPrefix(refused[0], "f:3: it is older") {
		t.Errorf("got refusals %v, want the third line, which is older", refused)
	}
	if d := stored(); !d.Made.Equal(at.AddDate(0, 0, 1)) || d.Sharing != summary.No || len(d.Body) == 0 {
		t.Errorf("got %v %s, want the newest summary and No", d.Made, d.Sharing)
	}
	if refused := takeSummaries(t, s, sharing("Ask"), line(at.AddDate(0, 0, 1))); len(refused) != 0 ||
		stored().Sharing != summary.Ask {
		t.Errorf("got refusals %v, permission %s; want Ask", refused, stored().Sharing)
	}

	remove := with(sharing("Ask"), `"subject"`, `"status":"entered-in-error","subject"`)
	if refused := takeSummaries(t, s, remove, remove, sharing("No"), sharing("Ask")); len(refused) != 0 ||
		stored().Body != nil || stored().Sharing != summary.Ask {
		t.Errorf("removed: got refusals %v, %+v; want only the permission", refused, stored())
	}
	if refused := takeSummaries(t, s, line(at)); len(refused) != 0 || !stored().Made.Equal(at) {
		t.Errorf("imported again: got refusals %v, %+v; want the summary", refused, stored())
	}

	var records []string
	err := s.AuditTrail(t.Context(), 1, func(r store.AuditRecord) error {
		records = append(records, r.Action+": "+r.Reason)
		return nil
	})
	id := people.NewSummary(number, at, people.Allergies()).ID
	want := []string{
		"import summary: operator: summary " + id + ", made 2026-06-15T12:00:00Z",
		"import summary: operator: summary " + id + ", made 2026-06-16T12:00:00Z",
		"import summary: operator: permission No", "import summary: operator: permission Ask",
		"import summary: operator: summary " + id + " removed",
		"import summary: operator: permission No", "import summary: operator: permission Ask",
		"import summary: operator: summary " + id + ", made 2026-06-15T12:00:00Z",
	}
	if err != nil || !slices.Equal(records, want) {
		t.Errorf("got records %q, %v; want %q", records, err, want)
	}

	good := line(at.AddDate(0, 0, 2))
	for what, c := range map[string]struct{ line, why string }{
		"no Composition": {with(good, `"resourceType":"Composition"`, `"resourceType":"Basic"`), "it has no Composition"},
		"no Patient":     {with(good, `"resourceType":"Patient"`, `"resourceType":"Basic"`), "the subject of the Composition"},
		"a bad NHS number": {
			strings.ReplaceAll(good, "9990000018", "9990000019"),
			"the NHS number of a Patient is not valid",
		},
		"a bad ID":        {strings.ReplaceAll(good, id, "x"), "the identifier of the Composition is not a UUID"},
		"a bad date":      {strings.ReplaceAll(good, `"date":"2026`, `"date":"`), "the date of the Composition"},
		"an unknown code": {sharing("Maybe"), "the DocumentReference does not have one permission"},
		"no code": {
			with(sharing("Ask"), "SCR-ACSPermission", "x"),
			"the DocumentReference does not have one permission",
		},
		"no subject": {with(sharing("Ask"), "nhs-number", "x"), "subject is not an NHS number"},
	} {
		if refused := takeSummaries(t, s, c.line); len(refused) != 1 || !strings.HasPrefix(refused[0], "f:1: "+c.why) {
			t.Errorf("%s: got refusals %v, want %q", what, refused, c.why)
		}
	}
}
