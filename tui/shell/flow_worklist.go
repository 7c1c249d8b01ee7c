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
	"wardlight/tui/patient"
	"wardlight/tui/step"
	worklists "wardlight/tui/worklist"
)

// The messages of the worklist. run is the number of the list, so that messages of an earlier list can be ignored.
type (
	ListReplyMsg struct {
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
	listRemovedMsg struct{ err error }
)

// handleWorklist handles the messages and answers about worklists.
func (m *Model) handleWorklist(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case ask.Answer[*worklist.SavedList]:
		return m.handleSavedList(msg)
	case ask.Answer[worklist.List]:
		return m.handleList(msg)
	case ask.Answer[worklists.Saved]:
		return m.handleSaved(msg)
	case ListReplyMsg:
		return m.handleListReply(msg)
	case listProbedMsg:
		return m.handleListProbe(msg)
	case ListSavedMsg:
		return m.handleListSaved(msg)
	case listRemovedMsg:
		return m.handleListRemoved(msg)
	}
	return nil
}

// owner returns the owner under which the list is saved.
func (m *Model) owner() worklist.Owner {
	return worklist.Owner{Person: m.In.Person.UUID, Organisation: m.Role.OrgODS}
}

// worklistAction carries out the actions of the worklist screen.
func (m *Model) worklistAction(a step.Action) tea.Cmd {
	switch a := a.(type) {
	case actWorklist:
		return m.toWorklist()
	case actNextListed:
		return m.nextListed()
	case worklists.Show:
		return m.retrieve(a.Patient.Number, &a.Patient)
	case worklists.UseSaved:
		if k := m.Worklist.Saved; k != nil {
			return m.startList(k.Check(m.In.Person.UUID, m.Cfg.Worklist.Rate), k.ReadAt, worklist.List{})
		}
	case worklists.Load:
		return m.readList(a.Path)
	case worklists.Replace:
		return m.startRead(m.Worklist.Pending)
	case worklists.LeaveAsItIs:
		m.Worklist.Pending = worklist.List{}
	case worklists.Print:
		return m.previewList(a.Order)
	case worklists.Save:
		return m.saveTable(a)
	case worklists.Forget:
		return m.removeList()
	case worklists.AskAgain:
		if m.Worklist.List != nil {
			m.Worklist.List.Restart(m.Clock())
			return m.requestNext()
		}
	}

	return nil
}

// toWorklist shows the worklist. If no list is active, it looks for a saved one.
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
	m.Screens = append(m.Screens, worklists.New(&m.Common, &m.Worklist, m.Cfg.Worklist.MaxAnswerAge, m.In.Person.UUID))
	return m.lookForSavedList()
}

// fromList returns the worklist screen if the current patient was chosen from it.
func (m *Model) fromList() (*worklists.Screen, bool) {
	p, ok := step.ScreenOf[*patient.Screen](m.Screens)
	if !ok || p.Listed == nil {
		return nil, false
	}
	return step.ScreenOf[*worklists.Screen](m.Screens)
}

// nextListed shows the next patient of the list or, after the last, the list.
func (m *Model) nextListed() tea.Cmd {
	list, ok := m.fromList()
	if !ok {
		return nil
	}
	for m.Top() != step.Screen(list) {
		m.pop()
	}
	if p, more := list.Next(); more {
		return m.retrieve(p.Number, &p)
	}
	return nil
}

func (m *Model) lookForSavedList() tea.Cmd {
	if m.Worklist.List != nil || m.Worklist.Saved != nil {
		return nil
	}
	shelf, who, now := m.Cfg.Worklist.Store, m.owner(), m.Clock()
	return command(m.Worklist.Looking.Ask(m.cardScope.Ctx, func(ctx context.Context) (*worklist.SavedList, error) {
		return shelf.LoadSaved(ctx, who, now)
	}))
}

