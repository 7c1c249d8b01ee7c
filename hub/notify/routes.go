package notify

import (
	"context"
	"errors"
	"fmt"
	"net/url"
)

// Routes delivers each message with the transport for the scheme of its endpoint: "https" and "http" for a webhook,
// "mesh" for a mailbox, "file" for a folder.
type Routes map[string]Transport

// Deliver delivers the message with the transport for its endpoint. A missing or malformed endpoint, or a scheme
// without a transport, needs repair: the message waits for the operator.
func (r Routes) Deliver(ctx context.Context, m Message) (receipt string, err error) {
	t, err := r.to(m.Endpoint)
	if err != nil {
		return "", err
	}
	return t.Deliver(ctx, m)
}

// Ready returns why nothing can be delivered to an authority with this endpoint and these settings: no endpoint, no
// transport, or no webhook secret. It returns nil if a message can be sent. It sends nothing.
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

// to returns the transport for an endpoint's scheme.
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
		return nil, setupError(fmt.Sprintf("this hub has no settings for delivery to an endpoint of scheme %q",
			u.Scheme))
	}
	return t, nil
}

// Errors in an endpoint that don't depend on its transport.
const (
	errNoEndpoint = setupError("this authority has no endpoint")
	errNoURL      = setupError("the authority's endpoint is not a URL")
)

// CheckEndpoint returns why nothing can ever be delivered to an endpoint, whatever transports are configured, or nil.
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
