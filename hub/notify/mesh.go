package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"
)

// DefaultWorkflow is the MESH workflow of our notifications where none is agreed.
const DefaultWorkflow = "CPIS_ACCESS_NOTIFICATION"

// meshType is the form of MESH's own answers that is asked for (MESH API, version 2).
const meshType = "application/vnd.mesh.v2+json"

// MESH sends each message to the mailbox of its authority through the Message Exchange for Social Care and Health. The endpoint is
// "mesh:" and the mailbox ("mesh:V999OT001").
type MESH struct {
	URL      string       // of the exchange, without a slash at the end: "https://mesh.example"
	Mailbox  string       // ours
	Password []byte       // of our mailbox
	Key      []byte       // the environment's shared key
	Workflow string       // mex-workflowid; "" is DefaultWorkflow
	Client   *http.Client // with our client certificate: MESH asks for one; nil means one without
	Clock    func() time.Time
	NewID    func() string // a UUID each time
	Log      *slog.Logger
}

// mailboxForm is what a mailbox is called.
var mailboxForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// Deliver puts the message into our outbox at the exchange, which answers 202 once it has taken it. The message's id goes along as
// mex-localid: the exchange does not compare it, the receiver does.
func (t *MESH) Deliver(ctx context.Context, m Message) error {
	to, err := mailboxOf(m.Endpoint)
	if err != nil {
		return err
	}
	if err := checkEndpoint(t.URL); err != nil {
		return errors.New("the address of MESH is not https")
	}
	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.URL+"/messageexchange/"+url.PathEscape(t.Mailbox)+"/outbox", bytes.NewReader(m.Body))
	if err != nil {
		return errors.New("mesh: the request could not be made")
	}
	for name, value := range map[string]string{
		"Authorization":  MESHToken(t.Mailbox, t.Password, t.Key, t.NewID(), 0, t.Clock()),
		"Accept":         meshType,
		"Content-Type":   m.ContentType,
		"Mex-From":       t.Mailbox,
		"Mex-To":         to,
		"Mex-Workflowid": t.workflow(),
		"Mex-Localid":    m.ID,
	} {
		req.Header.Set(name, value)
	}
	resp, err := direct(t.Client).Do(req)
	if err != nil {
		return fmt.Errorf("mesh: %w", addressless(err))
	}
	defer resp.Body.Close() //nolint:errcheck // it is read as far as it matters
	answer, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if resp.StatusCode != http.StatusAccepted {
		return &RefusedError{resp.StatusCode, "MESH"}
	}
	var taken struct {
		ID string `json:"message_id"`
	}
	if err != nil || json.Unmarshal(answer, &taken) != nil || taken.ID == "" {
		return errors.New("mesh: the exchange took the message and did not say under which id")
	}
	t.Log.InfoContext(ctx, "MESH took a notification.", "notification", m.ID, "authority", m.Authority, "mesh", taken.ID)
	return nil
}

func (t *MESH) workflow() string {
	if t.Workflow == "" {
		return DefaultWorkflow
	}
	return t.Workflow
}

// mailboxOf is the mailbox that an endpoint names.
func mailboxOf(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "mesh" || !mailboxForm.MatchString(u.Opaque) {
		return "", errors.New(`the authority's endpoint is not "mesh:" and a mailbox`)
	}
	return u.Opaque, nil
}

// MESHToken is the Authorization header of a call (MESH API, authentication): NHSMESH, then mailbox, nonce, the nonce's count and
// the minute, and the HMAC-SHA256 over these and the password with the environment's shared key. A nonce with its count
// serves once.
func MESHToken(mailbox string, password, key []byte, nonce string, count int, at time.Time) string {
	minute := at.UTC().Format("200601021504")
	head := mailbox + ":" + nonce + ":" + strconv.Itoa(count) + ":"
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(head))
	mac.Write(password)
	mac.Write([]byte(":" + minute))
	return "NHSMESH " + head + minute + ":" + hex.EncodeToString(mac.Sum(nil))
}
