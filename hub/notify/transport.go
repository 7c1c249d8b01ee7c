package notify

import (
	"context"
	"fmt"
)

// Message is one notification on its way.
type Message struct {
	ID          string // the same on every attempt
	Authority   string // code
	Endpoint    string // the authority's; "" when none is known
	ContentType string
	Body        []byte
}

// Transport carries messages. Deliver returns nil only once the receiver has taken the message; any error means that it is
// tried again. An error must not carry the body.
type Transport interface {
	Deliver(ctx context.Context, m Message) error
}

// RefusedError is a receiver's answer that is no success.
type RefusedError struct{ Status int }

// Error names the status.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("the authority's system answered %d", e.Status)
}
