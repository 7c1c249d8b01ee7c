package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
	"wardlight/internal/worklist"
)

// The actions of the worklist.
type (
	actWorklist    struct{}
	actTakeKept    struct{}
	actLoadList    struct{ path string }
	actReplaceList struct{} // the file that was read takes the place of what is there
	actLeaveList   struct{} // it does not
	actForgetList  struct{}
	actListAgain   struct{} // asks again about everybody without an answer
)

// The messages of the worklist. run is the list's number, ask that of a question about no list yet.
type (
	keptListMsg struct {
		ask  ask
		kept *worklist.Kept
		err  error
	}
	listReadMsg struct {
		ask      ask
		patients []worklist.Patient
		err      error
	}
	listLampMsg struct {
		run   ask
		reply session.ListReply
	}
	listProbedMsg struct {
		run   ask
		reply session.ListReply
	}
	listSavedMsg struct {
		run ask
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
func (m *model) worklistAction(a action) tea.Cmd {
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
		return m.beginList(worklist.NewCheck(m.room.pending, m.cfg.Worklist.Rate), m.now())
	case actLeaveList:
		m.room.pending = nil
	case actForgetList:
		return m.forgetList()
	case actListAgain:
		if m.room.list != nil {
			m.room.list.Restart(m.clock())
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
	m.screens = append(m.screens, newWorklistScreen(&m.common, &m.room, m.cfg.Worklist.Old, m.in.Person.UUID))
	return m.lookForKept()
}

func (m *model) lookForKept() tea.Cmd {
	if m.room.list != nil || m.room.kept != nil {
		return nil
	}
	m.room.life.renew(m.cardLife.ctx)
	id, ctx, shelf, who, now := m.number(), m.room.life.ctx, m.cfg.Worklist.Shelf, m.owner(), m.clock()
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
		s.path.set(path)
		return m.readList(path)
	}
	return nil
}

func (m *model) readList(path string) tea.Cmd {
	id, ctx, shelf, today := m.number(), m.cardLife.ctx, m.cfg.Worklist.Shelf, nhs.DateOf(m.now())
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
	return m.beginList(worklist.NewCheck(msg.patients, m.cfg.Worklist.Rate), m.now())
}

// beginList takes a list in hand. Nobody is asked about before it has been kept, or is known to be only in memory.
func (m *model) beginList(list *worklist.Check, made time.Time) tea.Cmd {
	m.room.drop()
	m.room.life.renew(m.cardLife.ctx)
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
	jobs, wait := m.listRunner().Next(m.clock())
	run, ctx := r.run, r.life.ctx
	var cmds []tea.Cmd
	for _, job := range jobs {
		cmds = append(cmds, func() tea.Msg {
			if job.Probe {
				return listProbedMsg{run, job.Do(ctx)}
			}
			return listLampMsg{run, job.Do(ctx)}
		})
	}
	if wait > 0 {
		r.tick = m.number()
		cmds = append(cmds, m.after(wait, tickMsg{r.tick}))
	}
	return tea.Batch(cmds...)
}

// listRunner returns what asks about the patients of the list.
func (m *model) listRunner() *session.Worklist {
	w := &session.Worklist{List: m.room.list, Desk: m.cfg.Desk}
	if probe := m.cfg.Probe; probe != nil {
		w.Probe = func(ctx context.Context) error { return probe(ctx).Err }
	}
	return w
}

func (m *model) listLampCame(msg listLampMsg) tea.Cmd {
	if msg.run != m.room.run || m.room.list == nil {
		return nil
	}
	m.listRunner().Take(msg.reply, m.clock())
	return tea.Batch(m.keepList(), m.workOn())
}

func (m *model) listProbed(msg listProbedMsg) tea.Cmd {
	if msg.run != m.room.run || m.room.list == nil {
		return nil
	}
	m.listRunner().Take(msg.reply, m.clock())
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
