package client

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

const (
	tess  = nhs.Number("9990000018")
	reqID = "2a8f5c7e-0000-4000-8000-000000000001"
)

var today = nhs.Date{Year: 2026, Month: 11, Day: 22}

// fhirAnswer returns a FHIR answer of status 200 with the body, to the request reqID.
func fhirAnswer(body []byte) (call, answer) {
	header := http.Header{"Content-Type": {fhir.MediaType}, "X-Request-Id": {reqID}}
	return call{requestID: reqID}, answer{status: http.StatusOK, header: header, body: body}
}

// searchsetOf returns a searchset of resources given as JSON.
func searchsetOf(resources ...string) string {
	entries := make([]string, len(resources))
	for i, r := range resources {
		entries[i] = `{"fullUrl":"urn:uuid:1","resource":` + r + `}`
	}
	total, _ := json.Marshal(len(resources))
	return `{"resourceType":"Bundle","type":"searchset","timestamp":"2026-11-22T12:00:00Z","total":` + string(total) +
		`,"entry":[` + strings.Join(entries, ",") + `]}`
}

const (
	aPatient = `{"resourceType":"Patient","id":"9990000018","meta":{"security":[{"code":"U"}]},"name":[{"use":"usual","family":"Example","given":["Tess"]}],` +
		`"gender":"female","birthDate":"2016-03-04","deceasedDateTime":"2026-01-01T00:00:00+00:00","telecom":[{"system":"phone","value":"01632960000"}],` +
		`"address":[{"use":"home","line":["","4 Made Up Row"],"postalCode":"LS1 4AP"}]}`
	aFlag = `{"resourceType":"Flag","status":"active","code":{"coding":[{"code":"child-protection-information-system-flag"}]},` +
		`"subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}}}`
	aTeam = `{"resourceType":"CareTeam","category":[{"coding":[{"code":"342191000000101"}]}],"name":"V999 - EXAMPLESHIRE COUNCIL",` +
		`"subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}},"period":{"start":"2026-02-03","end":"2026-03-03"},` +
		`"telecom":[{"system":"phone","use":"work","value":"01632960101"},{"system":"phone","use":"mobile","value":"01632960102"}]}`
	anAccess = `{"resourceType":"AuditEvent","recorded":"2026-11-20T22:14:00+00:00","agent":[{"who":{"reference":"urn:uuid:1","display":"Ms Ada Sample"},"requestor":true}]}`
)

// isClean fails the test if a string contains something that text.Clean removes.
func isClean(t *testing.T, all ...string) {
	t.Helper()
	for _, s := range all {
		if s != text.Clean(s, 0) {
			t.Errorf("got %q, want it cleaned by text.Clean", s)
		}
	}
}

func cleanPatient(t *testing.T, p Patient) {
	t.Helper()
	isClean(t, append(append([]string{p.Family, p.Title, p.Postcode, p.Phone, string(p.Gender)}, p.Given...),
		p.Address...)...)
	if _, err := nhs.ParseNumber(p.Number.Digits()); err != nil {
		t.Errorf("NHS number of the patient: got %q, want a valid one: %v", p.Number.Digits(), err)
	}
	if p.Restricted && (len(p.Address) > 0 || p.Phone != "") {
		t.Error("restricted patient: got an address or a telephone, want neither")
	}
}

