package tui

import (
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/tui/ask"
)

// appended returns the lines said so far. It fails if anything but text was output: users of screen readers get no
// colours and no cursor.
func (h *linearTest) appended() []string {
	h.t.Helper()
	if i := strings.IndexFunc(h.all, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }); i >= 0 {
		h.t.Errorf("output contains a control character: %q", h.all[max(0, i-20):i+1])
	}
	var said []string
	for _, line := range strings.Split(h.all, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			said = append(said, line)
		}
	}
	return said
}

// A user of a screen reader hears everything from the card to the telephone number: the patient, the state, what to
// do, whom to ring. Nothing is said twice, and the patient is named first, whichever answer arrives first.
func TestInLinesAListenerFollowsTheJourney(t *testing.T) {
	for _, lampFirst := range []bool{false, true} {
		h := hear(t).card().types(code)
		h.Heard()
		from := len(h.all)
		h.run(h.l.Input([]byte(tess.Digits() + "\n")))
		lamp, record := takeQueued[ask.Answer[client.Lamp]](h.modelTest),
			takeQueued[ask.Answer[client.Patient]](h.modelTest)
		if lampFirst {
			h.deliverMsg(lamp)
			if said := h.Heard(); strings.Contains(said, "ALERT") {
				t.Errorf("the state was said before the patient's name:\n%s", said)
			}
			h.deliverMsg(record)
		} else {
			h.deliverMsg(record).deliverMsg(lamp)
		}

		h.Heard()
		h.wait(time.Second)
		h.types("open " + digits).Heard()
		h.all = h.all[from:]
		said := h.appended()
		at := -1
		for _, want := range []string{
			"NHS No. 999 000 0018.", "EXAMPLE, Tess Ann (Miss).",
			"Born 04-Mar-2016 (10y 8m), Gender Female, NHS No. 999 000 0018.",
			"ALERT: Child protection alert, as of 22-Nov-2026 14:05.",
			"open 4271: shows the plan and whom to ring. Your name is recorded; the local authority is notified.",
			"Opened: EXAMPLE, Tess Ann (Miss), NHS No. 999 000 0018.",
			"Plan 1 of 2: Child Protection Plan, V999 - EXAMPLESHIRE COUNCIL.",
			"RING NOW: 01632 960102, Emergency duty team.",
		} {
			next := indexOf(said, want)
			if next <= at {
				t.Errorf("lamp first %v: %q was not said, or not in this order, in:\n%s",
					lampFirst, want, strings.Join(said, "\n"))
			}
			at = max(at, next)
		}

		if opened := indexOf(said, "Opened: EXAMPLE, Tess Ann (Miss), NHS No. 999 000 0018."); at-opened > 2 {
			t.Errorf("the telephone number is sentence %d of the opened alert, want 3 at most", at-opened+1)
		}

		heard := map[string]bool{}
		for _, line := range said {
			if heard[line] && line != "Command:" {
				t.Errorf("lamp first %v: %q was said twice", lampFirst, line)
			}
			heard[line] = true
			if line == "not checked." {
				t.Errorf("%q was said while the answer is awaited", line)
			}
		}
	}
}

func indexOf(lines []string, line string) int {
	for i, l := range lines {
		if strings.TrimPrefix(l, "Command: ") == line {
			return i
		}
	}
	return -1
}

// In a worklist each patient is named before the state, and the end of the list is said last.
func TestInLinesAListIsFinishedLast(t *testing.T) {
	h := hear(t).card().types(code, "/worklist")
	h.Heard()
	from := len(h.all)
	h.types("x").Heard()
	h.all = h.all[from:]
	said := h.appended()
	last := said[len(said)-2:]
	if !strings.HasPrefix(last[0], "Finished: ") || !strings.HasPrefix(last[1], "Line of the patient:") {
		t.Errorf("last lines = %q, want Finished and the prompt", last)
	}
	for _, line := range said {
		if state := strings.Index(line, "ALERT."); state >= 0 && strings.Index(line, "EXAMPLE, Tess Ann") > state {
			t.Errorf("the state was said before the name: %q", line)
		}
	}
}

// Linear mode asks for what the wider search lacks, and then sends it.
func TestInLinesTheWiderSearchAsksForWhatItNeeds(t *testing.T) {
	h := hear(t).card()
	h.sessions.found = client.Found{}
	h.types(code, "Exampel", "04-03-2016").expectSaid("No patient was found.")
	h.types("/search wider").expectSaid("The wider search needs both names", "Given name")
	h.types("Tess").expectSaid("Searched wider: family name Exampel")
	if q := h.sessions.query; !q.Wider || q.Given != "Tess" || q.Family != "Exampel" {
		t.Errorf("query = %+v, want a wider search for Tess Exampel", q)
	}
}

func TestInLinesBackAndRepeat(t *testing.T) {
	h := hear(t).card().types(code)
	h.Heard()
	h.types("/back").expectSaid("There is nothing to go back to here.", "NHS number, or family name:")
	h.types("Example", "/back").expectSaid("Birth date", "NHS number, or family name:")
	h.types("/more", "Example", "4-3-2016", "/back").expectSaid("Family name", "Birth date", "Born up to", "Birth date")
	h.types("5-3-2016", "", "", "", "", "").Heard()
	if q := h.sessions.query; q.Family != "Example" || q.Born.Day != 5 {
		t.Errorf("query = %+v, want Example, born on day 5", q)
	}
	h.types("/repeat").expectSaid("2 patients")
	h.types("change", tess.Digits()).expectSaid("ALERT")
	h.types("repeat").expectSaid("EXAMPLE, Tess Ann (Miss).", "ALERT: Child protection alert, as of", "open "+digits)
}
