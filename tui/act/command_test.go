package act_test

import (
	"testing"
	"time"

	"wardlight/tui/act"
)

// at returns the time ms milliseconds after the command was shown.
func at(ms int) time.Time { return time.Unix(1_000_000, 0).Add(time.Duration(ms) * time.Millisecond) }

// open returns a command with the key delay, shown at time 0.
func open() act.Command {
	return act.Command{Keys: []string{"o"}, Does: "open the alert", Since: at(0), Delay: act.KeyDelay, Ready: true}
}

func with(change func(*act.Command)) act.Command {
	c := open()
	change(&c)
	return c
}

func TestPress(t *testing.T) {
	never := time.Time{}
	for _, c := range []struct {
		name    string
		command act.Command
		moment  act.PressContext
		want    act.Verdict
	}{
		{"in sight for its delay, key silent", open(), act.PressContext{Now: at(400), Last: never}, act.Counts},
		{"a moment too early", open(), act.PressContext{Now: at(399), Last: never}, act.TooSoon},
		{"before it came into sight", open(), act.PressContext{Now: at(-1), Last: never}, act.TooSoon},
		{"long in sight", open(), act.PressContext{Now: at(60_000), Last: never}, act.Counts},
		{"always in sight", with(func(c *act.Command) {
			c.Since = time.Time{}
		}), act.PressContext{Now: at(0), Last: never}, act.Counts},

		{
			"pressed during the delay, silent since for less", open(),
			act.PressContext{Now: at(700), Last: at(399)},
			act.MaybeHeld,
		},
		{"pressed during the delay, silent since", open(), act.PressContext{Now: at(1_399), Last: at(399)}, act.Counts},
		{
			"the first repeat of a key that went down during the delay", open(),
			act.PressContext{Now: at(760), Last: at(100)},
			act.MaybeHeld,
		},
		{
			"the first repeat of a key that went down before it was there", open(),
			act.PressContext{Now: at(560), Last: at(-100)},
			act.MaybeHeld,
		},
		{
			"pressed again after a press that was refused as held", open(),
			act.PressContext{Now: at(1_200), Last: at(760)},
			act.Counts,
		},
		{"a repeat of a held key", open(), act.PressContext{Now: at(5_033), Last: at(5_000)}, act.MaybeHeld},
		{"pressed twice, slowly", open(), act.PressContext{Now: at(5_400), Last: at(5_000)}, act.Counts},

		{"without a delay", with(func(c *act.Command) {
			c.Delay = 0
		}), act.PressContext{Now: at(1), Last: at(0)}, act.Counts},
		{"not ready", with(func(c *act.Command) { c.Ready = false }), act.PressContext{Now: at(5_000)}, act.NotReady},
		{"running", with(func(c *act.Command) { c.Running = true }), act.PressContext{Now: at(5_000)}, act.Running},
		{"running, so no longer ready", with(func(c *act.Command) {
			c.Running, c.Ready = true, false
		}), act.PressContext{Now: at(5_000)}, act.Running},
		{"a window that is too small", open(), act.PressContext{Now: at(5_000), Small: true}, act.TooSmall},
		{"a command that is not seen anyway", with(func(c *act.Command) {
			c.Unseen = true
		}), act.PressContext{Now: at(5_000), Small: true}, act.Counts},
		{"an idle session", open(), act.PressContext{Now: at(5_000), Idle: true}, act.Idle},
		{
			"an idle session in a small window", open(),
			act.PressContext{Now: at(5_000), Idle: true, Small: true},
			act.Idle,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := act.Press(c.command, c.moment); got != c.want {
				t.Errorf("Press = %v, want %v", got, c.want)
			}
		})
	}
}

// A key pressed before the command was ready never counts while it is held down, however late its first repeat is.
func TestPress_HeldKey(t *testing.T) {
	for down := -2_000; down < 400; down += 50 {
		for _, first := range []int{250, 400, 500, 660, 999} {
			var presses act.Presses
			for ms, n := down, 0; ms < 4_000; n++ {
				v := act.Press(open(), act.PressContext{Now: at(ms), Last: presses.Last("o")})
				presses.Note("o", at(ms))
				if v == act.Counts {
					t.Fatalf("pressed at %d ms, first repeat after %d ms: the repeat at %d ms counts", down, first, ms)
				}
				if n == 0 {
					ms += first
				} else {
					ms += 33
				}
			}
		}
	}
}

// If a key is pressed too early and then every half second, the command is carried out.
func TestPress_PressedAgainAndAgain(t *testing.T) {
	var presses act.Presses
	for ms := 100; ms <= 1_100; ms += 500 {
		v := act.Press(open(), act.PressContext{Now: at(ms), Last: presses.Last("o")})
		presses.Note("o", at(ms))
		if v == act.Counts {
			return
		}
	}
	t.Error("the third press does not count")
}

