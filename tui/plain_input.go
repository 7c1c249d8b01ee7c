package tui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wardlight/internal/nhs"
	"wardlight/internal/session"
	"wardlight/internal/text"
)

// longestLine is how much of a line is kept, in bytes: that of the terminal itself (N_TTY_BUF_SIZE), and of a path.
const longestLine = 4096

// mostWrong is how often the digits that open an alert may be typed wrong before the patient is left.
const mostWrong = 3

// input takes what was typed: keys of a passcode, or lines. What came in the same breath as the end of a passcode, or as a line
// that leads to one, is dropped, so that a paste is no more than one try. It overwrites the bytes.
func (l *linear) input(typed []byte) tea.Cmd {
	defer clear(typed)
	var cmds []tea.Cmd
	hidden := l.hidden()
	if hidden && len(typed) > 1 && typed[0] == 0x1b {
		return nil // an arrow or a function key
	}
	for _, b := range typed {
		if hidden {
			cmds = append(cmds, l.key(b))
		} else {
			cmds = append(cmds, l.letter(b))
		}
		if l.m.leaving || hidden != l.hidden() || hidden && (b == '\r' || b == '\n') {
			break
		}
	}
	return tea.Batch(cmds...)
}

// key is a key on the way to a passcode: it goes where the panes send it, so that the passcode is never in a line.
func (l *linear) key(b byte) tea.Cmd {
	var k tea.KeyPressMsg
	switch {
	case b == '\r' || b == '\n':
		k.Code = tea.KeyEnter
		l.write("\n")
		l.asked = ""
	case b == 0x7f || b == 0x08:
		k.Code = tea.KeyBackspace
	case b == 0x03 || b == 0x04: // Ctrl-C, Ctrl-D
		k = tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl}
	case b == 0x1a: // Ctrl-Z
		k = tea.KeyPressMsg{Code: 'z', Mod: tea.ModCtrl}
	case b == 0x1b || b == 0x15 && l.m.pass.Len() > 0: // Esc; Ctrl-U, which only empties
		k.Code = tea.KeyEscape
	case b < ' ':
		return nil
	default:
		k = tea.KeyPressMsg{Code: rune(b), Text: string(rune(b))}
	}
	return l.take(k)
}

// letter is a letter of a line.
func (l *linear) letter(b byte) tea.Cmd {
	switch {
	case b == '\n':
		line := string(l.typed)
		l.typed = l.typed[:0]
		return l.line(line)
	case b != '\r' && len(l.typed) < longestLine:
		l.typed = append(l.typed, b)
	}
	return nil
}

// line carries out a line and tells what comes of it.
func (l *linear) line(s string) tea.Cmd {
	l.asked = ""
	m := l.m
	var cmd tea.Cmd
	if m.in != nil && m.idleLeft() <= 0 {
		cmd = m.lock(session.Idle, wordsLockedIdle(m.cfg.IdleLock))
	} else {
		m.lastKey = m.wall()
		cmd = l.obey(strings.TrimSpace(text.Clean(s, longestLine)))
	}
	l.tell()
	return cmd
}

// again tells the screen anew.
func (l *linear) again() {
	l.told, l.asked = nil, ""
	l.tell()
}

// obey makes of a line an answer or a command. Where any text may be an answer, commands have a slash before them.
func (l *linear) obey(line string) tea.Cmd {
	m := l.m
	if m.dialog != noDialog && m.canLock() && strings.EqualFold(strings.TrimPrefix(line, "/"), wordLock) {
		return m.lock(session.Locked, wordLocked)
	}
	switch m.dialog {
	case quitDialog:
		if line == wordPlainYesAnswer {
			return m.leave()
		}
		m.dialog = noDialog
		return nil
	case idleDialog:
		m.dialog = noDialog
		l.say(wordPlainStayed)
		return nil
	case noDialog:
		words, slashed := strings.CutPrefix(line, "/")
		if s, ok := m.top().(*findScreen); ok && !s.asking {
			if !slashed {
				return l.answerField(s, line)
			}
			if words == wordPlainMore {
				l.fields = moreFields()
				return nil
			}
		}
		if s, ok := m.top().(*worklistScreen); ok && s.typing() && (!slashed || !l.names(words)) {
			return l.answerFile(s, line)
		}
		if i, err := strconv.Atoi(line); err == nil {
			return l.choose(i)
		}
		if l.field() && !slashed {
			m.top().paste(line)
			return m.press(pressOf("enter"))
		}
		line = words
	default:
	}
	return l.command(line)
}

