package tui

import (
	"strings"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/tui/ask"
)

// appended fails when anything but text was added at the end: a listener hears no colour and sees no cursor.
func (h *listener) appended() []string {
	h.t.Helper()
	if i := strings.IndexFunc(h.all, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }); i >= 0 {
		h.t.Errorf("something else than text was sent: %q", h.all[max(0, i-20):i+1])
	}
	var said []string
	for _, line := range strings.Split(h.all, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			said = append(said, line)
		}
	}
	return said
}

// A listener follows the journey from the card to the telephone: who, the state, what to do, whom to ring. Nothing is
// said twice, and nothing before what it is about, whichever answer comes first.
func TestInLinesAListenerFollowsTheJourney(t *testing.T) {
	for _, lampFirst := range []bool{false, true} {
		h := hear(t).card().types(code)
		h.Heard()
		from := len(h.all)
		h.run(h.l.Input([]byte(tess.Digits() + "\n")))
		lamp, record := take[ask.Answer[client.Lamp]](h.bench), take[ask.Answer[client.Patient]](h.bench)
		if lampFirst {
			h.takes(lamp)
			if said := h.Heard(); strings.Contains(said, "ALERT") {
				t.Errorf("the state was said before whose it is:\n%s", said)
			}
			h.takes(record)
		} else {
			h.takes(record).takes(lamp)
		}
		h.Heard()
		h.wait(time.Second)
		h.types("open " + digits).Heard()
		h.all = h.all[from:]
		said := h.appended()
		at := -1
		for _, want := range []string{
			"NHS No. 999 000 0018.", "EXAMPLE, Tess Ann (Miss).", "Born 04-Mar-2016 (10y 8m), Gender Female, NHS No. 999 000 0018.",
			"ALERT: as of 22-Nov-2026 14:05.", "There is a child protection alert for this patient.",
			"open 4271: shows the plan and whom to ring. Your name is recorded; the local authority is notified.",
			"Opened: EXAMPLE, Tess Ann (Miss), NHS No. 999 000 0018.", "Plan 1 of 2: Child Protection Plan, V999 - EXAMPLESHIRE COUNCIL.",
			"RING NOW: 01632 960102, Emergency duty team.",
		} {
			next := indexOf(said, want)
			if next <= at {
				t.Errorf("lamp first %v: %q was not said, or not in its place, in:\n%s", lampFirst, want, strings.Join(said, "\n"))
			}
			at = max(at, next)
		}
		if opened := indexOf(said, "Opened: EXAMPLE, Tess Ann (Miss), NHS No. 999 000 0018."); at-opened > 2 {
			t.Errorf("the number to ring is the sentence %d of the opened alert", at-opened+1)
		}
		heard := map[string]bool{}
		for _, line := range said {
			if heard[line] && line != "Command:" {
				t.Errorf("lamp first %v: %q was said twice", lampFirst, line)
			}
			heard[line] = true
			if line == "not checked." {
				t.Errorf("%q was said of what is still being asked", line)
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

// Of a list each patient is named before the state, and that it is finished is said last.
func TestInLinesAListIsFinishedLast(t *testing.T) {
	h := hear(t).card().types(code, "/worklist")
	h.Heard()
	from := len(h.all)
	h.types("x").Heard()
	h.all = h.all[from:]
	said := h.appended()
	last := said[len(said)-2:]
	if !strings.HasPrefix(last[0], "Finished: ") || !strings.HasPrefix(last[1], "Line of the patient:") {
		t.Errorf("last was said %q", last)
	}
	for _, line := range said {
		if state := strings.Index(line, "ALERT."); state >= 0 && strings.Index(line, "EXAMPLE, Tess Ann") > state {
			t.Errorf("the state is said before the name: %q", line)
		}
	}
}

// What the wider search lacks is asked for, and the wider search is sent then.
func TestInLinesTheWiderSearchAsksForWhatItNeeds(t *testing.T) {
	h := hear(t).card()
	h.desk.found = client.Found{}
	h.types(code, "Exampel", "04-03-2016").hears("No patient was found.")
	h.types("/search wider").hears("The wider search needs both names", "Given name")
	h.types("Tess").hears("Searched wider: family name Exampel")
	if q := h.desk.query; !q.Wider || q.Given != "Tess" || q.Family != "Exampel" {
		t.Errorf("searched %+v", q)
	}
}

func TestInLinesBackAndRepeat(t *testing.T) {
	h := hear(t).card().types(code)
	h.Heard()
	h.types("/back").hears("There is nothing to go back to here.", "NHS number, or family name:")
	h.types("Example", "/back").hears("Birth date", "NHS number, or family name:")
	h.types("/more", "Example", "4-3-2016", "/back").hears("Family name", "Birth date", "Born up to", "Birth date")
	h.types("5-3-2016", "", "", "", "", "").Heard()
	if q := h.desk.query; q.Family != "Example" || q.Born.Day != 5 {
		t.Errorf("searched %+v", q)
	}
	h.types("/repeat").hears("2 patients")
	h.types("change", tess.Digits()).hears("ALERT")
	h.types("repeat").hears("EXAMPLE, Tess Ann (Miss).", "ALERT: as of", "open "+digits)
}
