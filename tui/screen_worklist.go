package tui

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/worklist"
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
	path    field
	err     error  // why there is no list
	problem string // with what was typed
	tally   worklist.Tally

	order  worklist.Order
	moved  bool
	picked int // place in the list, not on the screen: an answer that sorts the rows anew does not move the choice
	from   int
	shown  int

	marked   int // what is marked on the screen, by its place in the list; -1 before it was drawn
	markedAt time.Time
}

func newWorklistScreen(c *common, room *waitingRoom, old time.Duration, person string) *worklistScreen {
	s := &worklistScreen{common: c, room: room, old: old, person: person, path: newField(longestPath), shown: 1}
	if room.list != nil {
		s.showList()
	} else {
		s.showForm()
	}
	return s
}

func (m *model) onWorklist() bool {
	_, is := m.top().(*worklistScreen)
	return is
}

// busy reports whether a list is being looked for or read.
func (s *worklistScreen) busy() bool { return s.room.looking != 0 || s.room.reading != 0 }

func (s *worklistScreen) typing() bool { return s.part == listForm && !s.onKept && !s.busy() }

func (s *worklistScreen) paste(text string) {
	if s.typing() {
		line, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n") // a line that was copied whole ends with one
		s.path.insert(strings.TrimRight(line, "\r"))
		s.problem = ""
	}
}

func (s *worklistScreen) wipe() {
	s.path.clear()
	*s = worklistScreen{common: s.common, room: s.room, path: s.path, shown: 1}
}

// showForm asks which list.
func (s *worklistScreen) showForm() {
	s.part, s.err, s.problem, s.onKept = listForm, nil, "", s.room.kept != nil
}

// showList shows the list from its top.
func (s *worklistScreen) showList() {
	s.part, s.err, s.from, s.order, s.moved, s.marked = listShown, nil, 0, worklist.AlertsFirst, false, -1
}

// chosen is the place in the list that the keys are about: the one the user has moved to, before that what stands at the top.
func (s *worklistScreen) chosen() int {
	if s.moved {
		return s.picked
	}
	return s.room.list.In(s.order)[0]
}

// draws takes in which line is drawn as the marked one. Before the user has moved it is the top one, and an answer can put another there.
func (s *worklistScreen) draws(at int) {
	if s.marked >= 0 && s.marked != at && !s.moved {
		s.markedAt = s.now()
	}
	s.marked = at
}

// looked takes in that it is known whether a list is kept.
func (s *worklistScreen) looked(err error) { s.err, s.onKept = err, s.room.kept != nil }

// refused shows why a file gives no list.
func (s *worklistScreen) refused(err error) { s.part, s.err, s.onKept = listForm, err, false }

// askReplace asks whether a file that was read takes the place of what is there.
func (s *worklistScreen) askReplace(t worklist.Tally) { s.part, s.tally = askReplace, t }

func (s *worklistScreen) bindings() (main, minor []key.Binding) {
	esc := as(s.keys.Esc, wordBackFromList)
	switch s.part {
	case askReplace:
		return []key.Binding{as(s.keys.Yes, wordYesReplace), as(s.keys.Esc, wordKeepIt)}, nil
	case askRemoving:
		return []key.Binding{as(s.keys.Yes, wordYesRemove), as(s.keys.Esc, wordKeepIt)}, nil
	case listForm:
		if s.busy() {
			return []key.Binding{esc}, nil
		}
		enter := as(s.keys.Enter, wordLoadList)
		if s.onKept {
			enter = as(s.keys.Enter, wordTakeKept)
		}
		return []key.Binding{enter, when(as(s.keys.Next, wordSwitch), s.room.kept != nil), esc}, []key.Binding{
			when(s.keys.Up, s.room.kept != nil), when(s.keys.Down, s.room.kept != nil),
		}
	default:
		several := s.room.list.Len() > 1
		main = []key.Binding{
			when(as(s.keys.Enter, wordShowPatient), s.room.list.Patient(s.chosen()).CanBeAsked()), when(as(s.keys.Scroll, wordMove), several),
			when(as(s.keys.Again, wordAskAgainAll), s.room.list.Unanswered()),
			as(s.keys.Sort, wordsSortBy(s.order == worklist.AlertsFirst)), esc,
		}
		minor = []key.Binding{
			s.keys.Other, as(s.keys.Remove, wordRemoveList),
			when(s.keys.PageUp, several), when(s.keys.PageDown, several), when(s.keys.Home, several), when(s.keys.End, several),
		}
		return main, minor
	}
}

