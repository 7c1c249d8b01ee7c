package shell

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/recordsystem"
	"wardlight/tui/ask"
	"wardlight/tui/find"
	"wardlight/tui/flags"
	"wardlight/tui/patient"
	"wardlight/tui/step"
)

// carryOutFlag carries out the actions about flags.
func (m *Model) carryOutFlag(a step.Action) tea.Cmd {
	switch a := a.(type) {
	case step.SetFlag:
		return m.flag()
	case find.ShowFlags:
		m.Screens = append(m.Screens, flags.New(&m.Common))
		return m.askWaiting(m.Cfg.Flags.Pending, step.FlagsReply{})
	case flags.Retry:
		return m.askWaiting(m.Cfg.Flags.Retry, step.FlagsReply{Retried: true})
	case flags.Forget:
		return m.askForget(a.Id)
	}
	return nil
}

// flag sets the flag of the current patient. The request goes on if the patient is left meanwhile, and a flag that
// can't be written is stored.
func (m *Model) flag() tea.Cmd {
	s, ok := step.ScreenOf[*patient.Screen](m.Screens)
	if !ok || !s.CanFlag() {
		return nil
	}
	ctx, flags := m.ctx, m.Cfg.Flags
	m.UnderWay.flags++
	f := recordsystem.Flag{
		Number: s.Number, AsOf: s.Lamp.AsOf, Author: recordsystem.Author{
			UUID: m.In.Person.UUID,
			Name: m.In.Person.Name,
		},
	}
	s.Flagged = nil
	return command(s.Flagging.Ask(ctx, func(context.Context) (patient.FlagSet, error) {
		answer := flags.Set(ctx, f)
		return patient.FlagSet{Answer: answer, Waiting: flags.Pending(ctx)}, nil
	}))
}

// handleFlagSet handles the result of setting a flag.
func (m *Model) handleFlagSet(a ask.Answer[patient.FlagSet]) tea.Cmd {
	m.UnderWay.flags--
	if m.Role == nil {
		m.Flags.InMemory = a.Value.Waiting.InMemory()
		return nil
	}
	m.Flags.Update(a.Value.Waiting)
	s, ok := step.ScreenOf[*patient.Screen](m.Screens)
	if !ok || !s.Flagging.Accepts(a) {
		return nil
	}
	s.Flagged = &a.Value.Answer
	if s.Flagged.Err != nil {
		s.Changed()
	}
	return nil
}

// lookForFlags requests the pending flags, at the start of a session.
func (m *Model) lookForFlags() tea.Cmd {
	if m.Cfg.Flags == nil {
		return nil
	}
	return m.askWaiting(m.Cfg.Flags.Pending, step.FlagsReply{})
}

// askWaiting calls get, which returns the pending flags. It is not cancelled with the session. of describes the
// operation.
func (m *Model) askWaiting(get step.FlagsCall, of step.FlagsReply) tea.Cmd {
	ctx := m.ctx
	m.UnderWay.add(doing(of), 1)
	return command(m.Flags.Asked.Ask(ctx, func(context.Context) (step.FlagsReply, error) {
		of.PendingFlags = get(ctx)
		return of, nil
	}))
}

func (m *Model) askForget(id string) tea.Cmd {
	ctx, flags, of := m.ctx, m.Cfg.Flags, step.FlagsReply{Removed: true}
	m.UnderWay.add(doing(of), 1)
	return command(m.Flags.Asked.Ask(ctx, func(context.Context) (step.FlagsReply, error) {
		_, err := flags.Forget(ctx, id)
		of.PendingFlags = flags.Pending(ctx)
		return of, err
	}))
}

// doing returns the counts of operations that must not be cut off, for a call described by w.
func doing(w step.FlagsReply) runningOps {
	switch {
	case w.Retried:
		return runningOps{flags: 1}
	case w.Removed:
		return runningOps{remove: 1}
	default:
		return runningOps{}
	}
}

// handleWaiting handles the list of pending flags.
func (m *Model) handleWaiting(a ask.Answer[step.FlagsReply]) tea.Cmd {
	m.UnderWay.add(doing(a.Value), -1)
	if !m.Flags.Asked.Accepts(a) {
		return nil
	}
	m.Flags.Update(a.Value.PendingFlags)
	if s, ok := step.ScreenOf[*flags.Screen](m.Screens); ok {
		s.Show(a.Value.PendingFlags, a.Err)
	}
	return nil
}
