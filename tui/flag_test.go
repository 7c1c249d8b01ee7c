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
	answer  recordsystem.Result
	waiting recordsystem.PendingFlags
	left    recordsystem.PendingFlags // what is still pending after the next retry

	mu  sync.Mutex
	set []recordsystem.Flag
	ids []string // identifiers of the flags that were removed
}

func (*fakeFlags) Name() string { return "Example records" }

func (f *fakeFlags) Set(_ context.Context, flag recordsystem.Flag) recordsystem.Result {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set = append(f.set, flag)
	if f.answer.Err != nil && f.answer.StoredIn != recordsystem.NotStored {
		f.waiting.Flags = append(f.waiting.Flags, waitingFlag(flag, f.answer.StoredIn))
	}
	return f.answer
}

func (f *fakeFlags) Pending(context.Context) recordsystem.PendingFlags { return f.waiting }

func (f *fakeFlags) Retry(context.Context) recordsystem.PendingFlags {
	f.waiting = f.left
	return f.waiting
}

func (f *fakeFlags) Forget(_ context.Context, id string) (bool, error) {
	f.ids = append(f.ids, id)
	f.waiting.Flags = nil
	return true, nil
}

func waitingFlag(flag recordsystem.Flag, place recordsystem.Storage) recordsystem.PendingFlag {
	return recordsystem.PendingFlag{
		ID: "kept-1", Flag: flag, Since: start(), Storage: place,
		Reason: "The record system did not answer in time.", Code: "R12",
	}
}

// twoWait returns two pending flags of an earlier session.
func twoWait() recordsystem.PendingFlags {
	first := waitingFlag(recordsystem.Flag{Number: tess, AsOf: start().Add(-time.Hour)}, recordsystem.OnDisk)
	second := waitingFlag(recordsystem.Flag{Number: sam, AsOf: start()}, recordsystem.InMemory)
	second.ID, second.Reason, second.Code = "kept-2", "", ""
	return recordsystem.PendingFlags{Flags: []recordsystem.PendingFlag{first, second}}
}

// flags configures a fake record system and returns it.
func (b *modelTest) flags() *fakeFlags {
	f := &fakeFlags{answer: recordsystem.Result{At: time.Date(2026, time.November, 22, 14, 6, 0, 0, time.UTC)}}
	b.m.Cfg.Flags, b.m.Flags.Place = f, f.Name()
	return f
}

func failed(saved recordsystem.Storage) recordsystem.Result {
	return recordsystem.Result{Err: &recordsystem.Error{Kind: recordsystem.TimedOut}, StoredIn: saved}
}

// flagStates returns the screens about flags, for the golden files and the invariants.
func flagStates() []state {
	return []state{
		{"flag-offered", func(b *modelTest) { b.flags(); b.toPatient(tess) }},
		{"flag-writing", func(b *modelTest) { b.flags(); b.toPatient(tess).wait(time.Second).Press("f") }},
		{"flag-set", func(b *modelTest) { b.flags(); b.toPatient(tess).wait(time.Second).Press("f").deliver() }},
		{"flag-already-set", func(b *modelTest) {
			b.flags().answer.Existed = true
			b.toPatient(tess).wait(time.Second).Press("f").deliver()
		}},
		{"flag-failed", func(b *modelTest) {
			b.flags().answer = failed(recordsystem.OnDisk)
			b.toPatient(tess).wait(time.Second).Press("f").deliver()
		}},
		{"flag-failed-in-memory", func(b *modelTest) {
			answer := failed(recordsystem.InMemory)
			answer.StoreErr = &sealed.Error{Kind: sealed.NoKeyring}
			b.flags().answer = answer
			b.toPatient(tess).wait(time.Second).Press("f").deliver()
		}},
		{"flag-opened", func(b *modelTest) { b.flags(); b.toOpened() }},
		{"flag-opened-set", func(b *modelTest) { b.flags(); b.toOpened().wait(time.Second).Press("f").deliver() }},
		{"flag-opened-failed", func(b *modelTest) {
			b.flags().answer = failed(recordsystem.OnDisk)
			b.toOpened().wait(time.Second).Press("f").deliver()
		}},
		{"flags-wait", func(b *modelTest) { b.flags().waiting = twoWait(); b.signIn() }},
		{"flags-wait-out-of-fields", func(b *modelTest) { b.flags().waiting = twoWait(); b.signIn().Press("esc") }},
		{"flags-unreadable", func(b *modelTest) {
			b.flags().waiting = recordsystem.PendingFlags{Err: &sealed.Error{Kind: sealed.Damaged}}
			b.signIn().Press("esc", "f").deliver()
		}},
		{"flags-reading", func(b *modelTest) { b.toFlags(twoWait(), twoWait()).Press("esc", "f") }},
		{"flags-list", func(b *modelTest) { b.toFlags(twoWait(), twoWait()) }},
		{"flags-list-many", func(b *modelTest) {
			w := twoWait()
			for range 60 {
				w.Flags = append(w.Flags, w.Flags[0])
			}
			b.toFlags(w, w).Press("down", "down", "down")
		}},
		{"flags-list-remove", func(b *modelTest) { b.toFlags(twoWait(), twoWait()).Press("down", "x") }},
		{"flags-list-writing", func(b *modelTest) { b.toFlags(twoWait(), twoWait()).wait(time.Second).Press("f") }},
		{"flags-list-written", func(b *modelTest) {
			b.toFlags(twoWait(), recordsystem.PendingFlags{}).wait(time.Second).Press("f").deliver()
		}},
		{"flags-quit-loses", func(b *modelTest) { b.flags().waiting = twoWait(); b.signIn().Press("esc", "q") }},
	}
}

