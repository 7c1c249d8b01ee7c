package lines

import (
	"fmt"
	"strings"

	"wardlight/tui/card"
	"wardlight/tui/shell"
	"wardlight/tui/step"
)

// Words used only in linear mode: questions, and words for what the screens show without words. All others are those
// of the panes.
const (
	WordPlainHelpHint     = "Type help to hear the commands; where a name is asked for, /help."
	wordPlainFind         = "NHS number, or family name: "
	wordPlainRole         = "Number of the role: "
	wordPlainCard         = "Number of the smartcard: "
	wordPlainRow          = "Number of the patient: "
	wordPlainPrinter      = "Number of the printer: "
	WordPlainYes          = "Type yes to quit, or press Enter to stay: "
	wordPlainStay         = "Press Enter to stay signed in: "
	wordPlainStayed       = "You are still signed in."
	wordPlainYesAnswer    = "yes"
	wordPlainMore         = "more"
	wordPlainMoreDoes     = "search by more than name and birth date"
	wordPlainBack         = "back"
	wordPlainNoBack       = "There is nothing to go back to here."
	wordPlainRepeat       = "repeat"
	wordPlainRepeatDoes   = "say the screen again"
	wordPlainOpenWord     = "open"
	wordPlainShowWord     = "show"
	wordPlainCommands     = "Commands, by their first word:"
	wordPlainSlash        = "Commands begin with a slash here:"
	wordPlainNotNumber    = "That is no number of the list."
	wordPlainFlagWord     = "flag"
	wordPlainTooEarly     = "That came too soon. Nothing was done. Type it again."
	wordPlainOpenTooEarly = "That came too soon after the alert. Nothing was opened. Listen to the alert, then " +
		"type it again."
	wordPlainWrongCode  = "Those are not the digits that were asked for. Nothing was opened."
	wordPlainLeft       = "That was the third time. The patient was left, and nothing was opened."
	wordPlainNoGender   = "That is no gender of the list."
	wordPlainNoCode     = "Opening needs the word and the digits after it."
	wordPlainChosen     = "chosen:"
	wordPlainEnded      = "Session ended."
	WordPlainScrollback = "Earlier lines may still name a patient in this window and above it. Clear them: in the " +
		"window's menu choose to clear the scrollback, or close the window."
	wordPlainDiagnosing = "For diagnostics press Ctrl-T."
	wordPlainLeaveOut   = "press Enter to leave it out"
)

// WordsPlainStart returns the first line of linear mode.
func WordsPlainStart(site string) string {
	if site != "" {
		site = " " + site + "."
	}
	return shell.WordProduct + ", in lines." + site + " " + card.WordPurpose
}

func wordsPlainPasscode(hint string, onReader bool) string {
	if onReader {
		return strings.TrimSuffix(hint, ".") + ": "
	}
	return card.WordPasscode + ", " + strings.TrimSuffix(hint, ".") + ": "
}

// wordsPlainHandedOver returns the notice that another program handed over an NHS number.
func wordsPlainHandedOver(number string) string {
	return shell.WordHandedOver + ": NHS number " + number + "."
}

// wordsPlainUnknown returns the error for an unknown command. slash is the prefix of commands.
func wordsPlainUnknown(line, slash string) string {
	return fmt.Sprintf("There is no command %q here. Type %shelp for those that there are.", line, slash)
}

// wordsPlainDiagnostics returns which command shows the diagnostics. slash is the prefix of commands.
func wordsPlainDiagnostics(slash string) string {
	return "For diagnostics type " + slash + step.WordDiagnostics + "."
}

func wordsPlainWhich(names []string) string { return "Which one? " + strings.Join(names, "; ") + "." }

// wordsPlainField returns the question for a field of the search. hint may be empty.
func wordsPlainField(label, hint string, optional bool) string {
	said := label
	if hint = strings.TrimSuffix(hint, "."); hint != "" {
		said += ", " + strings.ToLower(hint[:1]) + hint[1:]
	}
	if optional {
		said += ", " + wordPlainLeaveOut
	}
	return said + ": "
}
