package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/hub/upload"
	"wardlight/internal/nhs"
)

// today is the date of now.
var today = day(2026, 7, 15)

// council is an authority's system that uploads files.
type council struct {
	*fixture
	code  string
	files int
}

// council stores V999 and its patients tess and tom, and returns its system.
func (b *fixture) council() *council {
	b.t.Helper()
	must(b.t, b.PutAuthority(b.ctx, authority("V999")))
	must(b.t, b.PutPatients(b.ctx, []store.Patient{child(b.t, tess, "U"), child(b.t, tom, "U")}))
	return &council{b, "V999", 0}
}

// child returns a record with that label of confidentiality.
func child(t *testing.T, n nhs.Number, label string) store.Patient {
	t.Helper()
	p, err := trace.Document(fmt.Appendf(nil,
		`{"resourceType":"Patient","id":%q,"birthDate":"2016-03-04","name":[{"use":"usual","family":"Example",
		"given":["T%s"]}],"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":%q}]}}`, n.Digits(), n.Digits(), label))
	must(t, err)
	return p
}

// planRow returns a row of a file about a child's plan with that reference.
func planRow(action string, n nhs.Number, start, end, reference string) upload.Row {
	return upload.Row{Number: 1, Cells: map[upload.Column]string{
		upload.Action: action, upload.Kind: "CPP", upload.NHSNumber: n.Digits(), upload.BirthDate: "04/03/2016",
		upload.Family: "Example",
		upload.Given:  "T" + n.Digits(), upload.Start: start, upload.End: end, upload.Reference: reference,
	}}
}

// work processes a file and returns the entry with its changes.
func (c *council) work(made int64, rows ...upload.Row) *store.Entry {
	c.t.Helper()
	taken, err := upload.New(c, trace.New(c), c, cpis.Standard(), uuid.NewString).Process(c.ctx, c.code,
		&upload.File{ID: fmt.Sprint(c.files + 1), Made: made, Rows: rows}, today)
	must(c.t, err)
	c.files++
	return &store.Entry{Audit: record("upload"), Upload: &store.Upload{
		ID: uuid.NewString(), Authority: c.code, File: fmt.Sprint(c.files), At: now,
		Answer: []byte(fmt.Sprint(taken.Rows)), Plans: taken.Plans, Deleted: taken.Deleted,
		Version: taken.Version, Made: made, Removed: taken.Removed, Withheld: taken.Withheld,
		SentAgain: taken.SentAgain,
	}}
}

// send processes a file that was made at that time, stores its changes, and returns the answers to its rows.
func (c *council) send(made int64, rows ...upload.Row) string {
	c.t.Helper()
	e := c.work(made, rows...)
	must(c.t, c.commit(e))
	return string(e.Upload.Answer)
}

// starts returns the start days of a child's plans that are an alert today.
func (c *council) starts(n nhs.Number) []string {
	c.t.Helper()
	stored, err := c.Plans(c.ctx, []nhs.Number{n})
	must(c.t, err)
	var all []string
	for _, h := range stored {
		if cpis.Standard().Visible(h.Plan, day(2016, 3, 4), today) {
			all = append(all, h.Start.FHIR())
		}
	}
	slices.Sort(all)
	return all
}

// aReferenceIsUsedAgain uploads an old plan of a child with the reference of the current one.
func aReferenceIsUsedAgain(t *testing.T, b *fixture) {
	c := b.council()
	c.send(0, planRow("add", tess, "03/02/2026", "", "R1"))
	for range 2 {
		c.send(0, planRow("add", tess, "03/02/2020", "01/01/2021", "R1"))
	}
	if got := c.starts(tess); !slices.Equal(got, []string{"2026-02-03"}) {
		t.Errorf("got alerts that start on %v, want 2026-02-03", got)
	}
	if stored, err := b.PlansOf(b.ctx, "V999"); err != nil || len(stored) != 2 {
		t.Errorf("PlansOf = %+v, %v; want 2 plans", stored, err)
	}
}

