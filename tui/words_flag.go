package tui

import (
	"fmt"

	"wardlight/internal/recordsystem"
)

// Flags in the record system.
const (
	titleFlags = "Flags not yet written"

	wordFlag       = "flag it"
	wordShowFlags  = "flags not yet written"
	wordRetryFlags = "write them now"
	wordRemove     = "remove the marked one"
	wordYesRemove  = "remove"
	wordKeep       = "keep"

	wordFlagQuiet       = "It opens nothing and notifies nobody."
	wordFlagNotSet      = "The flag was not set."
	wordReadingFlags    = "Reading the list."
	wordNoFlagsWait     = "All flags are written."
	wordNoAnswerYet     = "The program ended before there was an answer."
	wordFlagsUnreadable = "Flags that were kept on this computer cannot be read."
	wordPressFlags      = "press f."
	wordAlertAsOf       = "Alert as of"
	wordKeptWhere       = "Kept"
	wordKeptOnDisk      = "here, encrypted"
	wordKeptInMemory    = "until you quit"

	wordLeaveFieldForFlags = "press Esc, then f."
)

func wordsFlagDoes(place string) string {
	return "flags it in " + place + ": says there that there is an alert."
}

func wordsFlagging(place string) string { return "Setting the flag in " + place + "." }

func wordsFlagSet(place, at string) string { return "Flag set in " + place + " at " + at + "." }

func wordsFlagThere(place string) string { return "The flag was already set in " + place + "." }

// wordsFlagKept is where a flag that could not be written is, and why it is only in memory; nil leaves that out.
func wordsFlagKept(k recordsystem.Keeping, why error) string {
	switch k {
	case recordsystem.OnDisk:
		return "It is kept here, encrypted, and the find screen offers it again."
	case recordsystem.InMemory:
		words := "It is kept only until you quit"
		if why != nil {
			sentence, _, code := told(why)
			words += ": " + sentence + " (" + code + ")"
		} else {
			words += "."
		}
		return words + " The find screen offers it again."
	default:
		return "It is not kept."
	}
}

func wordsFlagsWaitFor(place string) string {
	return "These flags have still to be written into " + place + ". Each is written once, however often it is tried."
}

func wordsRemoveFlag(number string) string {
	return "Remove the flag for " + number + " from this list? It will not be written."
}

// wordsFlags is a number of flags, with the verb.
func wordsFlags(n int) string {
	if n == 1 {
		return "1 flag is"
	}
	return fmt.Sprintf("%d flags are", n)
}

func wordsFlagsWait(n, inMemory int, place string) string {
	words := wordsFlags(n) + " not yet written into " + place
	switch {
	case inMemory == n:
		words += ", and lost when you quit"
	case inMemory > 0:
		words += fmt.Sprintf(", %d of them lost when you quit", inMemory)
	}
	return words
}

func wordsQuitLoses(n int, signedIn bool) string {
	words := "Quit? " + wordsFlags(n) + " not yet written and will be lost."
	if signedIn {
		words += " Your session ends."
	}
	return words
}
