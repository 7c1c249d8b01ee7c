package summary

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Systems of the NHS API.
const (
	systemUUID    = "https://tools.ietf.org/html/rfc4122"
	systemSummary = "https://fhir.nhs.uk/Id/nhsSCRUUID"
	systemSharing = "https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission"
	// CodeSummary is the document type "General Practice Summary" in SNOMED CT.
	CodeSummary = "196981000000101"
)

// bundle is a Bundle with a summary. Its entries stay as they are.
type bundle struct {
	ResourceType string            `json:"resourceType"` // "Bundle"
	ID           string            `json:"id"`
	Identifier   fhir.Identifier   `json:"identifier"`
	Type         string            `json:"type"` // searchset
	Timestamp    string            `json:"timestamp"`
	Total        int               `json:"total"`
	Entry        []json.RawMessage `json:"entry,omitempty"` // FHIR has no empty lists
}

// resource is what identifies the document and its patient.
type resource struct {
	ResourceType string          `json:"resourceType"`
	ID           string          `json:"id"`
	Identifier   json.RawMessage `json:"identifier"`
	Subject      fhir.Reference  `json:"subject"`
	Date         string          `json:"date"`
	Section      []struct{}      `json:"section"`
}

type entry struct {
	Resource resource `json:"resource"`
}

// Parse returns the document in a Bundle: the patient and ID of its only Composition, and when that was made. Each
// Patient in it must have the same NHS number. Errors don't quote the Bundle.
func Parse(body []byte) (Document, error) {
	var b bundle
	if err := json.Unmarshal(body, &b); err != nil || b.ResourceType != "Bundle" {
		return Document{}, errors.New("it is not a Bundle")
	}

	var composition *resource
	patients := make(map[string]nhs.Number) // by ID in capitals
	for _, raw := range b.Entry {
		var e entry
		if err := json.Unmarshal(raw, &e); err != nil {
			return Document{}, errors.New("an entry is not a FHIR resource")
		}
		switch e.Resource.ResourceType {
		case "Composition":
			if composition != nil {
				return Document{}, errors.New("it has more than one Composition")
			}
			composition = &e.Resource
		case "Patient":
			number, err := numberOf(e.Resource.Identifier)
			if err != nil {
				return Document{}, err
			}
			patients[strings.ToUpper(e.Resource.ID)] = number
		}
	}
	if composition == nil {
		return Document{}, errors.New("it has no Composition")
	}
	return composition.document(patients, body)
}

// document returns the document of a Composition.
func (r *resource) document(patients map[string]nhs.Number, body []byte) (Document, error) {
	d := Document{Body: body, Sharing: Ask}
	id := r.Subject.Reference[strings.LastIndexAny(r.Subject.Reference, "/:")+1:]
	number, known := patients[strings.ToUpper(id)]
	for _, n := range patients {
		if n != number {
			known = false
		}
	}
	if d.Number = number; !known {
		return d, errors.New("the subject of the Composition is not its only Patient")
	}

	var identifier fhir.Identifier
	if json.Unmarshal(r.Identifier, &identifier) != nil || !uuidForm.MatchString(identifier.Value) {
		return d, errors.New("the identifier of the Composition is not a UUID")
	}
	d.ID = strings.ToUpper(identifier.Value)

	var err error
	if d.Made, err = time.Parse(time.RFC3339, r.Date); err != nil {
		return d, errors.New("the date of the Composition is not a date with a time")
	}
	if len(r.Section) == 0 {
		return d, errors.New("the Composition has no section")
	}
	return d, nil
}

// numberOf returns the only NHS number in a list of identifiers.
func numberOf(raw json.RawMessage) (nhs.Number, error) {
	var all []fhir.Identifier
	if json.Unmarshal(raw, &all) != nil {
		return "", errors.New("the identifiers of a Patient cannot be parsed")
	}
	all = slices.DeleteFunc(all, func(i fhir.Identifier) bool { return i.System != fhir.SystemNHSNumber })
	if len(all) != 1 {
		return "", errors.New("a Patient does not have one NHS number")
	}
	number, err := nhs.ParseNumber(all[0].Value)
	if err != nil {
		return "", errors.New("the NHS number of a Patient is not valid")
	}
	return number, nil
}

// Answer returns the Bundle of a document as the NHS API returns it, at the time now. The Patient has the requested
// number, which may be another one of the same patient. If d is nil the Bundle is empty.
func Answer(d *Document, number nhs.Number, now time.Time, newID func() string) ([]byte, error) {
	b := bundle{}
	if d != nil {
		if err := json.Unmarshal(d.Body, &b); err != nil {
			return nil, errors.New("a stored summary cannot be parsed") // without the cause, which quotes it
		}
	}

	b.ResourceType, b.Type, b.Total = "Bundle", "searchset", len(b.Entry)
	if b.ID == "" {
		b.ID = strings.ToUpper(newID())
	}
	if b.Identifier.Value == "" {
		b.Identifier = fhir.Identifier{System: systemUUID, Value: strings.ToUpper(newID())}
	}
	if b.Timestamp == "" {
		b.Timestamp = now.UTC().Format(time.RFC3339)
	}

	if d != nil && d.Number != number {
		for i, raw := range b.Entry {
			var e entry
			if json.Unmarshal(raw, &e) != nil || e.Resource.ResourceType != "Patient" {
				continue
			}
			changed, err := renumbered(raw, number)
			if err != nil {
				return nil, errors.New("a stored summary cannot be parsed")
			}
			b.Entry[i] = changed
		}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // the XHTML of sections stays as short as it is
	if err := encoder.Encode(b); err != nil {
		return nil, errors.New("a stored summary cannot be encoded")
	}
	return bytes.TrimSpace(text.Bytes()), nil
}

// renumbered returns the entry of a Patient with another number. What else the entry has stays as it is.
func renumbered(raw json.RawMessage, number nhs.Number) (json.RawMessage, error) {
	var e, patient map[string]json.RawMessage
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(e["resource"], &patient); err != nil {
		return nil, err
	}
	var identifiers []map[string]any
	if err := json.Unmarshal(patient["identifier"], &identifiers); err != nil {
		return nil, err
	}
	for _, one := range identifiers {
		if one["system"] == fhir.SystemNHSNumber {
			one["value"] = number.Digits()
		}
	}

	var err error
	if patient["identifier"], err = json.Marshal(identifiers); err != nil {
		return nil, err
	}
	if e["resource"], err = json.Marshal(patient); err != nil {
		return nil, err
	}
	return json.Marshal(e)
}
