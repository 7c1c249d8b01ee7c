package tui

// Diagnostics. What the lines themselves say stands in internal/doctor.
const (
	titleDiagnostics = "Diagnostics"
	wordSayCode      = "Code"
	wordWhatToDo     = "What to do"
	wordLastError    = "Last failure"
	wordHubAgain     = "ask the hub again"
	wordPickLine     = "choose a line"
	wordSignInHere   = "Close this and type the passcode."
)

func wordsDiagnostics(version string) string {
	if version == "" {
		return titleDiagnostics
	}
	return titleDiagnostics + ", version " + version
}

// wordsSpelt is a code, and how it is said on the telephone.
func wordsSpelt(code, said string) string { return code + "   say: " + said }