func FuzzAPatientsRecord(f *testing.F) {
	f.Add([]byte(aPatient))
	f.Add([]byte(`{"resourceType":"Patient","id":"9000000033","meta":{"security":[{"code":"R"}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, a := fhirAnswer(body)
		p, err := readRecord(c, a, tess, today)
		if err != nil {
			if KindOf(err) != Malformed {
				t.Errorf("readRecord: got error %v, want kind Rubbish", err)
			}
			return
		}
		cleanPatient(t, p)
		if (p.Number != tess) != (p.AskedFor == tess) {
			t.Errorf("readRecord: got Number %v and AskedFor %v, want AskedFor only for another number",
				p.Number, p.AskedFor)
		}
	})
}

func FuzzASearchsRows(f *testing.F) {
	f.Add([]byte(searchsetOf(aPatient)))
	f.Add([]byte(searchsetOf()))
	f.Add([]byte(`{"resourceType":"OperationOutcome","issue":[{"details":{"coding":[{"code":"TOO_MANY_MATCHES"}]}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, a := fhirAnswer(body)
		found, err := readFound(c, a, today)
		if err != nil && KindOf(err) != Malformed || err != nil && len(found.Rows) > 0 || found.TooMany &&
			len(found.Rows) > 0 {
			t.Errorf("readFound = %+v, %v, want rows, TooMany, or an error of kind Rubbish", found, err)
		}
		for _, p := range found.Rows {
			cleanPatient(t, p)
		}
	})
}

func FuzzARefusal(f *testing.F) {
	f.Add(404,
		[]byte(`{"resourceType":"OperationOutcome","issue":[{"details":{"coding":[{"code":"RESOURCE_NOT_FOUND"}]}}]}`),
		"")

	f.Add(403, []byte(`{"resourceType":"OperationOutcome","issue":[{"diagnostics":"lacks B0107 and B0264"}]}`), "")
	f.Add(429, []byte(`{}`), "30")
	f.Add(503, []byte(`<h1>`), "Sun, 22 Nov 2026 12:00:30 GMT")
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, status int, body []byte, after string) {
		if status == http.StatusOK {
			return
		}
		c, a := fhirAnswer(body)
		a.status = status
		a.header.Set("Retry-After", after)
		for _, e := range []*Error{refusal(c, a, now), refusedSignIn(c, a, now)} {
			if e.Status != status || e.RequestID != reqID || e.Wait < 0 || e.Wait > maxRetryAfter || e.OutcomeUnknown {
				t.Errorf("error of a refusal: got %+v", e)
			}
			isClean(t, append(e.Missing, e.Sentence(), e.Advice(), e.Code(), e.SpineCode)...)
			if e.Sentence() == "" || e.Advice() == "" {
				t.Errorf("error of a refusal: got %+v, want a sentence and advice", e)
			}
		}
	})
}

// flagsetOf returns an answer with all flags of tess, of entries given as JSON.
func flagsetOf(total int, entries ...string) string {
	return fmt.Sprintf(`{"resourceType":"Bundle","type":"searchset","timestamp":"2026-11-22T12:00:00Z","total":%d,`+
		`"link":[{"relation":"self","url":"https://hub/Flag?patient=9990000018"}],"entry":[%s]}`, total,
		strings.Join(entries, ","))
}

func FuzzFlagLamps_NoneRecorded(f *testing.F) {
	const outcome = `{"search":{"mode":"outcome"},"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"%s",` +
		`"details":{"coding":[{"system":"https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient","code":"%s"}]}}]}}`
	flag := func(code string) string {
		return `{"resource":{"resourceType":"Flag","status":"active","code":{"coding":[{"system":"https://fhir.nhs.uk/England/CodeSystem/` +
			`England-FlagCategoryPatient","code":"` + code + `"}]},"subject":{"identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number",` +
			`"value":"9990000018"}}}}`
	}
	f.Add([]byte(flagsetOf(0)))
	f.Add([]byte(flagsetOf(1, flag(fhir.CodeCPISFlag))))
	f.Add([]byte(flagsetOf(2, flag(fhir.CodeAdjustmentsFlag), flag(fhir.CodeFGMFlag))))
	f.Add([]byte(flagsetOf(0, fmt.Sprintf(outcome, "incomplete", fhir.CodeCPISFlag))))
	f.Add([]byte(flagsetOf(0, fmt.Sprintf(outcome, "not-supported", fhir.CodeAdjustmentsFlag))))
	f.Add([]byte(searchsetOf(aFlag)))
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

	f.Fuzz(func(t *testing.T, body []byte) {
		c, a := fhirAnswer(body)
		lamp := readFlagLamps(c, a, tess, now)
		states := []State{lamp.State}
		codes := []string{fhir.CodeCPISFlag}
		for _, l := range lamp.Flags {
			states, codes = append(states, l.State), append(codes, string(l.Kind))
			isClean(t, append(l.Details, l.Reason)...)
			if (l.State == CouldNotCheck) != (l.Err != nil) || (l.State == NotChecked) != (l.Reason != "") ||
				l.Kind == FGM && l.State == NoneRecorded {
				t.Errorf("readFlagLamps(%q): got flag %+v", body, l)
			}
		}
		if (lamp.State == CouldNotCheck || lamp.State == NotChecked) != (lamp.Err != nil) ||
			lamp.Answered() == lamp.AsOf.IsZero() {
			t.Errorf("readFlagLamps(%q): got %+v", body, lamp)
		}

		// None recorded requires an answer about this patient that doesn't name the kind.
		for i, state := range states {
			if state == NoneRecorded && namesKind(body, codes[i]) {
				t.Errorf("readFlagLamps(%q): got none recorded of %s, want it only without the kind", body, codes[i])
			}
		}
	})
}

// namesKind reports whether an entry of a Bundle has a coding with the code of a kind of flag.
func namesKind(body []byte, code string) bool {
	var b fhir.Bundle
	if json.Unmarshal(body, &b) != nil {
		return true
	}
	for _, e := range b.Entry {
		var r struct {
			Code  fhir.CodeableConcept `json:"code"`
			Issue []fhir.Issue         `json:"issue"`
		}
		if json.Unmarshal(e.Resource, &r) == nil && fhir.TypeOf(e.Resource) == "Flag" &&
			slices.Contains(categoriesOf(&r.Code), code) {
			return true
		}
		for _, i := range r.Issue {
			if slices.Contains(categoriesOf(i.Details), code) {
				return true
			}
		}
	}
	return len(b.Link) == 0
}

func FuzzALampIsNeverNoneRecordedByMistake(f *testing.F) {
	f.Add([]byte(searchsetOf(aFlag)))
	f.Add([]byte(searchsetOf()))
	f.Add([]byte(`{"resourceType":"Bundle","type":"searchset","timestamp":"2026-11-22T12:00:00Z","total":0}`))
	f.Add(
		[]byte(
			`{"resourceType":"Bundle","type":"searchset","timestamp":"2026-11-22T12:00:00Z","total":0,"entry":[{"search":{"mode":"outcome"},"resource":{
		"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"not-found","details":{"coding":[{"code":"RESOURCE_NOT_FOUND"}]}}]}}]}`))

	f.Fuzz(func(t *testing.T, body []byte) {
		c, a := fhirAnswer(body)
		lamp := readLamp(c, a, tess)
		switch lamp.State {
		case CouldNotCheck:
			if KindOf(lamp.Err) != Malformed {
				t.Errorf("readLamp: could not check: got error %v, want kind Rubbish", lamp.Err)
			}
		case NoneRecorded:
			var b fhir.Bundle
			if json.Unmarshal(body, &b) != nil || len(b.Entry) != 0 || *b.Total != 0 {
				t.Errorf("readLamp(%q): got none recorded, want it for an empty searchset only", body)
			}
		case Alert:
			var b fhir.Bundle
			if json.Unmarshal(body, &b) != nil || len(b.Entry) == 0 || *b.Total == 0 || lamp.AsOf.IsZero() {
				t.Errorf("readLamp(%q): got an alert, want it for a searchset with entries only", body)
			}
		default:
			t.Errorf("readLamp: got state %v, want it checked or could not check", lamp.State)
		}
	})
}

func FuzzPlans(f *testing.F) {
	f.Add([]byte(searchsetOf(aTeam, strings.Replace(aTeam, "2026-02-03", "2027-01", 1))))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, a := fhirAnswer(body)
		opened, err := readPlans(c, a, tess)
		if err != nil {
			return
		}
		for i, p := range opened.Plans {
			isClean(t, p.Authority, p.OfficePhone, p.EmergencyPhone, string(p.Kind))
			if i > 0 && opened.Plans[i-1].Start.Before(p.Start) {
				t.Error("readPlans: plans are not sorted newest first")
			}
		}
	})
}

