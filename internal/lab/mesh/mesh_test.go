package mesh_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/notify"
	"wardlight/internal/lab/mesh"
)

// place is an exchange to be tested against: the stand-in, or another that the environment names.
type place struct {
	url, from, to, password, toPassword, key string
	exchange                                 *mesh.Exchange // nil for another
}

// standIn is our own exchange. The receiver is registered for the workflows, or for all where there are none.
func standIn(t *testing.T, workflows ...string) place {
	t.Helper()
	p := place{from: "X26HC001", to: "V999OT001", password: "our password", toPassword: "their password", key: "SharedKey"}
	p.exchange = mesh.NewExchange([]byte(p.key), time.Now, mesh.Mailbox{ID: p.from, Password: p.password}, mesh.Mailbox{ID: p.to, Password: p.toPassword, Workflows: workflows})
	server := httptest.NewServer(p.exchange)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// places are the stand-in, and a MESH sandbox where WARDLIGHT_MESH_SANDBOX says "url from password to password key".
func places(t *testing.T) map[string]place {
	t.Helper()
	all := map[string]place{"the stand-in": standIn(t)}
	if f := strings.Fields(os.Getenv("WARDLIGHT_MESH_SANDBOX")); len(f) == 6 {
		all["the sandbox"] = place{url: f[0], from: f[1], password: f[2], to: f[3], toPassword: f[4], key: f[5]}
	}
	return all
}

func (p place) transport() *notify.MESH {
	return &notify.MESH{
		URL: p.url, Mailbox: p.from, Password: []byte(p.password), Key: []byte(p.key), Clock: time.Now, NewID: uuid.NewString,
		Log: slog.New(slog.DiscardHandler),
	}
}

// call calls the exchange as a mailbox would, with a token made by openssl and not by the hub's code.
func (p place) call(t *testing.T, method, mailbox, password, path string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.url+"/messageexchange/"+mailbox+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	head := mailbox + ":" + uuid.NewString() + ":0:"
	minute := time.Now().UTC().Format("200601021504")
	mac := exec.CommandContext(t.Context(), "openssl", "dgst", "-sha256", "-hmac", p.key)
	mac.Stdin = strings.NewReader(head + password + ":" + minute)
	out, err := mac.Output()
	if err != nil {
		t.Fatalf("openssl: %v", err)
	}
	digest := strings.TrimSpace(string(out[bytes.LastIndexByte(out, ' ')+1:]))
	req.Header.Set("Authorization", "NHSMESH "+head+minute+":"+digest)
	req.Header.Set("Accept", "application/vnd.mesh.v2+json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func into(t *testing.T, r *http.Response, v any) {
	t.Helper()
	if err := json.NewDecoder(r.Body).Decode(v); err != nil {
		t.Fatal(err)
	}
}

// TestAMessageGoesThroughTheExchange is the contract: an exchange takes what we send, and the mailbox it is for lists
// it, gets it byte for byte and acknowledges it.
func TestAMessageGoesThroughTheExchange(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			id, body := uuid.NewString(), []byte(`{"resourceType":"Bundle","id":"é`+uuid.NewString()+`"}`)
			_, err := p.transport().Deliver(t.Context(), notify.Message{
				ID: id, Authority: "V999", Endpoint: "mesh:" + p.to, ContentType: "application/fhir+json", Body: body,
			})
			if err != nil {
				t.Fatal(err)
			}
			var inbox struct{ Messages []string }
			into(t, p.call(t, http.MethodGet, p.to, p.toPassword, "/inbox"), &inbox)
			if len(inbox.Messages) == 0 {
				t.Fatal("the inbox is empty")
			}
			last := inbox.Messages[len(inbox.Messages)-1]
			got := p.call(t, http.MethodGet, p.to, p.toPassword, "/inbox/"+last)
			read, err := io.ReadAll(got.Body)
			if err != nil || !bytes.Equal(read, body) {
				t.Errorf("got %q, %v", read, err)
			}
			for header, want := range map[string]string{
				"Mex-From": p.from, "Mex-To": p.to, "Mex-LocalID": id, "Mex-WorkflowID": notify.DefaultWorkflow, "Content-Type": "application/fhir+json",
			} {
				if got.Header.Get(header) != want {
					t.Errorf("%s is %q, want %q", header, got.Header.Get(header), want)
				}
			}
			if r := p.call(t, http.MethodPut, p.to, p.toPassword, "/inbox/"+last+"/status/acknowledged"); r.StatusCode != http.StatusOK {
				t.Errorf("acknowledged: %d", r.StatusCode)
			}
			if r := p.call(t, http.MethodGet, p.from, p.password, "/outbox/tracking?messageID="+last); r.StatusCode != http.StatusOK {
				t.Errorf("tracking: %d", r.StatusCode)
			}
			if r := p.call(t, http.MethodGet, p.to, "another password", "/inbox"); r.StatusCode != http.StatusForbidden {
				t.Errorf("a wrong password: %d", r.StatusCode)
			}
		})
	}
}

