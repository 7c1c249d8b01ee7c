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

// The documents that --json writes. Their names and fields stay as they are while the number after the slash does.

// errorDocument is a command that failed.
type errorDocument struct {
	Schema string    `json:"schema"`
	Error  errorPart `json:"error"`
}

// errorPart is what went wrong: a kind for programs, words for people, a code for support.
type errorPart struct {
	Kind     string   `json:"kind"`
	Sentence string   `json:"sentence"`
	Advice   string   `json:"advice"`
	Code     string   `json:"code"`
	Missing  []string `json:"missing,omitempty"`    // activity codes
	Tries    *tries   `json:"tries_left,omitempty"` // of a wrong passcode; null where the card does not say
	Request  string   `json:"request_id,omitempty"`
	// Unsettled says that the opening with this request id may have been recorded, and the local authority notified.
	Unsettled bool `json:"unsettled,omitempty"`
}

// tries is how many passcode tries are left; below 0 it is not known.
type tries int

// MarshalJSON implements json.Marshaler: null is not known.
func (t tries) MarshalJSON() ([]byte, error) {
	if t < 0 {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, int64(t), 10), nil
}

// errorOf returns any error as its part of a document.
func errorOf(err error) errorPart {
	f := faultOf(err)
	p := errorPart{Kind: f.Name(), Sentence: f.Sentence(), Advice: f.Advice(), Code: f.Code()}
	switch f := f.(type) {
	case *cardreader.Error:
		if f.Kind == cardreader.WrongPasscode {
			p.Tries = (*tries)(&f.Tries)
		}
	case *client.Error:
		p.Missing, p.Request, p.Unsettled = f.Missing, f.RequestID, f.Unsettled
		var lost *session.NotKept
		if errors.As(err, &lost) {
			p.Advice = fmt.Sprintf("The opening may already be recorded, and this computer could not keep its request id: %s "+
				"Open it again with --request-id %s: that notifies nobody a second time.", faultOf(lost.Err).Sentence(), f.RequestID)
		}
	case *cutOffError:
		p.Request, p.Unsettled = f.RequestID(), true
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
	Name       string   `json:"name"` // as it is shown
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
	Other      string   `json:"other,omitempty"` // of a likely match: what is another than was asked for: family, given, birthdate, unknown
}

func partOfPatient(p client.Patient) patientPart {
	return patientPart{
		Number: p.Number.Digits(), AskedFor: p.AskedFor.Digits(), Name: p.DisplayName(), Family: p.Family,
		Given: listed(p.Given), Title: p.Title, Born: p.Born.FHIR(), Died: p.Died.FHIR(), Gender: string(p.Gender),
		Restricted: p.Restricted, Address: listed(p.Address), Postcode: p.Postcode, Phone: p.Phone, Other: string(p.Other),
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
	Usable     bool     `json:"usable"`       // may trace, see the lamp and open
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

// print writes a document to standard output.
func (a *app) print(document any) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(document)
}

// listed returns a list that is written as [] when it is empty, never as null.
func listed(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// instant returns a time in a document: RFC 3339 in UTC, or null.
func instant(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format(time.RFC3339)
	return &s
}

// partOfError returns an error that stands beside other things in a document; null when there is none.
func partOfError(err error) *errorPart {
	if err == nil {
		return nil
	}
	part := errorOf(err)
	return &part
}
