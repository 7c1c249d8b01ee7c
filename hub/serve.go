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

// Timeouts and limits of a connection, so that slow headers, slow bodies and clients that don't read occupy it only
// for a limited time.
const (
	headerTimeout  = 2 * time.Second
	readTimeout    = 5 * time.Second
	writeTimeout   = 15 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 16 << 10
	drainTimeout   = 15 * time.Second
)

// serverLog returns the logger for net/http. It removes the details of errors about client certificates, because an
// unauthenticated client chooses the names in them.
func serverLog(to *slog.Logger) *log.Logger {
	return log.New(lineWriter(func(line string) {
		if at := strings.Index(line, "x509: "); at >= 0 {
			line = line[:at] + "the client's certificate was not accepted"
		}
		to.Warn(text.Clean(strings.TrimSpace(line), 0))
	}), "", 0)
}

// lineWriter is an [io.Writer] that calls the function for each write. log.Logger writes one line at a time.
type lineWriter func(line string)

// Write calls l with p as a string.
func (l lineWriter) Write(p []byte) (int, error) {
	l(string(p))
	return len(p), nil
}

// Serve serves h on l until ctx ends, waits for running requests, and closes l. If config is nil it serves plain HTTP,
// which is for the local machine or behind a proxy.
func Serve(ctx context.Context, l net.Listener, config *tls.Config, h http.Handler, to *slog.Logger) error {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
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