func FuzzAccesses(f *testing.F) {
	f.Add([]byte(searchsetOf(anAccess)))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, a := fhirAnswer(body)
		list, err := readAccesses(c, a, tess)
		if err != nil {
			return
		}
		if len(list) > MaxAccesses || !slices.IsSortedFunc(list, func(a, b Access) int {
			return b.When.Compare(a.When)
		}) {
			t.Errorf("readAccesses = %+v, want at most %d, newest first", list, MaxAccesses)
		}
		for _, x := range list {
			isClean(t, x.Who, x.JobRole, x.Organisation)
		}
	})
}

func FuzzIDTokenClaims(f *testing.F) {
	f.Add(
		[]byte(
			`{"iss":"https://hub.example","aud":"wardlight","sub":"1","nhsid_useruid":"1","exp":4000000000,"family_name":"SAMPLE",` +
				`"nhsid_nrbac_roles":[{"person_roleid":"2","org_code":"X99","role_name":"\"a\":\"b\"","activity_codes":["B0107"]}],"nhsid_user_orgs":[{"org_code":"X99","org_name":"H"}]}`))

	want := expected{subject: "1", origins: []string{"https://hub.example"}, now: time.Unix(1, 0)}
	b64 := base64.RawURLEncoding.EncodeToString
	f.Fuzz(func(t *testing.T, claims []byte) {
		person, roles, err := readIDToken(b64([]byte(`{"alg":"ES256"}`))+"."+b64(claims)+"."+b64(make([]byte, 64)),
			want)
		if err != nil {
			return
		}
		isClean(t, person.Name, person.UUID)
		for _, r := range roles {
			isClean(t, r.URID, r.JobRole, r.JobName, r.OrgODS, r.OrgName)
			for _, code := range r.Activities {
				isClean(t, string(code))
			}
		}
	})
}

