package tui

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/printout"
	"wardlight/tui/alert"
	"wardlight/tui/draw"
	"wardlight/tui/lines"
	"wardlight/tui/patient"
	"wardlight/tui/shell"
	"wardlight/tui/step"
)

// lampOf returns the lamp of patient n with a state of child protection and other flags.
func lampOf(n nhs.Number, s client.State, flags ...client.FlagLamp) client.Lamp {
	l := client.Lamp{Number: n, State: s, Flags: flags, RequestID: "r-lamp"}
	switch {
	case l.Answered():
		l.AsOf = start()
	case s == client.CouldNotCheck:
		l.Err = &client.Error{Kind: client.TimedOut}
	default:
		l.Err = &client.Error{Kind: client.OpeningAsks}
	}
	return l
}

// flagged returns the lamp of a flag that is present, with what the role may see of it.
func flagged(k client.FlagKind, details ...string) client.FlagLamp {
	return client.FlagLamp{Kind: k, State: client.Alert, AsOf: start(), Details: details}
}

// flagIn returns the lamp of a flag in a state.
func flagIn(k client.FlagKind, s client.State) client.FlagLamp {
	f := client.FlagLamp{Kind: k, State: s}
	switch s {
	case client.Alert, client.NoneRecorded:
		f.AsOf = start()
	case client.CouldNotCheck:
		f.Err = &client.Error{Kind: client.NationalBusy}
	case client.NotChecked:
		f.Reason = "The hub does not have flags of this kind."
	}
	return f
}

// adjustments are two details of a reasonable adjustments flag.
var adjustments = []string{"Uses a wheelchair", "Needs a quiet place to wait"}

// lampCase is a combination of the lamps of a patient.
type lampCase struct {
	name  string
	state client.State
	flags []client.FlagLamp
}

// lampCases returns all combinations of the states of child protection, reasonable adjustments and FGM. A flag may also
// not be presented, and that of reasonable adjustments may have details.
func lampCases() []lampCase {
	states := []client.State{client.Alert, client.NoneRecorded, client.NotChecked, client.CouldNotCheck}
	flagsOf := func(k client.FlagKind) map[string][]client.FlagLamp {
		all := map[string][]client.FlagLamp{"not presented": nil}
		for _, s := range states {
			f := flagIn(k, s)
			all[f.Words()] = []client.FlagLamp{f}
		}
		return all
	}
	ra, fgm := flagsOf(client.ReasonableAdjustments), flagsOf(client.FGM)
	ra["FLAG with details"] = []client.FlagLamp{flagged(client.ReasonableAdjustments, adjustments...)}
	delete(fgm, client.NoneRecorded.String()) // never presented

	var all []lampCase
	for _, s := range states {
		for _, a := range slices.Sorted(maps.Keys(ra)) {
			for _, f := range slices.Sorted(maps.Keys(fgm)) {
				name := fmt.Sprintf("%v, adjustments %s, FGM %s", s, a, f)
				all = append(all, lampCase{name, s, slices.Concat(ra[a], fgm[f])})
			}
		}
	}
	return all
}

// shown shows the patient with the lamps of the case.
func (c lampCase) shown(t *testing.T, set func(*shell.Config)) *modelTest {
	t.Helper()
	b := newFixtureWith(t, set)
	b.sessions.lamps[tess] = lampOf(tess, c.state, c.flags...)
	return b.toPatient(tess)
}

// lampForms are the forms in which the combinations are tested.
var lampForms = []struct {
	name       string
	cols, rows int
	ascii      bool
}{{"80x24", 80, 24, false}, {"120x40", 120, 40, false}, {"60x20", 60, 20, false}, {"ascii", 80, 24, true}}

// TestLamps_EveryCombination compares each form except ASCII with a golden file. In each combination, child protection
// comes first, each flag that is presented has one row with its own words and sign, and no other row speaks of an
// alert.
func TestLamps_EveryCombination(t *testing.T) {
	for _, form := range lampForms {
		t.Run(form.name, func(t *testing.T) {
			t.Parallel()
			var all strings.Builder
			for _, c := range lampCases() {
				b := c.shown(t, func(cfg *shell.Config) {
					cfg.Width, cfg.Height, cfg.ASCII = form.cols, form.rows, form.ascii
				})
				p, _ := step.ScreenOf[*patient.Screen](b.m.Screens)
				top := len(b.m.Header().Lines) + 1
				pane := p.View(draw.LayOut(form.cols, form.rows, top, draw.AtPatient)).Lines
				pane = pane[:min(len(pane), form.rows-top-draw.FootRows)]
				rows := strings.Split(ansi.Strip(strings.Join(pane, "\n")), "\n")
				if form.ascii {
					rows = strings.Split(draw.ToASCII(strings.Join(rows, "\n")), "\n")
				}
				c.check(t, rows, form.ascii)
				fmt.Fprintf(&all, "==== %s\n", c.name)
				for _, r := range rows {
					if r = strings.TrimRight(r, " "); strings.Trim(r, lines.Frames) != "" {
						all.WriteString(r + "\n")
					}
				}
			}
			if !form.ascii {
				golden.RequireEqual(t, []byte(all.String()))
			}
		})
	}
}

