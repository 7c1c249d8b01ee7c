package shell

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/cups"
	"wardlight/internal/paper"
	"wardlight/internal/worklist"
	"wardlight/rbac"
	"wardlight/tui/alert"
	"wardlight/tui/ask"
	"wardlight/tui/patient"
	"wardlight/tui/step"
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

// preview shows the opened alert as it will be on paper. The printer is the one of last time, or the one of the
// settings; where there is neither, the printers are listed.
func (m *Model) preview() tea.Cmd {
	s, ok := m.Top().(*alert.Opened)
	if !ok || m.Cfg.Printing == nil {
		return nil
	}
	return m.show(alert.NewPreview(&m.Common, s.Patient, m.Sheet(s), m.Printer))
}

// previewList shows the worklist as it will be on paper.
func (m *Model) previewList(o worklist.Order) tea.Cmd {
	list := m.Worklist.List
	if list == nil || m.Cfg.Printing == nil {
		return nil
	}
	sheet := m.sheet()
	sheet.List = &paper.List{Made: m.Worklist.Made, Tally: list.Tally(), Entries: list.Entries(o, m.Location)}
	return m.show(alert.NewPreview(&m.Common, nil, sheet, m.Printer))
}

// show shows a paper. Where no printer is known yet, the printers are listed.
func (m *Model) show(p *alert.Preview) tea.Cmd {
	m.Screens = append(m.Screens, p)
	if m.Printer == "" {
		return m.askQueues()
	}
	return nil
}

// Sheet returns what goes on the paper, but for the time of the printing.
func (m *Model) Sheet(s *alert.Opened) paper.Sheet {
	sheet := m.sheet()
	sheet.Opened = s.Opened
	if p, ok := step.ScreenOf[*patient.Screen](m.Screens); ok {
		sheet.Patient.Number = p.Number
		if p.Record != nil {
			sheet.Patient = *p.Record
		}
	}
	return sheet
}

// sheet returns what stands on every paper: who prints it, in what role.
func (m *Model) sheet() paper.Sheet {
	s := paper.Sheet{Person: m.In.Person.Name, Location: m.Location, Office: m.Office.String(), Destroy: m.Cfg.Destroy}
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

// handlePrinters takes in the printers. The only one is taken silently, unless the user asked for another.
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

// takePrinter leaves the list of printers with one of them, which is the desk's from now on: it is no secret of a
// patient's.
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

// askPrint prints what the screen shows. The printing is not called off when the card is pulled: whoever has pressed
// the key is on the way to the printer. It ends by itself within its own time, and drops the page.
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

// handleSent takes in that the page was sent, and has it followed: the print service takes a page for a printer that
// is switched off, too.
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

// handleFollowed takes in what became of a page that was sent.
func (m *Model) handleFollowed(a ask.Answer[alert.Followed]) tea.Cmd {
	if s, ok := step.ScreenOf[*alert.Preview](m.Screens); ok && s.Following.Accepts(a) {
		s.Followed(a.Err)
	}
	return nil
}

// askCancelPage takes the page back. Like the printing, it is not called off when the card is pulled.
func (m *Model) askCancelPage() tea.Cmd {
	s, ok := m.Top().(*alert.Preview)
	if !ok || !s.Waits() {
		return nil
	}
	ctx, printing, job := m.ctx, m.Cfg.Printing, string(s.Job)
	return command(s.Cancelling.Ask(ctx, func(context.Context) (alert.TakenBack, error) {
		return alert.TakenBack{}, printing.Cancel(ctx, job)
	}))
}

// handleTakenBack takes in whether the page was taken back.
func (m *Model) handleTakenBack(a ask.Answer[alert.TakenBack]) tea.Cmd {
	if s, ok := step.ScreenOf[*alert.Preview](m.Screens); ok && s.Cancelling.Accepts(a) {
		s.Cancelled(a.Err)
	}
	return nil
}
