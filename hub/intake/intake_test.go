package intake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/hub/audit"
	"wardlight/hub/cpis"
	"wardlight/hub/intake"
	"wardlight/hub/patientflag"
	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
)

const (
	tess = `{"resourceType":"Patient","id":"9990000018","gender":"female","birthDate":"2016-03-04","name":[{"use":"usual","family":"Example","given":["Tess"]}]}`
	tom  = `{"resourceType":"Patient","id":"9990000026","gender":"male","birthDate":"2016-03-04","name":[{"use":"usual","family":"Example","given":["Tom"]}]}`
	aunt = `{"resourceType":"RelatedPerson","id":"R1","patient":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}},` +
		`"relationship":[{"coding":[{"code":"AUNT"}]}]}`
	plan = `{"resourceType":"CareTeam","id":"5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f11","status":"active",` +
		`"category":[{"coding":[{"system":"http://snomed.info/sct","code":"342191000000101"}]}],"name":"V999 - EXAMPLESHIRE COUNCIL",` +
		`"subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}},"period":{"start":"2026-02-03"}}`
)

// with replaces a text in a line once.
func with(line, old, by string) string { return strings.Replace(line, old, by, 1) }

func books(t testing.TB) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.PutAuthority(t.Context(), store.Authority{Code: "V999", Name: "EXAMPLESHIRE COUNCIL"}); err != nil {
		t.Fatal(err)
	}
	return s
}

func now() time.Time { return time.Date(2026, time.July, 15, 12, 0, 0, 0, time.UTC) }

func today() nhs.Date { return nhs.DateOf(now()) }

// take imports a text and returns the position and the refused lines.
func take(t testing.TB, s *sqlite.Store, text string) (intake.Position, []string) {
	t.Helper()
	at, refused, _ := takeNoted(t, s, text)
	return at, refused
}

// recorder returns a Recorder whose changes are by the operator.
func recorder(ledger audit.Committer) intake.Recorder {
	return intake.Recorder{Ledger: ledger, Clock: now, By: "operator"}
}

// takeNoted is like take, and also returns the lines with a remark.
func takeNoted(t testing.TB, s *sqlite.Store, text string) (at intake.Position, refused, noted []string) {
	t.Helper()
	plans, err := intake.NewPlans(t.Context(), s, trace.New(s), recorder(s), cpis.Standard(), today)
	if err != nil {
		t.Fatal(err)
	}
	in := intake.Intake{
		File: "f", Takers: []intake.Importer{
			intake.NewPatients(s, recorder(s)), plans,
			intake.NewFlags(s, recorder(s)), intake.NewStaff(s, recorder(s)),
		},
		Refuse: func(r *intake.Refused) { refused = append(refused, r.Error()) },
		Note:   func(n intake.Noted) { noted = append(noted, n.String()) },
		Stored: func(intake.Position) error { return nil },
	}
	at, err = in.Run(t.Context(), strings.NewReader(text), intake.Position{})
	if err != nil {
		t.Fatal(err)
	}
	return at, refused, noted
}

