package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub"
	"wardlight/hub/notify"
	"wardlight/hub/store/sqlite"
)

// settings are the flags of serve.
type settings struct {
	listen, public, data, ca  string
	certificate, key, secrets string
	idle, most                time.Duration
}

func newServe(log io.Writer) *cobra.Command {
	var s settings
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the hub's API and deliver notifications",
		Long: `Serve the hub's API and deliver notifications until interrupted.

Without a TLS certificate it listens only on this machine's own address.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return serve(c.Context(), s, slog.New(slog.NewJSONHandler(log, nil)))
		},
	}
	f := c.Flags()
	f.StringVar(&s.listen, "listen", "127.0.0.1:8443", "address and port to listen on")
	f.StringVar(&s.public, "public-url", "", "the URL that clients use (default: from --listen)")
	f.StringVar(&s.data, "data", "wardlight-data", "folder of the hub's books")
	f.StringVar(&s.ca, "ca", "", "file of the CA certificates whose smartcards may sign in (PEM)")
	f.StringVar(&s.certificate, "tls-cert", "", "file of the hub's TLS certificate chain (PEM)")
	f.StringVar(&s.key, "tls-key", "", "file of the hub's TLS key (PEM)")
	f.StringVar(&s.secrets, "webhook-secrets", "", "file of the authorities' webhook secrets, a line each: V999 whsec_…")
	f.DurationVar(&s.idle, "session-idle", hub.DefaultIdle, "end a session after so long without use")
	f.DurationVar(&s.most, "session-max", hub.DefaultMax, "end a session after so long in any case")
	for _, required := range []string{"ca", "webhook-secrets"} {
		if err := c.MarkFlagRequired(required); err != nil {
			panic(err) // a flag that was just defined
		}
	}
	return c
}

func serve(ctx context.Context, s settings, log *slog.Logger) error {
	pool, err := readCA(s.ca)
	if err != nil {
		return err
	}
	secrets, err := readSecrets(s.secrets)
	if err != nil {
		return err
	}
	config, err := tlsConfig(s)
	if err != nil {
		return err
	}
	books, err := sqlite.Open(ctx, s.data)
	if err != nil {
		return err
	}
	defer func() {
		if err := books.Close(); err != nil {
			log.Error("The books did not close.", "error", err)
		}
	}()
	key, err := signingKey(filepath.Join(s.data, "signing-key.pem"))
	if err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	defer l.Close() //nolint:errcheck // Serve closes it first
	if s.public == "" {
		s.public = "https://" + l.Addr().String()
		if config == nil {
			s.public = "http://" + l.Addr().String()
		}
	}
	h, err := hub.New(hub.Config{
		Store: books, CA: pool, Issuer: s.public, SigningKey: key, Log: log, SessionIdle: s.idle, SessionMax: s.most,
		Transport: &notify.Webhook{Secret: secrets.For, Clock: time.Now},
	})
	if err != nil {
		return err
	}
	log.Info("The hub listens.", "address", l.Addr().String(), "url", s.public, "tls", config != nil)
	return serveAndDeliver(ctx, h, l, config, log)
}

// serveAndDeliver ends when ctx does, or when serving fails; either way deliveries under way are finished.
func serveAndDeliver(ctx context.Context, h *hub.Hub, l net.Listener, config *tls.Config, log *slog.Logger) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	delivered := make(chan error, 1)
	go func() { delivered <- h.Run(ctx) }()
	err := hub.Serve(ctx, l, config, h.Handler(), log)
	stop()
	return errors.Join(err, <-delivered)
}

func readCA(name string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("--ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--ca: %s holds no certificate", name)
	}
	return pool, nil
}

func readSecrets(name string) (notify.Secrets, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("--webhook-secrets: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	return notify.ReadSecrets(f)
}
