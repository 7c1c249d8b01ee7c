package shell

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
	QueuesMsg struct {
		ask    ask.Number
		queues []cups.Queue
		err    error
	}
	PrintedMsg struct {
		ask ask.Number
		job string
		err error
	}
	FollowedMsg struct {
		ask ask.Number
		err error
	}
	cancelledMsg struct {
		ask ask.Number
		err error
	}
)

// carryOutPrint does what the screens of printing ask for. None of it opens anything: what is printed has been opened.
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

// preview shows the opened alert as it will be on paper. The printer is the one of last time, or the one of the settings;
// where there is neither, the printers are listed.
func (m *Model) preview() tea.Cmd {
	s, ok := m.Top().(*alert.Opened)
	if !ok || m.Cfg.Printing == nil {
		return nil
	}
	m.Screens = append(m.Screens, alert.NewPreview(&m.Common, s.Patient, m.Sheet(s), m.Printer))
	if m.Printer == "" {
		return m.askQueues()
	}
	return nil
}

// Sheet is what goes on the paper, but for the time of the printing.
func (m *Model) Sheet(s *alert.Opened) paper.Sheet {
	sheet := paper.Sheet{Opened: s.Opened, Person: m.In.Person.Name, Location: m.Location, Office: m.Office.String(), Destroy: m.Cfg.Destroy}
	if m.Role != nil {
		sheet.Role = rbac.RoleProfile{JobName: m.Role.JobName, OrgName: m.Role.OrgName, OrgODS: m.Role.OrgODS}
	}
	if p, ok := ScreenOf[*patient.Screen](m.Screens); ok {
		sheet.Patient.Number = p.Number
		if p.Record != nil {
			sheet.Patient = *p.Record
		}
	}
	return sheet
}

func (m *Model) askQueues() tea.Cmd {
	s, ok := m.Top().(*alert.Preview)
	if !ok {
		return nil
	}
	s.Looking()
	id, ctx, printing := m.number(), m.patientLife.Ctx, m.Cfg.Printing
	m.Asked.queues = id
	return func() tea.Msg {
		queues, err := printing.Queues(ctx)
		return QueuesMsg{id, queues, err}
	}
}

// queuesCame takes in the printers. The only one is taken silently, unless the user asked for another.
func (m *Model) queuesCame(msg QueuesMsg) tea.Cmd {
	s, ok := m.Top().(*alert.Preview)
	if !ok || msg.ask != m.Asked.queues {
		return nil
	}
	m.Asked.queues = 0
	s.Listed(msg.err)
	switch {
	case msg.err != nil:
	case len(msg.queues) == 1 && s.Printer == "":
		m.Printer = msg.queues[0].Name
		s.Take(m.Printer)
	default:
		m.Screens = append(m.Screens, alert.NewPrinters(&m.Common, s, msg.queues))
	}
	return nil
}

// takePrinter leaves the list of printers with one of them, which is the desk's from now on: it is no secret of a patient's.
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

// askPrint prints what the screen shows. The printing is not called off when the card is pulled: whoever has pressed the key is
// on the way to the printer. It ends by itself within its own time, and drops the page.
func (m *Model) askPrint() tea.Cmd {
	s, ok := m.Top().(*alert.Preview)
	if !ok || s.Printer == "" || m.Asked.print != 0 {
		return nil
	}
	page := s.Pages().Bytes()
	s.Sending = true
	id, ctx, printing, printer := m.number(), m.ctx, m.Cfg.Printing, s.Printer
	m.Asked.print = id
	m.UnderWay.pages++
	return func() tea.Msg {
		defer clear(page)
		job, err := printing.Print(ctx, printer, page)
		return PrintedMsg{id, job, err}
	}
}

// printed takes in that the page was sent, and has it followed: the print service takes a page for a printer that is switched off, too.
func (m *Model) printed(msg PrintedMsg) tea.Cmd {
	m.UnderWay.pages--
	s, ok := ScreenOf[*alert.Preview](m.Screens)
	if !ok || msg.ask != m.Asked.print {
		return nil
	}
	m.Asked.print = 0
	s.Sent(msg.job, msg.err)
	if msg.err != nil {
		return nil
	}
	id, ctx, printing := m.number(), m.ctx, m.Cfg.Printing
	m.Asked.print = id
	return func() tea.Msg { return FollowedMsg{id, printing.Follow(ctx, msg.job)} }
}

// askCancelPage takes the page back. Like the printing, it is not called off when the card is pulled.
func (m *Model) askCancelPage() tea.Cmd {
	s, ok := m.Top().(*alert.Preview)
	if !ok || !s.Waits() || m.Asked.print != 0 {
		return nil
	}
	s.Cancelling = true
	id, ctx, printing, job := m.number(), m.ctx, m.Cfg.Printing, s.Job
	m.Asked.print = id
	return func() tea.Msg { return cancelledMsg{id, printing.Cancel(ctx, job)} }
}

// followedPage takes in what became of a page that was sent, or that was to be cancelled.
func (m *Model) followedPage(id ask.Number, take func(*alert.Preview)) {
	if s, ok := ScreenOf[*alert.Preview](m.Screens); ok && id == m.Asked.print {
		m.Asked.print = 0
		take(s)
	}
}
