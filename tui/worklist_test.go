package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/worklist"
	"wardlight/tui/ask"
	"wardlight/tui/draw"
	"wardlight/tui/shell"
	"wardlight/tui/step"
	worklists "wardlight/tui/worklist"
)

// fakeShelf returns what the test has set, and stores what is saved.
type fakeShelf struct {
	patients []worklist.Patient // nil stands for waitingRoomPatients
	list     worklist.List      // the other properties of the file
	readErr  error
	keepErr  error

	mu    sync.Mutex
	kept  *worklist.Kept
	owner worklist.Owner
	keeps int
	read  string // path of the last list read
	saved string // path of the last table saved
	table string
}

func (s *fakeShelf) ReadList(_ context.Context, path string, _ nhs.Date) (worklist.List, error) {
	s.read = path
	l := s.list
	if l.Patients = s.patients; l.Patients == nil && s.readErr == nil {
		l.Patients = waitingRoomPatients()
	}
	return l, s.readErr
}

func (s *fakeShelf) Kept(_ context.Context, who worklist.Owner, _ time.Time) (*worklist.Kept, error) {
	s.owner = who
	return s.kept, nil
}

func (s *fakeShelf) Keep(_ context.Context, who worklist.Owner, list []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keepErr != nil {
		return s.keepErr
	}
	k, err := worklist.Open(list)
	s.kept, s.owner = &k, who
	s.keeps++
	return err
}

func (s *fakeShelf) Save(_ context.Context, path string, table []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keepErr != nil {
		return &worklist.SaveError{Err: s.keepErr}
	}
	s.saved, s.table = path, string(table)
	return nil
}

func (s *fakeShelf) Forget(context.Context, worklist.Owner) error {
	s.kept = nil
	return nil
}

// stranger is an NHS number without a record in the hub of these tests.
const stranger = nhs.Number("9990000042")

// waitingRoomPatients returns the default list: one row of each kind.
func waitingRoomPatients() []worklist.Patient {
	return []worklist.Patient{
		{Line: 2, Number: sam, Name: "SAMPLE, Sam", Born: "30-Jun-2024"},
		{Line: 3, Number: tess, Name: "EXAMPLE, Tess Ann", Born: "04-Mar-2016", Again: []int{7, 9}, OtherName: true},
		{Line: 4, Number: stranger, Name: "Placeholder, Uma", Born: "spring 2020"},
		{Line: 5, Given: "9990000019", Fault: "This is not a valid NHS number: one or more of its digits are wrong.", Name: "Featherstonehaugh-Cholmondeley, Maximiliana"},
		{Line: 6, Number: "9990000050"},
	}
}

// waitingRoomOf returns a list of n patients.
func waitingRoomOf(n int) []worklist.Patient {
	var all []worklist.Patient
	for nine := 999_000_001; len(all) < n; nine++ {
		if check, ok := nhs.CheckDigit(fmt.Sprint(nine)); ok {
			all = append(all, worklist.Patient{Line: len(all) + 2, Number: nhs.Number(fmt.Sprint(nine) + string(check)), Name: fmt.Sprintf("EXAMPLE, Child %d", nine%1000)})
		}
	}
	return all
}

// keptList saves the first three rows of the list, of which one is answered, as saved by user by.
func (b *bench) keptList(by string) {
	b.t.Helper()
	list, err := b.shelf.ReadList(b.t.Context(), "", nhs.Date{})
	if err != nil {
		b.t.Fatal(err)
	}
	c := worklist.NewCheck(list.Patients[:3], 0)
	c.Next(start())
	c.Take(1, client.Lamp{Number: tess, State: client.Alert, AsOf: start()}, start())
	k, err := worklist.Open(c.Keep(start().Add(-time.Hour), by))
	if err != nil {
		b.t.Fatal(err)
	}
	b.shelf.kept = &k
}

// toWorklist signs in and presses the key for the worklist.
func (b *bench) toWorklist() *bench {
	b.t.Helper()
	b.desk.lamps[stranger] = client.Lamp{Number: stranger, State: client.CouldNotCheck, Err: &client.Error{Kind: client.NotFound, Status: 404}}
	if b.desk.lampErr != nil {
		clear(b.desk.lamps)
	}
	return b.signIn().Press("esc", "w")
}

