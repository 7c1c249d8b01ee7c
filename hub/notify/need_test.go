package notify_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardlight/hub/notify"
)

func TestNeedOf_ByStatus(t *testing.T) {
	for need, all := range map[notify.Need][]int{
		notify.NeedsReplay: {400, 410, 413, 415, 417, 422},
		notify.NeedsTime:   {408, 409, 423, 425, 429, 500, 502, 503, 504, 599},
		notify.NeedsRepair: {204, 301, 302, 307, 401, 403, 404, 405, 406, 407, 418, 426, 451},
	} {
		for _, status := range all {
			if got := notify.NeedOf(&notify.RefusedError{Status: status}); got != need {
				t.Errorf("NeedOf(status %d) = %d, want %d", status, got, need)
			}
		}
	}
	if got := notify.NeedOf(errors.New("connection refused")); got != notify.NeedsTime {
		t.Errorf("NeedOf(another error) = %d, want NeedsTime", got)
	}
}

// An error in a setting waits until somebody fixes it. An error in one message doesn't delay others.
func TestNeedOf_WhatTransportsFindWrong(t *testing.T) {
	full := &notify.Folder{Root: t.TempDir()}
	if _, err := full.Deliver(t.Context(), notify.Message{
		ID: "a", Ordinal: 1, Endpoint: "file:V999",
		Body: []byte("one"),
	}); err != nil {
		t.Fatal(err)
	}

	if err := os.WriteFile(filepath.Join(full.Root, "V998"), nil, 0o600); err != nil {
		t.Fatal(err)
	}

	webhook := &notify.Webhook{Secrets: func(string) [][]byte { return nil }, Clock: time.Now}
	for name, c := range map[string]struct {
		transport notify.Transport
		message   notify.Message
		want      notify.Need
	}{
		"no endpoint":              {notify.Routes{}, notify.Message{}, notify.NeedsRepair},
		"an endpoint that is none": {notify.Routes{}, notify.Message{Endpoint: "%"}, notify.NeedsRepair},
		"no such transport":        {notify.Routes{}, notify.Message{Endpoint: "mesh:V999OT001"}, notify.NeedsRepair},
		"a webhook in clear":       {webhook, notify.Message{Endpoint: "http://la.example/"}, notify.NeedsRepair},
		"no secret":                {webhook, notify.Message{Endpoint: "https://la.example/"}, notify.NeedsRepair},
		"no mailbox": {
			&notify.MESH{URL: "https://mesh.example"},
			notify.Message{Endpoint: "mesh:a b"},
			notify.NeedsRepair,
		},
		"MESH in clear": {
			&notify.MESH{URL: "http://mesh.example"},
			notify.Message{Endpoint: "mesh:V999OT001"},
			notify.NeedsRepair,
		},
		"a folder outside": {full, notify.Message{ID: "a", Endpoint: "file:../V999"}, notify.NeedsRepair},
		"no folder": {
			&notify.Folder{Root: filepath.Join(full.Root, "none")},
			notify.Message{ID: "a", Endpoint: "file:V999"},
			notify.NeedsRepair,
		},
		"a file in a folder's place": {full, notify.Message{ID: "a", Endpoint: "file:V998"}, notify.NeedsRepair},
		"another file's name": {full, notify.Message{
			ID: "a", Ordinal: 1, Endpoint: "file:V999",
			Body: []byte("two"),
		}, notify.NeedsReplay},
	} {
		_, err := c.transport.Deliver(t.Context(), c.message)
		if err == nil || notify.NeedOf(err) != c.want {
			t.Errorf("%s: NeedOf = %d for error %v, want %d", name, notify.NeedOf(err), err, c.want)
		}
	}
}

func TestMESHSaysWhyItRefuses(t *testing.T) {
	for want, answer := range map[string]string{
		"MESH answered 417: 12 Unregistered to address":    `{"detail":[{"event":"SEND","code":"12","msg":"Unregistered to address"}]}`,
		"MESH answered 417: 17 Workflow ID not registered": `{"errorEvent":"SEND","errorCode":"17","errorDescription":"Workflow ID not registered"}`,
		"MESH answered 417: Unregistered":                  `{"detail":[{"msg":"Unregistered"}],"internal_id":"x"}`,
		"MESH answered 417":                                `<soap:Fault/>`,
		"MESH answered 417: ␛[2J␊ALARM \uFFFDx":            `{"detail":[{"msg":"\u001b[2J\nALARM \u202ex"}]}`,
		"MESH answered 417: " + strings.Repeat("a", 119) + "…": `{"detail":[{"msg":"` + strings.Repeat("a", 500) +
			`"}]}`,
	} {
		refusing := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: http.StatusExpectationFailed,
				Body:       io.NopCloser(strings.NewReader(answer)),
			}, nil
		})}
		x := &notify.MESH{URL: "https://mesh.example", Client: refusing, Clock: time.Now, NewID: func() string {
			return "1"
		}}
		_, err := x.Deliver(t.Context(), notify.Message{ID: "1", Endpoint: "mesh:V999OT001"})
		if err == nil || err.Error() != want || notify.NeedOf(err) != notify.NeedsReplay {
			t.Errorf("Deliver: got error %v, want %s with NeedsReplay", err, want)
		}
	}
}

func TestCheckMailbox(t *testing.T) {
	for _, good := range []string{"X26HC001", "V999OT001", "MESH-TEST_1"} {
		if err := notify.CheckMailbox(good); err != nil {
			t.Errorf("CheckMailbox(%q): %v", good, err)
		}
		if err := notify.CheckEndpoint("mesh:" + good); err != nil {
			t.Errorf("CheckEndpoint(\"mesh:%s\"): %v", good, err)
		}
	}
	for bad, says := range map[string]string{
		"x26hc001": "X26HC001", "V999ot001": "V999OT001", "": "such as",
		"V999/OT001": "such as", "V999 OT001": "such as", "ſ26": "such as",
	} {
		if err := notify.CheckMailbox(bad); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("CheckMailbox(%q): got error %v, want %s in it", bad, err, says)
		}
		if err := notify.CheckEndpoint("mesh:" + bad); err == nil {
			t.Errorf("CheckEndpoint(\"mesh:%s\") succeeded, want error", bad)
		}
	}
}

// A mailbox that was stored in lower case before the check was added still gets its messages.
func TestMESHSendsToTheMailboxInCapitalLetters(t *testing.T) {
	var to string
	accepting := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		to = r.Header.Get("Mex-To")
		return &http.Response{
			StatusCode: http.StatusAccepted,
			Body:       io.NopCloser(strings.NewReader(`{"message_id":"M1"}`)),
		}, nil
	})}
	x := &notify.MESH{URL: "https://mesh.example", Client: accepting, Clock: time.Now, NewID: func() string {
		return "1"
	}, Log: quiet}
	receipt, err := x.Deliver(t.Context(), notify.Message{ID: "1", Endpoint: "mesh:v999ot001"})
	if err != nil || receipt != "M1" || to != "V999OT001" {
		t.Errorf("got receipt %q to %q, error %v; want M1 to V999OT001", receipt, to, err)
	}
}
