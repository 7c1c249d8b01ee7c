package hub_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"

	"wardlight/hub/store"
	"wardlight/hub/trace"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// outcomeJSON returns a PDS error exactly as PDS writes it (PDS FHIR R4 API, errors). Empty diagnostics are omitted.
func outcomeJSON(severity, issue, code, display, diagnostics string) string {
	if diagnostics != "" {
		diagnostics = `,"diagnostics":"` + diagnostics + `"`
	}
	return `{"resourceType":"OperationOutcome","issue":[{"severity":"` + severity + `","code":"` + issue +
		`","details":{"coding":[{"system":"https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode","version":"1","code":"` + code +
		`","display":"` + display + `"}]}` + diagnostics + `}]}`
}

// theErrorsOfPDS compares each error that PDS documents for search and retrieve with the hub's, byte for byte.
func theErrorsOfPDS(t *testing.T, open opener) {
	b := open(t)
	x := b.signIn()
	const family, born = "family", "birthdate"
	smith := url.Values{family: {"Smith"}, born: {"eq2010-10-22"}}
	example := url.Values{family: {"Example"}, born: {"eq2016-03-04"}, "_max-results": {"1"}}
	const urid = "Invalid value - '999000000000' in header 'NHSD-Session-URID'. Refer to the guidance for this " +
		"header in our API Specification " +
		"https://digital.nhs.uk/developer/api-catalogue/personal-demographics-service-fhir"

	with := func(query url.Values, name, value string) url.Values {
		all := url.Values{name: {value}}
		for k, v := range query {
			if k != name {
				all[k] = v
			}
		}
		return all
	}

	without := func(name string) func(*http.Request) { return func(r *http.Request) { r.Header.Del(name) } }
	for _, c := range []struct {
		what   string
		path   string
		query  url.Values
		change func(*http.Request)
		status int
		body   string
	}{
		{
			"too many", patients, example, nil, 200,
			outcomeJSON("information", "multiple-matches", "TOO_MANY_MATCHES", "Too Many Matches", ""),
		},
		{"nothing asked", patients, nil, nil, 400, outcomeJSON("error", "processing", "UNSUPPORTED_SERVICE",
			"Unsupported Service", "")},
		{
			"no birth date", patients,
			url.Values{family: {"Smith"}},
			nil, 400,
			outcomeJSON("error", "required", "MISSING_VALUE", "Required value is missing",
				"Missing value - 'birth_date/birth_date_range_start/birth_date_range_end'"),
		},
		{
			"no request id", patients, smith, without("X-Request-ID"), 400,
			outcomeJSON("error", "required", "MISSING_VALUE", "Required value is missing", "Invalid request with "+
				"error - X-Request-ID header must be supplied to access this resource"),
		},
		{
			"a bad date", patients, with(smith, born, "20101022"), nil, 400,
			outcomeJSON("error", "value", "INVALID_VALUE", "Provided value is invalid",
				"Invalid value - '20101022' in field 'birthdate'"),
		},
		{
			"a bad gender", patients, with(smith, "gender", "mal"), nil, 400,
			outcomeJSON("error", "value", "INVALID_VALUE", "Provided value is invalid",
				"Invalid value - 'mal' in field 'gender'"),
		},
		{
			"a bad request id", patients, smith, header("X-Request-ID", "1234"), 400,
			outcomeJSON("error", "value", "INVALID_VALUE", "Provided value is invalid",
				"Invalid value - '1234' in header 'X-Request-ID'"),
		},
		{
			"a role that is another's", patients, smith, header("NHSD-Session-URID", "999000000000"), 400,
			outcomeJSON("error", "value", "INVALID_VALUE", "Provided value is invalid", urid),
		},
		{
			"too little", patients,
			url.Values{born: {"eq2010-10-22"}},
			nil, 400,
			outcomeJSON("error", "value", "INVALID_SEARCH_DATA", "Search data is invalid",
				"Invalid search data provided - 'No searches were performed as the search criteria did not meet "+
					"the minimum requirements'"),
		},
		{
			"an unknown parameter", patients, with(smith, "foo", "1"), nil, 400,
			outcomeJSON("error", "invariant", "ADDITIONAL_PROPERTIES", "Additional properties should not be included",
				"Invalid request with error - Additional properties are not allowed ('foo' was unexpected)"),
		},
		{
			"a bad NHS number", patients + "/9000000000", nil, nil, 400,
			outcomeJSON("error", "value", "INVALID_RESOURCE_ID", "Resource Id is invalid", ""),
		},
		{
			"no token", patients, smith, without("Authorization"), 401,
			outcomeJSON("error", "forbidden", "ACCESS_DENIED", "Access Denied - Unauthorised",
				"Missing Authorization header"),
		},
		{
			"half a token", patients, smith, header("Authorization", "DPoP"), 401,
			outcomeJSON("error", "forbidden", "ACCESS_DENIED", "Access Denied - Unauthorised", "Missing access token"),
		},
		{
			"a bad token", patients, smith, header("Authorization", "DPoP x"), 401,
			outcomeJSON("error", "forbidden", "ACCESS_DENIED", "Access Denied - Unauthorised", "Invalid Access Token"),
		},
		{
			"a role that may not", patients, smith, header("NHSD-Session-URID", nopObserver), 403,
			outcomeJSON("error", "forbidden", "ACCESS_DENIED", "Access Denied - Unauthorised",
				"To trace a patient this role lacks B0264 (Perform Patient Trace). "+
					"Your sponsor asks for it and the Registration Authority (RA) of your organisation grants it."),
		},
		{"nobody's number", patients + "/" + absent.Digits(), nil, nil, 404, outcomeJSON("information", "not-found",
			"RESOURCE_NOT_FOUND", "Resource not found", "")},
		{
			"an invalid record", patients + "/" + invalid.Digits(), nil, nil, 404,
			outcomeJSON("error", "processing", "INVALIDATED_RESOURCE", "Resource that has been marked as invalid "+
				"was requested - invalid resources cannot be retrieved", ""),
		},
	} {
		var change []func(*http.Request)
		if c.change != nil {
			change = append(change, c.change)
		}
		r := x.get(nurse, c.path, c.query, change...)
		if r.status != c.status || r.body != c.body || r.header.Get("Content-Type") != fhir.MediaType {
			t.Errorf("%s: got %d %s\n%s\nwant %d\n%s", c.what, r.status, r.header.Get("Content-Type"), r.body,
				c.status, c.body)
		}
	}
}

