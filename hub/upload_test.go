package hub_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"wardlight/hub/identity"
	"wardlight/hub/store"
	"wardlight/internal/nhs"
)

const uploads = "/la/uploads"

// office is an authority's system with its credential.
type office struct {
	b            *fixture
	code, secret string
}

// office stores a credential for an authority and returns its system, like wardlight-hub authority credential.
func (b *fixture) office(code string) *office {
	b.t.Helper()
	secret := "wlla_" + code + "-secret"
	hash := sha256.Sum256([]byte(secret))
	must(b.t, b.sqlite.PutCredential(b.t.Context(), store.Credential{
		Authority: code, Hash: hash[:], Label: "test",
		Created: b.clock.Now(),
	}))
	return &office{b, code, secret}
}

// send sends a request with basic authentication. change may alter it.
func (o *office) send(method, path, contentType, body string, change ...func(*http.Request)) response {
	o.b.t.Helper()
	req, err := http.NewRequestWithContext(o.b.t.Context(), method, o.b.server.URL+path, strings.NewReader(body))
	must(o.b.t, err)
	req.SetBasicAuth(o.code, o.secret)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for _, c := range change {
		c(req)
	}
	return o.b.do(req)
}

func (o *office) csv(file, body string) response {
	o.b.t.Helper()
	return o.send(http.MethodPost, uploads+"?file="+file, "text/csv", body)
}

// uploadAnswer is the answer to an upload (docs/authorities.md).
type uploadAnswer struct {
	Upload   string
	File     string
	Code     string
	Sentence string
	Taken    int
	Refused  int
	Rows     []struct {
		Row            int
		Code, Sentence string
	}
}

// codes returns the rows' codes: "2 CPR06, 3 CPR07".
func (a uploadAnswer) codes() string {
	var all []string
	for _, r := range a.Rows {
		all = append(all, fmt.Sprint(r.Row, " ", r.Code))
	}
	return strings.Join(all, ", ")
}

func (o *office) took(r response, code, rows string) uploadAnswer {
	o.b.t.Helper()
	var a uploadAnswer
	r.into(o.b.t, &a)
	if r.status != 200 || a.Code != code || a.codes() != rows {
		o.b.t.Fatalf("upload: got status %d, body %s; want %s with rows %s", r.status, r.body, code, rows)
	}
	return a
}

// lit reports whether a patient's lamp shows an alert.
func (x *terminal) lit(n nhs.Number) bool {
	x.b.t.Helper()
	r := x.get(nurse, flag, about(n))
	var bundle struct{ Total *int }
	r.into(x.b.t, &bundle)
	if r.status != 200 || bundle.Total == nil {
		x.b.t.Fatalf("lamp: got status %d, body %s; want 200", r.status, r.body)
	}
	return *bundle.Total > 0
}

// plansOf returns the stored plans under a number.
func (b *fixture) plansOf(n nhs.Number) []store.PlanWithAuthority {
	b.t.Helper()
	stored, err := b.sqlite.Plans(b.t.Context(), []nhs.Number{n})
	must(b.t, err)
	return stored
}

// removePlan deletes a plan from the database without the hub.
func (b *fixture) removePlan(id string) {
	b.t.Helper()
	b.exec("DELETE FROM plan WHERE id = '" + id + "'")
}

// sheet returns the rows under their headings, as Excel saves them in the United Kingdom.
func sheet(rows ...string) string {
	return "Action;Kind;NHS number;Birth date;Family name;Given name;Start;End;Due date;Reference\r\n" +
		strings.Join(rows, "\r\n") + "\r\n"
}

const (
	tomsRow = "add;CPP;999 000 0026;04/03/2016;Example;Tom;01/07/2026;;;R-1"
	badRow  = "add;CPP;999 000 0027;04/03/2016;Example;Tom;01/07/2026;;;R-2"
)

