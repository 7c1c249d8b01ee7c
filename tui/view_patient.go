package tui

import (
	"strings"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
)

func (s *patientScreen) banner(w int) pane {
	return s.patientBanner(s.number, s.record, s.recordFault() != nil, w)
}

func (s *patientScreen) view(l layout) pane {
	if l.wide {
		lamp := s.lampBox(l.body.w, false)
		if len(lamp.lines)+leastPanel > l.body.h {
			lamp = s.lampBox(l.body.w, true)
		}
		room := l.body.h - len(lamp.lines)
		if room < leastPanel {
			return lamp
		}
		return stack(lamp, s.th.panel(titleRecord, s.facts(l.body.w-4), l.body.w, room))
	}
	lamp, facts, space := s.lampBox(l.body.w, false), s.facts(l.body.w-4).indent(2), gap(1)
	if 2*len(space.lines)+len(lamp.lines)+len(facts.lines) > l.body.h { // what is said goes before the room round it
		lamp, facts, space = s.lampBox(l.body.w, true), dense(facts), gap(0)
	}
	return stack(space, lamp, space, facts)
}

// leastPanel is how many lines a panel takes at least: its edges, and one line in them.
const leastPanel = 3

// facts are what the record says besides the banner.
func (s *patientScreen) facts(w int) pane {
	switch {
	case s.recordFault() != nil:
		return stack(lines(s.th.strong.Render(wordNoRecord)), s.th.faultPane(s.recordErr, w))
	case s.record == nil: // the banner says that it is on its way
		return pane{}
	}
	p := s.record
	var all []pane
	if p.AskedFor != "" && p.AskedFor != p.Number {
		all = append(all, paragraph(s.th.warn, wordsSuperseded(p.AskedFor.String(), p.Number.String()), w), gap(1))
	}
	address, phone := nhs.NotKnown, nhs.NotKnown
	switch {
	case p.Restricted:
		address, phone = wordWithheld, wordWithheld
	default:
		if len(p.Address) > 0 {
			address = strings.Join(p.Address, ", ")
		}
		if p.Phone != "" {
			phone = nhs.DisplayPhone(p.Phone)
		}
	}
	all = append(all, s.th.entries(wordAddress, address, w), s.th.entries(wordPhone, phone, w))
	if p.Restricted {
		all = append(all, gap(1), paragraph(s.th.label, wordRestricted, w))
	}
	return stack(all...)
}

// lampLines are those of an alert's words where nothing wraps. The other states take as many at least, so that an alert that comes
// leaves what stands below it where it is.
const lampLines = 5

// lampBox says which of the four states holds, in words and with a sign; ALERT has a border of its own. Where there is little room it
// has no empty lines.
func (s *patientScreen) lampBox(w int, narrow bool) pane {
	in := w - 6
	room := roomy
	if narrow {
		room = func(p pane) pane { return dense(p).indent(1) }
	}
	if s.asking {
		// No frame yet: the frame tells an alert from the rest, and drawing one to draw another costs a slow line half a second.
		return stack(gap(1), roomy(s.quietWords(in).atLeast(lampLines, in)).indent(2), gap(1))
	}
	if s.lamp.State == client.Alert {
		return box(double, s.th.alarming, s.th.alarming, titleLamp, room(s.alertWords(in, narrow)), w, 0)
	}
	if s.lamp.State == client.CouldNotCheck {
		return box(single, s.th.warn, s.th.warn, titleLamp, room(s.quietWords(in)), w, 0)
	}
	return s.th.panel(titleLamp, room(s.quietWords(in).atLeast(lampLines, in)), w, 0)
}

// alertWords are the words of an alert: that there is one, and what the key does before it is pressed; where there is little room, what
// became of an opening says that, and the foot has the key.
func (s *patientScreen) alertWords(w int, narrow bool) pane {
	bar := " " + signAlert + " " + client.Alert.String()
	asOf := wordsAsOf(nhs.Instant(s.lamp.AsOf, s.loc)) + " "
	bar += strings.Repeat(" ", max(1, w-text.Width(bar)-text.Width(asOf))) + asOf
	all := []pane{
		lines(s.th.alert.Render(text.Truncate(bar, w))),
		gap(1),
	}
	if s.openErr != nil {
		all = append(all, s.openFault(w), gap(1))
	} else {
		all = append(all, paragraph(s.th.strong, wordThereIsAnAlert, w), gap(1))
	}
	if s.lamp.RecordMissing {
		all = append(all, paragraph(s.th.warn, client.WordsRecordMissing, w), gap(1))
	}
	switch {
	case s.opening:
		all = append(all, paragraph(s.th.strong, wordOpening, w))
	case s.openErr != nil && narrow:
	case s.opened != nil:
		all = append(all, s.keyLine(wordsOpenedBefore(nhs.Instant(s.opened.AsOf, s.loc)), w))
	case s.record == nil && !s.unrecorded():
		all = append(all, paragraph(s.th.plain, wordRecordFirst, w))
	case s.notifies:
		all = append(all, s.keyLine(wordOpenNotifies, w))
	default:
		all = append(all, s.keyLine(wordOpenSilent, w))
	}
	if flag := s.flagWords(w, s.openErr != nil); len(flag.lines) > 0 {
		all = append(all, flag)
	}
	return stack(all...)
}

// keyLine is what the opening key does, with the key before it.
func (s *patientScreen) keyLine(words string, w int) pane {
	k := s.keys.Open.Help().Key
	return beside(lines(s.th.keycap.Render(k)), text.Width(k), 2, paragraph(s.th.plain, words, w-text.Width(k)-2))
}

// openFault is why an opening failed and what is known of whether it was recorded.
func (s *patientScreen) openFault(w int) pane {
	recorded := wordNotRecorded
	switch {
	case !s.notifies:
		recorded = wordSilentAnyway
	case mayBeRecorded(s.openErr):
		recorded = wordMayBeRecorded
	}
	return stack(
		paragraph(s.th.warn, signFailed+" "+wordCouldNotOpen, w),
		s.whyNot(s.openErr, w),
		paragraph(s.th.strong, recorded, w))
}

// quietWords are the words of the other three states.
func (s *patientScreen) quietWords(w int) pane {
	state := lines(s.th.state(s.state()))
	switch {
	case s.asking:
		return stack(
			state, gap(1),
			paragraph(s.th.plain, wordLampAsked, w))
	case s.lamp.State == client.NoneRecorded:
		return stack(
			beside(state, state.width(), 2, lines(s.th.label.Render(wordsAsOf(nhs.Instant(s.lamp.AsOf, s.loc))))),
			gap(1),
			paragraph(s.th.plain, wordNoneRecordedSays, w),
			paragraph(s.th.plain, wordNoneRecordedMeans, w))
	case s.lamp.State == client.CouldNotCheck:
		err := s.lamp.Err
		return stack(
			state, gap(1),
			s.whyNot(err, w), gap(1),
			paragraph(s.th.strong, wordUnchecked, w))
	default:
		return stack(
			state, gap(1),
			paragraph(s.th.plain, wordNotCheckedMeans, w))
	}
}

// whyNot is why the lamp could not be had.
func (s *patientScreen) whyNot(err error, w int) pane {
	sentence, advice, code := told(err)
	return stack(
		paragraph(s.th.plain, sentence+" "+advice, w),
		paragraph(s.th.label, wordsCode(code), w))
}
