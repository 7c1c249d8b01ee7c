package tui

import (
	"testing"
	"time"

	"wardlight/internal/recordsystem"
	"wardlight/tui/shell"
)

// Quitting asks for confirmation while an operation is running, whether a user is signed in or not.
func TestQuittingAsksWhileSomethingIsUnderWay(t *testing.T) {
	for _, c := range []struct {
		name, says string
		begin      func(b *modelTest)
	}{
		{"a flag", shell.WordQuitFlag, func(b *modelTest) {
			b.flags()
			b.toPatient(tess).wait(time.Second).Press("f")
		}},
		{"flags that waited", shell.WordQuitFlag, func(b *modelTest) {
			onDisk := recordsystem.PendingFlags{Flags: twoWait().Flags[:1]}
			b.toFlags(onDisk, recordsystem.PendingFlags{}).wait(time.Second).Press("f")
		}},
		{"the removal of a flag", shell.WordQuitRemove, func(b *modelTest) {
			onDisk := recordsystem.PendingFlags{Flags: twoWait().Flags[:1]}
			b.toFlags(onDisk, recordsystem.PendingFlags{}).Press("x", "y")
		}},
		{"a page", shell.WordQuitPage, func(b *modelTest) { b.toPreview().Press("enter") }},
		{"the removal of a list", shell.WordQuitRemove, func(b *modelTest) {
			b.toList().deliver().Press("x", "y", "esc")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newFixture(t)
			c.begin(b)
			b.Press("ctrl+c").expect("Quit? "+c.says, "Your session ends.").Press("esc")
			b.cardOut().Press("q").expect("Quit? " + c.says).expectNot("Your session ends.")
			if b.quit {
				t.Fatal("the program quit without a question")
			}
			b.Press("esc").deliver().Press("q")
			if !b.quit {
				t.Errorf("quitting asks for confirmation, although nothing is running: %+v", b.m.UnderWay)
			}
		})
	}
}

func TestQuittingDuringASignInAsks(t *testing.T) {
	b := newFixture(t).cardIn().deliver().Typed(code).Press("enter").wait(time.Second).Press("q", "d", "Q").
		expect("Signing in.").Press("ctrl+c").expect(shell.WordQuitSigningIn)
	if b.quit {
		t.Fatal("the program quit without a question")
	}
	b.deliver().expect("Quit? Your session ends.").Press("y")
	if !b.quit {
		t.Error("the program did not quit")
	}
	newFixture(t).cardIn().deliver().Typed(code).Press("enter", "ctrl+c", "esc").deliver().expect("Find a patient")
}
