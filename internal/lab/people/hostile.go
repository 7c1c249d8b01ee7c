package people

import "wardlight/internal/nhs"

// Sequences that must never be sent to a terminal, each of which has a harmful effect (ECMA-48; Unicode TR 36).
const (
	clipboard  = "\x1b]52;c;cm0gLXJmIH4=\x07" // OSC 52: writes to the clipboard
	wipe       = "\x1b[2J\x1b[H"              // CSI 2J: clears the screen
	conceal    = "\x1b[8m"                    // SGR 8: hides the text after it
	eightBit   = "\u009b31m"                  // one-character CSI of ISO 6429
	override   = "\u202e"                     // right-to-left override
	isolate    = "\u2066"                     // left-to-right isolate, never closed
	zeroWidth  = "\u200b\u200d\ufeff"
	bell       = "\x07"
	titleBar   = "\x1b]0;PWNED\x1b\\" // OSC 0: sets the window title
	backspaces = "\b\b\b\b"
)

// hostile returns a child with such sequences in every field. Without them the family name is Hazard.
func hostile(born nhs.Date) details {
	return details{
		family: "Haz" + conceal + "ard" + override, given: []string{"Wil" + wipe + "low", zeroWidth + "Rose" +
			eightBit},
		gender: nhs.Female, born: born,
		street: "13 Inven" + clipboard + "ted" + isolate + " Lane\r\n", town: titleBar + "Little Fiction" + bell,
		postcode: "YD1" + zeroWidth + " 1NN", phone: "01632960" + backspaces + "160",
	}
}
