package demo

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"wardlight/hub"
	"wardlight/hub/audit"
	"wardlight/hub/holder"
	"wardlight/hub/notify"
	"wardlight/hub/store"
	"wardlight/internal/lab/cards"
	"wardlight/internal/lab/pki"
)

// hubParts are the dependencies and settings of a demo's hub.
type hubParts struct {
	store store.Store
	ca    *pki.CA
	keys  map[string][]byte // webhook keys of the authorities, by code
	clock func() time.Time
	log   *slog.Logger

	settings  Settings
	proxy     *proxy
	tree      audit.TreeCheckpoints // nil for a hub without receipts
	publicURL string                // base URL for terminals; "" for the hub's own address
	configure func(*hub.Config)     // nil for no change
}

// A runningHub is a real hub that listens on a port of this computer.
type runningHub struct {
	address  string // host and port where it listens
	url      string // base URL for terminals
	server   *http.Server
	stop     context.CancelFunc // stops the deliveries
	courier  *http.Transport
	finished sync.WaitGroup
}

// startHub starts a hub at the address, with TLS by the demo's CA, and starts the delivery of notifications.
func startHub(ctx context.Context, p hubParts, address string) (*runningHub, error) {
	certificate, err := p.ca.Server()
	if err != nil {
		return nil, err
	}

	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("hub: %w", err)
	}

	at := listener.Addr().String()
	h := &runningHub{address: at, url: cmp.Or(p.publicURL, "https://"+at), courier: &http.Transport{}}
	configured := hub.Config{
		Store: p.store, CA: holder.Only(p.ca.Certificate(), holder.UUID), Issuer: h.url, Clock: p.clock, Log: p.log,
		SessionIdle: p.settings.SessionIdle, SessionMax: p.settings.SessionMax, Window: p.settings.Window,
		Limits: p.settings.Limits, Tree: p.tree, FGMCode: cards.FGMCode,
		Transport: &notify.Webhook{
			Client: &http.Client{Transport: h.courier}, Clock: p.clock,
			Secrets: func(authority string) [][]byte {
				if key, known := p.keys[authority]; known {
					return [][]byte{key}
				}
				return nil
			},
		},
	}
	if p.configure != nil {
		p.configure(&configured)
	}

	made, err := hub.New(configured)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}

	h.server = &http.Server{
		Handler: p.proxy.before(made.Handler()), ReadHeaderTimeout: 2 * time.Second, ReadTimeout: 5 * time.Second,
		WriteTimeout:   15 * time.Second,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelWarn),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
	}

	delivering, stop := context.WithCancel(context.Background())
	h.stop = stop
	h.finished.Go(func() {
		if err := h.server.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
			p.log.Error("hub stopped", "err", err)
		}
	})

	h.finished.Go(func() {
		if err := made.Run(delivering); err != nil {
			p.log.Error("deliveries stopped", "err", err)
		}
	})

	return h, nil
}

// kill closes every connection and waits until all goroutines of the hub have ended.
func (h *runningHub) kill() error {
	err := h.server.Close()
	h.stop()
	h.finished.Wait()
	h.courier.CloseIdleConnections()
	return err
}

// newSecret returns a webhook key of 32 random bytes (Standard Webhooks: 24 to 64).
func newSecret() ([]byte, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("webhook key: %w", err)
	}
	return key, nil
}
