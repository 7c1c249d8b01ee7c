package tui

import (
	"wardlight/client"
	"wardlight/tui/step"
)

func (s *patientScreen) InLines() []string {
	out := s.Who()
	if s.lamp.State == client.Alert && !s.asking {
		out = append(out, step.Sentences(s.alertWords(step.Unbounded, false))...)
	} else {
		out = append(out, step.Sentences(s.quietWords(step.Unbounded))...)
	}
	if s.record == nil && s.recordFault() == nil {
		return out // that the record is being asked for was said first
	}
	return append(out, step.Sentences(s.facts(step.Unbounded))...)
}

// Who is the patient's banner in lines.
func (s *patientScreen) Who() []string {
	if s.record == nil {
		said := step.WordRecordAsked
		if s.recordFault() != nil {
			said = step.WordRecordFailed
		}
		return []string{step.Sentence(said), step.Record(step.Fact{Label: step.WordNHSNo, Value: s.number.String()})}
	}
	out := []string{step.Sentence(s.record.DisplayName())}
	if !s.record.Died.IsZero() {
		out = append(out, step.Record(s.DeathFacts(*s.record)...))
	}
	return append(out, step.Record(s.BannerFacts(*s.record)...))
}

// inLines says the receipt as it is to be copied: no full stop is added to it.
func (s *receiptScreen) InLines() []string {
	return []string{step.Sentence(titleReceipt), s.line(), s.how(false), wordReceiptHolds}
}
