package summary_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/nhs"
	"wardlight/internal/summary"
)

func TestReadLatest(t *testing.T) {
	found := summary.Latest{State: summary.Available, ID: "0B1F5A0C-58C1-4F5B-9D61-7C1D8F6F3E11"}
	optedOut := summary.Latest{State: summary.NotPermitted}
	oneCoding := aReference("")
	oneCoding["securityLabel"] = []object{{"coding": object{
		"system": "https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission", "code": "No",
	}}}

	for name, c := range map[string]struct {
		answer object
		want   summary.Latest
	}{
		"permission Ask":           {searchset(aReference("Ask"), aPatient("p", patient)), found},
		"permission Yes":           {searchset(aReference("Yes"), aPatient("p", patient)), found},
		"permission No":            {searchset(aReference("No"), aPatient("p", patient)), optedOut},
		"permission as one coding": {searchset(oneCoding, aPatient("p", patient)), optedOut},
		"no summary":               {searchset(), summary.Latest{State: summary.NoSummary}},
	} {
		got, err := summary.ReadLatest(encode(t, c.answer), patient)
		if got != c.want || err != nil {
			t.Errorf("%s: ReadLatest = %+v, %v; want %+v", name, got, err, c.want)
		}
	}
}

func TestReadLatest_Refused(t *testing.T) {
	with := func(key string, v any) object {
		d := aReference("Ask")
		d[key] = v
		return searchset(d, aPatient("p", patient))
	}
	second := aReference("Ask")
	second["id"] = "e"
	total0 := searchset(aReference("Ask"), aPatient("p", patient))
	total0["total"] = 0

	for name, c := range map[string]struct {
		answer any
		want   error
	}{
		"no permission":         {with("securityLabel", nil), summary.ErrMalformed},
		"an unknown permission": {searchset(aReference("Maybe"), aPatient("p", patient)), summary.ErrMalformed},
		"superseded":            {with("status", "superseded"), summary.ErrMalformed},
		"another type":          {with("type", object{}), summary.ErrMalformed},
		"an id that is not one": {with("masterIdentifier", object{
			"system": "https://fhir.nhs.uk/Id/nhsSCRUUID", "value": "A&patient=9000000009",
		}), summary.ErrMalformed},
		"another patient":       {searchset(aReference("Ask"), aPatient("p", "9000000009")), summary.ErrOtherPatient},
		"without the patient":   {searchset(aReference("Ask")), summary.ErrOtherPatient},
		"only the patient":      {searchset(aPatient("p", patient)), summary.ErrMalformed},
		"two references":        {searchset(aReference("Ask"), second, aPatient("p", patient)), summary.ErrMalformed},
		"empty without a total": {object{"resourceType": "Bundle", "type": "searchset"}, summary.ErrMalformed},
		"total without entries": {
			object{"resourceType": "Bundle", "type": "searchset", "total": 1}, summary.ErrMalformed,
		},
		"entries with total 0": {total0, summary.ErrMalformed},
		"an OperationOutcome":  {object{"resourceType": "OperationOutcome"}, summary.ErrMalformed},
		"outcome as the entry": {searchset(object{"resourceType": "OperationOutcome"}), summary.ErrMalformed},
		"null":                 {nil, summary.ErrMalformed},
		"nested too deeply":    {json.RawMessage(strings.Repeat(`[`, 102) + strings.Repeat(`]`, 102)), summary.ErrMalformed},
		"text":                 {"<html>503 Service Temporarily Unavailable</html>", summary.ErrMalformed},
	} {
		got, err := summary.ReadLatest(encode(t, c.answer), patient)
		if got != (summary.Latest{}) || !errors.Is(err, c.want) {
			t.Errorf("%s: ReadLatest = %+v, %v; want the error %v", name, got, err, c.want)
		}
	}
}

