package card

import (
	"fmt"
	"strings"

	"wardlight/cardreader"
	"wardlight/rbac"
)

// Keys.
const (
	wordReadAgain  = "read the card again"
	wordTakeMarked = "take the marked one"
	wordTakeCard   = "take card"
	wordSignIn     = "sign in"
	wordClearField = "clear, then leave"
	wordToPasscode = "type the passcode"

	wordUseCard      = "use the smartcard"
	wordBrowserAgain = "begin again"
)

// Titles.
const (
	titleCard  = "Smartcard"
	titleRoles = "Role"
	titleWhich = "Which smartcard?"

	titleBrowser = "Sign-in in the browser"
)

// Browser.
const (
	wordInBrowser       = "Sign in in the browser that has opened."
	wordInBrowserAdvice = "When you have signed in there, come back: this screen goes on by itself."
)

// Card and passcode.
const (
	WordPurpose        = "Shows if a patient has a child protection alert, and whom to ring."
	wordLooking        = "Looking for a smartcard reader."
	wordReading        = "Reading the card."
	wordReader         = "Reader"
	wordWhichAdvice    = "Several smartcards can sign in. Take yours, or leave only yours in."
	wordCertificate    = "Certificate"
	wordTriesLeft      = "Tries left"
	wordLastTry        = "1, the last"
	wordTriesLow       = "fewer than usual"
	wordTriesLowAdvice = "Wrong passcodes were typed, and this card does not say how many tries are left. If you " +
		"are not sure, stop and use the self-service unlock page."
	wordLastTryAdvice = "A wrong passcode now locks the card. If you are not sure, stop and use the self-service " +
		"unlock page."
	WordPasscode      = "Passcode"
	wordDigitsOnly    = "A passcode has digits only."
	wordNotInPasscode = "A passcode has letters, digits and signs of the English keyboard only."
	wordTypedTooEarly = "You began before the card was found. Nothing was sent. Type your passcode from the beginning."
	wordNoPaste       = "A passcode can't be pasted. Type it."
	wordBeginOnReader = "Press Enter, then type the passcode on the reader."
	wordTypeOnReader  = "Type the passcode on the reader."
	wordNotHere       = "Type the passcode on the reader, not here. Nothing was sent."
	wordSigningIn     = "Signing in."
	wordWillSignIn    = "Signing in as soon as the card has been read."
)

// Roles.
const (
	wordCannotUse    = "These roles can't be used here:"
	wordNoUsableRole = "None of your roles can look for child protection alerts."
	wordNoRole       = "You are signed in, but your smartcard carries no role."
	wordNoRoleCIS2   = "You are signed in, but the NHS sign-in (CIS2) names no role that may be used here."
	wordNoRoleAdvice = "Ask the Registration Authority (RA) of your organisation to add your role. Until then use " +
		"the local procedure."
	wordReadOut = "For support"
)

// Words used only in linear mode: questions, and words for what the screens show without words. All others are those
// of the panes.
const (
	wordPlainPasscode = "What you type is not shown. Ctrl-C quits, Ctrl-O signs in in the browser, Esc leaves it."
)

// wordsPasscodeHint returns the form of the passcode.
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

func wordsInReader(reader string) string { return "in " + reader }

func wordsEndsSoon(date string, days int) string {
	if days == 1 {
		return "ends " + date + ", in 1 day: ask your Registration Authority"
	}
	return fmt.Sprintf("ends %s, in %d days: ask your Registration Authority", date, days)
}

func wordsCertificateEnds(date string) string { return "ends " + date }

// WordsWelcome returns the sentence that names the user.
func WordsWelcome(name string) string { return "Signed in as " + name }

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
