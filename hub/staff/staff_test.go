package staff_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"wardlight/hub/staff"
	"wardlight/hub/store"
	"wardlight/rbac"
)

const (
	ada     = `{"resourceType":"Practitioner","id":"x","identifier":[{"system":"https://fhir.nhs.uk/Id/sds-user-id","value":"999000000111"},{"system":"urn:wardlight:certificate-sha256","value":"` + sum + `"}],"name":[{"use":"old","family":"Former"},{"use":"official","family":"Sample","given":["Ada","May"],"prefix":["Ms"]}]}`
	adaRole = `{"resourceType":"PractitionerRole","identifier":[{"system":"https://fhir.nhs.uk/Id/sds-role-profile-id","value":"999000000222"}],` +
		`"practitioner":{"identifier":{"system":"https://fhir.nhs.uk/Id/sds-user-id","value":"999000000111"}},` +
		`"organization":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"RX1"},"display":"EXAMPLE GENERAL HOSPITAL"},` +
		`"code":[{"coding":[{"system":"https://fhir.nhs.uk/CodeSystem/NHSDigital-SDS-JobRoleCode","code":"S8000:G8000:R8001","display":"Nurse Access Role"}],"text":"\"Clinical\":\"Nurse\""},` +
		`{"coding":[{"system":"urn:wardlight:national-rbac-activity-code","code":"B0264"},{"system":"urn:wardlight:national-rbac-activity-code","code":"B0107"}]}]}`
	sum = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
)

// storeStub is a store of persons.
type storeStub struct {
	people       map[string]store.Person
	certificates map[string]string
}

func newStore() *storeStub {
	return &storeStub{make(map[string]store.Person), make(map[string]string)}
}

func (b *storeStub) Person(_ context.Context, uuid string) (store.Person, error) {
	p, ok := b.people[uuid]
	if !ok {
		return p, store.ErrNotFound
	}
	return p, nil
}

