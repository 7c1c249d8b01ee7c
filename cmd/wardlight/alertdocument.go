package main

import (
	"io"

	"wardlight/client"
	"wardlight/internal/nhs"
)

// alertDocument is the JSON document wardlight.alert/1. State is alert, none_recorded, not_checked or could_not_check.
// Error gives the reason for the last two.
type alertDocument struct {
	Schema  string      `json:"schema"`
	State   string      `json:"state"`
	AsOf    *string     `json:"as_of"` // time of the hub; null unless the hub answered
	Patient patientPart `json:"patient"`
	// RecordMissing is set when there is an alert under a number that no current patient record has. Patient then has
	// only the number.
	RecordMissing bool        `json:"record_missing"`
	Role          rolePart    `json:"role"`
	RequestID     string      `json:"request_id"`
	Flags         []flagPart  `json:"flags"`   // the flags that the role may see, besides child protection
	Opened        *openedPart `json:"opened"`  // null when it was not opened
	Printed       *printPart  `json:"printed"` // null when it was not sent to a printer
	Error         *errorPart  `json:"error"`
}

// openedPart is an opened alert.
type openedPart struct {
	AsOf         *string      `json:"as_of"`
	RequestID    string       `json:"request_id"`
	Notifies     bool         `json:"notifies"` // the local authority will be notified
	Plans        []planPart   `json:"plans"`
	Accesses     []accessPart `json:"accesses"` // null when the list could not be read
	AccessesFail *errorPart   `json:"accesses_error"`
}

type planPart struct {
	Kind           string `json:"kind"` // CPP, LAC, UCPP, PLAN
	KindWords      string `json:"kind_words"`
	Start          string `json:"start"`
	End            string `json:"end"` // "" while the plan is current
	Ended          bool   `json:"ended"`
	Authority      string `json:"authority"`
	OfficePhone    string `json:"office_phone"`
	EmergencyPhone string `json:"emergency_phone"`
}

type accessPart struct {
	When         *string `json:"when"`
	Who          string  `json:"who"`
	JobRole      string  `json:"job_role"`
	Organisation string  `json:"organisation"`
}

// printAlert writes the check as a JSON document.
func (a *app) printAlert(c checkResult) error {
	d := alertDocument{
		Schema: "wardlight.alert/1", State: c.lamp.State.Name(), AsOf: instant(c.lamp.AsOf),
		Patient: partOfPatient(c.patient), RecordMissing: c.lamp.RecordMissing, Role: partOfRole(c.role),
		RequestID: c.lamp.RequestID, Flags: partsOfFlags(c.lamp.Flags), Printed: c.printed.part(),
	}
	if err := c.failed(); err != nil {
		part := errorOf(err)
		d.Error = &part
	}
	if c.wasOpened() {
		d.Opened = partOfOpened(*c.opened, nhs.DateOf(a.now()))
	}
	return a.print(d)
}

func partOfOpened(o client.Opened, today nhs.Date) *openedPart {
	p := &openedPart{AsOf: instant(o.AsOf), RequestID: o.RequestID, Notifies: o.Notifies, Plans: []planPart{}}
	for _, plan := range o.Plans {
		p.Plans = append(p.Plans, planPart{
			Kind: string(plan.Kind), KindWords: plan.Kind.Words(), Start: plan.Start.FHIR(), End: plan.End.FHIR(),
			Ended: plan.Ended(today), Authority: plan.Authority, OfficePhone: plan.OfficePhone,
			EmergencyPhone: plan.EmergencyPhone,
		})
	}

	if o.ListErr != nil {
		part := errorOf(o.ListErr)
		p.AccessesFail = &part
		return p
	}

	p.Accesses = []accessPart{}
	for _, x := range o.Accesses {
		p.Accesses = append(p.Accesses, accessPart{
			When: instant(x.When), Who: x.Who, JobRole: x.JobRole,
			Organisation: x.Organisation,
		})
	}

	return p
}

// lines writes lines of text until a write fails.
type lines struct {
	out io.Writer
	err error
}