// olderFilesChangeNothing uploads files in another order than they were made.
func olderFilesChangeNothing(t *testing.T, b *fixture) {
	c := b.council()
	const refused = "CPR07 This file was made before"
	for i, x := range []struct {
		made               int64
		action, start, end string
		want               string
		alerts             []string
	}{
		{20, "add", "03/02/2026", "", "Added.", []string{"2026-02-03"}},
		{10, "delete", "03/02/2026", "", refused, []string{"2026-02-03"}},
		{30, "update", "04/02/2026", "", "Updated.", []string{"2026-02-04"}},
		{25, "add", "03/02/2026", "", refused, []string{"2026-02-04"}},
		{40, "delete", "04/02/2026", "", "Deleted.", nil},
		{35, "add", "04/02/2026", "", refused, nil},
		{0, "add", "04/02/2026", "", "Added.", []string{"2026-02-04"}},
		{50, "end", "04/02/2026", "05/02/2026", "Ended.", []string{"2026-02-04"}},
		{0, "update", "04/02/2026", "", "Updated.", []string{"2026-02-04"}},
		{45, "delete", "04/02/2026", "", refused, []string{"2026-02-04"}},
	} {
		got := c.send(x.made, planRow(x.action, tess, x.start, x.end, "R1"))
		if alerts := c.starts(tess); !strings.Contains(got, x.want) || !slices.Equal(alerts, x.alerts) {
			t.Errorf("file %d: got %s, alerts that start on %v; want %s, %v", i+1, got, alerts, x.want, x.alerts)
		}
		b.restart()
		c.fixture = b
	}

	last := c.work(60)
	last.Upload.File = "last"
	must(t, b.commit(last))
	if u, err := b.UploadOfFile(b.ctx, "V999", "last"); err != nil || u.Made != 60 {
		t.Errorf("UploadOfFile = %+v, %v; want Made 60", u, err)
	}
}

// filesRestOnThePlansAsTheyAre processes files before other changes of the authority's plans, and commits them after
// the changes.
func filesRestOnThePlansAsTheyAre(t *testing.T, b *fixture) {
	c := b.council()
	c.send(0, planRow("add", tess, "03/02/2026", "", "R1"))
	must(t, b.PutAuthority(b.ctx, authority("V998")))
	plan := func() store.Plan {
		stored, err := b.PlansOf(b.ctx, "V999")
		must(t, err)
		return stored[0].Plan
	}

	for name, other := range map[string]func(){
		"another file": func() { c.send(0, planRow("update", tess, "03/02/2026", "", "R1")) },
		"an import":    func() { must(t, b.PutPlan(b.ctx, plan())) },
		"an operator": func() {
			must(t,
				b.commit(
					&store.Entry{Change: &store.Change{Plan: &store.PlanChange{ID: plan().ID, End: day(2026, 7, 1)}}},
				))
		},
		"lost to V998": func() {
			p := plan()
			p.Authority = "V998"
			must(t, b.PutPlan(b.ctx, p))
			p.Authority = "V999"
			must(t, b.PutPlan(b.ctx, p))
		},
		"of the commit": nil,
	} {
		e := c.work(0, planRow("update", tess, "03/02/2026", "", "R1"))
		group := []*store.Entry{c.work(0, planRow("update", tess, "03/02/2026", "", "R1")), e}
		if other != nil {
			other()
			group = []*store.Entry{e}
		}

		refused, err := b.Commit(b.ctx, group)
		must(t, err)
		mustBe(t, refused[len(group)-1], store.ErrPlansChanged)
		if len(group) == 2 {
			mustBe(t, refused[0], nil)
		}

		if _, err := b.UploadOfFile(b.ctx, "V999", e.Upload.File); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: UploadOfFile: got error %v, want ErrNotFound", name, err)
		}

		must(t, b.commit(c.work(0, planRow("update", tess, "03/02/2026", "", "R1")))) // processed again
	}

	before, err := b.PlansVersion(b.ctx, "V999")
	must(t, err)
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	must(t, b.PutPlan(b.ctx, store.Plan{
		ID: "another's", Number: tess, Kind: store.LookedAfter, Start: day(2026, 1, 2),
		Authority: "V998",
	}))

	if after, err := b.PlansVersion(b.ctx, "V999"); err != nil || after != before || after == 0 {
		t.Errorf("PlansVersion = %d, want %d; error %v", after, before, err)
	}

	_, err = b.PlansVersion(b.ctx, "V1")
	mustBe(t, err, store.ErrNotFound)
}

