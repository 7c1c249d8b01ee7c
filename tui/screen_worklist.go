package tui

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

// longestPath is the most letters that the name of a list's file may have.
const longestPath = 4096 // PATH_MAX

// worklistPart is what the screen is for just now.
type worklistPart int

// The parts.
const (
	listForm    worklistPart = iota // which list: the kept one, or a file
	listShown                       // the list
	askReplace                      // whether a file takes the place of an unfinished list
	askRemoving                     // whether the list is to be removed
)

// worklistScreen is the waiting room. It shows several patients, so it never has a banner, and takes no state over to a
// patient's screen. The list itself is the model's: the checking goes on while the user is elsewhere.
type worklistScreen struct {
	*step.Common
	room   *waitingRoom
	person string
	old    time.Duration

	part    worklistPart
	onKept  bool // the focus is on the kept list, not on the field
	path    draw.Field
	err     error  // why there is no list
	problem string // with what was typed
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

func newWorklistScreen(c *step.Common, room *waitingRoom, old time.Duration, person string) *worklistScreen {
	s := &worklistScreen{Common: c, room: room, old: old, person: person, path: draw.NewField(longestPath), shown: 1}
	if room.list != nil {
		s.showList()
	} else {
		s.showForm()
	}
	return s
}

// busy reports whether a list is being looked for or read.
func (s *worklistScreen) busy() bool { return s.room.looking != 0 || s.room.reading != 0 }

func (s *worklistScreen) Typing() bool { return s.part == listForm && !s.onKept && !s.busy() }

func (s *worklistScreen) Paste(text string) {
	if s.Typing() {
		line, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n") // a line that was copied whole ends with one
		s.path.Insert(strings.TrimRight(line, "\r"))
		s.problem = ""
	}
}

func (s *worklistScreen) Wipe() {
	s.path.Clear()
	*s = worklistScreen{Common: s.Common, room: s.room, path: s.path, shown: 1}
}

// showForm asks which list.
func (s *worklistScreen) showForm() {
	s.part, s.err, s.problem, s.onKept = listForm, nil, "", s.room.kept != nil
}

// showList shows the list from its top.
func (s *worklistScreen) showList() {
	s.part, s.err, s.from, s.order, s.moved, s.marked = listShown, nil, 0, worklist.AlertsFirst, false, -1
	s.drawn, s.spoken, s.listedAt = nil, nil, s.Now()
}

// chosen is the place in the list that the keys are about: the one the user has moved to, before that what stands at the top.
func (s *worklistScreen) chosen() int {
	if s.moved {
		return s.picked
	}
	return s.room.list.In(s.order)[0]
}

// draws notes which rows are drawn, in their order, and which of them is marked. Answers that sort the rows anew start the key delay: the
// row that somebody is about to choose may be another one now.
func (s *worklistScreen) draws(rows []int, marked int) {
	if !slices.Equal(rows, s.drawn) {
		s.drawn, s.sortedAt = slices.Clone(rows), s.Now()
	}
	if marked != s.marked {
		s.marked, s.markedAt = marked, s.Now()
	}
}

// looked takes in that it is known whether a list is kept.
func (s *worklistScreen) looked(err error) { s.err, s.onKept = err, s.room.kept != nil }

// refused shows why a file gives no list.
func (s *worklistScreen) refused(err error) { s.part, s.err, s.onKept = listForm, err, false }

// askReplace asks whether a file that was read takes the place of what is there.
func (s *worklistScreen) askReplace(t worklist.Tally) { s.part, s.tally = askReplace, t }

func (s *worklistScreen) Commands() (main, minor []act.Command) {
	switch s.part {
	case askReplace, askRemoving:
		return s.answers(), nil
	case listForm:
		return s.formCommands()
	default:
		return s.listCommands()
	}
}

// answers are those to a question; nothing else does anything.
func (s *worklistScreen) answers() []act.Command {
	if s.part == askRemoving {
		return []act.Command{
			step.Command(step.As(s.Keys.Yes, step.WordYesRemove), step.Effect(actForgetList{})),
			step.Command(step.As(s.Keys.Esc, wordKeepIt), func() step.Action { s.part = listShown; return nil }),
		}
	}
	return []act.Command{
		step.Command(step.As(s.Keys.Yes, wordYesReplace), step.Effect(actReplaceList{})),
		step.Command(step.As(s.Keys.Esc, wordKeepIt), func() step.Action { s.showForm(); return actLeaveList{} }),
	}
}

func (s *worklistScreen) formCommands() (main, minor []act.Command) {
	esc := step.Command(step.As(s.Keys.Esc, wordBackFromList), s.leaveForm)
	if s.busy() {
		return []act.Command{esc}, nil
	}
	enter := step.Command(step.As(s.Keys.Enter, wordLoadList), s.load)
	if s.onKept {
		enter = step.Command(step.As(s.Keys.Enter, wordTakeKept), step.Effect(actTakeKept{}))
	}
	other := func(b key.Binding) act.Command {
		return step.Command(step.When(b, s.room.kept != nil), func() step.Action { s.onKept = !s.onKept; return nil })
	}
	return []act.Command{enter, other(step.As(s.Keys.Next, wordSwitch)), esc},
		[]act.Command{other(s.Keys.Up), other(s.Keys.Down), step.Wordless(other(s.Keys.Prev))}
}

// leaveForm goes back to the list, or where there is none to the screen before.
func (s *worklistScreen) leaveForm() step.Action {
	if s.room.list != nil && !s.busy() {
		s.part = listShown
		return nil
	}
	return step.Back{}
}

// load reads the file that was named.
func (s *worklistScreen) load() step.Action {
	if s.path.String() == "" {
		s.problem = wordNeedFile
		return nil
	}
	s.err = nil
	return actLoadList{s.path.String()}
}

// edit takes a key for the field.
func (s *worklistScreen) Edit(k tea.KeyPressMsg) {
	if s.Typing() && s.path.Press(k) {
		s.problem = ""
	}
}

// choice shows the patient at a place of the list.
func (s *worklistScreen) choice(at int) act.Command {
	p := s.room.list.Patient(at)
	c := act.Command{Ready: p.CanBeAsked(), Do: step.Effect(step.Retrieve{Number: p.Number})}
	if !c.Ready {
		c.Why = wordNotNumber + " " + p.Fault
	}
	return c
}

// choices returns the patients by their lines of the file. The rows can change their order while somebody listens; the lines don't.
func (s *worklistScreen) Choices() []act.Command {
	if s.part != listShown {
		return nil
	}
	var all []act.Command
	for at := range s.room.list.Len() {
		p, c := s.room.list.Patient(at), s.Delayed(s.choice(at), s.listedAt)
		for _, line := range append([]int{p.Line}, p.Again...) {
			c.Word = strconv.Itoa(line)
			all = append(all, c)
		}
	}
	return all
}

func (s *worklistScreen) listCommands() (main, minor []act.Command) {
	several := s.room.list.Len() > 1
	since := s.listedAt
	if s.markedAt.After(since) {
		since = s.markedAt
	}
	enter := s.Delayed(step.ChosenBy(step.As(s.Keys.Enter, wordShowPatient), s.choice(s.chosen())), since)
	again := step.Command(step.When(step.As(s.Keys.Again, wordAskAgainAll), s.room.list.Unanswered()), step.Effect(actListAgain{}))
	sort := step.Command(step.As(s.Keys.Sort, wordsSortBy(s.order == worklist.AlertsFirst)), s.sort)
	main = append([]act.Command{enter}, s.Updown(step.WordMove, several, s.move)...)
	main = append(main, again, sort, step.Command(step.As(s.Keys.Esc, wordBackFromList), step.Effect(step.Back{})))
	minor = []act.Command{
		step.Command(s.Keys.Other, func() step.Action { s.path.Clear(); s.showForm(); return nil }),
		step.Command(step.As(s.Keys.Remove, wordRemoveList), func() step.Action { s.part = askRemoving; return nil }),
	}
	minor = append(minor, s.Paging(several, s.shown, s.move)...)
	return main, append(minor, s.ToEnds(several, s.room.list.Len(), s.toRow)...)
}

// sort changes the order of the rows.
func (s *worklistScreen) sort() step.Action {
	s.order = worklist.AlertsFirst + worklist.AsInFile - s.order
	s.from, s.markedAt = 0, s.Now()
	return nil
}

// move marks the patient n rows on.
func (s *worklistScreen) move(n int) {
	rows := s.room.list.In(s.order)
	row := max(0, min(placeOf(rows, s.chosen())+n, len(rows)-1))
	if rows[row] != s.chosen() {
		s.mark(rows[row])
	}
}

// toRow goes to the first row, where whoever comes to stand at the top is marked, or to another one.
func (s *worklistScreen) toRow(row int) {
	rows := s.room.list.In(s.order)
	s.mark(rows[row])
	s.moved = row > 0
}

// mark marks a patient. The rows may have changed their places just before the key was pressed that goes by them.
func (s *worklistScreen) mark(at int) {
	s.moved, s.picked, s.marked = true, at, at
	if s.Now().Sub(s.sortedAt) < act.KeyDelay {
		s.markedAt = s.Now()
	}
}

// placeOf is where on the screen, from 0, a place of the list stands.
func placeOf(rows []int, at int) int {
	for i, r := range rows {
		if r == at {
			return i
		}
	}
	return 0
}
