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

// place is an exchange to test: the stand-in, or one that the environment names.
type place struct {
	url, from, to, password, toPassword, key string
	exchange                                 *mesh.Exchange // nil if it isn't the stand-in
}

// fakeMesh returns a stand-in exchange. Its receiver is registered for the workflows, or for all if there are none.
func fakeMesh(t *testing.T, workflows ...string) place {
	t.Helper()
	p := place{
		from: "X26HC001", to: "V999OT001", password: "our password", toPassword: "their password",
		key: "SharedKey",
	}
	p.exchange = mesh.NewExchange([]byte(p.key), time.Now, mesh.Mailbox{ID: p.from, Password: p.password},
		mesh.Mailbox{ID: p.to, Password: p.toPassword, Workflows: workflows})
	server := httptest.NewServer(p.exchange)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// places returns the stand-in and, if WARDLIGHT_MESH_SANDBOX is set to "url from password to password key", a MESH
// sandbox.
func places(t *testing.T) map[string]place {
	t.Helper()
	all := map[string]place{"the stand-in": fakeMesh(t)}
	if f := strings.Fields(os.Getenv("WARDLIGHT_MESH_SANDBOX")); len(f) == 6 {
		all["the sandbox"] = place{url: f[0], from: f[1], password: f[2], to: f[3], toPassword: f[4], key: f[5]}
	}
	return all
}

func (p place) transport() *notify.MESH {
	return &notify.MESH{
		URL: p.url, Mailbox: p.from, Password: []byte(p.password), Key: []byte(p.key), Clock: time.Now,
		NewID: uuid.NewString,
		Log:   slog.New(slog.DiscardHandler),
	}
}

// call sends a request to the exchange, with a token computed by openssl instead of the hub's code.
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

// TestAMessageGoesThroughTheExchange checks that an exchange accepts a message, and that the receiving mailbox can
// list it, read it byte for byte and acknowledge it.
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
				t.Fatal("the inbox is empty, want the message")
			}

			last := inbox.Messages[len(inbox.Messages)-1]
			got := p.call(t, http.MethodGet, p.to, p.toPassword, "/inbox/"+last)
			read, err := io.ReadAll(got.Body)
			if err != nil || !bytes.Equal(read, body) {
				t.Errorf("body = %q, %v, want %q", read, err, body)
			}

			for header, want := range map[string]string{
				"Mex-From": p.from, "Mex-To": p.to, "Mex-LocalID": id, "Mex-WorkflowID": notify.DefaultWorkflow,
				"Content-Type": "application/fhir+json",
			} {
				if got.Header.Get(header) != want {
					t.Errorf("header %s = %q, want %q", header, got.Header.Get(header), want)
				}
			}

			if r := p.call(t, http.MethodPut, p.to, p.toPassword, "/inbox/"+last+
				"/status/acknowledged"); r.StatusCode != http.StatusOK {
				t.Errorf("acknowledge: status %d, want 200", r.StatusCode)
			}

			if r := p.call(t, http.MethodGet, p.from, p.password, "/outbox/tracking?messageID="+
				last); r.StatusCode != http.StatusOK {
				t.Errorf("tracking: status %d, want 200", r.StatusCode)
			}

			if r := p.call(t, http.MethodGet, p.to, "another password",
				"/inbox"); r.StatusCode != http.StatusForbidden {
				t.Errorf("inbox with a wrong password: status %d, want 403", r.StatusCode)
			}
		})
	}
}

// report makes the exchange report that a message was not delivered: the stand-in with a method, a sandbox through its
// administration interface.
func (p place) report(t *testing.T, id, localID, code, text string) {
	t.Helper()
	if p.exchange != nil {
		if err := p.exchange.Report(id, code); err != nil {
			t.Fatal(err)
		}
		return
	}

	body, err := json.Marshal(map[string]string{
		"mailbox_id": p.from, "status": "error", "workflow_id": notify.DefaultWorkflow, "code": code,
		"description": text, "subject": "NDR",
		"local_id": localID, "file_name": "", "linked_message_id": id,
	})
	if err != nil {
		t.Fatal(err)
	}

	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/messageexchange/admin/report",
		bytes.NewReader(body))
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
		t.Fatalf("creating a report in the sandbox: status %d, want 200", resp.StatusCode)
	}
}

// TestANonDeliveryIsReportedIntoOurInbox checks the headers of a report and how it is acknowledged.
func TestANonDeliveryIsReportedIntoOurInbox(t *testing.T) {
	const text = "Message not collected by recipient after 5 days"
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			localID := uuid.NewString()
			sent, err := p.transport().Deliver(t.Context(), notify.Message{
				ID: localID, Authority: "V999", Endpoint: "mesh:" + p.to, ContentType: "application/fhir+json",
				Body: []byte("{}"),
			})
			if err != nil || sent == "" {
				t.Fatalf("Deliver = %q, %v, want a message ID", sent, err)
			}

			p.report(t, sent, localID, mesh.NotCollected, text)
			var inbox struct {
				Messages []string
				Links    struct{ Self, Next string }
			}

			into(t, p.call(t, http.MethodGet, p.from, p.password, "/inbox?max_results=500"), &inbox)
			if len(inbox.Messages) == 0 || inbox.Links.Self == "" || inbox.Links.Next != "" {
				t.Fatalf("inbox = %+v, want one page with a report", inbox)
			}

			report := inbox.Messages[len(inbox.Messages)-1]
			for _, method := range []string{http.MethodHead, http.MethodGet} {
				got := p.call(t, method, p.from, p.password, "/inbox/"+report)
				body, err := io.ReadAll(got.Body)
				if err != nil || len(body) != 0 || got.StatusCode != http.StatusOK {
					t.Errorf("%s of the report: status %d, body %q, %v, want 200 and no body",
						method, got.StatusCode, body, err)
				}

				for header, want := range map[string]string{
					"Mex-MessageType": "REPORT", "Mex-LocalID": localID, "Mex-LinkedMsgID": sent,
					"Mex-StatusCode": "14", "Mex-StatusDescription": text,
					"Mex-StatusSuccess": "ERROR", "Mex-To": p.from, "Mex-From": "",
					"Mex-WorkflowID": notify.DefaultWorkflow,
				} {
					if got.Header.Get(header) != want {
						t.Errorf("%s: header %s = %q, want %q", method, header, got.Header.Get(header), want)
					}
				}
			}

			if r := p.call(t, http.MethodPut, p.from, p.password, "/inbox/"+report+
				"/status/acknowledged"); r.StatusCode != http.StatusOK {
				t.Errorf("acknowledge: status %d, want 200", r.StatusCode)
			}

			if r := p.call(t, http.MethodGet, p.from, "another password",
				"/inbox"); r.StatusCode != http.StatusForbidden {
				t.Errorf("inbox with a wrong password: status %d, want 403", r.StatusCode)
			}
		})
	}
}

