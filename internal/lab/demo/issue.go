package demo

import (
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/pki"
)

// Issue creates another key with a certificate for the holder of the named card, for use on a card of another
// manufacturer. The error is a *cards.UnknownError or an error of the CA.
func (d *Demo) Issue(name string) (pki.Issued, error) {
	row, err := cards.Find(name)
	if err != nil {
		return pki.Issued{}, err
	}
	return d.box.trusted.IssueCard(row.Certificate(d.options.Clock()))
}
