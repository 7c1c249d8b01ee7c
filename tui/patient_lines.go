package tui

import (
	"wardlight/client"
)

func (s *patientScreen) InLines() []string {
	out := s.Who()
	if s.lamp.State == client.Alert && !s.asking {
		out = append(out, said(s.alertWords(unbounded, false))...)
	} else {
		out = append(out, said(s.quietWords(unbounded))...)
	}
	if s.record == nil && s.recordFault() == nil {
		return out // that the record is being asked for was said first
	}
	return append(out, said(s.facts(unbounded))...)
}

// Who is the patient's banner in lines.
func (s *patientScreen) Who() []string {
	if s.record == nil {
		said := wordRecordAsked
		if s.recordFault() != nil {
			said = wordRecordFailed
		}
		return []string{sentence(said), record(fact{wordNHSNo, s.number.String()})}
	}
	out := []string{sentence(s.record.DisplayName())}
	if !s.record.Died.IsZero() {
		out = append(out, record(s.deathFacts(*s.record)...))
	}
	return append(out, record(s.bannerFacts(*s.record)...))
}

// inLines says the receipt as it is to be copied: no full stop is added to it.
func (s *receiptScreen) InLines() []string {
	return []string{sentence(titleReceipt), s.line(), s.how(false), wordReceiptHolds}
}
