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

// fakeListStore returns what the test has set, and stores what is saved.
type fakeListStore struct {
	patients []worklist.Patient // nil stands for worklistPatients
	list     worklist.List      // the other properties of the file
	readErr  error
	saveErr  error

	mu        sync.Mutex
	savedList *worklist.SavedList
	owner     worklist.Owner
	saves     int
	read      string // path of the last list read
	saved     string // path of the last table saved
	table     string
}

func (s *fakeListStore) ReadList(_ context.Context, path string, _ nhs.Date) (worklist.List, error) {
	s.read = path
	l := s.list
	if l.Patients = s.patients; l.Patients == nil && s.readErr == nil {
		l.Patients = worklistPatients()
	}
	return l, s.readErr
}

func (s *fakeListStore) LoadSaved(_ context.Context, who worklist.Owner, _ time.Time) (*worklist.SavedList, error) {
	s.owner = who
	return s.savedList, nil
}

func (s *fakeListStore) SaveList(_ context.Context, who worklist.Owner, list []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.saveErr != nil {
		return s.saveErr
	}
	k, err := worklist.Decode(list)
	s.savedList, s.owner = &k, who
	s.saves++
	return err
}

func (s *fakeListStore) WriteTable(_ context.Context, path string, table []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.saveErr != nil {
		return &worklist.SaveError{Err: s.saveErr}
	}
	s.saved, s.table = path, string(table)
	return nil
}

func (s *fakeListStore) RemoveSaved(context.Context, worklist.Owner) error {
	s.savedList = nil
	return nil
}

// unknownNumber is an NHS number without a record in the hub of these tests.
const unknownNumber = nhs.Number("9990000042")

// worklistPatients returns the default list: one row of each kind.
func worklistPatients() []worklist.Patient {
	return []worklist.Patient{
		{Line: 2, Number: sam, Name: "SAMPLE, Sam", Born: "30-Jun-2024"},
		{Line: 3, Number: tess, Name: "EXAMPLE, Tess Ann", Born: "04-Mar-2016", Again: []int{7, 9}, OtherName: true},
		{Line: 4, Number: unknownNumber, Name: "Placeholder, Uma", Born: "spring 2020"},
		{
			Line: 5, NumberText: "9990000019",
			Fault: "This is not a valid NHS number: one or more of its digits are wrong.",
			Name:  "Featherstonehaugh-Cholmondeley, Maximiliana",
		},
		{Line: 6, Number: "9990000050"},
	}
}

// worklistOf returns a list of n patients.
func worklistOf(n int) []worklist.Patient {
	var all []worklist.Patient
	for nine := 999_000_001; len(all) < n; nine++ {
		if check, ok := nhs.CheckDigit(fmt.Sprint(nine)); ok {
			all = append(all, worklist.Patient{
				Line: len(all) + 2, Number: nhs.Number(fmt.Sprint(nine) + string(check)),
				Name: fmt.Sprintf("EXAMPLE, Child %d", nine%1000),
			})
		}
	}
	return all
}

// savedList saves the first three rows of the list, of which one is answered, as saved by user by.
func (b *modelTest) savedList(by string) {
	b.t.Helper()
	list, err := b.savedLists.ReadList(b.t.Context(), "", nhs.Date{})
	if err != nil {
		b.t.Fatal(err)
	}
	c := worklist.NewCheck(list.Patients[:3], 0)
	c.Next(start())
	c.RecordLamp(1, client.Lamp{Number: tess, State: client.Alert, AsOf: start()}, start())
	k, err := worklist.Decode(c.Encode(start().Add(-time.Hour), by))
	if err != nil {
		b.t.Fatal(err)
	}
	b.savedLists.savedList = &k
}

// toWorklist signs in and presses the key for the worklist.
func (b *modelTest) toWorklist() *modelTest {
	b.t.Helper()
	b.sessions.lamps[unknownNumber] = client.Lamp{
		Number: unknownNumber, State: client.CouldNotCheck,
		Err: &client.Error{Kind: client.NotFound, Status: 404},
	}
	if b.sessions.lampErr != nil {
		clear(b.sessions.lamps)
	}
	return b.signIn().Press("esc", "w")
}

// toList loads the default list; saving it is queued.
func (b *modelTest) toList() *modelTest {
	b.t.Helper()
	b.toWorklist().deliver().Typed("waiting-room.csv").Press("enter")
	return b.send(takeQueued[ask.Answer[worklist.List]](b))
}

