package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub"
	"wardlight/hub/notify"
)

func newServe(log io.Writer) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve the hub's API and deliver notifications",
		Long: `Serve the hub's API and deliver notifications until interrupted.

Without a TLS certificate it listens only on this machine's own address. 'wardlight-hub config' shows the settings and where
each comes from.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := load(c)
			if err != nil {
				return err
			}
			return serve(c.Context(), s, slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: s.level()})))
		},
	}
}

// level is the least that is logged.
func (s *settings) level() slog.Level {
	switch s.logLevel {
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	default:
		return slog.LevelInfo
	}
}

// serve serves until ctx ends. Whatever the settings name is read, or refused, before anything listens.
func serve(ctx context.Context, s *settings, log *slog.Logger) error {
	pool, err := readCAs(s)
	if err != nil {
		return err
	}
	secrets, err := readSecrets(s)
	if err != nil {
		return err
	}
	config, err := tlsConfig(s)
	if err != nil {
		return err
	}
	books, err := openStore(ctx, s)
	if err != nil {
		return err
	}
	defer func() {
		if err := books.Close(); err != nil {
			log.Error("The books did not close.", "error", err)
		}
	}()
	key, err := signingKey(s.signingKeyFile())
	if err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return s.Refuse("hub.listen", err.Error(), "")
	}
	defer l.Close() //nolint:errcheck // Serve closes it first
	public := s.public
	if public == "" {
		public = "https://" + l.Addr().String()
		if config == nil {
			public = "http://" + l.Addr().String()
		}
	}
	h, err := hub.New(hub.Config{
		Store: books, CA: pool, Issuer: public, SigningKey: key, Log: log, SessionIdle: s.idle, SessionMax: s.most,
		Window: s.window, Transport: &notify.Webhook{Secret: secrets.For, Clock: time.Now},
	})
	if err != nil {
		return err
	}
	log.Info("The hub listens.", "address", l.Addr().String(), "url", public, "tls", config != nil)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	delivered := make(chan error, 1)
	go func() { delivered <- h.Run(ctx) }()
	err = hub.Serve(ctx, l, config, h.Handler(), log)
	stop()
	return errors.Join(err, <-delivered)
}

// readCAs is whose smartcards may sign in.
func readCAs(s *settings) (*x509.CertPool, error) {
	const key = "cards.ca_files"
	if len(s.cardCAs) == 0 {
		return nil, s.Refuse(key, "it is not said whose smartcards may sign in", "set ca_files in the table [cards], or --ca")
	}
	pool := x509.NewCertPool()
	for _, path := range s.cardCAs {
		pem, err := s.file(key, path)
		if err != nil {
			return nil, err
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, s.Refuse(key, "there is no certificate in "+path, "it is a PEM file")
		}
	}
	return pool, nil
}

// readSecrets is what webhooks are signed with; without a file no webhook is.
func readSecrets(s *settings) (notify.Secrets, error) {
	if s.secrets == "" {
		return nil, nil
	}
	text, err := s.file("webhook.secrets_file", s.secrets)
	if err != nil {
		return nil, err
	}
	secrets, err := notify.ReadSecrets(bytes.NewReader(text))
	if err != nil {
		return nil, s.Refuse("webhook.secrets_file", fmt.Sprintf("%s: %s", s.secrets, err), "a line for each authority: V999 whsec_…")
	}
	return secrets, nil
}
