package shell

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
	"wardlight/internal/worklist"
	"wardlight/tui/ask"
	"wardlight/tui/find"
	"wardlight/tui/step"
	worklists "wardlight/tui/worklist"
)

// The messages of the worklist. run is the list's number, ask that of a question about no list yet.
type (
	ListLampMsg struct {
		Run   ask.Number
		Reply session.ListReply
	}
	listProbedMsg struct {
		run   ask.Number
		reply session.ListReply
	}
	ListSavedMsg struct {
		run ask.Number
		err error
	}
	listForgottenMsg struct{ err error }
)

// worklistMessage takes in the answers that are about worklists.
func (m *Model) worklistMessage(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case ask.Answer[*worklist.Kept]:
		return m.keptListCame(msg)
	case ask.Answer[[]worklist.Patient]:
		return m.listRead(msg)
	case ListLampMsg:
		return m.listLampCame(msg)
	case listProbedMsg:
		return m.listProbed(msg)
	case ListSavedMsg:
		return m.listSaved(msg)
	case listForgottenMsg:
		return m.listForgotten(msg)
	}
	return nil
}

// owner is whose list is kept.
func (m *Model) owner() worklist.Owner {
	return worklist.Owner{Person: m.In.Person.UUID, Organisation: m.Role.OrgODS}
}

// worklistAction carries out what the worklist's screen asks for.
func (m *Model) worklistAction(a step.Action) tea.Cmd {
	switch a := a.(type) {
	case actWorklist:
		return m.toWorklist()
	case worklists.TakeKept:
		if k := m.Room.Kept; k != nil {
			return m.beginList(k.Check(m.In.Person.UUID, m.Cfg.Worklist.Rate), k.Made)
		}
	case worklists.Load:
		return m.readList(a.Path)
	case worklists.Replace:
		return m.beginList(worklist.NewCheck(m.Room.Pending, m.Cfg.Worklist.Rate), m.Now())
	case worklists.LeaveAsItIs:
		m.Room.Pending = nil
	case worklists.Forget:
		return m.forgetList()
	case worklists.AskAgain:
		if m.Room.List != nil {
			m.Room.List.Restart(m.Clock())
			return m.workOn()
		}
	}
	return nil
}

// toWorklist shows the worklist, and looks whether a list is kept when there is none in hand.
func (m *Model) toWorklist() tea.Cmd {
	for len(m.Screens) > 1 {
		if _, ok := m.Top().(*worklists.Screen); ok {
			return nil
		}
		if f, ok := m.Top().(*find.Form); ok {
			f.Asking.Drop()
			break
		}
		m.pop()
	}
	m.Screens = append(m.Screens, worklists.New(&m.Common, &m.Room, m.Cfg.Worklist.Old, m.In.Person.UUID))
	return m.lookForKept()
}

func (m *Model) lookForKept() tea.Cmd {
	if m.Room.List != nil || m.Room.Kept != nil {
		return nil
	}
	shelf, who, now := m.Cfg.Worklist.Shelf, m.owner(), m.Clock()
	return command(m.Room.Looking.Ask(m.cardLife.Ctx, func(ctx context.Context) (*worklist.Kept, error) {
		return shelf.Kept(ctx, who, now)
	}))
}

// keptListCame takes in whether a list is kept. With a file named at the start, that is read next.
func (m *Model) keptListCame(a ask.Answer[*worklist.Kept]) tea.Cmd {
	if !m.Room.Looking.Accepts(a) {
		return nil
	}
	m.Room.Kept = a.Value
	s, ok := step.ScreenOf[*worklists.Screen](m.Screens)
	if !ok {
		return nil
	}
	s.Looked(a.Err)
	if path := m.Cfg.Worklist.File; path != "" {
		m.Cfg.Worklist.File = ""
		s.Path.Set(path)
		return m.readList(path)
	}
	return nil
}

func (m *Model) readList(path string) tea.Cmd {
	shelf, today := m.Cfg.Worklist.Shelf, nhs.DateOf(m.Now())
	return command(m.Room.Reading.Ask(m.cardLife.Ctx, func(ctx context.Context) ([]worklist.Patient, error) {
		return shelf.Read(ctx, path, today)
	}))
}

// listRead takes in a list that was read: it goes on with the same one that was kept, and takes the place of an unfinished one
// only when the user says so.
func (m *Model) listRead(a ask.Answer[[]worklist.Patient]) tea.Cmd {
	if !m.Room.Reading.Accepts(a) {
		return nil
	}
	s, ok := step.ScreenOf[*worklists.Screen](m.Screens)
	if !ok {
		return nil
	}
	if a.Err != nil {
		s.Refused(a.Err)
		return nil
	}
	tally, unfinished := m.Room.Unfinished(m.In.Person.UUID)
	switch {
	case unfinished && m.Room.List == nil && m.Room.Kept.Same(a.Value):
		return m.worklistAction(worklists.TakeKept{})
	case unfinished:
		m.Room.Pending = a.Value
		s.AskReplace(tally)
		return nil
	}
	return m.beginList(worklist.NewCheck(a.Value, m.Cfg.Worklist.Rate), m.Now())
}

