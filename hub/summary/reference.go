package summary

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// noSummary is the ID of the summary of a patient who has opted out and has none. The NHS API requires an ID.
const noSummary = "00000000-0000-0000-0000-000000000000"

// documentReference is the DocumentReference of the NHS API: a patient's latest summary, without its contents.
type documentReference struct {
	ResourceType     string                 `json:"resourceType"` // "DocumentReference"
	ID               string                 `json:"id"`
	MasterIdentifier fhir.Identifier        `json:"masterIdentifier"`
	Status           string                 `json:"status"` // current
	Type             fhir.CodeableConcept   `json:"type"`
	Subject          fhir.Reference         `json:"subject"`
	SecurityLabel    []fhir.CodeableConcept `json:"securityLabel"` // one: Sharing
	Content          []referenceContent     `json:"content"`
	Context          referenceContext       `json:"context"`
}

type referenceContent struct {
	Attachment struct {
		URL string `json:"url"`
	} `json:"attachment"`
}

type referenceContext struct {
	Event []fhir.CodeableConcept `json:"event"`
}

// referencePatient is the Patient beside a DocumentReference.
type referencePatient struct {
	ResourceType string            `json:"resourceType"` // "Patient"
	ID           string            `json:"id"`
	Identifier   []fhir.Identifier `json:"identifier"`
}

type referenceEntry struct {
	URL      string         `json:"fullUrl"`
	Resource any            `json:"resource"`
	Search   *referenceMode `json:"search,omitempty"`
}

type referenceMode struct {
	Mode string `json:"mode"`
}

type referenceBundle struct {
	ResourceType string           `json:"resourceType"` // "Bundle"
	ID           string           `json:"id"`
	Type         string           `json:"type"` // searchset
	Total        int              `json:"total"`
	Entry        []referenceEntry `json:"entry,omitempty"`
}

// References returns the answer to a search for a patient's latest summary. base is the address of the hub's summaries.
// If r is nil, none is on file.
func References(r *Reference, number nhs.Number, base string, newID func() string) ([]byte, error) {
	b := referenceBundle{ResourceType: "Bundle", ID: newID(), Type: "searchset"}
	if r == nil {
		return json.Marshal(b)
	}

	id := r.ID
	if id == "" {
		id = noSummary
	}
	code := fhir.CodeableConcept{Coding: []fhir.Coding{{
		System: fhir.SystemSNOMED, Code: CodeSummary, Display: "General Practice Summary",
	}}}
	patient := referencePatient{"Patient", newID(), []fhir.Identifier{{
		System: fhir.SystemNHSNumber, Value: number.Digits(),
	}}}
	var content referenceContent
	content.Attachment.URL = base + "/Bundle?" + url.Values{
		"composition.identifier": {
			id,
		},
		"composition.subject:Patient.identifier": {fhir.SystemNHSNumber + "|" + number.Digits()},
	}.Encode()
	d := documentReference{
		ResourceType: "DocumentReference", ID: newID(),
		MasterIdentifier: fhir.Identifier{System: systemSummary, Value: id}, Status: "current", Type: code,
		Subject: fhir.Reference{Reference: "Patient/" + patient.ID},
		SecurityLabel: []fhir.CodeableConcept{{Coding: []fhir.Coding{{
			System: systemSharing, Code: string(r.Sharing),
		}}}},
		Content: []referenceContent{content}, Context: referenceContext{[]fhir.CodeableConcept{code}},
	}

	b.Total = 1
	b.Entry = []referenceEntry{
		{base + "/DocumentReference/" + d.ID, d, &referenceMode{"match"}},
		{base + "/Patient/" + patient.ID, patient, &referenceMode{"include"}},
	}
	return json.Marshal(b)
}

// ErrOtherPatient means that an answer is about another patient.
var ErrOtherPatient = errors.New("it is about another patient")

// ReadReferences returns the reference in an answer to a search for the patient with that number, or nil if none is on
// file. The error is ErrOtherPatient, or says what is malformed without quoting it.
func ReadReferences(body []byte, number nhs.Number) (*Reference, error) {
	var b struct {
		ResourceType string `json:"resourceType"`
		Type         string `json:"type"`
		Entry        []struct {
			Resource json.RawMessage `json:"resource"`
		} `json:"entry"`
	}
	if json.Unmarshal(body, &b) != nil || b.ResourceType != "Bundle" || b.Type != "searchset" {
		return nil, errors.New("it is not a searchset")
	}

	var found *Reference
	about := nhs.Number("")
	for _, e := range b.Entry {
		var kind struct {
			ResourceType string          `json:"resourceType"`
			Identifier   json.RawMessage `json:"identifier"`
		}
		if json.Unmarshal(e.Resource, &kind) != nil {
			return nil, errors.New("an entry is not a FHIR resource")
		}
		switch kind.ResourceType {
		case "DocumentReference":
			if found != nil {
				return nil, errors.New("it has more than one DocumentReference")
			}
			var err error
			if found, err = readReference(e.Resource); err != nil {
				return nil, err
			}
		case "Patient":
			n, err := numberOf(kind.Identifier)
			if err != nil {
				return nil, err
			}
			if about != "" && about != n {
				return nil, ErrOtherPatient
			}
			about = n
		}
	}

	switch {
	case found == nil && len(b.Entry) > 0:
		return nil, errors.New("it has entries, and none is a DocumentReference")
	case found != nil && about == "":
		return nil, errors.New("it does not name the patient")
	case about != "" && about != number:
		return nil, ErrOtherPatient
	}
	return found, nil
}

// readReference returns the reference in a DocumentReference.
func readReference(raw json.RawMessage) (*Reference, error) {
	var d documentReference
	if json.Unmarshal(raw, &d) != nil {
		return nil, errors.New("the DocumentReference cannot be parsed")
	}

	sharing, err := SharingOf(d.SecurityLabel)
	r := Reference{ID: strings.ToUpper(d.MasterIdentifier.Value), Sharing: sharing}
	switch {
	case err != nil:
		return nil, err
	case r.Sharing != No && !uuidForm.MatchString(r.ID):
		return nil, errors.New("the DocumentReference has no UUID")
	case !uuidForm.MatchString(r.ID):
		r.ID = ""
	}
	return &r, nil
}

// SharingOf returns the permission in the security labels of a DocumentReference. A missing, unknown or second value is
// an error, because it could mean that the patient has opted out.
func SharingOf(labels []fhir.CodeableConcept) (Sharing, error) {
	var all []Sharing
	for _, label := range labels {
		for _, c := range label.Coding {
			if c.System == systemSharing {
				all = append(all, Sharing(c.Code))
			}
		}
	}
	if len(all) != 1 || all[0] != Ask && all[0] != Yes && all[0] != No {
		return "", errors.New("the DocumentReference does not have one permission of SCR-ACSPermission")
	}
	return all[0], nil
}
