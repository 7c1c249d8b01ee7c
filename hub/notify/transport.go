package notify

import "context"

// Message is one notification on its way.
type Message struct {
	ID          string // the same on every attempt
	Ordinal     int64  // grows with each message of the authority
	Authority   string // code
	Endpoint    string // the authority's; "" when none is known
	ContentType string
	Body        []byte
}

// Transport carries messages. Deliver returns nil only once the receiver has accepted the message, with the
// receiver's own id for it, "" where it gives none. Any error means that it was not accepted; NeedOf says what
// becomes of the message. An error must not carry the body.
type Transport interface {
	Deliver(ctx context.Context, m Message) (receipt string, err error)
}