// toList loads the default list; saving it is queued.
func (b *bench) toList() *bench {
	b.t.Helper()
	b.toWorklist().answer().Typed("waiting-room.csv").Press("enter")
	return b.send(take[ask.Answer[worklist.List]](b))
}

// onTheirWay returns the number of patients whose answers are awaited.
func (b *bench) onTheirWay() int {
	n := 0
	for _, a := range b.answers {
		if _, is := a.(shell.ListReplyMsg); is {
			n++
		}
	}
	return n
}

func TestTheNameOfTheFileIsEmptiedByAKeyThatTheHelpShows(t *testing.T) {
	b := newBench(t).toWorklist().answer().Typed("waiting-rom.csv").Press("f1").says("Ctrl-U", "empty the field").Press("esc")
	b.Press("ctrl+u").silent("waiting-rom").Press("enter").says("Type the name of a file.").Press("ctrl+u").silent("Type the name of a file.")
}

func TestAWaitingRoomIsCheckedFourAtATimeAndNothingIsOpened(t *testing.T) {
	b := newBench(t)
	b.shelf.patients = waitingRoomOf(30)
	b.toWorklist().answer().Typed("x").Press("enter")
	b.send(take[ask.Answer[worklist.List]](b))
	if n := b.onTheirWay(); n != 0 || b.desk.count("find") != 0 {
		t.Fatalf("%d patients were asked about before the list was saved, want 0", n)
	}
	b.send(take[shell.ListSavedMsg](b))
	for answered := 0; answered < 30; answered++ {
		if n, want := b.onTheirWay(), min(worklist.AtOnce, 30-answered); n != want {
			t.Fatalf("%d patients are being asked about at once, want %d", n, want)
		}
		b.send(take[shell.ListReplyMsg](b))
	}
	b.answer().says("30 of 30", "1 ALERT · 1 could not check · 0 not checked · 28 none recorded", "Finished: 1 of 30 has no answer.", worklists.WordKeptSafe)
	for _, a := range b.desk.asked {
		if strings.HasPrefix(a, "open") || strings.HasPrefix(a, "patient") {
			t.Errorf("session call %q, want no record and no opening", a)
		}
	}
	if got := b.shelf.kept.Tally("555000000111"); got.NoneRecorded != 28 || b.shelf.owner.Organisation != "RX1" {
		t.Errorf("saved: %+v for owner %+v, want 28 none recorded for RX1", got, b.shelf.owner)
	}
}

func TestEachOfTheFourStatesStandsInItsWord(t *testing.T) {
	b := newBench(t).toList().answer()
	b.says(draw.SignAlert+" ALERT", draw.SignFailed+" could not check", draw.SignNotChecked+" not checked", draw.SignNoneRecorded+" none recorded",
		"1 ALERT · 1 could not check · 1 not checked · 2 none recorded", "5 of 5")
	b.says("Also on lines 7, 9.", "under another name")
	b.Press("down").says("No patient has this NHS number.", "Code for support: H21-404")
	b.Press("s", "end", "up").says("not a valid NHS number", "digits are wrong", "Featherstonehaugh-Cholmondeley, Maximiliana")
	b.Press("enter")
	if b.desk.count("patient ") != 0 || !b.m.OnWorklist() {
		t.Error("Enter on a row without an NHS number left the list")
	}
}

func TestALineLeadsToThePatientWhoseLampIsAskedForAfresh(t *testing.T) {
	b := newBench(t).toList().answer().wait(time.Second)
	before := b.desk.count("lamp " + tess.Digits())
	b.Press("enter").says("Asking whether there is an alert.").silent("Worklist: ")
	if n := b.desk.count("lamp "+tess.Digits()) - before; n != 1 {
		t.Fatalf("lamp requested %d times, want 1", n)
	}
	b.answer().says("EXAMPLE, Tess Ann (Miss)", "Born", "ALERT")
	b.Press("esc").says("Worklist: 5 patients").silent("Born 04")
}