func TestPatientsTheirRelativesAndTheirPlansAreTaken(t *testing.T) {
	s := books(t)
	old := with(with(tom, "9990000026", "9990000050"), `"gender"`,
		`"link":[{"type":"replaced-by","other":{"identifier":{"value":"999 000 0018"}}}],"gender"`)
	unborn := with(with(with(plan, "342191000000101", "818901000000100"), "7f11", "7f12"),
		`"name":"V999 - EXAMPLESHIRE COUNCIL"`,
		`"managingOrganization":[{"identifier":{"value":"V999"}}],"identifier":[{"value":"UB-7"}],"extension":[{"url":"urn:wardlight:due-date","valueDate":"2026-09-01"}]`)

	text := "\ufeff" + tess + "\r\n" + aunt + "\n\n\ufeff" + tom + "\n" + old + "\n" + plan + "\n" + unborn
	at, refused := take(t, s, text)
	if at != (intake.Position{Offset: int64(len(text)), Lines: 7, Taken: 6}) || len(refused) > 0 {
		t.Errorf("got %+v, refused %v; want 6 lines imported", at, refused)
	}

	for number, by := range map[nhs.Number]nhs.Number{"9990000018": "", "9990000026": "", "9990000050": "9990000018"} {
		if p, err := s.Patient(t.Context(), number); err != nil || p.SupersededBy != by {
			t.Errorf("Patient(%s) = %+v, %v; want it imported", number, p, err)
		}
	}

	if related, err := s.RelatedPersons(t.Context(), "9990000018"); err != nil || len(related) != 1 ||
		!strings.Contains(string(related[0]), "AUNT") {
		t.Errorf("RelatedPersons = %s, %v; want the aunt", related, err)
	}

	plans, err := s.Plans(t.Context(), []nhs.Number{"9990000018"})
	if err != nil || len(plans) != 2 {
		t.Fatalf("Plans = %+v, %v; want 2", plans, err)
	}

	slices.SortFunc(plans, func(a, b store.PlanWithAuthority) int { return strings.Compare(a.ID, b.ID) })
	want := store.Plan{
		ID: "5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f12", Number: "9990000018", Kind: store.UnbornChild,
		Start: nhs.Date{Year: 2026, Month: 2, Day: 3},
		Due:   nhs.Date{Year: 2026, Month: 9, Day: 1}, Authority: "V999", Reference: "UB-7",
	}
	if plans[1].Plan != want || plans[0].Kind != store.ChildProtection {
		t.Errorf("got plans %+v, want a child protection plan and an unborn child's", plans)
	}
}

func TestARecordThatWasReplacedIsSupersededAndNotInvalid(t *testing.T) {
	s := books(t)
	old := with(with(with(tess, "9990000018", "9990000050"), "Tess", "Teresa"), `"gender"`,
		`"meta":{"security":[{"code":"REDACTED"}]},"link":[{"type":"replaced-by","other":{"identifier":{"value":"9990000018"}}}],"gender"`)
	if _, refused := take(t, s, tess+"\n"+old+"\n"); len(refused) > 0 {
		t.Fatal(refused)
	}
	q, err := trace.ParseQuery(url.Values{"family": {"Example"}, "given": {"Teresa"}, "birthdate": {"2016-03-04"}},
		nhs.Date{Year: 2026, Month: 7, Day: 15})
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := trace.New(s).Search(t.Context(), q); err != nil || len(rows) != 1 ||
		rows[0].Number != "9990000018" {
		t.Errorf("Search by the old record's data = %v, %v; want the current record", rows, err)
	}
}

func TestAPlanTakesTheIDOfNoOther(t *testing.T) {
	s := books(t)
	if err := s.PutAuthority(t.Context(), store.Authority{Code: "V998", Name: "NEIGHBOURSHIRE COUNCIL"}); err != nil {
		t.Fatal(err)
	}

	const why = "its id belongs to a plan of another authority or of another patient"
	old := with(with(tess, "9990000018", "9990000050"), `"gender"`,
		`"link":[{"type":"replaced-by","other":{"identifier":{"value":"9990000018"}}}],"gender"`)
	theirs := with(plan, "V999 - EXAMPLESHIRE", "V998 - NEIGHBOURSHIRE")
	sibling := with(plan, "9990000018", "9990000026")
	for _, lines := range []struct{ before, then string }{
		{plan + "\n" + theirs, ""}, {plan + "\n" + sibling, ""}, // in one batch
		{plan, theirs}, {plan, sibling}, // in two batches
	} {
		_, refused := take(t, s, tess+"\n"+lines.before+"\n")
		_, more := take(t, s, lines.then)
		if refused = append(refused, more...); len(refused) != 1 || !strings.HasSuffix(refused[0], why) {
			t.Errorf("got refused lines %v, want one", refused)
		}
		got, err := s.Plan(t.Context(), "5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f11")
		if err != nil || got.Number != "9990000018" || got.Authority != "V999" {
			t.Errorf("Plan = %+v, %v; want it unchanged", got, err)
		}
	}

	// The number of a plan's record may be superseded. The plan's number may then change.
	for _, line := range []string{old, with(plan, "9990000018", "9990000050"), plan} {
		if _, refused := take(t, s, line); len(refused) > 0 {
			t.Errorf("got refused lines %v, want none", refused)
		}
	}
}

