package audit

import (
	"wardlight/internal/fhir"
	"wardlight/rbac"
)

// Actions of persons, where rbac.Action has no name for them.
const (
	SignIn      = "sign in"
	SignOut     = "sign out"
	Search      = "search for patients"
	Retrieve    = "retrieve a patient"
	ListRelated = "list related persons"
	UseToken    = "use a token" // of a token that the hub has issued, refused
	ReadReceipt = "read a receipt"
	FindSummary = "look for a summary"
	RaiseAlert  = "raise a privacy alert"
)

// Actions of a privacy officer: the reports about accesses, and the closing of a privacy alert.
const (
	ReportPatientAccess    = "report patient access"
	ReportUserAccess       = "report user access"
	ReportPatientEnquiries = "report patient enquiries"
	CloseAlert             = "close a privacy alert"
)

// IsPrivacyWork reports whether the action is a privacy officer's report, or is about privacy alerts: the patients in
// it are not the officer's.
func IsPrivacyWork(action string) bool {
	switch action {
	case ReportPatientAccess, ReportUserAccess, ReportPatientEnquiries, CloseAlert, rbac.ReadPrivacyAlerts.String():
		return true
	}
	return false
}

// Actions of local authorities.
const (
	UploadPlans       = "upload plans"
	ReadUpload        = "read upload"
	ReadNotifications = "read notifications"
)

// Actions of an operator's commands.
const (
	AddAuthority       = "add authority"
	ChangeAuthority    = "change authority"
	AddCredential      = "add credential"
	EndCredential      = "end credential"
	RevokeCertificate  = "revoke certificate"
	LiftRevocation     = "lift revocation"
	EnrolCertificate   = "enrol certificate"
	ReleaseCertificate = "release certificate"
	ListPlans          = "list plans"
	EndPlan            = "end plan"
	RemovePlan         = "remove plan"
	ChangeStaff        = "change who may sign in"
	ImportPlan         = "import plan"
	ImportFlag         = "import flag"
	ReplacePatients    = "replace patients"
	ImportSummary      = "import summary"
	AskPlansAgain      = "ask for plans again"
	ConfirmPlansAgain  = "confirm plans sent again"
	SealAudit          = "seal the audit"
)

// Agent is a kind of agent of an action.
type Agent string

// Kinds of agents.
const (
	Person    Agent = "person"
	Authority Agent = "authority"
	Operator  Agent = "operator"
)

// Kind classifies an action: its agent, and its type, subtype and action (C, R, U, D, E) in a FHIR R4 AuditEvent.
// Subtype may be zero.
type Kind struct {
	By      Agent
	Event   fhir.Coding
	Subtype fhir.Coding
	Code    string
}

var (
	rest       = fhir.Coding{System: systemEventType, Code: "rest", Display: "RESTful Operation"}
	userAccess = fhir.Coding{System: systemDICOM, Code: "110114", Display: "User Authentication"}
	security   = fhir.Coding{System: systemDICOM, Code: "110113", Display: "Security Alert"}

	searched = interaction("search-type")
	read     = interaction("read")
	created  = interaction("create")
	updated  = interaction("update")
	deleted  = interaction("delete")
)

func interaction(code string) fhir.Coding { return fhir.Coding{System: systemInteraction, Code: code} }

func dicom(code, display string) fhir.Coding {
	return fhir.Coding{System: systemDICOM, Code: code, Display: display}
}

// Actions contains every action that a record may have. The codes are of DICOM PS3.16, context groups 400 and 401, and
// of FHIR's restful-interaction.
var Actions = map[string]Kind{
	SignIn:                        {Person, userAccess, dicom("110122", "Login"), "E"},
	SignOut:                       {Person, userAccess, dicom("110123", "Logout"), "E"},
	UseToken:                      {Person, userAccess, fhir.Coding{}, "E"},
	Search:                        {Person, rest, searched, "E"},
	Retrieve:                      {Person, rest, read, "R"},
	ListRelated:                   {Person, rest, searched, "E"},
	rbac.SeeLamp.String():         {Person, rest, searched, "E"},
	rbac.OpenAlert.String():       {Person, rest, searched, "E"},
	rbac.OpenSilently.String():    {Person, rest, searched, "E"},
	rbac.ReadAccessList.String():  {Person, rest, searched, "E"},
	rbac.SeeFlags.String():        {Person, rest, searched, "E"},
	rbac.ReadAdjustments.String(): {Person, rest, searched, "E"},
	rbac.ReadFGM.String():         {Person, rest, searched, "E"},

	FindSummary:                          {Person, rest, searched, "E"},
	rbac.ReadSummary.String():            {Person, rest, searched, "E"},
	rbac.ReadSummaryInEmergency.String(): {Person, rest, searched, "E"},
	rbac.ReadSummaryByLaw.String():       {Person, rest, searched, "E"},
	RaiseAlert:                           {Person, rest, created, "C"},

	ReadReceipt: {Person, rest, dicom("110101", "Audit Log Used"), "R"},

	ReportPatientAccess:             {Person, rest, dicom("110101", "Audit Log Used"), "R"},
	ReportUserAccess:                {Person, rest, dicom("110101", "Audit Log Used"), "R"},
	ReportPatientEnquiries:          {Person, rest, dicom("110101", "Audit Log Used"), "R"},
	rbac.ReadPrivacyAlerts.String(): {Person, rest, dicom("110101", "Audit Log Used"), "R"},
	CloseAlert:                      {Person, rest, updated, "U"},

	UploadPlans:       {Authority, rest, created, "C"},
	ReadUpload:        {Authority, rest, read, "R"},
	ReadNotifications: {Authority, rest, searched, "E"},

	AddAuthority:       {Operator, rest, created, "C"},
	ChangeAuthority:    {Operator, rest, updated, "U"},
	AddCredential:      {Operator, security, dicom("110137", "User Security Attributes Changed"), "C"},
	EndCredential:      {Operator, security, dicom("110137", "User Security Attributes Changed"), "D"},
	RevokeCertificate:  {Operator, security, dicom("110137", "User Security Attributes Changed"), "D"},
	LiftRevocation:     {Operator, security, dicom("110137", "User Security Attributes Changed"), "U"},
	EnrolCertificate:   {Operator, security, dicom("110137", "User Security Attributes Changed"), "C"},
	ReleaseCertificate: {Operator, security, dicom("110137", "User Security Attributes Changed"), "D"},
	ListPlans:          {Operator, rest, searched, "E"},
	EndPlan:            {Operator, rest, updated, "U"},
	RemovePlan:         {Operator, rest, deleted, "D"},
	ImportPlan:         {Operator, rest, updated, "U"},
	ImportSummary:      {Operator, rest, updated, "U"},
	ImportFlag:         {Operator, rest, updated, "U"},
	ReplacePatients:    {Operator, rest, updated, "U"},
	ChangeStaff:        {Operator, security, dicom("110136", "Security Roles Changed"), "U"},
	AskPlansAgain:      {Operator, rest, updated, "U"},
	ConfirmPlansAgain:  {Operator, rest, updated, "U"},
	SealAudit:          {Operator, security, dicom("110101", "Audit Log Used"), "D"},
}
