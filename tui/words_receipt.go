package tui

import (
	"fmt"
	"strings"
)

// The words of receipts.
const (
	wordReceipt            = "receipt"
	wordCopyAgain          = "copy again"
	titleReceipt           = "Receipt of the check, to paste into the patient's record"
	wordReceiptByMouse     = "Mark the line with the mouse and copy it."
	wordReceiptBothByMouse = "Mark both lines with the mouse and copy them."
	wordReceiptCopied      = "Copied to the clipboard, where this terminal allows it. Otherwise mark the line with the mouse."
	wordReceiptHolds       = "It says when and what was checked, and holds no name and no NHS number: make sure that the record you paste it into is this patient's."
)

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

// trimRequest is the end of a receipt on a line of its own.
func trimRequest(request string) string { return strings.TrimPrefix(request, ", ") }