// The patients of PDS's sandbox, with the details that its documented calls show.
const (
	janeSmith    = nhs.Number("9000000009")
	jayneSmyth   = nhs.Number("9000000017")
	janetSmythe  = nhs.Number("9000000025")
	sandboxEmpty = nhs.Number("9000000033")
	johnPaul     = nhs.Number("9000000106")
)

// theCallsOfTheSandbox compares the hub's answers with those that PDS documents for its sandbox.
func theCallsOfTheSandbox(t *testing.T, open opener) {
	b := open(t)
	of := func(n nhs.Number, family, given, born, gender, confidentiality, postcode, email string) *fhir.Patient {
		p := patient(n, family, given, born, gender, confidentiality, postcode)
		p.Telecom = append(p.Telecom, fhir.ContactPoint{System: "email", Value: email, Use: "home"})
		return p
	}

	put := func(p *fhir.Patient, relatives ...string) {
		r := record(t, p)
		var all []fhir.RelatedPerson
		for _, id := range relatives {
			all = append(all, fhir.RelatedPerson{
				ResourceType: "RelatedPerson", ID: id, Patient: *fhir.NHSNumberReference(p.ID),
				Relationship: []fhir.CodeableConcept{{Coding: []fhir.Coding{{
					System: fhir.SystemRelatedRole,
					Code:   "Guardian",
				}}}},
			})
		}
		var err error
		r.Related, err = trace.Relatives(nhs.Number(p.ID), all)
		must(t, err)
		must(t, b.sqlite.PutPatients(t.Context(), []store.Patient{r}))
	}

	put(of(janeSmith, "Smith", "Jane", "2010-10-22", "female", "U", "LS1 6AE", "jane.smith@example.com"), "507B7621",
		"507B7622")
	put(of(jayneSmyth, "Smyth", "Jayne", "2010-10-22", "female", "U", "LS1 6AD", "jayne.smyth@example.com"), "507B7623")
	put(of(janetSmythe, "Smythe", "Janet", "2005-06-16", "female", "R", "LS1 6AE", "janet.smythe@example.com"))
	put(&fhir.Patient{
		ResourceType: "Patient", ID: sandboxEmpty.Digits(),
		Meta: &fhir.Meta{VersionID: "2", Security: []fhir.Coding{{System: fhir.SystemConfidential, Code: "U"}}},
	})

	compound := of(johnPaul, "Smith", "John Paul", "2010-10-22", "male", "U", "LS1 6AE", "johnp.smith@example.com")
	compound.Name[0].Given = []string{"John Paul", "James"}
	put(compound)
	x := b.signIn()

	phone, email := "phone=01632960587", "email=jane.smith@example.com"
	jane := []string{"family=Smith", "gender=female", "birthdate=eq2010-10-22"}
	started := []string{"family=Sm*", "gender=female", "birthdate=eq2010-10-22"}
	for _, c := range []struct {
		query []string
		want  []nhs.Number
		exact bool
	}{
		{jane, []nhs.Number{janeSmith}, true},
		{append(slices.Clone(jane), phone, email), []nhs.Number{janeSmith}, true},
		{append(slices.Clone(jane), "email=deb.trotter@example.com", "phone=0121111111"), nil, true},
		{
			[]string{"family=Smith", "gender=female", "birthdate=ge2010-10-21", "birthdate=le2010-10-23"},
			[]nhs.Number{janeSmith},
			true,
		},
		{started, []nhs.Number{janeSmith, jayneSmyth}, false},
		{append(slices.Clone(started), phone, email), []nhs.Number{janeSmith}, false},
		{append(slices.Clone(started), phone, email, "_max-results=1"), []nhs.Number{janeSmith}, false},
		{append(slices.Clone(jane), "given=Jane", "_fuzzy-match=true", phone, email), []nhs.Number{janeSmith}, true},
		{[]string{
			"family=Smythe", "given=Janet", "gender=female", "birthdate=eq2005-06-16",
			"email=janet.smythe@example.com", phone,
		}, []nhs.Number{janetSmythe}, true},
		{[]string{
			"family=Smith", "given=John Paul", "given=James", "gender=male", "birthdate=eq2010-10-22",
			"email=johnp.smith@example.com", phone,
		}, []nhs.Number{johnPaul}, true},
		{
			[]string{"family=Smith", "given=John*", "gender=male", "birthdate=eq2010-10-22"},
			[]nhs.Number{johnPaul},
			false,
		},
	} {
		bundle, all := entries[fhir.Patient](t, x.found(c.query...))
		if got := numbers(all); !slices.Equal(got, c.want) || *bundle.Total != len(c.want) {
			t.Errorf("search for %v: got %v, want %v", c.query, got, c.want)
		}
		for _, e := range bundle.Entry {
			if s := *e.Search.Score; s <= 0 || s > 1 || c.exact != (s == 1) {
				t.Errorf("search for %v: got score %v, want 1 for an exact match and less for others", c.query, s)
			}
		}
	}

	if r := x.found(append(started, "_max-results=1")...); r.status != 200 ||
		!strings.Contains(r.body, "TOO_MANY_MATCHES") {
		t.Errorf("search with too many matches: got status %d, body %s; want 200 TOO_MANY_MATCHES", r.status, r.body)
	}

	for path, want := range map[string]struct {
		status      int
		etag        string
		has, hasNot []string
	}{
		"/9000000009": {200, `W/"3"`, []string{
			`"code":"U"`, `"Smith"`, `"address"`, `"telecom"`,
			`"generalPractitioner"`,
		}, nil},
		"/9000000025": {
			200, `W/"3"`,
			[]string{`"code":"R"`, `"Smythe"`},
			[]string{"address", "telecom", "generalPractitioner", "LS1"},
		},
		"/9000000033": {
			200, `W/"2"`,
			[]string{`"id":"9000000033"`},
			[]string{"name", "gender", "birthDate"},
		},
		"/9111231130":               {404, "", []string{"RESOURCE_NOT_FOUND"}, nil},
		"/9000000000":               {400, "", []string{"INVALID_RESOURCE_ID"}, nil},
		"/9000000009/RelatedPerson": {200, `W/"3"`, []string{`"total":2`, "507B7621", "507B7622"}, nil},
		"/9000000017/RelatedPerson": {200, `W/"3"`, []string{`"total":1`, "507B7623"}, nil},
		"/9000000025/RelatedPerson": {200, `W/"3"`, []string{`"total":0`}, []string{"entry"}},
	} {
		r := x.get(nurse, patients+path, nil)
		if r.status != want.status || r.header.Get("ETag") != want.etag {
			t.Errorf("GET %s: got status %d, ETag %s; want %d, %s; body: %s", path, r.status, r.header.Get("ETag"),
				want.status, want.etag, r.body)
		}

		for _, part := range want.has {
			if !strings.Contains(r.body, part) {
				t.Errorf("GET %s: body lacks %s: %s", path, part, r.body)
			}
		}

		for _, part := range want.hasNot {
			if strings.Contains(r.body, part) {
				t.Errorf("GET %s: body contains %s: %s", path, part, r.body)
			}
		}
	}
}