func TestABadLineIsRefusedByItsNumberAndTheOthersAreTaken(t *testing.T) {
	s := books(t)
	twoKinds := with(plan, `"category":[`,
		`"category":[{"coding":[{"system":"http://snomed.info/sct","code":"764841000000100"}]},`)
	for line, why := range map[string]string{
		"Tess Example 9990000018": "this is not JSON: error at byte",
		`[9990000018]`:            "this is not a FHIR resource",
		`"Tess"`:                  "this is not a FHIR resource",
		`{"resourceType":"Tess"}`: "its resourceType is not one of CareTeam, Flag, Patient, Practitioner, " +
			"PractitionerRole, RelatedPerson",
		`{"resourceType":9990000018}`:            "resourceType has the wrong type for FHIR",
		with(tess, `"9990000018"`, "9990000018"): "Patient.id has the wrong type for FHIR",
		with(tess, "9990000018", "9990000019"):   "patient id: not a valid NHS number",
		with(tess, "2016-03-04", "2016-02-30"):   "patient birthDate: There is no such date.",
		with(tess, "female", "girl"):             "gender is not one of male, female, other, unknown",
		with(tess, `"name"`,
			`"link":[{"type":"replaced-by","other":{"identifier":{"value":"9990000018"}}}],"name"`): "link replaced-by must name another",
		with(tess, `"name"`,
			`"link":[{"type":"replaced-by","other":{"display":"Tess"}}],"name"`): "link replaced-by must name " +
			"exactly one",
		aunt:                               "it is not directly after its patient",
		with(plan, "342191000000101", "1"): "category is not a kind of plan",
		with(plan, "V999 - EXAMPLESHIRE", "V998 - EXAMPLESHIRE"): "its authority is not on file",
		with(plan, "V999 - EXAMPLESHIRE", "EXAMPLESHIRE"):        "neither managingOrganization nor name",
		with(plan, "9990000018", "9990000019"):                   "subject is not a valid NHS number",
		with(plan, `"active"`,
			`"entered-in-error"`): "its status means that it is not a plan: entered-in-error",
		twoKinds: "category has two kinds of plan",
		with(plan, `"active"`,
			`"proposed"`): "its status means that it is not a plan: proposed",
		with(plan, `"active"`,
			`"Tess"`): "status is not one of active, inactive, suspended",
		with(plan, `"active"`,
			`"inactive"`): "status is inactive, but there is no period.end",
		with(plan, "nhs-number",
			"other"): "subject is not an NHS number",
		with(plan, "2026-02-03",
			"2026-02"): "period.start is not a date",
		with(plan, `"2026-02-03"`,
			`"2026-02-03","end":"2025-01-01"`): "period.end is before period.start",
		with(plan, `"period":{"start":"2026-02-03"}`,
			`"x":1`): "period is missing",
		with(plan, `"5f0c0e64`, `"5f 0c0e64`): "id is not a valid FHIR id",
		with(plan, `"name"`,
			`"extension":[{"url":"urn:wardlight:due-date","valueDate":"2026-09-01"}],"name"`): "only an unborn child's plan has a due date",
		tess[:40] + strings.Repeat("x", 1<<20): "the line is longer than 1024 KiB",
	} {
		at, refused := take(t, s, tom+"\n"+line+"\n"+with(tess, "Tess", "Tessa")+"\n"+aunt+"\n")
		if at.Taken != 3 || at.Refused != 1 || len(refused) != 1 || !strings.HasPrefix(refused[0], "f:2: "+why) {
			t.Errorf("%.80s: got %+v, refused %v; want one refused with %q", line, at, refused, why)
			continue
		}
		for _, of := range []string{"9990000018", "Tess", "Example", "2016-02-30", "girl", "V998"} {
			if strings.Contains(refused[0], of) {
				t.Errorf("the refusal quotes %s: %s", of, refused[0])
			}
		}
	}
}

