// Package card has the screens of the first step: waiting for a card, the passcode, and the choice of the role.
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

// The box accepts and shows some characters more than a passcode can have, so that a passcode that is too long is
// rejected and not truncated. maxDots is the maximum number of dots that fit.
const (
	spareLetters = 4
	maxDots      = 24
)

// anyForm is the form of a passcode typed before the card has been read, when its form is not known yet.
var anyForm = cardreader.Form{Min: 1, Max: cardreader.MaxPasscode, Letters: true}

// expiryWarning is how long before the end of a certificate a warning is shown. Care Identity warns from 90 days too.
const endsSoon = 90 * 24 * time.Hour

// Passcode is the screen that shows the card and asks for the passcode. The passcode can be typed while the card is
// being read.
type Passcode struct {
	*step.Common
	pass         *cardreader.Passcode // owned by the model
	note         string
	Among        bool   // other readers have a card too, so the name of this reader is shown
	blockedBy    string // why the card is blocked by another program, or ""
	Card         session.Card
	Waiting      bool  // Enter was pressed while the card was being read
	Blocked      bool  // this card can't be used; see err
	Outside      bool  // the field does not have the focus: letters are commands
	err          error // of the card, or of the last sign-in
	form         string
	Reading      ask.Request[session.Card]     // the card is being read
	Signing      ask.Request[session.SignedIn] // a sign-in is in progress
	foreignKeyAt time.Time                     // last key of text typed on another screen, or zero
}

// NewPasscode returns the screen. typed is when a character was last typed on another screen.
func NewPasscode(c *step.Common, pass *cardreader.Passcode, note string, typed time.Time) *Passcode {
	return &Passcode{Common: c, pass: pass, note: note, foreignKeyAt: typed}
}

// Note returns what happened before the screen was shown, or "".
func (s *Passcode) Note() string { return s.note }

// Typing reports whether a field has the focus.
func (s *Passcode) Typing() bool { return !s.Outside && !s.Blocked && !s.Signing.Pending() }

// Paste shows that a passcode cannot be pasted.
func (s *Passcode) Paste(string) { s.form = wordNoPaste }

// Wipe wipes the passcode and drops the running requests.
func (s *Passcode) Wipe() {
	s.Reading.Drop()
	s.Signing.Drop()
	s.pass.Wipe()
}

// Commands returns the main and the minor commands of the screen.
func (s *Passcode) Commands() (main, minor []act.Command) {
	do := func(f func()) func() step.Action { return func() step.Action { f(); return nil } }
	switch {
	case s.Signing.Pending():
		return nil, nil
	case s.Blocked:
		return []act.Command{step.Command(step.As(s.Keys.Again, wordReadAgain), func() step.Action {
			s.ReadAgain()
			return ReadAgain{}
		})}, []act.Command{browserCommand(s.Common)}
	case s.Outside:
		again := step.Command(step.As(s.Keys.Next, wordToPasscode), do(func() { s.Outside = false }))
		again.Keys = slices.Concat(again.Keys, s.Keys.Enter.Keys())
		return []act.Command{again}, []act.Command{browserCommand(s.Common)}
	default:
		return []act.Command{
			step.Command(step.As(s.Keys.Enter, wordSignIn), s.Enter),
			step.Command(step.As(s.Keys.Esc, wordClearField), do(s.Clear)),
		}, []act.Command{browserCommand(s.Common)}
	}
}

// Clear wipes the passcode. If it is empty, the field loses the focus.
func (s *Passcode) Clear() {
	s.Outside = s.pass.Len() == 0
	s.pass.Wipe()
	s.Waiting, s.form, s.foreignKeyAt = false, "", time.Time{}
}

// Edit handles a key for the passcode.
func (s *Passcode) Edit(k tea.KeyPressMsg) {
	switch {
	case !s.Typing():
	case s.onReader() && k.Text != "":
		s.form = wordNotHere
	case s.onReader():
	case k.Code == tea.KeyBackspace:
		s.Waiting = false
		s.pass.Backspace()
	case s.Waiting: // Enter was pressed already
	case k.Text != "" && s.continued():
		s.form = wordTypedTooEarly
	case len(k.Text) == 1 && s.acceptedForm().Allows(k.Text[0]):
		s.form = ""
		if s.pass.Len() < s.acceptedForm().MaxLen()+spareLetters {
			s.pass.Append(k.Text[0])
		}
	case k.Text != "" && !s.acceptedForm().Letters:
		s.form = wordDigitsOnly
	case k.Text != "":
		s.form = wordNotInPasscode
	}
}

// onReader reports whether the passcode is typed on the reader, so that this program does not receive it.
func (s *Passcode) onReader() bool { return s.Card.OnReader && !s.Reading.Pending() }

// maxTypingGap is the maximum time between two keys of the same text.
const maxTypingGap = time.Second

// continued reports whether the key continues text that was started before the screen was shown. Its first characters
// went elsewhere, and the rest alone would use up a try, so it is all ignored.
func (s *Passcode) continued() bool {
	if s.foreignKeyAt.IsZero() || s.Now().Sub(s.foreignKeyAt) >= maxTypingGap {
		return false
	}
	s.foreignKeyAt = s.Now()
	return true
}

// acceptedForm returns the form of the passcode that may be typed now.
func (s *Passcode) acceptedForm() cardreader.Form {
	if s.Reading.Pending() {
		return anyForm
	}
	return s.Card.Form
}

