package tui

import "wardlight/internal/paper"

// What the paper and the receipt say in the linear mode.

// inLines says what becomes of the paper, and then what stands on it. Before there is a printer it does not: choosing one comes first,
// and the paper would be heard twice.
func (s *previewScreen) inLines() []string {
	sheet := s.sheet
	sheet.Printed = s.now()
	out := append([]string{sentence(wordPrinter + " " + s.where() + ", " + wordsPages(len(paper.Lay(sheet))))}, said(s.news(unbounded))...)
	if s.printer == "" {
		return out
	}
	for _, statement := range paper.Statements(sheet) {
		out = append(out, sentence(statement))
	}
	return out
}

// inLines says the receipt as it is to be copied: no full stop is added to it.
func (s *receiptScreen) inLines() []string {
	return []string{sentence(titleReceipt), s.line(), s.how(false), wordReceiptHolds}
}
