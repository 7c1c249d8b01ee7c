package notify_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/hub/notify"
)

// TestRoutes_Reach checks receivers of every kind.
func TestRoutes_Reach(t *testing.T) {
	var asked []string
	answering := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || len(body) > 0 || r.Header.Get("Webhook-Signature") != "" {
			t.Errorf("request: got %d body bytes, headers %v, error %v; want neither body nor signature", len(body),
				r.Header, err)
		}
		asked = append(asked, r.Method+" "+r.URL.Path)
		w.WriteHeader(http.StatusUnauthorized)
	})

	plain, secure := httptest.NewServer(answering), httptest.NewTLSServer(answering)
	defer plain.Close()
	defer secure.Close()
	folder := t.TempDir()
	webhook := &notify.Webhook{Clock: time.Now, Secrets: func(code string) [][]byte {
		if code == "V999" {
			return [][]byte{[]byte("a secret")}
		}
		return nil
	}}

	trusting := &notify.Webhook{Clock: time.Now, Secrets: webhook.Secrets, Client: secure.Client()}
	for name, c := range map[string]struct {
		routes       notify.Routes
		code         string
		endpoint     string
		ready, reach string // text in the errors; "" means no error
	}{
		"any answer": {notify.Routes{"http": webhook}, "V999", plain.URL + "/cpis", "", ""},
		"nobody":     {notify.Routes{"http": webhook}, "V999", "http://127.0.0.1:1/cpis", "", "refused"},
		"no secret": {
			notify.Routes{"http": webhook},
			"V998", plain.URL + "/cpis", "no webhook secret",
			"",
		},
		"a certificate we trust": {notify.Routes{"https": trusting}, "V999", secure.URL + "/cpis", "", ""},
		"one that we do not":     {notify.Routes{"https": webhook}, "V999", secure.URL + "/cpis", "", "certificate"},
		"no endpoint":            {notify.Routes{"https": webhook}, "V999", "", "no endpoint", "no endpoint"},
		"nothing set up":         {notify.Routes{}, "V999", "mesh:V999OT001", "has no settings", "has no settings"},
		"MESH": {
			notify.Routes{"mesh": &notify.MESH{URL: plain.URL}},
			"V999", "mesh:V999OT001", "",
			"",
		},
		"a folder": {notify.Routes{"file": &notify.Folder{Root: folder}}, "V999", "file:V999", "", ""},
		"a folder that is absent": {
			notify.Routes{"file": &notify.Folder{Root: filepath.Join(folder, "absent")}},
			"V999", "file:V999", "", "no such file",
		},
	} {
		for what, got := range map[string]struct {
			err  error
			want string
		}{"ready": {c.routes.Ready(c.code, c.endpoint), c.ready}, "reach": {
			c.routes.Reach(t.Context(), c.endpoint),
			c.reach,
		}} {
			if (got.err == nil) != (got.want == "") || got.err != nil && !strings.Contains(got.err.Error(), got.want) {
				t.Errorf("%s: %s: got error %v, want %q", name, what, got.err, got.want)
			}
		}
	}

	for _, request := range asked {
		if !strings.HasPrefix(request, "HEAD /") {
			t.Errorf("got request %q, want HEAD", request)
		}
	}

	if len(asked) != 4 {
		t.Errorf("got %d requests, want 4: %v", len(asked), asked)
	}
}
