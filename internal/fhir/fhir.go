// Package fhir defines the FHIR R4 resources that Wardlight sends and reads, with the members that it uses.
//
// Optional members are pointers or slices and are omitted when empty, because FHIR forbids empty values (R4 §2.6.2).
// Text in these structs is not sanitised: callers must do that before display.
package fhir

// MediaType is the media type of all FHIR request and response bodies.
const MediaType = "application/fhir+json"

// URLs of identifier systems and code systems, as NHS England publishes them.
const (
	SystemNHSNumber      = "https://fhir.nhs.uk/Id/nhs-number"
	SystemODS            = "https://fhir.nhs.uk/Id/ods-organization-code"
	SystemSDSUser        = "https://fhir.nhs.uk/Id/sds-user-id"
	SystemSDSRoleProfile = "https://fhir.nhs.uk/Id/sds-role-profile-id"
	SystemJobRole        = "https://fhir.nhs.uk/CodeSystem/NHSDigital-SDS-JobRoleCode"
	SystemSpineError     = "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode"
	SystemSNOMED         = "http://snomed.info/sct"
	SystemConfidential   = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
	SystemNumberStatus   = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus"
	ExtensionNumberState = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
	SystemFlagSafety     = "http://terminology.hl7.org/CodeSystem/flag-category" // code "safety"
	SystemURI            = "urn:ietf:rfc:3986"                                   // for URIs, such as a urn:uuid
	SystemFlagCategory   = "https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient"
)

// ExtensionSearchOther is an extension of Bundle.entry.search for entries of a wider search. Its code names the detail
// that differs completely from the query while the others agree; these codes are defined. It is specific to Wardlight;
// PDS has no such extension.
const (
	ExtensionSearchOther = "urn:wardlight:search-other"
	OtherFamily          = "family"
	OtherGiven           = "given"
	OtherBirthDate       = "birthdate"
)

// Codes of flags in SystemFlagCategory (NHS England Patient Flag guide).
const (
	CodeCPISFlag        = "child-protection-information-system-flag" // a child protection alert
	CodeAdjustmentsFlag = "national-reasonable-adjustment-flag"
	CodeFGMFlag         = "female-genital-mutilation-flag"
)

// SNOMED CT codes for the kinds of plan (value set England-ChildProtectionPlan).
const (
	SnomedChildPlan   = "342191000000101" // child protection plan, CPP
	SnomedLookedAfter = "764841000000100" // looked after child, LAC
	SnomedUnbornPlan  = "818901000000100" // unborn child protection plan, UCPP
)

// Coding is a code in a code system.
type Coding struct {
	System  string `json:"system,omitempty"`
	Version string `json:"version,omitempty"`
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`
}

// CodeableConcept is a concept with its codings.
type CodeableConcept struct {
	Coding []Coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

// Identifier is a business identifier.
type Identifier struct {
	Extension []Extension `json:"extension,omitempty"`
	System    string      `json:"system,omitempty"`
	Value     string      `json:"value,omitempty"`
}

// Extension is an extension with a value of one of these types; other types are not supported.
type Extension struct {
	URL                  string           `json:"url"`
	ValueCode            string           `json:"valueCode,omitempty"`
	ValueCodeableConcept *CodeableConcept `json:"valueCodeableConcept,omitempty"`
	ValueReference       *Reference       `json:"valueReference,omitempty"`
	ValueAnnotation      *Annotation      `json:"valueAnnotation,omitempty"`
	ValueInstant         string           `json:"valueInstant,omitempty"` // RFC 3339
	ValueBoolean         *bool            `json:"valueBoolean,omitempty"`
}

// Period is a range of days or instants. Without an End it is open.
type Period struct {
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
}

// Reference refers to a resource by URL, by identifier or by text.
type Reference struct {
	Reference  string      `json:"reference,omitempty"`
	Type       string      `json:"type,omitempty"`
	Identifier *Identifier `json:"identifier,omitempty"`
	Display    string      `json:"display,omitempty"`
}

// ContactPoint is a telephone number or another contact. Use is home, work, temp or mobile.
type ContactPoint struct {
	ID     string  `json:"id,omitempty"`
	Period *Period `json:"period,omitempty"`
	System string  `json:"system,omitempty"`
	Value  string  `json:"value,omitempty"`
	Use    string  `json:"use,omitempty"`
}

// Meta is the version and the confidentiality of a resource.
type Meta struct {
	VersionID string   `json:"versionId,omitempty"`
	Security  []Coding `json:"security,omitempty"`
}

// NHSNumberReference returns a reference to a patient by NHS number (ten digits).
func NHSNumberReference(digits string) *Reference {
	return &Reference{Identifier: &Identifier{System: SystemNHSNumber, Value: digits}}
}
