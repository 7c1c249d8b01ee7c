package fhir

// SystemRelationship and SystemRelatedRole are the two code systems for relationships (PDS FHIR R4 API,
// RelatedPerson).
const (
	SystemRelationship = "http://hl7.org/fhir/ValueSet/relatedperson-relationshiptype"
	SystemRelatedRole  = "https://fhir.nhs.uk/R4/CodeSystem/UKCore-AdditionalRelatedPersonRole"
)

// RelatedPerson is a contact of a patient: a parent, a guardian, a proxy. Patient and Relationship are mandatory. It
// has at most one name and one address.
type RelatedPerson struct {
	ResourceType string            `json:"resourceType"` // "RelatedPerson"
	ID           string            `json:"id,omitempty"`
	Patient      Reference         `json:"patient"`
	Active       *bool             `json:"active,omitempty"`
	Period       *Period           `json:"period,omitempty"`
	Relationship []CodeableConcept `json:"relationship"`
	Name         []HumanName       `json:"name,omitempty"`
	Telecom      []ContactPoint    `json:"telecom,omitempty"`
	Address      []Address         `json:"address,omitempty"`
}
