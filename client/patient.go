package client

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// readPatient reads a PDS patient as it is on the day. A patient may lawfully lack name, gender and birth date; not the
// NHS number. The error says what is wrong and names no patient.
func readPatient(raw []byte, today nhs.Date) (Patient, error) {
	var r fhir.Patient
	if json.Unmarshal(raw, &r) != nil || r.ResourceType != "Patient" {
		return Patient{}, errors.New("not a Patient")
	}
	number, err := recordNumber(r)
	if err != nil {
		return Patient{}, err
	}
	p := Patient{Number: number, Gender: gender(r.Gender)}
	if p.Born, err = optionalDate(r.BirthDate); err != nil {
		return Patient{}, errors.New("patient with an unreadable birth date")
	}
	if p.Died, err = optionalDate(r.DeceasedDateTime); err != nil {
		return Patient{}, errors.New("patient with an unreadable date of death")
	}
	if n := currentName(r.Name, today); n != nil {
		p.Family = name(n.Family)
		p.Given = names(n.Given)
		p.Title = strings.Join(names(n.Prefix), " ")
		p.Families = otherFamilies(r.Name, p.Family)
	}
	switch r.Confidentiality() {
	case "U", "":
		p.Address, p.Postcode = currentAddress(r.Address, today)
		p.Phone = currentPhone(r.Telecom, today)
	default: // R, V, and whatever is not known here: what is withheld is not shown by mistake
		p.Restricted = true
	}
	return p, nil
}

// recordNumber returns the patient's NHS number: the id, with which an NHS number among the identifiers must agree.
func recordNumber(r fhir.Patient) (nhs.Number, error) {
	n, err := nhs.ParseNumber(r.ID)
	if err != nil || n.Digits() != r.ID {
		return "", errors.New("patient without an NHS number")
	}
	for _, i := range r.Identifier {
		if i.System == fhir.SystemNHSNumber && i.Value != n.Digits() {
			return "", errors.New("patient with two NHS numbers")
		}
	}
	return n, nil
}

// gender takes FHIR's four; a code that FHIR does not have is unknown.
func gender(s string) nhs.Gender {
	switch g := nhs.Gender(s); g {
	case nhs.Male, nhs.Female, nhs.OtherGender, nhs.UnknownGender, "":
		return g
	}
	return nhs.UnknownGender
}

// optionalDate reads a date that may be absent.
func optionalDate(s string) (nhs.Date, error) {
	if s == "" {
		return nhs.Date{}, nil
	}
	return nhs.ParseDate(s)
}

// currentName returns the usual name of the day. Without one it returns another name of the day that is not a former
// one. Where all have ended it returns the last ([fhir.LastInUse]); the hub's search finds the patient by that name.
// It returns nil for a patient without a name.
func currentName(all []fhir.HumanName, today nhs.Date) *fhir.HumanName {
	inUse := []func(fhir.HumanName) bool{
		func(n fhir.HumanName) bool { return n.Use == "usual" && covers(n.Period, today) },
		func(n fhir.HumanName) bool { return !fhir.FormerName(n.Use) && covers(n.Period, today) },
	}
	for _, rule := range inUse {
		if i := slices.IndexFunc(all, rule); i >= 0 {
			return &all[i]
		}
	}
	if i := fhir.LastInUse(all); i >= 0 {
		return &all[i]
	}
	return nil
}

// otherFamilies returns the family names of all that are not the one shown.
func otherFamilies(all []fhir.HumanName, shown string) []string {
	var out []string
	for _, n := range all {
		if family := name(n.Family); family != "" && family != shown && !slices.Contains(out, family) && len(out) < maxNames {
			out = append(out, family)
		}
	}
	return out
}

// currentAddress returns the home address of the day without blank lines, the postcode last; nothing when there is
// none.
func currentAddress(all []fhir.Address, today nhs.Date) (parts []string, postcode string) {
	i := slices.IndexFunc(all, func(a fhir.Address) bool { return a.Use == "home" && covers(a.Period, today) })
	if i < 0 {
		return nil, ""
	}
	parts = names(all[i].Line)
	// Shown as the hub sent it: PDS itself holds postcodes that break the rules.
	postcode = text.Clean(strings.TrimSpace(all[i].PostalCode), maxLine)
	if postcode != "" {
		parts = append(parts, postcode)
	}
	return parts, postcode
}

// currentPhone returns a phone number of the day: home before mobile before any other.
func currentPhone(all []fhir.ContactPoint, today nhs.Date) string {
	for _, use := range []string{"home", "mobile", ""} {
		for _, t := range all {
			if t.System == "phone" && (use == "" || t.Use == use) && covers(t.Period, today) {
				return line(t.Value)
			}
		}
	}
	return ""
}

// covers tells whether the day is in the period: an end that is absent is open, both ends count. A partial date
// covers all it could be. A period that cannot be read covers no day: it does not make a past address the present
// one.
func covers(p *fhir.Period, day nhs.Date) bool {
	if p == nil {
		return true
	}
	start, errStart := optionalDate(p.Start)
	end, errEnd := optionalDate(p.End)
	if errStart != nil || errEnd != nil {
		return false
	}
	return !day.Before(start) && (end.IsZero() || !end.Latest().Before(day))
}

// maxNames is how many parts of a name, or lines of an address, are kept.
const maxNames = 20

// names cleans parts of a name or lines of an address, and leaves out the blank ones.
func names(parts []string) []string {
	var out []string
	for _, p := range parts {
		if p = name(p); p != "" && len(out) < maxNames {
			out = append(out, p)
		}
	}
	return out
}
