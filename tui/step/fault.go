package step

import (
	"errors"

	"wardlight/internal/session"
	"wardlight/tui/draw"
)

// fault is what every error of ours says: what is wrong, what to do now, and the code for support.
type fault interface {
	Sentence() string
	Advice() string
	Code() string
}

// Explain is what an error says to the user. An error that is none of ours gets words of its own; its text stays hidden,
// as nobody has cleaned it.
func Explain(err error) (sentence, advice, code string) {
	var f fault
	switch {
	case errors.As(err, &f):
		return f.Sentence(), f.Advice(), f.Code()
	case errors.Is(err, session.ErrNoSession):
		return WordSessionGone, wordSessionGoneAdvice, codeNoSession
	default:
		return WordUnknownError, wordUnknownErrorAdvice, codeUnknown
	}
}

// FaultPane is an error in words, with its sign, advice and code.
func FaultPane(t draw.Styles, err error, w int) draw.Pane {
	sentence, advice, code := Explain(err)
	return draw.Stack(
		draw.Paragraph(t.Warn, draw.SignFailed+" "+sentence, w),
		draw.Paragraph(t.Plain, advice, w),
		draw.Paragraph(t.Label, WordsCode(code), w),
	)
}
