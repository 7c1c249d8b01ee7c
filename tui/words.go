package tui

import (
	"fmt"
	"strings"
	"time"

	"wardlight/cardreader"
	"wardlight/rbac"
	"wardlight/tui/draw"
)

// Everything that the program says stands in this file and those named words_, apart from what errors say of themselves
// (cardreader, client), and the words of roles and fields (rbac, internal/nhs).

// Keys.
const (
	wordGoOn          = "go on"
	wordBack          = "back"
	wordNextField     = "next field"
	wordPrevField     = "field before"
	wordUp            = "up"
	wordDown          = "down"
	wordPageUp        = "page up"
	wordPageDown      = "page down"
	wordLeft          = "left"
	wordRight         = "right"
	wordFirst         = "first"
	wordLast          = "last"
	wordOpen          = "open the alert"
	wordShowOpened    = "show the opened alert"
	wordAgain         = "ask again"
	wordReadAgain     = "read the card again"
	wordNextPatient   = "next patient"
	wordFind          = "find"
	wordHelp          = "help"
	wordDiagnostics   = "diagnostics"
	wordLock          = "lock"
	wordQuit          = "quit"
	wordSuspend       = "to the shell"
	wordYesQuit       = "quit"
	wordStay          = "stay"
	wordClose         = "close"
	wordTakeRole      = "take the role"
	wordScroll        = "scroll"
	wordMove          = "move"
	wordTakeMarked    = "take the marked one"
	wordSignIn        = "sign in"
	wordClearField    = "clear, then leave"
	wordLeaveField    = "leave the field"
	wordToPasscode    = "type the passcode"
	wordSearch        = "search"
	wordStop          = "stop searching"
	wordChangeRole    = "change role"
	wordThisPatient   = "this patient"
	wordBackToSearch  = "change the search"
	wordChoosePlan    = "choose a plan"
	wordOtherPane     = "other pane"
	wordBackToPatient = "back to patient"
)

// Titles.
const (
	wordProduct = "Wardlight"
	titleCard   = "Smartcard"
	titleRoles  = "Role"
	titleFind   = "Find a patient"
	titleRecord = "Record"
	titleLamp   = "Child protection alert"
	titlePlan   = "Plan"
	titleHelp   = "Keys"
)

// Card and passcode.
const (
	wordLooking            = "Looking for a smartcard reader."
	wordCardRemoved        = "Card removed."
	wordCardRemovedSession = "Card removed. Session ended."
	wordCardMute           = "The card stopped answering."
	wordCardMuteSession    = "The card stopped answering. Session ended."
	wordServiceLostSession = "The smartcard service stopped. Session ended."
	wordLocked             = "Locked. Type your passcode to go on, or take your card out."
	wordReading            = "Reading the card."
	wordUUID               = "UUID"
	wordCertificate        = "Certificate"
	wordTriesLeft          = "Tries left"
	wordLastTry            = "1, the last"
	wordTriesLow           = "fewer than usual"
	wordLastTryAdvice      = "A wrong passcode now locks the card. If you are not sure, stop and use the self-service unlock page."
	wordPasscode           = "Passcode"
	wordDigitsOnly         = "A passcode has digits only."
	wordNotInPasscode      = "A passcode has letters, digits and signs of the English keyboard only."
	wordTypedTooEarly      = "You began before the card was found. Nothing was sent. Type your passcode from the beginning."
	wordNoPaste            = "A passcode can't be pasted. Type it."
	wordSigningIn          = "Signing in."
	wordWillSignIn         = "Signing in as soon as the card has been read."
)

// Roles.
const (
	wordCannotUse    = "These roles can't be used here:"
	wordNoUsableRole = "None of your roles can look for child protection alerts."
	wordNoRole       = "You are signed in, but your smartcard carries no role."
	wordNoRoleAdvice = "Ask the Registration Authority (RA) of your organisation to add your role. Until then use the local procedure."
	wordReadOut      = "For support"
)

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

// Find and results.
const (
	wordOr           = "or"
	wordName         = "Name"
	wordBorn         = "Born"
	wordGender       = "Gender"
	wordNumber       = "NHS number"
	wordPostcode     = "Postcode"
	wordFamily       = "Family name"
	wordBirthDate    = "Birth date"
	wordGiven        = "Given name"
	wordNumberHint   = "10 digits. Alone it is enough."
	wordFamilyHint   = "With the birth date."
	wordBornHint     = "As in 04-03-2016."
	wordGenderHint   = "Better left open: ← → choose."
	wordPostcodeHint = "Hides restricted patients."
	wordAnyGender    = "any"
	wordSearchButton = "[ Search ]"
	wordSearching    = "Searching."
	wordNumberOrName = "Clear this to search by name, or clear the name."
	wordNeedFamily   = "Type a family name."
	wordNobody       = "No patient was found."
	wordTooMany      = "Too many patients match."
	wordDied         = "Died"
	wordWithheld     = "Withheld"
)

