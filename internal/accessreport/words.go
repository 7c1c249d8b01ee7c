// Package accessreport has what the screens and the commands share about a privacy officer's reports: how a period is
// typed, the words of findings, accesses and privacy alerts, and the table for spreadsheets.
package accessreport

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"wardlight/client"
	"wardlight/internal/nhs"
)

// Kinds returns the kinds of reports, in the order of menus.
func Kinds() []client.ReportKind {
	return []client.ReportKind{client.PatientAccess, client.UserAccess, client.PatientEnquiries}
}

// Title returns the name of a kind of report, and what the report shows.
func Title(kind client.ReportKind) (name, shows string) {
	switch kind {
	case client.PatientAccess:
		return "Patient access", "who looked at a patient"
	case client.UserAccess:
		return "User access", "which patients a person looked at"
	default:
		return "Patient enquiries", "all enquiries about patients"
	}
}

// findingWords is the words for a kind of unusual access: short for a column, and a clause.
type findingWords struct{ short, clause string }

var findings = map[client.FindingKind]findingWords{
	client.OwnName:        {"own name", "the patient has the person's own name"},
	client.ManyPatients:   {"many patients", "many patients within an hour"},
	client.SameFamilyName: {"same family name", "the patient has or had the person's family name"},
	client.NotAttended:    {"no attendance", "the site's list has no attendance of the patient on that day"},
}

// Clause returns the words for a kind of unusual access, or its name if this version doesn't know it.
func Clause(k client.FindingKind) string {
	if words, known := findings[k]; known {
		return words.clause
	}
	return string(k)
}

// Short returns the words for a kind of unusual access in a column.
func Short(k client.FindingKind) string {
	if words, known := findings[k]; known {
		return words.short
	}
	return strings.ReplaceAll(string(k), "_", " ")
}

// NoProof says what a finding is not.
const NoProof = "None of them proves misuse: ask the person."

// Who returns the name and the UUID of a person.
func Who(p client.Person) string { return fmt.Sprintf("%s (%s)", cmp.Or(p.Name, nhs.NotKnown), p.UUID) }

// Name returns the name of a person in a column, or the UUID if the name isn't known.
func Name(p client.Person) string { return cmp.Or(p.Name, p.UUID) }

// Patient returns the NHS number of a finding, or "" for many patients.
func Patient(f client.Finding) string {
	if f.Number == "" {
		return ""
	}
	return f.Number.String()
}

// Outcome returns the outcome of an access, with the code of a refusal.
func Outcome(x client.ReportedAccess) string { return strings.TrimSpace(x.Outcome + " " + x.Reason) }

// Patients returns the NHS numbers of an access, and how many other patients were in the answer.
func Patients(x client.ReportedAccess) string {
	var all []string
	for _, n := range x.Patients {
		all = append(all, n.String())
	}
	if others := x.Listed - len(x.Patients); others > 0 {
		all = append(all, "and "+Counted(others, "other patient", "other patients"))
	}
	return strings.Join(all, ", ")
}

// Counted returns a number with the noun for one or for more.
func Counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// Attendance returns whether accesses were compared with the site's list of attendances, as a sentence.
func Attendance(a client.Attendance, zone *time.Location) string {
	switch a.State {
	case client.AttendanceChecked:
		return fmt.Sprintf("Attendance was checked by the site's list, for accesses from %s to %s.",
			nhs.Instant(a.From, zone), nhs.Instant(a.Until, zone))
	case client.AttendanceNotChecked:
		return "Attendance was not checked: the hub has no list of attendances."
	default:
		return "Attendance could not be checked: the hub cannot use its list. Ask the hub's operator."
	}
}

// Notices returns what the report can't show, a sentence each.
func Notices(r client.Report, zone *time.Location) []string {
	if r.SealedAt.IsZero() {
		return nil
	}
	return []string{fmt.Sprintf("Accesses of before %s may be missing: audit records were exported. Ask the hub's "+
		"operator.", nhs.Instant(r.SealedAt, zone))}
}
