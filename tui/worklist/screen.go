// Package worklist is the step of the waiting room: a list of patients, checked one by one in the background.
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

// LongestPath is the most letters that the name of a list's file may have.
const LongestPath = 4096 // PATH_MAX

// worklistPart is what the screen is for just now.
type worklistPart int

// The parts.
const (
	ListForm    worklistPart = iota // which list: the kept one, or a file
	ListShown                       // the list
	askReplace                      // whether a file takes the place of an unfinished list
	askRemoving                     // whether the list is to be removed
	askFile                         // in which file the list is to be saved
)

// Screen is the waiting room. It shows several patients, so it never has a banner, and takes no state over to a
// patient's screen. The list itself is the model's: the checking goes on while the user is elsewhere.
type Screen struct {
	*step.Common
	State  *State
	person string
	old    time.Duration

	Part    worklistPart
	OnKept  bool // the focus is on the kept list, not on the field
	Path    draw.Field
	err     error  // why there is no list
	problem string // with what was typed
	saved   string // the file that the list was saved in; "" for none
	tally   worklist.Tally

	order  worklist.Order
	moved  bool
	picked int // place in the list, not on the screen: an answer that sorts the rows anew does not move the choice
	from   int
	shown  int

	drawn    []int     // the rows as they were last drawn, by their places in the list
	sortedAt time.Time // when their order last changed
	marked   int       // the one that is marked, by its place in the list; -1 before it was drawn
	markedAt time.Time // when it came to be marked, unless by a key
	listedAt time.Time // when the list came into sight

	spoken map[int]spoken // the rows in lines, by their places in the list
}

