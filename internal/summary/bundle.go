package summary

import (
	"encoding/json"
	"slices"
	"strings"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// documentReference is the members of a DocumentReference that are used.
type documentReference struct {
	MasterIdentifier fhir.Identifier      `json:"masterIdentifier"`
	Status           string               `json:"status"`
	Type             fhir.CodeableConcept `json:"type"`
	Subject          *fhir.Reference      `json:"subject"`
	SecurityLabel    []struct {
		Coding codings `json:"coding"`
	} `json:"securityLabel"`
}

// codings is one coding or several. The schema of the contract has an object for securityLabel.coding, its example an
// array.
type codings []fhir.Coding

// UnmarshalJSON decodes an array or an object.
func (c *codings) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '{' {
		*c = make(codings, 1)
		return json.Unmarshal(raw, &(*c)[0])
	}
	return json.Unmarshal(raw, (*[]fhir.Coding)(c))
}

// composition is the members of a Composition that are used.
type composition struct {
	ID      string               `json:"id"`
	Status  string               `json:"status"`
	Type    fhir.CodeableConcept `json:"type"`
	Subject *fhir.Reference      `json:"subject"`
	Date    string               `json:"date"`
	Author  []fhir.Reference     `json:"author"`
	Section []section            `json:"section"`
}

// section is the members of Composition.section that are used.
type section struct {
	Title string               `json:"title"`
	Code  fhir.CodeableConcept `json:"code"`
	Text  struct {
		Div string `json:"div"`
	} `json:"text"`
	Entry       []fhir.Reference      `json:"entry"`
	EmptyReason *fhir.CodeableConcept `json:"emptyReason"`
	Section     []section             `json:"section"`
}

// named is the name of a Practitioner or an Organization, or the references of a PractitionerRole.
type named struct {
	Name         json.RawMessage `json:"name"`
	Practitioner *fhir.Reference `json:"practitioner"`
	Organization *fhir.Reference `json:"organization"`
}

// searchset is a checked Bundle of one patient.
type searchset struct {
	total *int
	all   map[string]json.RawMessage // by type and id, as in "Patient/1"
	order []string                   // the keys of all
}

// decode decodes a resource. Its error is ErrMalformed.
func decode(raw []byte, v any) error {
	if json.Unmarshal(raw, v) != nil {
		return malformed("a resource of another shape")
	}
	return nil
}

// readSearchset reads a Bundle and checks that it is complete and about one patient only. It is strict: a resource that
// is left out could be the one with the allergies.
func readSearchset(raw []byte, n nhs.Number) (searchset, error) {
	if len(raw) > maxBundle {
		return searchset{}, malformed("too large")
	}
	raw = text.WithoutByteOrderMark(raw)
	if err := checkMembers(raw); err != nil {
		return searchset{}, err
	}

	var b fhir.Bundle
	if err := decode(raw, &b); err != nil {
		return searchset{}, err
	}
	switch {
	case b.ResourceType != "Bundle" || b.Type != "searchset":
		return searchset{}, malformed("not a searchset Bundle")
	case b.Total != nil && (*b.Total < 0 || *b.Total > len(b.Entry)):
		return searchset{}, malformed("a searchset without all of its entries")
	case b.Total != nil && *b.Total == 0 && len(b.Entry) > 0:
		return searchset{}, malformed("a searchset with entries whose total is 0")
	case slices.ContainsFunc(b.Link, func(l fhir.BundleLink) bool { return l.Relation == "next" }):
		return searchset{}, malformed("a searchset with further pages")
	}

	s := searchset{total: b.Total, all: make(map[string]json.RawMessage)}
	for _, e := range b.Entry {
		if err := s.add(e.Resource, n); err != nil {
			return searchset{}, err
		}
	}
	return s, nil
}

// add adds an entry's resource. A second patient and an OperationOutcome, which is a reservation about the answer, are
// errors.
func (s *searchset) add(raw json.RawMessage, n nhs.Number) error {
	var r struct {
		ID         string          `json:"id"`
		Identifier json.RawMessage `json:"identifier"`
	}
	kind := fhir.TypeOf(raw)
	if kind == "" || kind == "OperationOutcome" {
		return malformed("an entry without a resource")
	}
	if err := decode(raw, &r); err != nil {
		return err
	}
	if kind == "Patient" {
		var ids []fhir.Identifier
		if err := decode(r.Identifier, &ids); err != nil {
			return err
		}
		if !identifies(ids, n) {
			return ErrOtherPatient
		}
	}

	key := kind + "/" + r.ID
	if _, twice := s.all[key]; twice {
		return malformed("two resources with the same id")
	}
	s.all[key], s.order = raw, append(s.order, key)
	return nil
}

// identifies reports whether ids has the NHS number n and no other.
func identifies(ids []fhir.Identifier, n nhs.Number) bool {
	found := false
	for _, id := range ids {
		if id.System != fhir.SystemNHSNumber {
			continue
		}
		if id.Value != n.Digits() {
			return false
		}
		found = true
	}
	return found
}

// byType returns the resources of a type in the order of the answer.
func (s *searchset) byType(kind string) (found []json.RawMessage) {
	for _, key := range s.order {
		if strings.HasPrefix(key, kind+"/") {
			found = append(found, s.all[key])
		}
	}
	return found
}

// resolve returns the resource that a reference names, and its type: "Patient/1", or a URL that ends so.
func (s *searchset) resolve(r *fhir.Reference) (kind string, raw json.RawMessage) {
	if r == nil {
		return "", nil
	}
	parts := strings.Split(r.Reference, "/")
	if len(parts) < 2 {
		return "", nil
	}
	kind = parts[len(parts)-2]
	return kind, s.all[kind+"/"+parts[len(parts)-1]]
}

// checkSubject returns an error unless the reference is to the patient. Every Patient of the set is the patient.
func (s *searchset) checkSubject(r *fhir.Reference) error {
	if kind, raw := s.resolve(r); kind != "Patient" || raw == nil {
		return ErrOtherPatient
	}
	return nil
}

// maxAuthor is the maximum length of the authors' names in characters. They are always on the screen, so longer ones
// would leave no room for the allergies.
const maxAuthor = 100

// author returns the names of the authors, with the organisation where it is known.
func (s *searchset) author(refs []fhir.Reference) string {
	var names []string
	add := func(name string) {
		if name = line(name); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}

	for i := range refs {
		add(refs[i].Display)
		kind, raw := s.resolve(&refs[i])
		if kind != "PractitionerRole" {
			add(nameOf(kind, raw))
			continue
		}

		var role named
		if decode(raw, &role) == nil {
			add(nameOf(s.resolve(role.Practitioner)))
			add(nameOf(s.resolve(role.Organization)))
		}
	}

	return text.Clean(strings.Join(names, ", "), maxAuthor)
}

// nameOf returns the name of a Practitioner or an Organization, or "".
func nameOf(kind string, raw json.RawMessage) string {
	var r named
	if decode(raw, &r) != nil {
		return ""
	}
	switch kind {
	case "Organization":
		var name string
		_ = json.Unmarshal(r.Name, &name)
		return name
	case "Practitioner":
		var names []struct{ Text string }
		if json.Unmarshal(r.Name, &names) == nil && len(names) > 0 {
			return names[0].Text
		}
	}
	return ""
}

// line returns a short text of the answer, cleaned.
func line(s string) string { return strings.TrimSpace(text.Clean(spaced(s), 0)) }
