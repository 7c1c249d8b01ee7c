// Package worklist has the worklist screen: a list of patients who are checked one by one in the background.
package worklist

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/worklist"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// MaxPathLength is the maximum length of a file name, in characters.
const MaxPathLength = 4096 // PATH_MAX

// worklistPart is what the screen shows.
type worklistPart int

// The parts of the screen.
const (
	ListForm    worklistPart = iota // asks which list to check: the saved one, or a file
	ListShown                       // shows the list
	askReplace                      // asks whether a file replaces an unfinished list
	askRemoving                     // asks whether to remove the list
	askFile                         // asks for the file in which to save the list
)

// Screen is the worklist screen. It shows several patients, so it never has a banner, and passes no state to a
// patient's screen. The list is owned by the model: the check goes on while other screens are shown.
type Screen struct {
	*step.Common
	State  *State
	person string
	old    time.Duration

	Part    worklistPart
	OnSaved bool // the focus is on the saved list and not on the field
	Path    draw.Field
	err     error  // why there is no list
	problem string // what is wrong with the typed text
	saved   string // the file in which the list was saved, or ""
	tally   worklist.Tally

	order  worklist.Order
	moved  bool
	picked int // index in the list and not on the screen, so that sorting the rows does not change the choice
	from   int
	shown  int

	drawn    []int     // list indexes of the rows as last drawn
	sortedAt time.Time // when their order last changed
	marked   int       // list index of the marked row; -1 before the first draw
	markedAt time.Time // when it was marked by a change of the rows and not by a key
	listedAt time.Time // when the list was first shown

	spoken map[int]spoken // rendered rows of linear mode, by list index
}

// New returns the screen of the list in room. Answers older than old are marked as old; with 0 none are.
func New(c *step.Common, avail *State, old time.Duration, person string) *Screen {
	s := &Screen{Common: c, State: avail, old: old, person: person, Path: draw.NewField(MaxPathLength), shown: 1}
	if avail.List != nil {
		s.ShowList()
	} else {
		s.ShowForm()
	}
	return s
}

// busy reports whether a list is being looked for or read.
func (s *Screen) busy() bool { return s.State.Looking.Pending() || s.State.Reading.Pending() }

// Typing reports whether a field has the focus.
func (s *Screen) Typing() bool {
	return s.Part == ListForm && !s.OnSaved && !s.busy() || s.Part == askFile && !s.State.Writing.Pending()
}

// Unfinished reports whether a file name is being typed, or a question is waiting for its answer.
func (s *Screen) Unfinished() bool {
	return s.Typing() && s.Path.String() != "" || s.Part == askReplace || s.Part == askRemoving ||
		s.State.Writing.Pending()
}

// Paste inserts pasted text into the field with the focus.
func (s *Screen) Paste(text string) {
	if s.Typing() {
		line, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n") // whole lines are copied with their line end
		s.Path.Insert(strings.TrimRight(line, "\r"))
		s.problem = ""
	}
}

// Wipe clears all data that was typed or shown.
func (s *Screen) Wipe() {
	s.Path.Clear()
	*s = Screen{Common: s.Common, State: s.State, Path: s.Path, shown: 1}
}

// ShowForm shows the question which list to check.
func (s *Screen) ShowForm() {
	s.Part, s.err, s.problem, s.OnSaved = ListForm, nil, "", s.State.Saved != nil
}

// ShowList shows the list from its top.
func (s *Screen) ShowList() {
	s.Part, s.err, s.from, s.order, s.moved, s.marked = ListShown, nil, 0, worklist.AlertsFirst, false, -1
	s.drawn, s.spoken, s.listedAt = nil, nil, s.Now()
}

// chosen returns the list index that the keys apply to: the row to which the user has moved, or the first on the
// screen.
func (s *Screen) chosen() int {
	if s.moved {
		return s.picked
	}
	return s.State.List.Indexes(s.order)[0]
}

// draws records which rows are drawn and which is marked. If answers have changed the order of the rows the key delay
// starts again, because the row that the user is about to choose may be another one now.
func (s *Screen) draws(rows []int, marked int) {
	if !slices.Equal(rows, s.drawn) {
		s.drawn, s.sortedAt = slices.Clone(rows), s.Now()
	}
	if marked != s.marked {
		s.marked, s.markedAt = marked, s.Now()
	}
}

