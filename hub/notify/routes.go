package notify

import (
	"context"
	"errors"
	"fmt"
	"net/url"
)

// Routes carries each message by the transport for the scheme of its authority's endpoint: "https" and "http" by
// webhook, "mesh" to a mailbox, "file" into a folder.
type Routes map[string]Transport

// Deliver hands the message to the transport of its endpoint's scheme. An endpoint that is missing, is malformed, or
// has a scheme without a transport needs repair: the message waits for the operator.
func (r Routes) Deliver(ctx context.Context, m Message) (receipt string, err error) {
	t, err := r.to(m.Endpoint)
	if err != nil {
		return "", err
	}
	return t.Deliver(ctx, m)
}

// Ready returns why nothing can be delivered to an authority with this endpoint as things are set up here: no endpoint, no
// transport for it, no webhook secret. It is nil where a message can be sent; it sends nothing.
func (r Routes) Ready(authority, endpoint string) error {
	t, err := r.to(endpoint)
	if err != nil {
		return err
	}
	if webhook, is := t.(*Webhook); is {
		_, err = webhook.secretsOf(authority, endpoint)
	}
	return err
}

// to returns the transport of an endpoint's scheme.
func (r Routes) to(endpoint string) (Transport, error) {
	if endpoint == "" {
		return nil, errNoEndpoint
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, errNoURL
	}
	t, ok := r[u.Scheme]
	if !ok {
		return nil, setupError(fmt.Sprintf("nothing is set up here to deliver to an endpoint of scheme %q", u.Scheme))
	}
	return t, nil
}

// What may be wrong with an endpoint on record, whatever its transport.
const (
	errNoEndpoint = setupError("no endpoint is known for this authority")
	errNoURL      = setupError("the authority's endpoint is not a URL")
)

// CheckEndpoint says why nothing could ever be delivered to an endpoint; nil where something could, by a transport
// that is set up.
func CheckEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil {
		return errors.New("it is not a URL")
	}
	switch u.Scheme {
	case "mesh":
		err = CheckMailbox(u.Opaque)
	case "file":
		_, err = placeOf(endpoint)
	default:
		err = checkEndpoint(endpoint)
	}
	return err
}
