package nationaltest

import (
	"fmt"
	"strings"
)

// CPISRecord is a record of CP-IS with one plan.
type CPISRecord struct {
	Kind       string // LAC, UCP or CPP
	Start, End string // yyyymmddhhmm; End may be ""
	Code, Name string // of the local authority
	Office     string // telephone number; "" for none
	Duty       string // telephone number of the emergency duty team
	Number     string // NHS number of the child, or the mother's; "" for the one of the answer
}

// CPISView is an earlier query from unscheduled care.
type CPISView struct {
	ID                    string // UUID in upper case
	At                    string // yyyymmddhhmmss
	Number                string
	Prefix, Given, Family string
	JobCode, JobName      string
	OrgCode, Organisation string
}

// CPISAnswer returns REPC_IN000007GB01.
func CPISAnswer(number string, records []CPISRecord, views []CPISView) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<subject typeCode="SUBJ"><CP-ISNHSQueryResponse><effectiveTime value="20261122093001"/>`+
		`<id root="5F0C0E64-6F1D-4A3A-9B0E-0A2F6F0B7F21"/><pertinentInformation11><pertinentTotalReturnedAccessRecords>`+
		`<value value="%d"/></pertinentTotalReturnedAccessRecords></pertinentInformation11><pertinentInformation12>`+
		`<pertinentTotalReturnedChildRecords><value value="%d"/></pertinentTotalReturnedChildRecords>`+
		`</pertinentInformation12>`, len(views), len(records))
	for _, v := range views {
		v.write(&b)
	}
	for _, r := range records {
		if r.Number == "" {
			r.Number = number
		}
		r.write(&b)
	}
	b.WriteString(`</CP-ISNHSQueryResponse></subject><queryAck type="QueryAck"><queryResponseCode code="OK"/></queryAck>`)
	return wrapped("REPC_IN000007GB01", "V3NPfIT4.2.00", "", b.String())
}

// write appends pertinentInformation13.
func (v CPISView) write(b *strings.Builder) {
	fmt.Fprintf(b, `<pertinentInformation13><pertinentCP-ISNHSQuery><effectiveTime value="%s"/><id root="%s"/><author>`+
		`<npfitlc:contentId root="2.16.840.1.113883.2.1.3.2.4.18.16" extension="COCT_TP145102GB01#AssignedAuthor"/>`+
		`<COCT_TP145102GB01.AssignedAuthor><code code="%s" codeSystem="2.16.840.1.113883.2.1.3.2.4.17.124" `+
		`displayName="%s"/><id root="1.2.826.0.1285.0.2.0.65" extension="999000000999"/><assignedAuthorPerson><name>`,
		v.At, v.ID, escaped(v.JobCode), escaped(v.JobName))
	for _, part := range []struct{ name, value string }{
		{"prefix", v.Prefix}, {"given", v.Given}, {"family", v.Family},
	} {
		if part.value != "" {
			fmt.Fprintf(b, "<%s>%s</%s>", part.name, escaped(part.value), part.name)
		}
	}
	fmt.Fprintf(b, `</name></assignedAuthorPerson><representedOrganization><id root="2.16.840.1.113883.2.1.3.2.4.19.1" `+
		`extension="%s"/><name>%s</name></representedOrganization></COCT_TP145102GB01.AssignedAuthor></author>`+
		`<queryByParameter><person.NHSnumber><value extension="%s"/></person.NHSnumber></queryByParameter>`+
		`</pertinentCP-ISNHSQuery></pertinentInformation13>`, escaped(v.OrgCode), escaped(v.Organisation), v.Number)
}

// write appends pertinentInformation14.
func (r CPISRecord) write(b *strings.Builder) {
	fmt.Fprintf(b, `<pertinentInformation14><pertinentCP-ISRecordControlAct><record><communicationFunctionSnd>`+
		`<organisation><id root="2.16.840.1.113883.2.1.3.2.4.19.1" extension="%s"/><name>%s</name>`,
		escaped(r.Code), escaped(r.Name))
	if r.Office != "" {
		fmt.Fprintf(b, `<telecom use="WP" value="tel:%s"/>`, escaped(r.Office))
	}
	template := map[string]string{
		"LAC": "COCT_TP146103GB01", "UCP": "COCT_TP146104GB01", "CPP": "COCT_TP146105GB01",
	}[r.Kind]
	dates := strings.ToLower(r.Kind[:1]) + r.Kind[1:]
	fmt.Fprintf(b, `<telecom use="EC" value="tel:%[1]s"/></organisation></communicationFunctionSnd><CP-ISRecord>`+
		`<pertinentInformation15><npfitlc:contentId root="2.16.840.1.113883.2.1.3.2.4.18.16" `+
		`extension="%[2]s#%[3]sInformation"/><%[2]s.%[3]sInformation><component><%[4]sStartDate><value value="%[5]s"/>`+
		`</%[4]sStartDate></component>`, escaped(r.Duty), template, r.Kind, dates, r.Start)
	if r.End != "" {
		fmt.Fprintf(b, `<component1><%[1]sEndDate><value value="%[2]s"/></%[1]sEndDate></component1>`, dates, r.End)
	}
	fmt.Fprintf(b, `</%s.%sInformation></pertinentInformation15><subject>`, template, r.Kind)

	id := fmt.Sprintf(`<id root="2.16.840.1.113883.2.1.4.1" extension="%s"/>`, r.Number)
	const person = `<birthTime value="20160304"/><name><given>Tess</given><family>Example</family></name>`
	if r.Kind == "UCP" {
		b.WriteString(`<npfitlc:contentId root="2.16.840.1.113883.2.1.3.2.4.18.16" ` +
			`extension="COCT_TP145100GB01#UnbornChild"/><COCT_TP145100GB01.UnbornChild><parentMotherPerson>` + person +
			`<playedMother>` + id + `</playedMother></parentMotherPerson></COCT_TP145100GB01.UnbornChild>`)
	} else {
		b.WriteString(`<npfitlc:contentId root="2.16.840.1.113883.2.1.3.2.4.18.16" ` +
			`extension="COCT_TP145101GB01#Child"/><COCT_TP145101GB01.Child>` + id + `<childPerson>` + person +
			`</childPerson></COCT_TP145101GB01.Child>`)
	}
	b.WriteString(`</subject></CP-ISRecord></record></pertinentCP-ISRecordControlAct></pertinentInformation14>`)
}

// CPISFailure returns QUQI_IN010000UK14 of type AE about the message, with one detected issue.
func CPISFailure(messageID, code, words string) string {
	return wrapped("QUQI_IN010000UK14", "V3NPfIT4.2.00", acknowledgement("AE", messageID), issue(code, words)+
		`<queryAck type="QueryAck"><queryResponseCode code="AE"/></queryAck>`)
}

// CPISAcknowledgement returns MCCI_IN010000UK13 of the type (AA, AE or AR) about the message. code is that of its
// detected issue; "" for none.
func CPISAcknowledgement(messageID, kind, code string) string {
	issues := ""
	if code != "" {
		issues = issue(code, "Refused")
	}
	return wrapped("MCCI_IN010000UK13", "V3NPfIT4.2.00", acknowledgement(kind, messageID), issues)
}

func acknowledgement(kind, messageID string) string {
	return fmt.Sprintf(`<acknowledgement typeCode="%s"><messageRef><id root="%s"/></messageRef></acknowledgement>`, kind,
		messageID)
}

func issue(code, words string) string {
	return fmt.Sprintf(`<reason typeCode="RSON"><justifyingDetectedIssueEvent classCode="ALRT" moodCode="EVN">`+
		`<code code="%s" codeSystem="2.16.840.1.113883.2.1.3.2.4.17.42" displayName="%s"><qualifier code="ER"/></code>`+
		`</justifyingDetectedIssueEvent></reason>`, escaped(code), escaped(words))
}

// wrapped returns a message with its transmission wrapper.
func wrapped(interaction, version, acknowledgement, content string) string {
	const system = `<id root="1.2.826.0.1285.0.2.0.107" extension="928942012545"/>`
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>`+
		`<%[1]s xmlns="urn:hl7-org:v3" xmlns:npfitlc="NPFIT:HL7:Localisation">`+
		`<id root="6F0C0E64-6F1D-4A3A-9B0E-0A2F6F0B7F31"/><creationTime value="20261122093001"/>`+
		`<versionCode code="%[2]s"/><interactionId root="2.16.840.1.113883.2.1.3.2.4.12" extension="%[1]s"/>`+
		`<processingCode code="P"/><processingModeCode code="T"/><acceptAckCode code="NE"/>%[3]s`+
		`<communicationFunctionRcv typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE">`+
		`<id root="1.2.826.0.1285.0.2.0.107" extension="200000000205"/></device></communicationFunctionRcv>`+
		`<communicationFunctionSnd typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE">%[4]s</device>`+
		`</communicationFunctionSnd><ControlActEvent classCode="CACT" moodCode="EVN"><author1 typeCode="AUT">`+
		`<AgentSystemSDS classCode="AGNT"><agentSystemSDS classCode="DEV" determinerCode="INSTANCE">%[4]s`+
		`</agentSystemSDS></AgentSystemSDS></author1>%[5]s</ControlActEvent></%[1]s>`,
		interaction, version, acknowledgement, system, content)
}
