package card

import (
	"wardlight/internal/session"
	"wardlight/rbac"
)

// The actions of the card screens.
type (
	SignIn    struct{}
	ReadAgain struct{}
	// ByBrowser signs in in the browser. LeaveBrowser returns from that to the card.
	ByBrowser    struct{}
	LeaveBrowser struct{}
	TakeRole     struct{ Role rbac.RoleProfile }
	TakeCard     struct{ Card session.Card }
)
