package privacy

import (
	"fmt"
	"strings"

	"wardlight/client"
	"wardlight/internal/accessreport"
	"wardlight/internal/nhs"
)

// The words of the privacy reports on the screens. Those of findings and accesses are in package accessreport.
const (
	titleReports     = "Privacy reports"
	wordReportsMean  = "A report is about roles of your organisation and a month at most. It is put on record."
	wordTakeKind     = "this report"
	wordMake         = "make the report"
	wordLeaveField   = "leave the field"
	wordStop         = "stop"
	wordOtherReport  = "another report"
	wordChangeReport = "change the report"
	wordMaking       = "Making the report."
	wordMakeButton   = "[ Make the report ]"
	wordList         = "list the alerts"
	wordListing      = "Getting the privacy alerts."
	wordListButton   = "[ List the alerts ]"

	wordPerson     = "User ID"
	wordPersonHint = "The UUID: 12 digits."
	wordNumberHint = "10 digits."
	wordFrom       = "First day"
	wordFromHint   = "As 04-03-2026."
	wordTo         = "Last day"
	wordToHint     = "Today if left empty."
	wordAllHint    = "All if left empty."

	wordWhen     = "When"
	wordWho      = "Person"
	wordRole     = "Role"
	wordAction   = "Action"
	wordPatients = "Patients"
	wordUnusual  = "Unusual"
	wordCount    = "Times"
	wordRequest  = "Request"
	wordNothing  = "No accesses are on record."
)

// The words of privacy alerts. Those about what happened are in package accessreport.
const (
	titleAlert     = "Privacy alert"
	titleClose     = "Close the privacy alert"
	wordShowAlert  = "show it"
	wordWithClosed = "closed ones, too"
	wordOnlyOpen   = "open ones only"
	wordChangeDays = "change the days"
	wordClose      = "close the alert"
	wordCancel     = "cancel"
	wordCloseMeans = "Say what came of it. The note stays on record, and the alert cannot be opened again."
	wordClosing    = "Closing the alert."
	wordNotClosed  = "It is still open here. Enter sends the note again."

	wordState    = "State"
	wordOpen     = "open"
	wordClosed   = "closed"
	wordNote     = "Note"
	wordCause    = "Cause"
	wordReason   = "Reason"
	wordNoReason = "none was given"
	wordNational = "National"
	wordAlertID  = "Alert ID"
)

// Words used only in linear mode.
const (
	WordPlainKind   = "Number of the report: "
	WordPlainAccess = "Command, or the number of a row: "
	WordPlainAlert  = "Command, or the number of an alert: "
	wordPlainMore   = "More rows follow: type page down."
	wordPlainNote   = "Note about what came of it, or /cancel: "
)

// wordsShows returns what a report shows, as a sentence.
func wordsShows(shows string) string { return strings.ToUpper(shows[:1]) + shows[1:] + "." }

// wordsUnusual returns the heading of the unusual accesses.
func wordsUnusual(n int) string {
	if n == 0 {
		return "Unusual: none found"
	}
	return fmt.Sprintf("Unusual: %d. %s", n, accessreport.NoProof)
}

// wordsAccesses returns the heading of the accesses.
func wordsAccesses(n int) string { return fmt.Sprintf("Accesses: %d, the newest first", n) }

// wordsSubject returns the kind of a report, and whom it is about.
func wordsSubject(q client.ReportQuery) string {
	name, _ := accessreport.Title(q.Kind)
	switch q.Kind {
	case client.PatientAccess:
		return name + ": " + q.Number.String()
	case client.UserAccess:
		return name + ": " + q.Person
	default:
		return name
	}
}

func wordsPeriod(q client.ReportQuery) string { return q.From.String() + " to " + q.To.String() }

// wordsPatients returns the patients of an access in a column.
func wordsPatients(x client.ReportedAccess) string {
	switch n := max(x.Listed, len(x.Patients)); {
	case n == 1 && len(x.Patients) == 1:
		return x.Patients[0].String()
	case n == 0:
		return ""
	default:
		return fmt.Sprintf("%d patients", n)
	}
}

// wordsSpan returns the times of the first and the last access of a finding.
func wordsSpan(first, last string) string {
	if first == last {
		return first
	}
	return first + " to " + last
}

// wordsPlainRow returns how linear mode begins a row in full.
func wordsPlainRow(n int) string { return fmt.Sprintf("Row %d in full:", n) }

// wordsMore returns how to see the rest of the chosen alert.
func wordsMore(key string) string { return "MORE: " + key }

// title returns the name of a kind of report, or of the list of alerts, and what it shows.
func title(kind client.ReportKind) (name, shows string) {
	if kind == KindAlerts {
		return accessreport.TitleAlerts, accessreport.ShowsAlerts
	}
	return accessreport.Title(kind)
}

// wordsFirst returns the first of the numbers, as many as there is space for, and how many there are.
func wordsFirst(numbers []nhs.Number, max int) string {
	words := ""
	for i, n := range numbers[:min(len(numbers), max)] {
		if i > 0 {
			words += ", "
		}
		words += n.String()
	}
	if len(numbers) > max {
		words += fmt.Sprintf(" and %d more", len(numbers)-max)
	}
	return words
}
