package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/worklist"
	"wardlight/tui/ask"
	"wardlight/tui/find"
	"wardlight/tui/step"
	worklists "wardlight/tui/worklist"
)

// The messages of the worklist. run is the list's number, ask that of a question about no list yet.
type (
	keptListMsg struct {
		ask  ask.Number
		kept *worklist.Kept
		err  error
	}
	listReadMsg struct {
		ask      ask.Number
		patients []worklist.Patient
		err      error
	}
	listLampMsg struct {
		run  ask.Number
		at   int
		lamp client.Lamp
	}
	listProbedMsg struct {
		run ask.Number
		err error
	}
	listSavedMsg struct {
		run ask.Number
		err error
	}
	listForgottenMsg struct{ err error }
)

// worklistMessage takes in the answers that are about worklists.
func (m *model) worklistMessage(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case keptListMsg:
		return m.keptListCame(msg)
	case listReadMsg:
		return m.listRead(msg)
	case listLampMsg:
		return m.listLampCame(msg)
	case listProbedMsg:
		return m.listProbed(msg)
	case listSavedMsg:
		return m.listSaved(msg)
	case listForgottenMsg:
		return m.listForgotten(msg)
	}
	return nil
}

// owner is whose list is kept.
func (m *model) owner() worklist.Owner {
	return worklist.Owner{Person: m.in.Person.UUID, Organisation: m.role.OrgODS}
}

// worklistAction carries out what the worklist's screen asks for.
func (m *model) worklistAction(a step.Action) tea.Cmd {
	switch a := a.(type) {
	case actWorklist:
		return m.toWorklist()
	case worklists.TakeKept:
		if k := m.room.Kept; k != nil {
			return m.beginList(k.Check(m.in.Person.UUID, m.cfg.Worklist.Rate), k.Made)
		}
	case worklists.Load:
		return m.readList(a.Path)
	case worklists.Replace:
		return m.beginList(worklist.NewCheck(m.room.Pending, m.cfg.Worklist.Rate), m.Now())
	case worklists.LeaveAsItIs:
		m.room.Pending = nil
	case worklists.Forget:
		return m.forgetList()
	case worklists.AskAgain:
		if m.room.List != nil {
			m.room.List.Restart(m.Clock())
			return m.workOn()
		}
	}
	return nil
}

// toWorklist shows the worklist, and looks whether a list is kept when there is none in hand.
func (m *model) toWorklist() tea.Cmd {
	for len(m.screens) > 1 {
		if _, ok := m.top().(*worklists.Screen); ok {
			return nil
		}
		if f, ok := m.top().(*find.Form); ok {
			m.asked.find = 0
			f.Cancelled()
			break
		}
		m.pop()
	}
	m.screens = append(m.screens, worklists.New(&m.Common, &m.room, m.cfg.Worklist.Old, m.in.Person.UUID))
	return m.lookForKept()
}

func (m *model) lookForKept() tea.Cmd {
	if m.room.List != nil || m.room.Kept != nil {
		return nil
	}
	m.room.Life.Renew(m.cardLife.Ctx)
	id, ctx, shelf, who, now := m.number(), m.room.Life.Ctx, m.cfg.Worklist.Shelf, m.owner(), m.Clock()
	m.room.Looking = id
	return func() tea.Msg {
		kept, err := shelf.Kept(ctx, who, now)
		return keptListMsg{id, kept, err}
	}
}

// keptListCame takes in whether a list is kept. With a file named at the start, that is read next.
func (m *model) keptListCame(msg keptListMsg) tea.Cmd {
	if msg.ask != m.room.Looking || msg.ask == 0 {
		return nil
	}
	m.room.Looking, m.room.Kept = 0, msg.kept
	s, ok := screenOf[*worklists.Screen](m.screens)
	if !ok {
		return nil
	}
	s.Looked(msg.err)
	if path := m.cfg.Worklist.File; path != "" {
		m.cfg.Worklist.File = ""
		s.Path.Set(path)
		return m.readList(path)
	}
	return nil
}

func (m *model) readList(path string) tea.Cmd {
	id, ctx, shelf, today := m.number(), m.cardLife.Ctx, m.cfg.Worklist.Shelf, nhs.DateOf(m.Now())
	m.room.Reading = id
	return func() tea.Msg {
		patients, err := shelf.Read(ctx, path, today)
		return listReadMsg{id, patients, err}
	}
}