// report has the exchange report that a message of ours was not delivered: the stand-in by a method, a sandbox by its
// administration.
func (p place) report(t *testing.T, id, localID, code, text string) {
	t.Helper()
	if p.exchange != nil {
		if err := p.exchange.Report(id, code); err != nil {
			t.Fatal(err)
		}
		return
	}
	body, err := json.Marshal(map[string]string{
		"mailbox_id": p.from, "status": "error", "workflow_id": notify.DefaultWorkflow, "code": code, "description": text, "subject": "NDR",
		"local_id": localID, "file_name": "", "linked_message_id": id,
	})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/messageexchange/admin/report", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("the sandbox made no report: %d", resp.StatusCode)
	}
}

// TestANonDeliveryIsReportedIntoOurInbox is the other half of the contract: what a report looks like, and how it is
// acknowledged.
func TestANonDeliveryIsReportedIntoOurInbox(t *testing.T) {
	const text = "Message not collected by recipient after 5 days"
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			localID := uuid.NewString()
			sent, err := p.transport().Deliver(t.Context(), notify.Message{
				ID: localID, Authority: "V999", Endpoint: "mesh:" + p.to, ContentType: "application/fhir+json", Body: []byte("{}"),
			})
			if err != nil || sent == "" {
				t.Fatalf("got receipt %q, %v", sent, err)
			}
			p.report(t, sent, localID, mesh.NotCollected, text)
			var inbox struct {
				Messages []string
				Links    struct{ Self, Next string }
			}
			into(t, p.call(t, http.MethodGet, p.from, p.password, "/inbox?max_results=500"), &inbox)
			if len(inbox.Messages) == 0 || inbox.Links.Self == "" || inbox.Links.Next != "" {
				t.Fatalf("got inbox %+v", inbox)
			}
			report := inbox.Messages[len(inbox.Messages)-1]
			for _, method := range []string{http.MethodHead, http.MethodGet} {
				got := p.call(t, method, p.from, p.password, "/inbox/"+report)
				body, err := io.ReadAll(got.Body)
				if err != nil || len(body) != 0 || got.StatusCode != http.StatusOK {
					t.Errorf("%s: got %d, %q, %v", method, got.StatusCode, body, err)
				}
				for header, want := range map[string]string{
					"Mex-MessageType": "REPORT", "Mex-LocalID": localID, "Mex-LinkedMsgID": sent, "Mex-StatusCode": "14", "Mex-StatusDescription": text,
					"Mex-StatusSuccess": "ERROR", "Mex-To": p.from, "Mex-From": "", "Mex-WorkflowID": notify.DefaultWorkflow,
				} {
					if got.Header.Get(header) != want {
						t.Errorf("%s: %s is %q, want %q", method, header, got.Header.Get(header), want)
					}
				}
			}
			if r := p.call(t, http.MethodPut, p.from, p.password, "/inbox/"+report+"/status/acknowledged"); r.StatusCode != http.StatusOK {
				t.Errorf("acknowledged: got %d, want 200", r.StatusCode)
			}
			if r := p.call(t, http.MethodGet, p.from, "another password", "/inbox"); r.StatusCode != http.StatusForbidden {
				t.Errorf("a wrong password: got %d, want 403", r.StatusCode)
			}
		})
	}
}

