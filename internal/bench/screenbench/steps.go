package screenbench

import (
	"wardlight/internal/lab/cards"
	"wardlight/internal/testterm"
)

// step is an action of the user. do returns when the screen shows its result.
type step struct {
	what   string
	budget int
	do     func(*testterm.Terminal)
}

// Actions that all programs perform. Equal names make one row of the table.
const (
	firstFrame = "first frame"
	moveDown   = "down in a list"
	moveUp     = "up in a list"
	typeLetter = "a letter typed in a field"
	openEntry  = "an entry of the list, opened"
	leave      = "leaving, the terminal put back"
	wholeWay   = "from the passcode to the opened alert"
)

// wardlightSteps returns the steps for the terminal program, with the demo's hub and the card of a user with two roles.
func wardlightSteps() []step {
	way := func(f func(*testterm.Terminal)) step { return step{wholeWay, 9000, f} }
	return []step{
		{firstFrame, 0, func(t *testterm.Terminal) {
			t.Expect(testterm.Contains("Tries left"), testterm.Line(-1).Contains("F1 help"))
		}},
		way(func(t *testterm.Terminal) {
			t.Type(cards.Passcode).Press("enter").Expect(testterm.Contains("Find a patient"),
				testterm.Line(-1).Contains("F1 help"))
		}),
		way(func(t *testterm.Terminal) { t.Press("tab").Expect(testterm.Contains("Family name  ►")) }),
		{typeLetter, 40, func(t *testterm.Terminal) { t.Type("E").Expect(testterm.Contains("► E")) }},
		way(func(t *testterm.Terminal) {
			t.Type("xample").Press("tab").Type("04-03-2016").Expect(testterm.Contains("► 04-03-2016"))
		}),
		way(func(t *testterm.Terminal) {
			t.Press("enter").Expect(testterm.Contains("1 patient"), testterm.Line(-1).Contains("? help"))
		}),
		{openEntry, 2400, func(t *testterm.Terminal) {
			t.Press("enter").Expect(testterm.Contains("▲ ALERT"), testterm.Contains("EXAMPLE, Tess"),
				testterm.Contains("Usual address"), testterm.Line(-1).Contains("open the alert"))
		}},
		way(func(t *testterm.Terminal) {
			t.PressUntil("o", testterm.Contains("RING NOW")).Expect(testterm.Line(-1).Contains("p print"))
		}),
		{"", 0, func(t *testterm.Terminal) {
			t.Press("n").Expect(testterm.Contains("Family name  ►")).Type("Example").Press("tab").Type("01-01-2010")
			t.Press("ctrl+e").Expect(testterm.Contains("Given name   ►")).Press("tab").Type("01-01-2022").Press("enter")
			t.Expect(testterm.Contains("2 patients"), testterm.Line(-1).Contains("? help"),
				testterm.Contains("► EXAMPLE"))
		}},
		{moveDown, 120, func(t *testterm.Terminal) {
			t.Press("down").Expect(testterm.Contains("► EXAMPLE, Owen"))
		}},
		{moveUp, 120, func(t *testterm.Terminal) {
			t.Press("up").Expect(testterm.Contains("► EXAMPLE, Tess"))
		}},
		{leave, 0, func(t *testterm.Terminal) {
			t.Press("q").Expect(testterm.Contains("Quit?")).Press("y")
			t.Wait()
		}},
	}
}
