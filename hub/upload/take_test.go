package upload_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/hub/upload"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

const (
	tess   = nhs.Number("9990000018")
	mother = nhs.Number("9990000026")
	hidden = nhs.Number("9990000034")
	merged = nhs.Number("9990000042") // superseded by tess
	bare   = nhs.Number("9990000050") // superseded by tess; its record is otherwise empty
	wrong  = nhs.Number("9990000069") // marked invalid
	traced = nhs.Number("9990000077") // not verified
	absent = nhs.Number("9990000085")
)

var today = nhs.Date{Year: 2026, Month: time.July, Day: 15}

// records is a store of patients and plans in memory.
type records struct {
	people map[nhs.Number]store.Patient
	plans  []store.Plan
	down   error
}

func (r *records) Patient(_ context.Context, n nhs.Number) (store.Patient, error) {
	p, ok := r.people[n]
	switch {
	case r.down != nil:
		return p, r.down
	case !ok:
		return p, store.ErrNotFound
	}
	return p, nil
}

func (r *records) RecordStatus(_ context.Context, n nhs.Number) (trace.RecordStatus, error) {
	current := n
	if by := r.people[n].SupersededBy; by != "" {
		current = by
	}
	p, known := r.people[current]
	found := trace.RecordStatus{
		Numbers: []nhs.Number{current}, Known: known, Born: p.Keys.Born,
		Invalidated: p.Invalidated, Restricted: p.Confidential,
	}
	for _, p := range r.people {
		if p.SupersededBy == current {
			found.Numbers = append(found.Numbers, p.Number)
		}
	}
	return found, r.down
}

func (r *records) ShortForm(a, b string) bool { return trace.New(nil).ShortForm(a, b) }

// FindPatients finds patients by family name and birth date, like a store.
func (r *records) FindPatients(_ context.Context, q store.PatientQuery) ([]store.Patient, error) {
	var found []store.Patient
	for _, p := range r.people {
		named := slices.ContainsFunc(p.Keys.Names, func(n store.NameKey) bool { return q.Family.Match(n.Family) })
		if named && !p.Invalidated && p.Keys.Born == q.Born.From && len(found) < q.Limit {
			found = append(found, p)
		}
	}
	return found, r.down
}

func (r *records) Plans(_ context.Context, numbers []nhs.Number) ([]store.PlanWithAuthority, error) {
	var stored []store.PlanWithAuthority
	for _, p := range r.plans {
		if slices.Contains(numbers, p.Number) {
			stored = append(stored, store.PlanWithAuthority{Plan: p})
		}
	}
	return stored, nil
}

func (r *records) WithheldOf(context.Context, string) ([]store.Withheld, error) { return nil, nil }

func (r *records) PlansVersion(context.Context, string) (int64, error) { return 1, nil }

func (r *records) RemovedPlans(context.Context, string, []nhs.Number) ([]store.Plan, error) {
	return nil, nil
}

// tessNames lists the names on the record of tess.
var tessNames = []fhir.HumanName{
	{Use: "usual", Family: "O'Brien-Nunez", Given: []string{"Theresa", "Anne"}},
	{Use: "nickname", Family: "O'Brien-Nunez", Given: []string{"Tess"}},
}

