// Package card is the first step: waiting for a card, its passcode, and the role to work in.
package card

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"wardlight/cardreader"
	"wardlight/internal/certerror"
	"wardlight/internal/session"
	"wardlight/tui/act"
	"wardlight/tui/ask"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// The box keeps and shows a few letters more than a passcode has, so that one too many is seen and refused, and not cut
// off and sent. mostDots is what there is room for.
const (
	spareLetters = 4
	mostDots     = 24
)

// anyForm is that of a passcode that is typed before the card has been read: what it may be is not known yet.
var anyForm = cardreader.Form{Min: 1, Max: cardreader.MaxPasscode, Letters: true}

// endsSoon is how long before its end a certificate is worth a word: care identity warns from 90 days.
const endsSoon = 90 * 24 * time.Hour

// Passcode says whose card it is and takes the passcode. What is typed while the card is still being read is kept.
type Passcode struct {
	*step.Common
	pass    *cardreader.Passcode // the model's
	note    string
	Among   bool   // other readers hold a card, too: the reader of this one is named
	held    string // what another program keeps us waiting for; "" when nothing does
	Card    session.Card
	Waiting bool  // Enter was pressed while the card was being read
	Blocked bool  // this card can't be used; err says why
	Outside bool  // the field has lost the focus: letters are commands
	err     error // of the card, or of the last sign-in
	form    string
	Reading ask.Question[session.Card]     // the card is being read ahead
	Signing ask.Question[session.SignedIn] // the sign-in is under way
	early   time.Time                      // when the last key was typed in one go with what was typed before the box was there; zero for none
}

// NewPasscode returns the box. typed is when something was last typed elsewhere.
func NewPasscode(c *step.Common, pass *cardreader.Passcode, note string, typed time.Time) *Passcode {
	return &Passcode{Common: c, pass: pass, note: note, early: typed}
}

// Note returns what happened before the box was shown; "" for nothing.
func (s *Passcode) Note() string { return s.note }

// Typing reports whether a field has the focus.
func (s *Passcode) Typing() bool { return !s.Outside && !s.Blocked && !s.Signing.Pending() }

// Paste takes pasted text for the field that has the focus.
func (s *Passcode) Paste(string) { s.form = wordNoPaste }

// Wipe wipes what was typed, and drops what is being asked.
func (s *Passcode) Wipe() {
	s.Reading.Drop()
	s.Signing.Drop()
	s.pass.Wipe()
}

// Commands returns what can be done here.
func (s *Passcode) Commands() (main, minor []act.Command) {
	do := func(f func()) func() step.Action { return func() step.Action { f(); return nil } }
	switch {
	case s.Signing.Pending():
		return nil, nil
	case s.Blocked:
		return []act.Command{step.Command(step.As(s.Keys.Again, wordReadAgain), func() step.Action { s.ReadAgain(); return ReadAgain{} })}, nil
	case s.Outside:
		again := step.Command(step.As(s.Keys.Next, wordToPasscode), do(func() { s.Outside = false }))
		again.Keys = slices.Concat(again.Keys, s.Keys.Enter.Keys())
		return []act.Command{again}, nil
	default:
		return []act.Command{step.Command(step.As(s.Keys.Enter, wordSignIn), s.Enter), step.Command(step.As(s.Keys.Esc, wordClearField), do(s.Clear))}, nil
	}
}

// Clear empties the box, and leaves it when it is empty.
func (s *Passcode) Clear() {
	s.Outside = s.pass.Len() == 0
	s.pass.Wipe()
	s.Waiting, s.form, s.early = false, "", time.Time{}
}

// Edit takes a key for the box.
func (s *Passcode) Edit(k tea.KeyPressMsg) {
	switch {
	case !s.Typing():
	case s.onReader() && k.Text != "":
		s.form = wordNotHere
	case s.onReader():
	case k.Code == tea.KeyBackspace:
		s.Waiting = false
		s.pass.Backspace()
	case s.Waiting: // the passcode is complete
	case k.Text != "" && s.continued():
		s.form = wordTypedTooEarly
	case len(k.Text) == 1 && s.taken().Takes(k.Text[0]):
		s.form = ""
		if s.pass.Len() < s.taken().Most()+spareLetters {
			s.pass.Append(k.Text[0])
		}
	case k.Text != "" && !s.taken().Letters:
		s.form = wordDigitsOnly
	case k.Text != "":
		s.form = wordNotInPasscode
	}
}

// onReader reports whether the passcode is typed on the reader: then it never comes here.
func (s *Passcode) onReader() bool { return s.Card.OnReader && !s.Reading.Pending() }

