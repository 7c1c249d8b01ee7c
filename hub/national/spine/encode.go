package spine

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"wardlight/hub/national"
	"wardlight/internal/nhs"
)

// Interactions of CP-IS (Child Protection Domain Message Specification 1.0 RC5).
const (
	interactionQuery           = "QUPC_IN000006GB01"
	interactionAnswer          = "REPC_IN000007GB01"
	interactionFailure         = "QUQI_IN010000UK14"
	interactionAcknowledgement = "MCCI_IN010000UK13"
)

// Object identifiers of the messages.
const (
	oidInteraction = "2.16.840.1.113883.2.1.3.2.4.12"
	oidSystem      = "1.2.826.0.1285.0.2.0.107"          // accredited system (ASID)
	oidTemplate    = "2.16.840.1.113883.2.1.3.2.4.18.16" // contentId
	oidJobRole     = "2.16.840.1.113883.2.1.3.2.4.17.124"
	oidUser        = "1.2.826.0.1285.0.2.0.65"
	oidRoleProfile = "1.2.826.0.1285.0.2.0.67"
	oidODS         = "2.16.840.1.113883.2.1.3.2.4.19.1"
	oidNHSNumber   = "2.16.840.1.113883.2.1.4.1"
)

// Namespaces of the messages.
const (
	namespaceHL7   = "urn:hl7-org:v3"
	namespaceLocal = "NPFIT:HL7:Localisation"
)

// timeForm is the form of a time of day: UTC, to the second (HL7 data type TS).
const timeForm = "20060102150405"

// query is what a message asks.
type query struct {
	id      string // of the message, a UUID in upper case
	event   string // of the query, a UUID in upper case
	at      time.Time
	number  nhs.Number
	author  national.Caller
	systems Systems
}

// Systems are the accredited system IDs (ASID) at both ends of a message: 12 digits each.
type Systems struct {
	From string // the site's
	To   string // Spine's for CP-IS
}

// instance is an identifier (HL7 data type II).
type instance struct {
	Root      string `xml:"root,attr"`
	Extension string `xml:"extension,attr,omitempty"`
}

// value and code are an element with only that attribute.
type (
	value struct {
		Value string `xml:"value,attr"`
	}
	code struct {
		Code string `xml:"code,attr"`
	}
)

// device is a system with its ASID.
type device struct {
	Class      string   `xml:"classCode,attr"`
	Determiner string   `xml:"determinerCode,attr"`
	ID         instance `xml:"id"`
}

func newDevice(asid string) device {
	return device{Class: "DEV", Determiner: "INSTANCE", ID: instance{Root: oidSystem, Extension: asid}}
}

// communication is the sender or the receiver of the message.
type communication struct {
	Type   string `xml:"typeCode,attr"`
	Device device `xml:"device"`
}

// queryMessage is QUPC_IN000006GB01. Attributes that the schemas fix are prohibited in the payload, and are not there.
type queryMessage struct {
	XMLName            xml.Name      `xml:"urn:hl7-org:v3 QUPC_IN000006GB01"`
	ID                 instance      `xml:"id"`
	CreationTime       value         `xml:"creationTime"`
	VersionCode        code          `xml:"versionCode"`
	InteractionID      instance      `xml:"interactionId"`
	ProcessingCode     code          `xml:"processingCode"`
	ProcessingModeCode code          `xml:"processingModeCode"`
	AcceptAckCode      code          `xml:"acceptAckCode"`
	Receiver           communication `xml:"communicationFunctionRcv"`
	Sender             communication `xml:"communicationFunctionSnd"`
	ControlAct         controlAct    `xml:"ControlActEvent"`
}

type controlAct struct {
	Class  string `xml:"classCode,attr"`
	Mood   string `xml:"moodCode,attr"`
	Author struct {
		Type  string `xml:"typeCode,attr"`
		Agent struct {
			Class  string `xml:"classCode,attr"`
			System device `xml:"agentSystemSDS"`
		} `xml:"AgentSystemSDS"`
	} `xml:"author1"`
	Subject struct {
		Type  string    `xml:"typeCode,attr"`
		Query cpisQuery `xml:"CP-ISQueryStub>cP-ISNHSQuery"`
	} `xml:"subject"`
}

