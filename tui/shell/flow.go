package shell

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/session"
	"wardlight/internal/worklist"
	"wardlight/tui/alert"
	"wardlight/tui/ask"
	"wardlight/tui/card"
	"wardlight/tui/find"
	"wardlight/tui/flags"
	"wardlight/tui/patient"
	"wardlight/tui/privacy"
	"wardlight/tui/step"
	"wardlight/tui/summary"
)

// CarryOut carries out an action that a screen returned.
func (m *Model) CarryOut(a step.Action) tea.Cmd {
	switch a := a.(type) {
	case card.SignIn:
		return m.withPasscode(m.askSignIn)
	case card.ReadAgain:
		return m.withPasscode(m.readAgain)
	case card.ByBrowser:
		return m.startBrowser()
	case card.LeaveBrowser:
		return m.leaveBrowser()
	case card.TakeCard:
		return m.startCardIn([]cardreader.Reader{{Name: a.Card.Slot, Present: true, ATR: a.Card.ATR}}, "")
	case card.TakeRole:
		return m.chooseRole(a.Role)
	case find.Search:
		if s, ok := m.Top().(*find.Form); ok {
			return m.askFind(s, a.Query)
		}
	case step.Retrieve:
		return m.retrieve(a.Number, nil)
	case patient.AskAgain:
		return m.askAgain()
	case patient.Open:
		return m.open()
	case patient.ShowOpened:
		m.showOpened()
	case step.Back:
		m.back()
	case actNextPatient:
		m.toFind(true)
	case actToFind:
		m.toFind(false)
	case step.SetFlag, find.ShowFlags, flags.Retry, flags.Forget:
		return m.carryOutFlag(a)
	case alert.ShowPreview, alert.ChoosePrinter, alert.TakePrinter, alert.Print, alert.CancelPage:
		return m.carryOutPrint(a)
	case actReports, privacy.Choose, privacy.Make, privacy.List, privacy.ShowAlert, privacy.AskNote, privacy.CloseAlert:
		return m.carryOutReport(a)
	case patient.AskSummary, summary.View, summary.Print:
		return m.carryOutSummary(a)
	case step.ShowReceipt, patient.Copy, patient.SaveReceipt:
		return m.carryOutReceipt(a)
	case actQuit, actLeave, actLock, actSuspend, actHelp, actDiagnose, actCloseDialog, actProbe:
		return m.carryOutGlobal(a)
	default:
		return m.worklistAction(a)
	}

	return nil
}

// carryOutGlobal carries out the actions of all screens and of the dialogs.
func (m *Model) carryOutGlobal(a step.Action) tea.Cmd {
	switch a.(type) {
	case actQuit:
		return m.quit()
	case actLeave:
		return m.Leave()
	case actLock:
		return m.Lock(session.Locked, WordLocked)
	case actSuspend:
		return m.suspend()
	case actHelp:
		m.Dialog = HelpDialog
	case actDiagnose:
		return m.diagnose()
	case actCloseDialog:
		m.closeDialog()
	case actProbe:
		return m.probe()
	}
	return nil
}

// handleFound handles the answer to a search.
func (m *Model) handleFound(a ask.Answer[client.Found]) tea.Cmd {
	s, ok := m.Top().(*find.Form)
	if !ok || !s.Asking.Accepts(a) {
		return nil
	}
	if s.Answered(a.Value, a.Err); a.Err != nil || a.Value.TooMany || len(a.Value.Rows) == 0 {
		return nil
	}
	m.Screens = append(m.Screens, find.NewResults(&m.Common, s.Searched(), a.Value.Rows))
	return nil
}

// retrieve shows a patient. The record and the lamp are requested at the same time. listed is the row of the worklist
// that the number is from, or nil.
func (m *Model) retrieve(n nhs.Number, listed *worklist.Patient) tea.Cmd {
	s := patient.New(&m.Common, n, *m.Role)
	s.Listed = listed
	m.Screens = append(m.Screens, s)
	return tea.Batch(m.askRecord(s), m.askLamp(s))
}

