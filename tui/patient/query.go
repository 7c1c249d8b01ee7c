package patient

import (
	"errors"

	"wardlight/client"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// Alerts that only an opening asks about. The sentence that says so is that of client.OpeningAsks.
const (
	wordOpenAsks      = "asks, and shows the plan and whom to ring, if there is one. Your name is recorded."
	wordAskAgainOpens = "asks again."
	wordNotScheduled  = "In scheduled care it is not asked. Use the local procedure."
	wordMayBeTold     = "the local authority may have been told"
)

// opensByQuery reports whether opening the alert is the one query of a national service. Then it can be opened before
// it is known whether there is an alert, and after an opening without one.
func (s *Screen) opensByQuery() bool { return s.Notifies && (s.queried || s.Lamp.OpeningAsks()) }

// openable reports whether there is an alert to open, or an opening that asks whether there is one.
func (s *Screen) openable() bool { return s.Lamp.State == client.Alert || s.opensByQuery() }

// queryWords returns the text of an alert that only an opening asks about.
func (s *Screen) queryWords(w int) draw.Pane {
	sentence, _, _ := step.Explain(s.Lamp.Err)
	all := []draw.Pane{
		draw.Lines(step.StateWords(s.Styles, s.State())), draw.Gap(1),
		draw.Paragraph(s.Styles.Strong, sentence, w), draw.Gap(1),
	}
	if !s.Notifies {
		return draw.Stack(append(all, draw.Paragraph(s.Styles.Plain, wordNotScheduled, w))...)
	}
	return draw.Stack(append(all, s.queryKey(wordOpenAsks, w))...)
}

// queryKey returns what the key does that opens an alert about which only an opening asks.
func (s *Screen) queryKey(words string, w int) draw.Pane {
	switch {
	case s.Opening.Pending():
		return draw.Paragraph(s.Styles.Strong, wordOpening, w)
	case s.Disputed(): // the key that confirms the patient is shown above
		return draw.Pane{}
	case s.Record == nil && s.RecordFault() == nil:
		return draw.Paragraph(s.Styles.Plain, wordRecordFirst, w)
	case s.Record == nil:
		return draw.Pane{}
	}
	return s.keyLine(words, w)
}

// againByQuery returns what the key does after an opening that has shown no alert, or failed. It is empty unless only
// an opening asks.
func (s *Screen) againByQuery(w int) draw.Pane {
	if !s.opensByQuery() {
		return draw.Pane{}
	}
	return s.queryKey(wordAskAgainOpens, w)
}

// toldWords returns the end of a receipt that says that the local authority may have been told, or "".
func toldWords(err error) string {
	var failed *client.Error
	if errors.As(err, &failed) && (failed.MayBeTold || failed.OutcomeUnknown) {
		return ", " + wordMayBeTold
	}
	return ""
}

// queryOpened shows the answer of the national service as the lamp. An opening without a plan is none recorded, and has
// no screen of its own.
func (s *Screen) queryOpened(o client.Opened) {
	flags := s.Lamp.Flags
	s.queried, s.Lamp, s.lampAt, s.lampTries = true, o.Lamp(), s.Now(), 0
	if s.Lamp.Flags = flags; len(o.Plans) == 0 {
		s.Opened = nil
	}
}

// queryFailed shows that the national service could not be asked.
func (s *Screen) queryFailed(err error) {
	flags := s.Lamp.Flags
	if !s.queried { // the lamp that was not checked is no failed attempt
		s.lampTries = 0
	}
	s.queried, s.Lamp, s.lampAt = true, client.UnopenedLamp(s.Number, err), s.Now()
	s.Lamp.Flags, s.OpenErr = flags, nil
	s.lampTries++
}