// maxTypingGap is the longest time between two keys that are typed in one go.
const maxTypingGap = time.Second

// continued reports whether the key is one of a passcode that was begun before the box was there. Its first letters
// went elsewhere, and the rest alone would cost a try, so that all of it is left out.
func (s *Passcode) continued() bool {
	if s.early.IsZero() || s.Now().Sub(s.early) >= maxTypingGap {
		return false
	}
	s.early = s.Now()
	return true
}

// taken returns the form that may be typed.
func (s *Passcode) taken() cardreader.Form {
	if s.Reading.Pending() {
		return anyForm
	}
	return s.Card.Form
}

// Enter signs in, or will as soon as the card has been read. A passcode of the wrong form never reaches the card, as
// some cards count it as a try.
func (s *Passcode) Enter() step.Action {
	if s.onReader() {
		s.form, s.err, s.note = "", nil, ""
		return SignIn{}
	}
	if s.pass.Len() == 0 && s.continued() {
		s.form, s.early = wordTypedTooEarly, time.Time{}
		return nil
	}
	if form := s.taken(); form.Check(s.pass) != nil {
		s.pass.Wipe()
		s.form = wordsPasscodeForm(s.Card.Form)
		return nil
	}
	s.form = ""
	if s.Reading.Pending() {
		s.Waiting = true
		return nil
	}
	s.err, s.note = nil, ""
	return SignIn{}
}

// CardRead takes in what was read ahead.
func (s *Passcode) CardRead(card session.Card, err error) step.Action {
	s.held = ""
	if err != nil {
		s.pass.Wipe()
		s.Card, s.err, s.Blocked, s.Waiting = card, err, true, false
		return nil
	}
	s.Card = card
	if card.Tries == 0 {
		s.pass.Wipe()
		s.err, s.Blocked, s.Waiting = &cardreader.Error{Kind: cardreader.Locked}, true, false
		return nil
	}
	if s.onReader() { // what was typed ahead was not for the reader
		if s.pass.Len() > 0 {
			s.form = wordNotHere
		}
		s.pass.Wipe()
		s.Waiting = false
	}
	if s.Waiting {
		s.Waiting = false
		return s.Enter()
	}
	return nil
}

// Refused takes in why a sign-in failed. The desk keeps the card, so the next passcode can be typed at once.
func (s *Passcode) Refused(err error) {
	s.pass.Wipe()
	s.err, s.held = err, ""
	var failed *cardreader.Error
	if errors.As(err, &failed) && failed.Kind == cardreader.WrongPasscode {
		s.Card.Tries, s.Card.TriesLow = failed.Tries, failed.Tries < 0
	}
	s.Blocked = cardreader.KindOf(err) == cardreader.Locked || s.Card.Tries == 0
	if s.Blocked {
		s.Card.Tries, s.Card.TriesLow = 0, false // whatever it said before
		s.err = &cardreader.Error{Kind: cardreader.Locked}
	}
}

// HeldUp says what is waited for, as long as something is asked of the card.
func (s *Passcode) HeldUp(err error) {
	if s.Reading.Pending() || s.Signing.Pending() {
		s.held, _, _ = step.Explain(err)
	}
}

// ReadAgain begins afresh with the card.
func (s *Passcode) ReadAgain() {
	s.Blocked, s.err, s.held = false, nil, ""
}

// View draws the body.
func (s *Passcode) View(l draw.Layout) draw.Pane {
	w := step.BoxWidth(l)
	in := w - 6
	var inner draw.Pane
	switch {
	case s.Blocked:
		inner = draw.Stack(s.facts(in), draw.Gap(1), step.FaultPane(s.Styles, s.err, in))
	default:
		inner = draw.Stack(s.facts(in), draw.Gap(1), s.box(in), s.said(in))
	}
	all := []draw.Pane{}
	for _, note := range []string{s.note, s.held} {
		if note != "" {
			all = append(all, draw.Paragraph(s.Styles.Warn, note, w), draw.Gap(1))
		}
	}
	all = append(all, s.Styles.Focus(titleCard, step.Roomy(inner), w, 0), s.Hints(w))
	return draw.Stack(all...).Centred(l.Body.W, l.Body.H)
}

