package step

import (
	"wardlight/internal/fault"
	"wardlight/tui/draw"
)

// Explain returns the texts for the user of an error. An error that is not a fault.Fault gets general texts; its own
// is not shown, because it is not cleaned.
func Explain(err error) (sentence, advice, code string) {
	if f := fault.Find(err); f != nil {
		return f.Sentence(), f.Advice(), f.Code()
	}
	return WordUnknownError, wordUnknownErrorAdvice, codeUnknown
}

// FaultPane returns an error as a pane, with sign, advice and code.
func FaultPane(t draw.Styles, err error, w int) draw.Pane {
	sentence, advice, code := Explain(err)
	return draw.Stack(
		draw.Paragraph(t.Warn, draw.SignFailed+" "+sentence, w),
		draw.Paragraph(t.Plain, advice, w),
		draw.Paragraph(t.Label, WordsCode(code), w),
	)
}