func (b *storeStub) put(t *testing.T, line string) error {
	t.Helper()
	l, err := staff.Parse([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	return b.change(t, l)
}

// change applies the change of a line.
func (b *storeStub) change(t *testing.T, l staff.Line) error {
	t.Helper()
	c, err := l.Change(t.Context(), b)
	if c == nil {
		return err
	}
	b.people[c.Person.UUID] = *c.Person
	for _, name := range c.Theirs {
		if name.Kind != "sha256" {
			t.Errorf("an import assigned the name %+v, want a SHA-256", name)
		}
		b.certificates[name.Name] = c.Person.UUID
	}
	return err
}

func (b *storeStub) must(t *testing.T, line string) {
	t.Helper()
	if err := b.put(t, line); err != nil {
		t.Fatal(err)
	}
}

func TestAPersonComesWithNameRolesAndCertificates(t *testing.T) {
	b := newStore()
	for range 2 { // the second time changes nothing
		b.must(t, ada)
		b.must(t, adaRole)
	}
	want := store.Person{UUID: "999000000111", Title: "Ms", Given: "Ada May", Family: "Sample", Roles: []store.Role{{
		RoleName: `"Clinical":"Nurse"`, RoleProfile: rbac.RoleProfile{
			URID: "999000000222", JobRole: "S8000:G8000:R8001", JobName: "Nurse Access Role", OrgODS: "RX1",
			OrgName:    "EXAMPLE GENERAL HOSPITAL",
			Activities: []rbac.ActivityCode{"B0264", "B0107"},
		},
	}}}
	if got := b.people["999000000111"]; !reflect.DeepEqual(got, want) {
		t.Errorf("got person %+v, want %+v", got, want)
	}
	if b.certificates[sum] != "999000000111" {
		t.Errorf("got certificates %v, want the line's", b.certificates)
	}
}

func TestRolesAreChangedAndTakenAway(t *testing.T) {
	b := newStore()
	if err := b.put(t, adaRole); !errors.Is(err, staff.ErrUnknownPerson) {
		t.Errorf("role of an unknown person: got error %v, want ErrUnknownPerson", err)
	}

	inactive := func(line string) string { return strings.Replace(line, `{`, `{"active":false,`, 1) }
	b.must(t, inactive(ada))
	b.must(t, inactive(adaRole))
	if len(b.people) != 0 {
		t.Errorf("removing an unknown person left %v, want nothing", b.people)
	}

	b.must(t, ada)
	b.must(t, adaRole)
	second := strings.Replace(adaRole, "999000000222", "999000000223", 1)
	b.must(t, second)
	b.must(t, strings.ReplaceAll(adaRole, "B0107", "B0170"))
	roles := b.people["999000000111"].Roles
	if len(roles) != 2 || roles[0].Activities[1] != "B0170" || roles[1].URID != "999000000223" {
		t.Errorf("got roles %+v, want the first one replaced", roles)
	}

	b.must(t, inactive(adaRole))
	if roles := b.people["999000000111"].Roles; len(roles) != 1 || roles[0].URID != "999000000223" {
		t.Errorf("got roles %+v, want only the second one", roles)
	}

	b.must(t, inactive(ada))
	if p := b.people["999000000111"]; len(p.Roles) != 0 || p.Family != "Sample" {
		t.Errorf("got inactive person %+v, want no roles", p)
	}
}

func TestABadLineIsToldWithoutAWordOfThePerson(t *testing.T) {
	for name, c := range map[string]struct{ line, from, to, says string }{
		"no JSON":          {"rubbish", "", "", "line:"},
		"two objects":      {ada + ada, "", "", "line:"},
		"a list":           {"[]", "", "", "line:"},
		"another resource": {ada, `"Practitioner"`, `"Patient"`, "resourceType:"},
		"too long":         {ada, `"x"`, `"` + strings.Repeat("x", 70_000) + `"`, "64 KiB"},
		"no UUID":          {ada, "sds-user-id", "other", "Practitioner.identifier: the SDS user id is missing"},
		"a short UUID":     {ada, "999000000111", "99900000011", "is not 12 digits"},
		"two UUIDs": {
			ada, `[{"system"`,
			`[{"system":"https://fhir.nhs.uk/Id/sds-user-id","value":"1"},{"system"`, "more than once",
		},
		"no name":                 {ada, `"official"`, `"old"`, "Practitioner.name"},
		"a certificate in colons": {ada, sum, "00:11", "SHA-256"},
		"no role id":              {adaRole, "sds-role-profile-id", "other", "PractitionerRole.identifier"},
		"no person":               {adaRole, "sds-user-id", "other", "PractitionerRole.practitioner"},
		"no organisation":         {adaRole, "organization", "other", "PractitionerRole.organization"},
		"a small organisation":    {adaRole, `"RX1"`, `"rx1"`, "capital letters"},
		"no job role":             {adaRole, "NHSDigital-SDS-JobRoleCode", "other", "there is no job role"},
		"a strange job role":      {adaRole, "S8000:G8000:R8001", "Nurse", "of the form R8001"},
		"two job roles": {
			adaRole, "urn:wardlight:national-rbac-activity-code",
			"https://fhir.nhs.uk/CodeSystem/NHSDigital-SDS-JobRoleCode", "more than one",
		},
		"a strange activity code": {adaRole, "B0107", "B107", "of the form B0107"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := staff.Parse([]byte(strings.Replace(c.line, c.from, c.to, 1)))
			var bad *staff.LineError
			if !errors.As(err, &bad) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("Parse: got error %v, want %q in it", err, c.says)
			}
			for _, personal := range []string{"Sample", "Ada", "99900000011"} {
				if strings.Contains(err.Error(), personal) {
					t.Errorf("the error contains %q", personal)
				}
			}
		})
	}
}

func TestNamesAreCleaned(t *testing.T) {
	l, err := staff.Parse([]byte(strings.Replace(ada, `"Sample"`, `"Sam\u001b[2Jple\u202e"`, 1)))
	if err != nil || strings.ContainsAny(l.Person.Family, "\x1b\u202e") {
		t.Errorf("Parse: got family name %q, error %v; want no control characters", l.Person.Family, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(ada))
	f.Add([]byte(adaRole))
	f.Add(
		[]byte(`{"resourceType":"PractitionerRole","practitioner":{},"organization":null,"code":[{"coding":[null]}]}`),
	)

	f.Fuzz(func(t *testing.T, line []byte) {
		l, err := staff.Parse(line)
		if err != nil {
			return
		}
		if len(l.UUID) != 12 || (l.Person == nil) == (l.Role == nil) {
			t.Errorf("Parse = %+v, want a UUID and either a person or a role", l)
		}
		if _, err := json.Marshal(l); err != nil {
			t.Error(err)
		}
		b := newStore()
		if l.Role != nil {
			b.people[l.UUID] = store.Person{UUID: l.UUID}
		}
		if err := b.change(t, l); err != nil {
			t.Error(err)
		}
	})
}

func TestTheLinesInTheHandbookAreGood(t *testing.T) {
	text, err := os.ReadFile("../../docs/identity.md")
	if err != nil {
		t.Fatal(err)
	}
	b, n := newStore(), 0
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, `{"resourceType"`) {
			b.must(t, line)
			n++
		}
	}
	if p := b.people["999000000111"]; n != 2 || len(p.Roles) != 1 || len(p.Roles[0].Activities) != 2 {
		t.Errorf("got %d lines and person %+v, want 2 lines and one role", n, p)
	}
}
