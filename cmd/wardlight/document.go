package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/cups"
	"wardlight/internal/recordsystem"
	"wardlight/internal/session"
	"wardlight/rbac"
)

// This file defines the documents that --json writes. Their names and fields don't change without a new number after
// the slash.

// errorDocument is the document of a failed command.
type errorDocument struct {
	Schema string    `json:"schema"`
	Error  errorPart `json:"error"`
}

// errorPart is an error: a kind for programs, a sentence and advice for people, and a code for support.
type errorPart struct {
	Kind     string   `json:"kind"`
	Sentence string   `json:"sentence"`
	Advice   string   `json:"advice"`
	Code     string   `json:"code"`
	Missing  []string `json:"missing,omitempty"`    // activity codes
	Tries    *tries   `json:"tries_left,omitempty"` // after a wrong passcode; null when the card does not report it
	Request  string   `json:"request_id,omitempty"`
	// OutcomeUnknown is set when the opening with this request id may have been recorded and the local authority
	// notified.
	OutcomeUnknown bool `json:"unsettled,omitempty"`
}

// tries is the number of passcode tries left. It is negative when not known.
type tries int

// MarshalJSON implements json.Marshaler. An unknown number is null.
func (t tries) MarshalJSON() ([]byte, error) {
	if t < 0 {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, int64(t), 10), nil
}

// errorOf returns the error part for err.
func errorOf(err error) errorPart {
	f := faultOf(err)
	p := errorPart{Kind: f.Name(), Sentence: f.Sentence(), Advice: f.Advice(), Code: f.Code()}
	switch f := f.(type) {
	case *cardreader.Error:
		if f.Kind == cardreader.WrongPasscode {
			p.Tries = (*tries)(&f.Tries)
		}
	case *client.Error:
		p.Missing, p.Request, p.OutcomeUnknown = f.Missing, f.RequestID, f.OutcomeUnknown
		var lost *session.NotStoredError
		if errors.As(err, &lost) {
			p.Advice = fmt.Sprintf("The opening may already be recorded, and this computer could not keep its "+
				"request id: %s "+
				"Open it again with --request-id %s: that notifies nobody a second time.", faultOf(lost.Err).Sentence(),
				f.RequestID)
		}
	case *interruptedOpeningError:
		p.Request, p.OutcomeUnknown = f.RequestID(), true
	case *recordsystem.Error:
		p.Request = f.RequestID
	case *cups.Error:
		if f.Kind == cups.Waiting {
			p.Advice += " To cancel it: cancel " + f.Job
		}
	}

	return p
}

// patientPart is a patient.
type patientPart struct {
	Number     string   `json:"nhs_number"` // ten digits
	AskedFor   string   `json:"superseded_nhs_number,omitempty"`
	Name       string   `json:"name"` // as displayed
	Family     string   `json:"family"`
	Given      []string `json:"given"`
	Title      string   `json:"title"`
	Born       string   `json:"born"` // yyyy, yyyy-mm or yyyy-mm-dd; "" when not known
	Died       string   `json:"died"`
	Gender     string   `json:"gender"` // male, female, other, unknown; "" when not stated
	Restricted bool     `json:"restricted"`
	Address    []string `json:"address"`
	Postcode   string   `json:"postcode"`
	Phone      string   `json:"phone"`
	Other      string   `json:"other,omitempty"` // differing field of a likely match: family, given, birthdate, unknown
}

func partOfPatient(p client.Patient) patientPart {
	return patientPart{
		Number: p.Number.Digits(), AskedFor: p.AskedFor.Digits(), Name: p.DisplayName(), Family: p.Family,
		Given: orEmpty(p.Given), Title: p.Title, Born: p.Born.FHIR(), Died: p.Died.FHIR(), Gender: string(p.Gender),
		Restricted: p.Restricted, Address: orEmpty(p.Address), Postcode: p.Postcode, Phone: p.Phone,
		Other: string(p.Other),
	}
}

// rolePart is a role profile.
type rolePart struct {
	URID       string   `json:"urid"`
	JobRole    string   `json:"job_role"` // the code, "R8001"
	JobName    string   `json:"job_name"`
	OrgODS     string   `json:"org_ods"`
	OrgName    string   `json:"org_name"`
	Activities []string `json:"activity_codes"`
	Setting    string   `json:"care_setting"` // unscheduled or scheduled
	Usable     bool     `json:"usable"`       // may trace, see the lamp and open an alert
}

func partOfRole(r rbac.RoleProfile) rolePart {
	p := rolePart{
		URID: r.URID, JobRole: r.JobRoleCode(), JobName: r.JobName, OrgODS: r.OrgODS, OrgName: r.OrgName,
		Activities: []string{}, Setting: "scheduled", Usable: rbac.Usable(r),
	}
	if rbac.Unscheduled(r) {
		p.Setting = "unscheduled"
	}
	for _, code := range r.Activities {
		p.Activities = append(p.Activities, string(code))
	}
	return p
}

// print writes a JSON document to standard output.
func (a *app) print(document any) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(document)
}

// orEmpty returns s, or an empty list if s is nil: JSON then has [] instead of null.
func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// instant returns t in RFC 3339 format in UTC, or nil for the zero time.
func instant(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format(time.RFC3339)
	return &s
}

// partOfError returns the error part of a document that has other content too, or nil if err is nil.
func partOfError(err error) *errorPart {
	if err == nil {
		return nil
	}
	part := errorOf(err)
	return &part
}