// pendingCount returns the number of patients whose answers are awaited.
func (b *modelTest) pendingCount() int {
	n := 0
	for _, a := range b.queued {
		if _, is := a.(shell.ListReplyMsg); is {
			n++
		}
	}
	return n
}

func TestTheNameOfTheFileIsEmptiedByAKeyThatTheHelpShows(t *testing.T) {
	b := newFixture(t).toWorklist().deliver().Typed("waiting-rom.csv").Press("f1").expect("Ctrl-U", "empty the field").
		Press("esc")
	b.Press("ctrl+u").expectNot("waiting-rom").Press("enter").expect("Type the name of a file.").Press("ctrl+u").
		expectNot("Type the name of a file.")
}

func TestAWaitingRoomIsCheckedFourAtATimeAndNothingIsOpened(t *testing.T) {
	b := newFixture(t)
	b.savedLists.patients = worklistOf(30)
	b.toWorklist().deliver().Typed("x").Press("enter")
	b.send(takeQueued[ask.Answer[worklist.List]](b))
	if n := b.pendingCount(); n != 0 || b.sessions.count("find") != 0 {
		t.Fatalf("%d patients were asked about before the list was saved, want 0", n)
	}

	b.send(takeQueued[shell.ListSavedMsg](b))
	for answered := 0; answered < 30; answered++ {
		if n, want := b.pendingCount(), min(worklist.MaxConcurrent, 30-answered); n != want {
			t.Fatalf("%d patients are being asked about at once, want %d", n, want)
		}
		b.send(takeQueued[shell.ListReplyMsg](b))
	}

	b.deliver().expect("30 of 30", "1 ALERT · 1 could not check · 0 not checked · 28 none recorded",
		"Finished: 1 of 30 has no answer.", worklists.WordSavedSafe)
	for _, a := range b.sessions.asked {
		if strings.HasPrefix(a, "open") || strings.HasPrefix(a, "patient") {
			t.Errorf("session call %q, want no record and no opening", a)
		}
	}

	if got := b.savedLists.savedList.Tally("555000000111"); got.NoneRecorded != 28 ||
		b.savedLists.owner.Organisation != "RX1" {
		t.Errorf("saved: %+v for owner %+v, want 28 none recorded for RX1", got, b.savedLists.owner)
	}
}

func TestEachOfTheFourStatesStandsInItsWord(t *testing.T) {
	b := newFixture(t).toList().deliver()
	b.expect(draw.SignAlert+" ALERT", draw.SignFailed+" could not check", draw.SignNotChecked+" not checked",
		draw.SignNoneRecorded+" none recorded",
		"1 ALERT · 1 could not check · 1 not checked · 2 none recorded", "5 of 5")
	b.expect("Also on lines 7, 9.", "under another name")
	b.Press("down").expect("No patient has this NHS number.", "Code for support: H21-404")
	b.Press("s", "end", "up").expect("not a valid NHS number", "digits are wrong",
		"Featherstonehaugh-Cholmondeley, Maximiliana")
	b.Press("enter")
	if b.sessions.count("patient ") != 0 || !b.m.OnWorklist() {
		t.Error("Enter on a row without an NHS number left the list")
	}
}

func TestALineLeadsToThePatientWhoseLampIsAskedForAfresh(t *testing.T) {
	b := newFixture(t).toList().deliver().wait(time.Second)
	before := b.sessions.count("lamp " + tess.Digits())
	b.Press("enter").expect("Asking whether there is an alert.").expectNot("Worklist: ")
	if n := b.sessions.count("lamp "+tess.Digits()) - before; n != 1 {
		t.Fatalf("lamp requested %d times, want 1", n)
	}
	b.deliver().expect("EXAMPLE, Tess Ann (Miss)", "Born", "ALERT")
	b.Press("esc").expect("Worklist: 5 patients").expectNot("Born 04")
}