// The sentences of the four answers must differ, and no answer without a summary may be read as "no allergies".
func TestState_Sentences(t *testing.T) {
	seen := make(map[string]bool)
	for s := summary.State(0); s <= summary.Outdated; s++ {
		words := s.String()
		if seen[words] || strings.Contains(strings.ToLower(words), "no allerg") {
			t.Errorf("state %d: got the sentence %q", s, words)
		}
		seen[words] = true
	}
}

func TestRead_Refused(t *testing.T) {
	with := func(key string, v any) object {
		s := summaryOf(allergies("<p>Penicillin</p>"))
		s["entry"].([]object)[0]["resource"].(object)[key] = v
		return s
	}
	for name, c := range map[string]struct {
		answer any
		want   error
	}{
		"another patient":     {searchset(aComposition(), aPatient("p", "9000000009")), summary.ErrOtherPatient},
		"without the patient": {searchset(aComposition()), summary.ErrOtherPatient},
		"a second patient": {
			searchset(aComposition(), aPatient("p", patient), aPatient("q", "9000000009")), summary.ErrOtherPatient,
		},
		"a patient with two numbers": {searchset(aComposition(), object{
			"resourceType": "Patient", "id": "p", "identifier": []object{
				{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": patient.Digits()},
				{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9000000009"},
			},
		}), summary.ErrOtherPatient},
		"subject without a reference": {with("subject", object{"display": "Tess"}), summary.ErrOtherPatient},
		"subject is a practitioner": {
			with("subject", object{"reference": "Practitioner/x"}), summary.ErrOtherPatient,
		},
		"entered in error":          {with("status", "entered-in-error"), summary.ErrMalformed},
		"another type":              {with("type", object{}), summary.ErrMalformed},
		"without a date":            {with("date", ""), summary.ErrMalformed},
		"sections of another shape": {with("section", "none"), summary.ErrMalformed},
		"two compositions": {func() object {
			second := aComposition()
			second["id"] = "2"
			return searchset(aComposition(), second, aPatient("p", patient))
		}(), summary.ErrMalformed},
		"two resources with one id": {
			searchset(aComposition(), aPatient("p", patient), aPatient("p", patient)), summary.ErrMalformed,
		},
		"a further page": {func() object {
			s := summaryOf()
			s["link"] = []object{{"relation": "next", "url": "https://hub.example/2"}}
			return s
		}(), summary.ErrMalformed},
		"an outcome in the set": {
			searchset(aComposition(), aPatient("p", patient), object{"resourceType": "OperationOutcome"}),
			summary.ErrMalformed,
		},
		"another kind of bundle": {object{"resourceType": "Bundle", "type": "document"}, summary.ErrMalformed},
		"fewer entries than the total": {func() object {
			s := summaryOf()
			s["total"] = 9
			return s
		}(), summary.ErrMalformed},
		"too many sections": {with("section", make([]object, 201)), summary.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := summary.Read(encode(t, c.answer), patient, now)
			if !errors.Is(err, c.want) || !reflect.DeepEqual(got, summary.Summary{}) {
				t.Errorf("Read = %+v, %v; want the error %v", got, err, c.want)
			}
		})
	}
}

// encoding/json reads the last of several members with the same name. The section with the allergies would disappear.
func TestRead_MemberTwice(t *testing.T) {
	whole := string(encode(t, summaryOf(allergies("<p>Penicillin</p>"))))
	for _, second := range []string{`"section":[],`, `"SECTION":[],`, `"\u017fection":[],`} {
		at := strings.Index(whole, `"section":`)
		raw := whole[:at] + second + whole[at:]
		if _, err := summary.Read([]byte(raw), patient, now); !errors.Is(err, summary.ErrMalformed) {
			t.Errorf("Read with a further member %s: error = %v, want %v", second, err, summary.ErrMalformed)
		}
	}
}

func TestRead_Outdated(t *testing.T) {
	for _, raw := range []string{
		`{"resourceType":"Bundle","type":"searchset","total":0}`, `{"resourceType":"Bundle","type":"searchset"}`,
	} {
		s, err := summary.Read([]byte(raw), patient, now)
		if err != nil || s.State != summary.Outdated || len(s.Sections) > 0 {
			t.Errorf("Read(%s) = %+v, %v; want the state Outdated", raw, s, err)
		}
	}
}

func TestRead_Author(t *testing.T) {
	if got, want := read(t).Author, "Dr Tess Example, Example Surgery"; got != want {
		t.Errorf("got the author %q, want %q", got, want)
	}

	for _, c := range []struct {
		author any
		want   string
	}{
		{
			[]object{{"reference": "PractitionerRole/r", "display": "Dr Mark Other"}},
			"Dr Mark Other, Dr Tess Example, Example Surgery",
		},
		{[]object{{"reference": "Organization/o"}}, "Example Surgery"},
		{[]object{{"reference": "PractitionerRole/absent"}}, ""},
		{[]object{{"display": "Dr \x1b[2JEve\u202e"}}, "Dr ␛[2JEve\ufffd"},
		{nil, ""},
		{
			[]object{{"display": strings.Repeat("x", 80)}, {"display": strings.Repeat("y", 80)}},
			strings.Repeat("x", 80) + ", " + strings.Repeat("y", 17) + "…",
		},
	} {
		answer := summaryOf()
		answer["entry"].([]object)[0]["resource"].(object)["author"] = c.author
		s, err := summary.Read(encode(t, answer), patient, now)
		if err != nil || s.Author != c.want {
			t.Errorf("author %v: got %q, %v; want %q", c.author, s.Author, err, c.want)
		}
	}
}

func TestRead_DateInTheFuture(t *testing.T) {
	for date, future := range map[string]bool{
		"2026-11-30T11:59:00Z": false, "2026-11-30": false, "2026": false,
		"2026-11-30T12:01:00Z": true, "2026-12-01": true, "2027": true,
	} {
		answer := summaryOf()
		answer["entry"].([]object)[0]["resource"].(object)["date"] = date
		s, err := summary.Read(encode(t, answer), patient, now)
		if err != nil || len(s.Notices) == 1 != future {
			t.Errorf("date %s: got the notices %q, %v; want one: %v", date, s.Notices, err, future)
		}
	}
}

func TestRead_OldSummary(t *testing.T) {
	for date, want := range map[string]string{
		"2026-11-20T08:15:00Z": "", "2025-12-01": "", "2025-11-30T23:59:00Z": "This summary is 1 year old.",
		"2024-12-01": "This summary is 1 year old.", "2021-03-04T08:15:00Z": "This summary is 5 years old.",
		"2020": "This summary is 5 years old.", "2025-12": "", "2025-11": "This summary is 1 year old.",
	} {
		answer := summaryOf()
		answer["entry"].([]object)[0]["resource"].(object)["date"] = date
		s, err := summary.Read(encode(t, answer), patient, now)
		if got := strings.Join(s.Notices, " "); err != nil || got != want {
			t.Errorf("date %s: got the notices %q, %v; want %q", date, got, err, want)
		}
	}
}

// order is the codes of the contract in the order of display.
var order = []string{
	"AllergiesHeader", "RepeatMedsHeader", "AcuteMedsHeader", "DiscRepeatMedsHeader", "RisksToPatientHeader",
	"DiagnosesHeader", "ProblemsHeader", "ObservationsHeader", "TreatmentsHeader", "ResultsHeader", "EventsHeader",
	"ProceduresHeader", "AdviceHeader", "PreferencesHeader",
}

func TestRead_OrderOfSections(t *testing.T) {
	given := []object{section("OtherHeader", "Other", "<p>x</p>"), section("Title", "Summary", "<p>source</p>")}
	for i := range order {
		given = append(given, section(order[len(order)-1-i], "", "<p>x</p>"))
	}
	given = append(given, allergies("<p>second</p>"))

	s := read(t, given...)
	var got []string
	for _, x := range s.Sections {
		got = append(got, x.Code)
	}
	want := append(append([]string{"AllergiesHeader"}, order...), "OtherHeader")
	if !reflect.DeepEqual(got, want) || len(s.About) != 1 {
		t.Errorf("got the sections %v and %d about the record, want %v and 1", got, len(s.About), want)
	}
}

// Allergies are first in each layout, whatever the record says about itself.
func TestLayout_AllergiesFirst(t *testing.T) {
	s := read(t, section("Title", "Allergies: none", "<p>no allergies</p>"), allergies("<p>Penicillin</p>"))
	for i, out := range append(panes(s), strings.Join(s.Linear(nil), "\n")) {
		if first := strings.Index(out, "Penicillin"); first < 0 || strings.Index(out, "no allergies") < first {
			t.Errorf("layout %d: got %q, want the allergies first", i, out)
		}
	}
}

// A section that is empty, one that is not in the record and one that could not be shown have different states and
// sentences. None of them says that there is nothing.
func TestRead_StatesOfASection(t *testing.T) {
	coded := allergies("")
	coded["entry"] = []object{{"reference": "Condition/1"}}
	reason := allergies("<div> </div>")
	reason["emptyReason"] = object{"coding": []object{{"code": "withheld", "display": "Information Withheld"}}}

	seen := make(map[string]string)
	for _, c := range []struct {
		name    string
		section object
		want    summary.SectionState
	}{
		{"not in the record", section("ProblemsHeader", "", "<p>x</p>"), summary.Missing},
		{"without text", object{"code": object{"coding": []object{{"code": summary.Allergies}}}}, summary.Empty},
		{"a blank element", allergies("<div xmlns=\"http://www.w3.org/1999/xhtml\">&#160;<p/> </div>"), summary.Empty},
		{"only the names of columns", allergies("<table><thead><tr><th>Date</th></tr></thead></table>"), summary.Empty},
		{"only a <td> in a header", allergies("<table><thead><tr><td>Latex</td></tr></thead></table>"), summary.Filled},
		{"only cells of a header", allergies("<table><tr><th>Penicillin</th></tr></table>"), summary.Filled},
		{"a blank row", allergies("<table><tr><th>Date</th></tr><tr><td/></tr></table>"), summary.Empty},
		{"empty with a reason", reason, summary.Empty},
		{"entries without text", coded, summary.Unreadable},
		{"too large", allergies(strings.Repeat("<p>x</p>", 200_001)), summary.Unreadable},
		{"elements without text", allergies("<p><s> </s><sup></sup><del/></p><ul><li></li></ul>"), summary.Empty},
		{"a picture", allergies("<img/>"), summary.Filled},
		{"no known allergies", allergies("<p>No known allergies</p>"), summary.Filled},
	} {
		s := read(t, c.section).Sections[0]
		if s.Code != summary.Allergies || s.State != c.want {
			t.Errorf("%s: got %s in state %d, want the allergies in state %d", c.name, s.Code, s.State, c.want)
		}
		words := s.Statement()
		if (words == "") != (c.want == summary.Filled) || strings.Contains(strings.ToLower(words), "no allerg") {
			t.Errorf("%s: got the sentence %q", c.name, words)
		}
		seen[words] = c.name
	}
	if len(seen) != 5 {
		t.Errorf("got %d different sentences, want 5: %q", len(seen), seen)
	}
}

func TestRead_SectionsWithinASection(t *testing.T) {
	outer := section("OtherHeader", "Other", "")
	outer["section"] = []object{allergies("<p>Penicillin</p>")}
	if s := read(t, outer).Sections[0]; s.Code != summary.Allergies || s.State != summary.Filled {
		t.Errorf("got %+v, want the allergies within the other section", s)
	}

	outer = allergies("")
	outer["section"] = []object{{"title": "To medicines", "text": object{"div": "<p>Penicillin</p>"}}}
	s := read(t, outer).Sections[0]
	want := "Allergies and Adverse Reactions: To medicines"
	if s.Code != summary.Allergies || s.State != summary.Filled || s.Heading() != want {
		t.Errorf("got %+v, want the section with the code of the one around it and the title %q", s, want)
	}
}

// Allergies must not be among the other sections because their code is spelt differently.
func TestRead_CodeOfASection(t *testing.T) {
	for _, c := range []struct{ code, title, want string }{
		{"ALLERGIESHEADER", "", summary.Allergies},
		{" AllergiesHeader ", "", summary.Allergies},
		{"", "Allergies and adverse reactions", summary.Allergies},
		{"AllergyHeader", "ALLERGIES AND ADVERSE REACTIONS (current)", summary.Allergies},
		{"Title", "Allergies and Adverse Reactions", "Title"},
		{"ProblemsHeader", "Allergies and Adverse Reactions", "ProblemsHeader"},
		{"NewHeader", "Something new", "NewHeader"},
	} {
		s := read(t, section(c.code, c.title, "<p>x</p>"))
		filled := func(x summary.Section) bool { return x.State == summary.Filled }
		got := append(s.About, s.Sections...)
		if i := slices.IndexFunc(got, filled); i < 0 || got[i].Code != c.want {
			t.Errorf("code %q, title %q: got %+v, want a section %s", c.code, c.title, got, c.want)
		}
	}

	both := section("Title", "Summary", "<p>Penicillin</p>")
	both["code"] = object{"coding": []object{{"code": "Title"}, {"code": summary.Allergies}}}
	if s := read(t, both); s.Sections[0].State != summary.Filled {
		t.Errorf("got %+v for a section with two codes, want allergies", s)
	}
}

func TestSection_Heading(t *testing.T) {
	for _, c := range []struct{ code, title, want string }{
		{"AcuteMedsHeader", "Acute Medications (For 12 months)", "Acute Medications (For 12 months)"},
		{"AcuteMedsHeader", "", "Acute Medications"},
		{summary.Allergies, "Diagnoses", "Allergies and Adverse Reactions: Diagnoses"},
		{"NewHeader", "Something new", "Something new"},
		{"", "", "Section without a title"},
	} {
		if got := (summary.Section{Code: c.code, Title: c.title}).Heading(); got != c.want {
			t.Errorf("heading of %q with the title %q = %q, want %q", c.code, c.title, got, c.want)
		}
	}
}

func TestSection_Leading(t *testing.T) {
	for i, code := range append(order, "OtherHeader", "") {
		if got := (summary.Section{Code: code}).Leading(); got != (i < 7) {
			t.Errorf("%q: Leading = %v", code, got)
		}
	}
}

func TestRead_DateInTheFutureInASection(t *testing.T) {
	row := func(column, date string) string {
		return "<table><tr><th>" + column + "</th></tr><tr><td>" + date + "</td></tr></table>"
	}
	for div, want := range map[string]int{
		row("Date", "12-May-2031"):             1,
		row("Date", "Prescribed: 1-Dec-2026"):  1,
		row("Date", "30-Nov-2026"):             0,
		row("Date", "99-Abc-2031"):             0,
		row("Review date", "12-May-2031"):      0,
		"<p>Next appointment: 12-May-2031</p>": 0,
	} {
		if got := read(t, allergies(div)).Sections[0].Notices; len(got) != want {
			t.Errorf("%s: got the notices %q, want %d", div, got, want)
		}
	}
}

func TestRead_ErrorsNameNoPatient(t *testing.T) {
	_, err := summary.Read(encode(t, searchset(aComposition(), aPatient("p", "9000000009"))), patient, now)
	for _, n := range []nhs.Number{patient, "9000000009"} {
		if strings.Contains(err.Error(), n.Digits()) {
			t.Errorf("the error %q has an NHS number", err)
		}
	}
}
