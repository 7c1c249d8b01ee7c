// Package staff parses lines of FHIR R4 with the persons who may sign in, and their roles: Practitioner and
// PractitionerRole, in the format and with the code systems of the hub's own resources (docs/identity.md).
//
// Applying a line again changes nothing. A Practitioner sets a person's name and leaves the roles unchanged. A
// PractitionerRole adds a role to its person, or replaces the one with the same ID. With "active": false, each removes
// them.
package staff

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/text"
	"wardlight/rbac"
)

// Wardlight's own code systems, because none are published.
const (
	SystemActivityCode = "urn:wardlight:national-rbac-activity-code" // B0107, in PractitionerRole.code
	SystemCertificate  = "urn:wardlight:certificate-sha256"          // lower-case hex, in Practitioner.identifier
)

// Limits of the input.
const (
	maxLine         = 64 << 10
	maxName         = 128
	maxActivities   = 200
	maxCertificates = 20
)

var (
	twelveDigits = regexp.MustCompile(`^[0-9]{12}$`)
	fingerprint  = regexp.MustCompile(`^[0-9a-f]{64}$`)
	activityCode = regexp.MustCompile(`^B[0-9]{4}$`)
	odsCode      = regexp.MustCompile(`^[A-Z0-9]{2,12}$`)
	jobRole      = regexp.MustCompile(`^([A-Z][0-9]{4}:[A-Z][0-9]{4}:)?R[0-9]{4}$`)
)

// Line is the content of a line.
type Line struct {
	UUID         string
	Active       bool
	Person       *store.Person // of a Practitioner; without roles
	Certificates []string      // of a Practitioner: fingerprints of cards without a UUID
	Role         *store.Role   // of a PractitionerRole
}

// String describes what the line does for the audit, with UUIDs, role IDs and activity codes, and without names.
func (l Line) String() string {
	switch {
	case l.Role == nil && l.Active:
		return l.UUID
	case l.Role == nil:
		return l.UUID + " taken away"
	case !l.Active:
		return l.UUID + ", role " + l.Role.URID + " taken away"
	default:
		codes := make([]string, len(l.Role.Activities))
		for i, c := range l.Role.Activities {
			codes[i] = string(c)
		}
		return l.UUID + ", role " + l.Role.URID + " at " + l.Role.OrgODS + ", activity codes " +
			cmp.Or(strings.Join(codes, " "), "none")
	}
}

// LineError is an error in a line. It doesn't quote the line, which is about a person.
type LineError struct {
	Where string // "PractitionerRole.code"
	What  string
}

// Error returns the element and the error.
func (e *LineError) Error() string { return e.Where + ": " + e.What }

func wrong(where, what string) error { return &LineError{where, what} }

// ErrUnknownPerson is returned for a role of a person that isn't stored.
var ErrUnknownPerson = errors.New("PractitionerRole.practitioner: this person is not on file; their Practitioner " +
	"must come first")

// resource has the members of both resource types that are used.
type resource struct {
	ResourceType string                 `json:"resourceType"`
	Active       *bool                  `json:"active"`
	Identifier   []fhir.Identifier      `json:"identifier"`
	Name         []fhir.HumanName       `json:"name"`
	Practitioner *fhir.Reference        `json:"practitioner"`
	Organization *fhir.Reference        `json:"organization"`
	Code         []fhir.CodeableConcept `json:"code"`
}

// Parse parses a line. The error is a *[LineError].
func Parse(line []byte) (Line, error) {
	if len(line) > maxLine {
		return Line{}, wrong("line", "it is longer than 64 KiB")
	}
	var r resource
	if err := json.Unmarshal(line, &r); err != nil {
		return Line{}, wrong("line", "it is not a JSON object of the form of its resource")
	}
	l := Line{Active: r.Active == nil || *r.Active}
	switch r.ResourceType {
	case "Practitioner":
		return l, l.practitioner(&r)
	case "PractitionerRole":
		return l, l.role(&r)
	default:
		return Line{}, wrong("resourceType", "it is neither Practitioner nor PractitionerRole")
	}
}

func (l *Line) practitioner(r *resource) (err error) {
	if l.UUID, err = only(r.Identifier, fhir.SystemSDSUser, "Practitioner.identifier", "the SDS user id", twelveDigits,
		"12 digits"); err != nil {
		return err
	}

	for _, i := range r.Identifier {
		if i.System != SystemCertificate {
			continue
		}
		if !fingerprint.MatchString(i.Value) {
			return wrong("Practitioner.identifier", "a certificate must be named by its SHA-256 in 64 lower-case "+
				"hexadecimal digits")
		}
		l.Certificates = append(l.Certificates, i.Value)
	}

	if len(l.Certificates) > maxCertificates {
		return wrong("Practitioner.identifier", "there are too many certificates")
	}

	name := current(r.Name)
	l.Person = &store.Person{
		UUID: l.UUID, Title: words(name.Prefix...), Given: words(name.Given...),
		Family: words(name.Family),
	}

	if l.Active && l.Person.Family == "" {
		return wrong("Practitioner.name", "there is no current family name")
	}

	return nil
}

