// Package authority is a stand-in for the systems of local authorities. It receives the hub's access notifications and
// validates them by the Standard Webhooks specification, without using code of the hub. The demo and tests import it.
package authority

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// maxBody is the maximum size of a message in bytes. It is more than any notification needs.
const maxBody = 256 << 10

// Notification is a received message. Repeated deliveries are counted.
type Notification struct {
	ID         string
	Authority  string // code, from the URL
	Sent       time.Time
	Received   time.Time
	Body       []byte
	Deliveries int
}

// Refusal is a rejected message.
type Refusal struct {
	Authority string
	Err       error
}

// Options configure a Receiver.
type Options struct {
	Keys  map[string][]byte // webhook keys by authority code
	Clock func() time.Time
	Log   *slog.Logger // for errors of the server; messages are not logged
}

// Receiver listens on the loopback interface for all synthetic authorities. Its methods are safe for concurrent use.
type Receiver struct {
	options Options
	server  *http.Server
	address string
	done    chan struct{} // closed when the server has stopped

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced at every arrival
	received []Notification
	refused  []Refusal
	failing  int // status to answer with; 0 means normal operation
}

// Start starts to listen, until Close is called. ctx applies only to the start.
func Start(ctx context.Context, o Options) (*Receiver, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("stand-in authority: %w", err)
	}

	r := &Receiver{
		options: o, address: listener.Addr().String(), done: make(chan struct{}), changed: make(chan struct{}),
	}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /notifications/{authority}", r.receive)
	r.server = &http.Server{
		Handler: mux, ReadHeaderTimeout: 2 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
	}

	go func() {
		defer close(r.done)
		if err := r.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			o.Log.Error("stand-in authority stopped", "err", err)
		}
	}()

	return r, nil
}

// URL returns the address for notifications to the authority with the code.
func (r *Receiver) URL(code string) string {
	return "http://" + r.address + "/notifications/" + code
}

// Received returns the notifications in order of first arrival.
func (r *Receiver) Received() []Notification {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.received)
}

// Refused returns the rejected messages.
func (r *Receiver) Refused() []Refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.refused)
}

// Fail makes the receiver answer every message with the HTTP status, until Fail(0) is called.
func (r *Receiver) Fail(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failing = status
}

// Await waits until at least n notifications have been received, or returns an error when ctx is done.
func (r *Receiver) Await(ctx context.Context, n int) error {
	return r.await(ctx, "received", n, func() int { return len(r.received) })
}

// AwaitRefused waits until at least n messages have been rejected, or returns an error when ctx is done.
func (r *Receiver) AwaitRefused(ctx context.Context, n int) error {
	return r.await(ctx, "refused", n, func() int { return len(r.refused) })
}

// await waits until count returns at least n. It calls count with mu held.
func (r *Receiver) await(ctx context.Context, what string, n int, count func() int) error {
	for {
		r.mu.Lock()
		have, changed := count(), r.changed
		r.mu.Unlock()
		if have >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d notifications were %s: %w", have, n, what, ctx.Err())
		}
	}
}

// Close stops listening and closes all connections.
func (r *Receiver) Close() error {
	err := r.server.Close()
	<-r.done
	return err
}

func (r *Receiver) receive(w http.ResponseWriter, req *http.Request) {
	code := req.PathValue("authority")
	if status := r.failure(); status != 0 {
		r.refuse(code, ErrDown)
		http.Error(w, "the authority's system is down", status)
		return
	}

	key, known := r.options.Keys[code]
	if !known {
		http.NotFound(w, req)
		return
	}

	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	if err != nil {
		http.Error(w, "the message could not be read", http.StatusBadRequest)
		return
	}

	now := r.options.Clock()
	id, sent, err := verify(key, req.Header, body, now)
	if err != nil {
		r.refuse(code, err)
		http.Error(w, err.Error(), statusOf(err))
		return
	}

	r.store(Notification{ID: id, Authority: code, Sent: sent, Received: now, Body: body, Deliveries: 1})
	w.WriteHeader(http.StatusNoContent)
}

func statusOf(err error) int {
	if errors.Is(err, ErrSignature) {
		return http.StatusUnauthorized
	}
	return http.StatusBadRequest
}

func (r *Receiver) failure() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failing
}

func (r *Receiver) refuse(code string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused = append(r.refused, Refusal{Authority: code, Err: err})
	r.arrived()
}

// store stores a notification, or counts another delivery of it: the hub delivers at least once.
func (r *Receiver) store(n Notification) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.received, func(o Notification) bool { return o.ID == n.ID && o.Authority == n.Authority })
	if i >= 0 {
		r.received[i].Deliveries++
	} else {
		r.received = append(r.received, n)
	}
	r.arrived()
}

// arrived wakes the waiting goroutines. The caller must hold mu.
func (r *Receiver) arrived() {
	close(r.changed)
	r.changed = make(chan struct{})
}
