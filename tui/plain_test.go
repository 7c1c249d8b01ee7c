package tui

import (
	"strings"
	"testing"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/rbac"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/lines"
	"wardlight/tui/patient"
	"wardlight/tui/shell"
	"wardlight/tui/step"
)

// digits is the code that confirms opening an alert in the tests.
const digits = "4271"

// linearTest drives linear mode: it types lines and reads the output.
type linearTest struct {
	*modelTest
	l   *lines.Linear
	out strings.Builder
	all string // all output so far
}

func listen(t *testing.T, set func(*shell.Config)) *linearTest {
	t.Helper()
	h := &linearTest{modelTest: newFixtureWith(t, set)}
	h.l = lines.New(h.m, &h.out)
	h.l.NewDigits = func() string { return digits }
	h.l.Later = func(_ time.Duration, msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }
	h.l.PrintNew()
	return h
}

func hear(t *testing.T) *linearTest { return listen(t, func(*shell.Config) {}) }

// deliverMsg passes msg to linear mode.
func (h *linearTest) deliverMsg(msg tea.Msg) *linearTest {
	h.t.Helper()
	h.run(h.l.Take(msg))
	return h.checkOutput()
}

// Answered delivers all queued messages.
func (h *linearTest) Answered() *linearTest {
	h.t.Helper()
	for len(h.queued) > 0 {
		next := h.queued[0]
		h.queued = h.queued[1:]
		h.deliverMsg(next)
	}
	return h
}

// types types lines, and delivers the queued messages after each.
func (h *linearTest) types(all ...string) *linearTest {
	h.t.Helper()
	for _, line := range all {
		h.run(h.l.Input([]byte(line + "\n")))
		h.checkOutput().Answered()
	}
	return h
}

func (h *linearTest) card() *linearTest {
	h.t.Helper()
	h.wait(time.Second)
	h.deliverMsg(shell.CardMsg{Event: cardreader.Event{
		Kind:    cardreader.ReadersChanged,
		Readers: []cardreader.Reader{{Name: reader, Present: true}},
	}})
	return h.deliverMsg(shell.CardMsg{Event: cardreader.Event{Kind: cardreader.CardInserted, Reader: reader}}).
		Answered()
}

func (h *linearTest) pulled() *linearTest {
	h.t.Helper()
	return h.deliverMsg(shell.CardMsg{Event: cardreader.Event{Kind: cardreader.CardRemoved, Reader: reader}})
}

// Heard returns the output since the last call.
func (h *linearTest) Heard() string {
	s := h.out.String()
	h.out.Reset()
	h.all += s
	return s
}

// expectSaid reports an error unless the words are in the output since the last call, in this order.
func (h *linearTest) expectSaid(words ...string) *linearTest {
	h.t.Helper()
	said := h.Heard()
	rest := said
	for _, w := range words {
		_, after, ok := strings.Cut(rest, w)
		if !ok {
			h.t.Errorf("%q was not said, or not in this order, in:\n%s", w, said)
		}
		rest = after
	}
	return h
}

// checkOutput checks that the output contains no control characters and no passcode.
func (h *linearTest) checkOutput() *linearTest {
	h.t.Helper()
	for _, r := range h.out.String() {
		if r != '\n' && r != '\r' && unicode.IsControl(r) {
			h.t.Fatalf("output contains a control character: %q", h.out.String())
		}
	}
	if strings.Contains(h.out.String(), code) {
		h.t.Fatal("output contains the passcode")
	}
	return h
}