// cpisQuery is the query itself (QUPC_MT000006GB01).
type cpisQuery struct {
	EffectiveTime value    `xml:"effectiveTime"`
	ID            instance `xml:"id"`
	Author        struct {
		Content  contentID      `xml:"NPFIT:HL7:Localisation contentId"`
		Assigned assignedAuthor `xml:"COCT_TP145102GB01.AssignedAuthor"`
	} `xml:"author"`
	Number struct {
		Extension string `xml:"extension,attr"`
	} `xml:"queryByParameter>person.NHSnumber>value"`
}

// contentID names the template of the next element.
type contentID struct {
	Root      string `xml:"root,attr"`
	Extension string `xml:"extension,attr"`
}

// assignedAuthor is the person who asks (COCT_TP145102GB01).
type assignedAuthor struct {
	Code struct {
		Code    string `xml:"code,attr"`
		System  string `xml:"codeSystem,attr"`
		Display string `xml:"displayName,attr"`
	} `xml:"code"`
	IDs  []instance `xml:"id"`
	Name struct {
		Prefix string `xml:"prefix,omitempty"`
		Given  string `xml:"given,omitempty"`
		Family string `xml:"family"`
	} `xml:"assignedAuthorPerson>name"`
	Organisation struct {
		ID   instance `xml:"id"`
		Name string   `xml:"name"`
	} `xml:"representedOrganization"`
}

// lacking returns what the author of a query must have and c lacks, such as "organisation name", or "". Spine refuses
// a message without it (error 1712).
func lacking(c national.Caller) string {
	for _, need := range []struct{ name, value string }{
		{"user ID", c.UUID},
		{"role profile ID", c.URID},
		{"family name", c.Family},
		{"job role code", c.JobCode},
		{"job role name", c.JobName},
		{"organisation code", c.OrgODS},
		{"organisation name", c.OrgName},
	} {
		if strings.TrimSpace(need.value) == "" {
			return need.name
		}
	}
	return ""
}

// encode returns the message.
func encode(q query) ([]byte, error) {
	if what := lacking(q.author); what != "" {
		return nil, fmt.Errorf("the author has no %s", what)
	}

	at := value{Value: q.at.UTC().Format(timeForm)}
	m := queryMessage{
		ID: instance{Root: q.id}, CreationTime: at, VersionCode: code{Code: "V3NPfIT4.2.00"},
		InteractionID:  instance{Root: oidInteraction, Extension: interactionQuery},
		ProcessingCode: code{Code: "P"}, ProcessingModeCode: code{Code: "T"}, AcceptAckCode: code{Code: "NE"},
		Receiver: communication{Type: "RCV", Device: newDevice(q.systems.To)},
		Sender:   communication{Type: "SND", Device: newDevice(q.systems.From)},
	}

	act := &m.ControlAct
	act.Class, act.Mood = "CACT", "EVN"
	act.Author.Type, act.Author.Agent.Class = "AUT", "AGNT"
	act.Author.Agent.System = newDevice(q.systems.From)
	act.Subject.Type = "SUBJ"
	act.Subject.Query = cpisQuery{EffectiveTime: at, ID: instance{Root: q.event}}

	asks := &act.Subject.Query
	asks.Number.Extension = q.number.Digits()
	asks.Author.Content = contentID{Root: oidTemplate, Extension: "COCT_TP145102GB01#AssignedAuthor"}
	author := &asks.Author.Assigned
	author.Code.Code, author.Code.System, author.Code.Display = q.author.JobCode, oidJobRole, q.author.JobName
	author.IDs = []instance{
		{Root: oidUser, Extension: q.author.UUID}, {Root: oidRoleProfile, Extension: q.author.URID},
	}
	author.Name.Prefix, author.Name.Given = q.author.Title, q.author.Given
	author.Name.Family = q.author.Family
	author.Organisation.ID = instance{Root: oidODS, Extension: q.author.OrgODS}
	author.Organisation.Name = q.author.OrgName

	return xml.Marshal(m)
}