// Patient.
const (
	wordBornLabel    = "Born"
	wordGenderLabel  = "Gender"
	wordNHSNo        = "NHS No."
	wordAgeAtDeath   = "Age at Death"
	wordAddress      = "Usual address"
	wordPhone        = "Phone"
	wordRestricted   = "This record is restricted: address, phone and GP practice are withheld."
	wordRecordAsked  = "Getting the record."
	wordRecordFailed = "Record not available"
	wordNoRecord     = "The record did not come."
	wordOtherRecord  = "The hub answered with another patient's record."
)

// Questions, and errors that are none of ours.
const (
	wordQuitAsk            = "Quit? Your session ends."
	wordQuitSigningIn      = "Quit? You are being signed in."
	wordQuitFlag           = "A flag is still being written and may be lost."
	wordQuitPage           = "A page is still being sent to the printer."
	wordQuitRemove         = "Something is still being removed and may stay here."
	wordSessionGone        = "The session has ended."
	wordSessionGoneAdvice  = "Sign in again."
	codeNoSession          = "T01"
	wordUnknownError       = "Something went wrong in the program."
	wordUnknownErrorAdvice = "Try again; if it goes on, use the local procedure and tell support the code."
	codeUnknown            = "T02"
)

// wordsQuitUnderWay says what quitting may cut off: the first of what is under way.
func wordsQuitUnderWay(u underWay, signedIn bool) string {
	words := "Quit? "
	switch {
	case u.flags > 0:
		words += wordQuitFlag
	case u.pages > 0:
		words += wordQuitPage
	default:
		words += wordQuitRemove
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

// wordsListed tells of a list that one patient was chosen from.
func wordsListed(n, chosen int) string {
	if n == 1 {
		return "1 patient, this one."
	}
	return fmt.Sprintf("%d patients. This is number %d.", n, chosen+1)
}

func wordsCode(code string) string { return "Code for support: " + code }

func wordsTooSmall(cols, rows int) string {
	return fmt.Sprintf("This window is too small. Wardlight needs %d columns and %d rows.", cols, rows)
}

func wordsPasscodeHint(form cardreader.Form) string { return form.String() + ", then Enter." }

func wordsPasscodeForm(form cardreader.Form) string {
	return "A passcode has " + form.String() + ". No try was used."
}

func wordsWrongPasscode(tries int) string {
	switch {
	case tries < 0:
		return "Passcode not correct."
	case tries == 1:
		return "Passcode not correct. 1 try left."
	default:
		return fmt.Sprintf("Passcode not correct. %d tries left.", tries)
	}
}

func wordsEndsSoon(date string, days int) string {
	if days == 1 {
		return "ends " + date + ", in 1 day: ask your Registration Authority"
	}
	return fmt.Sprintf("ends %s, in %d days: ask your Registration Authority", date, days)
}

func wordsCertificateEnds(date string) string { return "ends " + date }

func wordsWelcome(name string) string { return "Signed in as " + name }

func wordsCanDo(unscheduled bool) string {
	if unscheduled {
		return "Opening an alert notifies the local authority."
	}
	return "Opening an alert is silent (scheduled care)."
}

func wordsLacks(codes []rbac.ActivityCode) string {
	if len(codes) == 0 {
		return "Not usable here."
	}
	named := make([]string, len(codes))
	for i, c := range codes {
		named[i] = fmt.Sprintf("%s (%s)", c, c.Name())
	}
	return "Lacks " + strings.Join(named, " and ") + "."
}

func wordsRoleFacts(r rbac.RoleProfile) string {
	return fmt.Sprintf("URID %s · organisation %s · job role %s", r.URID, r.OrgODS, r.JobRoleCode())
}

func wordsReadOut(name, uuid string) string { return name + " · UUID " + uuid }

func wordsFound(n, from, shown int) string {
	switch {
	case n == 1:
		return "1 patient"
	case shown < n:
		return fmt.Sprintf("%d patients, %d to %d", n, from+1, from+shown)
	default:
		return fmt.Sprintf("%d patients", n)
	}
}

func wordsSuperseded(old, now string) string {
	return fmt.Sprintf("NHS number %s was replaced. The number is now %s.", old, now)
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

// wordsIdle is the warning before the lock.
func wordsIdle(left time.Duration) string {
	return wordsLocksWithin(left) + " Press any key to stay signed in."
}

// wordsLocksWithin says when the lock comes, in steps: words that changed each second would keep a slow line busy.
func wordsLocksWithin(left time.Duration) string {
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
