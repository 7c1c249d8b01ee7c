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

// DefaultWorkflow is the MESH workflow of our notifications where none is agreed.
const DefaultWorkflow = "CPIS_ACCESS_NOTIFICATION"

// meshType is the form of MESH's own answers that is asked for (MESH API, version 2).
const meshType = "application/vnd.mesh.v2+json"

// MESH sends each message to the mailbox of its authority through the Message Exchange for Social Care and Health.
// The endpoint is "mesh:" and the mailbox ("mesh:V999OT001").
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

// mailboxForm is the form of a mailbox's id, in either case.
var mailboxForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// CheckMailbox returns why s is not the id of a mailbox; nil for one. MESH has them in capital letters, and refuses a
// token for one in small letters.
func CheckMailbox(s string) error {
	switch capitals := strings.ToUpper(s); {
	case !mailboxForm.MatchString(s):
		return fmt.Errorf("%q is not a mailbox of MESH: capital letters and digits, such as V999OT001", s)
	case s != capitals:
		return fmt.Errorf("%q is not a mailbox of MESH: in capital letters it is %s", s, capitals)
	default:
		return nil
	}
}

// Deliver puts the message into our outbox at the exchange, which answers 202 and its own id of the message once it
// has accepted it. Whether it was then delivered shows in our inbox ([Inbox]). The message's id goes along as
// Mex-LocalID: the exchange does not compare it, the receiver does, and a report of non-delivery names it.
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
		return "", errors.New("mesh: the exchange accepted the message and did not say under which id")
	}
	receipt = text.Clean(accepted.ID, maxReason) // as a report names it
	t.Log.InfoContext(ctx, "MESH accepted a notification.", "notification", m.ID, "authority", m.Authority, "mesh", receipt)
	return receipt, nil
}

// path returns a path of our mailbox at the exchange.
func (t *MESH) path(below string) string {
	return "/messageexchange/" + url.PathEscape(t.Mailbox) + below
}

// meshAnswer is an answer of MESH, read to its end.
type meshAnswer struct {
	status int
	header http.Header
	body   []byte
}

// call makes a request with a token of its own, and reads its answer. path may have a query.
func (t *MESH) call(ctx context.Context, method, path string, body []byte, headers map[string]string) (none meshAnswer, err error) {
	if err := checkEndpoint(t.URL); err != nil {
		return none, setupError("the address of MESH is not https")
	}
	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, t.URL+path, bytes.NewReader(body))
	if err != nil {
		return none, errors.New("mesh: the request could not be made")
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
	defer resp.Body.Close() //nolint:errcheck // it is read as far as it matters
	answer, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err != nil {
		return none, fmt.Errorf("mesh: %w", err)
	}
	return meshAnswer{resp.StatusCode, resp.Header, answer}, nil
}

// maxReason is how much is kept of the words of MESH, in characters.
const maxReason = 120

// refusal reads an answer that is no success: MESH's own code and words, in the form of version 2 of its API or of
// version 1.
func (a meshAnswer) refusal() *RefusedError {
	var said struct {
		Detail []struct{ Code, Msg string } `json:"detail"`
		Code   string                       `json:"errorCode"`
		Text   string                       `json:"errorDescription"`
	}
	_ = json.Unmarshal(a.body, &said) // what does not read says nothing; the status does
	if len(said.Detail) > 0 {
		said.Code, said.Text = said.Detail[0].Code, said.Detail[0].Msg
	}
	return &RefusedError{Status: a.status, By: "MESH", Code: text.Clean(said.Code, maxReason), Text: text.Clean(said.Text, maxReason)}
}

func (t *MESH) workflow() string {
	if t.Workflow == "" {
		return DefaultWorkflow
	}
	return t.Workflow
}

// mailboxOf returns the mailbox that an endpoint names, in capital letters as MESH has it, in whichever it is on
// record.
func mailboxOf(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "mesh" || !mailboxForm.MatchString(u.Opaque) {
		return "", setupError(`the authority's endpoint is not "mesh:" and a mailbox`)
	}
	return strings.ToUpper(u.Opaque), nil
}

// MESHToken returns the Authorization header of a call (MESH API, authentication): NHSMESH, then mailbox, nonce, the
// nonce's count and the minute, and the HMAC-SHA256 over these and the password with the environment's shared key. A
// nonce with its count serves once.
func MESHToken(mailbox string, password, key []byte, nonce string, count int, at time.Time) string {
	minute := at.UTC().Format("200601021504")
	head := mailbox + ":" + nonce + ":" + strconv.Itoa(count) + ":"
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(head))
	mac.Write(password)
	mac.Write([]byte(":" + minute))
	return "NHSMESH " + head + minute + ":" + hex.EncodeToString(mac.Sum(nil))
}
