//go:build !windows && !darwin

package pcsc

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"

	"wardlight/cardreader"
)

// defaultSocket is the path of pcsc-lite's socket unless PCSCLITE_CSOCK_NAME is set.
const defaultSocket = "/run/pcscd/pcscd.comm"

// socketPath returns the path of the service's socket in this process.
func socketPath() string {
	if path := os.Getenv("PCSCLITE_CSOCK_NAME"); path != "" {
		return path
	}
	return defaultSocket
}

// explainUnreachable adds the reason why the service could not be reached. pcsc-lite has one result for all reasons,
// so it examines the socket.
func explainUnreachable(this host, call string, e *cardreader.Error) *cardreader.Error {
	switch e.PCSC {
	case resultServiceStopped: // pcsc-lite: the protocols of library and service differ
		e.Kind = cardreader.VersionMismatch
		return e
	case resultNoService, resultComm, resultSecurity:
	default:
		return e
	}

	path := socketPath()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err == nil {
		_ = conn.Close()
	}

	// pcsc-lite returns SECURITY_VIOLATION whenever the service closes the connection: because polkit denied a new
	// context, or because the service ended.
	if e.PCSC == resultSecurity && (err != nil || call != establishContext) {
		e.Kind = cardreader.ServiceDown
	}

	switch {
	case err == nil:
		return e
	case errors.Is(err, fs.ErrPermission):
		e.Kind = cardreader.ServiceRefused
		e.Detail = "Your account may not use the smartcard reader."
		e.Hint = "Ask support to allow this account to open " + path
	case errors.Is(err, fs.ErrNotExist):
		e.Hint = this.installAdvice()
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Hint = this.restartAdvice()
	}

	e.Err = err
	return e
}