func TestInLinesFromCardToOpenedAlert(t *testing.T) {
	h := hear(t)
	h.expectSaid("Looking for a smartcard reader.\n", "Command: ")
	h.card().expectSaid("UUID: 555000000111.", "Tries left: 3.", "Passcode, 6 to 8 digits, then Enter: ")
	h.types(code).expectSaid("Signing in.", "Signed in as SAMPLE, Ada (Ms).\nNurse Access Role, Example General "+
		"Hospital.\n", "Find a patient.\n", "NHS number, or family name: ")
	h.types("999 000 0018").expectSaid("NHS No. 999 000 0018.\nGetting the record.\n",
		"EXAMPLE, Tess Ann (Miss).\nBorn 04-Mar-2016 (10y 8m), Gender Female, NHS No. 999 000 0018.\n",
		"Asking whether there is an alert.\n",
		"ALERT: Child protection alert, as of 22-Nov-2026 14:05.\n",
		"open 4271: shows the plan and whom to ring. Your name is recorded; the local authority is notified.",
		"Command: ")

	h.wait(time.Second)

	h.types("open 4271").expectSaid("Opening. Wait for the answer.",
		"Opened: EXAMPLE, Tess Ann (Miss), NHS No. 999 000 0018.\nPlan 1 of 2: Child Protection Plan, V999 - "+
			"EXAMPLESHIRE COUNCIL.\n",
		"RING NOW: 01632 960102, Emergency duty team.", "Start 03-Feb-2026, End none, it runs now.",
		"Plan 2 of 2: ", "ENDED 07-May-2026", "Recorded; the local authority will be notified.",
		"Who has looked: the latest 25", "1. 22-Nov-2026 14:05, Ms Ada Sample, Nurse Access Role, EXAMPLE GENERAL "+
			"HOSPITAL.")

	if n := h.sessions.count("open " + tess.Digits()); n != 1 {
		t.Errorf("opened %d times, want 1", n)
	}

	h.types("back").expectSaid("show: shows it again as it was opened")
	h.types("show").expectSaid("RING NOW")
	h.types("next").expectSaid("Find a patient.", "NHS number, or family name: ")
	h.types("/lock").expectSaid("Earlier lines may still name a patient", "Locked.", "Passcode, ")
	if h.sessions.count("open "+tess.Digits()) != 1 || h.m.In != nil {
		t.Errorf("session calls = %q, want one open, and no session after /lock", h.sessions.asked)
	}
}

func TestInLinesAlertsOpenOnlyByTheDigitsThatWereSaid(t *testing.T) {
	h := hear(t).card().types(code, tess.Digits())
	h.Heard()
	h.types("open " + digits).expectSaid("too soon")
	h.wait(time.Second)
	h.types("", "o", "open").expectSaid("no command \"o\"", "needs the word and the digits")
	h.types("open 0000").expectSaid("Nothing was opened.")
	h.types("open " + digits).expectSaid("too soon") // the new digits were shown within the key delay
	h.wait(time.Second)
	h.types("open 1111").expectSaid("Nothing was opened.")
	h.wait(time.Second)
	h.types("open 2222").expectSaid("The patient was left, and nothing was opened.", "Find a patient.")
	if n := h.sessions.count("open " + tess.Digits()); n != 0 {
		t.Errorf("opened %d times, want 0", n)
	}
}

// Pasted text can't contain the right digits, and a line from before the alert was shown is not a command for it.
func TestInLinesAPasteOpensNothing(t *testing.T) {
	h := hear(t).card().types(code)
	h.run(h.l.Input([]byte(tess.Digits() + "\nopen\nopen 4271\no\n\ny\nopen 4271\n")))
	h.Answered()
	for range 50 {
		h.run(h.l.Input([]byte("open 4271\nopen 0000\n")))
		h.Answered()
	}
	if n := h.sessions.count("open " + tess.Digits()); n != 0 {
		t.Errorf("opened %d times, want 0", n)
	}
}

func TestInLinesAPasteIsOneTryOfThePasscode(t *testing.T) {
	h := hear(t)
	h.sessions.signInErr = &cardreader.Error{Kind: cardreader.WrongPasscode, Tries: 2}
	h.card()
	h.run(h.l.Input([]byte("111111\r222222\r333333\r")))
	h.run(h.l.Input([]byte("444444\r"))) // while the first sign-in is running
	h.Answered()
	if n := h.sessions.count("sign in"); n != 1 || h.m.Pass.Len() != 0 {
		t.Errorf("%d sign-ins, %d characters in the passcode box, want 1 and 0", n, h.m.Pass.Len())
	}
	h.expectSaid("Passcode not correct. 2 tries left.", "Passcode, ")
}

