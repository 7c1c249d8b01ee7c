package spine

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/hl7test"
	"wardlight/internal/lab/nationaltest"
	"wardlight/internal/nhs"
)

const (
	child     = nhs.Number("9990000018")
	messageID = "0B5C3E70-6D0A-4B8B-8F21-0C0A6B9F4E01"
)

func protectionPlan() nationaltest.CPISRecord {
	return nationaltest.CPISRecord{
		Kind: "CPP", Start: "202602030000", Code: "V999", Name: "EXAMPLESHIRE COUNCIL", Office: "01632960101",
		Duty: "01632960102",
	}
}

func midwife() nationaltest.CPISView {
	return nationaltest.CPISView{
		ID: "5F0C0E64-6F1D-4A3A-9B0E-0A2F6F0B7F11", At: "20261120221400", Number: child.Digits(), Prefix: "Mrs",
		Given: "Bea", Family: "Specimen", JobCode: "R8000", JobName: "Midwife", OrgCode: "X98",
		Organisation: "OTHER HOSPITAL",
	}
}

// answers returns messages of the service, by interaction, as the stand-in sends them.
func answers() map[string]string {
	looked, unborn := protectionPlan(), protectionPlan()
	looked.Kind, looked.Start, looked.End = "LAC", "202501010000", "202512312359"
	looked.Code, looked.Office = "V998", ""
	unborn.Kind, unborn.Start, unborn.End = "UCP", "202606010000", "202612010000"
	nameOnly := midwife()
	nameOnly.Prefix = ""
	return map[string]string{
		"REPC_IN000007GB01 one plan": nationaltest.CPISAnswer(child.Digits(),
			[]nationaltest.CPISRecord{protectionPlan()}, []nationaltest.CPISView{midwife()}),
		"REPC_IN000007GB01 three kinds": nationaltest.CPISAnswer(child.Digits(),
			[]nationaltest.CPISRecord{looked, unborn, protectionPlan()}, []nationaltest.CPISView{midwife(), nameOnly}),
		"REPC_IN000007GB01 no earlier query": nationaltest.CPISAnswer(child.Digits(),
			[]nationaltest.CPISRecord{protectionPlan()}, nil),
		"QUQI_IN010000UK14 no records":   nationaltest.CPISFailure(messageID, "1", "No Records Found"),
		"QUQI_IN010000UK14 refusal":      nationaltest.CPISFailure(messageID, "1712", "Mandatory data missing"),
		"MCCI_IN010000UK13 acknowledged": nationaltest.CPISAcknowledgement(messageID, "AA", ""),
		"MCCI_IN010000UK13 refusal":      nationaltest.CPISAcknowledgement(messageID, "AE", "1732"),
	}
}

func TestAnswers_Valid(t *testing.T) {
	schemas := hl7test.Load(t, root)
	for name, message := range answers() {
		interaction, _, _ := strings.Cut(name, " ")
		if problems := schemas.Problems(t, interaction, []byte(message)); problems != "" {
			t.Errorf("%s: %s\n%s", name, problems, message)
		}
	}
}

func TestDecode_ThreeKinds(t *testing.T) {
	got, err := decode([]byte(answers()["REPC_IN000007GB01 three kinds"]), messageID, child)
	if err != nil {
		t.Fatal(err)
	}

	council := store.Authority{
		Code: "V999", Name: "EXAMPLESHIRE COUNCIL", OfficePhone: "01632960101", DutyPhone: "01632960102",
	}
	other := store.Authority{Code: "V998", Name: "EXAMPLESHIRE COUNCIL", DutyPhone: "01632960102"}
	day := func(y int, m time.Month, d int) nhs.Date { return nhs.Date{Year: y, Month: m, Day: d} }
	want := []store.PlanWithAuthority{
		{By: council, Plan: store.Plan{
			Number: child, Kind: store.UnbornChild, Start: day(2026, 6, 1), End: day(2026, 12, 1), Authority: "V999",
		}},
		{By: council, Plan: store.Plan{
			Number: child, Kind: store.ChildProtection, Start: day(2026, 2, 3), Authority: "V999",
		}},
		{By: other, Plan: store.Plan{
			Number: child, Kind: store.LookedAfter, Start: day(2025, 1, 1), End: day(2025, 12, 31), Authority: "V998",
		}},
	}
	if !reflect.DeepEqual(got.plans, want) || got.none {
		t.Errorf("got plans %+v, none %t\nwant      %+v", got.plans, got.none, want)
	}

	seen := store.Access{
		ID: "5f0c0e64-6f1d-4a3a-9b0e-0a2f6f0b7f11", Number: child, At: time.Date(2026, 11, 20, 22, 14, 0, 0, time.UTC),
		Who: store.Viewer{
			UUID: "999000000999", Name: "Mrs Bea Specimen", JobRole: "R8000", JobName: "Midwife", OrgODS: "X98",
			OrgName: "OTHER HOSPITAL",
		},
	}
	if len(got.queries) != 2 || !reflect.DeepEqual(got.queries[0], seen) {
		t.Errorf("got queries %+v, want first %+v", got.queries, seen)
	}
}