// ShowSaved shows the form again after the request for the saved list. err is its error.
func (s *Screen) ShowSaved(err error) { s.err, s.OnSaved = err, s.State.Saved != nil }

// Refused shows the error of reading a file.
func (s *Screen) Refused(err error) { s.Part, s.err, s.OnSaved = ListForm, err, false }

// AskReplace asks whether the file that was read replaces the current list.
func (s *Screen) AskReplace(t worklist.Tally) { s.Part, s.tally = askReplace, t }

// Commands returns the main and the minor commands of the screen.
func (s *Screen) Commands() (main, minor []act.Command) {
	switch s.Part {
	case askReplace, askRemoving:
		return s.answers(), nil
	case ListForm:
		return s.formCommands()
	case askFile:
		return s.saveCommands(), nil
	default:
		return s.listCommands()
	}
}

// answers returns the commands that answer the current question. Other keys do nothing.
func (s *Screen) answers() []act.Command {
	if s.Part == askRemoving {
		return []act.Command{
			step.Command(step.As(s.Keys.Yes, step.WordYesRemove), step.Effect(Forget{})),
			step.Command(step.As(s.Keys.Esc, wordSaveIt), func() step.Action { s.Part = ListShown; return nil }),
		}
	}
	return []act.Command{
		step.Command(step.As(s.Keys.Yes, wordYesReplace), step.Effect(Replace{})),
		step.Command(step.As(s.Keys.Esc, wordSaveIt), func() step.Action { s.ShowForm(); return LeaveAsItIs{} }),
	}
}

func (s *Screen) formCommands() (main, minor []act.Command) {
	esc := step.Command(step.As(s.Keys.Esc, wordBackFromList), s.leaveForm)
	if s.busy() {
		return []act.Command{esc}, nil
	}
	enter := step.Command(step.As(s.Keys.Enter, wordLoadList), s.load)
	if s.OnSaved {
		enter = step.Command(step.As(s.Keys.Enter, wordUseSaved), step.Effect(UseSaved{}))
	}
	other := func(b key.Binding) act.Command {
		return step.Command(step.When(b, s.State.Saved != nil), func() step.Action {
			s.OnSaved = !s.OnSaved
			return nil
		})
	}
	return []act.Command{enter, other(step.As(s.Keys.Next, wordSwitch)), esc},
		[]act.Command{
			other(s.Keys.Up), other(s.Keys.Down), step.Wordless(other(s.Keys.Prev)),
			step.Command(step.When(s.Keys.Empty, s.Typing()), func() step.Action { s.empty(); return nil }),
		}
}

// empty clears the field.
func (s *Screen) empty() {
	s.Path.Clear()
	s.problem = ""
}

func (s *Screen) saveCommands() []act.Command {
	back := step.Command(step.As(s.Keys.Esc, wordBackFromList), func() step.Action {
		s.Part, s.err = ListShown, nil
		return nil
	})
	if s.State.Writing.Pending() {
		return []act.Command{back}
	}
	return []act.Command{step.Command(step.As(s.Keys.Enter, wordSaveTable), s.save), back}
}

// save returns the action that writes the list to the named file.
func (s *Screen) save() step.Action {
	if s.Path.String() == "" {
		s.problem = wordNeedFile
		return nil
	}
	s.err = nil
	return Save{s.Path.String(), s.order}
}

// Wrote handles the result of writing the list to a file.
func (s *Screen) Wrote(err error) {
	if s.err = err; err == nil && s.Part == askFile {
		s.Part, s.saved = ListShown, s.Path.String()
	}
}

// leaveForm returns to the list, or to the previous screen if there is no list.
func (s *Screen) leaveForm() step.Action {
	if s.State.List != nil && !s.busy() {
		s.Part = ListShown
		return nil
	}
	return step.Back{}
}

// load returns the action that reads the named file.
func (s *Screen) load() step.Action {
	if s.Path.String() == "" {
		s.problem = wordNeedFile
		return nil
	}
	s.err = nil
	return Load{s.Path.String()}
}

// Edit handles a key for the field.
func (s *Screen) Edit(k tea.KeyPressMsg) {
	if s.Typing() && s.Path.Press(k) {
		s.problem = ""
	}
}

// choice returns the command that shows the patient at a list index.
func (s *Screen) choice(at int) act.Command {
	p := s.State.List.Patient(at)
	c := act.Command{Ready: p.HasNumber(), Do: func() step.Action { s.mark(at); return Show{p} }}
	if !c.Ready {
		c.Why = wordNotNumber + " " + p.Fault
	}
	return c
}

