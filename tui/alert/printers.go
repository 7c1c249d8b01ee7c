package alert

import (
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/cups"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Printers is the list of printers to choose from.
type Printers struct {
	*step.Common
	step.Unfocused
	preview *Preview
	queues  []cups.Queue
	chosen  int
	from    int // index of the first one shown
}

// NewPrinters returns the list of printers. The one in use is chosen, or else the default.
func NewPrinters(c *step.Common, p *Preview, queues []cups.Queue) *Printers {
	s := &Printers{Common: c, preview: p, queues: queues}
	for i, q := range queues {
		if q.Name == p.Printer {
			s.chosen = i
		}
	}
	return s
}

// Wipe clears all data that was typed or shown.
func (s *Printers) Wipe() { s.queues, s.chosen = nil, 0 }

// Place returns the step that the screen belongs to.
func (s *Printers) Place() draw.Place { return s.preview.Place() }

// Banner returns the patient's banner, w cells wide.
func (s *Printers) Banner(w int) draw.Pane { return s.preview.Banner(w) }

// Choices returns a command for each printer, with the key delay, so that none is chosen by accident when the list
// appears.
func (s *Printers) Choices() []act.Command {
	all := make([]act.Command, len(s.queues))
	for i, q := range s.queues {
		take := act.Command{Word: strconv.Itoa(i + 1), Ready: true, Do: step.Effect(TakePrinter{q.Name})}
		all[i] = s.Delayed(take, time.Time{})
	}
	return all
}

// Commands returns the main and the minor commands of the screen.
func (s *Printers) Commands() (main, minor []act.Command) {
	if all := s.Choices(); len(all) > 0 {
		main = append(main, step.ChosenBy(step.As(s.Keys.Enter, wordTakePrinter), all[s.chosen]))
	}
	main = append(main, s.Updown(step.WordMove, len(s.queues) > 1, s.move)...)
	return append(main, step.Command(s.Keys.Esc, step.Effect(step.Back{}))), nil
}

// move moves the selection by n rows.
func (s *Printers) move(n int) { s.chosen = max(0, min(s.chosen+n, len(s.queues)-1)) }

// View returns the body of the screen.
func (s *Printers) View(l draw.Layout) draw.Pane {
	head := draw.Stack(draw.Gap(1), draw.Paragraph(s.Styles.Plain, wordWhichPrinter, l.Body.W-2).Indent(1), draw.Gap(1))
	avail := max(1, l.Body.H-len(head.Lines)-2)
	first, last := draw.Window(len(s.queues), s.chosen, s.from, avail)
	s.from = first
	var rows draw.Pane
	for i := first; i < last; i++ {
		q := s.queues[i]
		mark, st := "  ", s.Styles.Plain
		if i == s.chosen {
			mark, st = draw.SignChosen+" ", s.Styles.Chosen
		}
		widths := []int{max(20, l.Body.W/3), 0}
		widths[1] = max(1, l.Body.W-6-draw.ColumnGap-widths[0])
		row := draw.Lines(mark + st.Render(draw.Columns(widths, q.Name, whatItDoes(q))))
		if i == s.chosen {
			row.Cursor = &tea.Position{X: 1}
		}
		rows = draw.Stack(rows, row)
	}

	return draw.Stack(head, s.Styles.Focus(titlePrinters, rows, l.Body.W, 0))
}

// whatItDoes returns the state of a printer and whether it is the default.
func whatItDoes(q cups.Queue) string {
	does := wordsQueue(q)
	if q.Default {
		does = strings.TrimSuffix(wordDefaultPrinter+", "+does, ", ")
	}
	return does
}