// choose takes the entry of a list by its number.
func (l *linear) choose(i int) tea.Cmd {
	switch s := l.m.top().(type) {
	case *roleScreen:
		if i >= 1 && i <= len(s.in.Usable) {
			return l.m.carryOut(actTakeRole{s.in.Usable[i-1]})
		}
	case *resultsScreen:
		if i >= 1 && i <= len(s.rows) {
			s.chosen = i - 1
			return l.m.carryOut(actRetrieve{s.rows[s.chosen].Number})
		}
	case *worklistScreen:
		switch p, ok := s.onLine(i); {
		case ok && p.CanBeAsked():
			return l.m.carryOut(actRetrieve{p.Number})
		case ok:
			l.say(wordNotNumber + " " + p.Fault)
			return nil
		}
	case *flagsScreen:
		if s.remove(i) {
			return nil
		}
	case *printersScreen:
		if i >= 1 && i <= len(s.queues) {
			return l.m.carryOut(actTakePrinter{s.queues[i-1].Name})
		}
	}
	l.say(wordPlainNotNumber)
	return nil
}

// openLine opens the alert when the digits are those that were asked for. It does nothing in the first moment after the alert
// has been told, as the panes' key does.
func (l *linear) openLine(s *patientScreen, digits string) tea.Cmd {
	switch {
	case s.justCame(s.armedAt):
		l.say(wordPlainTooSoon)
		return nil
	case digits == "":
		l.say(wordPlainNoCode)
		return nil
	case digits == l.digits:
		l.digits = ""
		return l.m.carryOut(actOpen{})
	}
	l.digits = ""
	if l.wrong++; l.wrong == mostWrong {
		l.say(wordPlainLeft)
		return l.m.carryOut(actBack{})
	}
	s.arm()
	l.say(wordPlainWrongCode)
	return nil
}

// answerFile takes the name of a worklist's file. A path may begin with a slash, as commands do here.
func (l *linear) answerFile(s *worklistScreen, path string) tea.Cmd {
	if path == "" {
		return nil
	}
	l.told = nil // what is wrong with it is said again
	s.path.set(path)
	return l.m.press(pressOf("enter"))
}

// moreFields are the fields that a search by name can have, in the order in which they are asked for.
func moreFields() []int {
	return []int{fieldFamily, fieldBorn, fieldBornTo, fieldGiven, fieldGender, fieldPostcode}
}

// askField is the prompt of the search.
func (l *linear) askField() string {
	if len(l.fields) == 0 {
		return wordPlainFind
	}
	i := l.fields[0]
	label, hint := fieldWords(i)
	if i == fieldGender {
		names := make([]string, 0, len(genderChoices))
		for _, g := range genderChoices[1:] {
			names = append(names, g.Display())
		}
		hint = strings.ToLower(strings.Join(names, ", "))
	}
	return wordsPlainField(label, hint, i != fieldFamily && i != fieldBorn)
}

// answerField takes the answer to the field that was asked for, and searches after the last.
func (l *linear) answerField(s *findScreen, line string) tea.Cmd {
	asked := l.fields
	switch {
	case len(asked) == 0 && line == "":
		return nil
	case len(asked) == 0:
		s.again(true)
		if strings.ContainsAny(line, "0123456789") {
			s.fields[fieldNumber].set(line)
			return l.search(s)
		}
		s.fields[fieldFamily].set(line)
		l.fields = []int{fieldBorn}
		return nil
	case len(asked) == len(moreFields()):
		s.again(true)
	}
	l.fields = asked[1:]
	if asked[0] == fieldGender {
		s.genders = genderOf(line)
	} else {
		s.fields[asked[0]].set(line)
	}
	if len(l.fields) > 0 {
		return nil
	}
	return l.search(s)
}

// search sends the form. What is wrong with it is told anew, and asked for again.
func (l *linear) search(s *findScreen) tea.Cmd {
	l.told = nil
	s.focus = focusSearch
	a := s.enter()
	for i, wrong := range s.errs {
		if wrong != "" && i != fieldNumber {
			l.fields = append(l.fields, i)
		}
	}
	return l.m.carryOut(a)
}

// genderOf is a gender by the beginning of its name; any other line is none.
func genderOf(line string) nhs.Gender {
	for _, g := range genderChoices[1:] {
		if line != "" && strings.HasPrefix(strings.ToLower(g.Display()), strings.ToLower(line)) {
			return g
		}
	}
	return ""
}
