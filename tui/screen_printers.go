package tui

import (
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/cups"
	"wardlight/tui/act"
)

// printersScreen is the list of printers to choose from.
type printersScreen struct {
	*common
	unfocused
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

func (s *printersScreen) wipe()             { s.queues, s.chosen = nil, 0 }
func (s *printersScreen) place() place      { return atAlert }
func (s *printersScreen) banner(w int) pane { return s.preview.banner(w) }

// choices returns the printers. None is taken in the moment in which the list appears.
func (s *printersScreen) choices() []act.Command {
	all := make([]act.Command, len(s.queues))
	for i, q := range s.queues {
		take := act.Command{Word: strconv.Itoa(i + 1), Ready: true, Do: effect(actTakePrinter{q.Name})}
		all[i] = s.delayed(take, time.Time{})
	}
	return all
}

func (s *printersScreen) commands() (main, minor []act.Command) {
	if all := s.choices(); len(all) > 0 {
		main = append(main, chosenBy(as(s.keys.Enter, wordTakePrinter), all[s.chosen]))
	}
	main = append(main, s.updown(wordMove, len(s.queues) > 1, s.move)...)
	return append(main, command(s.keys.Esc, effect(actBack{}))), nil
}

// move marks a printer n rows on.
func (s *printersScreen) move(n int) { s.chosen = max(0, min(s.chosen+n, len(s.queues)-1)) }

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
	does := wordsQueue(q)
	if q.Default {
		does = strings.TrimSuffix(wordUsualPrinter+", "+does, ", ")
	}
	return does
}
