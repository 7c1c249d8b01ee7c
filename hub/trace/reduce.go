package trace

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// withheld are the members that a restricted record does not show (PDS FHIR R4 API, meta.security).
var withheld = []string{"address", "telecom", "contact", "generalPractitioner"}

// shown are the members of a search row (PDS FHIR R4 API, GET /Patient); a record has more.
var shown = []string{
	"resourceType", "id", "identifier", "meta", "name", "gender", "birthDate", "multipleBirthInteger", "deceasedDateTime",
	"address", "telecom", "contact", "generalPractitioner", "extension",
}

// document is a FHIR resource whose members are taken out whole, so that what the hub doesn't know survives.
type document map[string]json.RawMessage

func read(p store.Patient) (document, error) {
	var d document
	if err := json.Unmarshal(p.Body, &d); err != nil {
		return nil, fmt.Errorf("a record does not read: %w", err)
	}
	if p.Confidential {
		for _, member := range withheld {
			delete(d, member)
		}
	}
	return d, nil
}

// retrieved is the whole record as far as it may be shown.
func retrieved(p store.Patient) (Retrieved, error) {
	d, err := read(p)
	if err != nil {
		return Retrieved{}, err
	}
	var meta fhir.Meta
	if raw, ok := d["meta"]; ok {
		if err := json.Unmarshal(raw, &meta); err != nil {
			return Retrieved{}, fmt.Errorf("a record's meta does not read: %w", err)
		}
	}
	r := Retrieved{Number: p.Number, Version: meta.VersionID, Document: p.Body}
	if p.Confidential {
		r.Document, err = json.Marshal(d)
	}
	return r, err
}

// searchRow is the record as a search shows it: names in use, the home address, and no more than PDS gives.
func searchRow(p store.Patient, today nhs.Date) (json.RawMessage, error) {
	d, err := read(p)
	if err != nil {
		return nil, err
	}
	for member := range d {
		if !slices.Contains(shown, member) {
			delete(d, member)
		}
	}
	keep := func(member string, want func(part) bool) {
		if err == nil {
			err = d.keep(member, want)
		}
	}
	keep("name", func(x part) bool {
		return slices.Contains([]string{"usual", "temp", "nickname"}, x.Use) && x.current(today)
	})
	keep("address", func(x part) bool { return x.Use == "home" && x.current(today) })
	keep("telecom", func(x part) bool { return x.current(today) })
	keep("extension", func(x part) bool { return strings.HasSuffix(x.URL, "DeathNotificationStatus") })
	if err != nil {
		return nil, err
	}
	return json.Marshal(d)
}

// part is what decides whether one of several names, addresses, contacts or extensions is shown.
type part struct {
	Use    string       `json:"use"`
	URL    string       `json:"url"`
	Period *fhir.Period `json:"period"`
}

// current reports whether today lies in the period, as far as the period reads.
func (x part) current(today nhs.Date) bool {
	if x.Period == nil {
		return true
	}
	if start, err := nhs.ParseDate(x.Period.Start); err == nil && today.Before(start) {
		return false
	}
	end, err := nhs.ParseDate(x.Period.End)
	return err != nil || !ended(end, today)
}

// keep leaves those elements of a list that are wanted, and no empty list: FHIR forbids it (R4 §2.6.2).
func (d document) keep(member string, want func(part) bool) error {
	raw, ok := d[member]
	if !ok {
		return nil
	}
	var all, kept []json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return fmt.Errorf("a record's %s does not read: %w", member, err)
	}
	for _, one := range all {
		var x part
		if err := json.Unmarshal(one, &x); err != nil {
			return fmt.Errorf("a record's %s does not read: %w", member, err)
		}
		if want(x) {
			kept = append(kept, one)
		}
	}
	if len(kept) == 0 {
		delete(d, member)
		return nil
	}
	var err error
	d[member], err = json.Marshal(kept)
	return err
}
