package shell

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/cups"
	"wardlight/internal/printout"
	"wardlight/internal/worklist"
	"wardlight/rbac"
	"wardlight/tui/alert"
	"wardlight/tui/ask"
	"wardlight/tui/patient"
	"wardlight/tui/step"
)

// carryOutPrint carries out the actions of the printing screens. None of them opens an alert: it has been opened
// before.
func (m *Model) carryOutPrint(a step.Action) tea.Cmd {
	switch a := a.(type) {
	case alert.ShowPreview:
		return m.preview()
	case alert.ChoosePrinter:
		return m.askQueues()
	case alert.TakePrinter:
		m.takePrinter(a.Name)
	case alert.Print:
		return m.askPrint()
	case alert.CancelPage:
		return m.askCancelPage()
	}
	return nil
}

// preview shows the printout of the opened alert. The printer is the last one used or the one from the settings.
// Without either, the printers are listed.
func (m *Model) preview() tea.Cmd {
	s, ok := m.Top().(*alert.Opened)
	if !ok || m.Cfg.Printing == nil {
		return nil
	}
	return m.show(alert.NewPreview(&m.Common, s.Patient, m.Sheet(s), m.Printer))
}

// previewList shows the printout of the worklist.
func (m *Model) previewList(o worklist.Order) tea.Cmd {
	list := m.Worklist.List
	if list == nil || m.Cfg.Printing == nil {
		return nil
	}
	sheet := m.sheet()
	sheet.List = &printout.List{Made: m.Worklist.ReadAt, Tally: list.Tally(), Entries: list.Entries(o, m.Location)}
	return m.show(alert.NewPreview(&m.Common, nil, sheet, m.Printer))
}

// show shows a printout. If no printer is known, the printers are listed.
func (m *Model) show(p *alert.Preview) tea.Cmd {
	m.Screens = append(m.Screens, p)
	if m.Printer == "" {
		return m.askQueues()
	}
	return nil
}

// Sheet returns the content of the printout of an opened alert. The time is set when it is printed.
func (m *Model) Sheet(s *alert.Opened) printout.Sheet {
	sheet := m.sheet()
	if p, ok := step.ScreenOf[*patient.Screen](m.Screens); ok {
		sheet = m.patientSheet(p)
		sheet.Flags = p.Lamp.Flags
	}
	sheet.Opened = s.Opened
	return sheet
}

// patientSheet returns the content common to all printouts about the patient of a screen.
func (m *Model) patientSheet(p *patient.Screen) printout.Sheet {
	sheet := m.sheet()
	sheet.Patient.Number = p.Number
	if p.Record != nil {
		sheet.Patient = *p.Record
	}
	return sheet
}

// sheet returns the content common to all printouts: who prints it, and in what role.
func (m *Model) sheet() printout.Sheet {
	s := printout.Sheet{
		Person: m.In.Person.Name, Location: m.Location, Office: m.Office.String(),
		Destroy: m.Cfg.DisposalNote,
	}
	if m.Role != nil {
		s.Role = rbac.RoleProfile{JobName: m.Role.JobName, OrgName: m.Role.OrgName, OrgODS: m.Role.OrgODS}
	}
	return s
}

func (m *Model) askQueues() tea.Cmd {
	s, ok := m.Top().(*alert.Preview)
	if !ok {
		return nil
	}
	s.Looking()
	printing := m.Cfg.Printing
	return command(s.Queues.Ask(m.cardScope.Ctx, printing.Queues))
}

// handlePrinters handles the list of printers. A single printer is chosen without a question, unless the user asked
// for another one.
func (m *Model) handlePrinters(a ask.Answer[[]cups.Queue]) tea.Cmd {
	s, ok := m.Top().(*alert.Preview)
	if !ok || !s.Queues.Accepts(a) {
		return nil
	}
	queues := a.Value
	s.Listed(a.Err)
	switch {
	case a.Err != nil:
	case len(queues) == 1 && s.Printer == "":
		m.Printer = queues[0].Name
		s.Take(m.Printer)
	default:
		m.Screens = append(m.Screens, alert.NewPrinters(&m.Common, s, queues))
	}
	return nil
}

// takePrinter chooses a printer from the list. It stays chosen for later sessions, because it reveals nothing about a
// patient.
func (m *Model) takePrinter(name string) {
	if _, ok := m.Top().(*alert.Printers); !ok {
		return
	}
	m.pop()
	m.Printer = name
	if s, ok := m.Top().(*alert.Preview); ok {
		s.Take(name)
	}
}

// askPrint prints the page on the screen. It is not cancelled when the card is removed, because the user may be on the
// way to the printer. It ends after the timeout of package cups.
func (m *Model) askPrint() tea.Cmd {
	s, ok := m.Top().(*alert.Preview)
	if !ok || s.Printer == "" || s.Busy() {
		return nil
	}
	page := s.Pages().Bytes()
	ctx, printing, printer := m.ctx, m.Cfg.Printing, s.Printer
	m.UnderWay.pages++
	return command(s.Sending.Ask(ctx, func(context.Context) (alert.Job, error) {
		defer clear(page)
		job, err := printing.Print(ctx, printer, page)
		return alert.Job(job), err
	}))
}

// handleSent handles the result of sending a page. It then starts to follow the job, because the print service accepts
// pages for a printer that is switched off too.
func (m *Model) handleSent(a ask.Answer[alert.Job]) tea.Cmd {
	m.UnderWay.pages--
	s, ok := step.ScreenOf[*alert.Preview](m.Screens)
	if !ok || !s.Sending.Accepts(a) {
		return nil
	}
	s.Sent(a.Value, a.Err)
	if a.Err != nil {
		return nil
	}
	ctx, printing := m.ctx, m.Cfg.Printing
	return command(s.Following.Ask(ctx, func(context.Context) (alert.Followed, error) {
		return alert.Followed{}, printing.Follow(ctx, string(a.Value))
	}))
}

// handleFollowed handles the result of following a job.
func (m *Model) handleFollowed(a ask.Answer[alert.Followed]) tea.Cmd {
	if s, ok := step.ScreenOf[*alert.Preview](m.Screens); ok && s.Following.Accepts(a) {
		s.Followed(a.Err)
	}
	return nil
}

// askCancelPage cancels the print job. Like printing, this goes on when the card is removed.
func (m *Model) askCancelPage() tea.Cmd {
	s, ok := m.Top().(*alert.Preview)
	if !ok || !s.Waits() {
		return nil
	}
	ctx, printing, job := m.ctx, m.Cfg.Printing, string(s.Job)
	return command(s.Cancelling.Ask(ctx, func(context.Context) (alert.CancelDone, error) {
		return alert.CancelDone{}, printing.Cancel(ctx, job)
	}))
}

// handleTakenBack handles the result of cancelling the print job.
func (m *Model) handleTakenBack(a ask.Answer[alert.CancelDone]) tea.Cmd {
	if s, ok := step.ScreenOf[*alert.Preview](m.Screens); ok && s.Cancelling.Accepts(a) {
		s.Cancelled(a.Err)
	}
	return nil
}
