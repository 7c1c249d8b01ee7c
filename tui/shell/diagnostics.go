package shell

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/doctor"
	"wardlight/tui/ask"
	"wardlight/tui/card"
	"wardlight/tui/report"
	"wardlight/tui/step"
)

// actProbe probes the hub again.
type actProbe struct{}

// diagnose shows the diagnostics and probes the hub.
func (m *Model) diagnose() tea.Cmd {
	m.Dialog = DiagnosticsDialog
	m.Report.Open()
	return m.probe()
}

// probe probes the hub unless a probe is running.
func (m *Model) probe() tea.Cmd {
	probe := m.Cfg.Probe
	if probe == nil || m.Report.Asked.Pending() {
		return nil
	}
	m.Report.SetProbing()
	return command(m.Report.Asked.Ask(m.ctx, func(ctx context.Context) (client.ProbeResult, error) {
		return probe(ctx), nil
	}))
}

// handleProbe shows the result of a probe and schedules the next.
func (m *Model) handleProbe(a ask.Answer[client.ProbeResult]) tea.Cmd {
	if !m.Report.Asked.Accepts(a) {
		return nil
	}
	m.Report.Answered(a.Value, m.number())
	return m.After(report.Every, TickMsg{m.Report.Again})
}

// probeAgain probes the hub again if the diagnostics are still shown.
func (m *Model) probeAgain() tea.Cmd {
	m.Report.Again = 0
	if m.Dialog != DiagnosticsDialog {
		return nil
	}
	return m.probe()
}

// closeDialog closes the dialog. Closing the diagnostics also stops their probe.
func (m *Model) closeDialog() {
	if m.Dialog == DiagnosticsDialog {
		m.Report.Close()
	}
	m.Dialog = NoDialog
}

// facts returns what the model knows, for package doctor. It makes no requests, so that the card of a signed-in user
// is not accessed.
func (m *Model) facts() doctor.Facts {
	f := doctor.Facts{
		At: m.Now(), Issuers: m.Cfg.Issuers, IssuersErr: m.Cfg.IssuersErr,
		Readers: doctor.ReaderFacts{
			Looking: !m.Readers.Known, Err: m.Readers.Service, Named: m.Cfg.Reader, Used: m.Reader,
		},
		Card: doctor.CardFacts{Seen: m.card},
	}

	if s, ok := step.ScreenOf[*card.Passcode](m.Screens); ok {
		f.Card.Reading = s.Reading.Pending()
	}

	if s, ok := step.ScreenOf[*card.Which](m.Screens); ok {
		f.Readers.Several = s.Cards
		f.Readers.Used, f.Card.Seen = s.Cards[0].Slot, s.Cards[0]
	}

	if m.In != nil {
		f.SignIn = doctor.SignInFacts{Done: true, Lasts: true, In: *m.In}
	}

	for _, r := range m.Readers.List {
		f.Readers.List = append(f.Readers.List, m.Readers.Current(r))
	}

	return f
}