func TestNobodyIsRelatedToSomebodyWhoWasRefused(t *testing.T) {
	s := books(t)
	bad := with(tess, "2016-03-04", "soon")
	if _, refused := take(t, s, tom+"\n"+bad+"\n"+aunt+"\n"); len(refused) != 2 ||
		refused[1] != "f:3: its patient was refused" {
		t.Errorf("got refused lines %v, want the patient and the related person", refused)
	}
	limit := strings.Repeat(aunt+"\n", 101)
	if _, refused := take(t, s, tess+"\n"+limit); len(refused) != 1 ||
		refused[0] != "f:102: its patient already has 100 related persons" {
		t.Errorf("got refused lines %v, want the 101st related person", refused)
	}
}

const (
	ada = `{"resourceType":"Practitioner","identifier":[{"system":"https://fhir.nhs.uk/Id/sds-user-id","value":"999000000111"}],` +
		`"name":[{"family":"Sample","given":["Ada"]}]}`
	nurse = `{"resourceType":"PractitionerRole","identifier":[{"system":"https://fhir.nhs.uk/Id/sds-role-profile-id","value":"999000000222"}],` +
		`"practitioner":{"identifier":{"system":"https://fhir.nhs.uk/Id/sds-user-id","value":"999000000111"}},` +
		`"organization":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RX1"}},` +
		`"code":[{"coding":[{"system":"https://fhir.nhs.uk/CodeSystem/NHSDigital-SDS-JobRoleCode","code":"R8001"}]},` +
		`{"coding":[{"system":"urn:wardlight:national-rbac-activity-code","code":"B0264"},{"system":"urn:wardlight:national-rbac-activity-code","code":"B0107"}]}]}`
)

func TestStaffAreTakenWithTheirRoles(t *testing.T) {
	s := books(t)
	at, refused := take(t, s, nurse+"\n"+ada+"\n"+tess+"\n"+nurse+"\n")
	if at.Taken != 3 || len(refused) != 1 ||
		!strings.HasPrefix(refused[0], "f:1: PractitionerRole.practitioner: this person is not on file") {
		t.Errorf("got %+v, refused %v; want the role of an unknown person refused", at, refused)
	}

	if p, err := s.Person(t.Context(), "999000000111"); err != nil || p.Family != "Sample" || len(p.Roles) != 1 ||
		p.Roles[0].URID != "999000000222" {
		t.Errorf("Person = %+v, %v; want it with one role", p, err)
	}

	other := with(ada, "999000000111", "999000000112")
	theirs, gone := with(nurse, "999000000111", "999000000112"),
		with(nurse, `"identifier"`, `"active":false,"identifier"`)
	at, refused = take(t, s, other+"\n"+theirs+"\n"+tess+"\n"+gone+"\n"+theirs+"\n")
	if at.Taken != 4 || len(refused) != 1 ||
		!strings.HasPrefix(refused[0], "f:2: PractitionerRole.identifier: the role belongs to another person") {
		t.Errorf("role of another person: got %+v, refused %v; want it refused while it is assigned", at, refused)
	}

	if p, err := s.Person(t.Context(), "999000000112"); err != nil || len(p.Roles) != 1 {
		t.Errorf("Person after the role was reassigned = %+v, %v; want one role", p, err)
	}

	var record []string
	if err := s.AuditTrail(t.Context(), 1, func(r store.AuditRecord) error {
		record = append(record, r.Action+"; "+r.Outcome+"; "+r.Reason)
		return nil
	}); err != nil {
		t.Fatal(err)
	}

	const change = "change who may sign in; granted; operator: "
	if want := []string{
		change + "999000000111",
		change + "999000000111, role 999000000222 at RX1, activity codes B0264 B0107",
		change + "999000000112",
		change + "999000000111, role 999000000222 taken away",
		change + "999000000112, role 999000000222 at RX1, activity codes B0264 B0107",
	}; !slices.Equal(record, want) {
		t.Errorf("got audit records:\n%s\nwant:\n%s", strings.Join(record, "\n"), strings.Join(want, "\n"))
	}

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	in := intake.Intake{
		File: "f", Takers: []intake.Importer{intake.NewStaff(s, recorder(s))}, Refuse: func(r *intake.Refused) {
			t.Errorf("a line is blamed: %v", r)
		},
		Stored: func(intake.Position) error { return nil },
	}

	if _, err := in.Run(t.Context(), strings.NewReader(ada+"\n"), intake.Position{}); err == nil ||
		!strings.HasPrefix(err.Error(), "f: line 1 could not be stored: ") {
		t.Error(err)
	}
}