// beginList takes a list in hand. Nobody is asked about before it has been kept, or is known to be only in memory.
func (m *Model) beginList(list *worklist.Check, made time.Time) tea.Cmd {
	m.Room.Drop()
	m.Room.Life.Renew(m.cardLife.Ctx)
	m.Room.List, m.Room.Made, m.Room.Run = list, made, m.number()
	if s, ok := step.ScreenOf[*worklists.Screen](m.Screens); ok {
		s.ShowList()
	}
	return m.keepList()
}

// keepList keeps the list as it stands. One saving goes on at a time; what changes meanwhile is saved after it.
func (m *Model) keepList() tea.Cmd {
	r := &m.Room
	if r.Saving {
		r.Changed = true
		return nil
	}
	r.Saving, r.Changed = true, false
	// What is being kept is kept to its end, whatever becomes of the session.
	run, n, ctx, shelf, who := r.Run, m.number(), context.WithoutCancel(m.ctx), m.Cfg.Worklist.Shelf, m.owner()
	b, order := r.List.Keep(r.Made, who.Person), m.saves
	return func() tea.Msg {
		defer clear(b)
		return ListSavedMsg{run, order.Do(n, func() error { return shelf.Keep(ctx, who, b) })}
	}
}

func (m *Model) listSaved(msg ListSavedMsg) tea.Cmd {
	r := &m.Room
	if msg.run != r.Run || r.List == nil {
		return nil
	}
	r.Saving, r.Unkept = false, msg.err
	var save tea.Cmd
	if r.Changed {
		save = m.keepList()
	}
	if r.Begun {
		return save
	}
	r.Begun = true
	return tea.Batch(save, m.workOn())
}

// workOn does what the list has next.
func (m *Model) workOn() tea.Cmd {
	r := &m.Room
	if r.List == nil || !r.Begun {
		return nil
	}
	r.Tick = 0
	jobs, wait := m.listRunner().Next(m.Clock())
	run, ctx := r.Run, r.Life.Ctx
	var cmds []tea.Cmd
	for _, job := range jobs {
		cmds = append(cmds, func() tea.Msg {
			if job.Probe {
				return listProbedMsg{run, job.Do(ctx)}
			}
			return ListLampMsg{run, job.Do(ctx)}
		})
	}
	if wait > 0 {
		r.Tick = m.number()
		cmds = append(cmds, m.After(wait, TickMsg{r.Tick}))
	}
	return tea.Batch(cmds...)
}

// listRunner returns what asks about the patients of the list.
func (m *Model) listRunner() *session.Worklist {
	w := &session.Worklist{List: m.Room.List, Desk: m.Cfg.Desk}
	if probe := m.Cfg.Probe; probe != nil {
		w.Probe = func(ctx context.Context) error { return probe(ctx).Err }
	}
	return w
}

func (m *Model) listLampCame(msg ListLampMsg) tea.Cmd {
	if msg.Run != m.Room.Run || m.Room.List == nil {
		return nil
	}
	m.listRunner().Take(msg.Reply, m.Clock())
	return tea.Batch(m.keepList(), m.workOn())
}

func (m *Model) listProbed(msg listProbedMsg) tea.Cmd {
	if msg.run != m.Room.Run || m.Room.List == nil {
		return nil
	}
	m.listRunner().Take(msg.reply, m.Clock())
	return m.workOn()
}

// Heard lets the list know what a patient's own screen was answered.
func (m *Model) Heard(lamp client.Lamp) tea.Cmd {
	if m.Room.List == nil || !m.Room.List.Heard(lamp) {
		return nil
	}
	return m.keepList()
}

// forgetList drops the list in hand and the one that is kept.
func (m *Model) forgetList() tea.Cmd {
	m.Room.Drop()
	if s, ok := step.ScreenOf[*worklists.Screen](m.Screens); ok {
		s.ShowForm()
		s.Looked(nil)
	}
	n, ctx, shelf, who, order := m.number(), context.WithoutCancel(m.ctx), m.Cfg.Worklist.Shelf, m.owner(), m.saves
	m.UnderWay.remove++
	return func() tea.Msg {
		return listForgottenMsg{order.Do(n, func() error { return shelf.Forget(ctx, who) })}
	}
}

// listForgotten says when the kept list could not be removed.
func (m *Model) listForgotten(msg listForgottenMsg) tea.Cmd {
	m.UnderWay.remove--
	if s, ok := step.ScreenOf[*worklists.Screen](m.Screens); ok && msg.err != nil && m.Room.List == nil {
		s.Looked(msg.err)
	}
	return nil
}
