package hubbench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wardlight/hub"
	"wardlight/hub/audit"
	"wardlight/hub/holder"
	"wardlight/hub/limit"
	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/internal/fhir"
	"wardlight/internal/lab/people"
	"wardlight/internal/lab/pki"
	"wardlight/internal/nhs"
)

// testHub is a hub on loopback with signed-in clients.
type testHub struct {
	url     string
	store   store.Store
	ledger  store.Store
	server  *http.Server
	served  chan error
	http    *http.Client
	clients []*client

	shared, alone http.Handler // two hubs over the same store, with and without shared commits
	current       atomic.Pointer[http.Handler]
	noting        atomic.Pointer[notes]
	back          atomic.Int64   // how far the clock is set back
	inside        sync.WaitGroup // requests that the server is handling
	answer        atomic.Int64   // length of the constant answer
	commits       atomic.Int64
}

// notes are the times of a round in the handler, indexed by request.
type notes struct {
	inside, waited []time.Duration
	noted          chan struct{} // receives once for each entry of inside
}

// noDelivery is a transport that delivers no notifications.
type noDelivery struct{}

// Deliver returns an error. It is never called, because the benchmark's hubs don't deliver notifications.
func (noDelivery) Deliver(context.Context, notify.Message) (string, error) {
	return "", errors.New("nobody is told")
}

// sinceSignIn is the age of the clients' sessions when the measurement starts.
const sinceSignIn = 5 * time.Minute

// open starts the hub and signs the clients in. If it fails, it closes the ledger, as place.close does.
func open(ctx context.Context, o Options, book, ledger store.Store, clients int) (p *testHub, err error) {
	p = &testHub{
		store: book, ledger: ledger, served: make(chan error, 1),
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true}},
	}

	// Sign in with the clock set back, because requests of a new session check the revocation list once more.
	clock := func() time.Time { return o.Clock().Add(-time.Duration(p.back.Load())) }
	p.back.Store(int64(sinceSignIn))
	ca, err := pki.New("Bench CA", clock)
	if err != nil {
		return nil, errors.Join(err, ledger.Close())
	}

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, ledger.Close())
	}

	p.url = "http://" + listener.Addr().String()
	p.server = &http.Server{Handler: http.HandlerFunc(p.serve), ReadHeaderTimeout: 5 * time.Second}
	go func() { p.served <- p.server.Serve(listener) }()

	for handler, group := range map[*http.Handler]int{&p.shared: audit.MaxGroup, &p.alone: 1} {
		h, err := hub.New(hub.Config{
			Store: splitStore{ledger, book, &p.commits}, CA: holder.Only(ca.Certificate(), holder.UUID), Issuer: p.url,
			Clock: clock, Transport: noDelivery{},
			Limits: &limit.Config{}, Audit: audit.Options{Group: group, Waited: p.waited},
		})
		if err != nil {
			return nil, errors.Join(err, p.close())
		}
		*handler = h.Handler()
	}

	p.current.Store(&p.shared)

	for i := range clients {
		c, err := p.signIn(ctx, ca, clock, i)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("client %d: %w", i+1, err), p.close())
		}
		p.clients = append(p.clients, c)
	}

	p.back.Store(0)
	return p, nil
}

func (p *testHub) close() error {
	err := p.server.Close()
	if served := <-p.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	p.http.CloseIdleConnections()
	return errors.Join(err, p.ledger.Close())
}

// serve measures the time of a request to the hub. It also serves the two handlers for comparison.
func (p *testHub) serve(w http.ResponseWriter, r *http.Request) {
	p.inside.Add(1)
	defer p.inside.Done()
	started := time.Now()
	digits, bare := strings.CutPrefix(r.URL.Path, barePath)
	switch {
	case bare:
		p.serveBare(w, r, nhs.Number(digits))
	case r.URL.Path == constantPath:
		w.Header().Set("Content-Type", fhir.MediaType)
		_, _ = w.Write(constant[:p.answer.Load()])
	default:
		(*p.current.Load()).ServeHTTP(w, r)
	}

	took := time.Since(started)
	if n := p.noting.Load(); n != nil {
		if at, ok := placeOf(r.Header.Get(requestID)); ok && at < len(n.inside) && n.inside[at] == 0 {
			n.inside[at] = took
			n.noted <- struct{}{}
		}
	}
}

// serveBare reads a record and does nothing else. It records only the time of reading.
func (p *testHub) serveBare(w http.ResponseWriter, r *http.Request, number nhs.Number) {
	started := time.Now()
	_, err := p.store.Patient(r.Context(), number)
	took := time.Since(started)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if n := p.noting.Load(); n != nil {
		if at, ok := placeOf(r.Header.Get(requestID)); ok && at < len(n.inside) {
			n.inside[at] = took
		}
	}
}

// waited records how long a request waited for the ledger.
func (p *testHub) waited(id string, d time.Duration) {
	if n := p.noting.Load(); n != nil {
		if at, ok := placeOf(id); ok && at < len(n.waited) {
			n.waited[at] += d
		}
	}
}

const (
	requestID    = "X-Request-ID"
	constantPath = "/constant"
	barePath     = "/bare/"
)

// constant is longer than any answer.
var constant = make([]byte, 1<<20)

// idOf returns a request ID that encodes a count of all requests and the index in the round.
func idOf(count, at int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", count, at) }

// readChainPosition returns the index in the round from a request ID.
func placeOf(id string) (int, bool) {
	if len(id) != 36 {
		return 0, false
	}
	at, err := strconv.ParseInt(id[24:], 16, 64)
	return int(at), err == nil
}

// plans stores authorities and plans in the ledger.
func (p *testHub) plans(ctx context.Context, plans []store.Plan) error {
	for _, a := range people.Authorities() {
		if err := p.ledger.PutAuthority(ctx, store.Authority{
			Code: a.ID, Name: a.Name, OfficePhone: a.Office, DutyPhone: a.Emergency, Endpoint: "http://127.0.0.1:1/",
		}); err != nil {
			return err
		}
	}
	if len(plans) == 0 {
		return errors.New("there is no child with a plan among the people: make more of them")
	}
	for _, plan := range plans {
		if err := p.ledger.PutPlan(ctx, plan); err != nil {
			return err
		}
	}
	return nil
}

// EmptyFolder creates a folder for a ledger within in, and returns a function that removes it.
func EmptyFolder(in string) (folder string, remove func() error, err error) {
	if err := os.MkdirAll(in, 0o700); err != nil {
		return "", nil, err
	}
	folder, err = os.MkdirTemp(in, "ledger-")
	return filepath.Clean(folder), func() error { return os.RemoveAll(folder) }, err
}
