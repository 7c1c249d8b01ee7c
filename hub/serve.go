package hub

import (
	"context"
	"crypto/tls"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"wardlight/internal/text"
)

// The bounds of a connection: slow headers, a dripping body and a reader that never reads all cost the hub nothing
// for long.
const (
	headerTimeout   = 2 * time.Second
	readTimeout     = 5 * time.Second
	writeTimeout    = 15 * time.Second
	idleTimeout     = 2 * time.Minute
	mostHeaderBytes = 16 << 10
	drainTimeout    = 15 * time.Second
)

// serverLog returns the log of net/http. What it says of a client's certificate is cut off: a stranger chose the names in
// it.
func serverLog(to *slog.Logger) *log.Logger {
	return log.New(lines(func(line string) {
		if at := strings.Index(line, "x509: "); at >= 0 {
			line = line[:at] + "the client's certificate was not accepted"
		}
		to.Warn(text.Clean(strings.TrimSpace(line), 0))
	}), "", 0)
}

// lines is a writer that is given a line at a time (log.Logger).
type lines func(line string)

// Write handles a line.
func (l lines) Write(p []byte) (int, error) {
	l(string(p))
	return len(p), nil
}

// Serve serves h on l until ctx ends, then lets running requests finish. With a nil config it speaks plain HTTP,
// which is for the own machine or for behind a proxy. It closes l.
func Serve(ctx context.Context, l net.Listener, config *tls.Config, h http.Handler, to *slog.Logger) error {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    mostHeaderBytes,
		TLSConfig:         config,
		ErrorLog:          serverLog(to),
	}
	if limited, ok := l.(*limitedListener); ok {
		server.ConnState = limited.changed
	}
	served := make(chan error, 1)
	go func() {
		if config == nil {
			served <- server.Serve(l)
			return
		}
		served <- server.ServeTLS(l, "", "")
	}()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	err := server.Shutdown(drain)
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}
