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

// uploadTypes are the media types of the files that an authority may send, by the ends of their names.
var uploadTypes = map[string]string{".csv": "text/csv", ".json": "application/json"}

// uploadTimeout is how long the answer to an upload may take.
const uploadTimeout = 3 * time.Minute

// maxAnswer is the most that is read of an answer, in bytes: that to the largest file, and more.
const maxAnswer = 16 << 20

// Upload sends the file at path to the hub as the authority does, under a new id, and returns the HTTP status and the
// answer. Errors are those of the file, of the store and of the call.
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
	if media == "text/csv" { // JSON has its id in itself
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
	defer resp.Body.Close() //nolint:errcheck // it was only read
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return resp.StatusCode, answer, err
}

// credential makes a secret for the authority's system.
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
