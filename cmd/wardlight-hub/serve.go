package main

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"wardlight/hub"
	"wardlight/hub/holder"
	"wardlight/hub/metrics"
	"wardlight/hub/national"
	"wardlight/internal/reread"
	"wardlight/internal/version"
	"wardlight/rbac"
)

func newServe(log io.Writer) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve the hub's API and deliver notifications",
		Long: `Serve the hub's API and deliver notifications until interrupted.

Without a TLS certificate, the hub listens only on this computer's loopback address. 'wardlight-hub config' shows the settings
and where each comes from.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := load(c)
			if err != nil {
				return err
			}
			return serve(c.Context(), s, systemd(os.Getenv("NOTIFY_SOCKET")),
				slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: s.level()})))
		},
	}
}

// level returns the minimum level that is logged.
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

// serve runs the hub until ctx is done. All files that the settings name are read before it listens, so that an
// invalid one prevents the start. The service manager is notified once the hub listens.
func serve(ctx context.Context, s *settings, manager systemd, log *slog.Logger) error {
	if err := s.checkCards(); err != nil {
		return err
	}

	counts := metrics.New(version.String())
	log = slog.New(counts.WatchAlarms(log.Handler()))
	look := newMonitor(log)
	transport, mesh, err := s.transport(look)
	if err != nil {
		return err
	}

	provider, err := s.provider(look)
	if err != nil {
		return err
	}

	attendances, err := s.attendances(look)
	if err != nil {
		return err
	}

	config, err := tlsConfig(s, look)
	if err != nil {
		return err
	}

	checkpoints, err := openCheckpoints(s)
	if err != nil {
		return err
	}
	witnesses, err := s.readWitnesses()
	if err != nil {
		return err
	}
	if err := s.checkFolders(); err != nil {
		return err
	}

	ledger, err := migrateStore(ctx, s)
	if err != nil {
		return err
	}
	defer func() {
		if err := ledger.Close(); err != nil {
			log.Error("The databases could not be closed.", "error", err)
		}
	}()

	keeper, err := readCards(ctx, s, ledger, log)
	if err != nil {
		return err
	}

	key, err := signingKey(s.signingKeyFile())
	if err != nil {
		return s.Reject("hub.signing_key_file", err.Error(), "use a P-256 key, PKCS#8 in PEM; the hub creates one "+
			"in the data folder if none exists")
	}

	l, err := listen(ctx, s, config)
	if err != nil {
		return err
	}

	if filled, err := ledger.Filled(ctx); err == nil && !filled {
		log.Warn("No local authority has sent a plan: until one has, the hub answers no alert check.")
	}

	if err := errors.Join(logResends(ctx, ledger, log), warnOfUndeliverable(ctx, ledger, transport, log)); err != nil {
		l.close()
		return err
	}

	public := s.publicURL(l)
	configured := hub.Config{
		Store: ledger, CA: keeper.CAs(), Issuer: public, SigningKey: key, Log: log, SessionIdle: s.idle,
		SessionMax: s.maxSession,
		Window:     s.window, FGMCode: rbac.ActivityCode(s.sources.fgmCode), Limits: s.limits.rates(),
		Proxies: s.proxies, Transport: transport, MESH: mesh,
		CIS2:     provider,
		Observer: counts, Retention: s.retention(), Checkpoints: checkpoints.chain, Tree: checkpoints.tree,
		Attendances:     attendances,
		CheckpointEvery: int64(s.checkpoint.every),
		Witnesses:       witnesses,
	}
	var h *hub.Hub // set before the first request
	var ended []func(string)
	services := platform{settings: s, look: look, log: log, observer: counts, ended: &ended}
	if provider != nil {
		configured.SessionEnded = func(idToken string) {
			for _, forget := range ended {
				forget(idToken)
			}
		}
		services.idToken = func(ctx context.Context, who national.Caller) (string, error) { return h.IDToken(ctx, who) }
	}
	if err := services.useSources(&configured); err != nil {
		l.close()
		return err
	}
	h, err = hub.New(configured)
	if err != nil {
		l.close()
		return err
	}

	for _, r := range h.Routes() {
		counts.Expect(r.Method, r.Path)
	}

	for _, w := range witnesses {
		counts.ExpectWitness(w.Name())
		log.Info("The hub asks a witness to sign the checkpoints of the audit's tree.", "witness", w.Name(), "log key",
			checkpoints.key)
	}

	counts.Watch(ledger, time.Now)
	if b := s.examineBackups(); b.Set && !b.Elsewhere {
		counts.WatchBackups(func() (time.Time, error) {
			b := s.examineBackups()
			return b.Last, b.Err
		}, b.MaxAge)
	}

	var trusted atomic.Pointer[holder.CAs]
	trusted.Store(keeper.CAs())
	look.follow(cardCAsKey, func() []*x509.Certificate { return trusted.Load().Certificates() })
	counts.WatchCertificates(look.certificates)
	if l.operator != nil {
		log.Info("The operator's listener has started.", "operator", l.operator.Addr().String())
	}

	l.main = s.limitConnections(l.main, maxFiles(), log)
	log.Info(wordListens, "address", l.main.Addr().String(), "url", public, "tls", config != nil)
	if err := manager.notify(ctx, stateReady); err != nil {
		l.close()
		return err
	}

	return serveUntilDone(ctx, h, l, parts{
		operator: operatorHandler(h, counts),
		reload: func(ctx context.Context) error {
			var files sync.WaitGroup
			files.Go(func() { reread.Run(ctx, time.After, look.looks...) })
			keeper.Run(ctx, func(cas *holder.CAs) {
				trusted.Store(cas)
				h.Trust(cas)
			})
			files.Wait()
			return nil
		}, stopping: func(ctx context.Context) error { return manager.notify(ctx, stateStopping) },
	}, s.stopNotice, log)
}

// publicURL returns the URL for clients: the configured one, or that of the listener.
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
