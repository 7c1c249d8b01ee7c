package lines

import (
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/nhs"
	"wardlight/internal/session"
	"wardlight/internal/text"
	"wardlight/tui/act"
	"wardlight/tui/find"
	"wardlight/tui/patient"
	"wardlight/tui/shell"
	"wardlight/tui/step"
	"wardlight/tui/worklist"
)

// maxWrong is how often the digits that open an alert may be typed wrong before the patient is left.
const maxWrong = 3

// Line carries out a line and tells what comes of it.
func (l *Linear) Line(s string) tea.Cmd {
	l.asked, l.mid, l.M.TypedAt = "", false, time.Time{}
	cmd := l.obey(strings.TrimSpace(text.Clean(s, maxLine)))
	l.Tell()
	return cmd
}

// Again tells the screen anew.
func (l *Linear) Again() {
	l.shown, l.asked = nil, ""
	l.Tell()
}

// obey makes of a line an answer or a command. Where any text may be an answer, commands have a slash before them.
func (l *Linear) obey(line string) tea.Cmd {
	m := l.M
	if m.Dialog != shell.NoDialog && m.CanLock() && strings.EqualFold(strings.TrimPrefix(line, "/"), step.WordLock) {
		return m.Lock(session.Locked, shell.WordLocked)
	}
	switch m.Dialog {
	case shell.QuitDialog:
		if line == wordPlainYesAnswer {
			return m.Leave()
		}
		m.Dialog = shell.NoDialog
		return nil
	case shell.IdleDialog:
		m.Dialog = shell.NoDialog
		l.Say(wordPlainStayed)
		return nil
	case shell.NoDialog:
		words, slashed := strings.CutPrefix(line, "/")
		if s, ok := m.Top().(*find.Form); ok && !s.Asking.Pending() {
			if !slashed {
				return l.answerField(s, line)
			}
			switch {
			case words == wordPlainMore:
				l.ask(false, moreFields()...)
				return nil
			case words == wordPlainBack && len(l.fields) > 0:
				l.askBefore()
				return nil
			}
		}
		if s, ok := m.Top().(*worklist.Screen); ok && s.Typing() && (!slashed || !l.names(words)) {
			return l.answerFile(s, line)
		}
		if i, err := strconv.Atoi(line); err == nil {
			return l.choose(strconv.Itoa(i))
		}
		if l.field() && !slashed {
			m.Top().Paste(line)
			return m.Press(pressOf("enter"))
		}
		line = words
	default:
	}
	return l.command(line)
}

// choose takes the entry of a list by its number.
func (l *Linear) choose(number string) tea.Cmd {
	if s, ok := l.M.Top().(step.Chooser); ok {
		for _, c := range s.Choices() {
			if c.Word == number {
				return l.Do(c)
			}
		}
	}
	l.Say(wordPlainNotNumber)
	return nil
}

// Do carries a command out where the panes would, and says when not.
func (l *Linear) Do(c act.Command) tea.Cmd {
	cmd, verdict := l.M.Try(c)
	switch {
	case verdict.TooEarly():
		l.Say(wordPlainTooEarly)
	case verdict == act.NotReady && c.Why != "":
		l.Say(c.Why)
	}
	return cmd
}

// openLine opens the alert when the digits are those that were asked for, and the panes' key would open it now.
func (l *Linear) openLine(s *patient.Screen, digits string) tea.Cmd {
	if digits == "" {
		l.Say(wordPlainNoCode)
		return nil
	}
	open := s.OpenCommand()
	right := digits == l.digits
	open.Do = func() step.Action {
		l.digits = ""
		if right {
			return patient.Open{}
		}
		if l.wrong++; l.wrong == maxWrong {
			l.Say(wordPlainLeft)
			return step.Back{}
		}
		s.Changed()
		l.Say(wordPlainWrongCode)
		return nil
	}
	cmd, verdict := l.M.Try(open)
	if verdict.TooEarly() {
		l.Say(wordPlainOpenTooEarly)
	}
	return cmd
}

// answerFile takes the name of a worklist's file. A path may begin with a slash, as commands do here.
func (l *Linear) answerFile(s *worklist.Screen, path string) tea.Cmd {
	if path == "" {
		return nil
	}
	l.shown = nil // what is wrong with it is said again
	s.Path.Set(path)
	return l.M.Press(pressOf("enter"))
}

// moreFields returns the fields that a search by name can have, in the order in which they are asked for.
func moreFields() []int {
	return []int{find.FieldFamily, find.FieldBorn, find.FieldBornTo, find.FieldGiven, find.FieldGender, find.FieldPostcode, find.FieldDied}
}

// askField returns the prompt of the search.
func (l *Linear) askField() string {
	if len(l.fields) == 0 {
		return wordPlainFind
	}
	i := l.fields[0]
	label, hint := find.FieldWords(i)
	if i == find.FieldGender {
		hint = strings.ToLower(strings.Join(find.GenderNames(), ", "))
	}
	return wordsPlainField(label, hint, i != find.FieldFamily && i != find.FieldBorn)
}

// answerField takes the answer to the field that was asked for, and searches after the last.
func (l *Linear) answerField(s *find.Form, line string) tea.Cmd {
	asked := l.fields
	if len(asked) > 0 {
		l.answered = append(l.answered, asked[0])
	}
	switch {
	case len(asked) == 0 && line == "":
		return nil
	case len(asked) == 0:
		s.Again(true)
		if strings.ContainsAny(line, "0123456789") {
			s.Fields[find.FieldNumber].Set(line)
			return l.search(s)
		}
		s.Fields[find.FieldFamily].Set(line)
		l.ask(false, find.FieldBorn)
		return nil
	case len(asked) == len(moreFields()):
		s.Again(true)
	}
	l.fields = asked[1:]
	if asked[0] == find.FieldFamily && nhs.LooksLikeNumber(line) {
		s.Again(true)
		s.Fields[find.FieldNumber].Set(line)
		l.ask(false)
		return l.search(s)
	}
	if asked[0] == find.FieldGender {
		g, known := find.GenderOf(line)
		if !known {
			l.Say(wordPlainNoGender)
			l.fields, l.answered = asked, l.answered[:len(l.answered)-1]
			return nil
		}
		s.Genders = g
	} else {
		s.Fields[asked[0]].Set(line)
	}
	if len(l.fields) > 0 {
		return nil
	}
	return l.search(s)
}

// search sends the form. What is wrong with it is told anew, and asked for again.
func (l *Linear) search(s *find.Form) tea.Cmd {
	l.shown = nil
	s.Focus = find.FocusSearch
	search := s.Enter
	if l.wider {
		search = s.SearchWider
	}
	a := search()
	l.askWrong(s, l.wider)
	return l.M.CarryOut(a)
}

// ask asks for fields of the search, and sends it after the last; without any it begins anew.
func (l *Linear) ask(wider bool, fields ...int) { l.fields, l.answered, l.wider = fields, nil, wider }

// askBefore goes back to the question before.
func (l *Linear) askBefore() {
	n := len(l.answered) - 1
	if n < 0 {
		l.ask(false)
		return
	}
	l.fields, l.answered = append([]int{l.answered[n]}, l.fields...), l.answered[:n]
}

// askWrong asks again for the fields that keep a search by name from being sent.
func (l *Linear) askWrong(s *find.Form, wider bool) {
	var wrong []int
	for i, why := range s.Errs {
		if why != "" && i != find.FieldNumber {
			wrong = append(wrong, i)
		}
	}
	l.ask(wider, wrong...)
}
