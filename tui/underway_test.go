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
		begin      func(b *bench)
	}{
		{"a flag", shell.WordQuitFlag, func(b *bench) { b.flags(); b.toPatient(tess).wait(time.Second).Press("f") }},
		{"flags that waited", shell.WordQuitFlag, func(b *bench) {
			onDisk := recordsystem.Waiting{Flags: twoWait().Flags[:1]}
			b.toFlags(onDisk, recordsystem.Waiting{}).wait(time.Second).Press("f")
		}},
		{"the removal of a flag", shell.WordQuitRemove, func(b *bench) {
			onDisk := recordsystem.Waiting{Flags: twoWait().Flags[:1]}
			b.toFlags(onDisk, recordsystem.Waiting{}).Press("x", "y")
		}},
		{"a page", shell.WordQuitPage, func(b *bench) { b.toPreview().Press("enter") }},
		{"the removal of a list", shell.WordQuitRemove, func(b *bench) { b.toList().answer().Press("x", "y", "esc") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			c.begin(b)
			b.Press("ctrl+c").says("Quit? "+c.says, "Your session ends.").Press("esc")
			b.cardOut().Press("q").says("Quit? " + c.says).silent("Your session ends.")
			if b.quit {
				t.Fatal("the program quit without a question")
			}
			b.Press("esc").answer().Press("q")
			if !b.quit {
				t.Errorf("quitting asks for confirmation, although nothing is running: %+v", b.m.UnderWay)
			}
		})
	}
}

func TestQuittingDuringASignInAsks(t *testing.T) {
	b := newBench(t).cardIn().answer().Typed(code).Press("enter").wait(time.Second).Press("q", "d", "Q").says("Signing in.").Press("ctrl+c").says(shell.WordQuitSigningIn)
	if b.quit {
		t.Fatal("the program quit without a question")
	}
	b.answer().says("Quit? Your session ends.").Press("y")
	if !b.quit {
		t.Error("the program did not quit")
	}
	newBench(t).cardIn().answer().Typed(code).Press("enter", "ctrl+c", "esc").answer().says("Find a patient")
}
