package tui

import (
	"fmt"
	"io"
	"testing"
	"time"

	"wardlight/internal/recordsystem"
	"wardlight/rbac"
	"wardlight/tui/lines"
)

// delayedCommand is a command with a key delay, as the panes and linear mode offer it.
type delayedCommand struct {
	name      string
	appears   func(b *modelTest) // shows the command, seconds after the last press of its key
	key, line string
	done      func(b *modelTest) int // returns how often the command was carried out
}

func deeds() []delayedCommand {
	counts := func(what string) func(b *modelTest) int {
		return func(b *modelTest) int { return b.sessions.count(what) }
	}

	return []delayedCommand{
		{"open", func(b *modelTest) { b.toPatient(tess) }, "o", "open " + digits, counts("open " + tess.Digits())},
		{
			"flag", func(b *modelTest) { b.flags(); b.toPatient(tess) }, "f", "flag",
			func(b *modelTest) int { return len(b.m.Cfg.Flags.(*fakeFlags).set) },
		},
		{
			"role", func(b *modelTest) {
				both := []rbac.RoleProfile{nurse(), midwife()}
				roles(b, both, both).signIn()
			}, "2", "2", counts("choose " + midwife().URID),
		},
		{"patient of the results", func(b *modelTest) {
			byName(b).wait(2 * time.Second).deliver()
		}, "enter", "1", counts("patient " + tess.Digits())},
		{
			"patient of the worklist", func(b *modelTest) {
				b.toWorklist().deliver().Typed("x").Press("enter").wait(2 * time.Second).deliver()
			}, "enter", "3", counts("patient " + tess.Digits()),
		},
		{"printer", func(b *modelTest) { b.toOpened().Press("p").deliver() }, "enter", "1", func(b *modelTest) int {
			if b.m.Printer == "" {
				return 0
			}
			return 1
		}},
		{
			"print", func(b *modelTest) { b.m.Printer = "ward"; b.toOpened().Press("p") }, "enter", "print",
			func(b *modelTest) int { return len(b.printout.printed) },
		},
		{"write the flags", func(b *modelTest) {
			f := b.flags()
			f.waiting, f.left = twoWait(), recordsystem.PendingFlags{}
			b.signIn().Press("esc", "f").wait(2 * time.Second).deliver()
		}, "f", "write", func(b *modelTest) int {
			if len(b.m.Cfg.Flags.(*fakeFlags).waiting.Flags) > 0 {
				return 0
			}
			return 1
		}},
	}
}

// The same key presses have the same result in the panes and in linear mode.
func TestPanesAndLines_SamePressesSameOutcome(t *testing.T) {
	stored := make([]int, 90)
	for i := range stored {
		stored[i] = 33
	}

	for _, c := range []struct {
		name    string
		presses []int // milliseconds since the previous press, or since the command was shown
		want    bool
	}{
		{"at once", []int{0}, false},
		{"a moment too early", []int{399}, false},
		{"after the key delay", []int{400}, true},
		{"long after", []int{60_000}, true},
		{"too early and again", []int{100, 600}, false},
		{"too early and after a pause", []int{100, 1_000}, true},
		{"too early three times", []int{100, 500, 500}, true},
		{"held down from the beginning", stored, false},
		{"in a session that was idle for too long", []int{16 * 60_000}, false},
	} {
		for _, d := range deeds() {
			for _, inLines := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, in lines %v", d.name, c.name, inLines), func(t *testing.T) {
					b := newFixture(t)
					d.appears(b)
					press := func() { b.Press(d.key) }
					if inLines {
						l := lines.New(b.m, io.Discard)
						l.NewDigits = func() string { return digits }
						l.PrintNew()
						press = func() { b.run(l.Input([]byte(d.line + "\n"))) }
					}
					for _, ms := range c.presses {
						b.wait(time.Duration(ms) * time.Millisecond)
						press()
					}
					b.deliver()
					if n := d.done(b); n > 1 || (n == 1) != c.want {
						t.Errorf("carried out %d times, want carried out = %v", n, c.want)
					}
				})
			}
		}
	}
}

// A command that is being carried out isn't started again, however often its key is pressed.
func TestPanesAndLines_OnceOnly(t *testing.T) {
	for _, d := range deeds() {
		if d.name != "open" && d.name != "flag" && d.name != "print" {
			continue // the other commands lead to another screen
		}
		b := newFixture(t)
		d.appears(b)
		b.wait(time.Second).Press(d.key).wait(time.Second).Press(d.key).wait(time.Second).Press(d.key).deliver()
		if n := d.done(b); n != 1 {
			t.Errorf("%s: carried out %d times, want 1", d.name, n)
		}
	}
}

// hold presses a key 30 times a second for the duration d, as a terminal does while it is held down.
func (b *modelTest) hold(name string, d time.Duration) *modelTest {
	b.t.Helper()
	for range int(30 * d / time.Second) {
		b.Press(name).wait(time.Second / 30)
	}
	return b
}
