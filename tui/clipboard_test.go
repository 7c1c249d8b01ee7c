//go:build unix

package tui

import (
	"bytes"
	"encoding/base64"
	"testing"

	"wardlight/internal/testterm"
)

// copiesEnv enables the clipboard in the program that the test terminal runs.
const copiesEnv = "WARDLIGHT_TUI_COPIES"

// osc52 is the start of the escape sequence that sets a terminal's clipboard.
const osc52 = "\x1b]52;c;"

func TestOnATerminalTheClipboardIsSetOnlyWhereThatIsSwitchedOn(t *testing.T) {
	for _, on := range []bool{false, true} {
		o := testterm.Options{Answer: true}
		if on {
			o.Env = []string{copiesEnv + "=1"}
		}

		term, _ := startOnTerminal(t, o)
		toAlertOnTerminal(term)
		term.Press("c").Expect(testterm.Contains("Receipt of the check"), testterm.Contains("CP-IS: ALERT, not opened"))
		if on {
			term.Expect(testterm.Contains("Copied to the clipboard"))
		}

		term.Press("esc").Expect(testterm.Contains("open the alert"))
		_, after, sent := bytes.Cut(term.Output(), []byte(osc52))
		if sent != on {
			t.Fatalf("with the clipboard enabled %v: OSC 52 sent = %v", on, sent)
		}

		if !on {
			continue
		}

		coded := after[:bytes.IndexAny(after, "\a\x1b")]
		line, err := base64.StdEncoding.DecodeString(string(coded))
		if err != nil || string(line) != "Checked 22-Nov-2026 14:05, CP-IS: ALERT, not opened" {
			t.Errorf("the clipboard got %q, error %v", line, err)
		}
	}
}