// handleRecord handles a record or the error of requesting one.
func (m *Model) handleRecord(a ask.Answer[client.Patient]) tea.Cmd {
	s, ok := step.ScreenOf[*patient.Screen](m.Screens)
	if !ok || !s.RecordAsked.Accepts(a) {
		return nil
	}

	asked := s.Number
	if a.Err == nil && a.Value.Number != asked && a.Value.AskedFor != asked {
		a.Err = &client.Error{Kind: client.Malformed, Detail: wordOtherRecord}
	}

	if a.Err != nil {
		s.RecordFailed(a.Err)
		m.handleMissingRecord(s)
		return nil
	}

	s.ShowRecord(a.Value)
	if s.Number != asked {
		// The number was superseded. Only the answer for the new number can show that nothing is recorded.
		s.ForgetLamp()
		return m.askLamp(s)
	}

	return nil
}

// handleMissingRecord handles the error that no patient has the number. It waits for the lamp, because a plan can be
// on file under a number without a record: then the alert is shown. Otherwise the user returns to the search to
// correct the number, or the lamp becomes could not check: "none recorded" must not be shown without a record.
func (m *Model) handleMissingRecord(s *patient.Screen) {
	if s.RecordErr == nil || !step.AboutNumber(s.RecordErr) || s.LampAsked.Pending() || s.Lamp.State == client.Alert {
		return
	}
	if find, ok := m.cameFromFind(); ok {
		err := s.RecordErr
		m.back()
		find.NumberRefused(err)
		return
	}
	if s.Lamp.State == client.NoneRecorded {
		s.Lamp = client.Lamp{
			Number: s.Lamp.Number, State: client.CouldNotCheck, RequestID: s.Lamp.RequestID,
			Err: s.RecordErr, Flags: s.Lamp.Flags,
		}
	}
}

// cameFromFind returns the search form if it is the previous screen.
func (m *Model) cameFromFind() (*find.Form, bool) {
	if len(m.Screens) < 2 {
		return nil, false
	}
	s, ok := m.Screens[len(m.Screens)-2].(*find.Form)
	return s, ok
}

// handleLamp handles a lamp. A lamp of another number is treated as a malformed answer.
func (m *Model) handleLamp(a ask.Answer[client.Lamp]) tea.Cmd {
	s, ok := step.ScreenOf[*patient.Screen](m.Screens)
	if !ok || !s.LampAsked.Accepts(a) {
		return nil
	}
	lamp := a.Value
	if (lamp.Answered() || len(lamp.Flags) > 0) && lamp.Number != s.Number {
		lamp = client.Lamp{
			Number: s.Number, State: client.CouldNotCheck, RequestID: lamp.RequestID,
			Err: &client.Error{Kind: client.Malformed, Detail: wordOtherLamp},
		}
	}
	s.ShowLamp(lamp)
	m.handleMissingRecord(s)
	return m.NoteLamp(lamp)
}

// askAgain requests the record, the lamp or both again if they failed and no request is running.
func (m *Model) askAgain() tea.Cmd {
	s, ok := m.Top().(*patient.Screen)
	if !ok {
		return nil
	}
	var cmds []tea.Cmd
	if s.RecordErr != nil {
		s.RecordErr = nil
		cmds = append(cmds, m.askRecord(s))
	}
	if !s.LampAsked.Pending() && s.AsksLampAgain() {
		s.ForgetLamp()
		cmds = append(cmds, m.askLamp(s))
	}
	return tea.Batch(cmds...)
}

// open opens the alert of the patient on the screen, unless it is being opened.
func (m *Model) open() tea.Cmd {
	s, ok := m.Top().(*patient.Screen)
	if !ok || s.Opening.Pending() {
		return nil
	}
	return m.askOpen(s)
}

