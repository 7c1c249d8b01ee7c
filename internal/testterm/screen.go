package testterm

import (
	"fmt"
	"io"
	"slices"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// screen is the emulated terminal, and the modes that the program has changed. It is not safe for concurrent use;
// Console guards it.
type screen struct {
	em      *vt.Emulator
	title   string
	hidden  bool
	changed map[ansi.Mode]bool // modes that differ from the start, with their current values
	kitty   int                // depth of the kitty keyboard stack
	xterm   bool               // xterm's modifyOtherKeys
	drained chan struct{}      // closed after the last answer
}

// newScreen returns an emulated terminal. Its answers to the program, such as those to queries, are passed to answer
// in a goroutine that ends with close. They must be read, because otherwise the emulator blocks.
func newScreen(cols, rows int, answer func([]byte)) *screen {
	s := &screen{em: vt.NewEmulator(cols, rows), changed: map[ansi.Mode]bool{}, drained: make(chan struct{})}
	s.em.SetDefaultForegroundColor(foreground)
	s.em.SetDefaultBackgroundColor(background)
	s.em.SetDefaultCursorColor(foreground)

	// After a reset the emulator knows these modes and reports them as supported: synchronised frames (2026), and
	// widths counted in graphemes (2027), as the emulator counts them.
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

// close ends the goroutine that reads answers. The emulator's own Close would race with Read.
func (s *screen) close() {
	_ = s.em.InputPipe().(io.Closer).Close()
	<-s.drained
}

func (s *screen) setMode(m ansi.Mode, on bool) {
	byDefault := m == ansi.ModeAutoWrap || m == ansi.ModeTextCursorEnable
	if on == byDefault || m == ansi.ModeSaveCursor { // saving the cursor is an action, not a mode
		delete(s.changed, m)
		return
	}
	s.changed[m] = on
}

// watchKeyboard records the use of keyboard protocols, which the emulator ignores.
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

// drawing reports whether the program is in the middle of a synchronised frame, which a terminal does not show yet.
func (s *screen) drawing() bool { return s.changed[ansi.ModeSynchronizedOutput] }

// changedModes returns the modes that the program has changed and not restored, sorted.
func (s *screen) changedModes() []string {
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
