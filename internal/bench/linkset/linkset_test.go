package linkset_test

import (
	"fmt"
	"strings"
	"testing"

	"wardlight/internal/bench/linkset"
	"wardlight/internal/nhs"
)

const febrl = `rec_id, given_name, surname, postcode, date_of_birth
rec-1-org, tess, van't hof, 2745, 20160304
rec-1-dup-0, tes, van't hof, 2475, 20160304
rec-2-org, owen, example, 2000, 20160230
rec-2-dup-0, owen, example, 2000, 20160228
rec-3-org, maya, specimen, , 20010203
rec-3-dup-0, maya, , , 20010203
rec-3-dup-1, , specimen, , 20010203
rec-3-dup-2, maya, specimen, , 
rec-3-dup-3, maya, specimen, , 20011303
, maya, specimen, , 20010203
rec-1-org, noah, pattern, 2000, 20010203
`

func columns(t *testing.T) linkset.Columns {
	t.Helper()
	c, err := linkset.ParseColumns("family=surname,given=given_name,born=date_of_birth:yyyymmdd,postcode=postcode",
		"rec_id")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRead_OneFileOfOriginalsAndCopies(t *testing.T) {
	rows, err := linkset.Read(strings.NewReader(febrl), columns(t))
	if err != nil {
		t.Fatal(err)
	}

	s := linkset.Split(rows)
	if len(s.People) != 2 || len(s.Queries) != 1 {
		t.Fatalf("Split returned %d people, %d queries, want 2 and 1", len(s.People), len(s.Queries))
	}

	want := linkset.Row{
		Link: "rec-1", Copy: true, Family: "van't hof", Given: "tes", Postcode: "2475",
		Born: nhs.Date{Year: 2016, Month: 3, Day: 4},
	}
	if s.Queries[0] != want {
		t.Errorf("query = %+v, want %+v", s.Queries[0], want)
	}

	if got, want := s.Skipped.People.String(), "its original is there twice: 1, nothing ties it: 1, the birth date "+
		"does not parse: 1"; got != want {
		t.Errorf("people skipped: %s, want %s", got, want)
	}

	const unasked = "its original is not among the people: 1, no birth date: 1, no family name: 1, no given name: " +
		"1, the birth date does not parse: 1"
	if got := s.Skipped.Queries.String(); got != unasked {
		t.Errorf("queries skipped: %s, want %s", got, unasked)
	}
}

func TestJoin_TwoFiles(t *testing.T) {
	c, err := linkset.ParseColumns("family=f, given=g, born=b:dd/mm/yyyy", "id")
	if err != nil {
		t.Fatal(err)
	}
	read := func(text string) []linkset.Row {
		rows, err := linkset.Read(strings.NewReader(text), c)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	s := linkset.Join(read("\ufeffid,f,g,b\n7,Example,Tess,04/03/2016\n8,Example,Owen,\n"),
		read("b,id,f,g\n04/03/2016,7,Example,Tessa\n04/03/2016,9,Example,Owen\n"))
	if len(s.People) != 2 || len(s.Queries) != 1 || s.Queries[0].Link != "7" ||
		s.Queries[0].Born != (nhs.Date{Year: 2016, Month: 3, Day: 4}) {
		t.Errorf("Join = %+v, want 2 people and 1 query", s)
	}
}

func TestRead_WhatIsNotThere(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "the line with the names of the columns does not read",
		"rec_id, name, surname\n": `there is no column "given_name"; the columns are rec_id, name, surname`,
		"rec_id,given_name,surname,postcode,date_of_birth\nrec-1-org,a,b,c,2016-03-04\n": `no birth date in column "date_of_birth" is of the form yyyymmdd`,
		"rec_id,given_name,surname,postcode,date_of_birth\nrec-1-org,a,b\n":              "wrong number of fields",
	} {
		if _, err := linkset.Read(strings.NewReader(text), columns(t)); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("Read(%q) error = %v, want %s", text, err, want)
		}
	}
}

func TestParseColumns_Refusals(t *testing.T) {
	for _, c := range []struct{ list, tie string }{
		{"family=a,given=b", "id"},
		{"family=a,given=b,born=c", ""},
		{"family=a,given=b,born=c,sex=d", "id"},
		{"family=a,family=x,given=b,born=c", "id"},
		{"family=a,given=b,born=c:ddmmyy", "id"},
		{"", "id"},
	} {
		if got, err := linkset.ParseColumns(c.list, c.tie); err == nil {
			t.Errorf("ParseColumns(%q) = %+v, want error", c.list, got)
		}
	}
}

func TestDifference(t *testing.T) {
	row := func(family, given, born string) linkset.Row {
		var d nhs.Date
		if _, err := fmt.Sscanf(born, "%d-%d-%d", &d.Year, &d.Month, &d.Day); err != nil {
			t.Fatal(err)
		}
		return linkset.Row{Family: family, Given: given, Born: d}
	}

	for _, c := range []struct {
		typed, meant linkset.Row
		want         string
	}{
		{row("example", "tess", "2016-03-04"), row("Example", "Tess", "2016-03-04"), "nothing wrong"},
		{row("exampel", "tess", "2016-03-04"), row("example", "tess", "2016-03-04"), "slip in family"},
		{row("example", "te ss", "2016-03-04"), row("example", "tess", "2016-03-04"), "slip in given"},
		{row("other", "tess", "2016-03-04"), row("example", "tess", "2016-03-04"), "family replaced"},
		{row("example", "maya", "2016-03-04"), row("example", "tess", "2016-03-04"), "given replaced"},
		{row("tess", "example", "2016-03-04"), row("example", "tess", "2016-03-04"), "names changed over"},
		{row("tes", "example", "2016-03-04"), row("example", "tess", "2016-03-04"), "several"},
		{row("example", "tess", "2016-03-05"), row("example", "tess", "2016-03-04"), "date: one digit"},
		{
			row("example", "tess", "2016-04-03"), row("example", "tess", "2016-03-04"),
			"date: day and month changed over",
		},
		{row("example", "tess", "1995-03-04"), row("example", "tess", "2016-03-04"), "date: another year"},
		{row("example", "tess", "2016-03-19"), row("example", "tess", "2016-03-04"), "date: another day or month"},
		{row("example", "tess", "1999-11-12"), row("example", "tess", "2016-03-04"), "date: altogether"},
		{row("other", "tess", "2016-03-05"), row("example", "tess", "2016-03-04"), "several"},
		{row("example", "tess", "2016-03-04"), linkset.Row{Family: "example"}, "nothing wrong"},
	} {
		if got := linkset.Difference(c.typed, c.meant); got != c.want {
			t.Errorf("Difference(%+v, %+v) = %s, want %s", c.typed, c.meant, got, c.want)
		}
	}
}
