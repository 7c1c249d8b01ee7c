package notify

import (
	"context"
	"fmt"
	"net/http"
)

// Message is one notification on its way.
type Message struct {
	ID          string // the same on every attempt
	Ordinal     int64  // grows with each message of the authority
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
type RefusedError struct {
	Status int
	By     string // who answered: "MESH"
}

// Content reports whether it is this message that was refused, and not the sender or the moment: another try will hardly be taken
// (RFC 9110: 400, 413, 415, 422).
func (e *RefusedError) Content() bool {
	switch e.Status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return true
	default:
		return false
	}
}

// Error names who answered, and the status.
func (e *RefusedError) Error() string { return fmt.Sprintf("%s answered %d", e.By, e.Status) }
