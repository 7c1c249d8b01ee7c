// Package shell combines the screens into the program. It passes each message to its handler, carries out the actions
// of the screens, decides which command a key belongs to, and lays the screens out. It is the only package of the
// terminal program that makes calls to the hub, the card and the printers.
package shell

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/client"
	"wardlight/internal/cups"
	"wardlight/internal/session"
	"wardlight/rbac"
	"wardlight/tui/act"
	"wardlight/tui/alert"
	"wardlight/tui/ask"
	"wardlight/tui/card"
	"wardlight/tui/draw"
	"wardlight/tui/patient"
	"wardlight/tui/report"
	"wardlight/tui/step"
	"wardlight/tui/worklist"
)

// Model is the root model of the program. It passes messages to their handlers and has the state that is not part of a
// screen. The actions of the user are in flow.go, card and session in flow_card.go, and drawing in view.go.
type Model struct {
	step.Common
	ctx   context.Context
	Cfg   Config
	After timer

	Cols, Rows int
	Screens    []step.Screen // never empty; the last is shown, and Esc returns to the one before
	Dialog     Dialog
	notice     string // why the last key press did nothing, or ""
	Leaving    bool   // the program is ending; the last frame is empty

	Readers          card.Readers
	Report           report.Report
	Reader           string              // reader of the card in use, or ""
	candidateReaders []cardreader.Reader // the readers among which a card is or was chosen
	card             session.Card        // as read before the passcode
	Pass             cardreader.Passcode

	In            *session.SignedIn // nil if not signed in
	Role          *rbac.RoleProfile // nil if no role is chosen
	LastKey       time.Time         // wall clock time of the last key press
	lastMessageAt time.Time         // wall clock time of the last message
	presses       act.Presses
	TypedAt       time.Time // when the last character was typed; zero after a command
	surface       surface
	Printer       string // the printer that was chosen or set; it stays for later sessions
	searchPrefs   searchPrefs

	UnderWay runningOps
	Worklist worklist.State // the active worklist
	handed   step.Screen    // screen of the patient who was handed over last, or nil
	saves    *Sequencer     // order of the saves of worklists

	lastAsk   ask.Number
	ticking   ask.Number // number of the session's timer
	cardScope ask.Scope  // ends when the card is removed or the session ends
}

// New returns the model, which shows the screen without a card. cfg must have been completed with Config.Complete.
func New(ctx context.Context, cfg Config) *Model {
	m := &Model{ctx: ctx, Cfg: cfg, After: tick, saves: new(Sequencer), Cols: cfg.Width, Rows: cfg.Height}
	m.Common = step.Common{
		Styles: draw.NewStyles(cfg.Theme), Keys: cfg.keys, Clock: cfg.Clock, Location: cfg.Location,
		Office: cfg.Office, Procedure: cfg.Procedure, Hint: cfg.DemoHints,
	}
	if cfg.Flags != nil {
		m.Flags.Place = cfg.Flags.Name()
	}
	m.Printer, m.Prints, m.Copies = cfg.Printer, cfg.Printing != nil, cfg.CopyReceipts
	m.PrintsSummaries = m.Prints && cfg.PrintSummaries
	m.Saves = cfg.SaveReceipt != nil
	m.Report = report.Report{
		Common: &m.Common, Version: cfg.Version, Facts: m.facts,
		Last: func() (time.Time, error) { return m.Readers.LastErrAt, m.Readers.LastErr },
	}
	m.Screens = []step.Screen{m.waitingScreen("")}
	m.NoteScreen()
	return m
}

// Init returns the commands that wait for card events and hand-overs, and begins a sign-in in the browser if that is
// configured.
func (m *Model) Init() tea.Cmd {
	first := tea.Batch(m.nextEvent(), m.NextHandOver())
	if m.Cfg.Browser {
		return tea.Batch(first, m.startBrowser())
	}
	return first
}

// Update handles a message and updates the times of the clock and the screen.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.NoteClock()
	cmd := m.Route(msg)
	m.NoteScreen()
	return m, cmd
}

// Route passes a message to its handler and returns the handler's command.
func (m *Model) Route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.Cols, m.Rows = msg.Width, msg.Height
	case tea.KeyPressMsg:
		return m.Press(msg)
	case InOrderMsg:
		first := m.Route(msg.First)
		m.NoteScreen()
		return tea.Batch(first, m.Route(msg.Then))
	case tea.PasteMsg:
		return m.paste(msg.Content)
	case TickMsg:
		return m.handleTick(msg)
	case StopMsg:
		return m.Leave()
	case CardMsg:
		return tea.Batch(m.nextEvent(), m.handleReaderEvent(msg.Event))
	case HandOverMsg:
		cmd, _ := m.HandOver(msg.Request, m.unfinished())
		return tea.Batch(m.NextHandOver(), cmd)
	case ask.Answer[session.Card]:
		return m.handleCard(msg)
	case ask.Answer[session.SignedIn]:
		return m.handleSignedIn(msg)
	case ask.Answer[client.Found]:
		return m.handleFound(msg)
	case ask.Answer[client.Patient]:
		return m.handleRecord(msg)
	case ask.Answer[client.Lamp]:
		return m.handleLamp(msg)
	case ask.Answer[client.Opened]:
		return m.handleOpened(msg)
	case ask.Answer[patient.FlagSet]:
		return m.handleFlagSet(msg)
	case ask.Answer[step.FlagsReply]:
		return m.handleWaiting(msg)
	case ask.Answer[[]cups.Queue]:
		return m.handlePrinters(msg)
	case ask.Answer[alert.Job]:
		return m.handleSent(msg)
	case ask.Answer[alert.Followed]:
		return m.handleFollowed(msg)
	case ask.Answer[alert.CancelDone]:
		return m.handleTakenBack(msg)
	case ask.Answer[client.ProbeResult]:
		return m.handleProbe(msg)
	case ask.Answer[client.Report]:
		m.handleReport(msg)
	case ask.Answer[client.PrivacyAlerts]:
		m.handleAlerts(msg)
	case ask.Answer[client.PrivacyAlert]:
		return m.handleClosed(msg)
	case ask.Answer[client.Summary]:
		m.handleSummary(msg)
	case ask.Answer[patient.SavedReceipt]:
		m.handleSavedReceipt(msg)
	default:
		return m.handleWorklist(msg)
	}

	return nil
}

// Top returns the current screen.
func (m *Model) Top() step.Screen { return m.Screens[len(m.Screens)-1] }

// Wipe overwrites the passcode.
func (m *Model) Wipe() { m.Pass.Wipe() }