func (s *worklistScreen) press(k tea.KeyPressMsg) action {
	switch s.part {
	case listForm:
		return s.pressForm(k)
	case askReplace, askRemoving:
		return s.answer(k)
	default:
		return s.pressList(k)
	}
}

func (s *worklistScreen) pressForm(k tea.KeyPressMsg) action {
	switch {
	case key.Matches(k, s.keys.Esc):
		if s.room.list != nil && !s.busy() {
			s.part = listShown
			return nil
		}
		return actBack{}
	case s.busy():
	case key.Matches(k, s.keys.Next, s.keys.Prev, s.keys.Up, s.keys.Down):
		s.onKept = !s.onKept && s.room.kept != nil
	case key.Matches(k, s.keys.Enter) && s.onKept:
		return actTakeKept{}
	case key.Matches(k, s.keys.Enter):
		if s.path.String() == "" {
			s.problem = wordNeedFile
			return nil
		}
		s.err = nil
		return actLoadList{s.path.String()}
	case !s.onKept && s.path.press(k):
		s.problem = ""
	}
	return nil
}

// answer takes a yes or a no; nothing else does anything.
func (s *worklistScreen) answer(k tea.KeyPressMsg) action {
	part := s.part
	switch {
	case key.Matches(k, s.keys.Yes) && part == askRemoving:
		return actForgetList{}
	case key.Matches(k, s.keys.Yes):
		return actReplaceList{}
	case key.Matches(k, s.keys.Esc) && part == askRemoving:
		s.part = listShown
	case key.Matches(k, s.keys.Esc):
		s.showForm()
		return actLeaveList{}
	}
	return nil
}

func (s *worklistScreen) pressList(k tea.KeyPressMsg) action {
	rows := s.room.list.In(s.order)
	row := placeOf(rows, s.chosen())
	switch {
	case key.Matches(k, s.keys.Up):
		row--
	case key.Matches(k, s.keys.Down):
		row++
	case key.Matches(k, s.keys.PageUp):
		row -= s.shown
	case key.Matches(k, s.keys.PageDown):
		row += s.shown
	case key.Matches(k, s.keys.Home):
		row, s.moved, s.marked, s.markedAt = 0, false, -1, time.Time{}
	case key.Matches(k, s.keys.End):
		row = len(rows) - 1
	case key.Matches(k, s.keys.Enter):
		if !s.moved && (s.chosen() != s.marked || s.justCame(s.markedAt)) {
			return nil // meant for the one who stood there a moment ago
		}
		if p := s.room.list.Patient(s.chosen()); p.CanBeAsked() {
			return actRetrieve{p.Number}
		}
	case key.Matches(k, s.keys.Again):
		return actListAgain{}
	case key.Matches(k, s.keys.Sort):
		s.order = worklist.AlertsFirst + worklist.AsInFile - s.order
		s.from, s.marked, s.markedAt = 0, -1, time.Time{}
		return nil
	case key.Matches(k, s.keys.Other):
		s.path.clear()
		s.showForm()
	case key.Matches(k, s.keys.Remove):
		s.part = askRemoving
	case key.Matches(k, s.keys.Esc):
		return actBack{}
	}
	if row = max(0, min(row, len(rows)-1)); rows[row] != s.chosen() {
		s.moved, s.picked = true, rows[row]
	}
	return nil
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