func TestASpreadsheetLightsTheLampAndItsBadRowIsRefusedAlone(t *testing.T) {
	b := newFixture(t)
	o, x := b.office("V999"), b.signIn()
	if x.lit(plain) {
		t.Fatal("got an alert before the upload")
	}

	sent := sheet(tomsRow, badRow, "add;LAC;9990000034;02/01/2015;O'Brien-Nunez;Rose;01/07/2026;;;R-3")
	a := o.took(o.csv("2026-29", sent), "CPF03", "2 CPR06, 3 CPR07, 4 CPR02")
	if a.File != "2026-29" || a.Taken != 1 || a.Refused != 2 || !strings.Contains(a.Rows[1].Sentence, "NHS number") {
		t.Errorf("upload: got %+v, want 1 row taken and 2 refused, row 3 for its NHS number", a)
	}

	if !x.lit(plain) {
		t.Error("got no alert after the upload")
	}

	r := x.get(nurse, careTeam, about(plain))
	if r.status != 200 || !strings.Contains(r.body, "EXAMPLESHIRE COUNCIL") ||
		!strings.Contains(r.body, `"start":"2026-07-01"`) {
		t.Errorf("opening: got status %d, body %s; want 200 with the uploaded plan", r.status, r.body)
	}

	trail := b.trail()
	i := slices.IndexFunc(trail, func(r store.AuditRecord) bool { return r.Action == "upload plans" })
	if i < 0 {
		t.Fatal("the audit has no record of the upload")
	}

	if r := trail[i]; r.OrgODS != "V999" || r.Session != identity.CredentialID(identity.HashSecret(o.secret)) ||
		r.Outcome != "granted" || r.Reason != "CPF03" || r.RequestID == "" ||
		!slices.Equal(r.Patients, []nhs.Number{plain, hidden}) {
		t.Errorf("audit record: got %+v, want a granted upload of V999 with both patients", r)
	}

	if log := b.log.String(); !strings.Contains(log, trail[i].RequestID) {
		t.Error("the log lacks the request ID of the audit record")
	} else if strings.Contains(log, plain.Digits()) || strings.Contains(log, "Example;") ||
		strings.Contains(log, o.secret) {
		t.Error("the log contains a number, a name or a secret")
	}
}

func TestTheSameFileAgainChangesNothingAndGetsTheSameAnswer(t *testing.T) {
	b := newFixture(t)
	o := b.office("V999")
	first := o.csv("1", sheet(tomsRow))
	a := o.took(first, "CPF02", "2 CPR06")
	b.removePlan(b.plansOf(plain)[0].ID) // would exist again if the file were processed again
	again := o.csv("1", sheet(tomsRow))
	if again.status != 200 || again.body != first.body || len(b.plansOf(plain)) != 0 {
		t.Errorf("repeated upload: got status %d, body %s and %d plans; want the first answer and none", again.status,
			again.body, len(b.plansOf(plain)))
	}

	if other := o.csv("1", sheet(tomsRow, badRow)); other.status != 409 || !strings.Contains(other.body, a.Upload) {
		t.Errorf("another file with the same ID: got status %d, body %s; want 409 with the upload's ID", other.status,
			other.body)
	}

	if got := o.send(http.MethodGet, uploads+"/"+a.Upload, "", ""); got.status != 200 || got.body != first.body {
		t.Errorf("GET of the upload: got status %d, body %s; want 200 and the first answer", got.status, got.body)
	}

	var reasons []string
	for _, r := range b.trail() {
		reasons = append(reasons, r.Action+" "+r.Outcome+" "+r.Reason)
	}

	want := "upload plans granted CPF02, upload plans granted again, upload plans refused PRECONDITION_FAILED, " +
		"read upload granted "
	if got := strings.Join(reasons, ", "); got != want {
		t.Errorf("got audit records %s, want %s", got, want)
	}

	o.took(o.csv("2", sheet(tomsRow)), "CPF02", "2 CPR06")
	if n := len(b.plansOf(plain)); n != 1 {
		t.Errorf("got %d plans, want 1", n)
	}

	o.took(o.csv("3", sheet(tomsRow)), "CPF02", "2 CPR06")
	if n := len(b.plansOf(plain)); n != 1 {
		t.Errorf("got %d plans after adding one twice, want 1", n)
	}
}