// toFlags shows the list of pending flags. After a retry, left is pending.
func (b *modelTest) toFlags(waiting, left recordsystem.PendingFlags) *modelTest {
	f := b.flags()
	f.waiting, f.left = waiting, left
	return b.signIn().Press("esc", "f").deliver()
}

func TestAClerkFlagsAnAlertWithoutOpeningIt(t *testing.T) {
	b := newFixture(t)
	f := b.flags()
	b.toPatient(tess).expect("f flags it in Example records: says there that there is an alert. It opens nothing " +
		"and notifies nobody.")
	b.wait(time.Second).Press("f").expect("Setting the flag in Example records.").deliver().
		expect("Flag set in Example records at 14:06.").expectNoCall("open")
	want := recordsystem.Flag{Number: tess, AsOf: start(), Author: recordsystem.Author{
		UUID: "555000000111",
		Name: "SAMPLE, Ada (Ms)",
	}}
	if len(f.set) != 1 || f.set[0] != want {
		t.Errorf("flags set = %+v, want %+v", f.set, want)
	}
	b.wait(time.Second).Press("f", "f").deliver()
	if len(f.set) != 1 {
		t.Errorf("%d flags set for one alert, want 1", len(f.set))
	}
}

func TestAnOpenedAlertCanBeFlaggedToo(t *testing.T) {
	b := newFixture(t)
	f := b.flags()
	f.answer.Existed = true
	b.toOpened().Press("f").deliver()
	if len(f.set) != 0 {
		t.Error("a key pressed before the alert was shown set a flag")
	}
	b.wait(time.Second).Press("f").deliver().expect("RING NOW", "The flag was already set in Example records.")
	b.Press("esc").expect("The flag was already set in Example records.", "ALERT")
}

func TestKeysTypedAheadSetNoFlag(t *testing.T) {
	b := newFixture(t)
	f := b.flags()
	b.signIn().Typed(tess.Digits()).Press("enter", "f", "f").deliver().Press("f").deliver().expect("ALERT")
	b.hold("f", 2*time.Second).deliver()
	if len(f.set) != 0 {
		t.Errorf("%d flags set by a key that is held down, want 0", len(f.set))
	}
}

