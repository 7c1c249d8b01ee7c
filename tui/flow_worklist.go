package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/worklist"
	"wardlight/tui/ask"
	"wardlight/tui/step"
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
	case actTakeKept:
		if k := m.room.kept; k != nil {
			return m.beginList(k.Check(m.in.Person.UUID, m.cfg.Worklist.Rate), k.Made)
		}
	case actLoadList:
		return m.readList(a.path)
	case actReplaceList:
		return m.beginList(worklist.NewCheck(m.room.pending, m.cfg.Worklist.Rate), m.Now())
	case actLeaveList:
		m.room.pending = nil
	case actForgetList:
		return m.forgetList()
	case actListAgain:
		if m.room.list != nil {
			m.room.list.Restart(m.Clock())
			return m.workOn()
		}
	}
	return nil
}

// toWorklist shows the worklist, and looks whether a list is kept when there is none in hand.
func (m *model) toWorklist() tea.Cmd {
	for len(m.screens) > 1 {
		if _, ok := m.top().(*worklistScreen); ok {
			return nil
		}
		if f, ok := m.top().(*findScreen); ok {
			m.asked.find = 0
			f.cancelled()
			break
		}
		m.pop()
	}
	m.screens = append(m.screens, newWorklistScreen(&m.Common, &m.room, m.cfg.Worklist.Old, m.in.Person.UUID))
	return m.lookForKept()
}

func (m *model) lookForKept() tea.Cmd {
	if m.room.list != nil || m.room.kept != nil {
		return nil
	}
	m.room.life.Renew(m.cardLife.Ctx)
	id, ctx, shelf, who, now := m.number(), m.room.life.Ctx, m.cfg.Worklist.Shelf, m.owner(), m.Clock()
	m.room.looking = id
	return func() tea.Msg {
		kept, err := shelf.Kept(ctx, who, now)
		return keptListMsg{id, kept, err}
	}
}

// keptListCame takes in whether a list is kept. With a file named at the start, that is read next.
func (m *model) keptListCame(msg keptListMsg) tea.Cmd {
	if msg.ask != m.room.looking || msg.ask == 0 {
		return nil
	}
	m.room.looking, m.room.kept = 0, msg.kept
	s, ok := screenOf[*worklistScreen](m.screens)
	if !ok {
		return nil
	}
	s.looked(msg.err)
	if path := m.cfg.Worklist.File; path != "" {
		m.cfg.Worklist.File = ""
		s.path.Set(path)
		return m.readList(path)
	}
	return nil
}

func (m *model) readList(path string) tea.Cmd {
	id, ctx, shelf, today := m.number(), m.cardLife.Ctx, m.cfg.Worklist.Shelf, nhs.DateOf(m.Now())
	m.room.reading = id
	return func() tea.Msg {
		patients, err := shelf.Read(ctx, path, today)
		return listReadMsg{id, patients, err}
	}
}

// listRead takes in a list that was read: it goes on with the same one that was kept, and takes the place of an unfinished one
// only when the user says so.
func (m *model) listRead(msg listReadMsg) tea.Cmd {
	if msg.ask != m.room.reading || msg.ask == 0 {
		return nil
	}
	m.room.reading = 0
	s, ok := screenOf[*worklistScreen](m.screens)
	if !ok {
		return nil
	}
	if msg.err != nil {
		s.refused(msg.err)
		return nil
	}
	tally, unfinished := m.room.unfinished(m.in.Person.UUID)
	switch {
	case unfinished && m.room.list == nil && m.room.kept.Same(msg.patients):
		return m.worklistAction(actTakeKept{})
	case unfinished:
		m.room.pending = msg.patients
		s.askReplace(tally)
		return nil
	}
	return m.beginList(worklist.NewCheck(msg.patients, m.cfg.Worklist.Rate), m.Now())
}

// beginList takes a list in hand. Nobody is asked about before it has been kept, or is known to be only in memory.
func (m *model) beginList(list *worklist.Check, made time.Time) tea.Cmd {
	m.room.drop()
	m.room.life.Renew(m.cardLife.Ctx)
	m.room.list, m.room.made, m.room.run = list, made, m.number()
	if s, ok := screenOf[*worklistScreen](m.screens); ok {
		s.showList()
	}
	return m.keepList()
}

// keepList keeps the list as it stands. One saving goes on at a time; what changes meanwhile is saved after it.
func (m *model) keepList() tea.Cmd {
	r := &m.room
	if r.saving {
		r.changed = true
		return nil
	}
	r.saving, r.changed = true, false
	// What is being kept is kept to its end, whatever becomes of the session.
	run, n, ctx, shelf, who := r.run, m.number(), context.WithoutCancel(m.ctx), m.cfg.Worklist.Shelf, m.owner()
	b, order := r.list.Keep(r.made, who.Person), m.saves
	return func() tea.Msg {
		defer clear(b)
		return listSavedMsg{run, order.do(n, func() error { return shelf.Keep(ctx, who, b) })}
	}
}

func (m *model) listSaved(msg listSavedMsg) tea.Cmd {
	r := &m.room
	if msg.run != r.run || r.list == nil {
		return nil
	}
	r.saving, r.unkept = false, msg.err
	var save tea.Cmd
	if r.changed {
		save = m.keepList()
	}
	if r.begun {
		return save
	}
	r.begun = true
	return tea.Batch(save, m.workOn())
}

// workOn does what the list has next.
func (m *model) workOn() tea.Cmd {
	r := &m.room
	if r.list == nil || !r.begun {
		return nil
	}
	r.tick = 0
	step := r.list.Next(m.Clock())
	run, ctx := r.run, r.life.Ctx
	var cmds []tea.Cmd
	for _, at := range step.Ask {
		desk, n := m.cfg.Desk, r.list.Patient(at).Number
		cmds = append(cmds, func() tea.Msg { return listLampMsg{run, at, desk.Lamp(ctx, n)} })
	}
	if step.Probe {
		cmds = append(cmds, m.probeForList(run, ctx))
	}
	if step.Wait > 0 {
		r.tick = m.number()
		cmds = append(cmds, m.after(step.Wait, tickMsg{r.tick}))
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
	if msg.run != m.room.run || m.room.list == nil {
		return nil
	}
	m.room.list.Take(msg.at, msg.lamp, m.Clock())
	return tea.Batch(m.keepList(), m.workOn())
}

func (m *model) listProbed(msg listProbedMsg) tea.Cmd {
	if msg.run != m.room.run || m.room.list == nil {
		return nil
	}
	m.room.list.Probed(msg.err, m.Clock())
	return m.workOn()
}

// heard lets the list know what a patient's own screen was answered.
func (m *model) heard(lamp client.Lamp) tea.Cmd {
	if m.room.list == nil || !m.room.list.Heard(lamp) {
		return nil
	}
	return m.keepList()
}

// forgetList drops the list in hand and the one that is kept.
func (m *model) forgetList() tea.Cmd {
	m.room.drop()
	if s, ok := screenOf[*worklistScreen](m.screens); ok {
		s.showForm()
		s.looked(nil)
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
	if s, ok := screenOf[*worklistScreen](m.screens); ok && msg.err != nil && m.room.list == nil {
		s.looked(msg.err)
	}
	return nil
}
