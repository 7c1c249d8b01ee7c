package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"wardlight/client"
	"wardlight/hub/identity"
	"wardlight/hub/store"
)

// uploadTypes maps the file name extensions that an authority may send to their media types.
var uploadTypes = map[string]string{".csv": "text/csv", ".json": "application/json"}

// uploadTimeout is the timeout for an upload, until its answer has arrived.
const uploadTimeout = 3 * time.Minute

// maxAnswer is the maximum size of an answer in bytes. It exceeds the answer to the largest file.
const maxAnswer = 16 << 20

// Upload sends the file at path to the hub on behalf of the authority, with a new file ID. It returns the HTTP status
// and the response body. Errors are those of the file, the store or the request.
func (d *Demo) Upload(ctx context.Context, authority, path string) (status int, answer []byte, err error) {
	media, known := uploadTypes[strings.ToLower(filepath.Ext(path))]
	if !known {
		return 0, nil, fmt.Errorf("%s is neither .csv nor .json", path)
	}

	file, err := os.ReadFile(path)
	if err != nil {
		return 0, nil, err
	}

	secret, err := d.credential(ctx, authority)
	if err != nil {
		return 0, nil, err
	}

	ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
	defer cancel()
	address := d.url + "/la/uploads"
	if media == "text/csv" { // a JSON file contains its ID
		address += "?file=" + url.QueryEscape(uuid.NewString())
	}

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(file))
	if err != nil {
		return 0, nil, err
	}

	req.Header.Set("Content-Type", media)
	req.SetBasicAuth(authority, secret)
	caller := client.NewHTTP(d.box.trusted.Pool())
	defer caller.CloseIdleConnections()
	resp, err := caller.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // only read from
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return resp.StatusCode, answer, err
}

// credential creates and stores a secret for the authority's system.
func (d *Demo) credential(ctx context.Context, authority string) (string, error) {
	if _, err := d.store.Authority(ctx, authority); errors.Is(err, store.ErrNotFound) {
		return "", fmt.Errorf("no authority has the code %q", authority)
	} else if err != nil {
		return "", err
	}
	secret, hash, err := identity.NewSecret(rand.Reader)
	if err != nil {
		return "", err
	}
	return secret, d.store.PutCredential(ctx, store.Credential{
		Authority: authority, Hash: hash, Label: "demo", Created: d.options.Clock(),
	})
}
