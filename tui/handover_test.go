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
func (b *bench) handed(n nhs.Number) *handover.Error {
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
func (b *bench) rows() []string { return strings.Split(b.text(), "\n") }

// shows hands patient n over and reports an error if the hand-over is refused.
func (b *bench) shows(n nhs.Number) *bench {
	b.t.Helper()
	if err := b.handed(n); err != nil {
		b.t.Errorf("hand-over refused: %v", err)
	}
	return b
}

// refuses hands patient n over. It reports an error unless the hand-over is refused with want, and the screen and the
// session calls are unchanged.
func (b *bench) refuses(n nhs.Number, want handover.Kind) *bench {
	b.t.Helper()
	before, asked := b.text(), len(b.desk.asked)
	if err := b.handed(n); err == nil || err.Kind != want {
		b.t.Errorf("hand-over: got %v, want %v", err, want)
	}
	if after := b.text(); after != before {
		b.t.Errorf("a refused hand-over changed the screen to\n%s", after)
	}
	if len(b.desk.asked) != asked {
		b.t.Errorf("session calls of a refused hand-over: %q, want none", b.desk.asked[asked:])
	}
	return b
}

func TestHandOver_ThePatientIsLookedForAndNothingIsOpened(t *testing.T) {
	b := newBench(t).signIn().shows(tess).says("Getting the record", "999 000 0018").answer()
	b.says("EXAMPLE, Tess", "ALERT", "whom to ring").asks("patient 9990000018", 1).asks("lamp 9990000018", 1).never("open")
	b.wait(2*time.Second).Press("o").answer().says("RING NOW").asks("open 9990000018", 1)
}

func TestHandOver_ThePatientBeforeIsLeftAsTheKeyForTheNextLeavesThem(t *testing.T) {
	byKey := newBench(t).toPatient(tess).Press("n").Typed(sam.Digits()).Press("enter").answer()
	b := newBench(t).toPatient(tess).shows(sam).silent("Tess", "ALERT").answer().says("SAMPLE, Sam", "none recorded").silent("Tess", "ALERT")
	got, want := b.rows(), byKey.rows()
	const foot = 2 // the rows of the user and of the keys
	if above := len(want) - foot; !slices.Equal(got[:above], want[:above]) || got[len(got)-1] != want[len(want)-1] {
		t.Errorf("screen after a hand-over:\n%s\nwant, as after typing the number:\n%s", b.text(), byKey.text())
	}
	b.Press("esc").says("Find a patient", "999 000 0026").silent("999 000 0018")
	newBench(t).toOpened().shows(sam).answer().says("SAMPLE, Sam").silent("Tess", "RING NOW")
	byName := newBench(t).signIn().Press("tab").Typed("Example").Press("tab").Typed("4/3/2016").Press("enter").answer()
	byName.says("SAMPLE, Sam").shows(sam).answer().says("none recorded").Press("n").says("Find a patient").silent("SAMPLE, Sam", "999 000")
}

// The screen changes without a key press, so it shows the reason as long as that patient is shown.
func TestHandOver_TheScreenSaysWhoAskedForThePatient(t *testing.T) {
	b := newBench(t).signIn().shows(tess).says("From the record system · SAMPLE, Ada (Ms)").answer().says("From the record system")
	b.wait(2 * time.Second).Press("o").answer().silent("From the record system").Press("esc").says("From the record system")
	b.Press("n").silent("From the record system").Typed(sam.Digits()).Press("enter").answer().silent("From the record system")
	b.shows(tess).says("From the record system").Press("ctrl+l").silent("From the record system")
}

func TestHandOver_ALateAnswerAboutThePatientBeforeIsDropped(t *testing.T) {
	b := newBench(t).signIn().Typed(tess.Digits()).Press("enter")
	b.shows(sam).answer().says("SAMPLE, Sam", "none recorded").silent("Tess", "ALERT")
}

func TestHandOver_FromTheWorklist(t *testing.T) {
	newBench(t).signIn().Press("esc", "w").answer().shows(tess).answer().says("EXAMPLE, Tess", "ALERT").never("open")
}

func TestHandOver_WithoutASession(t *testing.T) {
	waiting := newBench(t).refuses(tess, handover.NotSignedIn)
	waiting.cardIn().answer().refuses(tess, handover.NotSignedIn)
	waiting.Typed(code).Press("enter").refuses(tess, handover.NotSignedIn) // signing in
	waiting.answer().says("Find a patient")

	newBench(t).toPatient(sam).Press("ctrl+l").says("Locked.").refuses(tess, handover.NotSignedIn)
	newBench(t).toPatient(sam).cardOut().refuses(tess, handover.NotSignedIn)

	both := []rbac.RoleProfile{nurse(), midwife()}
	roles(newBench(t), both, both).signIn().refuses(tess, handover.NoRole)
	roles(newBench(t), nil, both).signIn().refuses(tess, handover.WrongRole)
}

func TestHandOver_AnIdleSessionIsLockedAndNotShownAnything(t *testing.T) {
	b := newBench(t).toPatient(sam).wait(16 * time.Minute)
	if err := b.handed(tess); err == nil || err.Kind != handover.NotSignedIn {
		t.Errorf("hand-over after the idle lock: got %v, want %v", err, handover.NotSignedIn)
	}
	b.answer().says("Locked after 15 minutes").silent("Tess", "Sam").never("patient 9990000018")
}

// A hand-over does not restart the idle time: a record system that shows one patient after the other must not keep the
// session open after the user has left.
func TestHandOver_IsNoKeyPressForTheIdleLock(t *testing.T) {
	b := newBench(t).signIn()
	for range 6 {
		b.wait(2 * time.Minute).shows(tess).answer()
	}
	b.wait(90*time.Second).tick().says("locks within").refuses(sam, handover.Dialog)
	b.wait(2*time.Minute).tick().says("Locked after 15 minutes").refuses(sam, handover.NotSignedIn)
}

func TestHandOver_WhileTheUserIsBusy(t *testing.T) {
	for name, c := range map[string]struct {
		busy func(t *testing.T) *bench
		want handover.Kind
	}{
		"help":              {func(t *testing.T) *bench { return newBench(t).toPatient(sam).Press("?").says("Keys") }, handover.Dialog},
		"the quit question": {func(t *testing.T) *bench { return newBench(t).toPatient(sam).Press("q").says("Quit?") }, handover.Dialog},
		"the idle warning": {func(t *testing.T) *bench {
			return newBench(t).toPatient(sam).wait(14 * time.Minute).tick().says("locks within")
		}, handover.Dialog},
		"an opening": {func(t *testing.T) *bench {
			return newBench(t).toPatient(tess).wait(time.Second).Press("o").says("Opening.")
		}, handover.Opening},
		"a printing": {func(t *testing.T) *bench {
			return newBench(t).toOpened().Press("p").answer().wait(time.Minute).Press("enter").wait(time.Minute).Press("enter").says("Sending the page")
		}, handover.Printing},
		"a number that is being typed": {func(t *testing.T) *bench { return newBench(t).signIn().Typed("999") }, handover.Typed},
		"a name that is being typed":   {func(t *testing.T) *bench { return newBench(t).signIn().Press("tab").Typed("Ex") }, handover.Typed},
		"a name that was pasted": {func(t *testing.T) *bench {
			return newBench(t).signIn().Press("tab").send(tea.PasteMsg{Content: "Example"})
		}, handover.Typed},
		"a gender that was chosen": {func(t *testing.T) *bench {
			return newBench(t).signIn().Press("ctrl+e", "tab", "tab").Typed("f")
		}, handover.Typed},
		"a number that is wrong": {func(t *testing.T) *bench { return newBench(t).signIn().Typed("9990000019").Press("enter") }, handover.Typed},
		"a search": {func(t *testing.T) *bench {
			return newBench(t).signIn().Press("tab").Typed("Example").Press("tab").Typed("4/3/2016").Press("enter").says("Searching.")
		}, handover.Typed},
		"a file that is being named": {func(t *testing.T) *bench { return newBench(t).signIn().Press("esc", "w").answer().Typed("list.csv") }, handover.Typed},
		"a small window":             {func(t *testing.T) *bench { return newBench(t).toPatient(sam).resize(30, 8).says("too small") }, handover.Small},
	} {
		t.Run(name, func(t *testing.T) { c.busy(t).refuses(oldNum, c.want).answer().never("patient 9990000034") })
	}
}

// Text that was searched for already does not make the form busy: a hand-over may replace it.
func TestHandOver_AFormThatWasSearchedIsNotBusy(t *testing.T) {
	newBench(t).toPatient(sam).Press("esc").says("999 000 0026").shows(tess).answer().says("EXAMPLE, Tess")
	b := newBench(t).signIn()
	b.desk.recordErr = &client.Error{Kind: client.NotFound}
	b.shows(sam).answer().says("Find a patient", "No patient has this NHS number.")
	b.desk.recordErr = nil
	b.shows(tess).answer().says("EXAMPLE, Tess")
	newBench(t).signIn().Typed("9").Press("backspace").shows(tess).answer().says("EXAMPLE, Tess")
}

func TestHandOver_OfWhichNobodyWaitsForTheReplyIsNotShown(t *testing.T) {
	b := newBench(t).signIn()
	gone := make(chan struct{})
	close(gone)
	r, _ := handover.NewRequest(tess, gone)
	b.send(shell.HandOverMsg{Request: r}).answer().says("Find a patient").silent("999 000 0018").never("patient")
}

// A key that is held down opens nothing, whenever it was pressed first. A keyboard sends the first repeat after up to
// a second, so the repeat may arrive after the key delay. If the key was pressed in another window, the repeat is the
// first that Wardlight receives of it.
func TestHandOver_AHeldKeyOpensNothing(t *testing.T) {
	const repeatEvery = 33 * time.Millisecond
	for _, firstRepeat := range []time.Duration{0, 250 * time.Millisecond, 500 * time.Millisecond, 660 * time.Millisecond, 999 * time.Millisecond} {
		for name, begin := range map[string]func(b *bench) *bench{
			"down in another window": func(b *bench) *bench { return b },
			"down on the screen":     func(b *bench) *bench { return b.Press("o") },
		} {
			b := begin(newBench(t).toPatient(sam).wait(time.Minute)).shows(tess).answer().wait(firstRepeat)
			for range 120 {
				b.Press("o").answer().wait(repeatEvery)
			}
			b.says("EXAMPLE, Tess", "whom to ring").asks("open 9990000018", 0)
			if t.Failed() {
				t.Fatalf("the checks failed with the key %s, first repeat after %v", name, firstRepeat)
			}
			b.wait(time.Second).Press("o").answer().asks("open 9990000018", 1)
		}
	}
}

// handedOver hands patient n over in linear mode and reports an error unless the reply is want. A nil want means that
// the patient is accepted.
func (h *listener) handedOver(n nhs.Number, want *handover.Error) *listener {
	h.t.Helper()
	r, reply := handover.NewRequest(n, nil)
	h.takes(shell.HandOverMsg{Request: r})
	if got := replied(h.t, reply); (got == nil) != (want == nil) || got != nil && got.Kind != want.Kind {
		h.t.Errorf("hand-over: got %v, want %v", got, want)
	}
	return h
}

func TestInLinesHandOver_WhoseNumberCameFromWhereIsSaidFirst(t *testing.T) {
	h := hear(t).card().types(code).hears("NHS number, or family name:")
	h.handedOver(tess, nil).hears("\nFrom the record system: NHS number 999 000 0018.\nNHS No. 999 000 0018.\nGetting the record.").Answered()
	h.hears("EXAMPLE, Tess", "ALERT: as of").never("open")
	h.handedOver(sam, nil).Answered().hears("\nFrom the record system: NHS number 999 000 0026.\n", "SAMPLE, Sam", "none recorded").never("open")
}

// The digits that confirm opening one patient's alert don't open another patient's.
func TestInLinesHandOver_TheDigitsOfThePatientBeforeOpenNothing(t *testing.T) {
	h := hear(t).card().types(code)
	all := []string{"1111", "2222", "3333", "4444"}
	h.l.NewDigits = func() string { next := all[0]; all = all[1:]; return next }
	h.desk.lamps[sam] = client.Lamp{Number: sam, State: client.Alert, AsOf: start()}
	h.types(tess.Digits()).hears("open 1111")
	h.handedOver(sam, nil).Answered().hears("open 2222").wait(2 * time.Second)
	h.types("open 1111").hears("Nothing was opened.", "open 3333").never("open")
	h.wait(2 * time.Second)
	h.types("open 3333").asks("open 9990000026", 1)
}

func TestInLinesHandOver_Refused(t *testing.T) {
	typed := &handover.Error{Kind: handover.Typed}
	h := hear(t).handedOver(tess, &handover.Error{Kind: handover.NotSignedIn}).card().types(code)
	h.run(h.l.Input([]byte("99")))
	h.handedOver(tess, typed).never("patient")
	h.types("\x15Example").hears("Birth date").handedOver(tess, typed) // during a search by fields
	h.run(h.l.Input([]byte("4/3/2016\n")))
	h.handedOver(tess, typed).Answered().handedOver(tess, nil).Answered().hears("From the record system", "EXAMPLE, Tess", "ALERT")
	h.types("back").handedOver(sam, nil).Answered().hears("From the record system", "SAMPLE, Sam", "none recorded")
	h.types("lock").handedOver(tess, &handover.Error{Kind: handover.NotSignedIn}).never("open")
}

func TestInLinesHandOver_IsNoKeyPressForTheIdleLock(t *testing.T) {
	h := hear(t).card().types(code)
	for range 6 {
		h.wait(2 * time.Minute)
		h.handedOver(tess, nil).Answered()
	}
	h.wait(90 * time.Second)
	h.tickInLines(h)
	h.hears("locks within").handedOver(sam, &handover.Error{Kind: handover.Dialog})
	h.wait(2 * time.Minute)
	h.tickInLines(h)
	h.hears("Locked after 15 minutes")
}
