package patient

import (
	"strings"

	"charm.land/bubbles/v2/key"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Banner returns the patient's banner, w cells wide.
func (s *Screen) Banner(w int) draw.Pane {
	return s.PatientBanner(s.Number, s.Record, s.RecordFault() != nil, w)
}

// View returns the body of the screen: child protection first, then the other flags, then the record.
func (s *Screen) View(l draw.Layout) draw.Pane {
	dispute := s.mismatchWords(l.Body.W - 4).Indent(2)
	high := l.Body.H - len(dispute.Lines)
	if l.Wide {
		return draw.Stack(dispute, s.framed(l.Body.W, high))
	}
	return draw.Stack(dispute, s.unframed(l.Body.W, high))
}

// framed returns the body of a wide window, where every part has a frame.
func (s *Screen) framed(w, h int) draw.Pane {
	facts := s.facts(w - 4)
	record := max(minPanelHeight, len(facts.Lines)+2)
	lamp := s.lampBox(w, spacious)
	flags := s.flagsPanel(w, h-len(lamp.Lines)-record)
	if len(lamp.Lines)+len(flags.Lines)+minPanelHeight > h {
		lamp = s.lampBox(w, dense)
		flags = s.flagsPanel(w, h-len(lamp.Lines)-record)
	}
	avail := h - len(lamp.Lines) - len(flags.Lines)
	if avail < minPanelHeight {
		return draw.Stack(lamp, flags)
	}
	return draw.Stack(lamp, flags, s.Styles.Panel(titleRecord, facts, w, avail))
}

// unframed returns the body of a narrow window, where only child protection has a frame. Empty lines are left out
// before text.
func (s *Screen) unframed(w, h int) draw.Pane {
	lamp, facts := s.lampBox(w, normal), s.facts(w-4).Indent(2)
	avail := h - len(lamp.Lines) - len(facts.Lines) - 2
	if len(s.Lamp.Flags) > 0 {
		flags := draw.Stack(draw.Gap(1), s.flagsPane(w-4, avail-1).Indent(2))
		if avail -= len(flags.Lines); avail >= 0 {
			lamp = draw.Stack(lamp, flags)
		}
	}
	if avail >= 0 {
		lamp = lamp.AtLeast(min(lampLines+4, len(lamp.Lines)+avail), w)
		return draw.Stack(draw.Gap(1), lamp, draw.Gap(1), facts)
	}

	lamp, facts = s.lampBox(w, dense), draw.Dense(facts)
	flags := s.flagsPane(w-4, h-len(lamp.Lines)-len(facts.Lines))
	return draw.Stack(lamp, flags.Indent(2), facts)
}

// mismatchWords returns the warning that the list names another person, with the key that confirms the patient.
func (s *Screen) mismatchWords(w int) draw.Pane {
	if !s.Disputed() {
		return draw.Pane{}
	}
	return draw.Stack(
		draw.Paragraph(s.Styles.Warn, draw.SignFailed+" "+wordsOtherListed(*s.Listed), w),
		draw.Paragraph(s.Styles.Plain, s.mismatch.Sentence()+" "+s.mismatch.Advice(), w),
		s.keyWords(s.Keys.Yes, wordConfirming, w))
}

// minPanelHeight is the minimum height of a panel: its borders and one line.
const minPanelHeight = 3

// facts returns the details of the record that are not in the banner.
func (s *Screen) facts(w int) draw.Pane {
	switch {
	case s.RecordFault() != nil:
		return draw.Stack(draw.Lines(s.Styles.Strong.Render(wordNoRecord)), step.FaultPane(s.Styles, s.RecordErr, w),
			draw.Paragraph(s.Styles.Label, wordsTried(s.recordTries, nhs.Instant(s.recordAt, s.Location)), w))
	case s.Record == nil: // the banner shows that it has been requested
		return draw.Pane{}
	}

	p := s.Record
	var all []draw.Pane
	if p.AskedFor != "" && p.AskedFor != p.Number {
		all = append(all, draw.Paragraph(s.Styles.Warn, wordsSuperseded(p.AskedFor.String(), p.Number.String()), w),
			draw.Gap(1))
	}

	if s.Listed != nil && s.Listed.Name != "" && !s.Disputed() {
		words := wordsListed(*s.Listed)
		if s.mismatch != nil {
			words += ". " + wordConfirmed
		}
		all = append(all, s.Styles.Entries(wordOnTheList, words, w))
	}

	address, phone := nhs.NotKnown, nhs.NotKnown
	switch {
	case p.Restricted:
		address, phone = step.WordWithheld, step.WordWithheld
	default:
		if len(p.Address) > 0 {
			address = strings.Join(p.Address, ", ")
		}
		if p.Phone != "" {
			phone = nhs.DisplayPhone(p.Phone)
		}
	}

	all = append(all, s.Styles.Entries(wordAddress, address, w), s.Styles.Entries(wordPhone, phone, w))
	if p.Restricted {
		all = append(all, draw.Gap(1), draw.Paragraph(s.Styles.Label, wordRestricted, w))
	}

	return draw.Stack(all...)
}

// lampLines is the height of the text of "none recorded" at 80 columns. The lamp has at least the height of its box in
// all states, so that the text below does not move when the answer arrives.
const lampLines = 6

// spacing is how much space is left in the box of the lamp.
type spacing int

const (
	dense    spacing = iota // no empty lines
	normal                  // empty lines between sentences, but none in an alert: each costs 40 bytes
	spacious                // empty lines between sentences, and at the borders
)

// lampBox returns the alert state in words with its sign; ALERT has its own border.
func (s *Screen) lampBox(w int, space spacing) draw.Pane {
	in := w - 6
	padded := step.Padded
	if space == dense {
		padded = func(p draw.Pane) draw.Pane { return draw.Dense(p).Indent(1) }
	}

	switch {
	case s.Asking():
		// No frame yet: its style depends on the state, and drawing it twice takes half a second on a slow line.
		return draw.Stack(draw.Gap(1), step.Padded(s.otherWords(in).AtLeast(lampLines, in)).Indent(2), draw.Gap(1))
	case s.Lamp.State == client.Alert:
		words := s.alertWords(in, space).Indent(1)
		if space == spacious {
			words = draw.Stack(draw.Gap(1), words, draw.Gap(1)).AtLeast(lampLines+2, in)
		}
		return draw.Headed(draw.Double, s.Styles.AlertBorder, s.alertBand(w), words, w)
	case s.Lamp.State == client.CouldNotCheck:
		return draw.Box(draw.Single, s.Styles.Warn, s.Styles.Warn, titleLamp, padded(s.otherWords(in)), w, 0)
	default:
		return s.Styles.Panel(titleLamp, padded(s.otherWords(in).AtLeast(lampLines, in)), w, 0)
	}
}

// alertBand returns the head of an alert's box: the word ALERT, what it is about, and as of when.
func (s *Screen) alertBand(w int) string {
	band := " " + draw.SignAlert + " " + client.Alert.String() + "  " + titleLamp
	asOf := wordsAsOf(nhs.Instant(s.Lamp.AsOf, s.Location)) + " "
	band += strings.Repeat(" ", max(1, w-text.Width(band)-text.Width(asOf))) + asOf
	return s.Styles.Alert.Render(text.Pad(text.Truncate(band, w), w))
}

// alertWords returns the text below the band of an alert: what the key to open it does, or why that failed. If there is
// no space and opening failed, the text about the key is left out: the error covers it, and the bottom row has the
// key.
func (s *Screen) alertWords(w int, space spacing) draw.Pane {
	gap := draw.Gap(0)
	if space == spacious {
		gap = draw.Gap(1)
	}

	var all []draw.Pane
	if s.OpenErr != nil {
		all = append(all, s.openFault(w), gap)
	}

	if s.Lamp.RecordMissing {
		all = append(all, draw.Paragraph(s.Styles.Warn, client.WordsRecordMissing, w), gap)
	}

	switch {
	case s.Opening.Pending():
		all = append(all, draw.Paragraph(s.Styles.Strong, wordOpening, w))
	case s.OpenErr != nil && space == dense, s.notOffered():
	case s.Opened != nil:
		all = append(all, s.keyLine(wordsOpenedBefore(nhs.Instant(s.Opened.AsOf, s.Location)), w))
	case s.Disputed(): // the key that confirms the patient is shown above
	case s.Record == nil && !s.unrecorded():
		wait := draw.Paragraph(s.Styles.Plain, wordRecordFirst, w)
		if space != dense { // the height of the text that follows, so that what is below does not move then
			wait = wait.AtLeast(2, w)
		}
		all = append(all, wait)
	case s.Notifies:
		all = append(all, s.keyLine(wordOpenNotifies, w))
	default:
		all = append(all, s.keyLine(wordOpenSilent, w))
	}

	if flag := s.flagWords(w, s.OpenErr != nil); len(flag.Lines) > 0 {
		all = append(all, flag)
	}

	return draw.Stack(all...)
}

// keyLine returns what the key to open does, preceded by the key.
func (s *Screen) keyLine(words string, w int) draw.Pane { return s.keyWords(s.Keys.Open, words, w) }

// keyWords returns what a key does, preceded by the key.
func (s *Screen) keyWords(b key.Binding, words string, w int) draw.Pane {
	k := b.Help().Key
	return draw.Beside(draw.Lines(s.Styles.Keycap.Render(k)), text.Width(k), 2, draw.Paragraph(s.Styles.Plain, words,
		w-text.Width(k)-2))
}

// openFault returns the error of opening the alert, and whether the opening may have been recorded.
func (s *Screen) openFault(w int) draw.Pane {
	recorded := wordNotRecorded
	switch {
	case !s.Notifies:
		recorded = wordSilentAnyway
	case mayBeRecorded(s.OpenErr):
		recorded = wordMayBeRecorded
	}
	return draw.Stack(
		draw.Paragraph(s.Styles.Warn, draw.SignFailed+" "+wordCouldNotOpen, w),
		s.whyNot(s.OpenErr, w),
		draw.Paragraph(s.Styles.Strong, recorded, w))
}

// otherWords returns the text of the other three states, or that the lamp is being asked for.
func (s *Screen) otherWords(w int) draw.Pane {
	state := draw.Lines(step.StateWords(s.Styles, s.State()))
	switch {
	case s.Asking():
		return draw.Paragraph(s.Styles.Plain, wordLampAsked, w) // the line above the body shows the state
	case s.Lamp.State == client.NoneRecorded:
		return draw.Stack(
			draw.Beside(state, state.Width(), 2,
				draw.Lines(s.Styles.Label.Render(wordsAsOf(nhs.Instant(s.Lamp.AsOf, s.Location))))),
			draw.Gap(1),
			draw.Paragraph(s.Styles.Plain, wordNoneRecordedSays, w),
			draw.Paragraph(s.Styles.Plain, client.WordsNoneRecorded, w),
			s.againByQuery(w))
	case s.Lamp.State == client.CouldNotCheck:
		return draw.Stack(state, draw.Gap(1), s.unchecked(w), s.againByQuery(w))
	case s.Lamp.OpeningAsks():
		return s.queryWords(w)
	case s.Lamp.Err != nil:
		return draw.Stack(state, draw.Gap(1), s.whyNot(s.Lamp.Err, w))
	default:
		return draw.Stack(
			state, draw.Gap(1),
			draw.Paragraph(s.Styles.Plain, wordNotCheckedMeans, w))
	}
}

// unchecked returns the sentences for an alert that could not be checked.
func (s *Screen) unchecked(w int) draw.Pane {
	what, meaning := client.WordsUnchecked(client.KindOf(s.Lamp.Err))
	if meaning != "" {
		return draw.Stack(
			draw.Paragraph(s.Styles.Strong, what, w),
			draw.Paragraph(s.Styles.Plain, meaning, w), draw.Gap(1),
			draw.Paragraph(s.Styles.Strong, s.Procedure.Words(), w))
	}

	return draw.Stack(
		draw.Paragraph(s.Styles.Strong, what+" "+s.Procedure.Words(), w), draw.Gap(1),
		s.whyNot(s.Lamp.Err, w),
		draw.Paragraph(s.Styles.Label, wordsTried(s.lampTries, nhs.Instant(s.lampAt, s.Location)), w))
}

// whyNot returns the error of the lamp.
func (s *Screen) whyNot(err error, w int) draw.Pane {
	sentence, advice, code := step.Explain(err)
	return draw.Stack(
		draw.Paragraph(s.Styles.Plain, sentence+" "+advice, w),
		draw.Paragraph(s.Styles.Label, step.WordsCode(code), w))
}
