package tui

import (
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/cups"
	"wardlight/internal/paper"
	"wardlight/rbac"
	"wardlight/tui/alert"
	"wardlight/tui/ask"
	"wardlight/tui/patient"
	"wardlight/tui/step"
)

// The messages of printing.
type (
	queuesMsg struct {
		ask    ask.Number
		queues []cups.Queue
		err    error
	}
	printedMsg struct {
		ask ask.Number
		job string
		err error
	}
	followedMsg struct {
		ask ask.Number
		err error
	}
	cancelledMsg struct {
		ask ask.Number
		err error
	}
)

// carryOutPrint does what the screens of printing ask for. None of it opens anything: what is printed has been opened.
func (m *model) carryOutPrint(a step.Action) tea.Cmd {
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

// preview shows the opened alert as it will be on paper. The printer is the one of last time, or the one of the settings;
// where there is neither, the printers are listed.
func (m *model) preview() tea.Cmd {
	s, ok := m.top().(*alert.Opened)
	if !ok || m.cfg.Printing == nil {
		return nil
	}
	m.screens = append(m.screens, alert.NewPreview(&m.Common, s.Patient, m.sheet(s), m.printer))
	if m.printer == "" {
		return m.askQueues()
	}
	return nil
}

// sheet is what goes on the paper, but for the time of the printing.
func (m *model) sheet(s *alert.Opened) paper.Sheet {
	sheet := paper.Sheet{Opened: s.Opened, Person: m.in.Person.Name, Location: m.Location, Office: m.Office.String(), Destroy: m.cfg.Destroy}
	if m.role != nil {
		sheet.Role = rbac.RoleProfile{JobName: m.role.JobName, OrgName: m.role.OrgName, OrgODS: m.role.OrgODS}
	}
	if p, ok := screenOf[*patient.Screen](m.screens); ok {
		sheet.Patient.Number = p.Number
		if p.Record != nil {
			sheet.Patient = *p.Record
		}
	}
	return sheet
}

func (m *model) askQueues() tea.Cmd {
	s, ok := m.top().(*alert.Preview)
	if !ok {
		return nil
	}
	s.Looking()
	id, ctx, printing := m.number(), m.patientLife.Ctx, m.cfg.Printing
	m.asked.queues = id
	return func() tea.Msg {
		queues, err := printing.Queues(ctx)
		return queuesMsg{id, queues, err}
	}
}

// queuesCame takes in the printers. The only one is taken silently, unless the user asked for another.
func (m *model) queuesCame(msg queuesMsg) tea.Cmd {
	s, ok := m.top().(*alert.Preview)
	if !ok || msg.ask != m.asked.queues {
		return nil
	}
	m.asked.queues = 0
	s.Listed(msg.err)
	switch {
	case msg.err != nil:
	case len(msg.queues) == 1 && s.Printer == "":
		m.printer = msg.queues[0].Name
		s.Take(m.printer)
	default:
		m.screens = append(m.screens, alert.NewPrinters(&m.Common, s, msg.queues))
	}
	return nil
}

// takePrinter leaves the list of printers with one of them, which is the desk's from now on: it is no secret of a patient's.
func (m *model) takePrinter(name string) {
	if _, ok := m.top().(*alert.Printers); !ok {
		return
	}
	m.pop()
	m.printer = name
	if s, ok := m.top().(*alert.Preview); ok {
		s.Take(name)
	}
}

// askPrint prints what the screen shows. The printing is not called off when the card is pulled: whoever has pressed the key is
// on the way to the printer. It ends by itself within its own time, and drops the page.
func (m *model) askPrint() tea.Cmd {
	s, ok := m.top().(*alert.Preview)
	if !ok || s.Printer == "" || m.asked.print != 0 {
		return nil
	}
	page := s.Pages().Bytes()
	s.Sending = true
	id, ctx, printing, printer := m.number(), m.ctx, m.cfg.Printing, s.Printer
	m.asked.print = id
	m.underWay.pages++
	return func() tea.Msg {
		defer clear(page)
		job, err := printing.Print(ctx, printer, page)
		return printedMsg{id, job, err}
	}
}

// printed takes in that the page was sent, and has it followed: the print service takes a page for a printer that is switched off, too.
func (m *model) printed(msg printedMsg) tea.Cmd {
	m.underWay.pages--
	s, ok := screenOf[*alert.Preview](m.screens)
	if !ok || msg.ask != m.asked.print {
		return nil
	}
	m.asked.print = 0
	s.Sent(msg.job, msg.err)
	if msg.err != nil {
		return nil
	}
	id, ctx, printing := m.number(), m.ctx, m.cfg.Printing
	m.asked.print = id
	return func() tea.Msg { return followedMsg{id, printing.Follow(ctx, msg.job)} }
}

// askCancelPage takes the page back. Like the printing, it is not called off when the card is pulled.
func (m *model) askCancelPage() tea.Cmd {
	s, ok := m.top().(*alert.Preview)
	if !ok || !s.Waits() || m.asked.print != 0 {
		return nil
	}
	s.Cancelling = true
	id, ctx, printing, job := m.number(), m.ctx, m.cfg.Printing, s.Job
	m.asked.print = id
	return func() tea.Msg { return cancelledMsg{id, printing.Cancel(ctx, job)} }
}

// followedPage takes in what became of a page that was sent, or that was to be cancelled.
func (m *model) followedPage(id ask.Number, take func(*alert.Preview)) {
	if s, ok := screenOf[*alert.Preview](m.screens); ok && id == m.asked.print {
		m.asked.print = 0
		take(s)
	}
}