func TestDecode_NoRecords(t *testing.T) {
	got, err := decode([]byte(answers()["QUQI_IN010000UK14 no records"]), messageID, child)
	if err != nil || !got.none || got.plans != nil {
		t.Errorf("got %+v, %v; want none", got, err)
	}
}

func TestDecode_Refusals(t *testing.T) {
	for name, want := range map[string]string{
		"QUQI_IN010000UK14 refusal": "1712", "MCCI_IN010000UK13 refusal": "1732",
	} {
		got, err := decode([]byte(answers()[name]), messageID, child)
		var refused *refusedError
		if !errors.As(err, &refused) || refused.code != want || got.none {
			t.Errorf("%s: got %+v, %v; want a refusal with code %s", name, got, err, want)
		}
	}
	if got, err := decode([]byte(answers()["MCCI_IN010000UK13 acknowledged"]), messageID, child); got.none ||
		!errors.Is(err, errOnlyAcknowledged) {
		t.Errorf("only acknowledged: got %+v, %v", got, err)
	}
}

func TestDecode_OtherPatient(t *testing.T) {
	other := protectionPlan()
	other.Number = "9990000026"
	view := midwife()
	view.Number = "9990000026"
	for name, message := range map[string]string{
		"a record": nationaltest.CPISAnswer(child.Digits(), []nationaltest.CPISRecord{protectionPlan(), other}, nil),
		"a query": nationaltest.CPISAnswer(child.Digits(), []nationaltest.CPISRecord{protectionPlan()},
			[]nationaltest.CPISView{view}),
	} {
		if got, err := decode([]byte(message), messageID, child); !errors.Is(err, errOtherPatient) || got.plans != nil {
			t.Errorf("%s of another patient: got %+v, %v", name, got, err)
		}
	}
}

