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

// stoppable is a hub in a process of its own, with one notification in its outbox.
type stoppable struct {
	*labtest.Process
	log               *labtest.Output
	data              string
	address, operator string
	came              chan struct{} // the notification came
	goOn              chan struct{} // answers it
}

func startStoppable(t *testing.T) *stoppable {
	t.Helper()
	s := &stoppable{log: &labtest.Output{}, data: filepath.Join(t.TempDir(), "data"), came: make(chan struct{}, 8), goOn: make(chan struct{})}
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		s.came <- struct{}{}
		<-s.goOn
	}))
	t.Cleanup(slow.Close)
	f := newFiles(t)
	s.address, s.operator = labtest.Address(t), labtest.Address(t)
	s.books(t, func(ctx context.Context, books *sqlite.Store) error {
		if err := books.PutAuthority(ctx, store.Authority{Code: "V999", Name: "EXAMPLESHIRE COUNCIL", Endpoint: slow.URL}); err != nil {
			return err
		}
		now := time.Now()
		_, err := books.Commit(ctx, []*store.Entry{{Audit: store.AuditRecord{At: now}, Opening: &store.Opening{
			Person: "s", RequestID: uuid.NewString(), Answer: []byte("{}"), Expires: now.Add(time.Hour),
			Notifications: []store.Notification{{ID: uuid.NewString(), Authority: "V999", Body: []byte("{}"), Created: now, NextAttempt: now}},
		}}})
		return err
	})
	cmd := exec.CommandContext(t.Context(), labtest.Program(t, "wardlight-hub"), "serve", "--listen", s.address, "--operator-listen", s.operator,
		"--data", s.data, "--ca", f.ca+"=uuid", "--webhook-secrets", f.secrets, "--stop-notice", "2s")
	cmd.Stderr = s.log
	s.Process = labtest.Start(t, cmd)
	s.Until(t, "its listening", func() bool { return strings.Contains(s.log.String(), "The hub listens.") })
	return s
}

func (s *stoppable) books(t *testing.T, do func(context.Context, *sqlite.Store) error) {
	t.Helper()
	books, err := sqlite.Open(t.Context(), s.data)
	if err != nil {
		t.Fatal(err)
	}
	defer books.Close() //nolint:errcheck // what was put is committed
	if err := do(t.Context(), books); err != nil {
		t.Fatal(err)
	}
}

// status is the answer to a GET; 0 when nobody listens.
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

// tooSlow is as long as the test may keep a request open: the hub gives up at five seconds.
const tooSlow = 4 * time.Second

// tooLate is as long as it may keep a delivery waiting: the hub gives up at fifteen.
const tooLate = 12 * time.Second

func TestAHubThatIsStoppedFinishesWhatItHasBegun(t *testing.T) {
	for range 5 {
		if finishes(t) {
			return
		}
	}
	t.Fatal("this machine is too busy to keep a request open for less than " + tooSlow.String())
}

// finishes stops a hub with a request and a delivery under way; false when the machine was too busy for the test.
func finishes(t *testing.T) bool {
	t.Helper()
	s := startStoppable(t)
	release := sync.OnceFunc(func() { close(s.goOn) })
	defer release()
	var came time.Time
	select {
	case <-s.came:
		came = time.Now()
	case <-s.Gone():
		t.Fatalf("the hub ended by itself:\n%s", s.log)
	}
	for _, address := range []string{s.address, s.operator} {
		if got := status(t, address, "/readyz"); got != http.StatusOK {
			t.Errorf("before: %d at %s", got, address)
		}
	}
	if err := syscall.Kill(s.PID(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	// The request begins during the notice, and its body ends only when nobody new is let in.
	for said := 0; said != http.StatusServiceUnavailable; {
		if said = status(t, s.address, "/readyz"); said == 0 {
			return false // the notice is over
		}
		<-time.After(time.Millisecond)
	}
	begun := time.Now()
	const body = "grant_type=password"
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.address)
	if err != nil {
		return false // the notice is over
	}
	defer conn.Close() //nolint:errcheck // it was read to its end
	fmt.Fprintf(conn, "POST /oauth2/token HTTP/1.1\r\nHost: hub\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:5])
	s.Until(t, "its closing the door", func() bool { return status(t, s.address, "/livez") == 0 })
	fmt.Fprint(conn, body[5:])
	if time.Since(begun) > tooSlow {
		return false
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("the request under way: %v\n%s", err, s.log)
	}
	answer, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(answer), "grant_unsupported") {
		t.Errorf("the request under way: %d %s", resp.StatusCode, answer)
	}
	if time.Since(came) > tooLate {
		return false
	}
	if got := status(t, s.operator, "/readyz"); got != http.StatusServiceUnavailable {
		t.Errorf("the operator hears %d while a delivery is under way", got)
	}
	release()
	<-s.Gone()
	if !strings.Contains(s.log.String(), "The hub has stopped.") {
		t.Errorf("it did not end well:\n%s", s.log)
	}
	s.books(t, func(ctx context.Context, books *sqlite.Store) error {
		all, err := books.Notifications(ctx, store.NotificationQuery{})
		if err == nil && (len(all) != 1 || all[0].State() != store.Delivered || all[0].Attempts != 1) {
			t.Errorf("the delivery under way: %+v", all)
		}
		return err
	})
	return true
}

func TestTheOperatorHasAListenerOfTheirOwn(t *testing.T) {
	s := startStoppable(t)
	defer close(s.goOn)
	for path, want := range map[string]int{"/metrics": 200, "/livez": 200, "/readyz": 200, "/openapi.json": 404, "/oauth2/challenge": 404} {
		if got := status(t, s.operator, path); got != want {
			t.Errorf("operator: %s is %d, want %d", path, got, want)
		}
	}
	for path, want := range map[string]int{"/metrics": 404, "/livez": 200, "/readyz": 200} {
		if got := status(t, s.address, path); got != want {
			t.Errorf("main: %s is %d, want %d", path, got, want)
		}
	}
}

func TestAListenerThatSomebodyElseHasIsRefusedByItsSetting(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close() //nolint:errcheck // nobody came
	f := newFiles(t)
	for _, flag := range []string{"--listen", "--operator-listen"} {
		root := newRoot(io.Discard, slog.NewLogLogger(slog.DiscardHandler, 0).Writer())
		root.SetArgs([]string{"serve", "--listen", "127.0.0.1:0", "--operator-listen", "off", "--data", filepath.Join(f.folder, "data"), "--ca", f.ca + "=uuid", flag, taken.Addr().String()})
		if err := root.ExecuteContext(t.Context()); err == nil || !strings.HasPrefix(err.Error(), flag+": ") {
			t.Errorf("%s: %v", flag, err)
		}
	}
}