// handleOpened handles the answer to an opening. If the patient or the session was left meanwhile, the answer is
// reported as unseen.
func (m *Model) handleOpened(a ask.Answer[client.Opened]) tea.Cmd {
	s, ok := step.ScreenOf[*patient.Screen](m.Screens)
	if !ok || !s.Opening.Accepts(a) {
		return m.reportUnseen(a)
	}
	if a.Err == nil && a.Value.Number != s.Number {
		a.Err = &client.Error{Kind: client.Malformed, Detail: wordOtherOpened, OutcomeUnknown: s.Notifies}
	}
	if a.Err != nil {
		s.OpenFailed(a.Err)
		return nil
	}
	s.OpenedWith(a.Value)
	m.showOpened()
	return tea.Batch(m.noteOpened(a.Value), m.NoteLamp(s.Lamp))
}

// reportUnseen reports an answer that could not be shown, so that the next opening of the same patient uses the same
// request id.
func (m *Model) reportUnseen(a ask.Answer[client.Opened]) tea.Cmd {
	if a.Err != nil {
		return nil
	}
	sessions, ctx, id := m.Cfg.Sessions, m.ctx, a.Value.RequestID
	return func() tea.Msg {
		_ = sessions.MarkUnseen(ctx, id) // the id is in memory anyway
		return nil
	}
}

func (m *Model) showOpened() {
	if s, ok := m.Top().(*patient.Screen); ok && s.Opened != nil {
		m.Screens = append(m.Screens, alert.NewOpened(&m.Common, s, *s.Opened))
	}
}

// back returns to the previous screen and drops the requests of this one. If a search is running, or a report is being
// made, it only cancels that.
func (m *Model) back() {
	switch f := m.Top().(type) {
	case *find.Form:
		if f.Asking.Pending() {
			f.Asking.Drop()
			return
		}
	case *privacy.Form:
		if f.Stop() {
			return
		}
	}
	if len(m.Screens) < 2 {
		return
	}
	m.pop()
	if _, ok := m.Top().(*card.Roles); ok {
		m.Role = nil
		m.Worklist.Drop()
	}
}

// pop removes the current screen and wipes its data.
func (m *Model) pop() {
	s := m.Top()
	m.saveSearchPrefs()
	s.Wipe()
	m.Screens = m.Screens[:len(m.Screens)-1]
}

// toFind returns to the search form and drops the patient and the results. If afresh is set the form is emptied.
func (m *Model) toFind(afresh bool) {
	for len(m.Screens) > 1 {
		if _, ok := m.Top().(*find.Form); ok {
			break
		}
		m.pop()
	}
	if f, ok := m.Top().(*find.Form); ok {
		f.Reset(afresh)
	}
}

func (m *Model) askFind(s *find.Form, q client.Query) tea.Cmd {
	sessions := m.Cfg.Sessions
	return command(s.Asking.Ask(m.cardScope.Ctx, func(ctx context.Context) (client.Found, error) {
		return sessions.Find(ctx, q)
	}))
}

func (m *Model) askRecord(s *patient.Screen) tea.Cmd {
	sessions, n := m.Cfg.Sessions, s.Number
	return command(s.RecordAsked.Ask(m.cardScope.Ctx, func(ctx context.Context) (client.Patient, error) {
		return sessions.Patient(ctx, n)
	}))
}

func (m *Model) askLamp(s *patient.Screen) tea.Cmd {
	sessions, n := m.Cfg.Sessions, s.Number
	return command(s.LampAsked.Ask(m.cardScope.Ctx, func(ctx context.Context) (client.Lamp, error) {
		return sessions.Lamp(ctx, n), nil
	}))
}

func (m *Model) askOpen(s *patient.Screen) tea.Cmd {
	sessions, n := m.Cfg.Sessions, s.Number
	return command(s.Opening.Ask(m.cardScope.Ctx, func(ctx context.Context) (client.Opened, error) {
		return sessions.Open(ctx, n)
	}))
}
