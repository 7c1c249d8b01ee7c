package spine

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardlight/hub/store"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

// answer is what the service has about a child.
type answer struct {
	none    bool // the service says that it has no record of the child; then plans is empty
	plans   []store.PlanWithAuthority
	queries []store.Access // earlier queries from unscheduled care, and this one
}

// Errors of decode. Any other one means that the answer could not be understood.
var (
	errOtherPatient     = errors.New("the answer is about another patient")
	errOnlyAcknowledged = errors.New("the query was acknowledged, and there is no answer")
)

// refusedError is the service's refusal of the query.
type refusedError struct {
	code string // of the detected issue, such as "1712"; "" if it has none in the expected form
}

// Error returns the code.
func (e *refusedError) Error() string {
	return fmt.Sprintf("the service refused the query with code %q", e.code)
}

// noRecords is the text of the detected issue of a child without a record.
const noRecords = "No Records Found"

// decode returns the answer to the query with the message ID about the number. It says that there is no record only
// if the service says so in its own words, of this message.
func decode(document []byte, messageID string, number nhs.Number) (answer, error) {
	root, err := parse(document)
	if err != nil {
		return answer{}, err
	}

	r := &reader{}
	if id := r.one(root, "interactionId"); r.err == nil && (id.attribute("root") != oidInteraction ||
		id.attribute("extension") != root.name) {
		r.fail("an interaction other than that of the root element")
	}

	if r.err != nil {
		return answer{}, r.err
	}

	switch root.name {
	case interactionAnswer:
		return decodeRecords(root, number)
	case interactionFailure, interactionAcknowledgement:
		return decodeFailure(root, messageID)
	default:
		return answer{}, errors.New("an unknown interaction")
	}
}

// decodeFailure decodes QUQI_IN010000UK14, which also says that there is no record, and MCCI_IN010000UK13.
func decodeFailure(root *element, messageID string) (answer, error) {
	r := &reader{}
	acknowledged := r.one(root, "acknowledgement")
	about := r.required(r.one(acknowledged, "messageRef", "id"), "root")
	status := r.required(acknowledged, "typeCode")
	issues := detectedIssues(r, root)
	switch {
	case r.err != nil:
		return answer{}, r.err
	case !strings.EqualFold(about, messageID):
		return answer{}, errors.New("a failure of another message")
	case status == "AA":
		return answer{}, errOnlyAcknowledged
	case status != "AE" && status != "AR":
		return answer{}, errors.New("an unknown type of acknowledgement")
	case root.name == interactionFailure && status == "AE" && len(issues) == 1 &&
		strings.EqualFold(issues[0].attribute("displayName"), noRecords):
		return answer{none: true}, nil
	}

	refused := &refusedError{}
	for _, i := range issues {
		if c := i.attribute("code"); refused.code == "" && issueCode.MatchString(c) {
			refused.code = c
		}
	}
	return answer{}, refused
}

// issueCode matches the code of a detected issue, which is logged.
var issueCode = regexp.MustCompile(`^[A-Za-z0-9-]{1,12}$`)

// detectedIssues returns the codes of all detected issues and of the details of the acknowledgement.
func detectedIssues(r *reader, root *element) []*element {
	var codes []*element
	for _, reason := range r.all(r.one(root, "ControlActEvent"), "reason") {
		codes = append(codes, r.one(reason, "justifyingDetectedIssueEvent", "code"))
	}
	for _, detail := range r.all(r.one(root, "acknowledgement"), "acknowledgementDetail") {
		codes = append(codes, r.one(detail, "code"))
	}
	return codes
}

