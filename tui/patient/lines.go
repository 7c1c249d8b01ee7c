package patient

import (
	"wardlight/client"
	"wardlight/tui/step"
)

// InLines returns what the screen says, a sentence or a record a line.
func (s *Screen) InLines() []string {
	if s.Record == nil && s.RecordFault() == nil { // whose it is comes before what is known of them
		return []string{step.Record(step.Fact{Label: step.WordNHSNo, Value: s.Number.String()}), step.Sentence(step.WordRecordAsked)}
	}
	out := append(s.Who(), step.Sentences(s.disputeWords(step.Unbounded))...)
	switch {
	case s.Asking():
		return append(out, wordLampAsked)
	case s.Lamp.State == client.Alert:
		out = append(out, step.Sentences(s.alertWords(step.Unbounded, false))...)
	default:
		out = append(out, step.Sentences(s.quietWords(step.Unbounded))...)
	}
	return append(out, step.Sentences(s.facts(step.Unbounded))...)
}

// Heading returns who it is, in few words.
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
		return []string{step.Sentence(step.WordRecordFailed), step.Record(step.Fact{Label: step.WordNHSNo, Value: s.Number.String()})}
	}
	out := []string{step.Sentence(s.Record.DisplayName())}
	if !s.Record.Died.IsZero() {
		out = append(out, step.Record(s.DeathFacts(*s.Record)...))
	}
	return append(out, step.Record(s.BannerFacts(*s.Record)...))
}

// InLines says the receipt as it is to be copied: no full stop is added to it.
func (s *Receipt) InLines() []string {
	return []string{step.Sentence(titleReceipt), s.Line(), s.how(false), wordReceiptHolds}
}
