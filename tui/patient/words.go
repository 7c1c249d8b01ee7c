package patient

import (
	"fmt"
	"strings"

	"wardlight/internal/recordsystem"
	"wardlight/tui/step"
)

// Keys.
const (
	wordShowOpened = "show the opened alert"
)

// Titles.
const (
	titleRecord = "Record"
	titleLamp   = "Child protection alert"
)

// Patient.
const (
	wordAddress    = "Usual address"
	wordPhone      = "Phone"
	wordRestricted = "This record is restricted: address, phone and GP practice are withheld."
	wordNoRecord   = "The record did not come."
)

// The words about alerts, openings and plans. The four states themselves are client.State's.
const (
	wordLampAsked        = "Asking whether there is an alert."
	wordNotCheckedMeans  = "Nobody has asked yet whether there is an alert."
	wordThereIsAnAlert   = "There is a child protection alert for this patient."
	wordNoneRecordedSays = "No authority in England has told of a plan for this NHS number that runs now or ended lately."
	wordUnchecked        = "Whether there is an alert is not known. Use the local procedure."
	wordOpenNotifies     = "opens it: writes the access history and notifies the local authority."
	wordOpenSilent       = "opens it silently: scheduled care, nobody is notified."
	wordOpening          = "Opening. Wait for the answer."
	wordRecordFirst      = "It can be opened when the record is here."
	wordCouldNotOpen     = "could not check: the alert could not be opened."
	wordNotRecorded      = "Nothing was recorded and nobody was notified."
	wordMayBeRecorded    = "It may have been recorded; then the local authority will be notified."
	wordSilentAnyway     = "Opening is silent in this role: nobody was notified."
)

// Flags in the record system.
const (
	wordFlagQuiet  = "It opens nothing and notifies nobody."
	wordFlagNotSet = "The flag was not set."
)

// The words of receipts.
const (
	wordCopyAgain          = "copy again"
	titleReceipt           = "Receipt of the check, to paste into the patient's record"
	wordReceiptByMouse     = "Mark the line with the mouse and copy it."
	wordReceiptBothByMouse = "Mark both lines with the mouse and copy them."
	wordReceiptCopied      = "Copied to the clipboard, where this terminal allows it. Otherwise mark the line with the mouse."
	wordReceiptHolds       = "It says when and what was checked, and holds no name and no NHS number: make sure that the record you paste it into is this patient's."
)

func wordsSuperseded(old, now string) string {
	return fmt.Sprintf("NHS number %s was replaced. The number is now %s.", old, now)
}

func wordsAsOf(at string) string { return "as of " + at }

func wordsOpenedBefore(at string) string {
	return fmt.Sprintf("shows it again as it was opened %s. Nobody is notified again.", at)
}

func wordsFlagSet(place, at string) string { return "Flag set in " + place + " at " + at + "." }

func wordsFlagThere(place string) string { return "The flag was already set in " + place + "." }

// wordsFlagKept returns where a flag that could not be written is, and why it is only in memory; nil leaves that out.
func wordsFlagKept(k recordsystem.Keeping, why error) string {
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

// wordsRequest ends a receipt; "" where the hub was not reached.
func wordsRequest(id string) string {
	if id == "" {
		return ""
	}
	return ", request " + id
}

// trimRequest returns the end of a receipt on a line of its own.
func trimRequest(request string) string { return strings.TrimPrefix(request, ", ") }
