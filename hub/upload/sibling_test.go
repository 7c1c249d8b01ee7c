package upload_test

import (
	"strings"
	"testing"

	"wardlight/hub/trace"
	"wardlight/hub/upload"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

const (
	twin  = nhs.Number("9990000107")
	other = nhs.Number("9990000093") // the sibling
)

// child returns a patient of the family Twin, born on the birth date of the rows, with one name in use. Each of given
// is a set of given names separated by spaces.
func child(t *testing.T, n nhs.Number, postcode string, given ...string) *fhir.Patient {
	t.Helper()
	p := &fhir.Patient{
		ResourceType: "Patient", ID: n.Digits(), BirthDate: "2016-03-04",
		Meta: &fhir.Meta{Security: []fhir.Coding{{System: fhir.SystemConfidential, Code: "U"}}},
	}
	for i, g := range given {
		name := fhir.HumanName{Use: "usual", Family: "Twin", Given: strings.Fields(g)}
		if i > 0 {
			name.Use = "old"
		}
		p.Name = append(p.Name, name)
	}
	if postcode != "" {
		p.Address = []fhir.Address{{Use: "home", PostalCode: postcode}}
	}
	return p
}

// family returns records that contain only the children.
func family(t *testing.T, children ...*fhir.Patient) *records {
	t.Helper()
	r := newRecords(t)
	for _, c := range children {
		p, err := trace.Record(c)
		if err != nil {
			t.Fatal(err)
		}
		r.people[p.Number] = p
	}
	return r
}

// TestTake_TheWrongTwin sends a name with the number of one child of a family. Whatever a council confuses, no child
// may get the alert of another.
func TestTake_TheWrongTwin(t *testing.T) {
	for _, c := range []struct {
		name         string
		twin, other  string // given names on record; "" for no record
		sent         string // given name in the row, with twin's number
		right, wrong upload.RowCode
	}{
		// The row's name is sent with either number: right is the answer with twin's number, wrong the one with
		// other's.
		{"each by the whole name", "Baby One", "Baby Two", "Baby One", upload.Success, upload.NoMatch},
		{"one word of a newborn's", "Baby One", "Baby Two", "Baby", upload.NoMatch, upload.NoMatch},
		{"one word of a newborn's, alone on record", "Baby One", "", "Baby", upload.NoMatch, ""},
		{"numbered by figures", "Baby 1", "Baby 2", "Baby 1", upload.Success, upload.NoMatch},
		{"numbered and written together", "Baby1", "Baby2", "Baby 1", upload.Success, upload.NoMatch},
		{"numbered by letters", "Twin A", "Twin B", "Twin A", upload.Success, upload.NoMatch},
		{"the letter alone", "Twin A", "Twin B", "A", upload.NoMatch, upload.NoMatch},
		{"the initial of what is no name", "Twin A", "", "T", upload.NoMatch, ""},
		{"a name for what was a newborn", "Baby One", "Baby Two", "Oliver", upload.NoMatch, upload.NoMatch},
		{"the first of two names", "John Paul", "", "John", upload.Success, ""},
		{
			"the first of two names, a twin of another name", "John Paul", "Mary Ann", "John", upload.Success,
			upload.NoMatch,
		},
		{"the first of two names is all of the twin's", "John Paul", "John", "John", upload.NoMatch, upload.Success},
		{
			"two names, of which the twin has the first", "John Paul", "John", "John Paul", upload.Success,
			upload.NoMatch,
		},
		{
			"the first of two names is also the twin's first", "John Paul", "John Peter", "John", upload.NoMatch,
			upload.NoMatch,
		},
		{
			"a second name that is not on record", "John Paul", "John Peter", "John Patrick", upload.NoMatch,
			upload.NoMatch,
		},
		{"more than is on record", "John", "Mary", "John Paul", upload.Success, upload.NoMatch},
		{"the second of two names", "John Paul", "", "Paul", upload.Success, ""},
		{"the second of two names is all of the twin's", "John Paul", "Paul", "Paul", upload.NoMatch, upload.Success},
		{"two names changed over", "John Paul", "", "Paul John", upload.Success, ""},
		{"written together", "Mary Ann", "Mary Jane", "Maryann", upload.Success, upload.NoMatch},
		{"written with a hyphen", "Maryann", "Maryjane", "Mary-Ann", upload.Success, upload.NoMatch},
		{
			"written in two, with a name more on record", "Maryann Louise", "Rose", "Mary Ann", upload.Success,
			upload.NoMatch,
		},
		{"the first part of a hyphened name", "Mary-Ann", "", "Mary", upload.Success, ""},
		{"the beginning of a name", "Maryann", "", "Mary", upload.NoMatch, ""},
		{"a short form", "Thomas", "Samuel", "Tom", upload.Success, upload.NoMatch},
		{"the long form", "Tom", "Sam", "Thomas", upload.Success, upload.NoMatch},
		{"a short form that is the twin's name", "John", "Jack", "Jack", upload.NoMatch, upload.Success},
		{"a short form of both", "Alexander", "Alexandra", "Alex", upload.NoMatch, upload.NoMatch},
		{"an initial", "Thomas", "Samuel", "T", upload.Success, upload.NoMatch},
		{"an initial of both", "Thomas", "Theodore", "T", upload.NoMatch, upload.NoMatch},
		{"initials", "Thomas James", "Theodore Luke", "T J", upload.Success, upload.NoMatch},
		{"an initial of the second name", "Thomas James", "", "J", upload.NoMatch, ""},
		{"a record without a given name", "-", "", "Thomas", upload.Success, ""},
		{
			"a record without a given name, and a twin with that name", "-", "Thomas", "Thomas", upload.NoMatch,
			upload.Success,
		},
		{"two records without a given name", "-", "-", "Thomas", upload.NoMatch, upload.NoMatch},
	} {
		t.Run(c.name, func(t *testing.T) {
			given := func(s string) string { return strings.Trim(s, "-") }
			children := []*fhir.Patient{child(t, twin, "LS1 4AP", given(c.twin))}
			if c.other != "" {
				children = append(children, child(t, other, "LS1 4AP", given(c.other)))
			}
			r := family(t, children...)
			for n, want := range map[nhs.Number]upload.RowCode{twin: c.right, other: c.wrong} {
				if want == "" {
					continue
				}
				taken := r.process(t, row("nhsNumber", n.Digits(), "family", "Twin", "given", c.sent))
				if got := taken.Rows[0]; got.Code != want || want == upload.Success &&
					(len(taken.Plans) != 1 || taken.Plans[0].Number != n) {
					t.Errorf("%q with the number of %s: got %+v, want %s",
						c.sent, map[nhs.Number]string{twin: c.twin, other: c.other}[n], got, want)
				}
			}
		})
	}
}

func TestTake_WhoCountsAsASibling(t *testing.T) {
	sent := row("nhsNumber", twin.Digits(), "family", "Twin", "given", "John")
	for _, c := range []struct {
		name   string
		of     string // twin's postcode
		change func(*fhir.Patient)
		want   upload.RowCode
	}{
		{"another child of the house", "LS1 4AP", func(*fhir.Patient) {}, upload.NoMatch},
		{"somebody elsewhere", "LS1 4AP", func(p *fhir.Patient) {
			p.Address[0].PostalCode = "BD3 0AA"
		}, upload.Success},
		{"somebody who moved away", "LS1 4AP", func(p *fhir.Patient) {
			p.Address = append(p.Address, fhir.Address{Use: "old", PostalCode: "ls14ap"})
			p.Address[0].PostalCode = "BD3 0AA"
		}, upload.NoMatch},
		{"somebody without an address", "LS1 4AP", func(p *fhir.Patient) { p.Address = nil }, upload.NoMatch},
		{"of whom no address is known", "", func(*fhir.Patient) {}, upload.NoMatch},
		{"a restricted record elsewhere", "LS1 4AP", func(p *fhir.Patient) {
			p.Address[0].PostalCode, p.Meta.Security[0].Code = "BD3 0AA", "R"
		}, upload.NoMatch},
		{"somebody elsewhere with just that name", "LS1 4AP", func(p *fhir.Patient) {
			p.Address[0].PostalCode, p.Name[0].Given = "BD3 0AA", []string{"John"}
		}, upload.NoMatch},
		{"an invalid record", "LS1 4AP", func(p *fhir.Patient) {
			p.Meta.Security[0].Code = "REDACTED"
		}, upload.Success},
		{"another family name", "LS1 4AP", func(p *fhir.Patient) { p.Name[0].Family = "Other" }, upload.Success},
		{"a former family name", "LS1 4AP", func(p *fhir.Patient) {
			p.Name = append(p.Name, fhir.HumanName{Use: "usual", Family: "Other", Given: []string{"Jim"}})
			p.Name[0].Use = "old"
		}, upload.NoMatch},
		{"another birth date", "LS1 4AP", func(p *fhir.Patient) { p.BirthDate = "2016-03-05" }, upload.Success},
	} {
		t.Run(c.name, func(t *testing.T) {
			sibling := child(t, other, "LS1 4AP", "John Peter")
			c.change(sibling)
			if got := family(t, child(t, twin, c.of, "John Paul"), sibling).process(t, sent).
				Rows[0]; got.Code != c.want {
				t.Errorf("answer = %+v, want %s", got, c.want)
			}
		})
	}
}

// The patient's own superseded record does not count as a sibling.
func TestTake_AnOwnRecordOfBeforeIsNoSibling(t *testing.T) {
	r := family(t, child(t, twin, "LS1 4AP", "John Paul"), child(t, other, "LS1 4AP", "John Paul"))
	p := r.people[other]
	p.SupersededBy = twin
	r.people[other] = p
	if got := r.process(t, row("nhsNumber", twin.Digits(), "family", "Twin", "given", "John")).
		Rows[0]; got.Code != upload.Success {
		t.Errorf("answer = %+v, want %s", got, upload.Success)
	}
}

// A name that was put on the wrong twin's record by mistake stays there as a former name after the correction.
func TestTake_AFormerNameThatIsTheTwins(t *testing.T) {
	r := family(t, child(t, twin, "LS1 4AP", "Tim", "Rob"), child(t, other, "LS1 4AP", "Rob", "Tim"))
	for sent, want := range map[string]upload.RowCode{"Tim": upload.Success, "Rob": upload.NoMatch} {
		if got := r.process(t, row("nhsNumber", twin.Digits(), "family", "Twin", "given", sent)).
			Rows[0]; got.Code != want {
			t.Errorf("%s: got %+v, want %s", sent, got, want)
		}
	}
	alone := family(t, child(t, twin, "LS1 4AP", "Oliver", "Baby One"))
	if got := alone.process(t, row("nhsNumber", twin.Digits(), "family", "Twin", "given", "Baby One")).
		Rows[0]; got.Code != upload.Success {
		t.Errorf("a former name that nobody else has: got %+v, want %s", got, upload.Success)
	}
}

// Two children with the same names are distinguished only by the number.
func TestTake_TwinsOfOneName(t *testing.T) {
	r := family(t, child(t, twin, "LS1 4AP", "Baby"), child(t, other, "LS1 4AP", "Baby"))
	if got := r.process(t, row("nhsNumber", twin.Digits(), "family", "Twin", "given", "Baby")).
		Rows[0]; got.Code != upload.Success {
		t.Errorf("answer = %+v, want %s", got, upload.Success)
	}
}
