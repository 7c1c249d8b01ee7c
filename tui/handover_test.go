package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/handover"
	"wardlight/internal/nhs"
	"wardlight/rbac"
	"wardlight/tui/shell"
)

// handed hands patient n over to the running program and returns the reply.
func (b *modelTest) handed(n nhs.Number) *handover.Error {
	b.t.Helper()
	r, reply := handover.NewRequest(n, nil)
	b.send(shell.HandOverMsg{Request: r})
	return replied(b.t, reply)
}

func replied(t *testing.T, reply <-chan *handover.Error) *handover.Error {
	t.Helper()
	select {
	case err := <-reply:
		return err
	default:
		t.Fatal("the hand-over has no reply")
		return nil
	}
}

// rows returns the rows of the screen.
func (b *modelTest) rows() []string { return strings.Split(b.text(), "\n") }

// shows hands patient n over and reports an error if the hand-over is refused.
func (b *modelTest) shows(n nhs.Number) *modelTest {
	b.t.Helper()
	if err := b.handed(n); err != nil {
		b.t.Errorf("hand-over refused: %v", err)
	}
	return b
}

// refuses hands patient n over. It reports an error unless the hand-over is refused with want, and the screen and the
// session calls are unchanged.
func (b *modelTest) refuses(n nhs.Number, want handover.Kind) *modelTest {
	b.t.Helper()
	before, asked := b.text(), len(b.sessions.asked)
	if err := b.handed(n); err == nil || err.Kind != want {
		b.t.Errorf("hand-over: got %v, want %v", err, want)
	}
	if after := b.text(); after != before {
		b.t.Errorf("a refused hand-over changed the screen to\n%s", after)
	}
	if len(b.sessions.asked) != asked {
		b.t.Errorf("session calls of a refused hand-over: %q, want none", b.sessions.asked[asked:])
	}
	return b
}

func TestHandOver_ThePatientIsLookedForAndNothingIsOpened(t *testing.T) {
	b := newFixture(t).signIn().shows(tess).expect("Getting the record", "999 000 0018").deliver()
	b.expect("EXAMPLE, Tess", "ALERT", "whom to ring").expectCalls("patient 9990000018", 1).
		expectCalls("lamp 9990000018", 1).expectNoCall("open")
	b.wait(2*time.Second).Press("o").deliver().expect("RING NOW").expectCalls("open 9990000018", 1)
}

func TestHandOver_ThePatientBeforeIsLeftAsTheKeyForTheNextLeavesThem(t *testing.T) {
	byKey := newFixture(t).toPatient(tess).Press("n").Typed(sam.Digits()).Press("enter").deliver()
	b := newFixture(t).toPatient(tess).shows(sam).expectNot("Tess", "ALERT").deliver().expect("SAMPLE, Sam",
		"none recorded").expectNot("Tess", "ALERT")
	got, want := b.rows(), byKey.rows()
	const foot = 2 // the rows of the user and of the keys
	if above := len(want) - foot; !slices.Equal(got[:above], want[:above]) || got[len(got)-1] != want[len(want)-1] {
		t.Errorf("screen after a hand-over:\n%s\nwant, as after typing the number:\n%s", b.text(), byKey.text())
	}
	b.Press("esc").expect("Find a patient", "999 000 0026").expectNot("999 000 0018")
	newFixture(t).toOpened().shows(sam).deliver().expect("SAMPLE, Sam").expectNot("Tess", "RING NOW")
	byName := newFixture(t).signIn().Press("tab").Typed("Example").Press("tab").Typed("4/3/2016").Press("enter").
		deliver()
	byName.expect("SAMPLE, Sam").shows(sam).deliver().expect("none recorded").Press("n").expect("Find a patient").
		expectNot("SAMPLE, Sam", "999 000")
}