// TestWhatIsReplacedIsOnRecord imports a file, the same file again, and a changed one.
func TestWhatIsReplacedIsOnRecord(t *testing.T) {
	s := books(t)
	records := func() (all []string) {
		t.Helper()
		if err := s.AuditTrail(t.Context(), 1, func(r store.AuditRecord) error {
			all = append(all, fmt.Sprintf("%s; %s; %s; %v", r.Action, r.OrgODS, r.Reason, r.Patients))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return all
	}

	text := tess + "\n" + tom + "\n" + plan + "\n"
	var want []string
	for _, c := range []struct {
		text  string
		wants []string
	}{
		{text, []string{"import plan; V999; operator: plan 5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f11, CPP from " +
			"2026-02-03, new, end none; [999 000 0018]"}},
		{text, nil},
		{with(tess, "Tess", "Tessa") + "\n" + tom + "\n" + with(plan, `"start":"2026-02-03"`,
			`"start":"2026-02-03","end":"2026-06-30"`) + "\n", []string{
			"replace patients; ; operator: 1 of the lines up to 2; [999 000 0018]",
			"import plan; V999; operator: plan 5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f11, CPP from 2026-02-03, end none " +
				"to 2026-06-30; [999 000 0018]",
		}},
	} {
		if _, refused := take(t, s, c.text); len(refused) > 0 {
			t.Fatal(refused)
		}
		want = append(want, c.wants...)
		if got := records(); !slices.Equal(got, want) {
			t.Fatalf("got audit records:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// failing is a store that fails at its nth batch.
type failing struct {
	store.People
	left int
	max  int // the largest number of patients in a batch
}

func (f *failing) PutPatients(ctx context.Context, all []store.Patient) error {
	f.max = max(f.max, len(all))
	if f.left--; f.left < 0 {
		return errors.New("disk is full")
	}
	return f.People.PutPatients(ctx, all)
}

func TestAnIntakeGoesOnAfterWhatWasStored(t *testing.T) {
	s := books(t)
	var text strings.Builder
	for range 700 {
		text.WriteString(tess + "\n" + aunt + "\n")
	}

	f := &failing{People: s, left: 2}
	var stored []intake.Position
	in := intake.Intake{
		File: "f", Takers: []intake.Importer{intake.NewPatients(f, recorder(s))}, Refuse: func(r *intake.Refused) {
			t.Error(r)
		},
		Stored: func(at intake.Position) error {
			stored = append(stored, at)
			return nil
		},
	}

	at, err := in.Run(t.Context(), strings.NewReader(text.String()), intake.Position{})
	if err == nil || !strings.HasSuffix(err.Error(), "could not be stored: disk is full") || len(stored) != 2 ||
		stored[1] != at || f.max > 250 {
		t.Fatalf("Run with a failing store: got error %v at %+v, stored %v, %d patients in a batch", err, at, stored,
			f.max)
	}

	if next := text.String()[at.Offset:]; !strings.HasPrefix(next, tess) {
		t.Errorf("a batch ends between a patient and a related person: %.60s", next)
	}

	in.Takers = []intake.Importer{intake.NewPatients(s, recorder(s))}
	end, err := in.Run(t.Context(), strings.NewReader(text.String()[at.Offset:]), at)
	if err != nil || end != (intake.Position{Offset: int64(text.Len()), Lines: 1400, Taken: 1400}) {
		t.Errorf("continued Run = %+v, %v; want all 1400 lines", end, err)
	}
}

func TestNoBatchEndsBetweenAPatientAndWhoIsRelated(t *testing.T) {
	for what, between := range map[string]string{"an empty line": "\n", "a bad line": "rubbish\n"} {
		s := books(t)
		text := strings.Repeat(tom+"\n", 499) + tess + "\n" + between + aunt + "\n"
		at, refused := take(t, s, text)
		if related, err := s.RelatedPersons(t.Context(), "9990000018"); err != nil || len(related) != 1 {
			t.Errorf("%s at the end of a batch: got %d related persons, %+v, refused %v, error %v; want 1", what,
				len(related), at, refused, err)
		}
	}
}

func TestALineThatIsStillBeingWrittenIsReadAgain(t *testing.T) {
	s := books(t)
	text := tom + "\n" + tess + "\n"
	half := text[:len(tom)+20]
	var stored intake.Position
	in := intake.Intake{
		File: "f", Takers: []intake.Importer{intake.NewPatients(s, recorder(s))}, Refuse: func(*intake.Refused) {},
		Stored: func(at intake.Position) error { stored = at; return nil },
	}
	at, err := in.Run(t.Context(), strings.NewReader(half), intake.Position{})
	if err != nil || at != (intake.Position{Offset: int64(len(half)), Lines: 2, Taken: 1, Refused: 1}) {
		t.Errorf("Run of an incomplete file = %+v, %v; want the last line refused", at, err)
	}
	at, err = in.Run(t.Context(), strings.NewReader(text[stored.Offset:]), stored)
	if err != nil || at != (intake.Position{Offset: int64(len(text)), Lines: 2, Taken: 2}) {
		t.Errorf("Run continued from %+v = %+v, %v; want both lines", stored, at, err)
	}
	if _, err := s.Patient(t.Context(), "9990000018"); err != nil {
		t.Error(err)
	}
}

func TestAnInterruptedIntakeKeepsItsPlace(t *testing.T) {
	s := books(t)
	ctx, stop := context.WithCancel(t.Context())
	in := intake.Intake{
		File: "f", Takers: []intake.Importer{intake.NewPatients(s, recorder(s))}, Refuse: func(r *intake.Refused) {
			t.Error(r)
		},
		Stored: func(intake.Position) error { stop(); return nil },
	}
	at, err := in.Run(ctx, strings.NewReader(strings.Repeat(tess+"\n", 2000)), intake.Position{})
	if !errors.Is(err, context.Canceled) || at.Lines != 500 {
		t.Errorf("Run with a cancelled context = %+v, %v; want one batch", at, err)
	}
}

func TestABookmarkIsOfTheFileThatItWas(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "f.ndjson")
	write := func(text string) *os.File {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return f
	}

	place := func(f *os.File) string {
		t.Helper()
		mark, err := intake.NewBookmark(filepath.Join(folder, "imports"), f)
		if err != nil {
			t.Fatal(err)
		}
		at, changed, err := mark.Position()
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(at.Offset, " ", changed)
	}

	long := strings.Repeat("a line\n", 40_000)
	f := write(long + "and more\n")
	if got := place(f); got != "0 false" {
		t.Errorf("Place of a new file = %s, want 0 false", got)
	}

	mark, err := intake.NewBookmark(filepath.Join(folder, "imports"), f)
	if err != nil {
		t.Fatal(err)
	}

	if err := mark.Save(intake.Position{Offset: int64(len(long)), Lines: 40_000}); err != nil {
		t.Fatal(err)
	}

	for what, c := range map[string]struct{ text, want string }{
		"as it was":         {long + "and more\n", "280000 false"},
		"grown":             {long + "and more\nand more\n", "280000 false"},
		"another beginning": {"A" + long[1:] + "and more\n", "0 true"},
		"another end":       {long[:len(long)-2] + "E\nand more\n", "0 true"},
		"shorter":           {long[:1000], "0 true"},
	} {
		if got := place(write(c.text)); got != c.want {
			t.Errorf("Place of a file that is %s = %s, want %s", what, got, c.want)
		}
	}

	if err := mark.Remove(); err != nil {
		t.Fatal(err)
	}

	if got := place(write(long)); got != "0 false" {
		t.Errorf("Place after Remove = %s, want 0 false", got)
	}
}

// nowhere is a store of patients that discards them.
type nowhere struct{ store.People }

func (nowhere) Patients(context.Context, []nhs.Number) (map[nhs.Number]store.Patient, error) {
	return nil, nil
}

func (nowhere) PutPatients(context.Context, []store.Patient) error { return nil }

// noStore is a store with one authority that discards everything.
type noStore struct{}

func (noStore) Commit(_ context.Context, all []*store.Entry) ([]error, error) {
	return make([]error, len(all)), nil
}

func (noStore) Plan(context.Context, string) (store.PlanWithAuthority, error) {
	return store.PlanWithAuthority{}, store.ErrNotFound
}

func (noStore) RecordStatus(_ context.Context, number nhs.Number) (trace.RecordStatus, error) {
	return trace.RecordStatus{Numbers: []nhs.Number{number}}, nil
}

func (noStore) Authorities(context.Context) ([]store.Authority, error) {
	return []store.Authority{{Code: "V999"}}, nil
}

func (noStore) PatientFlags(context.Context, []nhs.Number, []patientflag.Kind) ([]patientflag.Flag, error) {
	return nil, nil
}

func FuzzEveryLineIsTakenOrRefused(f *testing.F) {
	for _, line := range []string{
		tess, tess + "\n" + aunt, plan, "{}", `{"resourceType":"Patient","id":1}`,
		"\ufeff\r\n\n" + tom, raFlag,
	} {
		f.Add([]byte(line))
	}

	f.Fuzz(func(t *testing.T, text []byte) {
		plans, err := intake.NewPlans(t.Context(), noStore{}, noStore{}, recorder(noStore{}), cpis.Standard(), today)
		if err != nil {
			t.Fatal(err)
		}
		told := int64(0)
		in := intake.Intake{
			File: "f", Takers: []intake.Importer{
				intake.NewPatients(nowhere{}, recorder(noStore{})), plans, intake.NewFlags(noStore{},
					recorder(noStore{})),
			},
			Refuse: func(*intake.Refused) { told++ },
			Note:   func(intake.Noted) {},
			Stored: func(intake.Position) error { return nil },
		}
		at, err := in.Run(t.Context(), io.MultiReader(strings.NewReader(tess+"\n"), strings.NewReader(string(text))),
			intake.Position{})
		if err != nil || at.Offset != int64(len(tess)+1+len(text)) || at.Refused != told ||
			at.Taken+at.Refused > at.Lines {
			t.Errorf("Run = %+v with %d refusals, error %v; want the whole text and consistent counts", at, told, err)
		}
	})
}