// If an alert arrives just before the key is pressed, its patient is now where another was.
func TestTheKeyForTheTopLineIsNotForWhoHasJustComeThere(t *testing.T) {
	b := newBench(t).toList()
	b.send(take[shell.ListSavedMsg](b)).says("► – not checked asking 999 000 0026").answer().says("► ▲ ALERT 14:05 999 000 0018")
	b.Press("enter").answer().says("Worklist: 5 patients").never("patient ")
	b.wait(time.Second).Press("enter").answer().says("EXAMPLE, Tess Ann (Miss)")

	b = newBench(t).toList().wait(time.Second) // the chosen row stays chosen when the rows are sorted
	b.send(take[shell.ListSavedMsg](b)).Press("down", "up").answer().Press("enter").answer().says("SAMPLE, Sam")

	// When the user sorts the list, the key that moves the selection may reach another patient than the one seen.
	b = newBench(t).toList().wait(time.Second)
	b.send(take[shell.ListSavedMsg](b)).says("► – not checked asking 999 000 0026").answer().says("► ▲ ALERT")
	b.wait(time.Second).Press("s").wait(time.Second).Press("s", "down", "enter").answer().never("patient ").wait(399 * time.Millisecond).Press("enter").answer().never("patient ")
	b.wait(time.Second).Press("enter").answer().asks("patient "+stranger.Digits(), 1)
}

func TestWhatAPatientsScreenIsAnsweredStandsInTheListToo(t *testing.T) {
	b := newBench(t).toList().answer().says("2 none recorded")
	b.desk.lamps[sam] = client.Lamp{Number: sam, State: client.Alert, AsOf: start().Add(time.Minute)}
	b.Press("s", "home").wait(time.Second).Press("enter").answer().Press("esc").says("2 ALERT", "1 none recorded")
}

func TestTheCheckingGoesOnOnOtherScreens(t *testing.T) {
	b := newBench(t).toList()
	b.Press("esc").says("Find a patient").answer()
	b.Press("w").says("Worklist: 5 patients", "Finished: ")
	if b.desk.count("lamp "+tess.Digits()) != 1 {
		t.Error("the list was checked a second time")
	}
}

func TestTheLockDropsTheListAndTheNextSignInIsOfferedIt(t *testing.T) {
	for _, how := range []string{"lock", "card"} {
		b := newBench(t).toList()
		b.send(take[shell.ListSavedMsg](b)).send(take[shell.ListReplyMsg](b))
		late := b.answers
		b.answers = nil
		if how == "lock" {
			b.Press("ctrl+l")
		} else {
			b.cardOut()
		}
		if b.m.Worklist.List != nil || b.m.Worklist.Saved != nil || b.m.Worklist.Run != 0 {
			t.Fatalf("%s: the list is still in memory", how)
		}
		for _, msg := range late {
			b.send(msg)
		}
		b.silent("SAMPLE, Sam", "999 000")
		if how == "card" {
			b.cardIn()
		}
		b.answer().Typed(code).Press("enter").answer().Press("esc", "w").answer().says("Kept list", "5 patients", "go on with the kept list")
		b.Press("enter").answer().says("Worklist: 5 patients", "Finished: ")
	}
}

func TestAnotherPersonIsOfferedTheListWithoutTheAnswers(t *testing.T) {
	b := newBench(t)
	b.keptList("555000000999")
	b.toWorklist().answer().says("3 patients, 3 of them not checked", "Somebody else's answers don't come along").silent("ALERT")
	b.Press("enter").answer()
	if b.desk.count("lamp "+tess.Digits()) != 1 {
		t.Error("the answer was not requested again")
	}
}

func TestAFileReplacesAnUnfinishedListOnlyWhenTheUserSaysSo(t *testing.T) {
	b := newBench(t)
	b.keptList("555000000111")
	b.shelf.patients = waitingRoomOf(7)
	b.toWorklist().answer().Press("tab").Typed("x").Press("enter").answer().says("Replace the list that is there? 2 of it have no answer.")
	b.Press("enter", "w", "q").says("Replace the list") // w here does nothing; q asks for confirmation
	b.Press("esc", "esc").says("Kept list")
	if b.shelf.keeps != 0 {
		t.Fatal("the saved list was overwritten")
	}
	b.Press("tab").Press("enter").answer().Press("y").answer().says("Worklist: 7 patients", "Finished: ")
}

func TestAnotherListIsNamedInAnEmptyField(t *testing.T) {
	b := newBench(t).toList().answer().Press("l").Typed("b.csv").Press("enter").answer()
	if b.shelf.read != "b.csv" {
		t.Errorf("file read = %q, want b.csv", b.shelf.read)
	}
}

