package patient

import (
	"wardlight/client"
	"wardlight/internal/nhs"
	"wardlight/tui/step"
)

// InLines returns the screen for linear mode, a sentence or a record a line.
func (s *Screen) InLines() []string {
	if s.Record == nil && s.RecordFault() == nil { // say nothing about the patient before the name
		return []string{
			step.Record(step.Fact{Label: step.WordNHSNo, Value: s.Number.String()}),
			step.Sentence(step.WordRecordAsked),
		}
	}
	out := append(s.Who(), step.Sentences(s.mismatchWords(step.Unbounded))...)
	switch {
	case s.Asking():
		return append(append(out, wordLampAsked), s.flagsInLines()...)
	case s.Lamp.State == client.Alert:
		out = append(out, step.Sentence(client.Alert.String()+": "+titleLamp+", "+
			wordsAsOf(nhs.Instant(s.Lamp.AsOf, s.Location))))
		out = append(out, step.Sentences(s.alertWords(step.Unbounded, spacious))...)
	default:
		out = append(out, step.Sentences(s.otherWords(step.Unbounded))...)
	}
	out = append(out, s.flagsInLines()...)
	return append(out, step.Sentences(s.facts(step.Unbounded))...)
}

// Heading returns the patient's name and number in short.
func (s *Screen) Heading() string {
	if s.Record == nil {
		return step.WordNHSNo + " " + s.Number.String()
	}
	name := s.Record.DisplayName()
	if !s.Record.Died.IsZero() {
		name += ", " + step.WordDied + " " + s.Record.Died.String()
	}
	return name + ", " + step.WordNHSNo + " " + s.Number.String()
}

// Who returns the patient's banner in lines.
func (s *Screen) Who() []string {
	if s.Record == nil {
		return []string{
			step.Sentence(step.WordRecordFailed),
			step.Record(step.Fact{Label: step.WordNHSNo, Value: s.Number.String()}),
		}
	}
	out := []string{step.Sentence(s.Record.DisplayName())}
	if !s.Record.Died.IsZero() {
		out = append(out, step.Record(s.DeathFacts(*s.Record)...))
	}
	return append(out, step.Record(s.BannerFacts(*s.Record)...))
}

// InLines returns the receipt exactly as it is to be copied, without a full stop.
func (s *Receipt) InLines() []string {
	return append([]string{step.Sentence(titleReceipt), s.Line(), s.how(false), wordReceiptHas},
		s.savedInLines()...)
}