// Choices returns a command for each patient, named by the line in the file. Unlike the order of the rows, the lines
// do not change while a user of linear mode listens.
func (s *Screen) Choices() []act.Command {
	if s.Part != ListShown {
		return nil
	}
	var all []act.Command
	for at := range s.State.List.Len() {
		p, c := s.State.List.Patient(at), s.Delayed(s.choice(at), s.listedAt)
		for _, line := range append([]int{p.Line}, p.Again...) {
			c.Word = strconv.Itoa(line)
			all = append(all, c)
		}
	}
	return all
}

func (s *Screen) listCommands() (main, minor []act.Command) {
	several := s.State.List.Len() > 1
	since := s.listedAt
	if s.markedAt.After(since) {
		since = s.markedAt
	}

	enter := s.Delayed(step.ChosenBy(step.As(s.Keys.Enter, wordShowPatient), s.choice(s.chosen())), since)
	again := step.Command(step.When(step.As(s.Keys.Again, wordAskAgainAll), s.State.List.Unanswered()),
		step.Effect(AskAgain{}))
	sort := step.Command(step.As(s.Keys.Sort, wordsSortBy(s.order == worklist.AlertsFirst)), s.sort)
	main = append([]act.Command{enter}, s.Updown(step.WordMove, several, s.move)...)
	main = append(main, again, sort, step.Command(step.As(s.Keys.Esc, wordBackFromList), step.Effect(step.Back{})))
	print := step.Command(step.When(s.Keys.Print, s.Prints), func() step.Action { return Print{s.order} })
	save := step.Command(step.As(s.Keys.Save, wordSaveTable), func() step.Action {
		s.Path.Clear()
		s.Part, s.err, s.problem, s.saved = askFile, nil, "", ""
		return nil
	})

	minor = []act.Command{
		print, save,
		step.Command(s.Keys.Other, func() step.Action { s.Path.Clear(); s.ShowForm(); return nil }),
		step.Command(step.As(s.Keys.Remove, wordRemoveList), func() step.Action { s.Part = askRemoving; return nil }),
	}

	minor = append(minor, s.Paging(several, s.shown, s.move)...)
	return main, append(minor, s.ToEnds(several, s.State.List.Len(), s.toRow)...)
}

// sort switches between the orders of the rows.
func (s *Screen) sort() step.Action {
	s.order = worklist.AlertsFirst + worklist.AsInFile - s.order
	s.from, s.markedAt = 0, s.Now()
	return nil
}

// move moves the selection by n rows.
func (s *Screen) move(n int) {
	rows := s.State.List.Indexes(s.order)
	row := max(0, min(positionOf(rows, s.chosen())+n, len(rows)-1))
	if rows[row] != s.chosen() {
		s.mark(rows[row])
	}
}

// toRow moves the selection to a row. At row 0 it stays at the top even if another patient is sorted there.
func (s *Screen) toRow(row int) {
	rows := s.State.List.Indexes(s.order)
	s.mark(rows[row])
	s.moved = row > 0
}

// mark marks the patient at a list index. If the rows have just changed their order, the key delay starts again,
// because the user may have meant another patient.
func (s *Screen) mark(at int) {
	s.moved, s.picked, s.marked = true, at, at
	if s.Now().Sub(s.sortedAt) < act.KeyDelay {
		s.markedAt = s.Now()
	}
}

// Next marks the next row with an NHS number and returns its patient. It reports false if there is none.
func (s *Screen) Next() (worklist.Patient, bool) {
	rows := s.State.List.Indexes(s.order)
	for _, at := range rows[positionOf(rows, s.chosen())+1:] {
		if p := s.State.List.Patient(at); p.HasNumber() {
			s.mark(at)
			return p, true
		}
	}
	return worklist.Patient{}, false
}

// positionOf returns the position in rows of the list index at.
func positionOf(rows []int, at int) int {
	for i, r := range rows {
		if r == at {
			return i
		}
	}
	return 0
}

// Failing reports whether the screen shows a failure: there is no list, it is not saved, the check is not progressing,
// or the marked row could not be checked.
func (s *Screen) Failing() bool {
	if s.Part != ListShown || s.State.List == nil {
		return s.err != nil
	}
	_, stopped := s.condition()
	return stopped || s.State.SaveErr != nil || s.State.List.Answer(s.chosen()).Failed()
}
