package tui

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/client"
	"wardlight/internal/recordsystem"
	"wardlight/internal/sealed"
	"wardlight/tui/alert"
	"wardlight/tui/ask"
	"wardlight/tui/draw"
	"wardlight/tui/patient"
	"wardlight/tui/step"
)

// fakeFlags is a record system that returns what the test has set.
type fakeFlags struct {
	answer  recordsystem.Answer
	waiting recordsystem.Waiting
	left    recordsystem.Waiting // what is still pending after the next retry

	mu  sync.Mutex
	set []recordsystem.Flag
	ids []string // identifiers of the flags that were removed
}

func (*fakeFlags) Place() string { return "Example records" }

func (f *fakeFlags) Set(_ context.Context, flag recordsystem.Flag) recordsystem.Answer {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set = append(f.set, flag)
	if f.answer.Err != nil && f.answer.Kept != recordsystem.NotKept {
		f.waiting.Flags = append(f.waiting.Flags, waitingFlag(flag, f.answer.Kept))
	}
	return f.answer
}

func (f *fakeFlags) Waiting(context.Context) recordsystem.Waiting { return f.waiting }

func (f *fakeFlags) Retry(context.Context) recordsystem.Waiting {
	f.waiting = f.left
	return f.waiting
}

func (f *fakeFlags) Forget(_ context.Context, id string) (bool, error) {
	f.ids = append(f.ids, id)
	f.waiting.Flags = nil
	return true, nil
}

func waitingFlag(flag recordsystem.Flag, place recordsystem.Keeping) recordsystem.Kept {
	return recordsystem.Kept{
		ID: "kept-1", Flag: flag, Since: start(), Place: place,
		Reason: "The record system did not answer in time.", Code: "R12",
	}
}

// twoWait returns two pending flags of an earlier session.
func twoWait() recordsystem.Waiting {
	first := waitingFlag(recordsystem.Flag{Number: tess, AsOf: start().Add(-time.Hour)}, recordsystem.OnDisk)
	second := waitingFlag(recordsystem.Flag{Number: sam, AsOf: start()}, recordsystem.InMemory)
	second.ID, second.Reason, second.Code = "kept-2", "", ""
	return recordsystem.Waiting{Flags: []recordsystem.Kept{first, second}}
}

// flags configures a fake record system and returns it.
func (b *bench) flags() *fakeFlags {
	f := &fakeFlags{answer: recordsystem.Answer{At: time.Date(2026, time.November, 22, 14, 6, 0, 0, time.UTC)}}
	b.m.Cfg.Flags, b.m.Flags.Place = f, f.Place()
	return f
}

func failed(kept recordsystem.Keeping) recordsystem.Answer {
	return recordsystem.Answer{Err: &recordsystem.Error{Kind: recordsystem.TimedOut}, Kept: kept}
}