// hostile are texts that no field should accept. The last three are possible only in a header.
var hostile = []string{
	"a\x00b", "a\vb", "a\x1b[2Jb", "a\u0085b", "a\u2028b", "\u202eabc", "a\u200bb", "\xff\xfe", "\ufeff",
	"\U0001f9d2\u0301", "<script>alert(1)</script>",
	"a\u00a0b", strings.Repeat("x", 4000), `\"'`,
}

// whatIsQuotedIsClean checks errors that quote the request: they must be valid FHIR, and must contain nothing that a
// terminal or a log interprets.
func whatIsQuotedIsClean(t *testing.T, open opener) {
	b := open(t)
	x := b.signIn()
	clean := func(what string, r response) {
		t.Helper()
		var o fhir.OperationOutcome
		r.into(t, &o)
		if r.status != 400 || o.SpineCode() == "" {
			t.Errorf("%s: got status %d, body %s; want 400 with a Spine code", what, r.status, r.body)
		}
		if d := o.Diagnostics(); len([]rune(d)) > 500 || strings.ContainsFunc(d, func(r rune) bool {
			return r != ' ' && !unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) && r != ' '
		}) {
			t.Errorf("%s: got diagnostics %.600q, want at most 500 graphic characters", what, d)
		}
	}

	for i, text := range hostile {
		for _, name := range []string{
			"family", "given", "gender", "birthdate", "death-date", "_history",
			"_max-results", "phone", "address-postalcode", text,
		} {
			query := url.Values{"family": {"Smith"}, "birthdate": {"eq2010-10-22"}}
			query.Set(name, "*"+text)
			clean(fmt.Sprintf("%q in %q", text, name), x.get(nurse, patients, query))
		}

		if i < len(hostile)-3 {
			continue
		}

		for _, name := range []string{"X-Request-ID", "NHSD-Session-URID", "NHSD-End-User-Organisation-ODS"} {
			clean(fmt.Sprintf("%q in %s", text, name),
				x.get(nurse, patients, url.Values{"family": {"Smith"}, "birthdate": {"eq2010-10-22"}},
					header(name, text)))
		}
	}
}