// TestDecode_Malformed tests that no answer with an error reads as "none recorded" or hides a plan.
func TestDecode_Malformed(t *testing.T) {
	one, none := answers()["REPC_IN000007GB01 one plan"], answers()["QUQI_IN010000UK14 no records"]
	three := answers()["REPC_IN000007GB01 three kinds"]
	replaced := func(message, what, by string) string {
		if !strings.Contains(message, what) {
			t.Fatalf("the message has no %q", what)
		}
		return strings.Replace(message, what, by, 1)
	}
	for name, message := range map[string]string{
		"empty":                     "",
		"HTML":                      "<html><body>503</body></html>",
		"cut":                       one[:len(one)/2],
		"cut before the last byte":  one[:len(one)-1],
		"two messages":              one + none,
		"text after the message":    one + "x",
		"no record":                 nationaltest.CPISAnswer(child.Digits(), nil, nil),
		"more records than counted": replaced(three, `<value value="3"/>`, `<value value="2"/>`),
		"fewer records than counted": replaced(one, `<pertinentTotalReturnedChildRecords><value value="1"/>`,
			`<pertinentTotalReturnedChildRecords><value value="2"/>`),
		"no count": replaced(one, `<pertinentTotalReturnedChildRecords><value value="1"/>`, `<pertinentTotalReturnedChildRecords>`),
		"an unknown kind": strings.ReplaceAll(one, "COCT_TP146105GB01.CPPInformation",
			"COCT_TP146199GB01.NewInformation"),
		"no authority":         replaced(one, "<name>EXAMPLESHIRE COUNCIL</name>", "<name></name>"),
		"no start":             replaced(one, `<value value="202602030000"/>`, ""),
		"a day that never was": replaced(one, "202602030000", "202602300000"),
		"a start in words":     replaced(one, "202602030000", "yesterday"),
		"another interaction":  replaced(one, `extension="REPC_IN000007GB01"`, `extension="QUQI_IN010000UK14"`),
		"an unknown root":      strings.ReplaceAll(none, "QUQI_IN010000UK14", "QUQI_IN010000UK15"),
		"two control acts":     replaced(none, "</ControlActEvent>", "</ControlActEvent><ControlActEvent/>"),
		"another message's":    replaced(none, messageID, "0B5C3E70-6D0A-4B8B-8F21-0C0A6B9F4E09"),
		"two issues":           replaced(none, "<queryAck", nationaltestIssue+"<queryAck"),
		"other words":          replaced(none, "No Records Found", "No Records"),
		"no issue": replaced(none, none[strings.Index(none, "<reason"):strings.Index(none,
			"<queryAck")], ""),
		"type AR":            replaced(none, `typeCode="AE"`, `typeCode="AR"`),
		"type AA":            replaced(none, `typeCode="AE"`, `typeCode="AA"`),
		"a type twice":       replaced(none, `typeCode="AE"`, `typeCode="AE" typeCode="AE"`),
		"an unknown type":    replaced(none, `typeCode="AE"`, `typeCode="CE"`),
		"no records in MCCI": strings.ReplaceAll(none, "QUQI_IN010000UK14", "MCCI_IN010000UK13"),
		"no namespace":       replaced(none, ` xmlns="urn:hl7-org:v3"`, ""),
		"another namespace":  replaced(none, "urn:hl7-org:v3", "urn:hl7-org:v2"),
		"a document type":    replaced(none, "<QUQI", "<!DOCTYPE x><QUQI"),
		"an entity":          replaced(replaced(none, "<QUQI", `<!DOCTYPE x [<!ENTITY n "No Records Found">]><QUQI`), "No Records Found", "&n;"),
		"an external entity": replaced(none, "<QUQI", `<!DOCTYPE x SYSTEM "file:///etc/passwd"><QUQI`),
		"an unknown entity":  replaced(none, "No Records Found", "&nbsp;"),
		"an instruction":     replaced(none, "<id", `<?xml-stylesheet href="x"?><id`),
		"another encoding":   replaced(none, "UTF-8", "ISO-8859-1"),
		"UTF-16":             "\xfe\xff\x00<\x00a\x00/\x00>",
		"invalid UTF-8":      replaced(none, "No Records Found", "No Records\xff"),
		"deep":               strings.Repeat("<a xmlns='urn:hl7-org:v3'>", 50) + strings.Repeat("</a>", 50),
		"long":               none + strings.Repeat(" ", maxAnswerBytes),
		"a query without person": strings.ReplaceAll(one, "COCT_TP145102GB01.AssignedAuthor",
			"COCT_TP145109GB01.AssignedAuthor"),
		"a query without time": replaced(one, `<effectiveTime value="20261120221400"/>`, `<effectiveTime value="now"/>`),
		"a record that is nil": replaced(one, "<pertinentInformation14>", `<pertinentInformation14 nullFlavor="NI">`),
		"a subject without ID": strings.ReplaceAll(one, "COCT_TP145101GB01.Child", "COCT_TP145109GB01.Child"),
	} {
		got, err := decode([]byte(message), messageID, child)
		if err == nil || got.none || got.plans != nil {
			t.Errorf("%s: got %+v, %v; want an error", name, got, err)
		}
	}
}

const nationaltestIssue = `<reason typeCode="RSON"><justifyingDetectedIssueEvent><code code="1712" ` +
	`displayName="Mandatory data missing"/></justifyingDetectedIssueEvent></reason>`