// flagStates returns the screens about flags, for the golden files and the invariants.
func flagStates() []state {
	return []state{
		{"flag-offered", func(b *bench) { b.flags(); b.toPatient(tess) }},
		{"flag-writing", func(b *bench) { b.flags(); b.toPatient(tess).wait(time.Second).Press("f") }},
		{"flag-set", func(b *bench) { b.flags(); b.toPatient(tess).wait(time.Second).Press("f").answer() }},
		{"flag-already-set", func(b *bench) {
			b.flags().answer.Already = true
			b.toPatient(tess).wait(time.Second).Press("f").answer()
		}},
		{"flag-failed", func(b *bench) {
			b.flags().answer = failed(recordsystem.OnDisk)
			b.toPatient(tess).wait(time.Second).Press("f").answer()
		}},
		{"flag-failed-in-memory", func(b *bench) {
			answer := failed(recordsystem.InMemory)
			answer.Unkept = &sealed.Error{Kind: sealed.NoKeyring}
			b.flags().answer = answer
			b.toPatient(tess).wait(time.Second).Press("f").answer()
		}},
		{"flag-opened", func(b *bench) { b.flags(); b.toOpened() }},
		{"flag-opened-set", func(b *bench) { b.flags(); b.toOpened().wait(time.Second).Press("f").answer() }},
		{"flag-opened-failed", func(b *bench) {
			b.flags().answer = failed(recordsystem.OnDisk)
			b.toOpened().wait(time.Second).Press("f").answer()
		}},
		{"flags-wait", func(b *bench) { b.flags().waiting = twoWait(); b.signIn() }},
		{"flags-wait-out-of-fields", func(b *bench) { b.flags().waiting = twoWait(); b.signIn().Press("esc") }},
		{"flags-unreadable", func(b *bench) {
			b.flags().waiting = recordsystem.Waiting{Err: &sealed.Error{Kind: sealed.Damaged}}
			b.signIn().Press("esc", "f").answer()
		}},
		{"flags-reading", func(b *bench) { b.toFlags(twoWait(), twoWait()).Press("esc", "f") }},
		{"flags-list", func(b *bench) { b.toFlags(twoWait(), twoWait()) }},
		{"flags-list-many", func(b *bench) {
			w := twoWait()
			for range 60 {
				w.Flags = append(w.Flags, w.Flags[0])
			}
			b.toFlags(w, w).Press("down", "down", "down")
		}},
		{"flags-list-remove", func(b *bench) { b.toFlags(twoWait(), twoWait()).Press("down", "x") }},
		{"flags-list-writing", func(b *bench) { b.toFlags(twoWait(), twoWait()).wait(time.Second).Press("f") }},
		{"flags-list-written", func(b *bench) { b.toFlags(twoWait(), recordsystem.Waiting{}).wait(time.Second).Press("f").answer() }},
		{"flags-quit-loses", func(b *bench) { b.flags().waiting = twoWait(); b.signIn().Press("esc", "q") }},
	}
}

// toFlags shows the list of pending flags. After a retry, left is pending.
func (b *bench) toFlags(waiting, left recordsystem.Waiting) *bench {
	f := b.flags()
	f.waiting, f.left = waiting, left
	return b.signIn().Press("esc", "f").answer()
}

func TestAClerkFlagsAnAlertWithoutOpeningIt(t *testing.T) {
	b := newBench(t)
	f := b.flags()
	b.toPatient(tess).says("f flags it in Example records: says there that there is an alert. It opens nothing and notifies nobody.")
	b.wait(time.Second).Press("f").says("Setting the flag in Example records.").answer().says("Flag set in Example records at 14:06.").never("open")
	want := recordsystem.Flag{Number: tess, AsOf: start(), Author: recordsystem.Author{UUID: "555000000111", Name: "SAMPLE, Ada (Ms)"}}
	if len(f.set) != 1 || f.set[0] != want {
		t.Errorf("flags set = %+v, want %+v", f.set, want)
	}
	b.wait(time.Second).Press("f", "f").answer()
	if len(f.set) != 1 {
		t.Errorf("%d flags set for one alert, want 1", len(f.set))
	}
}

func TestAnOpenedAlertCanBeFlaggedToo(t *testing.T) {
	b := newBench(t)
	f := b.flags()
	f.answer.Already = true
	b.toOpened().Press("f").answer()
	if len(f.set) != 0 {
		t.Error("a key pressed before the alert was shown set a flag")
	}
	b.wait(time.Second).Press("f").answer().says("RING NOW", "The flag was already set in Example records.")
	b.Press("esc").says("The flag was already set in Example records.", "ALERT")
}

func TestKeysTypedAheadSetNoFlag(t *testing.T) {
	b := newBench(t)
	f := b.flags()
	b.signIn().Typed(tess.Digits()).Press("enter", "f", "f").answer().Press("f").answer().says("ALERT")
	b.held("f", 2*time.Second).answer()
	if len(f.set) != 0 {
		t.Errorf("%d flags set by a key that is held down, want 0", len(f.set))
	}
}

