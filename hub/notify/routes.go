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
	if m.Endpoint == "" {
		return "", errNoEndpoint
	}
	u, err := url.Parse(m.Endpoint)
	if err != nil {
		return "", errNoURL
	}
	t, ok := r[u.Scheme]
	if !ok {
		return "", setupError(fmt.Sprintf("nothing is set up here to deliver to an endpoint of scheme %q", u.Scheme))
	}
	return t.Deliver(ctx, m)
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
