package patient

import (
	"fmt"
	"strings"

	"wardlight/internal/recordsystem"
	"wardlight/internal/worklist"
	"wardlight/tui/step"
)

// Keys.
const (
	wordShowOpened = "show the opened alert"
	wordConfirm    = "this is the patient"
)

// Titles.
const (
	titleRecord = "Record"
	titleLamp   = "Child protection alert"
	titleFlags  = "Other flags"
)

// Patient.
const (
	wordAddress      = "Usual address"
	wordPhone        = "Patient phone"
	wordRestricted   = "This record is restricted: address, phone and GP practice are withheld."
	wordNoRecord     = "The record did not come."
	wordOnTheList    = "On the list"
	wordConfirmed    = "You confirmed that this is the patient."
	wordConfirming   = "confirms that this is the patient. Before that nothing is opened or flagged."
	WordNotConfirmed = "The list names somebody else. Confirm the patient first."
)

// Alerts, openings and plans. The words of the four states are in package client.
const (
	wordLampAsked        = "Asking whether there is an alert."
	wordNotCheckedMeans  = "Nobody has asked yet whether there is an alert."
	wordNoneRecordedSays = "No authority in England has told of a plan for this NHS number that runs now or ended " +
		"lately."
	wordOpenNotifies  = "shows the plan and whom to ring. Your name is recorded; the local authority is notified."
	wordOpenSilent    = "shows the plan and whom to ring. Scheduled care: nobody is notified."
	wordOpening       = "Opening. Wait for the answer."
	wordRecordFirst   = "It can be opened when the record is here."
	wordCouldNotOpen  = "The alert could not be opened. There is an alert."
	wordNotRecorded   = "Nothing was recorded and nobody was notified."
	wordMayBeRecorded = "It may have been recorded; then the local authority will be notified."
	wordSilentAnyway  = "Opening is silent in this role: nobody was notified."
)

// Flags other than child protection. The words of their states are in package client.
const wordDetail = "Detail"

func wordsAsOfSentence(at string) string { return "As of " + at + "." }

// wordsDetails returns the heading of the details, with the lines that are shown if they do not fit.
func wordsDetails(from, to, n int) string {
	if to-from+1 == n {
		return "Details:"
	}
	return fmt.Sprintf("Details, lines %d to %d of %d:", from, to, n)
}

// Flags in the record system.
const (
	wordFlagQuiet  = "It opens nothing and notifies nobody."
	wordFlagNotSet = "The flag was not set."
)

// Receipts.
const (
	wordCopyAgain          = "copy again"
	titleReceipt           = "Receipt of the check, to paste into the patient's record"
	wordReceiptByMouse     = "Mark the line with the mouse and copy it."
	wordReceiptBothByMouse = "Mark both lines with the mouse and copy them."
	wordReceiptCopied      = "Copied to the clipboard, where this terminal allows it. Otherwise mark the line with " +
		"the mouse."
	wordSaveReceipt     = "save with its proof"
	wordSavingReceipt   = "Asking the hub for the receipt."
	wordReceiptNotSaved = "The receipt was not saved. That changes nothing about the check."
	wordReceiptSaved    = "The receipt is saved, with the proof, in this file:"
	wordReceiptNames    = "The file proves that the request is on record. It names the patient: only you can read it."
	wordReceiptHas      = "It says when and what was checked, and holds no name and no NHS number: make sure " +
		"that the record you paste it into is this patient's."
)

// wordsListed returns the patient's details as on the worklist.
func wordsListed(p worklist.Patient) string {
	said := strings.TrimSpace(p.Name)
	if p.Born != "" {
		said = strings.TrimPrefix(said+", "+step.WordBorn+" "+p.Born, ", ")
	}
	return fmt.Sprintf("%s (line %d)", said, p.Line)
}

func wordsOtherListed(p worklist.Patient) string {
	return "The list names somebody else: " + wordsListed(p) + "."
}

func wordsSuperseded(old, now string) string {
	return fmt.Sprintf("NHS number %s was replaced. The number is now %s.", old, now)
}

func wordsOpenFirst(key string) string {
	return "Only an opened alert is printed: " + key + " opens it."
}

func wordsShowFirst(key string) string {
	return "The opened alert is printed from its own screen: " + key + " shows it."
}

// wordsTried returns the number of failed attempts and the time of the last.
func wordsTried(n int, at string) string {
	if n <= 1 {
		return "Tried once, " + at + "."
	}
	return fmt.Sprintf("Tried %d times, last %s.", n, at)
}

func wordsAsOf(at string) string { return "as of " + at }

func wordsOpenedBefore(at string) string {
	return fmt.Sprintf("shows it again as it was opened %s. Nobody is notified again.", at)
}

func wordsFlagSet(place, at string) string { return "Flag set in " + place + " at " + at + "." }

func wordsFlagThere(place string) string { return "The flag was already set in " + place + "." }

// wordsFlagSaved returns where a flag that could not be written is stored. If it is only in memory, why is the reason;
// nil leaves it out.
func wordsFlagSaved(k recordsystem.Storage, why error) string {
	switch k {
	case recordsystem.OnDisk:
		return "It is kept here, encrypted, and the find screen offers it again."
	case recordsystem.InMemory:
		words := "It is kept only until you quit"
		if why != nil {
			sentence, _, code := step.Explain(why)
			words += ": " + sentence + " (" + code + ")"
		} else {
			words += "."
		}
		return words + " The find screen offers it again."
	default:
		return "It is not kept."
	}
}

func wordsReceiptUnasked(at string) string { return "On " + at + ", CP-IS: not checked" }

func wordsReceiptNone(at string) string { return "Checked " + at + ", CP-IS: none recorded" }

func wordsReceiptAlert(at string) string { return "Checked " + at + ", CP-IS: ALERT, not opened" }

func wordsReceiptFailed(at, code string) string {
	return fmt.Sprintf("Tried %s, CP-IS: could not check (%s)", at, code)
}

func wordsReceiptNotOpened(at, code string, recorded bool) string {
	said := "could not be opened"
	if recorded {
		said += ", may be recorded"
	}
	return fmt.Sprintf("Checked %s, CP-IS: ALERT, %s (%s)", at, said, code)
}

func wordsReceiptOpened(at string) string { return "Opened " + at + ", CP-IS: ALERT" }

func wordsReceiptNoPlan(at string) string {
	return "Opened " + at + ", CP-IS: ALERT, no plan visible any more"
}

// wordsRequest returns the end of a receipt with the request id, or "" if the hub was not reached.
func wordsRequest(id string) string {
	if id == "" {
		return ""
	}
	return ", request " + id
}

// trimRequest returns the end of a receipt for a row of its own.
func trimRequest(request string) string { return strings.TrimPrefix(request, ", ") }
