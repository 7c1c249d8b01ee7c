package notify_test

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"wardlight/hub/notify"
)

// FuzzWhatMESHSays has MESH refuse with any answer: its words reach the log and the outbox's list, so nothing in them
// may act there.
func FuzzWhatMESHSays(f *testing.F) {
	f.Add(417, `{"detail":[{"event":"SEND","code":"12","msg":"Unregistered to address"}]}`)
	f.Add(400, `{"errorCode":"06","errorDescription":"Malformed\u001b[2J"}`)
	f.Add(403, `{"detail":"x"}`)
	f.Add(202, `{"message_id":""}`)
	f.Add(202, `[]`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		answering := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}, nil
		})}
		x := &notify.MESH{
			URL: "https://mesh.example", Client: answering, Clock: time.Now, NewID: func() string { return "1" }, Log: slog.New(slog.DiscardHandler),
		}
		receipt, err := x.Deliver(t.Context(), notify.Message{ID: "1", Endpoint: "mesh:V999OT001"})
		if (err == nil) != (receipt != "") || strings.ContainsFunc(receipt, unicode.IsControl) || err == nil && status != http.StatusAccepted {
			t.Errorf("%d %q: got receipt %q, %v", status, body, receipt, err)
		}
		if err != nil && (strings.ContainsFunc(err.Error(), unicode.IsControl) || len([]rune(err.Error())) > 300) {
			t.Errorf("%d %q: got %q", status, body, err)
		}
	})
}
