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
	"strings"
	"time"

	"wardlight/internal/text"
)

// DefaultWorkflow is the MESH workflow of notifications if none is configured.
const DefaultWorkflow = "CPIS_ACCESS_NOTIFICATION"

// meshType is the media type that requests of MESH accept (MESH API, version 2).
const meshType = "application/vnd.mesh.v2+json"

// MESH sends each message to the mailbox of its authority through the Message Exchange for Social Care and Health.
// The endpoint is "mesh:" and the mailbox ("mesh:V999OT001").
type MESH struct {
	URL      string       // the exchange without a trailing slash: "https://mesh.example"
	Mailbox  string       // the hub's mailbox
	Password []byte       // of the hub's mailbox
	Key      []byte       // the environment's shared key
	Workflow string       // mex-workflowid; "" means DefaultWorkflow
	Client   *http.Client // with the client certificate that MESH requires; nil means a client without one
	Clock    func() time.Time
	NewID    func() string // returns a new UUID
	Log      *slog.Logger
}

// mailboxForm matches a mailbox's ID in upper or lower case.
var mailboxForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// CheckMailbox returns an error unless s is the ID of a mailbox. The ID must be in capital letters, because MESH
// refuses a token for one in lower case.
func CheckMailbox(s string) error {
	switch capitals := strings.ToUpper(s); {
	case !mailboxForm.MatchString(s):
		return fmt.Errorf("%q is not a mailbox of MESH: capital letters and digits, such as V999OT001", s)
	case s != capitals:
		return fmt.Errorf("%q is not a mailbox of MESH: write it in capital letters, %s", s, capitals)
	default:
		return nil
	}
}

// Deliver sends the message to MESH, which answers 202 with its own ID of the message once it has accepted it. If the
// recipient doesn't collect it, a report arrives in the inbox ([Inbox]). The message's ID is sent as Mex-LocalID: MESH
// doesn't use it, but the receiver compares it, and a non-delivery report contains it.
func (t *MESH) Deliver(ctx context.Context, m Message) (receipt string, err error) {
	to, err := mailboxOf(m.Endpoint)
	if err != nil {
		return "", err
	}

	answer, err := t.call(ctx, http.MethodPost, t.path("/outbox"), m.Body, map[string]string{
		"Content-Type":   m.ContentType,
		"Mex-From":       t.Mailbox,
		"Mex-To":         to,
		"Mex-Workflowid": t.workflow(),
		"Mex-Localid":    m.ID,
	})
	if err != nil {
		return "", err
	}
	if answer.status != http.StatusAccepted {
		return "", answer.refusal()
	}

	var accepted struct {
		ID string `json:"message_id"`
	}

	if json.Unmarshal(answer.body, &accepted) != nil || accepted.ID == "" {
		return "", errors.New("mesh: the exchange accepted the message but returned no message id")
	}

	receipt = text.Clean(accepted.ID, maxReason) // in the form in which a report contains it
	t.Log.InfoContext(ctx, "MESH accepted a notification.", "notification", m.ID, "authority", m.Authority, "mesh",
		receipt)
	return receipt, nil
}

// path returns a path of the hub's mailbox at MESH.
func (t *MESH) path(below string) string {
	return "/messageexchange/" + url.PathEscape(t.Mailbox) + below
}

// meshAnswer is an answer of MESH with its body.
type meshAnswer struct {
	status int
	header http.Header
	body   []byte
}

// call sends a request with a new token, and reads the answer. path may have a query.
func (t *MESH) call(ctx context.Context, method, path string, body []byte,
	headers map[string]string,
) (none meshAnswer, err error) {
	if err := checkEndpoint(t.URL); err != nil {
		return none, setupError("the address of MESH is not https")
	}

	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, t.URL+path, bytes.NewReader(body))
	if err != nil {
		return none, errors.New("mesh: the request could not be created")
	}

	for name, value := range headers {
		req.Header.Set(name, value)
	}

	req.Header.Set("Authorization", MESHToken(t.Mailbox, t.Password, t.Key, t.NewID(), 0, t.Clock()))
	req.Header.Set("Accept", meshType)
	resp, err := direct(t.Client).Do(req)
	if err != nil {
		return none, fmt.Errorf("mesh: %w", addressless(err))
	}
	defer resp.Body.Close() //nolint:errcheck // the body has been read
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes))
	if err != nil {
		return none, fmt.Errorf("mesh: %w", err)
	}

	return meshAnswer{resp.StatusCode, resp.Header, answer}, nil
}

// maxReason is the maximum length of stored texts from MESH, in characters.
const maxReason = 120

// refusal returns the error in an unsuccessful answer: MESH's code and description, in the format of version 2 or
// version 1 of its API.
func (a meshAnswer) refusal() *RefusedError {
	var said struct {
		Detail []struct{ Code, Msg string } `json:"detail"`
		Code   string                       `json:"errorCode"`
		Text   string                       `json:"errorDescription"`
	}
	_ = json.Unmarshal(a.body, &said) // without a readable body, the status is enough
	if len(said.Detail) > 0 {
		said.Code, said.Text = said.Detail[0].Code, said.Detail[0].Msg
	}
	return &RefusedError{
		Status: a.status, By: "MESH", Code: text.Clean(said.Code, maxReason),
		Text: text.Clean(said.Text, maxReason),
	}
}

func (t *MESH) workflow() string {
	if t.Workflow == "" {
		return DefaultWorkflow
	}
	return t.Workflow
}

// mailboxOf returns the mailbox of an endpoint in capital letters, as MESH requires.
func mailboxOf(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "mesh" || !mailboxForm.MatchString(u.Opaque) {
		return "", setupError(`the authority's endpoint is not "mesh:" and a mailbox`)
	}
	return strings.ToUpper(u.Opaque), nil
}

// MESHToken returns the Authorization header of a request (MESH API, authentication): NHSMESH, then mailbox, nonce,
// the nonce's count and the minute, and the HMAC-SHA256 of these and the password with the environment's shared key. A
// nonce with its count is valid once.
func MESHToken(mailbox string, password, key []byte, nonce string, count int, at time.Time) string {
	minute := at.UTC().Format("200601021504")
	head := mailbox + ":" + nonce + ":" + strconv.Itoa(count) + ":"
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(head))
	mac.Write(password)
	mac.Write([]byte(":" + minute))
	return "NHSMESH " + head + minute + ":" + hex.EncodeToString(mac.Sum(nil))
}