func (l *Line) role(r *resource) (err error) {
	role := store.Role{}
	if role.URID, err = only(r.Identifier, fhir.SystemSDSRoleProfile, "PractitionerRole.identifier",
		"the SDS role profile id", twelveDigits, "12 digits"); err != nil {
		return err
	}
	if l.UUID, err = only(identifiers(r.Practitioner), fhir.SystemSDSUser, "PractitionerRole.practitioner",
		"the SDS user id", twelveDigits, "12 digits"); err != nil {
		return err
	}

	l.Role = &role
	if !l.Active {
		return nil
	}

	const organisation = "PractitionerRole.organization"
	if role.OrgODS, err = only(identifiers(r.Organization), fhir.SystemODS, organisation, "the ODS code", odsCode,
		"capital letters and digits"); err != nil {
		return err
	}

	role.OrgName = words(r.Organization.Display)
	return jobAndCodes(&role, r.Code)
}

// jobAndCodes reads the job role and the activity codes from PractitionerRole.code.
func jobAndCodes(role *store.Role, code []fhir.CodeableConcept) error {
	const where = "PractitionerRole.code"
	for _, concept := range code {
		for _, c := range concept.Coding {
			switch c.System {
			case fhir.SystemJobRole:
				if role.JobRole != "" {
					return wrong(where, "there is more than one job role")
				}
				if !jobRole.MatchString(c.Code) {
					return wrong(where, "the job role is not of the form R8001 or S8000:G8000:R8001")
				}
				role.JobRole, role.JobName, role.RoleName = c.Code, words(c.Display), words(concept.Text)
			case SystemActivityCode:
				if !activityCode.MatchString(c.Code) {
					return wrong(where, "an activity code is not of the form B0107")
				}
				if a := rbac.ActivityCode(c.Code); !slices.Contains(role.Activities, a) {
					role.Activities = append(role.Activities, a)
				}
			}
		}
	}

	switch {
	case role.JobRole == "":
		return wrong(where, "there is no job role (system "+fhir.SystemJobRole+")")
	case len(role.Activities) > maxActivities:
		return wrong(where, "there are too many activity codes")
	}

	if role.JobName == "" {
		role.JobName = rbac.JobName(role.JobRoleCode())
	}

	return nil
}

// IsRole reports whether the IDs and codes of a role have their forms.
func IsRole(r store.Role) bool {
	return twelveDigits.MatchString(r.URID) && odsCode.MatchString(r.OrgODS) && jobRole.MatchString(r.JobRole)
}

// IsActivityCode reports whether a text has the form of an activity code.
func IsActivityCode(code string) bool { return activityCode.MatchString(code) }

func identifiers(r *fhir.Reference) []fhir.Identifier {
	if r == nil || r.Identifier == nil {
		return nil
	}
	return []fhir.Identifier{*r.Identifier}
}

// only returns the only value of a system.
func only(all []fhir.Identifier, system, where, name string, form *regexp.Regexp, such string) (string, error) {
	value := ""
	for _, i := range all {
		if i.System != system {
			continue
		}
		if value != "" && value != i.Value {
			return "", wrong(where, name+" is given more than once")
		}
		value = i.Value
	}
	switch {
	case value == "":
		return "", wrong(where, name+" is missing (system "+system+")")
	case !form.MatchString(value):
		return "", wrong(where, name+" is not "+such)
	}
	return value, nil
}

// current returns the current name.
func current(all []fhir.HumanName) fhir.HumanName {
	for _, use := range []string{"official", "usual", ""} {
		for _, n := range all {
			if n.Use == use {
				return n
			}
		}
	}
	return fhir.HumanName{}
}

// words joins parts of a name without control characters.
func words(parts ...string) string {
	return text.Clean(strings.Join(strings.Fields(strings.Join(parts, " ")), " "), maxName)
}

// Persons reads stored persons.
type Persons interface {
	Person(ctx context.Context, uuid string) (store.Person, error)
}

// ErrRoleTaken is returned for a role of somebody else. A store detects that when it makes the change.
var ErrRoleTaken = wrong("PractitionerRole.identifier", "the role belongs to another person on file; a line with "+
	"\"active\": false removes it from them")

// Change returns the change that the line makes, or nil if it removes something that doesn't exist. The error is
// ErrUnknownPerson, or that of on.
func (l Line) Change(ctx context.Context, on Persons) (*store.Change, error) {
	p, err := on.Person(ctx, l.UUID)
	unknown := errors.Is(err, store.ErrNotFound)
	switch {
	case err != nil && !unknown:
		return nil, fmt.Errorf("person: %w", err)
	case l.Role != nil && unknown && l.Active:
		return nil, ErrUnknownPerson
	case unknown && !l.Active:
		return nil, nil //nolint:nilnil // nothing to remove
	case l.Role != nil:
		p.Roles = l.roles(p.Roles)
	case !l.Active:
		p.Roles = nil
	default:
		roles := p.Roles
		p = *l.Person
		p.Roles = roles
	}

	c := &store.Change{Person: &p}
	if l.Active {
		for _, fingerprint := range l.Certificates {
			c.Theirs = append(c.Theirs, store.BySHA256(fingerprint))
		}
	}

	return c, nil
}

// roles returns have with the line's role added or replaced.
func (l Line) roles(have []store.Role) []store.Role {
	at := slices.IndexFunc(have, func(r store.Role) bool { return r.URID == l.Role.URID })
	switch {
	case at < 0 && l.Active:
		return append(slices.Clone(have), *l.Role)
	case at < 0:
		return have
	case l.Active:
		changed := slices.Clone(have)
		changed[at] = *l.Role
		changed[at].OrgID = have[at].OrgID // a line doesn't contain it
		return changed
	default:
		return slices.Delete(slices.Clone(have), at, at+1)
	}
}
