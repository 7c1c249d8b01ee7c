package tui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"wardlight/internal/cups"
)

// printersScreen is the list of printers to choose from.
type printersScreen struct {
	*common
	preview *previewScreen
	queues  []cups.Queue
	chosen  int
	from    int // first one shown
}

// newPrintersScreen lists the printers; the one that is in use is marked, or the usual one.
func newPrintersScreen(c *common, p *previewScreen, queues []cups.Queue) *printersScreen {
	s := &printersScreen{common: c, preview: p, queues: queues}
	for i, q := range queues {
		if q.Name == p.printer {
			s.chosen = i
		}
	}
	return s
}

func (s *printersScreen) typing() bool      { return false }
func (s *printersScreen) paste(string)      {}
func (s *printersScreen) wipe()             { s.queues, s.chosen = nil, 0 }
func (s *printersScreen) place() place      { return atAlert }
func (s *printersScreen) banner(w int) pane { return s.preview.banner(w) }

func (s *printersScreen) bindings() (main, minor []key.Binding) {
	several := len(s.queues) > 1
	return []key.Binding{
		when(as(s.keys.Enter, wordTakePrinter), len(s.queues) > 0), when(as(s.keys.Scroll, wordMove), several), s.keys.Esc,
	}, nil
}

func (s *printersScreen) press(k tea.KeyPressMsg) action {
	last := len(s.queues) - 1
	switch {
	case key.Matches(k, s.keys.Enter) && last >= 0 && !k.IsRepeat:
		return actTakePrinter{s.queues[s.chosen].Name}
	case key.Matches(k, s.keys.Esc):
		return actBack{}
	case key.Matches(k, s.keys.Up):
		s.chosen = max(0, s.chosen-1)
	case key.Matches(k, s.keys.Down):
		s.chosen = min(max(0, last), s.chosen+1)
	}
	return nil
}

func (s *printersScreen) view(l layout) pane {
	head := stack(gap(1), paragraph(s.th.plain, wordWhichPrinter, l.body.w-2).indent(1), gap(1))
	room := max(1, l.body.h-len(head.lines)-2)
	first, last := window(len(s.queues), s.chosen, s.from, room)
	s.from = first
	var rows pane
	for i := first; i < last; i++ {
		q := s.queues[i]
		mark, st := "  ", s.th.plain
		if i == s.chosen {
			mark, st = signChosen+" ", s.th.chosen
		}
		widths := []int{max(20, l.body.w/3), 0}
		widths[1] = max(1, l.body.w-6-columnGap-widths[0])
		row := lines(mark + st.Render(columns(widths, q.Name, whatItDoes(q))))
		if i == s.chosen {
			row.cursor = &tea.Position{X: 1}
		}
		rows = stack(rows, row)
	}
	return stack(head, s.th.focus(titlePrinters, rows, l.body.w, 0))
}

// whatItDoes is what is known of a printer besides its name.
func whatItDoes(q cups.Queue) string {
	does := wordsQueue(q.State)
	if q.Default {
		does = strings.TrimSuffix(wordUsualPrinter+", "+does, ", ")
	}
	return does
}
