package tui

import (
	"slices"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/session"
	"wardlight/internal/text"
	"wardlight/rbac"
	"wardlight/tui/act"
)

// roleScreen lets the user choose a role, or says why none will do and what support needs to hear.
type roleScreen struct {
	*common
	unfocused
	in     session.SignedIn
	card   session.Card
	others []rbac.RoleProfile // those that can't be used
	chosen int                // of in.Usable
	from   int                // first line shown
	lastH  int                // lines that were shown, for paging
	length int                // lines that there are
}

func newRoleScreen(c *common, in session.SignedIn, card session.Card) *roleScreen {
	s := &roleScreen{common: c, in: in, card: card}
	for _, r := range in.Roles {
		usable := slices.ContainsFunc(in.Usable, func(u rbac.RoleProfile) bool { return u.URID == r.URID })
		if !usable {
			s.others = append(s.others, r)
		}
	}
	return s
}

func (s *roleScreen) wipe() {}

// choices returns the usable roles. None is taken in the moment in which the list appears.
func (s *roleScreen) choices() []act.Command {
	all := make([]act.Command, len(s.in.Usable))
	for i, r := range s.in.Usable {
		take := act.Command{Word: strconv.Itoa(i + 1), Ready: true, Do: effect(actTakeRole{r})}
		all[i] = s.delayed(take, time.Time{})
	}
	return all
}

func (s *roleScreen) commands() (main, minor []act.Command) {
	all := s.choices()
	if len(all) == 0 {
		main = s.updown(wordScroll, s.length > s.lastH, s.scroll)
		return main, []act.Command{
			wordless(command(s.keys.PageUp, func() action { s.scroll(-s.lastH); return nil })),
			wordless(command(s.keys.PageDown, func() action { s.scroll(s.lastH); return nil })),
		}
	}
	for i, c := range all[:min(9, len(all))] {
		digits := bind("1-"+strconv.Itoa(min(9, len(all))), wordTakeRole, s.keys.Number.Keys()[i])
		main = append(main, chosenBy(digits, c))
	}
	main = append(main, chosenBy(as(s.keys.Enter, wordTakeMarked), all[s.chosen]))
	return append(main, s.updown(wordMove, len(all) > 1, s.move)...), nil
}

// move marks a role n rows on.
func (s *roleScreen) move(n int) { s.chosen = max(0, min(s.chosen+n, len(s.in.Usable)-1)) }

// scroll moves the page where there is nothing to choose.
func (s *roleScreen) scroll(n int) { s.from = max(0, min(s.from+n, s.length-s.lastH)) }

func (s *roleScreen) view(l layout) pane {
	w := l.body.w
	switch {
	case len(s.in.Roles) == 0:
		return s.page(s.noRole(w-6), l)
	case len(s.in.Usable) == 0:
		return s.page(s.noneUsable(w-6), l)
	default:
		return s.list(w, l.body.h)
	}
}

// list shows the roles to choose from and, below, those that can't be chosen, with why.
func (s *roleScreen) list(w, h int) pane {
	var all pane
	chosenAt, chosenH := 0, 0
	for i, r := range s.in.Usable {
		row := s.usableRow(i, r, w-4)
		if i == s.chosen {
			chosenAt, chosenH = len(all.lines), len(row.lines)
			row.cursor = &tea.Position{X: 1}
		}
		all = stack(all, row, gap(1))
	}
	if len(s.others) > 0 {
		all = stack(all, lines("  "+s.th.label.Render(wordCannotUse)))
		for _, r := range s.others {
			all = stack(all, s.otherRow(r, w-4), gap(1))
		}
	}
	all = stack(gap(1), all)
	chosenAt++
	room := h - 5
	s.lastH, s.length = room, len(all.lines)
	s.from, _ = window(len(all.lines), chosenAt+chosenH-1, s.from, room)
	s.from, _ = window(len(all.lines), chosenAt, s.from, room)
	last := min(len(all.lines), s.from+room)
	cut := pane{lines: all.lines[s.from:last], cursor: all.moved(0, -s.from)}
	return stack(gap(1), paragraph(s.th.plain, wordsWelcome(s.in.Person.Name), w).indent(2), gap(1),
		s.th.focus(titleRoles, cut, w, 0))
}

// usableRow is one role that can be taken: its key, where and as what, and what it can do.
func (s *roleScreen) usableRow(i int, r rbac.RoleProfile, w int) pane {
	mark, st := "  ", s.th.strong
	if i == s.chosen {
		mark, st = signChosen+" ", s.th.chosen
	}
	digit := " "
	if i < 9 {
		digit = strconv.Itoa(i + 1)
	}
	name := text.Pad(text.Truncate(r.OrgName+" – "+r.JobName, w-6), w-6)
	return lines(
		mark+s.th.keycap.Render(digit)+" "+st.Render(" "+name),
		"     "+s.th.label.Render(text.Truncate(wordsCanDo(rbac.Unscheduled(r)), w-6)),
	)
}

// otherRow is one role that can't be taken, with why.
func (s *roleScreen) otherRow(r rbac.RoleProfile, w int) pane {
	return stack(
		lines("     "+text.Truncate(r.OrgName+" – "+r.JobName, w-6)),
		paragraph(s.th.label, wordsLacks(missing(r)), w-6).indent(5),
	)
}

// noneUsable says which code each role lacks, who grants it, and what to read out to support.
func (s *roleScreen) noneUsable(w int) pane {
	all := []pane{paragraph(s.th.warn, signFailed+" "+wordNoUsableRole, w), gap(1)}
	for _, r := range s.in.Roles {
		all = append(all,
			paragraph(s.th.strong, r.OrgName+" – "+r.JobName, w),
			paragraph(s.th.plain, wordsLacks(missing(r)), w-2).indent(2),
			paragraph(s.th.label, wordsRoleFacts(r), w-2).indent(2),
			gap(1))
	}
	return stack(append(all, paragraph(s.th.plain, rbac.GrantedBy, w), s.readOut(w))...)
}

// noRole says that the person has no role at all.
func (s *roleScreen) noRole(w int) pane {
	return stack(
		paragraph(s.th.warn, signFailed+" "+wordNoRole, w), gap(1),
		paragraph(s.th.plain, wordNoRoleAdvice, w), s.readOut(w))
}

// readOut is who is signed in, for support.
func (s *roleScreen) readOut(w int) pane {
	return stack(gap(1), s.th.entries(wordReadOut, wordsReadOut(s.in.Person.Name, s.in.Person.UUID), w))
}

// page shows a text, from the line the user has scrolled to.
func (s *roleScreen) page(p pane, l layout) pane {
	p = roomy(p)
	room := l.body.h - 3
	s.lastH, s.length = room, len(p.lines)
	s.from = max(0, min(s.from, len(p.lines)-room))
	last := min(len(p.lines), s.from+room)
	return stack(gap(1), s.th.focus(titleRoles, lines(p.lines[s.from:last]...), l.body.w, 0))
}

// missing are the codes that would make the role usable at the front door.
func missing(r rbac.RoleProfile) []rbac.ActivityCode {
	var codes []rbac.ActivityCode
	for _, a := range []rbac.Action{rbac.TracePatient, rbac.SeeLamp, rbac.OpeningOf(r)} {
		codes = append(codes, rbac.Decide(r, a).Missing...)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}
