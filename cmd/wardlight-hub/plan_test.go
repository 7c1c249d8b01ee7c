package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/hub/trace"
	"wardlight/internal/nhs"
)

const (
	planChild  = nhs.Number("9990000018")
	planFormer = nhs.Number("9990000026") // superseded by planChild
	planNobody = nhs.Number("9990000034") // has no record
)

// ledgerWithPlans creates a ledger with plans of two authorities.
func ledgerWithPlans(t *testing.T) (folder string) {
	t.Helper()
	folder = emptyLedger(t)
	s, err := sqlite.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // the data was committed
	var people []store.Patient
	for _, n := range []nhs.Number{planChild, planFormer} {
		p, err := trace.Document([]byte(`{"resourceType":"Patient","id":"` + n.Digits() +
			`","birthDate":"2016-03-04"}`))
		if err != nil {
			t.Fatal(err)
		}
		people = append(people, p)
	}

	people[1].SupersededBy = planChild
	if err := s.PutPatients(t.Context(), people); err != nil {
		t.Fatal(err)
	}

	for _, code := range []string{"V998", "V999"} {
		if err := s.PutAuthority(t.Context(), store.Authority{Code: code, Name: code}); err != nil {
			t.Fatal(err)
		}
	}

	start := nhs.Date{Year: 2026, Month: time.February, Day: 3}
	for _, p := range []store.Plan{
		{
			ID: "open", Number: planChild, Kind: store.LookedAfter, Start: start, Authority: "V999",
			Reference: "L\x1b[2J-1",
		},
		{
			ID: "ended", Number: planFormer, Kind: store.ChildProtection, Start: start.AddDays(1),
			End:       start.AddDays(10),
			Authority: "V999",
		},
		{
			ID: "unborn", Number: planNobody, Kind: store.UnbornChild, Start: start, Due: start.AddDays(100),
			Authority: "V999", Reference: "U-1",
		},
		{ID: "other", Number: planChild, Kind: store.ChildProtection, Start: start, Authority: "V998"},
	} {
		if err := s.PutPlan(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}

	return folder
}

// recorded returns the action, authority, outcome, reason and patients of each audit record.
func recorded(t *testing.T, folder string) string {
	t.Helper()
	s, err := sqlite.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // it was only read
	var all []string
	if err := s.AuditTrail(t.Context(), 1, func(r store.AuditRecord) error {
		line := r.Action + "/" + r.OrgODS + "/" + r.Outcome + "/" + r.Reason
		for _, n := range r.Patients {
			line += "/" + n.Digits()
		}
		all = append(all, line)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, ", ")
}

func TestPlanList(t *testing.T) {
	data := ledgerWithPlans(t)
	for name, c := range map[string]struct {
		args []string
		want []plan
	}{
		"of an authority": {[]string{"--authority", "V999"}, []plan{
			{
				ID: "open", Authority: "V999", Kind: "LAC", Start: "2026-02-03", End: "2034-03-04",
				EndByRule: "the 18th birthday", Reference: "L\x1b[2J-1", VisibleUntil: "2035-03-04",
			},
			{
				ID: "unborn", Authority: "V999", Kind: "UCPP", Start: "2026-02-03", Due: "2026-05-14", Reference: "U-1",
				VisibleUntil: "2026-06-11",
			},
			{
				ID: "ended", Authority: "V999", Kind: "CPP", Start: "2026-02-04", End: "2026-02-13",
				VisibleUntil: "2027-02-13",
			},
		}},
		"of a patient, under each number": {[]string{"--nhs-number", "999 000 0026"}, []plan{
			{
				ID: "other", Authority: "V998", Kind: "CPP", Start: "2026-02-03", End: "2034-03-04",
				EndByRule: "the 18th birthday", VisibleUntil: "2035-03-04",
			},
			{
				ID: "open", Authority: "V999", Kind: "LAC", Start: "2026-02-03", End: "2034-03-04",
				EndByRule: "the 18th birthday", Reference: "L\x1b[2J-1", VisibleUntil: "2035-03-04",
			},
			{
				ID: "ended", Authority: "V999", Kind: "CPP", Start: "2026-02-04", End: "2026-02-13",
				VisibleUntil: "2027-02-13",
			},
		}},
		"under a number that nobody has": {[]string{"--nhs-number", planNobody.Digits()}, []plan{
			{
				ID: "unborn", Authority: "V999", Kind: "UCPP", Start: "2026-02-03", Due: "2026-05-14", Reference: "U-1",
				VisibleUntil: "2026-06-11",
			},
		}},
		"none": {[]string{"--nhs-number", "9990000042"}, nil},
	} {
		out, err := runForOutput(t, append([]string{"plan", "list", "--json", "--data", data}, c.args...)...)
		var got []plan
		for line := range strings.Lines(out) {
			var p plan
			if json.Unmarshal([]byte(line), &p) != nil {
				t.Errorf("plan list --json, %s: line is not JSON: %s", name, line)
			}
			got = append(got, p)
		}

		if err != nil || len(got) != len(c.want) {
			t.Fatalf("plan list --json, %s: got error %v, want %d plans: %s", name, err, len(c.want), out)
		}

		table, err := runForOutput(t, append([]string{"plan", "list", "--data", data}, c.args...)...)
		if err != nil || strings.Contains(table, "\x1b") || strings.Contains(table+out, "9990000") || len(got) == 0 &&
			table != "There is no such plan.\n" {
			t.Errorf("plan list, %s: got %q, error %v", name, table, err)
		}

		for i, p := range c.want {
			if got[i] != p {
				t.Errorf("plan list --json, %s: got %+v, want %+v", name, got[i], p)
			}
			if !strings.Contains(table, p.ID+" ") || !strings.Contains(table, p.VisibleUntil) {
				t.Errorf("plan list, %s: no %s or %s in %s", name, p.ID, p.VisibleUntil, table)
			}
		}
	}

	for _, want := range []string{"list plans/V999/granted/" + operatorReason() + ",", "list plans//granted/" +
		operatorReason() + "/9990000026", "list plans//granted/" + operatorReason() + "/9990000034"} {
		if got := recorded(t, data); !strings.Contains(got+",", want) {
			t.Errorf("audit records: got %s, want %s in them", got, want)
		}
	}
}

func TestPlanEnd(t *testing.T) {
	data := ledgerWithPlans(t)
	out, err := runForOutput(t, "plan", "end", "open", "--on", "2026-07-01", "--reason", "the authority asked for it",
		"--data", data)
	if err != nil || out != "Plan open of V999 ends on 2026-07-01; it is visible until 2027-07-01.\n" {
		t.Errorf("plan end: got %q, error %v", out, err)
	}
	if list, err := runForOutput(t, "plan", "list", "--json", "--authority", "V999", "--data", data); err != nil ||
		!strings.Contains(list, `"end":"2026-07-01","reference"`) {
		t.Errorf("plan list after plan end: got %s, error %v, want the new end", list, err)
	}
	if got := recorded(t, data); !strings.HasPrefix(got, "end plan/V999/granted/"+
		operatorReason("plan open, LAC from 2026-02-03, end none to 2026-07-01: the authority asked for it")+
		"/9990000018, ") {
		t.Errorf("audit records: got %s, want one of the plan's end", got)
	}
}

func TestPlanRemove(t *testing.T) {
	remove := func(data, answer string, args ...string) (out, besides string, err error) {
		t.Helper()
		var o, b bytes.Buffer
		root := newRoot(&o, &b)
		root.SetIn(strings.NewReader(answer))
		root.SetArgs(append([]string{"plan", "remove", "open", "--data", data}, args...))
		err = root.ExecuteContext(t.Context())
		return o.String(), b.String(), err
	}

	for _, answer := range []string{"", "\n", "no\n", "y\n", "yes please\n"} {
		data := ledgerWithPlans(t)
		out, besides, err := remove(data, answer)
		if err == nil || !strings.Contains(err.Error(), "nothing was removed") || out != "" ||
			!strings.Contains(besides, "L\u241b[2J-1") {
			t.Errorf("plan remove answered %q: got %q %q, error %v, want nothing removed", answer, out, besides, err)
		}
		if got := recorded(t, data); got != "" {
			t.Errorf("audit records after plan remove answered %q: got %s, want none", answer, got)
		}
	}

	for _, c := range []struct {
		answer string
		args   []string
	}{{"yes\n", nil}, {"yes", nil}, {"", []string{"--yes"}}} {
		data := ledgerWithPlans(t)
		if out, _, err := remove(data, c.answer, c.args...); err != nil || out != "Plan open of V999 is removed.\n" {
			t.Errorf("plan remove %v answered %q: got %q, error %v, want it removed", c.args, c.answer, out, err)
		}
		if got := recorded(t, data); got != "remove plan/V999/granted/"+
			operatorReason("plan open, LAC from 2026-02-03")+"/9990000018" {
			t.Errorf("audit records: got %s, want one of the removal", got)
		}
		if _, _, err := remove(data, c.answer, c.args...); err == nil ||
			!strings.Contains(err.Error(), `no plan has the id "open"`) {
			t.Errorf("second plan remove: got error %v, want an unknown id", err)
		}
	}
}

func TestWhatThePlanCommandsRefuse(t *testing.T) {
	data := ledgerWithPlans(t)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"neither number nor authority": {[]string{"list"}, "at least one of the flags"},
		"both": {
			[]string{"list", "--nhs-number", "9990000018", "--authority", "V999"},
			"none of the others",
		},
		"a number that is none": {
			[]string{"list", "--nhs-number", "9990000019"},
			"--nhs-number: This is not a valid NHS number",
		},
		"an authority that is not known": {[]string{"list", "--authority", "V9"}, "authority add"},
		"no day":                         {[]string{"end", "open"}, `"on" not set`},
		"a day that is none":             {[]string{"end", "open", "--on", "1/7/2026"}, "--on must be a day"},
		"a month":                        {[]string{"end", "open", "--on", "2026-07"}, "--on must be a day"},
		"a day before the start":         {[]string{"end", "open", "--on", "2026-02-02"}, "starts on 2026-02-03"},
		"a day too far ahead":            {[]string{"end", "open", "--on", "3026-07-01"}, "18 years ahead"},
		"an end of no plan":              {[]string{"end", "none", "--on", "2026-07-01"}, `no plan has the id "none"`},
		"the removal of no plan":         {[]string{"remove", "none", "--yes"}, "plan list"},
		"a reason of two lines":          {[]string{"remove", "open", "--yes", "--reason", "a\nb"}, "--reason"},
		"no id":                          {[]string{"remove"}, "arg"},
		"an unknown command":             {[]string{"delete", "open"}, "unknown command"},
	} {
		t.Run(name, func(t *testing.T) {
			if out, err := runForOutput(t, append([]string{"plan", "--data", data}, c.args...)...); err == nil ||
				!strings.Contains(err.Error(), c.says) {
				t.Errorf("plan %v: got %q, error %v, want %q in the error", c.args, out, err, c.says)
			}
		})
	}

	if got := recorded(t, data); got != "" {
		t.Errorf("audit records: got %s, want none", got)
	}
}
