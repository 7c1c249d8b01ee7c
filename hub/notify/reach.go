package notify

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
)

// Reach checks whether the receiver of an authority's messages can be reached, without sending a message. It sends a
// HEAD request to a webhook or to MESH, and accepts any answer, or looks for the folder. [Routes.Ready] checks the
// authority's settings.
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

// head sends a HEAD request. It returns nil for any answer.
func head(ctx context.Context, client *http.Client, to string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, to, nil)
	if err != nil {
		return errNoURL
	}
	resp, err := direct(client).Do(req)
	if err != nil {
		return addressless(err)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswerBytes))
	return resp.Body.Close()
}
