package notify

import (
	"context"
	"errors"
	"fmt"
	"net/url"
)

// Routes carries each message by the transport for the scheme of its authority's endpoint: "https" and "http" by webhook, "mesh"
// to a mailbox, "file" into a folder.
type Routes map[string]Transport

// Deliver hands the message to the transport of its endpoint's scheme. An endpoint that is missing, does not read, or has a scheme
// without a transport is an error like any other: the message waits for the operator to mend it.
func (r Routes) Deliver(ctx context.Context, m Message) error {
	if m.Endpoint == "" {
		return errors.New("no endpoint is known for this authority")
	}
	u, err := url.Parse(m.Endpoint)
	if err != nil {
		return errors.New("the authority's endpoint is not a URL")
	}
	t, ok := r[u.Scheme]
	if !ok {
		return fmt.Errorf("nothing is set up here to deliver to an endpoint of scheme %q", u.Scheme)
	}
	return t.Deliver(ctx, m)
}

// CheckEndpoint says why nothing could ever be delivered to an endpoint; nil where something could, by a transport that is set up.
func CheckEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil {
		return errors.New("it is not a URL")
	}
	switch u.Scheme {
	case "mesh":
		_, err = mailboxOf(endpoint)
	case "file":
		_, err = placeOf(endpoint)
	default:
		err = checkEndpoint(endpoint)
	}
	return err
}