func TestTheSameFileSentManyTimesAtOnceIsTakenOnce(t *testing.T) {
	b := newFixture(t)
	o := b.office("V999")
	const many = 8
	answers := make([]response, many)
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() { answers[i] = o.csv("1", sheet(tomsRow)) })
	}
	all.Wait()
	for _, r := range answers {
		if r.status != 200 || r.body != answers[0].body {
			t.Errorf("concurrent uploads of one file: got status %d, body %s; want equal answers with 200", r.status,
				r.body)
		}
	}
}

func TestAPlanIsUpdatedEndedAndDeleted(t *testing.T) {
	b := newFixture(t)
	o, x := b.office("V999"), b.signIn()
	change := func(file, action, start, end string) {
		t.Helper()
		row := strings.Join([]string{
			action, "CPP", "9990000026", "2016-03-04", "EXAMPLE", "Tom", start, end, "",
			"R-1",
		}, ";")
		o.took(o.csv(file, sheet(row)), "CPF02", "2 CPR06")
	}

	change("1", "add", "2026-07-01", "")
	change("2", "update", "2026-07-20", "")
	if x.lit(plain) {
		t.Error("got an alert before the plan starts")
	}

	change("3", "update", "2026-07-02", "")
	change("4", "end", "", "2026-07-10")
	if p := b.plansOf(plain); len(p) != 1 || p[0].End != day(2026, 7, 10) || p[0].Start != day(2026, 7, 2) ||
		!x.lit(plain) {
		t.Errorf("ended plan: got %+v, want one until 10 July that is an alert", p)
	}

	change("5", "delete", "", "")
	if p := b.plansOf(plain); len(p) != 0 || x.lit(plain) {
		t.Errorf("deleted plan: got %+v, want none", p)
	}

	row := "end;CPP;9990000026;2016-03-04;Example;Tom;;2026-07-10;;R-1"
	o.took(o.csv("6", sheet(row)), "CPF04", "2 CPR07")
}

func TestAnUnbornChildIsUploadedThroughTheMother(t *testing.T) {
	b := newFixture(t)
	o := b.office("V998")
	body := `{"version":1,"file":"j1","created":"2026-07-15T13:30:00+01:00","sender":"V998","count":1,"rows":[{"action":"add","kind":"UCPP",
		"nhsNumber":"9990000042","birthDate":"1999-09-09","family":"Motherwell","given":"Mary","start":"2026-07-01","due":"2026-12-01","reference":"U1"}]}`
	o.took(o.send(http.MethodPost, uploads, "application/json; charset=utf-8", body), "CPF02", "1 CPR06")
	var theirs []store.PlanWithAuthority
	for _, p := range b.plansOf(mother) {
		if p.Authority == "V998" {
			theirs = append(theirs, p)
		}
	}
	if len(theirs) != 1 || theirs[0].Kind != store.UnbornChild || theirs[0].Due != day(2026, 12, 1) ||
		theirs[0].Reference != "U1" {
		t.Errorf("got plans %+v, want one of an unborn child, due on 1 December 2026", theirs)
	}
	if r := b.signIn().get(nurse, careTeam, about(mother)); r.status != 200 ||
		!strings.Contains(r.body, "NEIGHBOURSHIRE COUNCIL") {
		t.Errorf("opening: got status %d, body %s; want 200 with NEIGHBOURSHIRE COUNCIL", r.status, r.body)
	}
}

