package tui

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/nhs"
	"wardlight/internal/recordsystem"
	"wardlight/tui/ask"
	"wardlight/tui/find"
	"wardlight/tui/flags"
	"wardlight/tui/patient"
	"wardlight/tui/step"
)

// The actions and answers about flags.
type (
	flagMsg struct {
		ask     ask.Number
		number  nhs.Number
		answer  recordsystem.Answer
		waiting recordsystem.Waiting
	}
	waitingMsg struct {
		ask     ask.Number
		waiting recordsystem.Waiting
		err     error // of what was asked for besides; *sealed.Error
		done    underWay
	}
)

// carryOutFlag does what a screen asks for about flags.
func (m *model) carryOutFlag(a step.Action) tea.Cmd {
	switch a := a.(type) {
	case step.SetFlag:
		return m.flag()
	case find.ShowFlags:
		m.screens = append(m.screens, flags.New(&m.Common))
		return m.askWaiting(m.cfg.Flags.Waiting, underWay{})
	case flags.Retry:
		return m.askWaiting(m.cfg.Flags.Retry, underWay{flags: 1})
	case flags.Forget:
		return m.askForget(a.Id)
	}
	return nil
}

// flag sets the flag of the patient in hand. It is written to its end, or kept, when the patient is left meanwhile.
func (m *model) flag() tea.Cmd {
	s, ok := screenOf[*patient.Screen](m.screens)
	if !ok || !s.CanFlag() {
		return nil
	}
	s.Flagging, s.Flagged = true, nil
	id, ctx, flags := m.number(), m.ctx, m.cfg.Flags
	m.asked.flag = id
	m.underWay.flags++
	f := recordsystem.Flag{
		Number: s.Number, AsOf: s.Lamp.AsOf, Author: recordsystem.Author{UUID: m.in.Person.UUID, Name: m.in.Person.Name},
	}
	return func() tea.Msg {
		answer := flags.Set(ctx, f)
		return flagMsg{id, f.Number, answer, flags.Waiting(ctx)}
	}
}

// flagCame takes in what became of a flag.
func (m *model) flagCame(msg flagMsg) tea.Cmd {
	m.underWay.flags--
	if m.role == nil {
		m.Flags.InMemory = msg.waiting.InMemory()
		return nil
	}
	m.Flags.See(msg.waiting)
	s, ok := screenOf[*patient.Screen](m.screens)
	if !ok || msg.ask != m.asked.flag || msg.number != s.Number {
		return nil
	}
	m.asked.flag = 0
	s.Flagging, s.Flagged = false, &msg.answer
	if msg.answer.Err != nil {
		s.Changed()
	}
	return nil
}

// lookForFlags asks what waits, at the beginning of a session.
func (m *model) lookForFlags() tea.Cmd {
	if m.cfg.Flags == nil {
		return nil
	}
	return m.askWaiting(m.cfg.Flags.Waiting, underWay{})
}

// askWaiting asks for what waits, after what is asked for has been done; under is what that is.
func (m *model) askWaiting(get step.FlagsCall, under underWay) tea.Cmd {
	id, ctx := m.number(), m.ctx
	m.asked.waiting = id
	m.underWay.add(under, 1)
	return func() tea.Msg { return waitingMsg{ask: id, waiting: get(ctx), done: under} }
}

func (m *model) askForget(id string) tea.Cmd {
	n, ctx, flags := m.number(), m.ctx, m.cfg.Flags
	m.asked.waiting = n
	under := underWay{remove: 1}
	m.underWay.add(under, 1)
	return func() tea.Msg {
		_, err := flags.Forget(ctx, id)
		return waitingMsg{n, flags.Waiting(ctx), err, under}
	}
}

// waitingCame takes in what waits.
func (m *model) waitingCame(msg waitingMsg) tea.Cmd {
	m.underWay.add(msg.done, -1)
	if msg.ask != m.asked.waiting {
		return nil
	}
	m.asked.waiting = 0
	m.Flags.See(msg.waiting)
	if s, ok := screenOf[*flags.Screen](m.screens); ok {
		s.Show(msg.waiting, msg.err)
	}
	return nil
}
