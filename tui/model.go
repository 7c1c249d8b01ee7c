package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/internal/session"
	"wardlight/rbac"
	"wardlight/tui/act"
	"wardlight/tui/alert"
	"wardlight/tui/ask"
	"wardlight/tui/card"
	"wardlight/tui/draw"
	"wardlight/tui/step"
	"wardlight/tui/worklist"
)

// model is the root: it takes every message to where it belongs, and holds what outlives a screen. What the user does
// next is in flow.go, what becomes of card and session in flow_card.go, what is drawn in view.go.
type model struct {
	step.Common
	ctx   context.Context
	cfg   Config
	after timer

	cols, rows int
	screens    []screen // the last is shown; the ones before it are where Esc goes. Never empty
	dialog     dialog
	leaving    bool // the last frame is empty

	readers card.Readers
	diag    diagnosis
	reader  string       // of the card in use; "" when none is
	card    session.Card // what was read ahead
	pass    cardreader.Passcode

	in       *session.SignedIn // nil before sign-in
	role     *rbac.RoleProfile // nil before one is taken
	lastKey  time.Time         // when the last key was pressed, by the wall clock
	lookedAt time.Time         // when a message came last, by the wall clock
	presses  act.Presses
	typedAt  time.Time // when the last letter was typed; zero once a command has ended what was typed
	surface  surface
	printer  string // the desk's, once one was chosen or set
	habits   habits

	underWay underWay
	room     worklist.Room // the worklist in hand
	saves    *inOrder      // of worklists

	lastAsk     ask.Number
	asked       asked
	ticking     ask.Number // number of the session's tick
	cardLife    ask.Life
	patientLife ask.Life
}

// newModel is the program with nothing read yet. cfg must be complete.
func newModel(ctx context.Context, cfg Config) *model {
	m := &model{ctx: ctx, cfg: cfg, after: tick, saves: new(inOrder), cols: cfg.Width, rows: cfg.Height}
	m.Common = step.Common{Styles: draw.NewStyles(cfg.Theme), Keys: cfg.keys, Clock: cfg.Clock, Location: cfg.Location, Office: cfg.Office, Hint: cfg.Hint}
	if cfg.Flags != nil {
		m.Flags.Place = cfg.Flags.Place()
	}
	m.printer, m.Prints, m.Copies = cfg.Printer, cfg.Printing != nil, cfg.Copies
	m.screens = []screen{m.waiting("")}
	m.look()
	return m
}

// Init begins to listen to the card watcher.
func (m *model) Init() tea.Cmd { return m.nextEvent() }

// Update takes one message to where it belongs.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.lookAtClock()
	cmd := m.route(msg)
	m.look()
	return m, cmd
}

func (m *model) route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.cols, m.rows = msg.Width, msg.Height
	case tea.KeyPressMsg:
		return m.Press(msg)
	case inOrderMsg:
		first := m.route(msg.first)
		m.look()
		return tea.Batch(first, m.route(msg.then))
	case tea.PasteMsg:
		return m.paste(msg.Content)
	case tickMsg:
		return m.ticked(msg)
	case stopMsg:
		return m.leave()
	case cardMsg:
		return tea.Batch(m.nextEvent(), m.carded(msg.event))
	case readAheadMsg:
		return m.CardRead(msg)
	case signedInMsg:
		return m.signedIn(msg)
	case foundMsg:
		return m.found(msg)
	case recordMsg:
		return m.recorded(msg)
	case lampMsg:
		return m.lampCame(msg)
	case openedMsg:
		return m.openedCame(msg)
	case flagMsg:
		return m.flagCame(msg)
	case waitingMsg:
		return m.waitingCame(msg)
	case queuesMsg:
		return m.queuesCame(msg)
	case printedMsg:
		return m.printed(msg)
	case followedMsg:
		m.followedPage(msg.ask, func(s *alert.Preview) { s.Followed(msg.err) })
	case cancelledMsg:
		m.followedPage(msg.ask, func(s *alert.Preview) { s.Cancelled(msg.err) })
	case probedMsg:
		return m.probed(msg)
	default:
		return m.worklistMessage(msg)
	}
	return nil
}

// top is the screen that is shown.
func (m *model) top() screen { return m.screens[len(m.screens)-1] }

// wipe overwrites the passcode.
func (m *model) wipe() { m.pass.Wipe() }
