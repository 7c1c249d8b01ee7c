package tui

import (
	"strings"
	"testing"
)

func TestTheWayFromCardToNumberToRing(t *testing.T) {
	b := newBench(t)
	t.Log("\n" + b.text())
	b.cardIn()
	t.Log("\n" + b.text())
	b.answer().typed("1357")
	t.Log("\n" + b.text())
	b.typed("90").press("enter").answer()
	t.Log("\n" + b.text())
	b.typed("9990000018").press("enter").answer()
	t.Log("\n" + b.text())
	b.wait(1e9).press("o").answer()
	t.Log("\n" + b.text())
	if !strings.Contains(b.text(), "RING NOW") {
		t.Error("no number to ring")
	}
}
