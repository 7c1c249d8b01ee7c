package patient

import (
	"slices"

	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/internal/text"
	"wardlight/tui/act"
	"wardlight/tui/draw"
	"wardlight/tui/step"
)

// flagLabelWidth is the column in which the states of flags begin, in cells.
const flagLabelWidth = 27

// flagsPane returns the flags other than child protection, w cells wide: a row for each with its state, and then what
// the role may see of them. If that has more than h lines, it leaves out the sentences about the states, and shows as
// many details as fit, at least one. The details can be scrolled.
func (s *Screen) flagsPane(w, h int) draw.Pane {
	rows, details := s.flagStates(w, false), s.flagDetails(w-2)
	if len(rows.Lines)+len(details) > h {
		if brief := s.flagStates(w, true); len(rows.Lines)+min(len(details), minDetails) > h {
			rows = brief
		}
	}

	s.details = len(details)
	s.shownDetails = min(s.details, max(minDetails, h-len(rows.Lines)-1)) // one row for the heading
	s.fromDetail = max(0, min(s.fromDetail, s.details-s.shownDetails))
	if s.details == 0 {
		return rows
	}

	last := s.fromDetail + s.shownDetails
	return draw.Stack(rows, draw.Paragraph(s.Styles.Label, wordsDetails(s.fromDetail+1, last, s.details), w),
		draw.Lines(details[s.fromDetail:last]...).Indent(2))
}

// flagsPanel returns the flags in a frame, or nothing.
func (s *Screen) flagsPanel(w, h int) draw.Pane {
	flags := s.flagsPane(w-4, h-2)
	if len(flags.Lines) == 0 {
		return flags
	}
	return s.Styles.Panel(titleFlags, flags, w, 0)
}

// minDetails is the number of lines of details that are always shown.
const minDetails = 1

// flagStates returns a row for each flag with its state and, unless brief is set, what it means.
func (s *Screen) flagStates(w int, brief bool) draw.Pane {
	var out draw.Pane
	for _, f := range s.Lamp.Flags {
		row := text.Pad(f.Kind.Words(), flagLabelWidth) + step.FlagWords(s.Styles, f)
		words := s.flagMeans(f)
		switch {
		case brief || words == "":
			out.Lines = append(out.Lines, row)
		case text.Width(row)+2+text.Width(words) <= w:
			out.Lines = append(out.Lines, row+"  "+words)
		default:
			out = draw.Stack(out, draw.Lines(row), draw.Paragraph(s.Styles.Plain, words, w-2).Indent(2))
		}
	}
	return out
}

// flagMeans returns what the state of a flag means, why it is not known, and as of when it is if that differs from
// child protection.
func (s *Screen) flagMeans(f client.FlagLamp) string {
	if f.State == client.CouldNotCheck && !f.Restricted() {
		sentence, _, code := step.Explain(f.Err)
		return sentence + " (" + code + ")"
	}
	words := f.Means()
	if !f.AsOf.IsZero() && !f.AsOf.Equal(s.Lamp.AsOf) {
		words += " " + wordsAsOfSentence(nhs.Instant(f.AsOf, s.Location))
	}
	return words
}

// flagDetails returns what the role may see of the flags, wrapped to w cells. If several flags have details, their
// names precede them.
func (s *Screen) flagDetails(w int) []string {
	var out []string
	flags := slices.DeleteFunc(slices.Clone(s.Lamp.Flags), func(f client.FlagLamp) bool { return len(f.Details) == 0 })
	for _, f := range flags {
		if len(flags) > 1 {
			out = append(out, f.Kind.Words())
		}
		for _, d := range f.Details {
			out = append(out, text.Wrap(draw.SignDot+" "+d, w)...)
		}
	}
	return out
}

// scrollDetails moves the details by n lines.
func (s *Screen) scrollDetails(n int) {
	s.fromDetail = max(0, min(s.fromDetail+n, s.details-s.shownDetails))
}

// scrollCommands returns the commands that scroll the details of the flags.
func (s *Screen) scrollCommands() (main, minor []act.Command) {
	scrolls := s.details > s.shownDetails
	return s.Updown(step.WordScroll, scrolls, s.scrollDetails), s.Paging(scrolls, s.shownDetails, s.scrollDetails)
}

// flagUnchecked reports whether a flag could not be checked, and asking again may help.
func (s *Screen) flagUnchecked() bool {
	return slices.ContainsFunc(s.Lamp.Flags, func(f client.FlagLamp) bool {
		return f.State == client.CouldNotCheck && !f.Restricted()
	})
}

// flagDigest returns the states of the flags for the summary beside a later screen.
func (s *Screen) flagDigest(w int) draw.Pane {
	var out draw.Pane
	for _, f := range s.Lamp.Flags {
		out = draw.Stack(out, draw.Paragraph(s.Styles.Label, f.Kind.Words(), w),
			draw.Lines(step.FlagWords(s.Styles, f)))
	}
	return out
}

// flagsInLines returns the flags for linear mode, a flag or a detail a line.
func (s *Screen) flagsInLines() []string {
	var out []string
	for _, f := range s.Lamp.Flags {
		line := step.Sentence(f.Kind.Words() + ": " + f.Words())
		if f.State == client.CouldNotCheck && !f.Restricted() {
			sentence, _, code := step.Explain(f.Err)
			line += " " + sentence + " " + step.Sentence(step.WordsCode(code))
		} else if words := s.flagMeans(f); words != "" {
			line += " " + step.Sentence(words)
		}
		out = append(out, line)
		for _, d := range f.Details {
			out = append(out, step.Sentence(wordDetail+": "+d))
		}
	}
	return out
}

// flagsReceipt returns the states of the flags for a receipt, or "".
func (s *Screen) flagsReceipt() string {
	words := ""
	for _, f := range s.Lamp.Flags {
		words += "; " + f.Kind.Words() + ": " + f.Words()
	}
	return words
}