func TestFind(t *testing.T) {
	command := func(does string, ready bool, keys ...string) act.Command {
		return act.Command{Keys: keys, Does: does, Ready: ready}
	}

	all := []act.Command{
		command("first", false, "o"), command("open", true, "o"), command("diagnostics", true, "d"),
		command("sort", true, "S"),
		command("enter", true, "enter", "tab"), command("flag", false, "f"),
		{Keys: []string{"p"}, Does: "print", Running: true},
	}

	bound := func(key string) bool { return key == "S" || key == "N" }
	all = append(all, command("next", true, "n"))
	for _, c := range []struct {
		key     string
		console bool
		want    string
	}{
		{"o", false, "open"},
		{"O", false, "open"}, // with Caps Lock
		{"O", true, "open"},
		{"D", false, "diagnostics"},
		{"D", true, ""}, // the rest of F4 on the Linux console, from a split sequence
		{"S", false, "sort"},
		{"s", false, ""},
		{"N", false, ""}, // N has a command on another screen
		{"n", false, "next"},
		{"tab", false, "enter"},
		{"TAB", false, ""},
		{"f", false, ""},
		{"F", false, ""},
		{"p", false, "print"}, // is being carried out
		{"P", false, "print"},
		{"x", false, ""},
		{"É", false, ""},
		{"", false, ""},
	} {
		k := act.Keyboard{Bound: bound, Console: c.console}
		if got, found := k.Find(all, c.key); got.Does != c.want || found != (c.want != "") {
			t.Errorf("Find(%q), console %v = %q, want %q", c.key, c.console, got.Does, c.want)
		}
	}

	if _, found := (act.Keyboard{}).Find(nil, "o"); found {
		t.Error("Find without commands found one")
	}
}

func TestPresses(t *testing.T) {
	var p act.Presses
	p.Note("o", at(0))
	p.Note("enter", at(500))
	if !p.Last("O").Equal(at(0)) || !p.Last("enter").Equal(at(500)) || !p.Last("x").IsZero() {
		t.Errorf("Last: o %v, enter %v, x %v, want 0 ms, 500 ms and zero", p.Last("o"), p.Last("enter"), p.Last("x"))
	}
	if p.Note("x", at(1_200)); !p.Last("o").IsZero() || p.Last("enter").IsZero() {
		t.Error("a press is stored for a second or longer, or not long enough")
	}
	if p.Reset(); !p.Last("x").IsZero() {
		t.Error("Last after Forget is not zero")
	}
}

func TestSequence(t *testing.T) {
	for _, c := range []struct{ name, typed, left string }{
		{"an arrow", "a\x1b[Ab", "ab"},
		{"an arrow in application mode", "a\x1bOAb", "ab"},
		{"Delete", "\x1b[3~", ""},
		{"Ctrl and an arrow", "\x1b[1;5C1", "1"},
		{"Ctrl and an arrow in application mode", "\x1bO5C1", "1"},
		{"F1 of the Linux console", "\x1b[[A1", "1"},
		{"F1 of xterm", "\x1bOP1", "1"},
		{"an answer of the terminal", "\x1b[?2026;2$y1", "1"},
		{"Esc and a letter", "\x1bx[1", "x[1"},
		{"Esc twice and an arrow", "\x1b\x1b[A1", "1"},
		{"no sequence", "[3~O1", "[3~O1"},
		{"a control within", "\x1b[3\r1", "\r1"},
	} {
		var s act.Sequence
		left := ""
		for i, r := range c.typed {
			if !s.Consume(r, at(i)) {
				left += string(r)
			}
		}
		if left != c.left {
			t.Errorf("%s: typed %q, text left = %q, want %q", c.name, c.typed, left, c.left)
		}
	}
}

func TestSequence_Torn(t *testing.T) {
	var s act.Sequence
	s.Consume(0x1b, at(0))
	if !s.Escaped() || !s.Incomplete() {
		t.Error("after ESC, Escaped or Begun is false")
	}

	if !s.Consume('[', at(900)) || s.Escaped() || !s.Consume('3', at(1_800)) || !s.Consume('~', at(2_700)) ||
		s.Incomplete() {
		t.Error("the rest of a split sequence is read as text")
	}

	s.Consume(0x1b, at(5_000))
	if s.Consume('O', at(6_001)) {
		t.Error("a letter more than a second after ESC is read as part of a sequence")
	}

	s.Consume(0x1b, at(7_000))
	if s.Reset(); s.Consume('[', at(7_001)) {
		t.Error("the sequence continues after Reset")
	}

	for _, r := range "\x1b[200~" {
		s.Consume(r, at(8_000))
	}

	if !s.StartsPaste() {
		t.Error("Pastes = false after the sequence that starts a paste")
	}

	if s.Consume('x', at(8_001)); s.Consume(0x1b, at(8_002)) && s.StartsPaste() {
		t.Error("Pastes = true after another key")
	}
}

// When the screen changes without a key press, any key may be held down and about to repeat.
func TestPresses_Disturb(t *testing.T) {
	var p act.Presses
	verdict := func(ms int) act.Verdict { return act.Press(open(), act.PressContext{Now: at(ms), Last: p.Last("o")}) }
	if got := verdict(700); got != act.Counts {
		t.Errorf("verdict before Disturb = %v, want Counts", got)
	}

	p.MarkAll(at(-100))
	if got := verdict(700); got != act.MaybeHeld {
		t.Errorf("verdict 0.8 s after Disturb = %v, want Held", got)
	}

	if got := verdict(900); got != act.Counts {
		t.Errorf("verdict 1 s after Disturb = %v, want Counts", got)
	}

	p.Note("o", at(950))
	if got := p.Last("O"); got != at(950) {
		t.Errorf("Last = %v, want the press after Disturb", got)
	}

	p.Reset()
	if got := p.Last("o"); !got.IsZero() {
		t.Errorf("Last after Forget = %v, want zero", got)
	}
}
