package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardlight/tui/draw"
	"wardlight/tui/shell"

	tea "charm.land/bubbletea/v2"
)

// terminalKeys simulates torn escape sequences: it sends the messages that Bubble Tea makes of the parts of a sequence
// that arrive 50 ms or more apart, and records what the model receives.
type terminalKeys struct {
	filter func(tea.Model, tea.Msg) tea.Msg
	now    time.Time
	timers []tea.Msg
	out    []string
}

func newTerminalKeys() *terminalKeys {
	k := &terminalKeys{now: start()}
	later := func(_ time.Duration, msg tea.Msg) { k.timers = append(k.timers, msg) }
	k.filter = joinKeys(func() time.Time { return k.now }, later, consoleKeys())
	return k
}

// send passes messages through the filter and records what the model receives.
func (k *terminalKeys) send(all ...tea.Msg) *terminalKeys {
	for _, msg := range all {
		k.note(k.filter(nil, msg))
	}
	return k
}

func (k *terminalKeys) note(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case shell.InOrderMsg:
		k.note(msg.First)
		k.note(msg.Then)
	case tea.KeyPressMsg:
		k.out = append(k.out, msg.String())
	case tea.PasteMsg:
		k.out = append(k.out, "paste:"+msg.Content)
	default:
		k.out = append(k.out, fmt.Sprint(msg))
	}
}

func (k *terminalKeys) wait(d time.Duration) *terminalKeys {
	k.now = k.now.Add(d)
	return k
}

// timer sends the message of the newest timer.
func (k *terminalKeys) timer() *terminalKeys { return k.send(k.timers[len(k.timers)-1]) }

