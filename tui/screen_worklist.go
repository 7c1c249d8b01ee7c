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
	*common
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

func newWorklistScreen(c *common, room *waitingRoom, old time.Duration, person string) *worklistScreen {
	s := &worklistScreen{common: c, room: room, old: old, person: person, path: draw.NewField(longestPath), shown: 1}
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
	*s = worklistScreen{common: s.common, room: s.room, path: s.path, shown: 1}
}

// showForm asks which list.
func (s *worklistScreen) showForm() {
	s.part, s.err, s.problem, s.onKept = listForm, nil, "", s.room.kept != nil
}

// showList shows the list from its top.
func (s *worklistScreen) showList() {
	s.part, s.err, s.from, s.order, s.moved, s.marked = listShown, nil, 0, worklist.AlertsFirst, false, -1
	s.drawn, s.spoken, s.listedAt = nil, nil, s.now()
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
		s.drawn, s.sortedAt = slices.Clone(rows), s.now()
	}
	if marked != s.marked {
		s.marked, s.markedAt = marked, s.now()
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
			command(as(s.keys.Yes, wordYesRemove), effect(actForgetList{})),
			command(as(s.keys.Esc, wordKeepIt), func() action { s.part = listShown; return nil }),
		}
	}
	return []act.Command{
		command(as(s.keys.Yes, wordYesReplace), effect(actReplaceList{})),
		command(as(s.keys.Esc, wordKeepIt), func() action { s.showForm(); return actLeaveList{} }),
	}
}

func (s *worklistScreen) formCommands() (main, minor []act.Command) {
	esc := command(as(s.keys.Esc, wordBackFromList), s.leaveForm)
	if s.busy() {
		return []act.Command{esc}, nil
	}
	enter := command(as(s.keys.Enter, wordLoadList), s.load)
	if s.onKept {
		enter = command(as(s.keys.Enter, wordTakeKept), effect(actTakeKept{}))
	}
	other := func(b key.Binding) act.Command {
		return command(when(b, s.room.kept != nil), func() action { s.onKept = !s.onKept; return nil })
	}
	return []act.Command{enter, other(as(s.keys.Next, wordSwitch)), esc},
		[]act.Command{other(s.keys.Up), other(s.keys.Down), wordless(other(s.keys.Prev))}
}

// leaveForm goes back to the list, or where there is none to the screen before.
func (s *worklistScreen) leaveForm() action {
	if s.room.list != nil && !s.busy() {
		s.part = listShown
		return nil
	}
	return actBack{}
}

// load reads the file that was named.
func (s *worklistScreen) load() action {
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
	c := act.Command{Ready: p.CanBeAsked(), Do: effect(actRetrieve{p.Number})}
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
		p, c := s.room.list.Patient(at), s.delayed(s.choice(at), s.listedAt)
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
	enter := s.delayed(chosenBy(as(s.keys.Enter, wordShowPatient), s.choice(s.chosen())), since)
	again := command(when(as(s.keys.Again, wordAskAgainAll), s.room.list.Unanswered()), effect(actListAgain{}))
	sort := command(as(s.keys.Sort, wordsSortBy(s.order == worklist.AlertsFirst)), s.sort)
	main = append([]act.Command{enter}, s.updown(wordMove, several, s.move)...)
	main = append(main, again, sort, command(as(s.keys.Esc, wordBackFromList), effect(actBack{})))
	minor = []act.Command{
		command(s.keys.Other, func() action { s.path.Clear(); s.showForm(); return nil }),
		command(as(s.keys.Remove, wordRemoveList), func() action { s.part = askRemoving; return nil }),
	}
	minor = append(minor, s.paging(several, s.shown, s.move)...)
	return main, append(minor, s.toEnds(several, s.room.list.Len(), s.toRow)...)
}

// sort changes the order of the rows.
func (s *worklistScreen) sort() action {
	s.order = worklist.AlertsFirst + worklist.AsInFile - s.order
	s.from, s.markedAt = 0, s.now()
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
	if s.now().Sub(s.sortedAt) < act.KeyDelay {
		s.markedAt = s.now()
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
