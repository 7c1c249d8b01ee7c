package card

import (
	"slices"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/session"
	"wardlight/internal/text"
	"wardlight/rbac"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Roles is the screen on which the user chooses a role. If no role is usable, it shows why, and what support needs.
type Roles struct {
	*step.Common
	step.Unfocused
	In          session.SignedIn
	card        session.Card
	others      []rbac.RoleProfile // roles that are not usable
	chosen      int                // index in In.Usable
	from        int                // first line shown
	visibleRows int                // number of lines shown, for paging
	length      int                // number of all lines
}

// NewRoles returns the screen with the roles of the user who has signed in.
func NewRoles(c *step.Common, in session.SignedIn, card session.Card) *Roles {
	s := &Roles{Common: c, In: in, card: card}
	for _, r := range in.Roles {
		usable := slices.ContainsFunc(in.Usable, func(u rbac.RoleProfile) bool { return u.URID == r.URID })
		if !usable {
			s.others = append(s.others, r)
		}
	}
	return s
}

// Wipe does nothing: the screen has no patient data.
func (s *Roles) Wipe() {}

// Choices returns a command for each usable role, with the key delay, so that none is chosen by accident when the list
// appears.
func (s *Roles) Choices() []act.Command {
	all := make([]act.Command, len(s.In.Usable))
	for i, r := range s.In.Usable {
		take := act.Command{Word: strconv.Itoa(i + 1), Ready: true, Do: step.Effect(TakeRole{r})}
		all[i] = s.Delayed(take, time.Time{})
	}
	return all
}

// Commands returns the main and the minor commands of the screen.
func (s *Roles) Commands() (main, minor []act.Command) {
	all := s.Choices()
	if len(all) == 0 {
		main = s.Updown(step.WordScroll, s.length > s.visibleRows, s.scroll)
		return main, []act.Command{
			step.Wordless(step.Command(s.Keys.PageUp, func() step.Action { s.scroll(-s.visibleRows); return nil })),
			step.Wordless(step.Command(s.Keys.PageDown, func() step.Action { s.scroll(s.visibleRows); return nil })),
		}
	}
	for i, c := range all[:min(9, len(all))] {
		digits := step.Bind("1-"+strconv.Itoa(min(9, len(all))), step.WordTakeRole, s.Keys.Number.Keys()[i])
		main = append(main, step.ChosenBy(digits, c))
	}
	main = append(main, step.ChosenBy(step.As(s.Keys.Enter, wordTakeMarked), all[s.chosen]))
	return append(main, s.Updown(step.WordMove, len(all) > 1, s.move)...), nil
}

// move moves the selection by n roles.
func (s *Roles) move(n int) { s.chosen = max(0, min(s.chosen+n, len(s.In.Usable)-1)) }

// scroll scrolls the text if there is no role to choose.
func (s *Roles) scroll(n int) { s.from = max(0, min(s.from+n, s.length-s.visibleRows)) }

// View returns the body of the screen.
func (s *Roles) View(l draw.Layout) draw.Pane {
	w := l.Body.W
	switch {
	case len(s.In.Roles) == 0:
		return s.page(s.noRole(w-6), l)
	case len(s.In.Usable) == 0:
		return s.page(s.noneUsable(w-6), l)
	default:
		return s.list(w, l.Body.H)
	}
}

// list returns the usable roles and, below, the others, with the reasons.
func (s *Roles) list(w, h int) draw.Pane {
	var all draw.Pane
	chosenAt, chosenH := 0, 0
	for i, r := range s.In.Usable {
		row := s.usableRow(i, r, w-4)
		if i == s.chosen {
			chosenAt, chosenH = len(all.Lines), len(row.Lines)
			row.Cursor = &tea.Position{X: 1}
		}
		all = draw.Stack(all, row, draw.Gap(1))
	}

	if len(s.others) > 0 {
		all = draw.Stack(all, draw.Lines("  "+s.Styles.Label.Render(wordCannotUse)))
		for _, r := range s.others {
			all = draw.Stack(all, s.otherRow(r, w-4), draw.Gap(1))
		}
	}

	all = draw.Stack(draw.Gap(1), all)
	chosenAt++
	avail := h - 5
	s.visibleRows, s.length = avail, len(all.Lines)
	s.from, _ = draw.Window(len(all.Lines), chosenAt+chosenH-1, s.from, avail)
	s.from, _ = draw.Window(len(all.Lines), chosenAt, s.from, avail)
	last := min(len(all.Lines), s.from+avail)
	cut := draw.Pane{Lines: all.Lines[s.from:last], Cursor: all.Moved(0, -s.from)}
	return draw.Stack(draw.Gap(1), draw.Paragraph(s.Styles.Plain, WordsWelcome(s.In.Person.Name), w).Indent(2),
		draw.Gap(1),
		s.Styles.Focus(titleRoles, cut, w, 0))
}

// usableRow returns a usable role: its number key, organisation and job, and what it allows.
func (s *Roles) usableRow(i int, r rbac.RoleProfile, w int) draw.Pane {
	mark, st := "  ", s.Styles.Strong
	if i == s.chosen {
		mark, st = draw.SignChosen+" ", s.Styles.Chosen
	}
	digit := " "
	if i < 9 {
		digit = strconv.Itoa(i + 1)
	}
	name := text.Pad(text.Truncate(r.OrgName+" – "+r.JobName, w-6), w-6)
	return draw.Lines(
		mark+s.Styles.Keycap.Render(digit)+" "+st.Render(" "+name),
		"     "+s.Styles.Label.Render(text.Truncate(wordsCanDo(rbac.Unscheduled(r)), w-6)),
	)
}

// otherRow returns a role that is not usable, with the reason.
func (s *Roles) otherRow(r rbac.RoleProfile, w int) draw.Pane {
	return draw.Stack(
		draw.Lines("     "+text.Truncate(r.OrgName+" – "+r.JobName, w-6)),
		draw.Paragraph(s.Styles.Label, wordsLacks(missing(r)), w-6).Indent(5),
	)
}

// noneUsable returns which codes each role lacks, who grants them, and the details for support.
func (s *Roles) noneUsable(w int) draw.Pane {
	all := []draw.Pane{draw.Paragraph(s.Styles.Warn, draw.SignFailed+" "+wordNoUsableRole, w), draw.Gap(1)}
	for _, r := range s.In.Roles {
		all = append(all,
			draw.Paragraph(s.Styles.Strong, r.OrgName+" – "+r.JobName, w),
			draw.Paragraph(s.Styles.Plain, wordsLacks(missing(r)), w-2).Indent(2),
			draw.Paragraph(s.Styles.Label, wordsRoleFacts(r), w-2).Indent(2),
			draw.Gap(1))
	}
	return draw.Stack(append(all, draw.Paragraph(s.Styles.Plain, rbac.GrantedBy, w), s.supportDetails(w))...)
}

// noRole returns the text for a person without any role.
func (s *Roles) noRole(w int) draw.Pane {
	none := wordNoRole
	if s.In.ByBrowser {
		none = wordNoRoleCIS2
	}
	return draw.Stack(
		draw.Paragraph(s.Styles.Warn, draw.SignFailed+" "+none, w), draw.Gap(1),
		draw.Paragraph(s.Styles.Plain, wordNoRoleAdvice, w), s.supportDetails(w))
}

// supportDetails returns the details of the user for support.
func (s *Roles) supportDetails(w int) draw.Pane {
	return draw.Stack(draw.Gap(1), s.Styles.Entries(wordReadOut, wordsReadOut(s.In.Person.Name, s.In.Person.UUID), w))
}

// page returns p from the line to which the user has scrolled.
func (s *Roles) page(p draw.Pane, l draw.Layout) draw.Pane {
	p = step.Padded(p)
	avail := l.Body.H - 3
	s.visibleRows, s.length = avail, len(p.Lines)
	s.from = max(0, min(s.from, len(p.Lines)-avail))
	last := min(len(p.Lines), s.from+avail)
	return draw.Stack(draw.Gap(1), s.Styles.Focus(titleRoles, draw.Lines(p.Lines[s.from:last]...), l.Body.W, 0))
}

// missing returns the codes that the role lacks to be usable, sorted.
func missing(r rbac.RoleProfile) []rbac.ActivityCode {
	codes := rbac.MissingCodes(r, rbac.MainActions(r)...)
	slices.Sort(codes)
	return codes
}

// Failing reports whether the screen shows a failure: that no role can be used.
func (s *Roles) Failing() bool { return len(s.In.Usable) == 0 }
