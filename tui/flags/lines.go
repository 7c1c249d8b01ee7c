package flags

import (
	"fmt"

	"wardlight/internal/nhs"
	"wardlight/tui/step"
)

// InLines returns the screen for linear mode, a sentence or a record a line.
func (s *Screen) InLines() []string {
	out := []string{step.Sentence(titleFlags)}
	switch {
	case s.Removing:
		return append(out, wordsRemoveFlag(s.Waiting.Flags[s.chosen].Flag.Number.String()))
	case s.writing: // the remaining flags are printed afterwards
		return append(out, step.WordsFlagging(s.Flags.Place))
	case s.Flags.Asked.Pending():
		return append(out, wordReadingFlags)
	case s.err != nil:
		out = append(out, step.Sentences(step.FaultPane(s.Styles, s.err, step.Unbounded))...)
	case len(s.Waiting.Flags) == 0 && s.Waiting.Err == nil:
		out = append(out, wordNoFlagsWait)
	}

	if s.Waiting.Err != nil {
		out = append(append(out, step.WordFlagsUnreadable),
			step.Sentences(step.FaultPane(s.Styles, s.Waiting.Err, step.Unbounded))...)
	}

	if len(s.Waiting.Flags) > 0 {
		out = append(out, wordsFlagsWaitFor(s.Flags.Place))
	}

	for i, k := range s.Waiting.Flags {
		why := wordNoAnswerYet
		if k.Code != "" {
			why = k.Reason + " " + step.Sentence(step.WordsCode(k.Code))
		}
		out = append(out,
			fmt.Sprintf("%d. %s %s", i+1, step.Record(step.Fact{Label: step.WordNHSNo, Value: k.Flag.Number.String()},
				step.Fact{Label: wordAlertAsOf, Value: nhs.Instant(k.Flag.AsOf, s.Location)},
				step.Fact{Label: wordSavedWhere, Value: storedWhere(k.Storage)}), why))
	}

	return out
}

// Ask returns the prompt, or "" while a request is running.
func (s *Screen) Ask() string {
	switch {
	case s.Flags.Asked.Pending():
		return ""
	case s.Removing || len(s.Waiting.Flags) == 0:
		return step.WordPlainPrompt
	default:
		return WordPlainFlag
	}
}
