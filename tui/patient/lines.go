package patient

import (
	"wardlight/client"
	"wardlight/tui/step"
)

// InLines returns what the screen says, a sentence or a record a line.
func (s *Screen) InLines() []string {
	out := s.Who()
	if s.Lamp.State == client.Alert && !s.Asking() {
		out = append(out, step.Sentences(s.alertWords(step.Unbounded, false))...)
	} else {
		out = append(out, step.Sentences(s.quietWords(step.Unbounded))...)
	}
	if s.Record == nil && s.RecordFault() == nil {
		return out // that the record is being asked for was said first
	}
	return append(out, step.Sentences(s.facts(step.Unbounded))...)
}

// Who returns the patient's banner in lines.
func (s *Screen) Who() []string {
	if s.Record == nil {
		said := step.WordRecordAsked
		if s.RecordFault() != nil {
			said = step.WordRecordFailed
		}
		return []string{step.Sentence(said), step.Record(step.Fact{Label: step.WordNHSNo, Value: s.Number.String()})}
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
