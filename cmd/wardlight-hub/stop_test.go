package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"wardlight/hub/store"
	"wardlight/hub/store/sqlite"
	"wardlight/internal/lab/labtest"
)

// stoppable is a hub in its own process, with one notification in its outbox.
type stoppable struct {
	*labtest.Process
	log               *labtest.Output
	data              string
	address, operator string
	notified          chan struct{} // receives when the notification arrives
	answer            chan struct{} // closing it answers the notification
}

func startStoppable(t *testing.T) *stoppable {
	t.Helper()
	s := &stoppable{
		log: &labtest.Output{}, data: filepath.Join(t.TempDir(), "data"), notified: make(chan struct{}, 8),
		answer: make(chan struct{}),
	}

	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		s.notified <- struct{}{}
		<-s.answer
	}))

	t.Cleanup(slow.Close)
	f := newFiles(t)
	s.address, s.operator = labtest.Address(t), labtest.Address(t)
	s.withLedger(t, func(ctx context.Context, ledger *sqlite.Store) error {
		if err := ledger.PutAuthority(ctx, store.Authority{
			Code: "V999", Name: "EXAMPLESHIRE COUNCIL",
			Endpoint: slow.URL,
		}); err != nil {
			return err
		}
		now := time.Now()
		_, err := ledger.Commit(ctx, []*store.Entry{{Audit: store.AuditRecord{At: now}, Opening: &store.Opening{
			Person: "s", RequestID: uuid.NewString(), Answer: []byte("{}"), Expires: now.Add(time.Hour),
			Notifications: []store.Notification{{
				ID: uuid.NewString(), Authority: "V999", Body: []byte("{}"),
				Created: now, NextAttempt: now,
			}},
		}}})
		return err
	})

	cmd := exec.CommandContext(t.Context(), labtest.Program(t, "wardlight-hub"), "serve", "--listen", s.address,
		"--operator-listen", s.operator,
		"--data", s.data, "--ca", f.ca+"=uuid", "--webhook-secrets", f.secrets, "--stop-notice", "2s")

	cmd.Stderr = s.log
	s.Process = labtest.Start(t, cmd)
	s.Until(t, "its listening", func() bool { return strings.Contains(s.log.String(), "The hub is listening.") })
	return s
}

func (s *stoppable) withLedger(t *testing.T, do func(context.Context, *sqlite.Store) error) {
	t.Helper()
	ledger, err := sqlite.Open(t.Context(), s.data)
	if err != nil {
		t.Fatal(err)
	}
	defer ledger.Close() //nolint:errcheck // the data was committed
	if err := do(t.Context(), ledger); err != nil {
		t.Fatal(err)
	}
}

// status returns the status code of a GET, or 0 if the connection fails.
func status(t *testing.T, address, path string) int {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode
}

// tooSlow is the maximum time that the test may keep a request open. The hub's timeout is five seconds.
const tooSlow = 4 * time.Second

// tooLate is the maximum time that the test may delay a delivery. The hub's timeout is fifteen seconds.
const tooLate = 12 * time.Second

func TestAHubThatIsStoppedFinishesWhatItHasBegun(t *testing.T) {
	for range 5 {
		if stopDuringRequests(t) {
			return
		}
	}
	t.Fatal("in five attempts the machine was too busy to send a request within " + tooSlow.String())
}

// stopDuringRequests stops a hub with a request and a delivery in progress. It returns false if the machine was too
// busy for the test.
func stopDuringRequests(t *testing.T) bool {
	t.Helper()
	s := startStoppable(t)
	release := sync.OnceFunc(func() { close(s.answer) })
	defer release()
	var came time.Time
	select {
	case <-s.notified:
		came = time.Now()
	case <-s.Done():
		t.Fatalf("the hub exited unexpectedly:\n%s", s.log)
	}

	for _, address := range []string{s.address, s.operator} {
		if got := status(t, address, "/readyz"); got != http.StatusOK {
			t.Errorf("/readyz at %s before the stop: got %d, want 200", address, got)
		}
	}

	if err := syscall.Kill(s.PID(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}

	// The request begins during the notice period. Its body ends after new connections are refused.
	for said := 0; said != http.StatusServiceUnavailable; {
		if said = status(t, s.address, "/readyz"); said == 0 {
			return false // the notice period is over
		}
		<-time.After(time.Millisecond)
	}

	started := time.Now()
	const body = "grant_type=password"
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.address)
	if err != nil {
		return false // the notice period is over
	}
	defer conn.Close() //nolint:errcheck // the response was read completely
	fmt.Fprintf(conn, "POST /oauth2/token HTTP/1.1\r\nHost: hub\r\nContent-Type: "+
		"application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:5])
	s.Until(t, "its closing the door", func() bool { return status(t, s.address, "/livez") == 0 })
	fmt.Fprint(conn, body[5:])
	if time.Since(started) > tooSlow {
		return false
	}

	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("request in progress: %v\n%s", err, s.log)
	}

	answer, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(answer), "grant_unsupported") {
		t.Errorf("request in progress: got status %d, want 400 with grant_unsupported: %s", resp.StatusCode, answer)
	}

	if time.Since(came) > tooLate {
		return false
	}

	if got := status(t, s.operator, "/readyz"); got != http.StatusServiceUnavailable {
		t.Errorf("operator's /readyz during a delivery: got %d, want 503", got)
	}

	release()
	<-s.Done()
	if !strings.Contains(s.log.String(), "The hub has stopped.") {
		t.Errorf("the hub did not stop normally:\n%s", s.log)
	}

	s.withLedger(t, func(ctx context.Context, ledger *sqlite.Store) error {
		all, err := ledger.Notifications(ctx, store.NotificationQuery{})
		if err == nil && (len(all) != 1 || all[0].State() != store.Delivered || all[0].Attempts != 1) {
			t.Errorf("delivery in progress: got %+v, want it delivered at the first attempt", all)
		}
		return err
	})

	return true
}

func TestTheOperatorHasAListenerOfTheirOwn(t *testing.T) {
	s := startStoppable(t)
	defer close(s.answer)
	for path, want := range map[string]int{
		"/metrics": 200, "/livez": 200, "/readyz": 200, "/openapi.json": 404,
		"/oauth2/challenge": 404,
	} {
		if got := status(t, s.operator, path); got != want {
			t.Errorf("GET %s from the operator's listener: got %d, want %d", path, got, want)
		}
	}
	for path, want := range map[string]int{"/metrics": 404, "/livez": 200, "/readyz": 200} {
		if got := status(t, s.address, path); got != want {
			t.Errorf("GET %s from the main listener: got %d, want %d", path, got, want)
		}
	}
}

func TestAListenerThatSomebodyElseHasIsRefusedByItsSetting(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close() //nolint:errcheck // never used
	f := newFiles(t)
	for _, flag := range []string{"--listen", "--operator-listen"} {
		root := newRoot(io.Discard, slog.NewLogLogger(slog.DiscardHandler, 0).Writer())
		root.SetArgs([]string{
			"serve", "--listen", "127.0.0.1:0", "--operator-listen", "off", "--data",
			filepath.Join(f.folder, "data"), "--ca", f.ca + "=uuid", flag, taken.Addr().String(),
		})
		if err := root.ExecuteContext(t.Context()); err == nil || !strings.HasPrefix(err.Error(), flag+": ") {
			t.Errorf("serve with %s in use: got error %v, want the flag's name first", flag, err)
		}
	}
}
