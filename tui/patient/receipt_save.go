package patient

import (
	"strings"
	"time"

	"wardlight/client"
	"wardlight/internal/text"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// SavedReceipt is the result of saving the receipt of a check or an opening.
type SavedReceipt struct {
	RequestID string
	File      string // "" if it was not saved
}

// requestOf returns the id of the request whose receipt can be saved: the opening's, or else the check's. It returns ""
// if the hub has answered neither.
func requestOf(s *Screen) string {
	switch {
	case s.Opened != nil:
		return s.Opened.RequestID
	case s.State() == client.NotChecked || !s.Lamp.Answered():
		return ""
	}
	return s.Lamp.RequestID
}

// saveCommand returns the command that saves the receipt of the current state, unless it was saved.
func (s *Receipt) saveCommand() act.Command {
	id := requestOf(s.Patient)
	saved := s.saved.RequestID == id && s.saved.File != ""
	save := step.Command(step.When(step.As(s.Keys.Save, wordSaveReceipt), s.Saves && id != "" && !saved &&
		!s.Saving.Pending()), func() step.Action {
		s.saved, s.saveErr = SavedReceipt{}, nil
		return SaveReceipt{id}
	})
	save.Running = s.Saving.Pending()
	return s.Delayed(save, time.Time{})
}

// ShowSaved shows where a receipt was saved, or why it was not.
func (s *Receipt) ShowSaved(saved SavedReceipt, err error) { s.saved, s.saveErr = saved, err }

// savedPane returns the result of saving the receipt of the current check or opening: that it is running, the file, or
// the error. Without an attempt it returns an empty pane.
func (s *Receipt) savedPane(w int) draw.Pane {
	id := requestOf(s.Patient)
	switch {
	case !s.Saves || id == "":
		return draw.Pane{}
	case s.Saving.Pending():
		return draw.Lines(s.Styles.Strong.Render(wordSavingReceipt))
	case s.saved.RequestID == id && s.saveErr != nil:
		return draw.Stack(draw.Paragraph(s.Styles.Strong, wordReceiptNotSaved, w),
			step.FaultPane(s.Styles, s.saveErr, w))
	case s.saved.RequestID == id:
		return draw.Stack(draw.Paragraph(s.Styles.Plain, wordReceiptSaved, w),
			draw.Paragraph(s.Styles.Strong, text.Clean(s.saved.File, text.DefaultMax), w),
			draw.Paragraph(s.Styles.Plain, wordReceiptNames, w))
	}
	return draw.Pane{}
}

// savedInLines returns what savedPane shows for linear mode. A file's name gets no full stop.
func (s *Receipt) savedInLines() []string {
	out := step.Sentences(s.savedPane(step.Unbounded))
	for i := range out {
		if strings.TrimSuffix(out[i], ".") == s.saved.File {
			out[i] = s.saved.File
		}
	}
	return out
}
