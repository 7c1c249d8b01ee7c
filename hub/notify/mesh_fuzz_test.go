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

// FuzzWhatMESHSays makes MESH refuse with arbitrary answers. Their texts are logged and stored, so control characters
// must be removed.
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
			URL: "https://mesh.example", Client: answering, Clock: time.Now, NewID: func() string {
				return "1"
			}, Log: slog.New(slog.DiscardHandler),
		}
		receipt, err := x.Deliver(t.Context(), notify.Message{ID: "1", Endpoint: "mesh:V999OT001"})
		if (err == nil) != (receipt != "") || strings.ContainsFunc(receipt, unicode.IsControl) || err == nil &&
			status != http.StatusAccepted {
			t.Errorf("%d %q: got receipt %q, error %v; want a receipt without control characters, or an error", status,
				body, receipt, err)
		}
		if err != nil && (strings.ContainsFunc(err.Error(), unicode.IsControl) || len([]rune(err.Error())) > 300) {
			t.Errorf("%d %q: got error %q, want at most 300 printable characters", status, body, err)
		}
	})
}