func TestReadRecord_CleansText(t *testing.T) {
	const hostile = "\x1b]0;owned\x07\u202eX\u200b\r\n"
	quoted, _ := json.Marshal(hostile)
	bad := func(s string, fields ...string) []byte {
		for _, f := range fields {
			s = strings.ReplaceAll(s, `"`+f+`"`, string(quoted))
		}
		return []byte(s)
	}

	c, a := fhirAnswer(bad(aPatient, "Example", "Tess", "LS1 4AP", "4 Made Up Row", "01632960000"))
	p, err := readRecord(c, a, tess, today)
	if err != nil {
		t.Fatal(err)
	}

	cleanPatient(t, p)
	if !strings.Contains(p.Family, "owned") || len(p.Address) != 2 || p.Phone == "" {
		t.Errorf("readRecord = %+v, want the visible text unchanged", p)
	}

	c, a = fhirAnswer(bad(searchsetOf(aTeam), "V999 - EXAMPLESHIRE COUNCIL", "01632960101", "01632960102"))
	opened, err := readPlans(c, a, tess)
	if err != nil {
		t.Fatal(err)
	}

	isClean(t, opened.Plans[0].Authority, opened.Plans[0].OfficePhone, opened.Plans[0].EmergencyPhone)

	c, a = fhirAnswer(bad(searchsetOf(anAccess), "Ms Ada Sample"))
	list, err := readAccesses(c, a, tess)
	if err != nil {
		t.Fatal(err)
	}

	isClean(t, list[0].Who)
}

func TestAPatientIsReadAsTheyAreToday(t *testing.T) {
	for name, c := range map[string]struct {
		record string
		check  func(Patient) bool
	}{
		"minimal": {`{"resourceType":"Patient","id":"9990000018"}`, func(p Patient) bool {
			return p.DisplayName() == nhs.NotKnown && p.Born.IsZero() && !p.Restricted
		}},
		"the usual name before a nickname": {`"name":[{"use":"nickname","given":["Tessie"]},{"use":"usual","family":"Example"}]`, func(p Patient) bool {
			return p.Family == "Example"
		}},
		"not last year's name": {`"name":[{"use":"usual","family":"Was","period":{"start":"2016","end":"2025-12-31"}},{"use":"usual","family":"Is","period":{"start":"2026-01-01"}}]`, func(p Patient) bool {
			return p.Family == "Is"
		}},
		"not next year's name": {`"name":[{"use":"usual","family":"Will","period":{"start":"2027-01-01"}},{"use":"usual","family":"Is"}]`, func(p Patient) bool {
			return p.Family == "Is"
		}},
		"a name that ends this year, some day": {`"name":[{"use":"usual","family":"Is","period":{"end":"2026"}},{"use":"temp","family":"Temp"}]`, func(p Patient) bool {
			return p.Family == "Is"
		}},
		"a past name when there is no other": {
			`"name":[{"use":"usual","family":"Was","period":{"end":"2020-01-01"}}]`,
			func(p Patient) bool {
				return p.Family == "Was"
			},
		},
		"the last of several past names": {`"name":[{"use":"usual","family":"First","period":{"end":"2019-01-01"}},{"use":"maiden","family":"Maiden","period":{"end":"2025-01-01"}},{"use":"usual","family":"Last","period":{"end":"2020-01-01"}}]`, func(p Patient) bool {
			return p.Family == "Last"
		}},
		"one that ended in a year after one that ended on a day of it": {`"name":[{"use":"usual","family":"Day","period":{"end":"2020-03-01"}},{"use":"usual","family":"Year","period":{"end":"2020"}}]`, func(p Patient) bool {
			return p.Family == "Year"
		}},
		"of former names one that ended before one without an end": {`"name":[{"use":"maiden","family":"Maiden"},{"use":"old","family":"Old","period":{"end":"2020-03-01"}}]`, func(p Patient) bool {
			return p.Family == "Old"
		}},
		"a maiden name when there is no other": {`"name":[{"use":"maiden","family":"Was"}]`, func(p Patient) bool {
			return p.Family == "Was"
		}},
		"the first usual name of today": {`"name":[{"use":"usual","family":"Is"},{"use":"usual","family":"Also","period":{"end":"2030-01-01"}}]`, func(p Patient) bool {
			return p.Family == "Is"
		}},
		"the home address of today": {`"address":[{"use":"temp","line":["Ward 4"]},{"use":"home","line":["Past"],"period":{"end":"2026-11-21"}},{"use":"home","line":["Now"],"period":{"start":"2026-11-22","end":"2026-11-22"}}]`, func(p Patient) bool {
			return slices.Equal(p.Address, []string{"Now"})
		}},
		"no address that is not known to be today's": {`"address":[{"use":"home","line":["?"],"period":{"start":"soon"}}]`, func(p Patient) bool {
			return p.Address == nil
		}},
		"a mobile for want of a landline": {`"telecom":[{"system":"email","value":"x@example"},{"system":"phone","use":"mobile","value":"07700900000"}]`, func(p Patient) bool {
			return p.Phone == "07700900000"
		}},
		"restricted": {`"meta":{"security":[{"code":"R"}]},"address":[{"use":"home","line":["Secret"]}],"telecom":[{"system":"phone","value":"01632960000"}]`, func(p Patient) bool {
			return p.Restricted && p.Address == nil && p.Phone == ""
		}},
		"of a confidentiality not known here": {`"meta":{"security":[{"code":"ZZ"}]},"address":[{"use":"home","line":["Secret"]}]`, func(p Patient) bool {
			return p.Restricted && p.Address == nil
		}},
		"dead": {`"deceasedDateTime":"2026-01-02T03:04:05+00:00"`, func(p Patient) bool {
			return p.Died == nhs.Date{Year: 2026, Month: 1, Day: 2}
		}},
		"born some time in 2016": {`"birthDate":"2016"`, func(p Patient) bool {
			return p.Born == nhs.Date{Year: 2016}
		}},
		"of a gender that FHIR does not have": {`"gender":"M"`, func(p Patient) bool {
			return p.Gender == nhs.UnknownGender
		}},
	} {
		t.Run(name, func(t *testing.T) {
			record := c.record
			if record[0] != '{' {
				record = `{"resourceType":"Patient","id":"9990000018",` + record + `}`
			}
			p, err := readPatient([]byte(record), today)
			if err != nil || !c.check(p) {
				t.Errorf("readPatient = %+v, %v", p, err)
			}
		})
	}
}