// The exchange says by code and words why it does not take a message, and has mailboxes in capital letters alone.
func TestWhyTheExchangeRefuses(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			good := notify.Message{ID: uuid.NewString(), Endpoint: "mesh:" + p.to, ContentType: "application/fhir+json", Body: []byte("{}")}
			nobody := good
			nobody.Endpoint = "mesh:V998OT999"
			_, err := p.transport().Deliver(t.Context(), nobody)
			var refused *notify.RefusedError
			if !errors.As(err, &refused) || refused.Status != 417 || refused.Code != "12" || refused.Text != "Unregistered to address" || notify.NeedOf(err) != notify.NeedsReplay {
				t.Errorf("an unknown recipient: got %v, want 417, code 12", err)
			}
			small := p.transport()
			small.Mailbox = strings.ToLower(small.Mailbox)
			if _, err := small.Deliver(t.Context(), good); !errors.As(err, &refused) || refused.Status != 403 {
				t.Errorf("our mailbox in small letters: got %v, want 403", err)
			}
		})
	}
	p := standIn(t, "OTHER")
	_, err := p.transport().Deliver(t.Context(), notify.Message{ID: "1", Endpoint: "mesh:" + p.to, Body: []byte("{}")})
	if err == nil || err.Error() != "MESH answered 417: 17 Workflow ID not registered for mailbox" {
		t.Errorf("an unknown workflow: got %v", err)
	}
}

func TestWhatTheExchangeDoesNotTakeWaits(t *testing.T) {
	p := standIn(t)
	good := notify.Message{ID: "1", Endpoint: "mesh:" + p.to, ContentType: "application/fhir+json", Body: []byte("{}")}
	for name, c := range map[string]struct {
		change func(*notify.MESH, *notify.Message)
		status int // of the exchange; 0 when it is not asked
	}{
		"a wrong password": {func(m *notify.MESH, _ *notify.Message) { m.Password = []byte("x") }, 403},
		"a wrong key":      {func(m *notify.MESH, _ *notify.Message) { m.Key = []byte("x") }, 403},
		"another clock": {func(m *notify.MESH, _ *notify.Message) {
			m.Clock = func() time.Time { return time.Now().Add(3 * time.Hour) }
		}, 403},
		"a mailbox not registered": {func(_ *notify.MESH, m *notify.Message) { m.Endpoint = "mesh:V998OT001" }, 417},
		"no mailbox":               {func(_ *notify.MESH, m *notify.Message) { m.Endpoint = "mesh:" }, 0},
		"a path for a mailbox":     {func(_ *notify.MESH, m *notify.Message) { m.Endpoint = "mesh:V999/../X26HC001" }, 0},
		"an exchange in clear":     {func(x *notify.MESH, _ *notify.Message) { x.URL = "http://mesh.example" }, 0},
		"an exchange that is down": {func(*notify.MESH, *notify.Message) { p.exchange.Fail(503) }, 503},
	} {
		x, m := p.transport(), good
		c.change(x, &m)
		_, err := x.Deliver(t.Context(), m)
		p.exchange.Fail(0)
		var refused *notify.RefusedError
		if err == nil || errors.As(err, &refused) != (c.status != 0) || refused != nil && refused.Status != c.status {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(p.exchange.Messages()); n != 0 {
		t.Errorf("%d messages were taken", n)
	}
}

// A token serves once: whoever overheard it cannot read the mailbox with it.
func TestATokenServesOnce(t *testing.T) {
	p := standIn(t)
	x := p.transport()
	x.NewID = func() string { return "the same nonce" }
	m := notify.Message{ID: "1", Endpoint: "mesh:" + p.to, ContentType: "application/fhir+json", Body: []byte("{}")}
	if _, err := x.Deliver(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Deliver(t.Context(), m); err == nil || p.exchange.Refusals() != 1 {
		t.Errorf("the second time: %v", err)
	}
}

func TestASendingEndsWithItsContext(t *testing.T) {
	p := standIn(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := p.transport().Deliver(ctx, notify.Message{ID: "1", Endpoint: "mesh:" + p.to, Body: []byte("{}")})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