// put stores a patient.
func (r *records) put(t testing.TB, n nhs.Number, born, code string, supersededBy nhs.Number, names ...fhir.HumanName) {
	t.Helper()
	p, err := trace.Record(&fhir.Patient{
		ResourceType: "Patient", ID: n.Digits(), BirthDate: born, Name: names,
		Meta: &fhir.Meta{Security: []fhir.Coding{{System: fhir.SystemConfidential, Code: code}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	p.SupersededBy = supersededBy
	r.people[n] = p
}

func newRecords(t testing.TB) *records {
	t.Helper()
	r := &records{people: make(map[nhs.Number]store.Patient)}
	put := func(n nhs.Number, born, code string, supersededBy nhs.Number, names ...fhir.HumanName) {
		r.put(t, n, born, code, supersededBy, names...)
	}

	name := func(given string) fhir.HumanName {
		return fhir.HumanName{Use: "usual", Family: "O'Brien-Nunez", Given: []string{given, "Anne"}}
	}

	put(tess, "2016-03-04", "U", "", tessNames...)
	put(mother, "1999-09-09", "U", "", fhir.HumanName{Use: "usual", Family: "Motherwell", Given: []string{"Mary"}},
		fhir.HumanName{Use: "maiden", Family: "Maiden", Given: []string{"Mary"}})
	put(hidden, "2016-03-04", "R", "", name("Hilda"))
	put(merged, "2016-03-04", "U", tess, name("Theresa"))
	put(bare, "", "U", tess)
	put(wrong, "2016-03-04", "REDACTED", "", name("Wanda"))
	put(traced, "2016-03-04", "U", "", name("Nora"))
	unverified := r.people[traced]
	unverified.Body = []byte(
		`{"birthDate":"2016-03-04","name":[{"family":"O'Brien-Nunez","given":["Nora"]}],"identifier":[{
		"system":"https://fhir.nhs.uk/Id/nhs-number","extension":[{
		"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
		"valueCodeableConcept":{"coding":[{"code":"02"}]}}]}]}`)

	r.people[traced] = unverified
	return r
}

// process processes rows as an upload of authority V999.
func (r *records) process(t testing.TB, rows ...upload.Row) *upload.Result {
	t.Helper()
	taken, err := upload.New(r, r, r, cpis.Standard(), uuid.NewString).Process(t.Context(), "V999",
		&upload.File{Rows: rows}, today)
	if err != nil {
		t.Fatal(err)
	}
	if len(taken.Rows) != len(rows) {
		t.Fatalf("got %d answers to %d rows", len(taken.Rows), len(rows))
	}
	return taken
}

// row returns the row of the table with some cells changed: column, value, column, value.
func row(changed ...string) upload.Row {
	cells := maps.Clone(one)
	for i := 0; i < len(changed); i += 2 {
		cells[upload.Column(changed[i])] = changed[i+1]
	}
	return upload.Row{Number: 1, Cells: cells}
}

// answered checks that every row gets one of the seven codes and a sentence.
func answered(t *testing.T, rows []upload.Row) {
	t.Helper()
	for _, a := range newRecords(t).process(t, rows...).Rows {
		if !strings.HasPrefix(string(a.Code), "CPR0") || a.Sentence == "" {
			t.Fatalf("answer = %+v, want a code CPR01 to CPR07 and a sentence", a)
		}
	}
}

func TestTheAnswerToARow(t *testing.T) {
	unborn := []string{
		"kind", "UCPP", "nhsNumber", mother.Digits(), "birthDate", "09/09/1999", "family", "Motherwell",
		"given", "Mary",
	}

	for _, c := range []struct {
		name    string
		changed []string
		code    upload.RowCode
		word    string
	}{
		{"as the record has it", nil, upload.Success, "Added"},
		{"folded family name", []string{"family", "OBRIEN NÚÑEZ"}, upload.Success, ""},
		{"all given names", []string{"given", "Theresa Anne"}, upload.Success, ""},
		{"a short form of the given name", []string{"given", "Terri"}, upload.Success, ""},
		{"the beginning of the given name", []string{"given", "There"}, upload.NoMatch, ""},
		{"more given names than on record", []string{"given", "Theresa Anne Marie"}, upload.Success, ""},
		{"an initial, and the second name", []string{"given", "T. Anne"}, upload.Success, ""},
		{"an initial", []string{"given", "T."}, upload.Success, ""},
		{"a second given name that is another's, too", []string{"given", "Anne"}, upload.NoMatch, "together"},
		{"another given name", []string{"given", "Rose"}, upload.NoMatch, "together"},
		{"another initial", []string{"given", "R"}, upload.NoMatch, ""},
		{"two letters of the given name", []string{"given", "Th"}, upload.NoMatch, ""},
		{"another family name", []string{"family", "O’Brien"}, upload.NoMatch, ""},
		{"another birth date", []string{"birthDate", "2016-03-05"}, upload.NoMatch, ""},
		{"nobody's number", []string{"nhsNumber", absent.Digits()}, upload.NoMatch, ""},
		{"a record marked invalid", []string{"nhsNumber", wrong.Digits(), "given", "Wanda Anne"}, upload.NoMatch, ""},
		{"a sensitive record", []string{"nhsNumber", hidden.Digits(), "given", "Hilda"}, upload.Sensitive, "sensitive"},
		{
			"a sensitive record and another's name",
			[]string{"nhsNumber", hidden.Digits(), "given", "Rose"},
			upload.NoMatch, "",
		},
		{
			"a number that is not verified",
			[]string{"nhsNumber", traced.Digits(), "given", "Nora"},
			upload.NotVerified,
			"not verified",
		},
		{"an old-style number", []string{"nhsNumber", "LNLAE 12/3"}, upload.OldStyle, "old-style"},
		{"a superseded number", []string{"nhsNumber", merged.Digits()}, upload.Superseded, "replaced"},
		{"a superseded number with an empty record", []string{"nhsNumber", bare.Digits()}, upload.Superseded, ""},
		{
			"a superseded number and another's name",
			[]string{"nhsNumber", bare.Digits(), "given", "Rose"},
			upload.NoMatch, "",
		},

		{"no action", []string{"action", ""}, upload.Failure, "Action:"},
		{"an unknown kind", []string{"kind", "Plan B"}, upload.Failure, "Kind:"},
		{"a kind in words", []string{"kind", "Looked-after child"}, upload.Success, ""},
		{"no number", []string{"nhsNumber", ""}, upload.Failure, "NHS number: it is missing"},
		{
			"nine digits",
			[]string{"nhsNumber", "999000001"},
			upload.Failure,
			"NHS number: An NHS number has 10 digits; this has 9.",
		},
		{"a wrong check digit", []string{"nhsNumber", "9990000019"}, upload.Failure, "NHS number: "},
		{"a number as a quantity", []string{"nhsNumber", "9.99E+09"}, upload.Failure, "short form"},
		{"a formula", []string{"nhsNumber", `=HYPERLINK("https://x.example")`}, upload.Failure, "NHS number: "},
		{"no family name", []string{"family", "-"}, upload.Failure, "Family name:"},
		{"no given name", []string{"given", ""}, upload.Failure, "Given name:"},
		{"no birth date", []string{"birthDate", ""}, upload.Failure, "Birth date:"},
		{
			"a birth date to come",
			[]string{"birthDate", "16/07/2026"},
			upload.Failure,
			"Birth date: it is in the future",
		},
		{"month before day", []string{"birthDate", "03/31/2016"}, upload.Failure, "Write the day before the month"},
		{"two figures for the year", []string{"birthDate", "04/03/16"}, upload.Failure, "04/03/2016"},
		{"a date with a midnight", []string{"birthDate", "2016-03-04 00:00:00"}, upload.Success, ""},
		{"one figure for the month", []string{"birthDate", "4/3/2016"}, upload.Success, ""},
		{"no start", []string{"start", ""}, upload.Failure, "Start:"},
		{"a start next week", []string{"start", "2026-07-22"}, upload.Success, ""},
		{"a start too far ahead", []string{"start", "2027-07-17"}, upload.Failure, "a year ahead"},
		{"a start before the birth", []string{"start", "2016-03-03"}, upload.Failure, "Start: it is before the birth"},
		{"a start on the 18th birthday", []string{"birthDate", "2008-02-03"}, upload.Failure, "18th birthday"},
		{"an end before the start", []string{"end", "2026-02-02"}, upload.Failure, "End: it is before the start"},
		{"an end on the day of the start", []string{"end", "2026-02-03"}, upload.Success, ""},
		{"an end too far ahead", []string{"end", "2044-07-16"}, upload.Failure, "End: it is more than 18 years ahead"},
		{"a due date of a child that is born", []string{"due", "2026-09-01"}, upload.Failure, "Due date:"},
		{"a reference too long", []string{"reference", strings.Repeat("R", 65)}, upload.Failure, "Reference:"},
		{"a reference with an escape", []string{"reference", "R\x1b[2J"}, upload.Failure, "Reference:"},
		{"a reference like a formula", []string{"reference", "=1+1"}, upload.Success, ""},
		{"a name too long", []string{"family", strings.Repeat("N", 201)}, upload.Failure, "Family name: it is longer"},

		{"an unborn child through the mother", append(unborn, "due", "2026-09-01"), upload.Success, "Added"},
		{"an unborn child through the mother's maiden name", append(unborn, "family", "Maiden"), upload.Success, ""},
		{"an unborn child due two years after", append(unborn, "due", "2028-02-03"), upload.Failure, "Due date:"},
		{"an unborn child due long before", append(unborn, "due", "2026-01-01"), upload.Failure, "Due date:"},

		{
			"an update of what is not on file",
			[]string{"action", "update"},
			upload.Failure,
			"Reference: you have no plan",
		},
		{
			"an end of what is not on file",
			[]string{"action", "end", "end", "2026-07-01"},
			upload.Failure,
			"Reference: you have no plan",
		},
		{"an end without a date", []string{"action", "end"}, upload.Failure, "End: the date is missing"},
		{
			"a deletion of what is not on file",
			[]string{"action", "delete", "reference", ""},
			upload.Failure,
			"Start: you have no plan",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			taken := newRecords(t).process(t, row(c.changed...))
			got, plans := taken.Rows[0], 0
			if c.code == upload.Success {
				plans = 1
			}
			if got.Code != c.code || !strings.Contains(got.Sentence, c.word) || len(taken.Plans) != plans ||
				len(taken.Deleted) != 0 {
				t.Errorf("answer = %+v with %d plans, want %s with %q and %d plans",
					got, len(taken.Plans), c.code, c.word, plans)
			}
		})
	}
}

func TestRowsAboutOnePlanActInOrder(t *testing.T) {
	r := newRecords(t)
	taken := r.process(t,
		row("action", "update"), // fails: not yet on file
		row(),
		row("action", "end", "end", "2026-07-01", "start", ""),
		row("kind", "LAC", "reference", ""),
		row("kind", "LAC", "reference", "", "action", "delete"),
		row("kind", "LAC", "reference", "", "action", "delete"), // fails: no longer on file
		row("action", "update", "start", "2026-02-04", "end", "2026-07-02"),
	)

	var codes []string
	for _, a := range taken.Rows {
		codes = append(codes, string(a.Code)[4:]+a.Sentence[:3])
	}

	if got := strings.Join(codes, " "); got != "7Ref 6Add 6End 6Add 6Del 7Sta 6Upd" ||
		taken.Code != upload.PartlyAccepted || taken.Refused != 2 {
		t.Errorf("answers = %s, %s, want 5 successes and 2 failures, %s", got, taken.Code, upload.PartlyAccepted)
	}

	if len(taken.Plans) != 1 || len(taken.Deleted) != 1 || taken.Plans[0].ID == taken.Deleted[0] {
		t.Fatalf("plans = %+v, deleted = %v, want one of each", taken.Plans, taken.Deleted)
	}

	want := store.Plan{
		ID: taken.Plans[0].ID, Number: tess, Kind: store.ChildProtection, Start: nhs.Date{Year: 2026, Month: 2, Day: 4},
		End: nhs.Date{Year: 2026, Month: 7, Day: 2}, Authority: "V999", Reference: "R1",
	}
	if taken.Plans[0] != want {
		t.Errorf("plan = %+v, want %+v", taken.Plans[0], want)
	}

	if !slices.Equal(taken.Patients, []nhs.Number{tess}) {
		t.Errorf("Patients = %v, want only %s", taken.Patients, tess)
	}

	r.plans = taken.Plans
	if again := r.process(t, row("start", "2026-02-04")); again.Plans[0].ID != want.ID {
		t.Error("adding the same plan again changed its ID")
	}
}

func TestPlansOnFileKeepTheirIDsAndOthersPlansStayOutOfReach(t *testing.T) {
	start := nhs.Date{Year: 2026, Month: 2, Day: 3}
	r := newRecords(t)
	r.plans = []store.Plan{
		{ID: "imported", Number: merged, Kind: store.ChildProtection, Start: start, Authority: "V999", Reference: "R1"},
		{ID: "another's", Number: tess, Kind: store.LookedAfter, Start: start, Authority: "V998", Reference: "R2"},
	}

	ended := r.process(t, row("action", "end", "end", "2026-07-01"))
	if len(ended.Plans) != 1 || ended.Plans[0].ID != "imported" || ended.Plans[0].Number != merged ||
		ended.Plans[0].End.IsZero() {
		t.Errorf("ending a plan under the superseded number = %+v, want the plan ended under it", ended.Plans)
	}

	for _, action := range []string{"update", "end", "delete"} {
		taken := r.process(t, row("action", action, "end", "2026-07-01", "kind", "LAC", "reference", "R2"))
		if taken.Code != upload.NoneAccepted || len(taken.Plans)+len(taken.Deleted) != 0 {
			t.Errorf("%s of another authority's plan = %+v, want refusal", action, taken)
		}
	}

	added := r.process(t, row("kind", "LAC", "reference", "R2"))
	if len(added.Plans) != 1 || added.Plans[0].ID == "another's" {
		t.Errorf("plans = %+v, want one with a new ID", added.Plans)
	}

	if other := r.process(t, row("action", "end", "end", "2026-07-01", "start",
		"2026-02-04")); other.Code != upload.NoneAccepted {
		t.Error("ending a plan with another start succeeded, want refusal")
	}

	early := r.process(t, row("action", "end", "end", "2026-02-01", "start", ""))
	if early.Code != upload.NoneAccepted || !strings.Contains(early.Rows[0].Sentence, "before the start") {
		t.Errorf("ending a plan before its start = %+v, want refusal", early.Rows)
	}
}

func TestAPartialBirthDateOnRecordFitsEveryDayInIt(t *testing.T) {
	for born, want := range map[string]upload.RowCode{
		"2016": upload.Success, "2016-03": upload.Success, "2016-03-04": upload.Success,
		"2016-04": upload.NoMatch, "2015": upload.NoMatch, "": upload.NoMatch,
	} {
		r := newRecords(t)
		p, err := trace.Record(&fhir.Patient{
			ResourceType: "Patient", ID: absent.Digits(), BirthDate: born,
			Name: []fhir.HumanName{{Use: "usual", Family: "O'Brien-Nunez", Given: []string{"Theresa"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		r.people[absent] = p
		if got := r.process(t, row("nhsNumber", absent.Digits(), "given", "Theresa")).Rows[0]; got.Code != want {
			t.Errorf("born %q on record: got %+v, want %s", born, got, want)
		}
	}
}

func TestOneReferenceForAFamilyIsAPlanForEachChild(t *testing.T) {
	r := newRecords(t)
	r.put(t, absent, "2016-03-04", "U", "", fhir.HumanName{
		Use: "usual", Family: "O'Brien-Nunez",
		Given: []string{"Rose"},
	})
	taken := r.process(t, row(), row("nhsNumber", absent.Digits(), "given", "Rose"))
	if len(taken.Plans) != 2 || taken.Plans[0].ID == taken.Plans[1].ID {
		t.Errorf("plans = %+v, want one for each child", taken.Plans)
	}
}

func TestAFaultyExportFloodsNobody(t *testing.T) {
	var rows []upload.Row
	for i := range 60 {
		rows = append(rows, row("reference", fmt.Sprint("R", i)))
	}
	taken := newRecords(t).process(t, rows...)
	if len(taken.Plans) != 50 || taken.Refused != 10 ||
		!strings.Contains(taken.Rows[50].Sentence, "already has 50 plans on file that have not ended") {
		t.Errorf("got %d plans and %d refusals, want 50 and 10", len(taken.Plans), taken.Refused)
	}
}

func TestWhenTheRecordsDoNotAnswerNothingIsTaken(t *testing.T) {
	r := newRecords(t)
	r.down = errors.New("disk gone")
	taken, err := upload.New(r, r, r, cpis.Standard(), uuid.NewString).Process(t.Context(), "V999",
		&upload.File{Rows: []upload.Row{row()}}, today)
	if !errors.Is(err, upload.ErrPDS) || !errors.Is(err, r.down) || taken != nil {
		t.Errorf("Take = %+v, %v, want ErrPDS and the cause", taken, err)
	}
}

func TestNoSentenceSaysMoreOfAPatientThanWasSent(t *testing.T) {
	for n := range newRecords(t).people {
		for _, action := range []string{"add", "update", "end", "delete"} {
			taken := newRecords(t).process(t, row("action", action, "nhsNumber", n.Digits(), "given", "T"))
			said := fmt.Sprint(taken.Rows)
			for _, of := range []string{"Theresa", "Anne", "2016", "Mary"} {
				if strings.Contains(strings.ReplaceAll(said, "04/03/2016", ""), of) {
					t.Errorf("the answers contain %q: %s", of, said)
				}
			}
			for other := range newRecords(t).people {
				if strings.Contains(said, other.Digits()) {
					t.Errorf("the answers contain the number %s: %s", other.Digits(), said)
				}
			}
		}
	}
}