// If an alert arrives just before the key is pressed, its patient is now where another was.
func TestTheKeyForTheTopLineIsNotForWhoHasJustComeThere(t *testing.T) {
	b := newFixture(t).toList()
	b.send(takeQueued[shell.ListSavedMsg](b)).expect("► – not checked asking 999 000 0026").deliver().
		expect("► ▲ ALERT 14:05 999 000 0018")
	b.Press("enter").deliver().expect("Worklist: 5 patients").expectNoCall("patient ")
	b.wait(time.Second).Press("enter").deliver().expect("EXAMPLE, Tess Ann (Miss)")

	b = newFixture(t).toList().wait(time.Second) // the chosen row stays chosen when the rows are sorted
	b.send(takeQueued[shell.ListSavedMsg](b)).Press("down", "up").deliver().Press("enter").deliver().
		expect("SAMPLE, Sam")

	// When the user sorts the list, the key that moves the selection may reach another patient than the one seen.
	b = newFixture(t).toList().wait(time.Second)
	b.send(takeQueued[shell.ListSavedMsg](b)).expect("► – not checked asking 999 000 0026").deliver().
		expect("► ▲ ALERT")
	b.wait(time.Second).Press("s").wait(time.Second).Press("s", "down", "enter").deliver().expectNoCall("patient ").
		wait(399 * time.Millisecond).Press("enter").deliver().expectNoCall("patient ")
	b.wait(time.Second).Press("enter").deliver().expectCalls("patient "+unknownNumber.Digits(), 1)
}

func TestWhatAPatientsScreenIsAnsweredStandsInTheListToo(t *testing.T) {
	b := newFixture(t).toList().deliver().expect("2 none recorded")
	b.sessions.lamps[sam] = client.Lamp{Number: sam, State: client.Alert, AsOf: start().Add(time.Minute)}
	b.Press("s", "home").wait(time.Second).Press("enter").deliver().Press("esc").expect("2 ALERT", "1 none recorded")
}

func TestTheCheckingGoesOnOnOtherScreens(t *testing.T) {
	b := newFixture(t).toList()
	b.Press("esc").expect("Find a patient").deliver()
	b.Press("w").expect("Worklist: 5 patients", "Finished: ")
	if b.sessions.count("lamp "+tess.Digits()) != 1 {
		t.Error("the list was checked a second time")
	}
}

func TestTheLockDropsTheListAndTheNextSignInIsOfferedIt(t *testing.T) {
	for _, how := range []string{"lock", "card"} {
		b := newFixture(t).toList()
		b.send(takeQueued[shell.ListSavedMsg](b)).send(takeQueued[shell.ListReplyMsg](b))
		late := b.queued
		b.queued = nil
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

		b.expectNot("SAMPLE, Sam", "999 000")
		if how == "card" {
			b.cardIn()
		}

		b.deliver().Typed(code).Press("enter").deliver().Press("esc", "w").deliver().expect("Kept list", "5 patients",
			"go on with the kept list")
		b.Press("enter").deliver().expect("Worklist: 5 patients", "Finished: ")
	}
}

func TestAnotherPersonIsOfferedTheListWithoutTheAnswers(t *testing.T) {
	b := newFixture(t)
	b.savedList("555000000999")
	b.toWorklist().deliver().expect("3 patients, 3 of them not checked", "Somebody else's answers don't come along").
		expectNot("ALERT")
	b.Press("enter").deliver()
	if b.sessions.count("lamp "+tess.Digits()) != 1 {
		t.Error("the answer was not requested again")
	}
}

func TestAFileReplacesAnUnfinishedListOnlyWhenTheUserSaysSo(t *testing.T) {
	b := newFixture(t)
	b.savedList("555000000111")
	b.savedLists.patients = worklistOf(7)
	b.toWorklist().deliver().Press("tab").Typed("x").Press("enter").deliver().
		expect("Replace the list that is there? 2 of it have no answer.")
	b.Press("enter", "w", "q").expect("Replace the list") // w here does nothing; q asks for confirmation
	b.Press("esc", "esc").expect("Kept list")
	if b.savedLists.saves != 0 {
		t.Fatal("the saved list was overwritten")
	}
	b.Press("tab").Press("enter").deliver().Press("y").deliver().expect("Worklist: 7 patients", "Finished: ")
}

func TestAnotherListIsNamedInAnEmptyField(t *testing.T) {
	b := newFixture(t).toList().deliver().Press("l").Typed("b.csv").Press("enter").deliver()
	if b.savedLists.read != "b.csv" {
		t.Errorf("file read = %q, want b.csv", b.savedLists.read)
	}
}