// The screen changes without a key press, so it shows the reason as long as that patient is shown.
func TestHandOver_TheScreenSaysWhoAskedForThePatient(t *testing.T) {
	b := newFixture(t).signIn().shows(tess).expect("From the record system · SAMPLE, Ada (Ms)").deliver().
		expect("From the record system")
	b.wait(2 * time.Second).Press("o").deliver().expectNot("From the record system").Press("esc").
		expect("From the record system")
	b.Press("n").expectNot("From the record system").Typed(sam.Digits()).Press("enter").deliver().
		expectNot("From the record system")
	b.shows(tess).expect("From the record system").Press("ctrl+l").expectNot("From the record system")
}

func TestHandOver_ALateAnswerAboutThePatientBeforeIsDropped(t *testing.T) {
	b := newFixture(t).signIn().Typed(tess.Digits()).Press("enter")
	b.shows(sam).deliver().expect("SAMPLE, Sam", "none recorded").expectNot("Tess", "ALERT")
}

func TestHandOver_FromTheWorklist(t *testing.T) {
	newFixture(t).signIn().Press("esc", "w").deliver().shows(tess).deliver().expect("EXAMPLE, Tess", "ALERT").
		expectNoCall("open")
}

func TestHandOver_WithoutASession(t *testing.T) {
	waiting := newFixture(t).refuses(tess, handover.NotSignedIn)
	waiting.cardIn().deliver().refuses(tess, handover.NotSignedIn)
	waiting.Typed(code).Press("enter").refuses(tess, handover.NotSignedIn) // signing in
	waiting.deliver().expect("Find a patient")

	newFixture(t).toPatient(sam).Press("ctrl+l").expect("Locked.").refuses(tess, handover.NotSignedIn)
	newFixture(t).toPatient(sam).cardOut().refuses(tess, handover.NotSignedIn)

	both := []rbac.RoleProfile{nurse(), midwife()}
	roles(newFixture(t), both, both).signIn().refuses(tess, handover.NoRole)
	roles(newFixture(t), nil, both).signIn().refuses(tess, handover.WrongRole)
}

func TestHandOver_AnIdleSessionIsLockedAndNotShownAnything(t *testing.T) {
	b := newFixture(t).toPatient(sam).wait(16 * time.Minute)
	if err := b.handed(tess); err == nil || err.Kind != handover.NotSignedIn {
		t.Errorf("hand-over after the idle lock: got %v, want %v", err, handover.NotSignedIn)
	}
	b.deliver().expect("Locked after 15 minutes").expectNot("Tess", "Sam").expectNoCall("patient 9990000018")
}

// A hand-over does not restart the idle time: a record system that shows one patient after the other must not keep the
// session open after the user has left.
func TestHandOver_IsNoKeyPressForTheIdleLock(t *testing.T) {
	b := newFixture(t).signIn()
	for range 6 {
		b.wait(2 * time.Minute).shows(tess).deliver()
	}
	b.wait(90*time.Second).tick().expect("locks within").refuses(sam, handover.Dialog)
	b.wait(2*time.Minute).tick().expect("Locked after 15 minutes").refuses(sam, handover.NotSignedIn)
}

