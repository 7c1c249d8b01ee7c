package shell

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/client"
	"wardlight/internal/doctor"
	"wardlight/tui/ask"
	"wardlight/tui/card"
)

// actProbe asks the hub anew.
type actProbe struct{}

// probeEvery is how long after its answer the hub is asked again while the diagnostics are open.
const probeEvery = 10 * time.Second

// diagnosis is what the diagnostics know and what the other screens do not.
type diagnosis struct {
	Hub       doctor.HubFacts
	cardErr   error // of the card that was read ahead
	signInErr error // of the last sign-in with it
	chosen    int   // the line that is told in full, counted from 1; 0 is the one that matters most
	asked     ask.Question[client.Probed]
	again     ask.Number // the tick after which it is asked again
}

// diagnose opens the diagnostics and asks the hub.
func (m *Model) diagnose() tea.Cmd {
	m.Dialog, m.Diag.chosen = DiagnosticsDialog, 0
	return m.probe()
}

// probe asks the hub, unless it is being asked.
func (m *Model) probe() tea.Cmd {
	if m.Cfg.Probe == nil || m.Diag.asked.Pending() {
		return nil
	}
	probe := m.Cfg.Probe
	m.Diag.again, m.Diag.Hub.Asking = 0, true
	return command(m.Diag.asked.Ask(m.ctx, func(ctx context.Context) (client.Probed, error) { return probe(ctx), nil }))
}

// probed takes in what became known of the hub.
func (m *Model) probed(a ask.Answer[client.Probed]) tea.Cmd {
	if !m.Diag.asked.Accepts(a) {
		return nil
	}
	m.Diag.Hub = doctor.HubFacts{Asked: true, Probed: a.Value}
	m.Diag.again = m.number()
	return m.After(probeEvery, TickMsg{m.Diag.again})
}

// probeAgain asks once more while somebody looks.
func (m *Model) probeAgain() tea.Cmd {
	m.Diag.again = 0
	if m.Dialog != DiagnosticsDialog {
		return nil
	}
	return m.probe()
}

// pickCheck chooses the check n lines on.
func (m *Model) pickCheck(n int) {
	lines := m.Examined()
	m.Diag.chosen = max(1, min(m.told(lines)+1+n, len(lines)))
}

// closeDialog takes the dialog away, and with the diagnostics what they still ask the hub.
func (m *Model) closeDialog() {
	if m.Dialog == DiagnosticsDialog {
		m.Diag.asked.Drop()
		m.Diag.again, m.Diag.Hub.Asking = 0, false
	}
	m.Dialog = NoDialog
}

// Examined are the lines of the doctor, of what is known now.
func (m *Model) Examined() []doctor.Line {
	lines := doctor.Judge(m.facts())
	for i := range lines {
		if l := &lines[i]; l.Check >= doctor.SignIn && l.State == doctor.NotReached && !l.Waits {
			l.Advice = wordSignInHere // not the command of that
		}
	}
	return lines
}

// facts are what the screens know, for the doctor.
func (m *Model) facts() doctor.Facts {
	f := doctor.Facts{
		At: m.Now(), Issuers: m.Cfg.Issuers, IssuersErr: m.Cfg.IssuersErr, Hub: m.Diag.Hub,
		Readers: doctor.ReaderFacts{
			Looking: !m.Readers.Told, Err: m.Readers.Service, Named: m.Cfg.Reader, Used: m.Reader,
		},
		Card: doctor.CardFacts{Seen: m.card, Err: m.Diag.cardErr},
	}
	if s, ok := ScreenOf[*card.Passcode](m.Screens); ok {
		f.Card.Reading = s.Reading.Pending()
	}
	for _, r := range m.Readers.List {
		f.Readers.List = append(f.Readers.List, m.Readers.AsItIs(r))
	}
	if m.Diag.signInErr != nil {
		f.SignIn = doctor.SignInFacts{Done: true, Err: m.Diag.signInErr}
	}
	return f
}

// told is the index of the line that is told in full: the one chosen, else the first that failed, else the first with a
// warning, else the card's.
func (m *Model) told(lines []doctor.Line) int {
	if m.Diag.chosen > 0 {
		return m.Diag.chosen - 1
	}
	for _, s := range []doctor.State{doctor.Fail, doctor.Warning} {
		for i, l := range lines {
			if l.State == s {
				return i
			}
		}
	}
	return int(doctor.Card)
}