func TestAnAuthorityEndsItsPlanWhateverBecameOfTheRecord(t *testing.T) {
	b := newFixture(t)
	o, x := b.office("V999"), b.signIn()
	o.took(o.csv("1", sheet(tomsRow)), "CPF02", "2 CPR06")
	became := func(code string) {
		t.Helper()
		must(t,
			b.sqlite.PutPatients(t.Context(),
				[]store.Patient{record(t, patient(plain, "Renamed", "Other", "2026-07-10", "male", code, "LS1 4AP"))}))
	}

	end := func(action string) string {
		return "Action;Kind;NHS number;Reference;End\r\n" + action + ";CPP;9990000026;R-1;10/07/2026\r\n"
	}

	became("R")
	o.took(o.csv("2", end("end")), "CPF02", "2 CPR06")
	if p := b.plansOf(plain); len(p) != 1 || p[0].End != day(2026, 7, 10) {
		t.Errorf("plan ended while the record is restricted: got %+v, want end 10 July", p)
	}

	became("REDACTED")
	o.took(o.csv("3", end("delete")), "CPF02", "2 CPR06")
	became("U")
	if len(b.plansOf(plain)) != 0 || x.lit(plain) {
		t.Error("the deleted plan is an alert again once the record is unrestricted")
	}

	nobody := nhs.Number("9990000107")
	must(t, b.sqlite.PutPlan(t.Context(), store.Plan{
		ID: "imported", Number: nobody, Kind: store.LookedAfter, Start: day(2026, 1, 1), Authority: "V999",
		Reference: "L-1",
	}))

	if !x.lit(nobody) {
		t.Fatal("got no alert for a plan under an unknown number")
	}

	o.took(o.csv("4", strings.NewReplacer("CPP", "LAC", "9990000026", nobody.Digits(), "R-1", "L-1").
		Replace(end("delete"))), "CPF02", "2 CPR06")
	if r := x.get(nurse, flag, about(nobody)); r.status != 404 || len(b.plansOf(nobody)) != 0 {
		t.Errorf("lamp after deleting a plan under an unknown number: got status %d, body %s; want 404", r.status,
			r.body)
	}
}

func TestAWrongTwinHasNoAlert(t *testing.T) {
	b := newFixture(t)
	one, two := nhs.Number("9990000077"), nhs.Number("9990000085")
	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{
		record(t, patient(one, "Twin", "Baby One", "2026-07-14", "female", "U", "LS1 4AP")),
		record(t, patient(two, "Twin", "Baby Two", "2026-07-14", "female", "U", "LS1 4AP")),
	}))
	o, x := b.office("V999"), b.signIn()
	add := func(n nhs.Number, given string) string {
		return "add;CPP;" + n.Digits() + ";14/07/2026;Twin;" + given + ";15/07/2026;;;R-" + n.Digits()
	}
	o.took(o.csv("1", sheet(add(one, "Baby Two"), add(two, "Baby One"), add(one, "Baby"), add(two, "B"))), "CPF04",
		"2 CPR01, 3 CPR01, 4 CPR01, 5 CPR01")
	if x.lit(one) || x.lit(two) {
		t.Fatal("got an alert for a twin whose name is ambiguous")
	}
	o.took(o.csv("2", sheet(add(one, "BABY-ONE"))), "CPF02", "2 CPR06")
	if !x.lit(one) || x.lit(two) {
		t.Error("want an alert for the named twin only")
	}
}

func TestOneByteThatIsNotUTF8SpoilsNoOtherRow(t *testing.T) {
	b := newFixture(t)
	must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{
		record(t, patient("9990000077", "O\u02bcExample", "Zoë", "2016-03-04", "female", "U", "LS1 4AP")),
		record(t, patient("9990000085", "Núñez", "René", "2016-03-04", "male", "U", "LS1 4AP")),
	}))
	o := b.office("V999")
	a := o.took(o.csv("1", "\ufeff"+sheet("add;CPP;\u200e999\u200b000 "+
		"0077\u200f;04/03/2016;O\u2019Exam\u00adple;Zoë;01/07/2026;;;R-1",
		"add;CPP;9990000085;04/03/2016;N\xfa\xf1ez;Ren\xe9;01/07/2026;;;R-2")), "CPF02", "2 CPR06, 3 CPR06")
	if strings.Contains(a.Rows[0].Sentence, "UTF-8") || !strings.Contains(a.Rows[1].Sentence, "The row is not UTF-8") {
		t.Errorf("got rows %+v, want a remark about UTF-8 for the second only", a.Rows)
	}
}

