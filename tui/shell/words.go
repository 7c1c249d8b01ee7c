package shell

import (
	"fmt"
	"time"

	"wardlight/tui/draw"
	"wardlight/tui/find"
)

// Keys.
const (
	wordNextListed = "next of the list"
	wordStay       = "stay"
	wordClose      = "close"
)

func wordsTooSoon(key string) string { return "Too soon: press " + key + " again." }

// Titles.
const (
	WordProduct = "Wardlight"
	titleHelp   = "Keys"
)

// Card and passcode.
const (
	wordCardRemoved        = "Card removed."
	wordCardRemovedSession = "Card removed. Session ended."
	wordCardMute           = "The card stopped answering."
	wordCardMuteSession    = "The card stopped answering. Session ended."
	wordServiceLostSession = "The smartcard service stopped. Session ended."
	WordLocked             = "Locked. Type your passcode to go on, or take your card out."
)

// WordHandedOver is shown if another program asked for the patient.
const WordHandedOver = "From the record system"

// The steps from the search to the alert.
const (
	wordStepFind     = "1 Find"
	wordStepResults  = "2 Results"
	wordStepPatient  = "3 Patient"
	wordStepAlert    = "4 Alert"
	wordStepSkipped  = "No list: not by name."
	wordResultsAhead = "Patients who match the search are listed here."
	wordPatientAhead = "The patient you choose is shown here, and whether there is an alert."
)

// Patient.
const (
	wordOtherRecord = "The hub answered with another patient's record."
)

// Questions, and errors that have no package of their own.
const (
	wordQuitAsk       = "Quit? Your session ends."
	WordQuitSigningIn = "Quit? You are being signed in."
	WordQuitFlag      = "A flag is still being written and may be lost."
	WordQuitPage      = "A page is still being sent to the printer."
	WordQuitRemove    = "Something is still being removed and may stay here."
)

// Alerts, openings and plans. The words of the four states are in package client.
const (
	wordOtherLamp     = "The hub answered about another patient."
	wordOtherOpened   = "The hub answered with another patient's plans."
	wordOpeningCutOff = "An alert was being opened. That may have been recorded; then the local authority will be " +
		"notified. Open it again: that notifies nobody a second time."
)

// Diagnostics. The words of the lines are in internal/doctor.
const ()

// The worklist.
const (
	wordQuitLosesList = "Quit? The list is only in memory and will be lost."
)

// wordsQuitUnderWay returns the question before quitting, with the first operation that it would cut off.
func wordsQuitUnderWay(u runningOps, signedIn bool) string {
	words := "Quit? "
	switch {
	case u.flags > 0:
		words += WordQuitFlag
	case u.pages > 0:
		words += WordQuitPage
	default:
		words += WordQuitRemove
	}
	if signedIn {
		words += " Your session ends."
	}
	return words
}

func wordsStep(p draw.Place) string {
	switch p {
	case draw.AtFind:
		return wordStepFind
	case draw.AtResults:
		return wordStepResults
	case draw.AtPatient:
		return wordStepPatient
	case draw.AtAlert:
		return wordStepAlert
	default:
		return ""
	}
}

func wordsTooSmall(cols, rows int) string {
	return fmt.Sprintf("This window is too small. Wardlight needs %d columns and %d rows.", cols, rows)
}

func wordsLockedIdle(d time.Duration) string {
	return fmt.Sprintf("Locked after %s without a key. Type your passcode to go on.", wordsMinutes(d))
}

func wordsMinutes(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d seconds", int(d.Seconds()))
	case d < 2*time.Minute:
		return "1 minute"
	default:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	}
}

// wordsIdle returns the warning before the lock.
func wordsIdle(left time.Duration) string {
	return WordsLocksWithin(left) + " Press any key to stay signed in."
}

// WordsLocksWithin returns how soon the session is locked, in steps: text that changed every second would keep a slow
// line busy.
func WordsLocksWithin(left time.Duration) string {
	within := "2 minutes"
	switch {
	case left <= 10*time.Second:
		within = "10 seconds"
	case left <= 30*time.Second:
		within = "30 seconds"
	case left <= time.Minute:
		within = "1 minute"
	case left > 2*time.Minute:
		within = wordsMinutes(left + time.Minute - time.Second)
	}
	return "The screen locks within " + within + "."
}

func wordsQuitLoses(n int, signedIn bool) string {
	words := "Quit? " + find.WordsFlags(n) + " not yet written and will be lost."
	if signedIn {
		words += " Your session ends."
	}
	return words
}

// wordsLeaveBy returns which key confirms the question in a window that is too small to show the keys.
func wordsLeaveBy(key string) string {
	return key + " again quits; make the window larger for the rest."
}