func TestTheSameFileGoesOnWithTheKeptList(t *testing.T) {
	b := newFixture(t)
	b.savedList("555000000111")
	b.savedLists.patients = worklistPatients()[:3]
	b.toWorklist().deliver().Press("tab").Typed("x").Press("enter").deliver().expect("Worklist: 3 patients")
	if n := b.sessions.count("lamp " + tess.Digits()); n != 0 {
		t.Errorf("a patient with an answer was asked about again, %d times", n)
	}
}

func TestAHubThatIsDownLeavesTheRestNotCheckedAndIsLookedAt(t *testing.T) {
	b := newFixture(t)
	b.sessions.lampErr = &client.Error{Kind: client.Unreachable}
	b.hub.Err = &client.Error{Kind: client.Unreachable}
	b.toList().deliver().expect("5 not checked", "0 none recorded", "The hub cannot be reached. (H10)",
		worklists.WordStayHere)
	b.wait(time.Second).tick().deliver().expect("5 not checked")
	b.sessions.lampErr, b.hub.Err = nil, nil
	b.wait(2*time.Second).tick().deliver().expect("1 not checked", "4 none recorded", "Finished: ")
}

func TestAskAgainAsksThoseWithoutAnAnswer(t *testing.T) {
	b := newFixture(t).toList().deliver()
	delete(b.sessions.lamps, unknownNumber)
	b.Press("r").deliver().expect("0 could not check", "3 none recorded")
	if b.sessions.count("lamp "+unknownNumber.Digits()) != 2 || b.sessions.count("lamp "+tess.Digits()) != 1 {
		t.Errorf("session calls = %v, want the unknown patient twice and tess once", b.sessions.asked)
	}
}

func TestWithoutAKeyringTheListIsOnlyInMemory(t *testing.T) {
	b := newFixture(t)
	b.savedLists.saveErr = errors.New("none")
	b.toList().deliver().expect("Only in memory", "Finished: ").expectNot(worklists.WordSavedSafe)
	b.Press("q").expect("Quit? The list is only in memory and will be lost.")
	newFixture(t).toList().deliver().Press("q").expect("Quit? Your session ends.")
}

func TestARemovedListIsGoneAndDoesNotComeBack(t *testing.T) {
	b := newFixture(t).toList().deliver().Press("x").expect(worklists.WordRemoveAsk).Press("esc").expect("Enter").
		Press("x", "y").deliver()
	if b.savedLists.savedList != nil || b.m.Worklist.List != nil {
		t.Error("the list was not removed")
	}
	b.expect("File").expectNot("SAMPLE, Sam")
	order := new(shell.Sequencer)
	if err := order.Do(2, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := order.Do(1, func() error { return errors.New("a saving that comes late was carried out") }); err != nil {
		t.Error(err)
	}
}

func TestAListNamedAtTheStartIsReadAfterTheSignIn(t *testing.T) {
	b := newFixture(t)
	b.m.Cfg.Worklist.File = "from-outside.csv"
	b.signIn().expect("Worklist: 5 patients")
	if b.savedLists.read != "from-outside.csv" {
		t.Errorf("file read = %q, want from-outside.csv", b.savedLists.read)
	}
	// only at the first sign-in
	b.Press("ctrl+l").deliver().Typed(code).Press("enter").deliver().expect("Find a patient")
}

func TestAnOldAnswerSaysSo(t *testing.T) {
	b := newFixture(t).toList().deliver().expectNot("14:05 old")
	b.wait(61 * time.Minute)
	b.m.LastKey = b.now
	b.Press("home").expect("14:05 old", "This answer is old: as of")
}

func TestNoScreenOfAWorklistHasABanner(t *testing.T) {
	if _, is := any(new(worklists.Screen)).(step.Bannered); is {
		t.Error("the worklist screen implements step.Bannered, which shows one patient's banner")
	}
}

func TestAPathIsPastedWithoutItsNewline(t *testing.T) {
	for _, pasted := range []string{
		"/lists/a.csv\n", "/lists/a.csv\r\n", "\n/lists/a.csv\r",
		"/lists/a.csv\nsecond line",
	} {
		b := newFixture(t).signIn().Press("esc", "w").deliver()
		b.send(tea.PasteMsg{Content: pasted}).Press("enter").deliver()
		if b.savedLists.read != "/lists/a.csv" {
			t.Errorf("pasted %q: file read = %q, want /lists/a.csv", pasted, b.savedLists.read)
		}
	}
}