// decodeRecords decodes REPC_IN000007GB01.
func decodeRecords(root *element, number nhs.Number) (answer, error) {
	r := &reader{}
	response := r.one(root, "ControlActEvent", "subject", "CP-ISNHSQueryResponse")
	r.only(response, "effectiveTime", "id", "pertinentInformation11", "pertinentInformation12",
		"pertinentInformation13", "pertinentInformation14")
	var a answer
	for _, e := range r.all(response, "pertinentInformation13") {
		q := decodeQuery(r, r.one(e, "pertinentCP-ISNHSQuery"))
		if r.err == nil && q.Number != number {
			return answer{}, errOtherPatient
		}
		a.queries = append(a.queries, q)
	}

	records := 0
	for _, e := range r.all(response, "pertinentInformation14") {
		act := r.one(e, "pertinentCP-ISRecordControlAct")
		r.only(act, "record")
		for _, record := range r.all(act, "record") {
			records++
			if !isAbout(r, record, number) && r.err == nil {
				return answer{}, errOtherPatient
			}
			a.plans = append(a.plans, decodeRecord(r, record, number)...)
		}
	}

	total := r.required(r.one(response, "pertinentInformation12", "pertinentTotalReturnedChildRecords", "value"),
		"value")
	if n, err := strconv.Atoi(total); r.err == nil && (err != nil || n != records) {
		r.fail("a total of records that is not their number")
	}

	switch {
	case r.err != nil:
		return answer{}, r.err
	case len(a.plans) == 0: // a child without a record gets another interaction
		return answer{}, errors.New("an answer without a record")
	}

	slices.SortStableFunc(a.plans, func(x, y store.PlanWithAuthority) int { return newestFirst(x.Start, y.Start) })
	slices.SortStableFunc(a.queries, func(x, y store.Access) int { return y.At.Compare(x.At) })
	return a, nil
}

// newestFirst compares dates for sorting newest first.
func newestFirst(a, b nhs.Date) int {
	switch {
	case b.Before(a):
		return -1
	case a.Before(b):
		return 1
	}
	return 0
}

// isAbout reports whether the child or, of an unborn child, the mother in the record has the number. A record of both
// is about either.
func isAbout(r *reader, record *element, number nhs.Number) bool {
	found := false
	for _, subject := range r.all(r.one(record, "CP-ISRecord"), "subject") {
		child := r.optional(subject, "COCT_TP145101GB01.Child")
		if unborn := r.optional(subject, "COCT_TP145100GB01.UnbornChild"); unborn != nil {
			child = r.one(unborn, "parentMotherPerson", "playedMother")
		}
		if child == nil {
			r.fail("a subject that is no child")
			return false
		}
		for _, id := range r.all(child, "id") {
			found = found || id.attribute("root") == oidNHSNumber && id.attribute("extension") == number.Digits()
		}
	}
	return found
}

// planElement is the element of a plan's information, with the names of its dates.
type planElement struct {
	name, start, end string
	kind             store.PlanKind
}

// planElements are the kinds of plans (NPFIT-100018#Act).
var planElements = []planElement{
	{"COCT_TP146103GB01.LACInformation", "lACStartDate", "lACEndDate", store.LookedAfter},
	{"COCT_TP146104GB01.UCPInformation", "uCPStartDate", "uCPEndDate", store.UnbornChild},
	{"COCT_TP146105GB01.CPPInformation", "cPPStartDate", "cPPEndDate", store.ChildProtection},
}

// decodeRecord returns the plans of a record of one authority.
func decodeRecord(r *reader, record *element, number nhs.Number) []store.PlanWithAuthority {
	r.only(record, "communicationFunctionSnd", "CP-ISRecord")
	by := decodeAuthority(r, r.one(record, "communicationFunctionSnd", "organisation"))
	cpis := r.one(record, "CP-ISRecord")
	r.only(cpis, "pertinentInformation15", "subject")

	var plans []store.PlanWithAuthority
	for _, information := range r.all(cpis, "pertinentInformation15") {
		known := 0
		for _, p := range planElements {
			e := r.optional(information, p.name)
			if e == nil {
				continue
			}
			known++
			plan := store.Plan{Number: number, Kind: p.kind, Authority: by.Code}
			plan.Start = dateOf(r, r.one(e, "component", p.start, "value"))
			if end := r.optional(e, "component1"); end != nil {
				if end = r.optional(end, p.end); end != nil {
					plan.End = dateOf(r, r.one(end, "value"))
				}
			}
			plans = append(plans, store.PlanWithAuthority{Plan: plan, By: by})
		}
		if known != 1 {
			r.fail("%d known kinds of plan in pertinentInformation15", known)
		}
	}

	if len(plans) == 0 {
		r.fail("a record without a plan")
	}
	return plans
}