// The exchange must give a code and text when it rejects a message. Mailbox IDs in tokens are in capital letters.
func TestWhyTheExchangeRefuses(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			good := notify.Message{
				ID: uuid.NewString(), Endpoint: "mesh:" + p.to, ContentType: "application/fhir+json",
				Body: []byte("{}"),
			}
			nobody := good
			nobody.Endpoint = "mesh:V998OT999"
			_, err := p.transport().Deliver(t.Context(), nobody)
			var refused *notify.RefusedError
			if !errors.As(err, &refused) || refused.Status != 417 || refused.Code != "12" ||
				refused.Text != "Unregistered to address" || notify.NeedOf(err) != notify.NeedsReplay {
				t.Errorf("Deliver to an unknown recipient: error = %v, want 417, code 12", err)
			}
			small := p.transport()
			small.Mailbox = strings.ToLower(small.Mailbox)
			if _, err := small.Deliver(t.Context(), good); !errors.As(err, &refused) || refused.Status != 403 {
				t.Errorf("Deliver from a mailbox in lower case: error = %v, want 403", err)
			}
		})
	}

	p := fakeMesh(t, "OTHER")
	_, err := p.transport().Deliver(t.Context(), notify.Message{ID: "1", Endpoint: "mesh:" + p.to, Body: []byte("{}")})
	if err == nil || err.Error() != "MESH answered 417: 17 Workflow ID not registered for mailbox" {
		t.Errorf("Deliver for an unregistered workflow: error = %v, want 417 with code 17", err)
	}
}

func TestWhatTheExchangeDoesNotTakeWaits(t *testing.T) {
	p := fakeMesh(t)
	good := notify.Message{ID: "1", Endpoint: "mesh:" + p.to, ContentType: "application/fhir+json", Body: []byte("{}")}
	for name, c := range map[string]struct {
		change func(*notify.MESH, *notify.Message)
		status int // of the exchange; 0 if there is no request
	}{
		"a wrong password": {func(m *notify.MESH, _ *notify.Message) { m.Password = []byte("x") }, 403},
		"a wrong key":      {func(m *notify.MESH, _ *notify.Message) { m.Key = []byte("x") }, 403},
		"another clock": {func(m *notify.MESH, _ *notify.Message) {
			m.Clock = func() time.Time { return time.Now().Add(3 * time.Hour) }
		}, 403},
		"a mailbox not registered": {func(_ *notify.MESH, m *notify.Message) { m.Endpoint = "mesh:V998OT001" }, 417},
		"no mailbox":               {func(_ *notify.MESH, m *notify.Message) { m.Endpoint = "mesh:" }, 0},
		"a path for a mailbox": {func(_ *notify.MESH, m *notify.Message) {
			m.Endpoint = "mesh:V999/../X26HC001"
		}, 0},
		"an exchange in clear":     {func(x *notify.MESH, _ *notify.Message) { x.URL = "http://mesh.example" }, 0},
		"an exchange that is down": {func(*notify.MESH, *notify.Message) { p.exchange.Fail(503) }, 503},
	} {
		x, m := p.transport(), good
		c.change(x, &m)
		_, err := x.Deliver(t.Context(), m)
		p.exchange.Fail(0)
		var refused *notify.RefusedError
		if err == nil || errors.As(err, &refused) != (c.status != 0) || refused != nil && refused.Status != c.status {
			t.Errorf("%s: Deliver error = %v, want status %d", name, err, c.status)
		}
	}

	if n := len(p.exchange.Messages()); n != 0 {
		t.Errorf("the exchange accepted %d messages, want none", n)
	}
}

// A token can be used only once, so that an attacker who has intercepted it can't read the mailbox with it.
func TestATokenServesOnce(t *testing.T) {
	p := fakeMesh(t)
	x := p.transport()
	x.NewID = func() string { return "the same nonce" }
	m := notify.Message{ID: "1", Endpoint: "mesh:" + p.to, ContentType: "application/fhir+json", Body: []byte("{}")}
	if _, err := x.Deliver(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Deliver(t.Context(), m); err == nil || p.exchange.Refusals() != 1 {
		t.Errorf("second Deliver with the same token: error = %v, want refusal", err)
	}
}

func TestASendingEndsWithItsContext(t *testing.T) {
	p := fakeMesh(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := p.transport().Deliver(ctx, notify.Message{ID: "1", Endpoint: "mesh:" + p.to, Body: []byte("{}")})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Deliver error = %v, want context.Canceled", err)
	}
}
