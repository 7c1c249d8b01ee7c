package card

import (
	"wardlight/internal/session"
	"wardlight/rbac"
)

// The actions of the card screens.
type (
	SignIn    struct{}
	ReadAgain struct{}
	TakeRole  struct{ Role rbac.RoleProfile }
	TakeCard  struct{ Card session.Card }
)
