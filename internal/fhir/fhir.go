// Package fhir holds the few FHIR R4 resources that Wardlight sends and reads, as far as it uses them.
//
// Optional members are pointers or slices and are left out when empty, because FHIR forbids empty values (R4 §2.6.2).
// Text in these structs is as it came over the wire: whoever shows it cleans it first.
package fhir

// MediaType is the content type of every FHIR answer and request body.
const MediaType = "application/fhir+json"

// Systems and code systems, as NHS England publishes them.
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
	SystemURI            = "urn:ietf:rfc:3986"                                   // of identifiers that are a URI, such as a urn:uuid
	SystemFlagCategory   = "https://fhir.nhs.uk/England/CodeSystem/England-FlagCategoryPatient"
)

// ExtensionSearchOther is, of an entry of a wider search, the detail that is quite another than what was asked for
// while the others fit: a code, of which these are known. It is an extension of Bundle.entry.search of our own; PDS
// has nothing of the kind.
const (
	ExtensionSearchOther = "urn:wardlight:search-other"
	OtherFamily          = "family"
	OtherGiven           = "given"
	OtherBirthDate       = "birthdate"
)

// CodeCPISFlag is the Flag code of a child protection alert (NHS England Patient Flag guide).
const CodeCPISFlag = "child-protection-information-system-flag"

// SNOMED CT codes of the kinds of plan (value set England-ChildProtectionPlan).
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

// Extension carries a coded value; other kinds are not used here.
type Extension struct {
	URL                  string           `json:"url"`
	ValueCode            string           `json:"valueCode,omitempty"`
	ValueCodeableConcept *CodeableConcept `json:"valueCodeableConcept,omitempty"`
}

// Period is a span of days or instants; an absent End is open.
type Period struct {
	Start string `json:"start,omitempty"`
	End   string `json:"end,omitempty"`
}

// Reference points to a resource, by URL, by identifier or by words.
type Reference struct {
	Reference  string      `json:"reference,omitempty"`
	Type       string      `json:"type,omitempty"`
	Identifier *Identifier `json:"identifier,omitempty"`
	Display    string      `json:"display,omitempty"`
}

// ContactPoint is a phone number or the like. Use is home, work, temp or mobile.
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

// NHSNumberReference refers to a patient by NHS number (ten digits).
func NHSNumberReference(digits string) *Reference {
	return &Reference{Identifier: &Identifier{System: SystemNHSNumber, Value: digits}}
}
