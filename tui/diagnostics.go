package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/doctor"
	"wardlight/tui/ask"
)

// actProbe asks the hub anew.
type actProbe struct{}

// probeEvery is how long after its answer the hub is asked again while the diagnostics are open.
const probeEvery = 10 * time.Second

// diagnosis is what the diagnostics know and what the other screens do not.
type diagnosis struct {
	hub       doctor.HubFacts
	cardErr   error      // of the card that was read ahead
	signInErr error      // of the last sign-in with it
	chosen    int        // the line that is told in full, counted from 1; 0 is the one that matters most
	asked     ask.Number // of the hub
	again     ask.Number // the tick after which it is asked again
	life      ask.Life
}

// diagnose opens the diagnostics and asks the hub.
func (m *model) diagnose() tea.Cmd {
	m.dialog, m.diag.chosen = diagnosticsDialog, 0
	return m.probe()
}

// probe asks the hub, unless it is being asked.
func (m *model) probe() tea.Cmd {
	if m.cfg.Probe == nil || m.diag.asked != 0 {
		return nil
	}
	m.diag.life.Renew(m.ctx)
	id, ctx, probe := m.number(), m.diag.life.Ctx, m.cfg.Probe
	m.diag.asked, m.diag.again, m.diag.hub.Asking = id, 0, true
	return func() tea.Msg { return probedMsg{id, probe(ctx)} }
}

// probed takes in what became known of the hub.
func (m *model) probed(msg probedMsg) tea.Cmd {
	if msg.ask != m.diag.asked {
		return nil
	}
	m.diag.asked = 0
	m.diag.hub = doctor.HubFacts{Asked: true, Probed: msg.hub}
	m.diag.again = m.number()
	return m.after(probeEvery, tickMsg{m.diag.again})
}

// probeAgain asks once more while somebody looks.
func (m *model) probeAgain() tea.Cmd {
	m.diag.again = 0
	if m.dialog != diagnosticsDialog {
		return nil
	}
	return m.probe()
}

// pickCheck chooses the check n lines on.
func (m *model) pickCheck(n int) {
	lines := m.examined()
	m.diag.chosen = max(1, min(m.told(lines)+1+n, len(lines)))
}

// closeDialog takes the dialog away, and with the diagnostics what they still ask the hub.
func (m *model) closeDialog() {
	if m.dialog == diagnosticsDialog {
		m.diag.life.End()
		m.diag.asked, m.diag.again, m.diag.hub.Asking = 0, 0, false
	}
	m.dialog = noDialog
}

// examined are the lines of the doctor, of what is known now.
func (m *model) examined() []doctor.Line {
	lines := doctor.Judge(m.facts())
	for i := range lines {
		if l := &lines[i]; l.Check >= doctor.SignIn && l.State == doctor.NotReached && !l.Waits {
			l.Advice = wordSignInHere // not the command of that
		}
	}
	return lines
}

// facts are what the screens know, for the doctor.
func (m *model) facts() doctor.Facts {
	f := doctor.Facts{
		At: m.Now(), Issuers: m.cfg.Issuers, IssuersErr: m.cfg.IssuersErr, Hub: m.diag.hub,
		Readers: doctor.ReaderFacts{
			Looking: !m.readers.Told, Err: m.readers.Service, Named: m.cfg.Reader, Used: m.reader,
		},
		Card: doctor.CardFacts{Reading: m.asked.readAhead != 0, Seen: m.card, Err: m.diag.cardErr},
	}
	for _, r := range m.readers.List {
		f.Readers.List = append(f.Readers.List, m.readers.AsItIs(r))
	}
	if m.diag.signInErr != nil {
		f.SignIn = doctor.SignInFacts{Done: true, Err: m.diag.signInErr}
	}
	return f
}

// told is the index of the line that is told in full: the one chosen, else the first that failed, else the first with a
// warning, else the card's.
func (m *model) told(lines []doctor.Line) int {
	if m.diag.chosen > 0 {
		return m.diag.chosen - 1
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
