package tui

import "wardlight/rbac"

// The actions of the card's screens.
type (
	actSignIn    struct{}
	actReadAgain struct{}
	actTakeRole  struct{ role rbac.RoleProfile }
)
