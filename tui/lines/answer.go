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
	"wardlight/tui/privacy"
	"wardlight/tui/shell"
	"wardlight/tui/step"
	"wardlight/tui/worklist"
)

// dialog is a screen that asks for a text.
type dialog interface {
	step.Screen
	SetAnswer(words string)
	SendCommand() act.Command
	// Prompt returns the prompt for the text, or "" while it is being sent.
	Prompt() string
}

// maxWrong is the number of wrong digits after which the patient's screen is left.
const maxWrong = 3

// Line handles a line of input and prints the result.
func (l *Linear) Line(s string) tea.Cmd {
	l.asked, l.midLine, l.M.TypedAt = "", false, time.Time{}
	cmd := l.handleLine(strings.TrimSpace(text.Clean(s, maxLine)))
	l.PrintNew()
	return cmd
}

// Repeat prints the whole screen again.
func (l *Linear) Repeat() {
	l.shown, l.asked = nil, ""
	l.PrintNew()
}

// handleLine handles a line as an answer or a command. Where any text may be an answer, commands begin with a slash.
func (l *Linear) handleLine(line string) tea.Cmd {
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
		if s, ok := m.Top().(*privacy.Form); ok && s.Typing() && !slashed {
			l.shown = nil // so that an error is printed even if it is the same as before
			return m.CarryOut(s.Answer(line))
		}
		if s, ok := m.Top().(dialog); ok && s.Typing() && !slashed {
			l.shown = nil
			s.SetAnswer(line)
			return l.Do(s.SendCommand())
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

// choose carries out the command of a list entry, given by its number.
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

// Do carries a command out as the panes would. It prints the reason if the command is not available or is too early.
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

// openLine opens the alert if digits are the ones that were printed and the command to open is available now.
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

// answerFile handles the name of a worklist file. A path may begin with a slash, although commands do too.
func (l *Linear) answerFile(s *worklist.Screen, path string) tea.Cmd {
	if path == "" {
		return nil
	}
	l.shown = nil // so that an error is printed even if it is the same as before
	s.Path.Set(path)
	return l.M.Press(pressOf("enter"))
}

// moreFields returns the fields of a search by name, in the order of the questions.
func moreFields() []int {
	return []int{
		find.FieldFamily, find.FieldBorn, find.FieldBornTo, find.FieldGiven, find.FieldGender,
		find.FieldPostcode, find.FieldDied,
	}
}

// askField returns the prompt for the current field of the search.
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

// answerField handles the answer for the current field. After the last field it sends the search.
func (l *Linear) answerField(s *find.Form, line string) tea.Cmd {
	asked := l.fields
	if len(asked) > 0 {
		l.answered = append(l.answered, asked[0])
	}

	switch {
	case len(asked) == 0 && line == "":
		return nil
	case len(asked) == 0:
		s.Reset(true)
		if strings.ContainsAny(line, "0123456789") {
			s.Fields[find.FieldNumber].Set(line)
			return l.search(s)
		}
		s.Fields[find.FieldFamily].Set(line)
		l.ask(false, find.FieldBorn)
		return nil
	case len(asked) == len(moreFields()):
		s.Reset(true)
	}

	l.fields = asked[1:]
	if asked[0] == find.FieldFamily && nhs.LooksLikeNumber(line) {
		s.Reset(true)
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

// search sends the form. If a field is invalid, the error is printed and the field is asked for again.
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

// ask starts to ask for fields, after which the search is sent. Without fields it resets the search.
func (l *Linear) ask(wider bool, fields ...int) { l.fields, l.answered, l.wider = fields, nil, wider }

// askBefore returns to the previous field.
func (l *Linear) askBefore() {
	n := len(l.answered) - 1
	if n < 0 {
		l.ask(false)
		return
	}
	l.fields, l.answered = append([]int{l.answered[n]}, l.fields...), l.answered[:n]
}

// askWrong asks again for the fields that are invalid.
func (l *Linear) askWrong(s *find.Form, wider bool) {
	var wrong []int
	for i, why := range s.Errs {
		if why != "" && i != find.FieldNumber {
			wrong = append(wrong, i)
		}
	}
	l.ask(wider, wrong...)
}