// handleSavedList handles the saved list, if there is one. If a file was named at the start, it is read next.
func (m *Model) handleSavedList(a ask.Answer[*worklist.SavedList]) tea.Cmd {
	if !m.Worklist.Looking.Accepts(a) {
		return nil
	}
	m.Worklist.Saved = a.Value
	s, ok := step.ScreenOf[*worklists.Screen](m.Screens)
	if !ok {
		return nil
	}
	s.ShowSaved(a.Err)
	if path := m.Cfg.Worklist.File; path != "" {
		m.Cfg.Worklist.File = ""
		s.Path.Set(path)
		return m.readList(path)
	}
	return nil
}

func (m *Model) readList(path string) tea.Cmd {
	shelf, today := m.Cfg.Worklist.Store, nhs.DateOf(m.Now())
	return command(m.Worklist.Reading.Ask(m.cardScope.Ctx, func(ctx context.Context) (worklist.List, error) {
		return shelf.ReadList(ctx, path, today)
	}))
}

// handleList handles a list that was read. If the same list is saved unfinished, it continues with that. Before it
// replaces another unfinished list, it asks for confirmation.
func (m *Model) handleList(a ask.Answer[worklist.List]) tea.Cmd {
	if !m.Worklist.Reading.Accepts(a) {
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

	tally, unfinished := m.Worklist.Unfinished(m.In.Person.UUID)
	switch {
	case unfinished && m.Worklist.List == nil && m.Worklist.Saved.Same(a.Value.Patients):
		return m.worklistAction(worklists.UseSaved{})
	case unfinished:
		m.Worklist.Pending = a.Value
		s.AskReplace(tally)
		return nil
	}

	return m.startRead(a.Value)
}

// startRead starts the check of a list that was read from a file.
func (m *Model) startRead(l worklist.List) tea.Cmd {
	return m.startList(worklist.NewCheck(l.Patients, m.Cfg.Worklist.Rate), m.Now(), l)
}

// startList starts the check of a list. Requests begin only after the list was saved, or saving it has failed.
func (m *Model) startList(list *worklist.Check, made time.Time, from worklist.List) tea.Cmd {
	m.Worklist.Drop()
	m.Worklist.Scope.Renew(m.cardScope.Ctx)
	m.Worklist.List, m.Worklist.ReadAt, m.Worklist.Run = list, made, m.number()
	from.Patients = nil
	m.Worklist.From = from
	if s, ok := step.ScreenOf[*worklists.Screen](m.Screens); ok {
		s.ShowList()
	}
	return m.saveList()
}

// saveList saves the list. Only one save runs at a time; changes during it are saved afterwards.
func (m *Model) saveList() tea.Cmd {
	r := &m.Worklist
	if r.Saving {
		r.Changed = true
		return nil
	}
	r.Saving, r.Changed = true, false
	// The save is not cancelled with the session.
	run, n, ctx, shelf, who := r.Run, m.number(), context.WithoutCancel(m.ctx), m.Cfg.Worklist.Store, m.owner()
	b, order := r.List.Encode(r.ReadAt, who.Person), m.saves
	return func() tea.Msg {
		defer clear(b)
		return ListSavedMsg{run, order.Do(n, func() error { return shelf.SaveList(ctx, who, b) })}
	}
}

func (m *Model) handleListSaved(msg ListSavedMsg) tea.Cmd {
	r := &m.Worklist
	if msg.run != r.Run || r.List == nil {
		return nil
	}
	r.Saving, r.SaveErr = false, msg.err
	var save tea.Cmd
	if r.Changed {
		save = m.saveList()
	}
	if r.Started {
		return save
	}
	r.Started = true
	return tea.Batch(save, m.requestNext())
}

// requestNext makes the next requests of the list.
func (m *Model) requestNext() tea.Cmd {
	r := &m.Worklist
	if r.List == nil || !r.Started {
		return nil
	}

	r.Tick = 0
	jobs, wait := m.listRunner().Next(m.Clock())
	run, ctx := r.Run, r.Scope.Ctx
	var cmds []tea.Cmd
	for _, job := range jobs {
		cmds = append(cmds, func() tea.Msg {
			if job.Probe {
				return listProbedMsg{run, job.Do(ctx)}
			}
			return ListReplyMsg{run, job.Do(ctx)}
		})
	}

	if wait > 0 {
		r.Tick = m.number()
		cmds = append(cmds, m.After(wait, TickMsg{r.Tick}))
	}

	return tea.Batch(cmds...)
}

// listRunner returns the session.Worklist of the active list.
func (m *Model) listRunner() *session.Worklist {
	w := &session.Worklist{List: m.Worklist.List, Checker: m.Cfg.Sessions}
	if probe := m.Cfg.Probe; probe != nil {
		w.Probe = func(ctx context.Context) error { return probe(ctx).Err }
	}
	return w
}

func (m *Model) handleListReply(msg ListReplyMsg) tea.Cmd {
	if msg.Run != m.Worklist.Run || m.Worklist.List == nil {
		return nil
	}
	m.listRunner().HandleReply(msg.Reply, m.Clock())
	return tea.Batch(m.saveList(), m.requestNext())
}

func (m *Model) handleListProbe(msg listProbedMsg) tea.Cmd {
	if msg.run != m.Worklist.Run || m.Worklist.List == nil {
		return nil
	}
	m.listRunner().HandleReply(msg.reply, m.Clock())
	return m.requestNext()
}

// NoteLamp records in the list an answer that was requested on a patient's screen.
func (m *Model) NoteLamp(lamp client.Lamp) tea.Cmd {
	if m.Worklist.List == nil || !m.Worklist.List.RecordOtherLamp(lamp) {
		return nil
	}
	return m.saveList()
}

// saveTable writes the list to a file. It is not cancelled with the session.
func (m *Model) saveTable(a worklists.Save) tea.Cmd {
	if m.Worklist.List == nil {
		return nil
	}
	table, shelf, ctx := m.Worklist.List.CSV(a.Order, m.Location), m.Cfg.Worklist.Store, m.ctx
	return command(m.Worklist.Writing.Ask(ctx, func(context.Context) (worklists.Saved, error) {
		defer clear(table)
		return worklists.Saved{}, shelf.WriteTable(ctx, a.Path, table)
	}))
}

// handleSaved handles the result of saving the list to a file.
func (m *Model) handleSaved(a ask.Answer[worklists.Saved]) tea.Cmd {
	if !m.Worklist.Writing.Accepts(a) {
		return nil
	}
	if s, ok := step.ScreenOf[*worklists.Screen](m.Screens); ok {
		s.Wrote(a.Err)
	}
	return nil
}

// noteOpened records in the list that an alert was opened.
func (m *Model) noteOpened(o client.Opened) tea.Cmd {
	if m.Worklist.List == nil || !m.Worklist.List.NoteOpened(o.Number, o.AsOf) {
		return nil
	}
	return m.saveList()
}

// removeList removes the active list and the saved one.
func (m *Model) removeList() tea.Cmd {
	m.Worklist.Drop()
	if s, ok := step.ScreenOf[*worklists.Screen](m.Screens); ok {
		s.ShowForm()
		s.ShowSaved(nil)
	}
	n, ctx, shelf, who, order := m.number(), context.WithoutCancel(m.ctx), m.Cfg.Worklist.Store, m.owner(), m.saves
	m.UnderWay.remove++
	return func() tea.Msg {
		return listRemovedMsg{order.Do(n, func() error { return shelf.RemoveSaved(ctx, who) })}
	}
}

// handleListRemoved shows an error if the saved list could not be removed.
func (m *Model) handleListRemoved(msg listRemovedMsg) tea.Cmd {
	m.UnderWay.remove--
	if s, ok := step.ScreenOf[*worklists.Screen](m.Screens); ok && msg.err != nil && m.Worklist.List == nil {
		s.ShowSaved(msg.err)
	}
	return nil
}
