package testterm

import (
	"fmt"
	"io"
	"slices"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// screen is the emulated terminal: what it shows and which of its modes a program has left changed. It isn't safe for
// use by several goroutines; Terminal guards it.
type screen struct {
	em      *vt.Emulator
	title   string
	hidden  bool
	changed map[ansi.Mode]bool // modes that aren't as they were at the start; the value is what they are now
	kitty   int                // depth of the kitty keyboard stack
	xterm   bool               // xterm's modifyOtherKeys
	drained chan struct{}      // closed when nothing more will be answered
}

// newScreen makes a terminal of a size. What it would send back to the program, such as the answers to queries, goes to
// answer, from a goroutine of its own that ends with close; the emulator blocks when nobody takes its answers.
func newScreen(cols, rows int, answer func([]byte)) *screen {
	s := &screen{em: vt.NewEmulator(cols, rows), changed: map[ansi.Mode]bool{}, drained: make(chan struct{})}
	s.em.SetDefaultForegroundColor(foreground)
	s.em.SetDefaultBackgroundColor(background)
	s.em.SetDefaultCursorColor(foreground)
	// Once reset, the modes are known to the emulator, and it reports them as supported: frames come whole (2026) and
	// widths are counted in graphemes (2027), as the emulator does.
	_, _ = s.em.WriteString(ansi.ResetModeSynchronizedOutput + ansi.ResetModeUnicodeCore)
	s.em.SetCallbacks(vt.Callbacks{
		Title:            func(title string) { s.title = title },
		CursorVisibility: func(visible bool) { s.hidden = !visible },
		EnableMode:       func(m ansi.Mode) { s.setMode(m, true) },
		DisableMode:      func(m ansi.Mode) { s.setMode(m, false) },
	})
	s.watchKeyboard()
	go func() {
		defer close(s.drained)
		buf := make([]byte, 4096)
		for {
			n, err := s.em.Read(buf)
			if n > 0 {
				answer(slices.Clone(buf[:n]))
			}
			if err != nil {
				return
			}
		}
	}()
	return s
}

// close ends the answering goroutine. The emulator's own Close would race with its Read.
func (s *screen) close() {
	_ = s.em.InputPipe().(io.Closer).Close()
	<-s.drained
}

func (s *screen) setMode(m ansi.Mode, on bool) {
	byDefault := m == ansi.ModeAutoWrap || m == ansi.ModeTextCursorEnable
	if on == byDefault || m == ansi.ModeSaveCursor { // saving the cursor is an act, not a state
		delete(s.changed, m)
		return
	}
	s.changed[m] = on
}

// watchKeyboard counts the keyboard protocols that the emulator itself ignores.
func (s *screen) watchKeyboard() {
	s.em.RegisterCsiHandler(ansi.Command('>', 0, 'u'), func(ansi.Params) bool { s.kitty++; return true })
	s.em.RegisterCsiHandler(ansi.Command('<', 0, 'u'), func(p ansi.Params) bool {
		n, _, _ := p.Param(0, 1)
		s.kitty = max(0, s.kitty-max(1, n))
		return true
	})
	s.em.RegisterCsiHandler(ansi.Command('>', 0, 'm'), func(p ansi.Params) bool {
		if what, _, _ := p.Param(0, 0); what == 4 {
			level, _, _ := p.Param(1, 0)
			s.xterm = level > 0
		}
		return true
	})
}

// drawing tells whether the program is in the middle of a synchronised frame, which a terminal wouldn't show yet.
func (s *screen) drawing() bool { return s.changed[ansi.ModeSynchronizedOutput] }

// leftOver names what a program has changed and not put back, in a stable order.
func (s *screen) leftOver() []string {
	var names []string
	for m, on := range s.changed {
		state := "off"
		if on {
			state = "on"
		}
		mark := "?"
		if _, standard := m.(ansi.ANSIMode); standard {
			mark = ""
		}
		names = append(names, fmt.Sprintf("mode %s%d %s", mark, m.Mode(), state))
	}
	if s.kitty > 0 {
		names = append(names, "kitty keyboard")
	}
	if s.xterm {
		names = append(names, "modifyOtherKeys")
	}
	slices.Sort(names)
	return names
}