func TestOnlyAnAlertOfAPatientWhoIsSeenCanBeFlagged(t *testing.T) {
	for name, prepare := range map[string]func(*modelTest){
		"none recorded": func(b *modelTest) { b.flags(); b.toPatient(sam) },
		"still asking":  func(b *modelTest) { b.flags(); b.signIn().Typed(tess.Digits()).Press("enter") },
		"no record": func(b *modelTest) {
			b.flags()
			b.sessions.recordErr = &client.Error{Kind: client.Failing, Status: 503}
			b.toPatient(tess)
		},
		"no record system": func(b *modelTest) {
			b.toPatient(tess).expectNot("flags it")
			b.m.Cfg.Flags = new(fakeFlags) // a fake that records any call
		},
	} {
		b := newFixture(t)
		prepare(b)
		b.wait(time.Minute).Press("f").deliver()
		if f := b.m.Cfg.Flags.(*fakeFlags); len(f.set) != 0 {
			t.Errorf("%s: %d flags set, want 0", name, len(f.set))
		}
	}
}

func TestAFailedFlagSaysWhereItIsKeptAndIsOfferedAgain(t *testing.T) {
	for saved, says := range map[recordsystem.Storage]string{
		recordsystem.OnDisk:   "It is kept here, encrypted, and the find screen offers it again.",
		recordsystem.InMemory: "It is kept only until you quit. The find screen offers it again.",
	} {
		b := newFixture(t)
		f := b.flags()
		f.answer = failed(saved)
		b.toPatient(tess).wait(time.Second).Press("f").deliver()
		b.expect("The flag was not set. The record system did not answer in time.", says, "Code for support: R12",
			"ALERT").expectNot("Flag set")
		b.Press("n").expect("1 flag is not yet written into Example records").expectNot("999", "Tess")
		b.Press("esc", "f").deliver().expect("999 000 0018", "The record system did not answer in time.").
			expectNot("Tess")
		b.wait(time.Second).Press("f").expect("Setting the flag in Example records.").deliver().
			expect("All flags are written.")
		b.Press("esc").expect("Find a patient").expectNot("not yet written")
	}
}

func TestAFlagThatIsOnlyInMemorySaysWhy(t *testing.T) {
	for _, kind := range sealed.Kinds() {
		b := newFixture(t)
		answer := failed(recordsystem.InMemory)
		why := &sealed.Error{Kind: kind}
		answer.StoreErr = why
		b.flags().answer = answer
		b.toPatient(tess).wait(time.Second).Press("f").deliver().expect("It is kept only until you quit: " +
			why.Error() + " The find screen offers it again.")
		if kind != sealed.NoKeyring {
			b.expectNot("no keyring")
		}
	}
}

func TestAFlagCanBeTriedAgainOnTheSpot(t *testing.T) {
	b := newFixture(t)
	f := b.flags()
	f.answer = failed(recordsystem.OnDisk)
	b.toPatient(tess).wait(time.Second).Press("f").deliver().expect("The flag was not set.")
	f.answer = recordsystem.Result{At: b.now}
	b.Press("f").deliver() // restarts the key delay
	b.wait(time.Second).Press("f").deliver().expect("Flag set in Example records").expectNot("was not set")
	if len(f.set) != 2 {
		t.Errorf("%d flags set, want 2", len(f.set))
	}
}

func TestAFlagsAnswerNeverLandsOnAnotherPatient(t *testing.T) {
	b := newFixture(t)
	b.flags()
	b.sessions.lamps[sam] = b.sessions.lamps[tess]
	lamp := b.sessions.lamps[sam]
	lamp.Number = sam
	b.sessions.lamps[sam] = lamp
	b.toPatient(tess).wait(time.Second).Press("f")
	late := takeQueued[ask.Answer[patient.FlagSet]](b)
	b.Press("n").Typed(sam.Digits()).Press("enter").deliver().expect("ALERT", "SAMPLE, Sam").send(late).
		expectNot("Flag set", "already set")
	b.Press("n").Typed(tess.Digits()).Press("enter").deliver().send(late).expectNot("Flag set")
}

func TestAFlagThatFailsAfterThePatientWasLeftIsStillTold(t *testing.T) {
	b := newFixture(t)
	b.flags().answer = failed(recordsystem.OnDisk)
	b.toPatient(tess).wait(time.Second).Press("f", "n").expectNot("not yet written").deliver().
		expect("1 flag is not yet written")
}

