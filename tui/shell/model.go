package shell

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

// Model is the root: it takes every message to where it belongs, and holds what outlives a screen. What the user does
// next is in flow.go, what becomes of card and session in flow_card.go, what is drawn in view.go.
type Model struct {
	step.Common
	ctx   context.Context
	Cfg   Config
	After timer

	Cols, Rows int
	Screens    []Screen // the last is shown; the ones before it are where Esc goes. Never empty
	Dialog     Dialog
	Leaving    bool // the last frame is empty

	Readers card.Readers
	Diag    diagnosis
	Reader  string       // of the card in use; "" when none is
	card    session.Card // what was read ahead
	Pass    cardreader.Passcode

	In       *session.SignedIn // nil before sign-in
	Role     *rbac.RoleProfile // nil before one is taken
	LastKey  time.Time         // when the last key was pressed, by the wall clock
	lookedAt time.Time         // when a message came last, by the wall clock
	presses  act.Presses
	TypedAt  time.Time // when the last letter was typed; zero once a command has ended what was typed
	surface  surface
	Printer  string // the desk's, once one was chosen or set
	habits   habits

	UnderWay underWay
	Room     worklist.Room // the worklist in hand
	saves    *InOrder      // of worklists

	lastAsk     ask.Number
	Asked       Asked
	ticking     ask.Number // number of the session's tick
	cardLife    ask.Life
	patientLife ask.Life
}

// New is the program with nothing read yet. cfg must be complete.
func New(ctx context.Context, cfg Config) *Model {
	m := &Model{ctx: ctx, Cfg: cfg, After: tick, saves: new(InOrder), Cols: cfg.Width, Rows: cfg.Height}
	m.Common = step.Common{Styles: draw.NewStyles(cfg.Theme), Keys: cfg.keys, Clock: cfg.Clock, Location: cfg.Location, Office: cfg.Office, Hint: cfg.Hint}
	if cfg.Flags != nil {
		m.Flags.Place = cfg.Flags.Place()
	}
	m.Printer, m.Prints, m.Copies = cfg.Printer, cfg.Printing != nil, cfg.Copies
	m.Screens = []Screen{m.waiting("")}
	m.Look()
	return m
}

// Init begins to listen to the card watcher.
func (m *Model) Init() tea.Cmd { return m.nextEvent() }

// Update takes one message to where it belongs.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.LookAtClock()
	cmd := m.Route(msg)
	m.Look()
	return m, cmd
}

func (m *Model) Route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.Cols, m.Rows = msg.Width, msg.Height
	case tea.KeyPressMsg:
		return m.Press(msg)
	case InOrderMsg:
		first := m.Route(msg.First)
		m.Look()
		return tea.Batch(first, m.Route(msg.Then))
	case tea.PasteMsg:
		return m.paste(msg.Content)
	case TickMsg:
		return m.ticked(msg)
	case StopMsg:
		return m.Leave()
	case CardMsg:
		return tea.Batch(m.nextEvent(), m.carded(msg.Event))
	case readAheadMsg:
		return m.CardRead(msg)
	case signedInMsg:
		return m.signedIn(msg)
	case foundMsg:
		return m.found(msg)
	case RecordMsg:
		return m.recorded(msg)
	case LampMsg:
		return m.lampCame(msg)
	case OpenedMsg:
		return m.openedCame(msg)
	case FlagMsg:
		return m.flagCame(msg)
	case WaitingMsg:
		return m.waitingCame(msg)
	case QueuesMsg:
		return m.queuesCame(msg)
	case PrintedMsg:
		return m.printed(msg)
	case FollowedMsg:
		m.followedPage(msg.ask, func(s *alert.Preview) { s.Followed(msg.err) })
	case cancelledMsg:
		m.followedPage(msg.ask, func(s *alert.Preview) { s.Cancelled(msg.err) })
	case ProbedMsg:
		return m.probed(msg)
	default:
		return m.worklistMessage(msg)
	}
	return nil
}

// Top is the screen that is shown.
func (m *Model) Top() Screen { return m.Screens[len(m.Screens)-1] }

// Wipe overwrites the passcode.
func (m *Model) Wipe() { m.Pass.Wipe() }