// typedKeys returns one key message for each character of s.
func typedKeys(s string) []tea.Msg {
	var all []tea.Msg
	for _, r := range s {
		all = append(all, tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	return all
}

func TestWholeKeys(t *testing.T) {
	esc := tea.KeyPressMsg{Code: tea.KeyEscape}
	up := tea.KeyPressMsg{Code: tea.KeyUp}
	const tear = 100 * time.Millisecond
	for _, c := range []struct {
		name string
		send func(k *terminalKeys)
		want string
	}{
		{"Esc", func(k *terminalKeys) { k.send(esc).timer() }, "esc"},
		{"Esc, and a key before it is known", func(k *terminalKeys) { k.send(esc, up) }, "esc up"},
		{"Esc, and a letter before it is known", func(k *terminalKeys) {
			k.send(esc).send(typedKeys("q")...).timer()
		}, "esc q"},
		{"Esc twice", func(k *terminalKeys) { k.send(esc, esc).timer() }, "esc esc"},
		{"Esc, and a paste before it is known", func(k *terminalKeys) {
			k.send(esc, tea.PasteMsg{Content: "x"})
		}, "esc paste:x"},
		{"an earlier timer", func(k *terminalKeys) { k.send(esc, up, esc).send(k.timers[0]).timer() }, "esc up esc"},
		{"an arrow torn after ESC", func(k *terminalKeys) {
			k.send(esc).wait(tear).send(typedKeys("[Ax")...).timer()
		}, "x"},
		{"Delete torn after ESC", func(k *terminalKeys) { k.send(esc).wait(tear).send(typedKeys("[3~")...) }, ""},
		{"Delete torn byte by byte", func(k *terminalKeys) {
			k.send(esc)
			for _, r := range "[3~" {
				k.wait(900 * time.Millisecond).send(typedKeys(string(r))...)
			}
		}, ""},
		{"Delete torn after ESC [", func(k *terminalKeys) {
			k.send(tea.KeyPressMsg{Code: '[', Mod: tea.ModAlt}).wait(tear).send(typedKeys("3~")...)
		}, ""},
		{"Delete torn after ESC [ 3", func(k *terminalKeys) {
			k.send(unknown("\x1b[3")).wait(tear).send(typedKeys("~")...)
		}, "\"\\x1b[3\""},
		{"an arrow torn after ESC O", func(k *terminalKeys) {
			k.send(tea.KeyPressMsg{Code: 'o', Mod: tea.ModAlt | tea.ModShift}).wait(tear).send(typedKeys("A1")...)
		}, "1"},
		{"F3 of the Linux console", func(k *terminalKeys) {
			k.send(unknown("\x1b[[")).send(typedKeys("C1")...)
		}, "f3 1"},
		{"F3 of the Linux console, torn", func(k *terminalKeys) {
			k.send(esc).wait(tear).send(typedKeys("[[C1")...)
		}, "1"},
		{"a tail that comes after Esc was taken for a key", func(k *terminalKeys) {
			k.send(esc).timer().wait(500 * time.Millisecond).send(typedKeys("[3~")...)
		}, "esc"},
		{"letters long after Esc", func(k *terminalKeys) {
			k.send(esc).timer().wait(1100 * time.Millisecond).send(typedKeys("[O")...)
		}, "esc [ O"},
		{"a paste torn at its beginning", func(k *terminalKeys) {
			k.send(esc).wait(tear).send(typedKeys("[200~oq1")...).send(tea.PasteMsg{}).send(typedKeys("x")...)
		}, "paste: x"},
		{"another message", func(k *terminalKeys) { k.send(tea.WindowSizeMsg{Width: 80, Height: 24}) }, "{80 24}"},
	} {
		k := newTerminalKeys()
		c.send(k)
		if got := strings.Join(k.out, " "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAFieldTakesMarksAndLeavesOutKeysThatAreNoLetters(t *testing.T) {
	for _, c := range []struct {
		typed []string
		want  string
	}{
		{[]string{"Z", "e", "\u0301", "l", "i", "e"}, "Ze\u0301lie"},
		{[]string{"\u0301", "a"}, "a"}, // a combining mark without a letter before it
		{[]string{"Example\tTess"}, "Example Tess"},
		{[]string{"Exa\x08\x00mple\x1b"}, "Example"},
		{[]string{"Example\r\n"}, "Example"},
	} {
		f := draw.NewField(20)
		for _, s := range c.typed {
			f.Insert(s)
		}
		if f.String() != c.want {
			t.Errorf("typed %q: field = %q, want %q", c.typed, f.String(), c.want)
		}
	}

	b := newFixture(t).signIn().send(tea.PasteMsg{Content: "999 000 0018\tExample"}).expect("999 000 0018").
		expectNot("␉")
	b.Press("ctrl+u", "tab").Typed("Exan").send(tea.KeyPressMsg{Code: 'h', Mod: tea.ModCtrl}).Typed("mple").
		expect("► Example")
}

func TestAPasscodeBegunBeforeTheBoxIsLeftOut(t *testing.T) {
	const said = "You began before the card was found."
	b := newFixture(t).Typed("24").cardIn() // a second later
	b.Typed(code).Press("enter").deliver().expect("Find a patient")

	b = newFixture(t).Typed("24").wait(90 * time.Millisecond)
	b.inserted().Typed("690813").expect(said).Press("enter").deliver().expect(said).expectNoCall("sign in")
	if b.m.Pass.Len() != 0 {
		t.Errorf("the passcode box has %d characters, want 0", b.m.Pass.Len())
	}

	b.Typed(code).Press("enter").deliver().expect("Find a patient")

	b = newFixture(t).Typed("24")
	b.inserted().Typed("69").wait(time.Second).Typed(code).Press("enter").deliver().expect("Find a patient")

	b = newFixture(t).signIn().Typed("999").cardOut() // the start of an NHS number, and then a new card
	b.inserted().Typed("000018").Press("enter").deliver().expectCalls("sign in", 1)

	b = newFixture(t).signIn().Typed("999").Press("enter").cardOut() // the number was complete
	b.inserted().deliver().Typed(code).Press("enter").deliver().expect("Find a patient")

	newFixture(t).toPatient(tess).Press("ctrl+l").deliver().Typed(code).Press("enter").deliver().
		expect("Find a patient")
}