// decodeAuthority returns the local authority of a record.
func decodeAuthority(r *reader, organisation *element) store.Authority {
	by := store.Authority{
		Code: clean(r.required(r.one(organisation, "id"), "extension")), Name: clean(r.one(organisation, "name").text),
	}

	if by.Name == "" {
		r.fail("an authority without a name")
	}

	for _, t := range r.all(organisation, "telecom") {
		phone := clean(strings.TrimPrefix(t.attribute("value"), "tel:"))
		for _, use := range strings.Fields(t.attribute("use")) {
			switch {
			case use == "WP" && by.OfficePhone == "":
				by.OfficePhone = phone
			case use == "EC" && by.DutyPhone == "":
				by.DutyPhone = phone
			}
		}
	}

	return by
}

// decodeQuery returns an earlier query.
func decodeQuery(r *reader, q *element) store.Access {
	access := store.Access{
		ID: strings.ToLower(clean(r.required(r.one(q, "id"), "root"))),
		At: timeOf(r, r.one(q, "effectiveTime")),
	}

	given := r.required(r.one(q, "queryByParameter", "person.NHSnumber", "value"), "extension")
	var err error
	if access.Number, err = nhs.ParseNumber(given); err != nil && r.err == nil {
		r.fail("a query without a valid NHS number")
	}

	author := r.one(q, "author")
	switch person, system := r.optional(author, "COCT_TP145102GB01.AssignedAuthor"),
		r.optional(author, "COCT_TP145104GB01.System"); {
	case person != nil:
		access.Who = viewer(r, r.one(person, "code"), r.one(person, "assignedAuthorPerson", "name"),
			r.one(person, "representedOrganization"))
		for _, id := range r.all(person, "id") {
			switch id.attribute("root") {
			case oidUser:
				access.Who.UUID = clean(id.attribute("extension"))
			case oidRoleProfile:
				access.Who.URID = clean(id.attribute("extension"))
			}
		}
	case system != nil:
		name, role := &element{}, &element{}
		for _, authority := range r.all(system, "indirectAuthority") { // the person on whose behalf the system asked
			superior := r.one(authority, "superiorAssignedEntity")
			role, name = r.one(superior, "code"), r.one(superior, "assignedPerson", "name")
		}
		access.Who = viewer(r, role, name, r.one(system, "maintainingOrganization"))
	default:
		r.fail("a query without an author")
	}

	return access
}

// viewer returns the author of a query.
func viewer(r *reader, role, name, organisation *element) store.Viewer {
	return store.Viewer{
		Name: clean(name.text), JobRole: clean(role.attribute("code")), JobName: clean(role.attribute("displayName")),
		OrgODS: clean(r.one(organisation, "id").attribute("extension")), OrgName: clean(r.one(organisation,
			"name").text),
	}
}

// maxText is the maximum length of a text in characters.
const maxText = 200

// clean returns the service's text without what a terminal interprets.
func clean(s string) string { return strings.TrimSpace(text.Clean(s, maxText)) }

// timestamp matches a time from the day to the second, with the difference from UTC (HL7 data type TS).
var timestamp = regexp.MustCompile(`^([0-9]{8}(?:[0-9]{2}){0,3})(?:\.[0-9]+)?([+-][0-9]{2}(?:[0-9]{2})?)?$`)

// dateOf returns the date of a plan's start or end.
func dateOf(r *reader, e *element) nhs.Date {
	parts := timestamp.FindStringSubmatch(r.required(e, "value"))
	if parts == nil {
		r.fail("a date in another form in %s", e.name)
		return nhs.Date{}
	}
	date, err := nhs.ParseDate(parts[1][:4] + "-" + parts[1][4:6] + "-" + parts[1][6:8])
	if err != nil {
		r.fail("a day that does not exist in %s", e.name)
	}
	return date
}

// timeOf returns the time of a query. Without a difference it is UTC.
func timeOf(r *reader, e *element) time.Time {
	parts := timestamp.FindStringSubmatch(r.required(e, "value"))
	if parts == nil {
		r.fail("a time in another form in %s", e.name)
		return time.Time{}
	}

	form, given := timeForm[:len(parts[1])], parts[1]
	if parts[2] != "" {
		form, given = form+"-0700"[:len(parts[2])], given+parts[2]
	}

	t, err := time.Parse(form, given)
	if err != nil {
		r.fail("a time that does not exist in %s", e.name)
	}
	return t.UTC()
}
