package patient

import (
	"wardlight/client"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// CanFlag reports whether a flag can be set in the record system: there is an alert, and the screen shows whose it is.
func (s *Screen) CanFlag() bool {
	return s.Flags.Place != "" && s.Record != nil && s.Lamp.State == client.Alert && s.CanOpen() &&
		!s.Flagging.Pending() &&
		(s.Flagged == nil || s.Flagged.Err != nil)
}

// flagWords returns what the flag key does, or the result after it was pressed. If brief is set, the advice about a
// failure is left out.
func (s *Screen) flagWords(w int, brief bool) draw.Pane {
	place := s.Flags.Place
	switch {
	case place == "" || s.Record == nil || s.Opening.Pending() || s.Disputed():
		return draw.Pane{}
	case s.Flagging.Pending():
		return draw.Paragraph(s.Styles.Strong, step.WordsFlagging(place), w)
	case s.Flagged == nil:
		return s.keyWords(s.Keys.Flag, step.WordsFlagDoes(place)+" "+wordFlagQuiet, w)
	case s.Flagged.Err == nil && s.Flagged.Existed:
		return draw.Paragraph(s.Styles.Strong, wordsFlagThere(place), w)
	case s.Flagged.Err == nil:
		return draw.Paragraph(s.Styles.Strong, wordsFlagSet(place, s.Flagged.At.In(s.Location).Format("15:04")), w)
	}

	sentence, advice, code := step.Explain(s.Flagged.Err)
	first := draw.Paragraph(s.Styles.Warn, draw.SignFailed+" "+wordFlagNotSet+" "+sentence, w)
	if brief {
		return first
	}

	return draw.Stack(first,
		draw.Paragraph(s.Styles.Plain, wordsFlagSaved(s.Flagged.StoredIn, s.Flagged.StoreErr)+" "+advice, w),
		draw.Paragraph(s.Styles.Label, step.WordsCode(code), w))
}

// FlagNews returns the result of setting the flag, for the opened alert. It is empty before the flag was set.
func (s *Screen) FlagNews(w int) draw.Pane {
	if !s.Flagging.Pending() && s.Flagged == nil {
		return draw.Pane{}
	}
	return s.flagWords(w, true)
}

// FlagOffer returns what the flag key does, for the opened alert. It is empty if the key is not available, and after
// it was pressed.
func (s *Screen) FlagOffer(w int) draw.Pane {
	if !s.CanFlag() || s.Flagged != nil {
		return draw.Pane{}
	}
	return s.keyWords(s.Keys.Flag, step.WordsFlagDoes(s.Flags.Place), w)
}

// Unscheduled reports whether the role is for unscheduled care, so that openings are recorded and notified.
func (s *Screen) Unscheduled() bool { return s.Notifies }

// FlagFailed reports whether setting the flag has failed.
func (s *Screen) FlagFailed() bool { return s.Flagged != nil && s.Flagged.Err != nil }