func TestHandOver_WhileTheUserIsBusy(t *testing.T) {
	for name, c := range map[string]struct {
		busy func(t *testing.T) *modelTest
		want handover.Kind
	}{
		"help": {func(t *testing.T) *modelTest {
			return newFixture(t).toPatient(sam).Press("?").expect("Keys")
		}, handover.Dialog},
		"the quit question": {func(t *testing.T) *modelTest {
			return newFixture(t).toPatient(sam).Press("q").expect("Quit?")
		}, handover.Dialog},
		"the idle warning": {func(t *testing.T) *modelTest {
			return newFixture(t).toPatient(sam).wait(14 * time.Minute).tick().expect("locks within")
		}, handover.Dialog},
		"an opening": {func(t *testing.T) *modelTest {
			return newFixture(t).toPatient(tess).wait(time.Second).Press("o").expect("Opening.")
		}, handover.Opening},
		"a printing": {func(t *testing.T) *modelTest {
			return newFixture(t).toOpened().Press("p").deliver().wait(time.Minute).Press("enter").wait(time.Minute).
				Press("enter").expect("Sending the page")
		}, handover.Printing},
		"a number that is being typed": {func(t *testing.T) *modelTest {
			return newFixture(t).signIn().Typed("999")
		}, handover.Typed},
		"a name that is being typed": {func(t *testing.T) *modelTest {
			return newFixture(t).signIn().Press("tab").Typed("Ex")
		}, handover.Typed},
		"a name that was pasted": {func(t *testing.T) *modelTest {
			return newFixture(t).signIn().Press("tab").send(tea.PasteMsg{Content: "Example"})
		}, handover.Typed},
		"a gender that was chosen": {func(t *testing.T) *modelTest {
			return newFixture(t).signIn().Press("ctrl+e", "tab", "tab").Typed("f")
		}, handover.Typed},
		"a number that is wrong": {func(t *testing.T) *modelTest {
			return newFixture(t).signIn().Typed("9990000019").Press("enter")
		}, handover.Typed},
		"a search": {func(t *testing.T) *modelTest {
			return newFixture(t).signIn().Press("tab").Typed("Example").Press("tab").Typed("4/3/2016").Press("enter").
				expect("Searching.")
		}, handover.Typed},
		"a file that is being named": {func(t *testing.T) *modelTest {
			return newFixture(t).signIn().Press("esc", "w").deliver().Typed("list.csv")
		}, handover.Typed},
		"a small window": {func(t *testing.T) *modelTest {
			return newFixture(t).toPatient(sam).resize(30, 8).expect("too small")
		}, handover.Small},
	} {
		t.Run(name, func(t *testing.T) {
			c.busy(t).refuses(oldNum, c.want).deliver().expectNoCall("patient 9990000034")
		})
	}
}

// Text that was searched for already does not make the form busy: a hand-over may replace it.
func TestHandOver_AFormThatWasSearchedIsNotBusy(t *testing.T) {
	newFixture(t).toPatient(sam).Press("esc").expect("999 000 0026").shows(tess).deliver().expect("EXAMPLE, Tess")
	b := newFixture(t).signIn()
	b.sessions.recordErr = &client.Error{Kind: client.NotFound}
	b.shows(sam).deliver().expect("Find a patient", "No patient has this NHS number.")
	b.sessions.recordErr = nil
	b.shows(tess).deliver().expect("EXAMPLE, Tess")
	newFixture(t).signIn().Typed("9").Press("backspace").shows(tess).deliver().expect("EXAMPLE, Tess")
}

func TestHandOver_OfWhichNobodyWaitsForTheReplyIsNotShown(t *testing.T) {
	b := newFixture(t).signIn()
	gone := make(chan struct{})
	close(gone)
	r, _ := handover.NewRequest(tess, gone)
	b.send(shell.HandOverMsg{Request: r}).deliver().expect("Find a patient").expectNot("999 000 0018").
		expectNoCall("patient")
}

// A key that is held down opens nothing, whenever it was pressed first. A keyboard sends the first repeat after up to
// a second, so the repeat may arrive after the key delay. If the key was pressed in another window, the repeat is the
// first that Wardlight receives of it.
func TestHandOver_AHeldKeyOpensNothing(t *testing.T) {
	const repeatEvery = 33 * time.Millisecond
	for _, firstRepeat := range []time.Duration{
		0, 250 * time.Millisecond, 500 * time.Millisecond,
		660 * time.Millisecond, 999 * time.Millisecond,
	} {
		for name, begin := range map[string]func(b *modelTest) *modelTest{
			"down in another window": func(b *modelTest) *modelTest { return b },
			"down on the screen":     func(b *modelTest) *modelTest { return b.Press("o") },
		} {
			b := begin(newFixture(t).toPatient(sam).wait(time.Minute)).shows(tess).deliver().wait(firstRepeat)
			for range 120 {
				b.Press("o").deliver().wait(repeatEvery)
			}
			b.expect("EXAMPLE, Tess", "whom to ring").expectCalls("open 9990000018", 0)
			if t.Failed() {
				t.Fatalf("the checks failed with the key %s, first repeat after %v", name, firstRepeat)
			}
			b.wait(time.Second).Press("o").deliver().expectCalls("open 9990000018", 1)
		}
	}
}