// check tests the rows of a screen of the case.
func (c lampCase) check(t *testing.T, rows []string, ascii bool) {
	t.Helper()
	sign := func(s string) string {
		if ascii {
			return draw.ToASCII(s)
		}
		return s
	}
	first := func(words string) int {
		return slices.IndexFunc(rows, func(r string) bool { return strings.Contains(r, words) })
	}
	count := func(words string) int { return strings.Count(strings.Join(rows, "\n"), words) }

	protection := first(c.state.String())
	if protection < 0 {
		t.Errorf("%s: the state of child protection is not shown:\n%s", c.name, strings.Join(rows, "\n"))
	}
	alerts, none := 0, 0
	if c.state == client.Alert {
		alerts = 1
	}
	if n := count("ALERT"); n != alerts || count(sign(draw.SignAlert)+" ") != alerts {
		t.Errorf("%s: ALERT %d times, want %d:\n%s", c.name, n, alerts, strings.Join(rows, "\n"))
	}
	if c.state == client.NoneRecorded {
		none++
	}

	for _, k := range client.FlagKinds() {
		at := slices.IndexFunc(c.flags, func(f client.FlagLamp) bool { return f.Kind == k })
		row := first(k.Words())
		if at < 0 {
			if row >= 0 {
				t.Errorf("%s: %q is shown, want nothing", c.name, rows[row])
			}
			continue
		}
		f := c.flags[at]
		if f.State == client.NoneRecorded {
			none++
		}
		switch {
		case row <= protection:
			t.Errorf("%s: %s is in row %d, want it after child protection in row %d", c.name, k, row, protection)
		case count(k.Words()) != 1 || !strings.Contains(rows[row], f.Words()):
			t.Errorf("%s: row %q, want one row with %q", c.name, rows[row], f.Words())
		case f.State == client.Alert && !strings.Contains(rows[row], sign(step.FlagSign(k))+" FLAG"):
			t.Errorf("%s: row %q, want the sign of %s", c.name, rows[row], k)
		}
		for _, d := range f.Details[:min(1, len(f.Details))] { // the rest can be scrolled
			if first(d) < row {
				t.Errorf("%s: the detail %q is not shown", c.name, d)
			}
		}
	}
	if n := count(client.NoneRecorded.String()); n != none {
		t.Errorf("%s: %q %d times, want %d:\n%s", c.name, client.NoneRecorded, n, none, strings.Join(rows, "\n"))
	}
}

// In linear mode the state of child protection is said before the flags, each of which has a line of its own.
func TestLamps_EveryCombinationInLines(t *testing.T) {
	var all strings.Builder
	for _, c := range lampCases() {
		b := c.shown(t, func(*shell.Config) {})
		said := strings.Split(strings.TrimSpace(inLines(b)), "\n")
		fmt.Fprintf(&all, "==== %s\n%s\n", c.name, strings.Join(said, "\n"))
		first := func(words string) int {
			return slices.IndexFunc(said, func(l string) bool { return strings.HasPrefix(l, words) })
		}
		protection := first(c.state.String())
		if protection < 0 {
			t.Errorf("%s: the state of child protection is not said: %q", c.name, said)
		}
		for _, k := range client.FlagKinds() {
			at := slices.IndexFunc(c.flags, func(f client.FlagLamp) bool { return f.Kind == k })
			if line := first(k.Words()); (line >= 0) != (at >= 0) || at >= 0 && line < protection {
				t.Errorf("%s: %s is said in line %d, child protection in line %d", c.name, k, line, protection)
			}
			if at >= 0 && first(k.Words()+": "+c.flags[at].Words()) < 0 {
				t.Errorf("%s: said %q, want the state of %s", c.name, said, k)
			}
		}
		if alerts := strings.Count(strings.Join(said, "\n"), "ALERT"); (alerts > 0) != (c.state == client.Alert) {
			t.Errorf("%s: ALERT is said %d times", c.name, alerts)
		}
	}
	golden.RequireEqual(t, []byte(all.String()))
}

