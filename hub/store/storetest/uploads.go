package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"wardlight/hub/cpis"
	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/hub/upload"
	"wardlight/internal/nhs"
)

// today is the day of now.
var today = day(2026, 7, 15)

// council is an authority's system that sends files.
type council struct {
	*bench
	code  string
	files int
}

// council returns V999's, whose patients are tess and tom.
func (b *bench) council() *council {
	b.t.Helper()
	must(b.t, b.PutAuthority(b.ctx, authority("V999")))
	must(b.t, b.PutPatients(b.ctx, []store.Patient{child(b.t, tess, "U"), child(b.t, tom, "U")}))
	return &council{b, "V999", 0}
}

// child returns a record with that label of confidentiality.
func child(t *testing.T, n nhs.Number, label string) store.Patient {
	t.Helper()
	p, err := trace.Document(fmt.Appendf(nil, `{"resourceType":"Patient","id":%q,"birthDate":"2016-03-04","name":[{"use":"usual","family":"Example",
		"given":["T%s"]}],"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":%q}]}}`, n.Digits(), n.Digits(), label))
	must(t, err)
	return p
}

// row returns a row of a file about a child's plan of that reference.
func planRow(action string, n nhs.Number, start, end, reference string) upload.Row {
	return upload.Row{Number: 1, Cells: map[upload.Column]string{
		upload.Action: action, upload.Kind: "CPP", upload.NHSNumber: n.Digits(), upload.BirthDate: "04/03/2016", upload.Family: "Example",
		upload.Given: "T" + n.Digits(), upload.Start: start, upload.End: end, upload.Reference: reference,
	}}
}

// work works out what a file changes.
func (c *council) work(rows ...upload.Row) *store.Entry {
	c.t.Helper()
	taken, err := upload.New(c, trace.New(c), c, cpis.Standard(), uuid.NewString).Take(c.ctx, c.code, rows, today)
	must(c.t, err)
	c.files++
	return &store.Entry{Audit: record("upload"), Upload: &store.Upload{
		ID: uuid.NewString(), Authority: c.code, File: fmt.Sprint(c.files), At: now, Answer: []byte(fmt.Sprint(taken.Rows)), Plans: taken.Plans, Deleted: taken.Deleted,
	}}
}

// send works out a file, stores it, and returns the answers to its rows.
func (c *council) send(rows ...upload.Row) string {
	c.t.Helper()
	e := c.work(rows...)
	must(c.t, c.commit(e))
	return string(e.Upload.Answer)
}

// starts returns when the plans on file of a child start that are an alert today.
func (c *council) starts(n nhs.Number) []string {
	c.t.Helper()
	held, err := c.Plans(c.ctx, []nhs.Number{n})
	must(c.t, err)
	var all []string
	for _, h := range held {
		if cpis.Standard().Visible(h.Plan, day(2016, 3, 4), today) {
			all = append(all, h.Start.FHIR())
		}
	}
	slices.Sort(all)
	return all
}

// aReferenceIsUsedAgain sends an old plan of a child under the reference of the one that runs.
func aReferenceIsUsedAgain(t *testing.T, b *bench) {
	c := b.council()
	c.send(planRow("add", tess, "03/02/2026", "", "R1"))
	for range 2 {
		c.send(planRow("add", tess, "03/02/2020", "01/01/2021", "R1"))
	}
	if got := c.starts(tess); !slices.Equal(got, []string{"2026-02-03"}) {
		t.Errorf("alerts from %v", got)
	}
	if held, err := b.PlansOf(b.ctx, "V999"); err != nil || len(held) != 2 {
		t.Errorf("%+v, %v", held, err)
	}
}