// theHeadersComeBack checks that every kind of answer repeats the request's ID headers.
func theHeadersComeBack(t *testing.T, open opener) {
	b := open(t)
	x := b.signIn()
	const id = "60E0B220-8136-4CA5-AE46-1D97EF59D068"
	record := patients + "/" + tess.Digits()
	for _, c := range []struct {
		what   string
		path   string
		status int
		change func(*http.Request)
	}{
		{"an answer", record, 200, nil},
		{"an answer to an organisation", record, 200, header("NHSD-End-User-Organisation-ODS", "Y12345")},
		{"an answer to whoever wants something else", record, 200, header("Accept", "application/xml")},
		{"an organisation that is none", record, 400, header("NHSD-End-User-Organisation-ODS", "RX1-1")},
		{"an organisation without a letter", record, 400, header("NHSD-End-User-Organisation-ODS", "")},
		{"two organisations", record, 400, func(r *http.Request) {
			r.Header["Nhsd-End-User-Organisation-Ods"] = []string{"RX1", "RX2"}
		}},
		{"a refusal", patients, 400, nil},
		{"a role that may not", record, 403, header("NHSD-Session-URID", nopObserver)},
		{"nobody", patients + "/" + absent.Digits(), 404, nil},
		{"no token", record, 401, func(r *http.Request) { r.Header.Del("Authorization") }},
	} {
		change := []func(*http.Request){header("X-Request-ID", id), header("X-Correlation-ID", "11C46F5F.a word")}
		if c.change != nil {
			change = append(change, c.change)
		}
		r := x.get(nurse, c.path, nil, change...)
		if r.status != c.status || r.header.Get("X-Request-ID") != id ||
			r.header.Get("X-Correlation-ID") != "11C46F5F.a word" || r.header.Get("Content-Type") != fhir.MediaType {
			t.Errorf("%s: got status %d, headers %v, body %s; want %d with both request headers", c.what, r.status,
				r.header, r.body, c.status)
		}
	}

	r := x.get(nurse, record, nil, func(r *http.Request) { r.Header.Add("X-Request-ID", id) })
	if r.status != 400 || !strings.Contains(r.body, "in header 'X-Request-ID'") {
		t.Errorf("two X-Request-ID headers: got status %d, body %s; want 400", r.status, r.body)
	}
}
