package shell

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
	FlagMsg struct {
		ask     ask.Number
		number  nhs.Number
		answer  recordsystem.Answer
		waiting recordsystem.Waiting
	}
	WaitingMsg struct {
		ask     ask.Number
		waiting recordsystem.Waiting
		err     error // of what was asked for besides; *sealed.Error
		done    underWay
	}
)

// carryOutFlag does what a screen asks for about flags.
func (m *Model) carryOutFlag(a step.Action) tea.Cmd {
	switch a := a.(type) {
	case step.SetFlag:
		return m.flag()
	case find.ShowFlags:
		m.Screens = append(m.Screens, flags.New(&m.Common))
		return m.askWaiting(m.Cfg.Flags.Waiting, underWay{})
	case flags.Retry:
		return m.askWaiting(m.Cfg.Flags.Retry, underWay{flags: 1})
	case flags.Forget:
		return m.askForget(a.Id)
	}
	return nil
}

// flag sets the flag of the patient in hand. It is written to its end, or kept, when the patient is left meanwhile.
func (m *Model) flag() tea.Cmd {
	s, ok := ScreenOf[*patient.Screen](m.Screens)
	if !ok || !s.CanFlag() {
		return nil
	}
	s.Flagging, s.Flagged = true, nil
	id, ctx, flags := m.number(), m.ctx, m.Cfg.Flags
	m.Asked.flag = id
	m.UnderWay.flags++
	f := recordsystem.Flag{
		Number: s.Number, AsOf: s.Lamp.AsOf, Author: recordsystem.Author{UUID: m.In.Person.UUID, Name: m.In.Person.Name},
	}
	return func() tea.Msg {
		answer := flags.Set(ctx, f)
		return FlagMsg{id, f.Number, answer, flags.Waiting(ctx)}
	}
}

// flagCame takes in what became of a flag.
func (m *Model) flagCame(msg FlagMsg) tea.Cmd {
	m.UnderWay.flags--
	if m.Role == nil {
		m.Flags.InMemory = msg.waiting.InMemory()
		return nil
	}
	m.Flags.See(msg.waiting)
	s, ok := ScreenOf[*patient.Screen](m.Screens)
	if !ok || msg.ask != m.Asked.flag || msg.number != s.Number {
		return nil
	}
	m.Asked.flag = 0
	s.Flagging, s.Flagged = false, &msg.answer
	if msg.answer.Err != nil {
		s.Changed()
	}
	return nil
}

// lookForFlags asks what waits, at the beginning of a session.
func (m *Model) lookForFlags() tea.Cmd {
	if m.Cfg.Flags == nil {
		return nil
	}
	return m.askWaiting(m.Cfg.Flags.Waiting, underWay{})
}

// askWaiting asks for what waits, after what is asked for has been done; under is what that is.
func (m *Model) askWaiting(get step.FlagsCall, under underWay) tea.Cmd {
	id, ctx := m.number(), m.ctx
	m.Asked.waiting = id
	m.UnderWay.add(under, 1)
	return func() tea.Msg { return WaitingMsg{ask: id, waiting: get(ctx), done: under} }
}

func (m *Model) askForget(id string) tea.Cmd {
	n, ctx, flags := m.number(), m.ctx, m.Cfg.Flags
	m.Asked.waiting = n
	under := underWay{remove: 1}
	m.UnderWay.add(under, 1)
	return func() tea.Msg {
		_, err := flags.Forget(ctx, id)
		return WaitingMsg{n, flags.Waiting(ctx), err, under}
	}
}

// waitingCame takes in what waits.
func (m *Model) waitingCame(msg WaitingMsg) tea.Cmd {
	m.UnderWay.add(msg.done, -1)
	if msg.ask != m.Asked.waiting {
		return nil
	}
	m.Asked.waiting = 0
	m.Flags.See(msg.waiting)
	if s, ok := ScreenOf[*flags.Screen](m.Screens); ok {
		s.Show(msg.waiting, msg.err)
	}
	return nil
}