func TestTheSameFileGoesOnWithTheKeptList(t *testing.T) {
	b := newBench(t)
	b.keptList("555000000111")
	b.shelf.patients = waitingRoomPatients()[:3]
	b.toWorklist().answer().Press("tab").Typed("x").Press("enter").answer().says("Worklist: 3 patients")
	if n := b.desk.count("lamp " + tess.Digits()); n != 0 {
		t.Errorf("a patient with an answer was asked about again, %d times", n)
	}
}

func TestAHubThatIsDownLeavesTheRestNotCheckedAndIsLookedAt(t *testing.T) {
	b := newBench(t)
	b.desk.lampErr = &client.Error{Kind: client.Unreachable}
	b.hub.Err = &client.Error{Kind: client.Unreachable}
	b.toList().answer().says("5 not checked", "0 none recorded", "The hub cannot be reached. (H10)", worklists.WordStayHere)
	b.wait(time.Second).tick().answer().says("5 not checked")
	b.desk.lampErr, b.hub.Err = nil, nil
	b.wait(2*time.Second).tick().answer().says("1 not checked", "4 none recorded", "Finished: ")
}

func TestAskAgainAsksThoseWithoutAnAnswer(t *testing.T) {
	b := newBench(t).toList().answer()
	delete(b.desk.lamps, stranger)
	b.Press("r").answer().says("0 could not check", "3 none recorded")
	if b.desk.count("lamp "+stranger.Digits()) != 2 || b.desk.count("lamp "+tess.Digits()) != 1 {
		t.Errorf("session calls = %v, want the unknown patient twice and tess once", b.desk.asked)
	}
}

func TestWithoutAKeyringTheListIsOnlyInMemory(t *testing.T) {
	b := newBench(t)
	b.shelf.keepErr = errors.New("none")
	b.toList().answer().says("Only in memory", "Finished: ").silent(worklists.WordKeptSafe)
	b.Press("q").says("Quit? The list is only in memory and will be lost.")
	newBench(t).toList().answer().Press("q").says("Quit? Your session ends.")
}

func TestARemovedListIsGoneAndDoesNotComeBack(t *testing.T) {
	b := newBench(t).toList().answer().Press("x").says(worklists.WordRemoveAsk).Press("esc").says("Enter").Press("x", "y").answer()
	if b.shelf.kept != nil || b.m.Worklist.List != nil {
		t.Error("the list was not removed")
	}
	b.says("File").silent("SAMPLE, Sam")
	order := new(shell.Sequencer)
	if err := order.Do(2, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := order.Do(1, func() error { return errors.New("a saving that comes late was carried out") }); err != nil {
		t.Error(err)
	}
}

func TestAListNamedAtTheStartIsReadAfterTheSignIn(t *testing.T) {
	b := newBench(t)
	b.m.Cfg.Worklist.File = "from-outside.csv"
	b.signIn().says("Worklist: 5 patients")
	if b.shelf.read != "from-outside.csv" {
		t.Errorf("file read = %q, want from-outside.csv", b.shelf.read)
	}
	b.Press("ctrl+l").answer().Typed(code).Press("enter").answer().says("Find a patient") // only at the first sign-in
}

func TestAnOldAnswerSaysSo(t *testing.T) {
	b := newBench(t).toList().answer().silent("14:05 old")
	b.wait(61 * time.Minute)
	b.m.LastKey = b.now
	b.Press("home").says("14:05 old", "This answer is old: as of")
}

func TestNoScreenOfAWorklistHasABanner(t *testing.T) {
	if _, is := any(new(worklists.Screen)).(step.Bannered); is {
		t.Error("the worklist screen implements step.Bannered, which shows one patient's banner")
	}
}

func TestAPathIsPastedWithoutItsNewline(t *testing.T) {
	for _, pasted := range []string{"/lists/a.csv\n", "/lists/a.csv\r\n", "\n/lists/a.csv\r", "/lists/a.csv\nsecond line"} {
		b := newBench(t).signIn().Press("esc", "w").answer()
		b.send(tea.PasteMsg{Content: pasted}).Press("enter").answer()
		if b.shelf.read != "/lists/a.csv" {
			t.Errorf("pasted %q: file read = %q, want /lists/a.csv", pasted, b.shelf.read)
		}
	}
}
