package tui

import "wardlight/client"

// The actions of the search.
type (
	actFind      struct{ query client.Query }
	actShowFlags struct{}
)
