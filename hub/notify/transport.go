package notify

import "context"

// Message is a notification to be delivered.
type Message struct {
	ID          string // the same for every attempt
	Ordinal     int64  // increases with each message of the authority
	Authority   string // the authority's code
	Endpoint    string // the authority's endpoint; "" if it has none
	ContentType string
	Body        []byte
}

// Transport delivers messages. Deliver returns nil only after the receiver has accepted the message, with the
// receiver's ID for it, or "". Any error means that it wasn't accepted; [NeedOf] returns what happens then. An error
// must not contain the body.
type Transport interface {
	Deliver(ctx context.Context, m Message) (receipt string, err error)
}