// whatWasRefusedIsSentAgain uploads a plan of a restricted patient, which is refused, and removes the restriction.
func whatWasRefusedIsSentAgain(t *testing.T, b *fixture) {
	c := b.council()
	must(t, b.PutPatients(b.ctx, []store.Patient{child(t, tess, "R")}))
	for range 2 {
		if got := c.send(0, planRow("add", tom, "03/02/2026", "", "R1"), planRow("add", tess, "03/02/2026", "",
			"R1")); !strings.Contains(got, "CPR02") {
			t.Fatal(got)
		}
	}

	want := []store.Withheld{{Authority: "V999", Number: tess, File: "2", Row: 1}}
	check := func(want []store.Withheld, lamp error) {
		t.Helper()
		b.restart()
		c.fixture = b
		of, err := b.WithheldOf(b.ctx, "V999")
		must(t, err)
		lacks, err := b.Lacks(b.ctx, []nhs.Number{old, tess, tom})
		must(t, err)
		if !slices.Equal(of, want) || lacks != (store.MissingPlans{Withheld: len(want) > 0}) {
			t.Errorf("withheld rows: got %v, Lacks %+v; want %v", of, lacks, want)
		}
		alerts := cpis.New(b, trace.New(b), cpis.Standard(), uuid.NewString, nil)
		_, err = alerts.Plans(b.ctx, tess, today)
		mustBe(t, err, lamp)
	}

	check(want, cpis.ErrSensitive)
	must(t, b.PutPatients(b.ctx, []store.Patient{child(t, tess, "U")}))
	check(want, cpis.ErrWithheld)
	if none, err := b.WithheldOf(b.ctx, "V998"); err != nil || len(none) != 0 {
		t.Errorf("WithheldOf another authority = %v, %v; want none", none, err)
	}

	c.send(0, planRow("add", tom, "03/02/2026", "", "R2"))
	check(want, cpis.ErrWithheld)
	c.send(0, planRow("add", tess, "03/02/2020", "01/01/2021", "R1"))
	check(nil, nil)
}