// listRead takes in a list that was read: it goes on with the same one that was kept, and takes the place of an unfinished one
// only when the user says so.
func (m *model) listRead(msg listReadMsg) tea.Cmd {
	if msg.ask != m.room.Reading || msg.ask == 0 {
		return nil
	}
	m.room.Reading = 0
	s, ok := screenOf[*worklists.Screen](m.screens)
	if !ok {
		return nil
	}
	if msg.err != nil {
		s.Refused(msg.err)
		return nil
	}
	tally, unfinished := m.room.Unfinished(m.in.Person.UUID)
	switch {
	case unfinished && m.room.List == nil && m.room.Kept.Same(msg.patients):
		return m.worklistAction(worklists.TakeKept{})
	case unfinished:
		m.room.Pending = msg.patients
		s.AskReplace(tally)
		return nil
	}
	return m.beginList(worklist.NewCheck(msg.patients, m.cfg.Worklist.Rate), m.Now())
}

// beginList takes a list in hand. Nobody is asked about before it has been kept, or is known to be only in memory.
func (m *model) beginList(list *worklist.Check, made time.Time) tea.Cmd {
	m.room.Drop()
	m.room.Life.Renew(m.cardLife.Ctx)
	m.room.List, m.room.Made, m.room.Run = list, made, m.number()
	if s, ok := screenOf[*worklists.Screen](m.screens); ok {
		s.ShowList()
	}
	return m.keepList()
}

// keepList keeps the list as it stands. One saving goes on at a time; what changes meanwhile is saved after it.
func (m *model) keepList() tea.Cmd {
	r := &m.room
	if r.Saving {
		r.Changed = true
		return nil
	}
	r.Saving, r.Changed = true, false
	// What is being kept is kept to its end, whatever becomes of the session.
	run, n, ctx, shelf, who := r.Run, m.number(), context.WithoutCancel(m.ctx), m.cfg.Worklist.Shelf, m.owner()
	b, order := r.List.Keep(r.Made, who.Person), m.saves
	return func() tea.Msg {
		defer clear(b)
		return listSavedMsg{run, order.do(n, func() error { return shelf.Keep(ctx, who, b) })}
	}
}

func (m *model) listSaved(msg listSavedMsg) tea.Cmd {
	r := &m.room
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
func (m *model) workOn() tea.Cmd {
	r := &m.room
	if r.List == nil || !r.Begun {
		return nil
	}
	r.Tick = 0
	step := r.List.Next(m.Clock())
	run, ctx := r.Run, r.Life.Ctx
	var cmds []tea.Cmd
	for _, at := range step.Ask {
		desk, n := m.cfg.Desk, r.List.Patient(at).Number
		cmds = append(cmds, func() tea.Msg { return listLampMsg{run, at, desk.Lamp(ctx, n)} })
	}
	if step.Probe {
		cmds = append(cmds, m.probeForList(run, ctx))
	}
	if step.Wait > 0 {
		r.Tick = m.number()
		cmds = append(cmds, m.after(step.Wait, tickMsg{r.Tick}))
	}
	return tea.Batch(cmds...)
}

// probeForList looks whether the hub can be reached. Where nobody can look, the next patient is the probe.
func (m *model) probeForList(run ask.Number, ctx context.Context) tea.Cmd {
	probe := m.cfg.Probe
	return func() tea.Msg {
		if probe == nil {
			return listProbedMsg{run, nil}
		}
		return listProbedMsg{run, probe(ctx).Err}
	}
}

func (m *model) listLampCame(msg listLampMsg) tea.Cmd {
	if msg.run != m.room.Run || m.room.List == nil {
		return nil
	}
	m.room.List.Take(msg.at, msg.lamp, m.Clock())
	return tea.Batch(m.keepList(), m.workOn())
}

func (m *model) listProbed(msg listProbedMsg) tea.Cmd {
	if msg.run != m.room.Run || m.room.List == nil {
		return nil
	}
	m.room.List.Probed(msg.err, m.Clock())
	return m.workOn()
}

// heard lets the list know what a patient's own screen was answered.
func (m *model) heard(lamp client.Lamp) tea.Cmd {
	if m.room.List == nil || !m.room.List.Heard(lamp) {
		return nil
	}
	return m.keepList()
}

// forgetList drops the list in hand and the one that is kept.
func (m *model) forgetList() tea.Cmd {
	m.room.Drop()
	if s, ok := screenOf[*worklists.Screen](m.screens); ok {
		s.ShowForm()
		s.Looked(nil)
	}
	n, ctx, shelf, who, order := m.number(), context.WithoutCancel(m.ctx), m.cfg.Worklist.Shelf, m.owner(), m.saves
	m.underWay.remove++
	return func() tea.Msg {
		return listForgottenMsg{order.do(n, func() error { return shelf.Forget(ctx, who) })}
	}
}

// listForgotten says when the kept list could not be removed.
func (m *model) listForgotten(msg listForgottenMsg) tea.Cmd {
	m.underWay.remove--
	if s, ok := screenOf[*worklists.Screen](m.screens); ok && msg.err != nil && m.room.List == nil {
		s.Looked(msg.err)
	}
	return nil
}