// Asking again because of a flag keeps the alert and opens nothing.
func TestLamps_FlagThatFailedIsAskedForAgain(t *testing.T) {
	b := newFixture(t)
	b.sessions.lamps[tess] = lampOf(tess, client.Alert, flagIn(client.ReasonableAdjustments, client.CouldNotCheck))
	b.toPatient(tess).expect("▲ ALERT", "× could not check", "H52", "r ask again")
	later := lampOf(tess, client.CouldNotCheck, flagged(client.ReasonableAdjustments))
	later.Flags[0].AsOf = start().Add(time.Minute)
	b.sessions.lamps[tess] = later
	b.Press("r").expect("▲ ALERT").deliver().expect("▲ ALERT", "◆ FLAG", "As of 22-Nov-2026 14:06.").
		expectNot("could not check", "ask again").expectCalls("lamp 9990000018", 2).expectNoCall("open")
	b.expectCalls("patient 9990000018", 1)
	b.wait(time.Second).Press("o").deliver().expect("RING NOW")
}

// A flag that is present stays on the screen while the lamp is asked for again, and after that failed.
func TestLamps_FlagStaysWhenChildProtectionFails(t *testing.T) {
	b := newFixture(t)
	b.sessions.lamps[tess] = lampOf(tess, client.CouldNotCheck, flagged(client.ReasonableAdjustments),
		flagIn(client.FGM, client.CouldNotCheck))
	b.toPatient(tess).expect("× could not check", "◆ FLAG")
	b.sessions.lamps[tess] = lampOf(tess, client.CouldNotCheck)
	b.Press("r").expect("◆ FLAG").deliver().expect("× could not check", "◆ FLAG").expectNot("none recorded", "ALERT")
	b.sessions.lamps[tess] = lampOf(tess, client.NoneRecorded,
		flagIn(client.ReasonableAdjustments, client.CouldNotCheck))
	b.Press("r").deliver().expect("○ none recorded", "◆ FLAG").expectNot("Female genital mutilation")
}

func TestLamps_FlagsOfAnotherPatientAreNotShown(t *testing.T) {
	for _, s := range []client.State{client.NoneRecorded, client.CouldNotCheck, client.NotChecked} {
		b := newFixture(t)
		b.sessions.lamps[tess] = lampOf(sam, s, flagged(client.ReasonableAdjustments, adjustments...))
		b.toPatient(tess).expect("could not check", "another patient").
			expectNot("FLAG", adjustments[0], "none recorded")
	}
}

// Details that do not fit can be scrolled; child protection and the states of the flags stay.
func TestLamps_DetailsAreScrolled(t *testing.T) {
	for _, form := range lampForms {
		b := newFixtureWith(t, func(cfg *shell.Config) { cfg.Width, cfg.Height = form.cols, form.rows })
		f := flagged(client.ReasonableAdjustments)
		for i := range 60 {
			f.Details = append(f.Details, fmt.Sprintf("Adjustment number %02d", i))
		}
		b.sessions.lamps[tess] = lampOf(tess, client.Alert, f, flagged(client.FGM))
		stay := []string{"▲ ALERT", "Reasonable adjustments", "◆ FLAG", "§ FLAG", "o shows the plan", "01632 960001"}
		b.toPatient(tess).expect(stay...).expect("number 00", "of 60").expectNot("number 59")
		for range 60 {
			b.Press("down")
		}
		b.expect(stay...).expect("number 59", "of 60:").expectNot("number 00")
		b.Press("pgup").expect(stay...).expectNot("number 59")
		for range 60 {
			b.Press("pgup")
		}
		b.expect("number 00").expectNoCall("open")
	}
}

// A role may see other flags and no alerts.
func TestLamps_RoleWithoutAlerts(t *testing.T) {
	b := newFixture(t)
	lamp := lampOf(tess, client.NotChecked, flagged(client.ReasonableAdjustments))
	lamp.Err = &client.Error{Kind: client.NotAllowed, Detail: "This role lacks B0107."}
	b.sessions.lamps[tess] = lamp
	b.toPatient(tess).expect("– not checked", "This role lacks B0107.", "H31", "◆ FLAG").
		expectNot("none recorded", "ALERT", "ask again", "open the alert")
}

