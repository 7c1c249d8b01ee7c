package demo

import "wardlight/cardreader/virtual"

// Card returns the named card itself, to be put into a reader that is not the demo's. It is the same card each time:
// its tries left outlast being pulled. Errors are *cards.UnknownError, or those of making it.
func (d *Demo) Card(name string) (*virtual.Card, error) { return d.box.card(name) }