func TestOnlyAnAlertOfAPatientWhoIsSeenCanBeFlagged(t *testing.T) {
	for name, prepare := range map[string]func(*bench){
		"none recorded": func(b *bench) { b.flags(); b.toPatient(sam) },
		"still asking":  func(b *bench) { b.flags(); b.signIn().Typed(tess.Digits()).Press("enter") },
		"no record": func(b *bench) {
			b.flags()
			b.desk.recordErr = &client.Error{Kind: client.Failing, Status: 503}
			b.toPatient(tess)
		},
		"no record system": func(b *bench) {
			b.toPatient(tess).silent("flags it")
			b.m.Cfg.Flags = new(fakeFlags) // a fake that records any call
		},
	} {
		b := newBench(t)
		prepare(b)
		b.wait(time.Minute).Press("f").answer()
		if f := b.m.Cfg.Flags.(*fakeFlags); len(f.set) != 0 {
			t.Errorf("%s: %d flags set, want 0", name, len(f.set))
		}
	}
}

func TestAFailedFlagSaysWhereItIsKeptAndIsOfferedAgain(t *testing.T) {
	for kept, says := range map[recordsystem.Keeping]string{
		recordsystem.OnDisk:   "It is kept here, encrypted, and the find screen offers it again.",
		recordsystem.InMemory: "It is kept only until you quit. The find screen offers it again.",
	} {
		b := newBench(t)
		f := b.flags()
		f.answer = failed(kept)
		b.toPatient(tess).wait(time.Second).Press("f").answer()
		b.says("The flag was not set. The record system did not answer in time.", says, "Code for support: R12", "ALERT").silent("Flag set")
		b.Press("n").says("1 flag is not yet written into Example records").silent("999", "Tess")
		b.Press("esc", "f").answer().says("999 000 0018", "The record system did not answer in time.").silent("Tess")
		b.wait(time.Second).Press("f").says("Setting the flag in Example records.").answer().says("All flags are written.")
		b.Press("esc").says("Find a patient").silent("not yet written")
	}
}

func TestAFlagThatIsOnlyInMemorySaysWhy(t *testing.T) {
	for _, kind := range sealed.Kinds() {
		b := newBench(t)
		answer := failed(recordsystem.InMemory)
		why := &sealed.Error{Kind: kind}
		answer.Unkept = why
		b.flags().answer = answer
		b.toPatient(tess).wait(time.Second).Press("f").answer().says("It is kept only until you quit: " + why.Error() + " The find screen offers it again.")
		if kind != sealed.NoKeyring {
			b.silent("no keyring")
		}
	}
}

func TestAFlagCanBeTriedAgainOnTheSpot(t *testing.T) {
	b := newBench(t)
	f := b.flags()
	f.answer = failed(recordsystem.OnDisk)
	b.toPatient(tess).wait(time.Second).Press("f").answer().says("The flag was not set.")
	f.answer = recordsystem.Answer{At: b.now}
	b.Press("f").answer() // restarts the key delay
	b.wait(time.Second).Press("f").answer().says("Flag set in Example records").silent("was not set")
	if len(f.set) != 2 {
		t.Errorf("%d flags set, want 2", len(f.set))
	}
}

func TestAFlagsAnswerNeverLandsOnAnotherPatient(t *testing.T) {
	b := newBench(t)
	b.flags()
	b.desk.lamps[sam] = b.desk.lamps[tess]
	lamp := b.desk.lamps[sam]
	lamp.Number = sam
	b.desk.lamps[sam] = lamp
	b.toPatient(tess).wait(time.Second).Press("f")
	late := take[ask.Answer[patient.FlagSet]](b)
	b.Press("n").Typed(sam.Digits()).Press("enter").answer().says("ALERT", "SAMPLE, Sam").send(late).silent("Flag set", "already set")
	b.Press("n").Typed(tess.Digits()).Press("enter").answer().send(late).silent("Flag set")
}

func TestAFlagThatFailsAfterThePatientWasLeftIsStillTold(t *testing.T) {
	b := newBench(t)
	b.flags().answer = failed(recordsystem.OnDisk)
	b.toPatient(tess).wait(time.Second).Press("f", "n").silent("not yet written").answer().says("1 flag is not yet written")
}