// What an opening has shown stays when the lamp is asked for again because of a flag.
func TestLamps_AskedAgainAfterAnOpeningThatAsked(t *testing.T) {
	b := newFixture(t)
	b.sessions.lamps[tess] = lampOf(tess, client.NotChecked,
		flagIn(client.ReasonableAdjustments, client.CouldNotCheck))
	b.sessions.openErr = &client.Error{Kind: client.NationalTimedOut, MayBeTold: true}
	b.toOpened().expect("× could not check", "may have been told")
	b.sessions.lamps[tess] = lampOf(tess, client.NotChecked, flagged(client.ReasonableAdjustments))
	b.Press("r").expect("may have been told").deliver().expect("× could not check", "may have been told", "◆ FLAG").
		expectNot("not checked").expectCalls("open 9990000018", 1)
}

// A restricted record is not a failure, and its flags are not asked for again.
func TestLamps_RestrictedRecord(t *testing.T) {
	b := newFixture(t)
	lamp := lampOf(tess, client.CouldNotCheck, flagIn(client.ReasonableAdjustments, client.CouldNotCheck))
	lamp.Err = &client.Error{Kind: client.Sensitive}
	lamp.Flags[0].Err = lamp.Err
	b.sessions.lamps[tess] = lamp
	b.toPatient(tess).expect("Restricted: whether there is a flag is shown to nobody here.").
		expectNot("ask again", "H23", "none recorded")
}

func TestLamps_OnTheOpenedAlertInAWideWindow(t *testing.T) {
	b := newFixtureSize(t, 120, 40)
	b.sessions.lamps[tess] = lampOf(tess, client.Alert, flagged(client.ReasonableAdjustments, adjustments...))
	b.toOpened().expect("RING NOW", "◆ FLAG").expectNot(adjustments[0])
}

func TestLamps_Receipt(t *testing.T) {
	for want, lamp := range map[string]client.Lamp{
		"Checked 22-Nov-2026 14:05, CP-IS: none recorded; Reasonable adjustments: FLAG, request r-lamp": lampOf(tess,
			client.NoneRecorded, flagged(client.ReasonableAdjustments, adjustments...)),
		"Checked 22-Nov-2026 14:05, CP-IS: ALERT, not opened; Reasonable adjustments: could not check; " +
			"Female genital mutilation: FLAG, request r-lamp": lampOf(tess, client.Alert,
			flagIn(client.ReasonableAdjustments, client.CouldNotCheck), flagged(client.FGM)),
		"Tried 22-Nov-2026 14:05, CP-IS: could not check (H12); Reasonable adjustments: none recorded, " +
			"request r-lamp": lampOf(tess, client.CouldNotCheck,
			flagIn(client.ReasonableAdjustments, client.NoneRecorded)),
	} {
		b := newFixtureSize(t, 200, 40)
		b.sessions.lamps[tess] = lamp
		b.toPatient(tess).Press("c").expect(want).expectNot(adjustments[0])
	}
}

func TestLamps_Printout(t *testing.T) {
	b := newFixture(t)
	b.sessions.lamps[tess] = lampOf(tess, client.Alert, flagged(client.ReasonableAdjustments, adjustments...),
		flagIn(client.FGM, client.CouldNotCheck))
	b.toOpened()
	opened, _ := b.m.Top().(*alert.Opened)
	said := strings.Join(printout.Statements(b.m.Sheet(opened)), "\n")
	for _, want := range []string{
		"CHILD PROTECTION ALERT", "PLAN 2 of 2", "OTHER FLAGS",
		"Reasonable adjustments: FLAG, as of 22-Nov-2026 14:05.",
		"- " + adjustments[0], "Female genital mutilation: could not check. Whether there is a flag is not known.",
		"WHO HAS LOOKED",
	} {
		at := strings.Index(said, want)
		if at < 0 {
			t.Fatalf("the printout lacks %q after what was found before:\n%s", want, said)
		}
		said = said[at+len(want):]
	}
}

// A row of a list has the signs of the flags. They do not change its state, its place or the counts.
func TestLamps_Worklist(t *testing.T) {
	b := newFixtureSize(t, 120, 40)
	b.sessions.lamps[tess] = lampOf(tess, client.NoneRecorded, flagged(client.ReasonableAdjustments, adjustments...),
		flagged(client.FGM))
	b.sessions.lamps[sam] = lampOf(sam, client.NoneRecorded, flagIn(client.ReasonableAdjustments, client.CouldNotCheck))
	b.toList().deliver().expect("0 ALERT", "3 none recorded", "Flags", "◆§").expectNot(adjustments[0], "▲")
	b.Press("s", "down").expect("Reasonable adjustments: FLAG. Female genital mutilation: FLAG.")

	b = newFixture(t)
	b.toList().deliver().expectNot("Flags")
}
