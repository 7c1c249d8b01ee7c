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

// readPatient parses a PDS patient as of today. Name, gender and birth date are optional; the NHS number is required.
// The error names no patient.
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
	default: // R, V and unknown codes: withheld data must not be shown by mistake
		p.Restricted = true
	}

	return p, nil
}

// recordNumber returns the patient's NHS number: the resource id, which must equal any NHS number among the
// identifiers.
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

// gender converts a FHIR gender. Codes that FHIR doesn't define become unknown.
func gender(s string) nhs.Gender {
	switch g := nhs.Gender(s); g {
	case nhs.Male, nhs.Female, nhs.OtherGender, nhs.UnknownGender, "":
		return g
	}
	return nhs.UnknownGender
}

// optionalDate parses a date. "" is the zero date.
func optionalDate(s string) (nhs.Date, error) {
	if s == "" {
		return nhs.Date{}, nil
	}
	return nhs.ParseDate(s)
}

// currentName returns the current name of use "usual". Without one it returns another current name that is not a
// former one. If all have ended it returns the last ([fhir.LastInUse]), by which the hub's search finds the patient.
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

// otherFamilies returns the family names other than the one shown.
func otherFamilies(all []fhir.HumanName, shown string) []string {
	var out []string
	for _, n := range all {
		if family := name(n.Family); family != "" && family != shown && !slices.Contains(out, family) &&
			len(out) < maxNames {
			out = append(out, family)
		}
	}
	return out
}

// currentAddress returns the current home address without blank lines, the postcode last. It returns nothing if there
// is none.
func currentAddress(all []fhir.Address, today nhs.Date) (parts []string, postcode string) {
	i := slices.IndexFunc(all, func(a fhir.Address) bool { return a.Use == "home" && covers(a.Period, today) })
	if i < 0 {
		return nil, ""
	}
	parts = names(all[i].Line)
	// The postcode is not validated, because PDS contains malformed ones.
	postcode = text.Clean(strings.TrimSpace(all[i].PostalCode), maxLine)
	if postcode != "" {
		parts = append(parts, postcode)
	}
	return parts, postcode
}

// currentPhone returns a current phone number: home before mobile before any other.
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

// covers reports whether day is in the period, including both ends. A missing end is open. A partial date covers all
// days that it could mean. A malformed period covers no day, so that a past address doesn't become the current one.
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

// maxNames is the maximum number of parts of a name, or lines of an address.
const maxNames = 20

// names returns parts of a name or lines of an address, cleaned and without blank ones.
func names(parts []string) []string {
	var out []string
	for _, p := range parts {
		if p = name(p); p != "" && len(out) < maxNames {
			out = append(out, p)
		}
	}
	return out
}
