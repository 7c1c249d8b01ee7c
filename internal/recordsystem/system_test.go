package recordsystem_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wardlight/internal/fhir"
	"wardlight/internal/lab/record"
	"wardlight/internal/recordsystem"
	"wardlight/internal/secretstore"
)

// stored returns the first flag that the record system received.
func (s *site) stored() fhir.Flag {
	s.t.Helper()
	var f fhir.Flag
	if err := json.Unmarshal(s.records.Flags()[0], &f); err != nil {
		s.t.Fatal(err)
	}
	return f
}

func TestTheFlagSaysThatThereIsAnAlertAndNothingElse(t *testing.T) {
	s := newSite(t)
	if _, err := s.system(0).Create(t.Context(), flagTimeout(tess)); err != nil {
		t.Fatal(err)
	}

	s.expectFlags(tess)

	const want = `{"resourceType":"Flag","identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:IDENTIFIER"}],"status":"active",` +
		`"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/flag-category","code":"safety","display":"Safety"}]}],` +
		`"code":{"coding":[{"system":"https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient",` +
		`"code":"child-protection-information-system-flag","display":"Child Protection - Information Sharing flag"}],` +
		`"text":"There is a child protection alert (CP-IS)"},` +
		`"subject":{"type":"Patient","identifier":{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"}},` +
		`"period":{"start":"2026-11-22T09:41:00Z"},` +
		`"author":{"type":"Practitioner","identifier":{"system":"https://fhir.nhs.uk/Id/sds-user-id","value":"555000000111"},` +
		`"display":"SAMPLE, Ada (Ms)"}}`

	got, id := string(s.records.Flags()[0]), strings.TrimPrefix(s.stored().Identifier[0].Value, "urn:uuid:")
	if strings.ReplaceAll(got, id, "IDENTIFIER") != want {
		t.Errorf("flag =\n%s\nwant\n%s", got, want)
	}

	if strings.Contains(id, "999000") {
		t.Errorf("identifier %s contains the NHS number", id)
	}
}

// The computation of the identifier must not change: otherwise flags that were set before would be set a second time.
func TestTheIdentifierStaysWhatItIs(t *testing.T) {
	s := newSite(t)
	if _, err := s.system(0).Create(t.Context(), flagTimeout(tess)); err != nil {
		t.Fatal(err)
	}
	const want = "urn:uuid:6ce4f9e7-336b-595d-b1d4-77b4bcd12049"
	if got := s.stored().Identifier[0].Value; got != want {
		t.Errorf("identifier = %s, want %s", got, want)
	}
}

func TestAFlagThatIsThereMustBeThisOneAndActive(t *testing.T) {
	for name, c := range map[string]struct {
		stored []fhir.Flag // flags in the record system before Create
		fault  record.Fault
		want   recordsystem.Kind
		there  bool
	}{
		"it is": {stored: []fhir.Flag{existingFlag(t, "active")}, there: true},
		"an answer without a body": {
			stored: []fhir.Flag{existingFlag(t, "active")}, fault: record.NoBody,
			there: true,
		},
		"it was ended": {stored: []fhir.Flag{existingFlag(t, "inactive")}, want: recordsystem.Inactive},
		"a bare one was ended": {
			stored: []fhir.Flag{existingFlag(t, "inactive")}, fault: record.NoBody,
			want: recordsystem.Inactive,
		},
		"it was entered in error": {
			stored: []fhir.Flag{existingFlag(t, "entered-in-error")},
			want:   recordsystem.Inactive,
		},
		"it is there twice": {
			stored: []fhir.Flag{existingFlag(t, "active"), existingFlag(t, "active")},
			want:   recordsystem.Duplicate,
		},
		"another patient's is held": {
			stored: []fhir.Flag{{ResourceType: "Flag", Status: "active"}},
			fault:  record.IgnoreIdentifier, want: recordsystem.Malformed,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.withFlags(c.stored...)
			s.records.Fail(c.fault)
			already, err := s.system(0).Create(t.Context(), flagTimeout(tess))
			if c.there != (err == nil) || c.there != (already && err == nil) || err != nil &&
				recordsystem.KindOf(err) != c.want {
				t.Errorf("Create = %v, %v, want already existing %v, kind %v", already, err, c.there, c.want)
			}
		})
	}
}