// lastOfTheRowsAlikeCounts stores an upload with several rows of one plan, of one removed plan and of one patient.
func lastOfTheRowsAlikeCounts(t *testing.T, b *fixture) {
	must(t, b.PutAuthority(b.ctx, authority("V999")))
	plan := func(id string, n nhs.Number, reference string, made int64) store.Plan {
		return store.Plan{
			ID: id, Number: n, Kind: store.UnbornChild, Start: day(2026, 2, 3), End: day(2026, 8, 1),
			Due: day(2026, 9, 1), Authority: "V999", Reference: reference, Made: made,
		}
	}

	const odd = `"<&\'[]{}$1 ?1 Zoë` + "\u2028\t\U0001F600"
	gone := plan("", tess, odd, 1)
	withheld := store.Withheld{Authority: "V999", Number: tom, File: odd, Row: 1}
	upload := func(u store.Upload) {
		t.Helper()
		u.Authority, u.ID, u.At, u.Answer = "V999", uuid.NewString(), now, []byte("{}")
		u.File = u.ID
		must(t, b.commit(&store.Entry{Audit: record("upload"), Upload: &u}))
	}

	upload(store.Upload{
		Plans: []store.Plan{
			plan(odd, old, "first", 1), plan("b", tess, "b", 1<<53-1),
			plan(odd, tess, odd, 1_784_000_000_123_456),
		},
		Removed:  []store.Plan{gone, plan("", tess, odd, 7)},
		Withheld: []store.Withheld{withheld, {Authority: "V999", Number: tom, File: odd, Row: 19_999}},
	})

	check := func(want []store.Plan, withheldRow int) {
		t.Helper()
		stored, err := b.PlansOf(b.ctx, "V999")
		must(t, err)
		var got []store.Plan
		for _, h := range stored {
			got = append(got, h.Plan)
		}

		slices.SortFunc(got, func(a, b store.Plan) int { return strings.Compare(a.ID, b.ID) })
		if !slices.Equal(got, want) {
			t.Errorf("plans: got %+v, want %+v", got, want)
		}

		var rows []int
		of, err := b.WithheldOf(b.ctx, "V999")
		must(t, err)
		for _, w := range of {
			rows = append(rows, w.Row)
		}

		if withheldRow != 0 && !slices.Equal(rows, []int{withheldRow}) || withheldRow == 0 && len(rows) != 0 {
			t.Errorf("withheld: got %+v, want row %d", of, withheldRow)
		}
	}

	check([]store.Plan{plan(odd, tess, odd, 1_784_000_000_123_456), plan("b", tess, "b", 1<<53-1)}, 19_999)
	removed, err := b.RemovedPlans(b.ctx, "V999", []nhs.Number{tess})
	if err != nil || len(removed) != 1 || removed[0].Made != 7 || removed[0].Reference != odd {
		t.Errorf("RemovedPlans = %+v, %v; want one with Made 7", removed, err)
	}

	// Made remains unchanged if a file has no time of creation.
	upload(store.Upload{
		Plans: []store.Plan{plan("b", tom, "c", 0)}, Deleted: []string{odd, "nobody's", odd},
		SentAgain: []nhs.Number{tom, tess, tom},
	})

	check([]store.Plan{plan("b", tom, "c", 1<<53-1)}, 0)
}

// OldLedger returns the statements that fill a ledger of a version without times of creation. noBytes is an empty byte
// value in the engine's SQL.
func OldLedger(noBytes string) []string {
	return []string{
		`INSERT INTO authority (code, name, office_phone, duty_phone, endpoint)
			VALUES ('V999', 'V999 COUNCIL', '01', '02', 'https://la.example/V999')`,
		`INSERT INTO upload (authority, file, id, digest, at, answer) VALUES ('V999', 'f', 'u', 'd', 1, ` + noBytes +
			`)`,
		`INSERT INTO plan (id, number, kind, start_day, end_day, due_day, authority, reference)
			VALUES ('p', 9990000018, 'CPP', 20260203, 0, 0, 'V999', 'R1')`,
	}
}

// OldPlans checks a store that was filled with OldLedger and has been migrated to this version.
func OldPlans(t *testing.T, s store.Store) {
	t.Helper()
	b := &fixture{Store: s, t: t, ctx: t.Context()}
	plan := store.Plan{
		ID: "p", Number: tess, Kind: store.ChildProtection, Start: day(2026, 2, 3), Authority: "V999",
		Reference: "R1",
	}

	if got, err := b.Plan(b.ctx, "p"); err != nil ||
		got != (store.PlanWithAuthority{Plan: plan, By: authority("V999")}) {
		t.Errorf("Plan = %+v, %v; want the old one", got, err)
	}

	if u, err := b.UploadOfFile(b.ctx, "V999", "f"); err != nil || u.ID != "u" || u.Made != 0 {
		t.Errorf("UploadOfFile = %+v, %v; want the old one with Made 0", u, err)
	}

	c := b.council()
	if got := c.send(10, planRow("update", tess, "03/02/2026", "10/07/2026", "R1")); !strings.Contains(got,
		"CPR06 Updated.") {
		t.Errorf("row of a newer file: got %s, want CPR06", got)
	}

	if got := c.send(9, planRow("update", tess, "03/02/2026", "", "R1")); !strings.Contains(got, "CPR07") {
		t.Errorf("row of an older file: got %s, want CPR07", got)
	}
}