func TestInLinesAKeyOfThePasscodeLeavesNoTrace(t *testing.T) {
	h := hear(t).card()
	keys := []byte("13579\x7f")
	h.run(h.l.Input(keys))
	if strings.Trim(string(keys), "\x00") != "" {
		t.Errorf("the input buffer contains %q, want it cleared", keys)
	}
	h.run(h.l.Input([]byte("\x1b[A"))) // an arrow key
	if h.m.Pass.Len() != 4 || len(h.l.Typed) != 0 {
		t.Errorf("the passcode box has %d characters and the line is %q, want 4 and none", h.m.Pass.Len(), h.l.Typed)
	}
	h.run(h.l.Input([]byte("\x15")))
	if h.m.Pass.Len() != 0 {
		t.Errorf("the passcode box has %d characters after Ctrl-U, want 0", h.m.Pass.Len())
	}
	h.run(h.l.Input([]byte("\x03")))
	if !h.quit {
		t.Error("the program did not quit after Ctrl-C")
	}
}

func TestInLinesFindingByName(t *testing.T) {
	h := hear(t).card().types(code)
	h.Heard()
	h.types("Example").expectSaid("Birth date, as 04-03-2016, 2016, 3-5y: ")
	h.types("31-02-2016").expectSaid("Birth date: ", "Birth date, as 04-03-2016, 2016, 3-5y: ")
	h.types("4-3-2016").expectSaid("Searched as typed: family name Example, born 04-Mar-2016.", "2 patients.",
		"1. EXAMPLE, Tess Ann (Miss). Born 04-Mar-2016, Gender Female, NHS number 999 000 0018, Postcode LS1 4AP.",
		"2. SAMPLE, Sam.", "Number of the patient: ")

	h.types("3").expectSaid("no number of the list")
	h.wait(time.Second)
	h.types("2").expectSaid("SAMPLE, Sam.", "none recorded: as of 22-Nov-2026 14:05.\n",
		"This does not prove that there is no plan")
	h.types("back", "change").expectSaid("NHS number, or family name: ")
	h.types("/more", "Lock", "4-3-2016", "", "Tess", "f", "", "").expectSaid("Family name",
		"Born up to, if the date is not sure", "Given name", "Gender, any, female, male, other", "Postcode", "Died on",
		"given name Tess, gender Female")

	h.types("change").expectSaid("Find a patient.", "/search wider searches wider: names that sound alike",
		"NHS number")
	h.types("/search wider").expectSaid("Searched wider: family name Lock")
	if q := h.sessions.query; !q.Wider || q.Family != "Lock" || q.Given != "Tess" || q.Gender != nhs.Female ||
		q.Postcode != "" {
		t.Errorf("query = %+v, want a wider search for Tess Lock, female", q)
	}
}

func TestInLinesWhatPrintsNothingIsIgnored(t *testing.T) {
	h := hear(t).card().types(code)
	h.types("\u200eO\u02bcEx\u00adample\u200b", "\u200e4/\u200e3/\u200e2016")
	if want := (client.Query{Family: "O\u02bcExample", Born: nhs.Date{
		Year: 2016, Month: time.March,
		Day: 4,
	}}); h.sessions.query != want {
		t.Errorf("query = %+v, want %+v", h.sessions.query, want)
	}
	h.types("change", "\ufeff999\u200b000\u00ad0018\u200f").expectSaid("NHS No. 999 000 0018.", "Getting the record.")
}

func TestInLinesRolesAreChosenByNumber(t *testing.T) {
	h := hear(t)
	roles(h.modelTest, []rbac.RoleProfile{nurse(), midwife()}, []rbac.RoleProfile{nurse(), midwife(), clerk()})
	h.card().types(code).expectSaid("1. Nurse Access Role, Example General Hospital. Opening an alert notifies the "+
		"local authority.",
		"2. Health Professional Access Role", "silent", "These roles can't be used here:", "Clerical Access Role",
		"Lacks B0107", "Number of the role: ")
	h.types("2").expectSaid("too soon")
	h.wait(time.Second)
	h.types("2").expectSaid("Health Professional Access Role, Elsewhere Community Services.", "Find a patient.")
}

func TestInLinesEveryEndIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(h *linearTest)
		says string
	}{
		"card":   {func(h *linearTest) { h.pulled() }, "Card removed. Session ended."},
		"signal": {func(h *linearTest) { h.deliverMsg(shell.StopMsg{}) }, "Session ended."},
		"lock":   {func(h *linearTest) { h.types("lock") }, "Locked."},
		"quit":   {func(h *linearTest) { h.types("quit", "yes") }, "Session ended."},
		"idle": {func(h *linearTest) {
			h.wait(15 * time.Minute).tickInLines(h)
		}, "Locked after 15 minutes without a key."},
		"suspend": {func(h *linearTest) { h.deliverMsg(keyNamed("ctrl+z")) }, "Locked."},
	} {
		t.Run(name, func(t *testing.T) {
			h := hear(t).card().types(code, tess.Digits())
			h.Heard()
			c.end(h)
			if said := h.Heard(); !strings.Contains(said, c.says) ||
				!strings.Contains(said, lines.WordPlainScrollback) || strings.Contains(said, "Tess") {
				t.Errorf("output does not contain %q and the hint about earlier lines, or names the patient:\n%s",
					c.says, said)
			}
			if h.m.In != nil || h.m.Top() == nil {
				t.Error("the session was not ended")
			}
		})
	}
}

// tickInLines sends the message of the newest timer.
func (b *modelTest) tickInLines(h *linearTest) { h.deliverMsg(b.timers[len(b.timers)-1]) }

func TestInLinesTheScreenIsClearedOnlyWhereTheSettingsSaySo(t *testing.T) {
	h := listen(t, func(c *shell.Config) { c.Clear = true }).card().types(code, tess.Digits())
	h.Heard()
	h.run(h.l.Take(shell.CardMsg{Event: cardreader.Event{Kind: cardreader.CardRemoved, Reader: reader}}))
	if said := h.Heard(); !strings.HasPrefix(said, lines.ClearAll) ||
		strings.Contains(said, lines.WordPlainScrollback) {
		t.Errorf("output = %q, want it to clear the screen instead of the hint about earlier lines", said)
	}
}

func TestInLinesTheWarningIsAnsweredByALine(t *testing.T) {
	h := hear(t).card().types(code, tess.Digits())
	h.wait(13*time.Minute + time.Second).tickInLines(h)
	h.expectSaid("The screen locks within 2 minutes.", "Press Enter to stay signed in: ")
	h.types("next").expectSaid("You are still signed in.")
	if h.m.In == nil {
		t.Error("the answer to the question was run as a command")
	}
	h.types("quit").expectSaid("Quit? Your session ends.", lines.WordPlainYes)
	h.types("").expectSaid("Command: ")
	if h.m.In == nil || h.quit {
		t.Error("Enter alone quit the program")
	}
	h.types("quit", "/lock").expectSaid("Locked.")
	h = hear(t).card().types(code, tess.Digits())
	h.wait(13*time.Minute + time.Second).tickInLines(h)
	h.types("lock").expectSaid("Locked.") // the answer "lock" to a question locks
}

func TestInLinesDiagnosticsAndHelp(t *testing.T) {
	h := hear(t).types("diagnostics").expectSaid("Diagnostics", "Smartcard service: ", "Code D")
	h.types("close", "help").expectSaid("Commands, by their first word:\n", "diagnostics\n", "quit\n")
	h.types("nonsense").expectSaid(`There is no command "nonsense" here.`)
	h.card().types(code, "/help").expectSaid("Commands begin with a slash here:", "/more", "/lock")
	h.types("/quit", "yes")
	if !h.quit {
		t.Error("the program did not quit")
	}
}

// flat returns the letters and digits of s in lower case.
func flat(s string) string {
	keep := func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}
	return strings.Map(keep, ansi.Strip(s))
}

// Panes and linear mode use the same words for a patient: in every state, each sentence about the alert is in the
// panes too.
func TestInLinesAndInPanesTheSameIsSaid(t *testing.T) {
	for _, s := range states() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			b := newFixtureSize(t, draw.WideCols-1, 200) // too narrow for panes beside it
			s.get(b)
			p, ok := b.m.Top().(*patient.Screen)
			if !ok || b.m.Dialog != shell.NoDialog || b.m.Cols < draw.MinCols {
				return
			}

			screen, spoken := flat(b.text()), p.InLines()
			for _, line := range spoken {
				if !strings.Contains(screen, flat(line)) {
					t.Errorf("the panes do not contain %q:\n%s", line, b.text())
				}
			}

			for _, st := range []client.State{
				client.Alert, client.NoneRecorded, client.NotChecked,
				client.CouldNotCheck,
			} {
				if says := strings.Contains(strings.Join(spoken, "\n"), st.String()); says != (st == p.State()) &&
					p.OpenErr == nil && !p.Asking() {
					t.Errorf("state %q: said = %v:\n%s", st, says, strings.Join(spoken, "\n"))
				}
			}
		})
	}
}

