package trace

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// withheld are the members that the hub removes from a restricted record (PDS FHIR R4 API, meta.security). suppliers
// are the extensions that it removes, because they reveal where the patient lives or obtains medicines. The NHS's own
// example of a restricted patient has none of them.
var (
	withheld  = []string{"address", "telecom", "contact", "generalPractitioner", "managingOrganization"}
	suppliers = []string{"NominatedPharmacy", "PreferredDispenserOrganization", "MedicalApplianceSupplier"}
)

// shown are the members of a search row (PDS FHIR R4 API, GET /Patient).
var shown = []string{
	"resourceType", "id", "identifier", "meta", "name", "gender", "birthDate", "multipleBirthInteger",
	"deceasedDateTime",
	"address", "telecom", "contact", "generalPractitioner", "extension",
}

// read returns the record, or an error if it is malformed.
func read(p store.Patient) (json.RawMessage, error) {
	if !json.Valid(p.Body) || !opens(p.Body, '{') {
		return nil, errors.New("a record is not a JSON object")
	}
	return p.Body, nil
}

// Shown returns a current record of a national service without the members that must not be shown. The error is that
// the record is malformed.
func Shown(p store.Patient) (Retrieved, error) { return retrieved(p) }

// retrieved returns the whole record without the members that must not be shown.
func retrieved(p store.Patient) (Retrieved, error) {
	body, err := read(p)
	if err != nil {
		return Retrieved{}, err
	}

	r := Retrieved{Number: p.Number, Document: body}
	for name, value := range members(body) {
		if name != "meta" {
			continue
		}
		var meta fhir.Meta
		if err := json.Unmarshal(value, &meta); err != nil {
			return Retrieved{}, fmt.Errorf("a record's meta cannot be parsed: %w", err)
		}
		r.Version = meta.VersionID
	}

	if p.Confidential {
		var w writer
		for name, value := range members(body) {
			switch {
			case name == "extension":
				w.list(name, value, func(x part) bool {
					return !slices.ContainsFunc(suppliers, func(s string) bool { return strings.HasSuffix(x.url, s) })
				})
			case !slices.Contains(withheld, name):
				w.member(name, value)
			}
		}
		if r.Document = w.object(); w.err != nil {
			return Retrieved{}, w.err
		}
	}

	return r, nil
}

// searchRow returns the record as a search row: current names, the home address, and the members that PDS shows.
func searchRow(p store.Patient, today nhs.Date) (json.RawMessage, error) {
	body, err := read(p)
	if err != nil {
		return nil, err
	}

	w := writer{out: make([]byte, 0, len(body))}
	for name, value := range members(body) {
		if !slices.Contains(shown, name) || p.Confidential && slices.Contains(withheld, name) {
			continue
		}

		switch name {
		case "name":
			// If no name is current, show one nevertheless, to identify the patient.
			if !w.list(name, value, func(x part) bool {
				return (x.use == "usual" || x.use == "temp" || x.use == "nickname") && x.current(today)
			}) {
				if !w.list(name, value, func(x part) bool { return !fhir.FormerName(x.use) }) {
					w.list(name, value, func(part) bool { return true })
				}
			}
		case "address":
			w.list(name, value, func(x part) bool { return x.use == "home" && x.current(today) })
		case "telecom":
			w.list(name, value, func(x part) bool { return x.current(today) })
		case "extension":
			w.list(name, value, func(x part) bool { return strings.HasSuffix(x.url, "DeathNotificationStatus") })
		default:
			w.member(name, value)
		}
	}

	return w.object(), w.err
}

// part has the members that decide whether a name, an address, a contact or an extension is shown.
type part struct{ use, url, start, end string }

func partOf(element json.RawMessage) part {
	var x part
	for name, value := range members(element) {
		switch name {
		case "use":
			x.use = unquoted(value)
		case "url":
			x.url = unquoted(value)
		case "period":
			for name, value := range members(value) {
				switch name {
				case "start":
					x.start = unquoted(value)
				case "end":
					x.end = unquoted(value)
				}
			}
		}
	}
	return x
}

// current reports whether today is in the period. A malformed date doesn't limit the period.
func (x part) current(today nhs.Date) bool {
	if start, err := date(x.start); err == nil && today.Before(start) {
		return false
	}
	end, err := date(x.end)
	return err != nil || !ended(end.Latest(), today)
}

// writer writes a JSON object.
type writer struct {
	out []byte
	err error
}

func (w *writer) member(name string, value json.RawMessage) {
	w.name(name)
	w.out = append(w.out, value...)
}

func (w *writer) name(name string) {
	sign := byte(',')
	if len(w.out) == 0 {
		sign = '{'
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		panic(err) // encoding a string can't fail
	}
	w.out = append(append(append(w.out, sign), quoted...), ':')
}

// list writes the elements that want accepts, and reports whether there are any. It writes no empty list, because FHIR
// doesn't allow one (R4 §2.6.2).
func (w *writer) list(name string, array json.RawMessage, want func(part) bool) bool {
	if !opens(array, '[') && string(array) != "null" {
		w.err = fmt.Errorf("a record's %s is not a list", name)
	}
	before, sign := len(w.out), byte('[')
	w.name(name)
	for one := range elements(array) {
		if want(partOf(one)) {
			w.out = append(append(w.out, sign), one...)
			sign = ','
		}
	}
	if sign == '[' {
		w.out = w.out[:before]
		return false
	}
	w.out = append(w.out, ']')
	return true
}

func (w *writer) object() json.RawMessage {
	if len(w.out) == 0 {
		w.out = append(w.out, '{')
	}
	return append(w.out, '}')
}
