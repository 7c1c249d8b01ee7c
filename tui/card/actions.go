package card

import "wardlight/rbac"

// The actions of the card's screens.
type (
	SignIn    struct{}
	ReadAgain struct{}
	TakeRole  struct{ Role rbac.RoleProfile }
)