// boxed is a screen that does not implement lines.Lined: a field in a box.
type boxed struct {
	step.Screen
	th    draw.Styles
	field draw.Field
	taken string
}

func (s *boxed) Typing() bool      { return true }
func (s *boxed) Paste(text string) { s.field.Insert(text) }
func (s *boxed) Commands() (main, minor []act.Command) {
	keep := func() step.Action { s.taken = s.field.String(); return nil }
	return []act.Command{step.Command(step.Bind("Enter", "keep the note", "enter"), keep)}, nil
}

func (s *boxed) View(l draw.Layout) draw.Pane {
	return s.th.Focus("A note", step.Padded(s.th.Entry("Words", draw.SignChosen+" "+s.taken)), l.Body.W, 0)
}

func TestInLinesAScreenWithoutLinesOfItsOwnIsToldFromItsView(t *testing.T) {
	h := hear(t).card().types(code)
	s := &boxed{th: h.m.Styles, field: draw.NewField(20)}
	h.m.Screens = append(h.m.Screens, s)
	h.types("/nonsense").expectSaid("A note.\nWords: chosen:\n")
	h.types("lock").expectSaid("Words: chosen: lock.")
	if s.taken != "lock" || h.m.In == nil {
		t.Errorf("field = %q, want lock, and the session still active", s.taken)
	}
	h.types("/help").expectSaid("/keep the note")
}

func TestInLinesHostileTextSendsNothing(t *testing.T) {
	h := hear(t).card().types(code)
	h.types("\x1b]52;c;aGk=\x07\x1b[2J", "/\x1b[31mquit\u009b", "/"+strings.Repeat("x", 5000)).expectSaid("no command")
	if len(h.l.Typed) != 0 || h.m.In == nil {
		t.Errorf("typed line = %q, want it empty, and the session still active", h.l.Typed)
	}
}

func FuzzInLinesNothingTypedOpensAnAlert(f *testing.F) {
	f.Add("open\nopen 0000\n9990000018\nback\n/more\n")
	f.Add("o\n\n\x1b[200~open\n")
	f.Fuzz(func(t *testing.T, typed string) {
		h := hear(t).card().types(code, tess.Digits())
		h.l.NewDigits = func() string { return "its own" } // has a space, so it never matches
		for line := range strings.Lines(typed) {
			h.wait(time.Second)
			h.run(h.l.Input([]byte(line)))
			h.checkOutput().Answered()
			if h.m.Leaving || h.m.In == nil {
				break
			}
		}
		if n := h.sessions.count("open " + tess.Digits()); n != 0 && !strings.Contains(typed, "its own") {
			t.Errorf("typing %q opened an alert", typed)
		}
	})
}

// With several cards, linear mode asks for the number of one before the passcode.
func TestPlain_SeveralCards(t *testing.T) {
	h := hear(t)
	colleague(h.modelTest, "Wall")
	h.deliverMsg(shell.CardMsg{Event: cardreader.Event{Kind: cardreader.CardInserted, Reader: "Wall"}}).card()
	h.expectSaid("Which smartcard?", "1. UUID 555000000777, in Wall", "2. UUID 555000000111, in "+reader,
		"Number of the smartcard: ")
	h.wait(time.Second)
	h.types("3").expectNoCall("read ahead " + reader)
	h.types("2").expectSaid("Reader: "+reader, "UUID: 555000000111.").expectCalls("read ahead "+reader, 1)
}

// With a passcode that is typed on the reader, Enter starts the sign-in.
func TestPlain_PasscodeOnTheReader(t *testing.T) {
	h := hear(t)
	h.sessions.card.OnReader = true
	h.card().expectSaid("Tries left: 3.", "Press Enter, then type the passcode on the reader: ")
	h.types("").expectSaid("Type the passcode on the reader.", "Find a patient")
	if h.sessions.passcode != "" {
		t.Errorf("signed in with passcode %q, want none", h.sessions.passcode)
	}
}