func TestDecode_System(t *testing.T) {
	author := `<COCT_TP145104GB01.System><id root="1.2.826.0.1285.0.2.0.107" extension="200000000205"/>` +
		`<indirectAuthority><superiorAssignedEntity><code code="R8001" displayName="Nurse"/><assignedPerson>` +
		`<name>Ms Cy Other</name></assignedPerson></superiorAssignedEntity></indirectAuthority>` +
		`<maintainingOrganization><id root="2.16.840.1.113883.2.1.3.2.4.19.1" extension="X97"/><name>A SYSTEM</name>` +
		`</maintainingOrganization></COCT_TP145104GB01.System>`
	message := answers()["REPC_IN000007GB01 one plan"]
	from := strings.Index(message, "<COCT_TP145102GB01.AssignedAuthor>")
	to := strings.Index(message, "</COCT_TP145102GB01.AssignedAuthor>") + len("</COCT_TP145102GB01.AssignedAuthor>")
	got, err := decode([]byte(message[:from]+author+message[to:]), messageID, child)
	want := store.Viewer{Name: "Ms Cy Other", JobRole: "R8001", JobName: "Nurse", OrgODS: "X97", OrgName: "A SYSTEM"}
	if err != nil || len(got.queries) != 1 || got.queries[0].Who != want {
		t.Errorf("got %+v, %v; want %+v", got.queries, err, want)
	}
}

func TestDecode_HostileTexts(t *testing.T) {
	plan, view := protectionPlan(), midwife()
	plan.Name, view.Family, plan.Duty = "COUNCIL\u202e\u200b gnp.exe", "A\u009b31mB", "01632\u2066960102"
	got, err := decode([]byte(nationaltest.CPISAnswer(child.Digits(), []nationaltest.CPISRecord{plan},
		[]nationaltest.CPISView{view})), messageID, child)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{got.plans[0].By.Name, got.plans[0].By.DutyPhone, got.queries[0].Who.Name} {
		if strings.ContainsAny(s, "\u202e\u200b\u009b\u2066") {
			t.Errorf("got %q with a control character", s)
		}
	}
}

func TestDecode_Times(t *testing.T) {
	for given, want := range map[string]time.Time{
		"20260701093000":      time.Date(2026, 7, 1, 9, 30, 0, 0, time.UTC),
		"20260701093000+0100": time.Date(2026, 7, 1, 8, 30, 0, 0, time.UTC),
		"20260701093000+01":   time.Date(2026, 7, 1, 8, 30, 0, 0, time.UTC),
		"202607010930":        time.Date(2026, 7, 1, 9, 30, 0, 0, time.UTC),
		"20260701093000.123":  time.Date(2026, 7, 1, 9, 30, 0, 0, time.UTC),
		"20260701":            time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC),
	} {
		view := midwife()
		view.At = given
		got, err := decode([]byte(nationaltest.CPISAnswer(child.Digits(),
			[]nationaltest.CPISRecord{protectionPlan()}, []nationaltest.CPISView{view})), messageID, child)
		if err != nil || !got.queries[0].At.Equal(want) {
			t.Errorf("%s: got %v, %v; want %v", given, got.queries, err, want)
		}
	}
}

// FuzzDecode tests that an answer has plans of the child, or says that there are none in the service's own words, or
// is an error.
func FuzzDecode(f *testing.F) {
	for _, message := range answers() {
		f.Add([]byte(message))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		got, err := decode(document, messageID, child)
		switch {
		case err != nil && (got.none || got.plans != nil || got.queries != nil):
			t.Errorf("an error with an answer: %+v, %v", got, err)
		case err != nil:
		case got.none && (len(got.plans) > 0 || !strings.Contains(strings.ToLower(string(document)),
			"acknowledgement") ||
			!strings.Contains(string(document), "QUQI_IN010000UK14")):
			t.Errorf("none recorded by %q", document)
		case !got.none && len(got.plans) == 0:
			t.Errorf("neither plans nor none: %q", document)
		}
		for _, p := range got.plans {
			if p.Number != child || !p.Start.Complete() || p.By.Name == "" {
				t.Errorf("an incomplete plan: %+v", p)
			}
		}
	})
}