func TestLockingForgetsWhoseFlagsWaitAndTheyAreOfferedAfterTheNextSignIn(t *testing.T) {
	for name, end := range map[string]func(*modelTest){
		"locked":   func(b *modelTest) { b.Press("ctrl+l") },
		"card out": func(b *modelTest) { b.cardOut() },
		"idle":     func(b *modelTest) { b.wait(15 * time.Minute).tick() },
	} {
		b := newFixture(t)
		b.toFlags(twoWait(), twoWait()).expect("999 000 0018").wait(time.Second).Press("f")
		late := takeQueued[ask.Answer[step.FlagsReply]](b)
		end(b)
		b.send(late).deliver().expectNot("999", "not yet written")
		if got := b.m.Flags; got.Place != "Example records" || got.InMemory != 1 || got.Waiting != 0 ||
			got.Err != nil || got.Asked.Pending() {
			t.Errorf("%s: flag state = %+v, want only the place and one flag in memory", name, b.m.Flags)
		}
		b.cardOut().signIn().expect("2 flags are not yet written into Example records, 1 of them lost when you quit").
			expectNot("999 000 0018")
	}
}

func TestAFlagIsRemovedOnlyAfterAQuestion(t *testing.T) {
	b := newFixture(t)
	b.toFlags(twoWait(), twoWait())
	f := b.m.Cfg.Flags.(*fakeFlags)
	b.Press("down", "x").expect("Remove the flag for 999 000 0026 from this list? It will not be written.").
		Press("enter", "f", "x", "esc")
	b.deliver().expectNot("Remove the flag for")
	if len(f.ids) != 0 {
		t.Errorf("flags removed: %q, want none", f.ids)
	}
	b.Press("x", "y").deliver().expect("All flags are written.")
	if strings.Join(f.ids, " ") != "kept-2" {
		t.Errorf("flags removed: %q, want kept-2", f.ids)
	}
}

func TestQuittingSaysWhatIsLost(t *testing.T) {
	b := newFixture(t)
	b.flags().waiting = twoWait()
	b.signIn().Press("esc", "q").expect("Quit? 1 flag is not yet written and will be lost.")
}

func TestQuittingAfterTheLockSaysWhatIsLostToo(t *testing.T) {
	b := newFixture(t)
	b.flags().answer = failed(recordsystem.InMemory)
	b.m.Cfg.Flags.(*fakeFlags).waiting = twoWait()
	b.toPatient(tess).wait(time.Second).Press("f").deliver().Press("ctrl+l").deliver()
	b.Press("ctrl+c").expect("Quit? 2 flags are not yet written and will be lost.").expectNot("Your session ends.")
	if b.quit {
		t.Fatal("the program quit without a question, although flags are pending")
	}
	b.Press("esc").expectNot("Quit?").Press("ctrl+c", "y")
	if !b.quit {
		t.Error("the program did not quit")
	}

	b = newFixture(t)
	f := b.flags()
	f.answer, f.waiting = failed(recordsystem.InMemory), twoWait()
	b.toPatient(tess).wait(time.Second).Press("f", "ctrl+l").deliver().Press("ctrl+c").
		expect("2 flags are not yet written and will be lost.")
}

// On an opened alert, the words for the flag key are shown where there is space. Neither these words nor the result of
// the key moves the telephone number.
func TestWhatFlaggingDoesOnAnOpenedAlertStandsInThePlaceOfItsOutcome(t *testing.T) {
	ringAt := func(b *modelTest) int {
		for y, line := range strings.Split(b.text(), "\n") {
			if strings.Contains(line, alert.WordRingNow) {
				return y
			}
		}
		return -1
	}

	b := newFixture(t)
	b.flags()
	before := ringAt(b.toOpened().expect("f flags it in Example records: says there that there is an alert."))
	b.wait(time.Second).Press("f").deliver().expect("Flag set in Example records").expectNot("flags it in")
	if at := ringAt(b); at != before || at < 0 {
		t.Errorf("setting the flag moved the telephone number from row %d to row %d", before, at)
	}

	small := newFixtureSize(t, draw.MinCols, draw.MinRows)
	without := ringAt(small.toOpened())
	small = newFixtureSize(t, draw.MinCols, draw.MinRows)
	small.flags()
	if at := ringAt(small.toOpened().expect("f flag it")); at != without {
		t.Errorf("in a small window the telephone number is on row %d, want %d as without a record system", at, without)
	}

	newFixture(t).toOpened().expectNot("flags it in")
}
