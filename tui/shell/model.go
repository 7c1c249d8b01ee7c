// Package shell holds the steps together: it takes each message to where it belongs, carries out what the screens ask
// for, decides who gets a key, and lays the screens out. It alone asks the hub, the card and the printers.
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

// Model is the root: it takes every message to where it belongs, and holds what outlives a screen. What the user does
// next is in flow.go, what becomes of card and session in flow_card.go, what is drawn in view.go.
type Model struct {
	step.Common
	ctx   context.Context
	Cfg   Config
	After timer

	Cols, Rows int
	Screens    []step.Screen // the last is shown; the ones before it are where Esc goes. Never empty
	Dialog     Dialog
	notice     string // why the last press did nothing; "" for none
	Leaving    bool   // the last frame is empty

	Readers card.Readers
	Report  report.Report
	Reader  string              // of the card in use; "" when none is
	tried   []cardreader.Reader // among which a card is being chosen, or was
	card    session.Card        // what was read ahead
	Pass    cardreader.Passcode

	In          *session.SignedIn // nil before sign-in
	Role        *rbac.RoleProfile // nil before one is taken
	LastKey     time.Time         // when the last key was pressed, by the wall clock
	lookedAt    time.Time         // when a message came last, by the wall clock
	presses     act.Presses
	TypedAt     time.Time // when the last letter was typed; zero once a command has ended what was typed
	surface     surface
	Printer     string // the desk's, once one was chosen or set
	searchPrefs searchPrefs

	UnderWay underWay
	Worklist worklist.State // the worklist in hand
	handed   step.Screen    // of the patient who was handed over last; nil before
	saves    *Sequencer     // of worklists

	lastAsk   ask.Number
	ticking   ask.Number // number of the session's tick
	cardScope ask.Scope  // until the card is out, or the session ends
}

// New returns the program with nothing read yet. cfg must be complete.
func New(ctx context.Context, cfg Config) *Model {
	m := &Model{ctx: ctx, Cfg: cfg, After: tick, saves: new(Sequencer), Cols: cfg.Width, Rows: cfg.Height}
	m.Common = step.Common{Styles: draw.NewStyles(cfg.Theme), Keys: cfg.keys, Clock: cfg.Clock, Location: cfg.Location, Office: cfg.Office, Procedure: cfg.Procedure, Hint: cfg.Hint}
	if cfg.Flags != nil {
		m.Flags.Place = cfg.Flags.Place()
	}
	m.Printer, m.Prints, m.Copies = cfg.Printer, cfg.Printing != nil, cfg.Copies
	m.Report = report.Report{
		Common: &m.Common, Version: cfg.Version, Facts: m.facts,
		Last: func() (time.Time, error) { return m.Readers.LastErrAt, m.Readers.LastErr },
	}
	m.Screens = []step.Screen{m.waitingScreen("")}
	m.NoteScreen()
	return m
}

// Init begins to listen to the card watcher, and to who hands over a patient.
func (m *Model) Init() tea.Cmd { return tea.Batch(m.nextEvent(), m.NextHandOver()) }

// Update takes one message to where it belongs.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.NoteClock()
	cmd := m.Route(msg)
	m.NoteScreen()
	return m, cmd
}

// Route takes a message to where it belongs, and returns what is to be asked or waited for.
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
	case ask.Answer[step.Waited]:
		return m.handleWaiting(msg)
	case ask.Answer[[]cups.Queue]:
		return m.handlePrinters(msg)
	case ask.Answer[alert.Job]:
		return m.handleSent(msg)
	case ask.Answer[alert.Followed]:
		return m.handleFollowed(msg)
	case ask.Answer[alert.TakenBack]:
		return m.handleTakenBack(msg)
	case ask.Answer[client.Probed]:
		return m.handleProbe(msg)
	default:
		return m.handleWorklist(msg)
	}
	return nil
}

// Top returns the screen that is shown.
func (m *Model) Top() step.Screen { return m.Screens[len(m.Screens)-1] }

// Wipe overwrites the passcode.
func (m *Model) Wipe() { m.Pass.Wipe() }
