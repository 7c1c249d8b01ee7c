package main

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"wardlight/hub"
	"wardlight/hub/metrics"
)

// listeners are the hub's main listener and the operator's.
type listeners struct {
	main     net.Listener
	config   *tls.Config  // for main; nil for plain HTTP
	operator net.Listener // nil for none
}

// listen opens the listeners. Errors are *config.Error.
func listen(ctx context.Context, s *settings, config *tls.Config) (listeners, error) {
	var from net.ListenConfig
	main, err := from.Listen(ctx, "tcp", s.listen)
	if err != nil {
		return listeners{}, s.Reject("hub.listen", err.Error(), "")
	}
	l := listeners{main: main, config: config}
	if s.operator != "" {
		if l.operator, err = from.Listen(ctx, "tcp", s.operator); err != nil {
			l.close()
			return listeners{}, s.Reject("operator.listen", err.Error(),
				"if another hub runs on this machine, set another port, or off")
		}
	}
	return l, nil
}

// close closes listeners that are not served. Serving closes them itself.
func (l listeners) close() {
	_ = l.main.Close()
	if l.operator != nil {
		_ = l.operator.Close()
	}
}

// operatorHandler returns the handler of the operator's listener.
func operatorHandler(h *hub.Hub, m *metrics.Metrics) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	mux.Handle("/", h.Health())
	return mux
}

// parts are the handler of the operator's listener and the functions that run beside the hub's own handler.
type parts struct {
	operator http.Handler                // for the operator's listener
	reload   func(context.Context) error // reloads files while the hub runs, until its context is done
	stopping func(context.Context) error // notifies the service manager
}

// serveUntilDone serves and delivers until ctx is done or serving fails. It then shuts down in this order: /readyz
// returns 503; after notice, new connections are refused; requests in progress are answered; deliveries in progress
// are completed; the operator's listener is closed.
func serveUntilDone(ctx context.Context, h *hub.Hub, l listeners, p parts, notice time.Duration,
	log *slog.Logger,
) error {
	watching := startPart(ctx, func(ctx context.Context) error {
		if l.operator == nil {
			<-ctx.Done()
			return nil
		}
		return hub.Serve(ctx, l.operator, nil, p.operator, log)
	})

	keeping := startPart(ctx, p.reload)
	delivering := startPart(ctx, h.Run)
	serving := startPart(ctx, func(ctx context.Context) error {
		return hub.Serve(ctx, l.main, l.config, h.Handler(), log)
	})

	select {
	case <-ctx.Done():
	case <-serving.ended:
	case <-watching.ended:
	}

	log.Info("The hub is stopping.")
	if err := p.stopping(context.WithoutCancel(ctx)); err != nil {
		log.Warn("The service manager could not be notified that the hub is stopping.", "error", err)
	}

	h.Stopping()
	timer := time.NewTimer(notice)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-serving.ended:
	}

	err := errors.Join(serving.end(), delivering.end(), keeping.end(), watching.end())
	if err == nil {
		log.Info("The hub has stopped.")
	}

	return err
}

// part is a function that runs until it is stopped.
type part struct {
	stop  context.CancelFunc
	ended chan struct{}
	err   error // valid once ended is closed
}

// startPart starts a part. It is not stopped when ctx is done, so that the parts can be stopped in a fixed order.
func startPart(ctx context.Context, do func(context.Context) error) *part {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	p := &part{stop: stop, ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		p.err = do(ctx)
	}()
	return p
}

func (p *part) end() error {
	p.stop()
	<-p.ended
	return p.err
}
