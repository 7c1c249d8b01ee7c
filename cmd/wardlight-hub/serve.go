package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub"
	"wardlight/hub/cards"
	"wardlight/hub/metrics"
	"wardlight/internal/version"
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

// level returns the least that is logged.
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
	transport, mesh, err := s.transport(log)
	if err != nil {
		return err
	}
	config, err := tlsConfig(s, log)
	if err != nil {
		return err
	}
	checkpoints, err := openCheckpoints(s)
	if err != nil {
		return err
	}
	books, err := migrateStore(ctx, s)
	if err != nil {
		return err
	}
	defer func() {
		if err := books.Close(); err != nil {
			log.Error("The books did not close.", "error", err)
		}
	}()
	keeper, err := readCards(ctx, s, books, log)
	if err != nil {
		return err
	}
	key, err := signingKey(s.signingKeyFile())
	if err != nil {
		return err
	}
	l, err := listen(ctx, s, config)
	if err != nil {
		return err
	}
	if filled, err := books.Filled(ctx); err == nil && !filled {
		log.Warn("No local authority has sent a plan: until one has, no check of an alert is answered.")
	}
	if err := warnOfResends(ctx, books, log); err != nil {
		l.close()
		return err
	}
	public := s.publicURL(l)
	counts := metrics.New(version.String())
	h, err := hub.New(hub.Config{
		Store: books, CA: keeper.CAs(), Issuer: public, SigningKey: key, Log: log, SessionIdle: s.idle, SessionMax: s.most,
		Window: s.window, Limits: s.limits.rates(), Proxies: s.proxies, Transport: transport, MESH: mesh,
		Observer: counts, Retention: s.retention(), Checkpoints: checkpoints, CheckpointEvery: int64(s.checkpoint.every),
	})
	if err != nil {
		l.close()
		return err
	}
	counts.Watch(books, time.Now)
	if l.operator != nil {
		log.Info("The operator's listener is open.", "operator", l.operator.Addr().String())
	}
	l.main = s.limitConnections(l.main, maxFiles(), log)
	log.Info("The hub listens.", "address", l.main.Addr().String(), "url", public, "tls", config != nil)
	return together(ctx, h, l, parts{operator: operatorHandler(h, counts), keep: func(ctx context.Context) error {
		keeper.Run(ctx, h.Trust)
		return nil
	}}, s.stopNotice, log)
}

// publicURL returns what clients use: what is set, or where the hub listens.
func (s *settings) publicURL(l listeners) string {
	switch {
	case s.public != "":
		return s.public
	case l.config != nil:
		return "https://" + l.main.Addr().String()
	default:
		return "http://" + l.main.Addr().String()
	}
}

// readCards returns whose smartcards may sign in.
func readCards(ctx context.Context, s *settings, books cards.Store, log *slog.Logger) (*cards.Keeper, error) {
	const bundles, lists = "cards.ca_files", "cards.crl_files"
	if len(s.cardCAs) == 0 {
		return nil, s.Refuse(bundles, "it is not said whose smartcards may sign in", "set ca_files in the table [cards], or --ca")
	}
	k, err := cards.Open(ctx, cards.Config{CAs: s.cardCAs, Lists: s.cardLists, Store: books, Clock: time.Now, After: time.After, Log: log})
	var file *cards.FileError
	switch {
	case errors.As(err, &file) && file.List:
		return nil, s.Refuse(lists, file.Error(), "name the file where it is, or will be: the hub reads it again when it changes")
	case errors.As(err, &file):
		return nil, s.Refuse(bundles, file.Error(), "it is a PEM file of CA certificates")
	}
	return k, err
}
