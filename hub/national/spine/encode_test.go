package spine

import (
	"os"
	"strings"
	"testing"
	"time"

	"wardlight/hub/national"
	"wardlight/internal/hl7test"
)

const root = "../../.."

func nurse() national.Caller {
	return national.Caller{
		UUID: "999000000111", Name: "Ms Ada Sample", Title: "Ms", Given: "Ada", Family: "Sample", URID: "999000000222",
		JobCode: "R8001", JobName: "Nurse Access Role", OrgODS: "X99", OrgName: "EXAMPLE GENERAL HOSPITAL",
		Session: "s", RequestID: "7f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f11",
	}
}

func asked() query {
	return query{
		id: "0B5C3E70-6D0A-4B8B-8F21-0C0A6B9F4E01", event: "0B5C3E70-6D0A-4B8B-8F21-0C0A6B9F4E02",
		at: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC), number: "9990000018", author: nurse(),
		systems: Systems{From: "200000000205", To: "928942012545"},
	}
}

func TestEncode_Valid(t *testing.T) {
	schemas := hl7test.Load(t, root)
	for name, change := range map[string]func(*query){
		"a nurse":            func(*query) {},
		"without title":      func(q *query) { q.author.Title = "" },
		"without given name": func(q *query) { q.author.Given = "" },
		"markup in names": func(q *query) {
			q.author.Family, q.author.OrgName = `O'<Brien> & "Co"`, "A & E <Centre>\x01"
		},
		"other letters": func(q *query) { q.author.Given, q.author.Family = "Zoë", "Łukasiewicz" },
	} {
		t.Run(name, func(t *testing.T) {
			q := asked()
			change(&q)
			message, err := encode(q)
			if err != nil {
				t.Fatal(err)
			}
			if problems := schemas.Problems(t, interactionQuery, message); problems != "" {
				t.Errorf("%s\n%s", problems, message)
			}
		})
	}
}

func TestEncode_AuthorLacksAField(t *testing.T) {
	for want, clear := range map[string]func(*national.Caller){
		"user ID":           func(c *national.Caller) { c.UUID = "" },
		"role profile ID":   func(c *national.Caller) { c.URID = "" },
		"family name":       func(c *national.Caller) { c.Family = " " },
		"job role code":     func(c *national.Caller) { c.JobCode = "" },
		"job role name":     func(c *national.Caller) { c.JobName = "" },
		"organisation code": func(c *national.Caller) { c.OrgODS = "" },
		"organisation name": func(c *national.Caller) { c.OrgName = "" },
	} {
		q := asked()
		clear(&q.author)
		message, err := encode(q)
		if err == nil || !strings.HasSuffix(err.Error(), want) || message != nil {
			t.Errorf("%s: got message %q, error %v", want, message, err)
		}
	}
}

func TestEncode_Golden(t *testing.T) {
	got, err := encode(asked())
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/query.xml")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != strings.TrimSpace(string(want)) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
