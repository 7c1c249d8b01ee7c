package step

import (
	"wardlight/internal/fault"
	"wardlight/tui/draw"
)

// Explain returns what an error says to the user. An error that is no fault gets words of its own; its text stays
// hidden, as nobody has cleaned it.
func Explain(err error) (sentence, advice, code string) {
	if f := fault.Find(err); f != nil {
		return f.Sentence(), f.Advice(), f.Code()
	}
	return WordUnknownError, wordUnknownErrorAdvice, codeUnknown
}

// FaultPane returns an error in words, with its sign, advice and code.
func FaultPane(t draw.Styles, err error, w int) draw.Pane {
	sentence, advice, code := Explain(err)
	return draw.Stack(
		draw.Paragraph(t.Warn, draw.SignFailed+" "+sentence, w),
		draw.Paragraph(t.Plain, advice, w),
		draw.Paragraph(t.Label, WordsCode(code), w),
	)
}