// New returns the screen of the list in the room; an answer that is older than old is said to be.
func New(c *step.Common, room *State, old time.Duration, person string) *Screen {
	s := &Screen{Common: c, State: room, old: old, person: person, Path: draw.NewField(LongestPath), shown: 1}
	if room.List != nil {
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
	return s.Part == ListForm && !s.OnKept && !s.busy() || s.Part == askFile && !s.State.Writing.Pending()
}

// Unfinished reports whether a file is being named, or a question waits for its answer.
func (s *Screen) Unfinished() bool {
	return s.Typing() && s.Path.String() != "" || s.Part == askReplace || s.Part == askRemoving || s.State.Writing.Pending()
}

// Paste takes pasted text for the field that has the focus.
func (s *Screen) Paste(text string) {
	if s.Typing() {
		line, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n") // a line that was copied whole ends with one
		s.Path.Insert(strings.TrimRight(line, "\r"))
		s.problem = ""
	}
}

// Wipe drops what was typed and shown.
func (s *Screen) Wipe() {
	s.Path.Clear()
	*s = Screen{Common: s.Common, State: s.State, Path: s.Path, shown: 1}
}

// ShowForm asks which list.
func (s *Screen) ShowForm() {
	s.Part, s.err, s.problem, s.OnKept = ListForm, nil, "", s.State.Saved != nil
}

// ShowList shows the list from its top.
func (s *Screen) ShowList() {
	s.Part, s.err, s.from, s.order, s.moved, s.marked = ListShown, nil, 0, worklist.AlertsFirst, false, -1
	s.drawn, s.spoken, s.listedAt = nil, nil, s.Now()
}

// chosen returns the place in the list that the keys are about: the one the user has moved to, before that what
// stands at the top.
func (s *Screen) chosen() int {
	if s.moved {
		return s.picked
	}
	return s.State.List.In(s.order)[0]
}

// draws notes which rows are drawn, in their order, and which of them is marked. Answers that sort the rows anew
// start the key delay: the row that somebody is about to choose may be another one now.
func (s *Screen) draws(rows []int, marked int) {
	if !slices.Equal(rows, s.drawn) {
		s.drawn, s.sortedAt = slices.Clone(rows), s.Now()
	}
	if marked != s.marked {
		s.marked, s.markedAt = marked, s.Now()
	}
}

// Looked takes in that it is known whether a list is kept.
func (s *Screen) Looked(err error) { s.err, s.OnKept = err, s.State.Saved != nil }

// Refused shows why a file gives no list.
func (s *Screen) Refused(err error) { s.Part, s.err, s.OnKept = ListForm, err, false }

// AskReplace asks whether a file that was read takes the place of what is there.
func (s *Screen) AskReplace(t worklist.Tally) { s.Part, s.tally = askReplace, t }

// Commands returns what can be done here.
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

// answers returns those to a question; nothing else does anything.
func (s *Screen) answers() []act.Command {
	if s.Part == askRemoving {
		return []act.Command{
			step.Command(step.As(s.Keys.Yes, step.WordYesRemove), step.Effect(Forget{})),
			step.Command(step.As(s.Keys.Esc, wordKeepIt), func() step.Action { s.Part = ListShown; return nil }),
		}
	}
	return []act.Command{
		step.Command(step.As(s.Keys.Yes, wordYesReplace), step.Effect(Replace{})),
		step.Command(step.As(s.Keys.Esc, wordKeepIt), func() step.Action { s.ShowForm(); return LeaveAsItIs{} }),
	}
}

func (s *Screen) formCommands() (main, minor []act.Command) {
	esc := step.Command(step.As(s.Keys.Esc, wordBackFromList), s.leaveForm)
	if s.busy() {
		return []act.Command{esc}, nil
	}
	enter := step.Command(step.As(s.Keys.Enter, wordLoadList), s.load)
	if s.OnKept {
		enter = step.Command(step.As(s.Keys.Enter, wordTakeKept), step.Effect(TakeKept{}))
	}
	other := func(b key.Binding) act.Command {
		return step.Command(step.When(b, s.State.Saved != nil), func() step.Action { s.OnKept = !s.OnKept; return nil })
	}
	return []act.Command{enter, other(step.As(s.Keys.Next, wordSwitch)), esc},
		[]act.Command{
			other(s.Keys.Up), other(s.Keys.Down), step.Wordless(other(s.Keys.Prev)),
			step.Command(step.When(s.Keys.Empty, s.Typing()), func() step.Action { s.empty(); return nil }),
		}
}

// empty empties the field.
func (s *Screen) empty() {
	s.Path.Clear()
	s.problem = ""
}

func (s *Screen) saveCommands() []act.Command {
	back := step.Command(step.As(s.Keys.Esc, wordBackFromList), func() step.Action { s.Part, s.err = ListShown, nil; return nil })
	if s.State.Writing.Pending() {
		return []act.Command{back}
	}
	return []act.Command{step.Command(step.As(s.Keys.Enter, s.Keys.Save.Help().Desc), s.save), back}
}

// save writes the list into the file that was named.
func (s *Screen) save() step.Action {
	if s.Path.String() == "" {
		s.problem = wordNeedFile
		return nil
	}
	s.err = nil
	return Save{s.Path.String(), s.order}
}

// Wrote takes in that the list was saved, or why it was not.
func (s *Screen) Wrote(err error) {
	if s.err = err; err == nil && s.Part == askFile {
		s.Part, s.saved = ListShown, s.Path.String()
	}
}

// leaveForm goes back to the list, or where there is none to the screen before.
func (s *Screen) leaveForm() step.Action {
	if s.State.List != nil && !s.busy() {
		s.Part = ListShown
		return nil
	}
	return step.Back{}
}

// load reads the file that was named.
func (s *Screen) load() step.Action {
	if s.Path.String() == "" {
		s.problem = wordNeedFile
		return nil
	}
	s.err = nil
	return Load{s.Path.String()}
}

// Edit takes a key for the field.
func (s *Screen) Edit(k tea.KeyPressMsg) {
	if s.Typing() && s.Path.Press(k) {
		s.problem = ""
	}
}

// choice shows the patient at a place of the list.
func (s *Screen) choice(at int) act.Command {
	p := s.State.List.Patient(at)
	c := act.Command{Ready: p.CanBeAsked(), Do: func() step.Action { s.mark(at); return Show{p} }}
	if !c.Ready {
		c.Why = wordNotNumber + " " + p.Fault
	}
	return c
}

// Choices returns the patients by their lines of the file. The rows can change their order while somebody listens;
// the lines don't.
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
	again := step.Command(step.When(step.As(s.Keys.Again, wordAskAgainAll), s.State.List.Unanswered()), step.Effect(AskAgain{}))
	sort := step.Command(step.As(s.Keys.Sort, wordsSortBy(s.order == worklist.AlertsFirst)), s.sort)
	main = append([]act.Command{enter}, s.Updown(step.WordMove, several, s.move)...)
	main = append(main, again, sort, step.Command(step.As(s.Keys.Esc, wordBackFromList), step.Effect(step.Back{})))
	print := step.Command(step.When(s.Keys.Print, s.Prints), func() step.Action { return Print{s.order} })
	save := step.Command(s.Keys.Save, func() step.Action {
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

// sort changes the order of the rows.
func (s *Screen) sort() step.Action {
	s.order = worklist.AlertsFirst + worklist.AsInFile - s.order
	s.from, s.markedAt = 0, s.Now()
	return nil
}

// move marks the patient n rows on.
func (s *Screen) move(n int) {
	rows := s.State.List.In(s.order)
	row := max(0, min(placeOf(rows, s.chosen())+n, len(rows)-1))
	if rows[row] != s.chosen() {
		s.mark(rows[row])
	}
}

// toRow goes to the first row, where whoever comes to stand at the top is marked, or to another one.
func (s *Screen) toRow(row int) {
	rows := s.State.List.In(s.order)
	s.mark(rows[row])
	s.moved = row > 0
}

// mark marks a patient. The rows may have changed their places just before the key was pressed that goes by them.
func (s *Screen) mark(at int) {
	s.moved, s.picked, s.marked = true, at, at
	if s.Now().Sub(s.sortedAt) < act.KeyDelay {
		s.markedAt = s.Now()
	}
}

// Next marks the next row whose number can be asked about, and returns its patient; false when there is none.
func (s *Screen) Next() (worklist.Patient, bool) {
	rows := s.State.List.In(s.order)
	for _, at := range rows[placeOf(rows, s.chosen())+1:] {
		if p := s.State.List.Patient(at); p.CanBeAsked() {
			s.mark(at)
			return p, true
		}
	}
	return worklist.Patient{}, false
}

// placeOf returns where on the screen, from 0, a place of the list stands.
func placeOf(rows []int, at int) int {
	for i, r := range rows {
		if r == at {
			return i
		}
	}
	return 0
}

// Failing reports whether the screen shows a failure: that there is no list, that it is not kept, that the checking does
// not go on, or that the marked line has no answer.
func (s *Screen) Failing() bool {
	if s.Part != ListShown || s.State.List == nil {
		return s.err != nil
	}
	_, stopped := s.condition()
	return stopped || s.State.SaveErr != nil || s.State.List.Answer(s.chosen()).Failed()
}
