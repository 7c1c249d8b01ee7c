package find

import "wardlight/client"

// The actions of the search screens.
type (
	Search    struct{ Query client.Query }
	ShowFlags struct{}
)