// handedOver hands patient n over in linear mode and reports an error unless the reply is want. A nil want means that
// the patient is accepted.
func (h *linearTest) handedOver(n nhs.Number, want *handover.Error) *linearTest {
	h.t.Helper()
	r, reply := handover.NewRequest(n, nil)
	h.deliverMsg(shell.HandOverMsg{Request: r})
	if got := replied(h.t, reply); (got == nil) != (want == nil) || got != nil && got.Kind != want.Kind {
		h.t.Errorf("hand-over: got %v, want %v", got, want)
	}
	return h
}

func TestInLinesHandOver_WhoseNumberCameFromWhereIsSaidFirst(t *testing.T) {
	h := hear(t).card().types(code).expectSaid("NHS number, or family name:")
	h.handedOver(tess, nil).expectSaid("\nFrom the record system: NHS number 999 000 0018.\nNHS No. 999 000 " +
		"0018.\nGetting the record.").Answered()
	h.expectSaid("EXAMPLE, Tess", "ALERT: Child protection alert, as of").expectNoCall("open")
	h.handedOver(sam, nil).Answered().expectSaid("\nFrom the record system: NHS number 999 000 0026.\n", "SAMPLE, Sam",
		"none recorded").expectNoCall("open")
}

// The digits that confirm opening one patient's alert don't open another patient's.
func TestInLinesHandOver_TheDigitsOfThePatientBeforeOpenNothing(t *testing.T) {
	h := hear(t).card().types(code)
	all := []string{"1111", "2222", "3333", "4444"}
	h.l.NewDigits = func() string { next := all[0]; all = all[1:]; return next }
	h.sessions.lamps[sam] = client.Lamp{Number: sam, State: client.Alert, AsOf: start()}
	h.types(tess.Digits()).expectSaid("open 1111")
	h.handedOver(sam, nil).Answered().expectSaid("open 2222").wait(2 * time.Second)
	h.types("open 1111").expectSaid("Nothing was opened.", "open 3333").expectNoCall("open")
	h.wait(2 * time.Second)
	h.types("open 3333").expectCalls("open 9990000026", 1)
}

func TestInLinesHandOver_Refused(t *testing.T) {
	typed := &handover.Error{Kind: handover.Typed}
	h := hear(t).handedOver(tess, &handover.Error{Kind: handover.NotSignedIn}).card().types(code)
	h.run(h.l.Input([]byte("99")))
	h.handedOver(tess, typed).expectNoCall("patient")
	h.types("\x15Example").expectSaid("Birth date").handedOver(tess, typed) // during a search by fields
	h.run(h.l.Input([]byte("4/3/2016\n")))
	h.handedOver(tess, typed).Answered().handedOver(tess, nil).Answered().expectSaid("From the record system",
		"EXAMPLE, Tess", "ALERT")
	h.types("back").handedOver(sam, nil).Answered().expectSaid("From the record system", "SAMPLE, Sam", "none recorded")
	h.types("lock").handedOver(tess, &handover.Error{Kind: handover.NotSignedIn}).expectNoCall("open")
}

func TestInLinesHandOver_IsNoKeyPressForTheIdleLock(t *testing.T) {
	h := hear(t).card().types(code)
	for range 6 {
		h.wait(2 * time.Minute)
		h.handedOver(tess, nil).Answered()
	}
	h.wait(90 * time.Second)
	h.tickInLines(h)
	h.expectSaid("locks within").handedOver(sam, &handover.Error{Kind: handover.Dialog})
	h.wait(2 * time.Minute)
	h.tickInLines(h)
	h.expectSaid("Locked after 15 minutes")
}