// facts returns what the card says of itself.
func (s *Passcode) facts(w int) draw.Pane {
	if s.Reading.Pending() && s.Card.Ends.IsZero() {
		return draw.Lines(s.Styles.Plain.Render(wordReading))
	}
	var in draw.Pane
	if s.Among && s.Card.Reader != "" {
		in = s.Styles.Entries(wordReader, s.Card.Reader, w)
	}
	if s.Card.Ends.IsZero() {
		return in
	}
	date := certerror.Day(s.Card.Ends, s.Location)
	ends := wordsCertificateEnds(date)
	if left := s.Card.Ends.Sub(s.Now()); left > 0 && left < endsSoon {
		ends = wordsEndsSoon(date, int(left.Hours())/24)
	}
	what, who := s.Card.Holder()
	all := []draw.Pane{
		s.Styles.Entry(what, s.Styles.Strong.Render(who)),
		s.Styles.Entries(wordCertificate, ends, w),
	}
	if s.Card.Tries > 0 && !s.Blocked {
		tries := s.Styles.Plain.Render(strconv.Itoa(s.Card.Tries))
		if s.Card.Tries == 1 {
			tries = s.Styles.Warn.Render(wordLastTry)
		}
		all = append(all, s.Styles.Entry(wordTriesLeft, tries))
	}
	if s.fewTries() {
		all = append(all, s.Styles.Entry(wordTriesLeft, s.Styles.Warn.Render(wordTriesLow)))
	}
	return draw.Stack(append([]draw.Pane{in}, all...)...)
}

// fewTries reports whether wrong passcodes were typed, and the card does not say how many tries are left.
func (s *Passcode) fewTries() bool { return s.Card.FewTries() && !s.Blocked }

// box returns the field: a dot for each letter, as far as there is room, and what is going on below it.
func (s *Passcode) box(w int) draw.Pane {
	if s.onReader() {
		p := s.Styles.Entries(WordPasscode, s.Hint(), w)
		if s.Typing() {
			p.Cursor = &tea.Position{X: draw.LabelWidth}
		}
		return draw.Stack(p, draw.Paragraph(s.Styles.Warn, s.form, w-draw.LabelWidth).Indent(draw.LabelWidth))
	}
	room := min(s.Card.Form.Most()+spareLetters, mostDots)
	shown := min(s.pass.Len(), room)
	dots := strings.Repeat(draw.SignDot, shown) + strings.Repeat(" ", room-shown)
	hint := s.goingOn()
	if hint == "" {
		hint = s.Hint()
	}
	mark := "  "
	if s.Typing() {
		mark = s.Styles.Keycap.Render(draw.SignChosen) + " "
	}
	p := s.Styles.Entry(WordPasscode, mark+s.Styles.Field.Render(dots))
	if s.Typing() {
		p.Cursor = &tea.Position{X: draw.LabelWidth + 2 + shown}
	}
	st := s.Styles.Label
	if s.form != "" {
		st = s.Styles.Warn
	}
	return draw.Stack(p, draw.Paragraph(st, hint, w-draw.LabelWidth-2).Indent(draw.LabelWidth+2))
}

// Hint returns what the passcode looks like, or where it is typed.
func (s *Passcode) Hint() string {
	switch {
	case s.onReader() && s.Signing.Pending():
		return wordTypeOnReader
	case s.onReader():
		return wordBeginOnReader
	default:
		return wordsPasscodeHint(s.Card.Form)
	}
}

// goingOn returns what is going on, or what was wrong with what was typed; "" when the passcode is waited for.
func (s *Passcode) goingOn() string {
	switch {
	case s.Signing.Pending() && s.onReader():
		return wordTypeOnReader
	case s.Signing.Pending():
		return wordSigningIn
	case s.Waiting:
		return wordWillSignIn
	case s.Reading.Pending() && !s.Card.Ends.IsZero():
		return wordReading
	default:
		return s.form
	}
}

// said returns why the last sign-in failed, and that the next one may lock the card.
func (s *Passcode) said(w int) draw.Pane {
	var all []draw.Pane
	var wrong *cardreader.Error
	switch {
	case s.err == nil:
	case errors.As(s.err, &wrong) && wrong.Kind == cardreader.WrongPasscode:
		all = append(all, draw.Gap(1), draw.Paragraph(s.Styles.Warn, draw.SignFailed+" "+wordsWrongPasscode(wrong.Tries), w))
	default:
		all = append(all, draw.Gap(1), step.FaultPane(s.Styles, s.err, w))
	}
	switch {
	case s.Card.Tries == 1:
		all = append(all, draw.Gap(1), draw.Paragraph(s.Styles.Strong, wordLastTryAdvice, w))
	case s.fewTries():
		all = append(all, draw.Gap(1), draw.Paragraph(s.Styles.Strong, wordTriesLowAdvice, w))
	}
	return draw.Stack(all...)
}

// Failing reports whether the screen shows a failure. A passcode that was typed wrong is none for support.
func (s *Passcode) Failing() bool {
	return s.err != nil && cardreader.KindOf(s.err) != cardreader.WrongPasscode
}