// Enter returns the action to sign in or, while the card is being read, signs in as soon as that is done. A passcode
// of the wrong form is rejected here, because some cards count it as a try.
func (s *Passcode) Enter() step.Action {
	if s.onReader() {
		s.form, s.err, s.note = "", nil, ""
		return SignIn{}
	}

	if s.pass.Len() == 0 && s.continued() {
		s.form, s.foreignKeyAt = wordTypedTooEarly, time.Time{}
		return nil
	}

	if form := s.acceptedForm(); form.Check(s.pass) != nil {
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

// CardRead handles the result of reading the card.
func (s *Passcode) CardRead(card session.Card, err error) step.Action {
	s.blockedBy = ""
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

	if s.onReader() { // a passcode typed here is not used
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

// Refused handles the error of a sign-in. The card need not be read again, so the next passcode can be typed at once.
func (s *Passcode) Refused(err error) {
	s.pass.Wipe()
	s.err, s.blockedBy = err, ""
	var failed *cardreader.Error
	if errors.As(err, &failed) && failed.Kind == cardreader.WrongPasscode {
		s.Card.Tries, s.Card.TriesLow = failed.Tries, failed.Tries < 0
	}
	s.Blocked = cardreader.KindOf(err) == cardreader.Locked || s.Card.Tries == 0
	if s.Blocked {
		s.Card.Tries, s.Card.TriesLow = 0, false // even if the card reported tries left
		s.err = &cardreader.Error{Kind: cardreader.Locked}
	}
}

// SetBlocked shows which program blocks the card, while a request to the card is running.
func (s *Passcode) SetBlocked(err error) {
	if s.Reading.Pending() || s.Signing.Pending() {
		s.blockedBy, _, _ = step.Explain(err)
	}
}

// ReadAgain clears the errors before the card is read again.
func (s *Passcode) ReadAgain() {
	s.Blocked, s.err, s.blockedBy = false, nil, ""
}

// View returns the body of the screen.
func (s *Passcode) View(l draw.Layout) draw.Pane {
	w := step.BoxWidth(l)
	in := w - 6
	var inner draw.Pane
	switch {
	case s.Blocked:
		inner = draw.Stack(s.facts(in), draw.Gap(1), step.FaultPane(s.Styles, s.err, in))
	default:
		inner = draw.Stack(s.facts(in), draw.Gap(1), s.box(in), s.errorPane(in))
	}
	all := []draw.Pane{}
	for _, note := range []string{s.note, s.blockedBy} {
		if note != "" {
			all = append(all, draw.Paragraph(s.Styles.Warn, note, w), draw.Gap(1))
		}
	}
	all = append(all, s.Styles.Focus(titleCard, step.Padded(inner), w, 0), s.Hints(w))
	return draw.Stack(all...).Centred(l.Body.W, l.Body.H)
}

// facts returns the details of the card.
func (s *Passcode) facts(w int) draw.Pane {
	if s.Reading.Pending() && s.Card.NotAfter.IsZero() {
		return draw.Lines(s.Styles.Plain.Render(wordReading))
	}

	var in draw.Pane
	if s.Among && s.Card.Reader != "" {
		in = s.Styles.Entries(wordReader, s.Card.Reader, w)
	}

	if s.Card.NotAfter.IsZero() {
		return in
	}

	date := certerror.Day(s.Card.NotAfter, s.Location)
	ends := wordsCertificateEnds(date)
	if left := s.Card.NotAfter.Sub(s.Now()); left > 0 && left < endsSoon {
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

// box returns the passcode field, with a dot for each character as far as they fit, and a hint or the state below it.
func (s *Passcode) box(w int) draw.Pane {
	if s.onReader() {
		p := s.Styles.Entries(WordPasscode, s.Hint(), w)
		if s.Typing() {
			p.Cursor = &tea.Position{X: draw.LabelWidth}
		}
		return draw.Stack(p, draw.Paragraph(s.Styles.Warn, s.form, w-draw.LabelWidth).Indent(draw.LabelWidth))
	}

	avail := min(s.Card.Form.MaxLen()+spareLetters, maxDots)
	shown := min(s.pass.Len(), avail)
	dots := strings.Repeat(draw.SignDot, shown) + strings.Repeat(" ", avail-shown)
	hint := s.status()
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

// Hint returns the form of the passcode, or where it is typed.
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

// status returns the state of the sign-in or what is wrong with the typed passcode. It returns "" if there is
// neither.
func (s *Passcode) status() string {
	switch {
	case s.Signing.Pending() && s.onReader():
		return wordTypeOnReader
	case s.Signing.Pending():
		return wordSigningIn
	case s.Waiting:
		return wordWillSignIn
	case s.Reading.Pending() && !s.Card.NotAfter.IsZero():
		return wordReading
	default:
		return s.form
	}
}

// errorPane returns the error of the last sign-in, and a warning if the next one may lock the card.
func (s *Passcode) errorPane(w int) draw.Pane {
	var all []draw.Pane
	var wrong *cardreader.Error
	switch {
	case s.err == nil:
	case errors.As(s.err, &wrong) && wrong.Kind == cardreader.WrongPasscode:
		all = append(all, draw.Gap(1), draw.Paragraph(s.Styles.Warn, draw.SignFailed+" "+
			wordsWrongPasscode(wrong.Tries), w))
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

// Failing reports whether the screen shows a failure. A wrong passcode is not one, because support can't help with it.
func (s *Passcode) Failing() bool {
	return s.err != nil && cardreader.KindOf(s.err) != cardreader.WrongPasscode
}