func TestLockingForgetsWhoseFlagsWaitAndTheyAreOfferedAfterTheNextSignIn(t *testing.T) {
	for name, end := range map[string]func(*bench){
		"locked":   func(b *bench) { b.Press("ctrl+l") },
		"card out": func(b *bench) { b.cardOut() },
		"idle":     func(b *bench) { b.wait(15 * time.Minute).tick() },
	} {
		b := newBench(t)
		b.toFlags(twoWait(), twoWait()).says("999 000 0018").wait(time.Second).Press("f")
		late := take[ask.Answer[step.Waited]](b)
		end(b)
		b.send(late).answer().silent("999", "not yet written")
		if got := b.m.Flags; got.Place != "Example records" || got.InMemory != 1 || got.Waiting != 0 || got.Err != nil || got.Asked.Pending() {
			t.Errorf("%s: flag state = %+v, want only the place and one flag in memory", name, b.m.Flags)
		}
		b.cardOut().signIn().says("2 flags are not yet written into Example records, 1 of them lost when you quit").silent("999 000 0018")
	}
}

func TestAFlagIsRemovedOnlyAfterAQuestion(t *testing.T) {
	b := newBench(t)
	b.toFlags(twoWait(), twoWait())
	f := b.m.Cfg.Flags.(*fakeFlags)
	b.Press("down", "x").says("Remove the flag for 999 000 0026 from this list? It will not be written.").Press("enter", "f", "x", "esc")
	b.answer().silent("Remove the flag for")
	if len(f.ids) != 0 {
		t.Errorf("flags removed: %q, want none", f.ids)
	}
	b.Press("x", "y").answer().says("All flags are written.")
	if strings.Join(f.ids, " ") != "kept-2" {
		t.Errorf("flags removed: %q, want kept-2", f.ids)
	}
}

func TestQuittingSaysWhatIsLost(t *testing.T) {
	b := newBench(t)
	b.flags().waiting = twoWait()
	b.signIn().Press("esc", "q").says("Quit? 1 flag is not yet written and will be lost.")
}

func TestQuittingAfterTheLockSaysWhatIsLostToo(t *testing.T) {
	b := newBench(t)
	b.flags().answer = failed(recordsystem.InMemory)
	b.m.Cfg.Flags.(*fakeFlags).waiting = twoWait()
	b.toPatient(tess).wait(time.Second).Press("f").answer().Press("ctrl+l").answer()
	b.Press("ctrl+c").says("Quit? 2 flags are not yet written and will be lost.").silent("Your session ends.")
	if b.quit {
		t.Fatal("the program quit without a question, although flags are pending")
	}
	b.Press("esc").silent("Quit?").Press("ctrl+c", "y")
	if !b.quit {
		t.Error("the program did not quit")
	}

	b = newBench(t)
	f := b.flags()
	f.answer, f.waiting = failed(recordsystem.InMemory), twoWait()
	b.toPatient(tess).wait(time.Second).Press("f", "ctrl+l").answer().Press("ctrl+c").says("2 flags are not yet written and will be lost.")
}

// On an opened alert, the words for the flag key are shown where there is space. Neither these words nor the result of
// the key moves the telephone number.
func TestWhatFlaggingDoesOnAnOpenedAlertStandsInThePlaceOfItsOutcome(t *testing.T) {
	ringAt := func(b *bench) int {
		for y, line := range strings.Split(b.text(), "\n") {
			if strings.Contains(line, alert.WordRingNow) {
				return y
			}
		}
		return -1
	}
	b := newBench(t)
	b.flags()
	before := ringAt(b.toOpened().says("f flags it in Example records: says there that there is an alert."))
	b.wait(time.Second).Press("f").answer().says("Flag set in Example records").silent("flags it in")
	if at := ringAt(b); at != before || at < 0 {
		t.Errorf("setting the flag moved the telephone number from row %d to row %d", before, at)
	}
	small := newBenchSize(t, draw.LeastCols, draw.LeastRows)
	without := ringAt(small.toOpened())
	small = newBenchSize(t, draw.LeastCols, draw.LeastRows)
	small.flags()
	if at := ringAt(small.toOpened().says("f flag it")); at != without {
		t.Errorf("in a small window the telephone number is on row %d, want %d as without a record system", at, without)
	}
	newBench(t).toOpened().silent("flags it in")
}
