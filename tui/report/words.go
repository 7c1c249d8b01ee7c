package report

import "fmt"

// The words of the diagnostics.
const (
	titleDiagnostics = "Diagnostics"
	wordSayCode      = "Code"
	wordWhatToDo     = "What to do"
	wordLastError    = "Last failure"
	WordHubAgain     = "ask the hub again"
	WordPickLine     = "choose a line"
	wordSignInHere   = "Close this and type the passcode."
)

func wordsReport(version string) string {
	if version == "" {
		return titleDiagnostics
	}
	return titleDiagnostics + ", version " + version
}

// wordsSpelled returns a code, and how to say it on the telephone.
func wordsSpelled(code, said string) string { return code + "   say: " + said }

func wordsPlainCheck(check, state, sentence, code string) string {
	return fmt.Sprintf("%s: %s. %s %s %s", check, state, sentence, wordSayCode, code)
}
