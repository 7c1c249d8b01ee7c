package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Record converts a FHIR patient to a stored one: the document and the keys by which it is found. The patient's id
// must be a valid NHS number. A patient marked REDACTED is invalidated. For a superseded record, set SupersededBy in
// the result.
func Record(p *fhir.Patient) (store.Patient, error) {
	number, err := nhs.ParseNumber(p.ID)
	if err != nil || number.Digits() != p.ID {
		return store.Patient{}, fmt.Errorf("patient id: not a valid NHS number in ten digits")
	}
	saved := *p
	saved.Name, saved.Address = withoutBlanks(p.Name, p.Address)
	body, err := json.Marshal(saved)
	if err != nil {
		return store.Patient{}, fmt.Errorf("patient: %w", err)
	}
	keys, err := keysOf(p)
	if err != nil {
		return store.Patient{}, err
	}
	return store.Patient{
		Number: number, Body: body, Keys: keys, Confidential: p.Restricted(),
		Invalidated: p.Confidentiality() == "REDACTED",
	}, nil
}

// besides are the members that PDS returns and the hub stores without using them (PDS FHIR R4 API, GET /Patient/{id}).
var besides = []string{"contact", "extension", "managingOrganization"}

// Document converts a FHIR patient in JSON like [Record], and also stores the members that PDS returns besides. Errors
// don't name the patient.
func Document(came json.RawMessage) (store.Patient, error) {
	var p fhir.Patient
	if err := json.Unmarshal(came, &p); err != nil {
		return store.Patient{}, errors.New("not a FHIR Patient")
	}

	r, err := Record(&p)
	if err != nil {
		return r, err
	}

	for _, i := range p.Identifier {
		if n, err := nhs.ParseNumber(i.Value); i.System == fhir.SystemNHSNumber && (err != nil || n != r.Number) {
			return store.Patient{}, errors.New("its id differs from the NHS number of its identifier")
		}
	}

	var w writer
	for name, value := range members(r.Body) {
		w.member(name, value)
	}

	seen := make(map[string]bool)
	for name, value := range members(came) {
		if !slices.Contains(besides, name) || empty(value) {
			continue
		}
		if seen[name] {
			return store.Patient{}, fmt.Errorf("%s is given twice", name)
		}
		seen[name] = true
		w.member(name, value)
	}

	r.Body = w.object()
	return r, nil
}

// empty reports whether a value is empty, which FHIR doesn't allow (R4 §2.6.2).
func empty(value json.RawMessage) bool {
	var compact bytes.Buffer
	if json.Compact(&compact, value) != nil {
		return true
	}
	switch compact.String() {
	case "null", "[]", "{}", `""`:
		return true
	default:
		return false
	}
}

// withoutBlanks removes blank parts of names and addresses. PDS pads addresses to five lines with them, and FHIR
// doesn't allow them (R4 §2.6.2).
func withoutBlanks(names []fhir.HumanName, addresses []fhir.Address) ([]fhir.HumanName, []fhir.Address) {
	blank := func(s string) bool { return strings.TrimSpace(s) == "" }
	filled := func(parts []string) []string { return slices.DeleteFunc(slices.Clone(parts), blank) }
	names, addresses = slices.Clone(names), slices.Clone(addresses)
	for i := range names {
		n := &names[i]
		n.Given, n.Prefix, n.Suffix = filled(n.Given), filled(n.Prefix), filled(n.Suffix)
	}
	for i := range addresses {
		addresses[i].Line = filled(addresses[i].Line)
	}
	return names, addresses
}

func keysOf(p *fhir.Patient) (store.Keys, error) {
	k := store.Keys{Gender: p.Gender}
	var err error
	if k.Born, err = date(p.BirthDate); err != nil {
		return k, fmt.Errorf("patient birthDate: %w", err)
	}
	if k.Died, err = date(p.DeceasedDateTime); err != nil {
		return k, fmt.Errorf("patient deceasedDateTime: %w", err)
	}

	names := make([]spelling, len(p.Name))
	for i, n := range p.Name {
		ends, err := fhir.LastDay(n.Period, fhir.FormerName(n.Use))
		if err != nil {
			return k, fmt.Errorf("patient name: %w", err)
		}
		names[i] = spell(n.Family, n.Given)
		k.Names = append(k.Names, nameKey(n, names[i], ends))
	}

	selectOneInUse(p.Name, k.Names)
	k.Near = nearKeys(names)
	mark := func(kind store.MarkKind, value string, period *fhir.Period, old bool) error {
		ends, err := fhir.LastDay(period, old)
		if err == nil && value != "" {
			k.Marks = append(k.Marks, store.Mark{Kind: kind, Value: value, Ends: ends})
		}
		return err
	}

	for _, a := range p.Address {
		if err := mark(store.Postcode, Fold(a.PostalCode), a.Period, a.Use == "old"); err != nil {
			return k, fmt.Errorf("patient address: %w", err)
		}
	}

	for _, t := range p.Telecom {
		kind, value := store.Phone, foldPhone(t.Value)
		if t.System == "email" {
			kind, value = store.Email, foldEmail(t.Value)
		}
		if err := mark(kind, value, t.Period, t.Use == "old"); err != nil {
			return k, fmt.Errorf("patient telecom: %w", err)
		}
	}

	for _, g := range p.GeneralPractitioner {
		if err := mark(store.Practice, Fold(g.Identifier.Value), nil, false); err != nil {
			return k, err
		}
	}

	return k, nil
}

// selectOneInUse makes the name with which a patient is displayed count as current if all names have ended, because
// whoever reads that name on a screen must find the patient by it. keys are the keys of names, in the same order.
func selectOneInUse(names []fhir.HumanName, keys []store.NameKey) {
	inUse := func(k store.NameKey) bool { return k.Ends.IsZero() }
	if i := fhir.LastInUse(names); i >= 0 && !slices.ContainsFunc(keys, inUse) {
		keys[i].Ends = nhs.Date{}
	}
}

// nameKey returns the keys of one name: its letters, and the sound of each of its parts with each given name.
func nameKey(n fhir.HumanName, spelt spelling, ends nhs.Date) store.NameKey {
	key := store.NameKey{Family: Fold(n.Family), Given: foldGiven(n.Given), Ends: ends, Spelt: spelt.String()}
	families := spelt.family.sounds()
	if len(families) == 0 {
		families = []string{""}
	}
	var given []string
	for _, g := range spelt.given {
		given = append(given, g.sounds()...)
	}
	if given = distinct(given); len(given) == 0 {
		given = []string{""}
	}
	for _, f := range families {
		for _, g := range given {
			key.Sounds = append(key.Sounds, store.Sound{Family: f, Given: g})
		}
	}
	return key
}

// foldGiven folds given names. A name of several words, such as John Paul, is found as a whole and by each word. A
// wildcard matches the whole of the first.
func foldGiven(given []string) []string {
	var folded []string
	add := func(name string) {
		if f := Fold(name); f != "" && !slices.Contains(folded, f) {
			folded = append(folded, f)
		}
	}
	for _, g := range given {
		add(g)
		for part := range strings.FieldsSeq(g) {
			add(part)
		}
	}
	return folded
}

// date parses a FHIR date. It returns the zero date for "".
func date(s string) (nhs.Date, error) {
	if s == "" {
		return nhs.Date{}, nil
	}
	return nhs.ParseDate(s)
}