func TestAFileInJSONMayHaveAByteOrderMark(t *testing.T) {
	b := newFixture(t)
	o := b.office("V999")
	body := "\ufeff" +
		`{"version":1,"file":"j1","rows":[{"action":"add","kind":"CPP","nhsNumber":"\ufeff9990000026\u200b","birthDate":"2016-03-04",
		"family":"Example","given":"Tom","start":"2026-07-01"}]}`
	o.took(o.send(http.MethodPost, uploads, "application/json", body), "CPF02", "1 CPR06")
}

func TestAnAuthoritySeesAndTouchesOnlyItsOwn(t *testing.T) {
	b := newFixture(t)
	o, other := b.office("V999"), b.office("V998")
	a := o.took(o.csv("1", sheet(tomsRow)), "CPF02", "2 CPR06")
	if r := other.send(http.MethodGet, uploads+"/"+a.Upload, "", ""); r.status != 404 ||
		strings.Contains(r.body, "CPR") {
		t.Errorf("GET of another authority's upload: got status %d, body %s; want 404", r.status, r.body)
	}
	for file, row := range map[string]string{
		"u": strings.Replace(tomsRow, "add", "update", 1), "d": strings.Replace(tomsRow, "add", "delete", 1),
		"e": "end;CPP;9990000026;04/03/2016;Example;Tom;;10/07/2026;;R-1",
	} {
		other.took(other.csv(file, sheet(row)), "CPF04", "2 CPR07")
	}
	before := b.plansOf(plain)
	other.took(other.csv("1", sheet(tomsRow)), "CPF02", "2 CPR06") // from another authority
	if after := b.plansOf(plain); len(before) != 1 || len(after) != 2 || !slices.Contains(after, before[0]) {
		t.Errorf("another authority's plan: before %+v, after %+v; want one more", before, after)
	}
}

// forgetful is a store that doesn't find an upload for the first forget reads, as if another hub stored it afterwards.
type forgetful struct {
	store.Store
	forget int
}

func (f *forgetful) UploadOfFile(ctx context.Context, authority, file string) (store.Upload, error) {
	if f.forget > 0 {
		f.forget--
		return store.Upload{}, store.ErrNotFound
	}
	return f.Store.UploadOfFile(ctx, authority, file)
}

func TestAFileThatAnotherHubTakesMeanwhileIsTakenOnce(t *testing.T) {
	f := &forgetful{}
	b := newFixture(t, between(f, &f.Store))
	o := b.office("V999")
	first := o.csv("1", sheet(tomsRow))
	o.took(first, "CPF02", "2 CPR06")
	f.forget = 1
	if again := o.csv("1", sheet(tomsRow)); again.status != 200 || again.body != first.body {
		t.Errorf("repeated upload: got status %d, body %s; want the first answer", again.status, again.body)
	}
	f.forget = 1
	if other := o.csv("1", sheet(strings.Replace(tomsRow, "add", "delete", 1))); other.status != 409 ||
		len(b.plansOf(plain)) != 1 {
		t.Errorf("another file with the same ID: got status %d, body %s; want 409", other.status, other.body)
	}
}

func TestALargeFileIsTakenWhole(t *testing.T) {
	b := newFixture(t)
	o := b.office("V999")
	rows := make([]string, 20_000)
	for i := range rows {
		rows[i] = fmt.Sprintf("add;CPP;9990000026;04/03/2016;Example;Tom;01/07/2026;;;R-%d", i%40)
	}
	var a uploadAnswer
	r := o.csv("1", sheet(rows...))
	r.into(t, &a)
	if r.status != 200 || a.Code != "CPF02" || a.Taken != len(rows) || len(b.plansOf(plain)) != 40 {
		t.Errorf("upload of many rows: got status %d, %s, %d taken; want all rows", r.status, a.Code, a.Taken)
	}
}