// existingFlag returns tess's flag with the given status, as a record system returns it.
func existingFlag(t *testing.T, status string) fhir.Flag {
	t.Helper()
	s := newSite(t)
	if _, err := s.system(0).Create(t.Context(), flagTimeout(tess)); err != nil {
		t.Fatal(err)
	}
	f := s.stored()
	f.Status = status
	return f
}

func (s *site) withFlags(flags ...fhir.Flag) {
	s.t.Helper()
	for _, f := range flags {
		if err := s.records.Put(f); err != nil {
			s.t.Fatal(err)
		}
	}
}

func TestAFlagThatTheSystemHoldsAndThatHasEndedIsNotOfferedAgain(t *testing.T) {
	s := newSite(t)
	s.withFlags(existingFlag(t, "inactive"))
	f := s.terminal(0)
	if a := f.Set(t.Context(), flagTimeout(tess)); recordsystem.KindOf(a.Err) != recordsystem.Inactive ||
		a.StoredIn != recordsystem.NotStored {
		t.Errorf("Set = %+v, want error kind Ended and the flag not stored", a)
	}
	expectPending(t, f.Pending(t.Context()), recordsystem.OnDisk)
}

func TestWithoutATokenNothingIsSent(t *testing.T) {
	s := newSite(t)
	for _, give := range []func(context.Context) ([]byte, error){
		func(context.Context) ([]byte, error) { return nil, errors.New("there is none") },
		func(context.Context) ([]byte, error) { return nil, nil },
		func(context.Context) ([]byte, error) { return []byte("two\r\nlines: yes"), nil },
	} {
		sys, err := recordsystem.NewSystem(recordsystem.Config{BaseURL: s.url, Token: give, NewID: func() string {
			return "id"
		}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sys.Create(t.Context(), flagTimeout(tess)); recordsystem.KindOf(err) != recordsystem.NoToken {
			t.Errorf("Create error = %v, want kind NoToken", err)
		}
	}

	for kind, want := range map[secretstore.Kind]recordsystem.Kind{
		secretstore.NotFound: recordsystem.NoToken, secretstore.Absent: recordsystem.NoToken,
		secretstore.Locked: recordsystem.NoKeyring, secretstore.NoAnswer: recordsystem.NoKeyring,
	} {
		sys, err := recordsystem.NewSystem(recordsystem.Config{BaseURL: s.url, NewID: func() string {
			return "id"
		}, Token: func(context.Context) ([]byte, error) {
			return nil, &secretstore.Error{Kind: kind}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sys.Create(t.Context(), flagTimeout(tess)); recordsystem.KindOf(err) != want {
			t.Errorf("keyring error %s: Create error = %v, want kind %v", kind, err, want)
		}
	}

	if s.records.Calls() != 0 {
		t.Errorf("got %d requests, want none", s.records.Calls())
	}

	sys, err := recordsystem.NewSystem(recordsystem.Config{
		BaseURL: s.url, Token: func(context.Context) ([]byte, error) {
			return []byte("another"), nil
		}, NewID: func() string { return "id" },
	})
	if err != nil {
		t.Fatal(err)
	}

	if _, err := sys.Create(t.Context(), flagTimeout(tess)); recordsystem.KindOf(err) != recordsystem.NotAllowed {
		t.Errorf("Create with another token: error = %v, want kind NotAllowed", err)
	}
}

func TestATokenIsSentToSafeAddressesAlone(t *testing.T) {
	for address, good := range map[string]bool{
		"https://records.example/fhir": true, "http://127.0.0.1:8080/fhir": true, "http://localhost": true,
		"http://[::1]:1/":             true,
		"http://records.example/fhir": false, "": false, "records.example": false,
		"https://user:secret@records.example": false,
		"https://records.example/?x=1":        false, "ftp://records.example": false,
	} {
		if err := recordsystem.CheckBaseURL(address); (err == nil) != good {
			t.Errorf("CheckBaseURL(%q) = %v, want valid %v", address, err, good)
		}
	}
}

func TestAnUntrustedRecordSystemGetsNothing(t *testing.T) {
	s := newSite(t)
	server := httptest.NewTLSServer(s.records)
	defer server.Close()
	s.url = server.URL
	_, err := s.system(0).Create(t.Context(), flagTimeout(tess))
	if recordsystem.KindOf(err) != recordsystem.Untrusted || err.Error() != "The record system's identity could "+
		"not be proved: the certificate is of an unknown authority. (R11)" {
		t.Errorf("Create error = %v, want Untrusted with the reason", err)
	}
	s.expectFlags()
}

func TestAnswersThatAreNoneAreNotTakenForAFlag(t *testing.T) {
	for name, body := range map[string]string{
		"text": "welcome to the guest network", "another resource": `{"resourceType":"Patient"}`,
		"a flag without an identifier": `{"resourceType":"Flag","status":"active"}`,
		"an empty searchset":           `{"resourceType":"Bundle","type":"searchset","total":0}`, "a list": `[]`,
		"far too much": strings.Repeat(" ", 2<<20),
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(body))
		}))
		s := newSite(t)
		s.url = server.URL
		if already, err := s.system(0).Create(t.Context(), flagTimeout(tess)); err == nil ||
			recordsystem.KindOf(err) != recordsystem.Malformed {
			t.Errorf("%s: Create = %v, %v, want kind Rubbish", name, already, err)
		}
		server.Close()
	}
}

func TestCreate_RefusedOnTheWay(t *testing.T) {
	const page, outcome = "<html><h1>Blocked by the proxy</h1></html>",
		`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"forbidden"}]}`
	for name, c := range map[string]struct {
		status    int
		body      string
		challenge string
		want      recordsystem.Kind
	}{
		"a proxy's page, 403":              {403, page, "", recordsystem.Intercepted},
		"a proxy's page, 401":              {401, page, "Basic realm=proxy", recordsystem.Intercepted},
		"a firewall's word":                {403, "RBAC: access denied", "", recordsystem.Intercepted},
		"a proxy's page, 400":              {400, page, "", recordsystem.Intercepted},
		"a proxy's page, 412":              {412, page, "", recordsystem.Intercepted},
		"the proxy wants a password":       {407, "", "", recordsystem.Intercepted},
		"a guest network":                  {511, "", "", recordsystem.Intercepted},
		"the record system, 403":           {403, outcome, "", recordsystem.NotAllowed},
		"the record system, 401":           {401, outcome, "", recordsystem.NotAllowed},
		"an authorisation server's error":  {401, `{"error":"invalid_token"}`, "", recordsystem.NotAllowed},
		"a bearer challenge with a page":   {401, page, `Bearer error="invalid_token"`, recordsystem.NotAllowed},
		"a refusal without a word":         {403, "", "", recordsystem.NotAllowed},
		"the record system, 412":           {412, outcome, "", recordsystem.Duplicate},
		"a page at the wrong address, 404": {404, page, "", recordsystem.WrongAddress},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if c.challenge != "" {
				w.Header().Set("WWW-Authenticate", c.challenge)
			}
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))

		s := newSite(t)
		s.url = server.URL
		_, err := s.system(0).Create(t.Context(), flagTimeout(tess))
		if got := recordsystem.KindOf(err); got != c.want {
			t.Errorf("%s: Create error = %v, want kind %v", name, err, c.want)
		}

		if c.want == recordsystem.Intercepted && !strings.Contains(err.Error(), fmt.Sprintf("R17-%d", c.status)) {
			t.Errorf("%s: Create error = %v, want code R17-%d", name, err, c.status)
		}

		server.Close()
	}
}

func TestNoErrorNamesThePatientOrTheToken(t *testing.T) {
	s := newSite(t)
	s.records.Fail(record.CutBefore, record.Down, record.Refuse)
	for range 3 {
		_, err := s.system(0).Create(t.Context(), flagTimeout(tess))
		for e := err; e != nil; e = errors.Unwrap(e) {
			if strings.Contains(e.Error(), tess.Digits()) || strings.Contains(e.Error(), token) ||
				strings.Contains(e.Error(), "urn:uuid") {
				t.Errorf("the error contains the number, the token or the identifier: %q", e)
			}
		}
	}
}

func TestEveryKindHasWordsAndACodeOfItsOwn(t *testing.T) {
	seen := make(map[string]bool)
	for _, k := range recordsystem.Kinds() {
		e := &recordsystem.Error{Kind: k}
		if e.Sentence() == "" || e.Advice() == "" || e.Code() == "" || seen[e.Code()] {
			t.Errorf("kind %d: sentence %q, advice %q, code %q, want all set and a unique code",
				k, e.Sentence(), e.Advice(), e.Code())
		}
		seen[e.Code()] = true
	}
}
