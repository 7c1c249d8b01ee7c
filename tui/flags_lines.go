package tui

import (
	"fmt"

	"wardlight/internal/nhs"
)

func (s *flagsScreen) InLines() []string {
	out := []string{sentence(titleFlags)}
	switch {
	case s.removing:
		return append(out, wordsRemoveFlag(s.waiting.Flags[s.chosen].Flag.Number.String()))
	case s.writing: // what is left is said after it
		return append(out, wordsFlagging(s.flags.place))
	case s.asking:
		return append(out, wordReadingFlags)
	case s.err != nil:
		out = append(out, said(faultPane(s.th, s.err, unbounded))...)
	case len(s.waiting.Flags) == 0 && s.waiting.Err == nil:
		out = append(out, wordNoFlagsWait)
	}
	if s.waiting.Err != nil {
		out = append(append(out, wordFlagsUnreadable), said(faultPane(s.th, s.waiting.Err, unbounded))...)
	}
	if len(s.waiting.Flags) > 0 {
		out = append(out, wordsFlagsWaitFor(s.flags.place))
	}
	for i, k := range s.waiting.Flags {
		why := wordNoAnswerYet
		if k.Code != "" {
			why = k.Reason + " " + sentence(wordsCode(k.Code))
		}
		out = append(out, fmt.Sprintf("%d. %s %s", i+1, record(fact{wordNHSNo, k.Flag.Number.String()},
			fact{wordAlertAsOf, nhs.Instant(k.Flag.AsOf, s.loc)}, fact{wordKeptWhere, keptWhere(k.Place)}), why))
	}
	return out
}

// ask is the prompt; "" while an answer is waited for.
func (s *flagsScreen) ask() string {
	switch {
	case s.asking:
		return ""
	case s.removing || len(s.waiting.Flags) == 0:
		return wordPlainPrompt
	default:
		return wordPlainFlag
	}
}
