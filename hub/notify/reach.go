package notify

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
)

// Reach asks the receiver of an authority's messages whether it is there, without sending a message: a HEAD request
// to a webhook or to MESH, whose answer may be anything, or a look at the folder. Setting the authority up is
// [Routes.Ready].
func (r Routes) Reach(ctx context.Context, endpoint string) error {
	t, err := r.to(endpoint)
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case *Webhook:
		return head(ctx, t.Client, endpoint)
	case *MESH:
		return head(ctx, t.Client, t.URL)
	case *Folder:
		info, err := os.Stat(t.Root)
		if err != nil {
			return pathless("the folder for notifications", err)
		}
		if !info.IsDir() {
			return errors.New("the folder for notifications is not a folder")
		}
	}
	return nil
}

// head sends a HEAD request; every answer is one.
func head(ctx context.Context, client *http.Client, to string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, to, nil)
	if err != nil {
		return errNoURL
	}
	resp, err := direct(client).Do(req)
	if err != nil {
		return addressless(err)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, mostAnswer))
	return resp.Body.Close()
}
