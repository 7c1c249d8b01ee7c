package flags

import (
	"encoding/json"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// subject checks that all resources of an answer are about one patient. The guide's resources refer to the patient by
// the ID of a resource, which need not be an NHS number. That is accepted because the request names the patient. The
// resources must then all refer to the same ID.
type subject struct {
	number nhs.Number
	id     string // the ID by which resources refer to the patient; "" before the first
}

// about is what resources have about their patient: Flag, CarePlan and Condition a subject, Consent a patient, and
// Patient its own identifiers.
type about struct {
	ResourceType string            `json:"resourceType"`
	ID           string            `json:"id"`
	Identifier   []fhir.Identifier `json:"identifier"`
	Subject      *fhir.Reference   `json:"subject"`
	Patient      *fhir.Reference   `json:"patient"`
}

// check returns an error if a resource is about another patient, or if a Flag, CarePlan or Condition doesn't say about
// whom it is.
func (s *subject) check(raw []byte) error {
	var r about
	if json.Unmarshal(raw, &r) != nil {
		return faultf("a resource whose patient can't be read")
	}

	if r.ResourceType == "Patient" {
		if other(r.ID, s.number) {
			return errOtherPatient
		}
		for _, i := range r.Identifier {
			if i.System == fhir.SystemNHSNumber && i.Value != s.number.Digits() {
				return errOtherPatient
			}
		}
		return nil
	}

	named := false
	for _, ref := range []*fhir.Reference{r.Subject, r.Patient} {
		if ref == nil {
			continue
		}
		if err := s.checkReference(ref); err != nil {
			return err
		}
		named = true
	}

	switch r.ResourceType {
	case "Flag", "CarePlan", "Condition":
		if !named {
			return faultf("a resource without a subject")
		}
	}
	return nil
}

// checkReference returns an error if a reference is to another patient, or to none.
func (s *subject) checkReference(r *fhir.Reference) error {
	if r.Identifier != nil && (r.Identifier.System != fhir.SystemNHSNumber ||
		r.Identifier.Value != s.number.Digits()) {
		return errOtherPatient
	}

	id := lastPart(unversioned(r.Reference))
	switch {
	case id == "" && r.Identifier == nil:
		return faultf("a subject without a reference")
	case id == "":
		return nil
	case other(id, s.number):
		return errOtherPatient
	case s.id == "":
		s.id = id
	case s.id != id:
		return errOtherPatient
	}
	return nil
}

// other reports whether an ID is the NHS number of another patient. Many services use the number as the ID.
func other(id string, n nhs.Number) bool {
	number, err := nhs.ParseNumber(id)
	return err == nil && number != n
}
