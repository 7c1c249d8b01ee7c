package fhir

// Extensions of a Flag in the Patient Flags guide (NHS England).
const (
	ExtensionFlagDetail = "http://hl7.org/fhir/StructureDefinition/flag-detail"
	ExtensionFlagNotes  = "https://fhir.nhs.uk/England/StructureDefinition/Extension-FlagNotes"
)

// Code systems of reasonable adjustments in the Patient Flags guide.
const (
	SystemAdjustmentCategory = "https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryRA"
	SystemConditionCategory  = "https://fhir.nhs.uk/England/CodeSystem/England-ConditionCategoryRA"
	SystemClinicalStatus     = "http://terminology.hl7.org/CodeSystem/condition-clinical"
)

// Annotation is a note.
type Annotation struct {
	Text string `json:"text"`
}

// CarePlan is a plan of a child protection flag in the Patient Flags guide. Category is the kind of plan in SNOMED CT.
type CarePlan struct {
	ResourceType string            `json:"resourceType"` // "CarePlan"
	ID           string            `json:"id,omitempty"`
	Status       string            `json:"status"` // active, or completed once the plan has ended
	Intent       string            `json:"intent"` // plan
	Category     []CodeableConcept `json:"category,omitempty"`
	Subject      Reference         `json:"subject"`
	Period       *Period           `json:"period,omitempty"`
	CareTeam     []Reference       `json:"careTeam,omitempty"`
}

// Condition is an impairment of a reasonable adjustments flag.
type Condition struct {
	ResourceType   string            `json:"resourceType"` // "Condition"
	ID             string            `json:"id,omitempty"`
	ClinicalStatus *CodeableConcept  `json:"clinicalStatus,omitempty"`
	Category       []CodeableConcept `json:"category,omitempty"`
	Code           *CodeableConcept  `json:"code,omitempty"`
	Subject        Reference         `json:"subject"`
	Note           []Annotation      `json:"note,omitempty"`
}

// Provenance says when a flag was recorded, and for which organisation.
type Provenance struct {
	ResourceType string            `json:"resourceType"` // "Provenance"
	ID           string            `json:"id,omitempty"`
	Target       []Reference       `json:"target"`
	Recorded     string            `json:"recorded"` // RFC 3339
	Agent        []ProvenanceAgent `json:"agent"`
}

// ProvenanceAgent is who recorded a flag.
type ProvenanceAgent struct {
	Who        Reference  `json:"who"`
	OnBehalfOf *Reference `json:"onBehalfOf,omitempty"`
}

// CapabilityStatement states what a server offers.
type CapabilityStatement struct {
	ResourceType   string         `json:"resourceType"` // "CapabilityStatement"
	Status         string         `json:"status"`
	Date           string         `json:"date"`
	Kind           string         `json:"kind"` // instance
	Implementation Implementation `json:"implementation"`
	FHIRVersion    string         `json:"fhirVersion"`
	Format         []string       `json:"format"`
	Rest           []Capability   `json:"rest,omitempty"`
}

// Implementation is the server of a CapabilityStatement.
type Implementation struct {
	Description string `json:"description"`
	URL         string `json:"url,omitempty"`
}

// Capability is what a server or a client does.
type Capability struct {
	Mode          string               `json:"mode"` // server or client
	Documentation string               `json:"documentation,omitempty"`
	Resource      []ResourceCapability `json:"resource,omitempty"`
}

// ResourceCapability is what a server does with resources of a type.
type ResourceCapability struct {
	Type        string        `json:"type"`
	Interaction []Interaction `json:"interaction,omitempty"`
	SearchParam []SearchParam `json:"searchParam,omitempty"`
}

// Interaction is an interaction of FHIR's RESTful API, such as search-type.
type Interaction struct {
	Code string `json:"code"`
}

// SearchParam is a search parameter.
type SearchParam struct {
	Name string `json:"name"`
	Type string `json:"type"`
}