func TestARecordWithoutOneSureNumberIsRefused(t *testing.T) {
	for _, record := range []string{
		`{"resourceType":"Patient"}`,
		`{"resourceType":"Patient","id":"9990000019"}`,
		`{"resourceType":"Patient","id":"999 000 0018"}`,
		`{"resourceType":"Patient","id":"9990000018","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000026"}]}`,
		`{"resourceType":"Patient","id":"9990000018","birthDate":"04/03/2016"}`,
		`{"resourceType":"Practitioner","id":"9990000018"}`,
	} {
		if p, err := readPatient([]byte(record), today); err == nil {
			t.Errorf("readPatient(%s) = %+v, want an error", record, p)
		}
	}
}

func TestAPlanIsReadWholeOrNotAtAll(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		check    func(Plan) bool // nil if the answer is malformed
	}{
		"looked after": {"342191000000101", fhir.SnomedLookedAfter, func(p Plan) bool {
			return p.Kind == LookedAfter
		}},
		"unborn": {"342191000000101", fhir.SnomedUnbornPlan, func(p Plan) bool {
			return p.Kind == UnbornChild
		}},
		"of another kind": {"342191000000101", "1", func(p Plan) bool {
			return p.Kind == OtherPlan && p.Kind.Words() == "Plan of another kind"
		}},
		"ended":             {"", "", func(p Plan) bool { return p.Ended(today) }},
		"without an end":    {`,"end":"2026-03-03"`, "", func(p Plan) bool { return !p.Ended(today) }},
		"with a bad end":    {"2026-03-03", "soon", nil},
		"with a bad start":  {"2026-02-03", "2026-13-01", nil},
		"of another child":  {"9990000018", "9990000026", nil},
		"of nobody":         {`"subject"`, `"object"`, nil},
		"of another system": {"Id/nhs-number", "Id/other", nil},
	} {
		t.Run(name, func(t *testing.T) {
			ans, a := fhirAnswer([]byte(searchsetOf(strings.Replace(aTeam, c.old, c.new, 1))))
			opened, err := readPlans(ans, a, tess)
			switch {
			case c.check == nil && KindOf(err) != Malformed:
				t.Errorf("readPlans = %+v, %v, want an error of kind Rubbish", opened, err)
			case c.check != nil && (err != nil || !c.check(opened.Plans[0])):
				t.Errorf("readPlans = %+v, %v", opened, err)
			}
		})
	}
}
