package demo

import (
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/pki"
)

// Issue makes another key, with a certificate, for the holder of the named card: for a card of another make than
// ours. The error is *cards.UnknownError, or that of the CA.
func (d *Demo) Issue(name string) (pki.Issued, error) {
	row, err := cards.Find(name)
	if err != nil {
		return pki.Issued{}, err
	}
	return d.box.trusted.IssueCard(row.Certificate(d.options.Clock()))
}
