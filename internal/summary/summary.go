// Package summary reads a patient's Summary Care Record from the answers of the national service, and lays it out for
// panes and for lines that are read aloud.
//
// The answers have the form of the NHS's Summary Care Record FHIR API: a searchset with a DocumentReference, and a
// searchset with a Composition. The sections of the Composition are XHTML from another system. Their text is untrusted:
// it passes internal/text here, so no part of a [Summary] contains markup or a control character.
//
// The package has no side effects. It reads no clock.
package summary

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"wardlight/internal/fhir"
	"wardlight/internal/nhs"
)

// Disclaimer must be shown with every summary.
const Disclaimer = "This summary is from the patient's general practice. " +
	"It may not include everything about this patient."

// State is what the service answered about a patient's summary. The zero value is not an answer.
type State int

// The answers. None of them says anything about the patient's allergies.
const (
	Available    State = iota + 1
	NoSummary          // the patient has no summary
	NotPermitted       // the patient does not allow a summary
	Outdated           // the id is not that of the patient's latest summary
)

// String returns a sentence for the user.
func (s State) String() string {
	switch s {
	case Available:
		return "There is a Summary Care Record."
	case NoSummary:
		return "This patient has no Summary Care Record. Allergies and medicines are not known from it."
	case NotPermitted:
		return "This patient has opted out of the Summary Care Record. Allergies and medicines are not known from it."
	case Outdated:
		return "The Summary Care Record was replaced while it was fetched. Ask for it again."
	}
	return "The Summary Care Record was not checked."
}

// The errors of [ReadLatest] and [Read]. The text of an error contains nothing from the answer.
var (
	ErrMalformed    = errors.New("the answer does not have the form of a Summary Care Record")
	ErrOtherPatient = errors.New("the answer is not about this patient")
)

func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }

// Latest is the answer to the search for a patient's latest summary.
type Latest struct {
	State State  // Available, NoSummary or NotPermitted
	ID    string // the id for the request of the summary; "" unless State is Available
}

// Summary is a Summary Care Record. All text is cleaned.
type Summary struct {
	State State  // Available or Outdated; if it is Outdated, the other members are zero
	ID    string // the id of the Composition, for the audit
	// Date is the day of the summary as it was written. Written is the instant; zero if the record has only a day.
	Date    nhs.Date
	Written time.Time
	Author  string // name, and organisation if it is known; "" if the record does not name the author
	// About is the sections with code Title: source, disclaimer and statements about the record.
	About []Section
	// Sections has every section of the record in the order of display, and one for each known code that the record
	// doesn't have.
	Sections []Section
	// Notices are sentences about the whole summary, such as its age or a date in the future.
	Notices []string
}

// The limits of what is read. They are far above any real record.
const (
	maxBundle         = 8 << 20 // bytes
	maxSections       = 200
	maxSectionNesting = 8
)

// National identifiers (Summary Care Record FHIR API).
const (
	systemID         = "https://fhir.nhs.uk/Id/nhsSCRUUID"
	systemPermission = "https://fhir.nhs.uk/CodeSystem/SCR-ACSPermission"
	snomedSummary    = "196981000000101" // General Practice Summary
)

// validID matches ids of summaries. They are UUIDs, but a test system may use others.
var validID = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// ReadLatest reads the answer to GET /DocumentReference for the patient with the number. An empty searchset is
// NoSummary. Errors are [ErrMalformed] and [ErrOtherPatient].
func ReadLatest(bundle []byte, n nhs.Number) (Latest, error) {
	set, err := readSearchset(bundle, n)
	if err != nil {
		return Latest{}, err
	}

	found := set.byType("DocumentReference")
	switch {
	case len(set.all) == 0 && set.total != nil:
		return Latest{State: NoSummary}, nil
	case len(found) != 1:
		return Latest{}, malformed("not one DocumentReference")
	}

	var d documentReference
	if err := decode(found[0], &d); err != nil {
		return Latest{}, err
	}
	switch {
	case d.Status != "current":
		return Latest{}, malformed("a DocumentReference that is not current")
	case !isSummary(d.Type):
		return Latest{}, malformed("a DocumentReference of another type")
	case d.MasterIdentifier.System != systemID || !validID.MatchString(d.MasterIdentifier.Value):
		return Latest{}, malformed("a DocumentReference without an id of a summary")
	}
	if err := set.checkSubject(d.Subject); err != nil {
		return Latest{}, err
	}

	return d.latest()
}

// latest returns the answer that the permission to share allows.
func (d *documentReference) latest() (Latest, error) {
	var codes []string
	for _, label := range d.SecurityLabel {
		for _, c := range label.Coding {
			if c.System == systemPermission {
				codes = append(codes, c.Code)
			}
		}
	}
	if len(codes) != 1 {
		return Latest{}, malformed("not one permission to share")
	}

	switch codes[0] {
	case "Ask", "Yes": // Yes is a former value with the meaning of Ask
		return Latest{State: Available, ID: d.MasterIdentifier.Value}, nil
	case "No":
		return Latest{State: NotPermitted}, nil
	}
	return Latest{}, malformed("an unknown permission to share")
}

// Read reads the answer to GET /Bundle for the patient with the number. now is for notices about dates in the future.
// An empty searchset is Outdated. Errors are [ErrMalformed] and [ErrOtherPatient]. A section that exceeds a limit is
// no error: its state is Unreadable.
func Read(bundle []byte, n nhs.Number, now time.Time) (Summary, error) {
	set, err := readSearchset(bundle, n)
	if err != nil {
		return Summary{}, err
	}

	found := set.byType("Composition")
	switch {
	case len(set.all) == 0:
		return Summary{State: Outdated}, nil
	case len(found) != 1:
		return Summary{}, malformed("not one Composition")
	}

	var c composition
	if err := decode(found[0], &c); err != nil {
		return Summary{}, err
	}
	switch {
	case c.Status != "final" && c.Status != "amended" && c.Status != "corrected":
		return Summary{}, malformed("a Composition that is not final")
	case !isSummary(c.Type):
		return Summary{}, malformed("a Composition of another type")
	}
	if err := set.checkSubject(c.Subject); err != nil {
		return Summary{}, err
	}

	s := Summary{State: Available, ID: line(c.ID), Author: set.author(c.Author)}
	if s.Date, err = nhs.ParseDate(c.Date); err != nil {
		return Summary{}, malformed("a Composition without a date")
	}
	if at, err := time.Parse(time.RFC3339, c.Date); err == nil {
		s.Written = at
	}
	if s.Written.After(now) || nhs.DateOf(now).Before(s.Date) {
		s.Notices = append(s.Notices, "The date of this summary is in the future: "+s.Date.String()+".")
	}

	if n := years(s.Date.Latest(), nhs.DateOf(now)); n == 1 {
		s.Notices = append(s.Notices, "This summary is 1 year old.")
	} else if n > 1 {
		s.Notices = append(s.Notices, fmt.Sprintf("This summary is %d years old.", n))
	}

	sections, err := flatten(c.Section, 0)
	if err != nil {
		return Summary{}, err
	}
	s.About, s.Sections = arrange(sections, nhs.DateOf(now))
	return s, nil
}

// years returns the number of whole years from a day to another one.
func years(from, to nhs.Date) int {
	n := 0
	for !to.Before(from.Anniversary(n + 1)) {
		n++
	}
	return n
}

// isSummary reports whether a document is a General Practice Summary.
func isSummary(c fhir.CodeableConcept) bool {
	for _, coding := range c.Coding {
		if coding.System == fhir.SystemSNOMED && coding.Code == snomedSummary {
			return true
		}
	}
	return false
}
