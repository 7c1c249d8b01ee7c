// Package witness asks other organisations' witnesses for signatures of the checkpoints of the audit's tree
// (c2sp.org/tlog-witness).
package witness

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"wardlight/internal/certerror"
	"wardlight/internal/translog"
)

// Limits: of the witnesses in a file, of the name in a key, and of an answer, both in bytes. With the signatures of all
// witnesses a checkpoint has less than 4 KiB. An answer may have signatures with other keys.
const (
	maxWitnesses = 8
	maxName      = 200
	maxAnswer    = 16 << 10
)

// Witness is a witness with its address.
type Witness struct {
	name   string
	key    *translog.WitnessVerifier
	prefix string // of its URLs
	client *http.Client
}

// Read reads a file of witnesses. Each has a line as in c2sp.org/tlog-policy: the word witness, a name for the log and
// the metrics, its public key, and the prefix of its URLs. Empty lines and those that begin with # are ignored. Errors
// have the number of the line.
func Read(r io.Reader, client http.Client) ([]*Witness, error) {
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	var all []*Witness
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}

		w, err := parse(fields, &client)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		for _, other := range all {
			if other.name == w.name || other.key.SameKey(w.key) {
				return nil, fmt.Errorf("line %d: there are two witnesses with the same name or key: %s", n, w.name)
			}
		}
		if len(all) == maxWitnesses {
			return nil, fmt.Errorf("line %d: more than %d witnesses", n, maxWitnesses)
		}
		all = append(all, w)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errors.New("the file has no witness")
	}
	return all, nil
}

func parse(fields []string, client *http.Client) (*Witness, error) {
	if len(fields) != 4 || fields[0] != "witness" || !utf8.ValidString(fields[1]) {
		return nil, errors.New("not a witness: expected the word witness, its name, its key and its URL")
	}
	key, err := translog.ParseWitness(fields[2])
	if err != nil {
		return nil, err
	}
	if len(key.Name()) > maxName {
		return nil, fmt.Errorf("the name in the key of the witness is longer than %d bytes", maxName)
	}

	u, err := url.Parse(fields[3])
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || !allowed(u) {
		return nil, errors.New("not the URL of a witness: expected one such as https://witness.example/")
	}
	return &Witness{fields[1], key, strings.TrimSuffix(fields[3], "/"), client}, nil
}

// allowed reports whether a URL is HTTPS, or HTTP on this computer.
func allowed(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	loopback := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && loopback
}

// Name returns the name of the witness in the file.
func (w *Witness) Name() string { return w.name }

// Key returns the key with which its signatures are verified.
func (w *Witness) Key() *translog.WitnessVerifier { return w.key }

// Add asks the witness to sign a checkpoint, and returns the lines of its signatures. Errors are
// *translog.OldSizeError, translog.ErrInconsistent, and those of the connection.
func (w *Witness) Add(ctx context.Context, a translog.Addition) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.prefix+"/add-checkpoint", bytes.NewReader(a.Text()))
	if err != nil {
		return nil, err
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return nil, certerror.Nameless(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}

	switch resp.StatusCode {
	case http.StatusOK:
		if len(body) > maxAnswer {
			return nil, errors.New("the answer is too long for signatures")
		}
		return body, nil
	case http.StatusConflict:
		size, err := strconv.ParseInt(strings.TrimSuffix(string(body), "\n"), 10, 64)
		if err != nil || size < 0 {
			return nil, errors.New("the answer with status 409 has no size")
		}
		return nil, &translog.OldSizeError{Size: size}
	case http.StatusUnprocessableEntity:
		return nil, translog.ErrInconsistent
	case http.StatusNotFound, http.StatusForbidden:
		return nil, fmt.Errorf("the witness does not know the log or its key (status %d)", resp.StatusCode)
	}
	return nil, fmt.Errorf("the answer has the status %d", resp.StatusCode)
}
