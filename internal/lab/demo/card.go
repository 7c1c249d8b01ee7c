package demo

import "wardlight/cardreader/virtual"

// Card returns the card with the name, for use in another reader than the demo's. It returns the same card each time,
// so that its count of tries left survives a removal. The error is a *cards.UnknownError, or an error of creating the
// card.
func (d *Demo) Card(name string) (*virtual.Card, error) { return d.box.card(name) }
